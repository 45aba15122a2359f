//! [`Rule`]: a holiday or a change of hours that returns each year, and how it moves.
//!
//! A rule is a pipeline: an anchor, further steps of a chain, a roll by the day of the week, single years
//! dropped or moved, then filters on the date that results. What it does to that date is its effect.

use std::collections::BTreeMap;

use crate::anchor::{Anchor, Weekday, parse_weekday, weekday};
use crate::schedule::Change;
use crate::session::Session;

/// A recurring entry of a calendar file.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) label: String,
    pub(crate) line: usize,
    pub(crate) anchor: Anchor,
    pub(crate) steps: Vec<Anchor>,
    pub(crate) roll: Roll,
    pub(crate) substitute: Option<Substitute>,
    /// First and last date it applies to, tested on the date observed.
    pub(crate) from: Session,
    pub(crate) to: Session,
    pub(crate) weekdays: [bool; 7],
    /// Years, of the anchor, in which it applies; always if there are none.
    pub(crate) years: Vec<Years>,
    /// Years, of the anchor, in which it does not apply.
    pub(crate) except: Vec<i32>,
    /// Years, of the anchor, in which it applies to another date, as it is.
    pub(crate) moved: BTreeMap<i32, Session>,
    pub(crate) effect: Effect,
    /// The position of its file; later ones overrule earlier ones.
    pub(crate) layer: usize,
    /// Where the fact can be read.
    pub(crate) source: Option<String>,
}

/// What a rule or a list of dates does to its dates.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// There is no session.
    Closed,
    /// There is a session, whatever else says.
    Session,
    /// The session has other hours.
    Hours(Change),
}

impl Rule {
    /// Its dates for the years `first` to `last`, before any substitution.
    pub(crate) fn dates(&self, first: i32, last: i32, sessions: &[Session]) -> Vec<Session> {
        let mut dates = Vec::new();
        let mut anchors = Vec::new();
        for year in first..=last {
            if self.except.contains(&year) {
                continue;
            }
            if let Some(&date) = self.moved.get(&year) {
                dates.push(date);
                continue;
            }
            self.observed(year, sessions, &mut anchors, &mut dates);
        }
        dates
    }

    /// Whether it would have a date in `year` if it made no exception.
    pub(crate) fn applies_in(&self, year: i32, sessions: &[Session]) -> bool {
        let mut dates = Vec::new();
        self.observed(year, sessions, &mut Vec::new(), &mut dates);
        !dates.is_empty()
    }

    /// The dates on which it is observed, of those it has in `year`; `anchors` is room to work in.
    fn observed(
        &self,
        year: i32,
        sessions: &[Session],
        anchors: &mut Vec<Session>,
        out: &mut Vec<Session>,
    ) {
        if !(self.years.is_empty() || self.years.iter().any(|years| years.holds(year))) {
            return;
        }
        anchors.clear();
        self.anchor.dates(year, sessions, anchors);
        for &anchor in &*anchors {
            let date = self.steps.iter().fold(anchor, |it, step| step.step(it));
            let Some(date) = self.roll.apply(date) else { continue };
            if (self.from..=self.to).contains(&date) && self.weekdays[weekday(date)] {
                out.push(date);
            }
        }
    }
}

/// One year, or each n-th from one year on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Years {
    first: i32,
    last: i32,
    every: i32,
}

impl Years {
    /// Reads `2018`, `every 4 from 1972` or `every 4 from 1972 to 1980`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let number = |word: &str| word.parse::<i32>().ok().filter(|n| (1..=9999).contains(n));
        let years = match words[..] {
            [year] => number(year).map(|year| (1, year, year)),
            ["every", every, "from", first] => {
                number(every).zip(number(first)).map(|(every, first)| (every, first, i32::MAX))
            }
            ["every", every, "from", first, "to", last] => {
                let range = number(first).zip(number(last)).filter(|(first, last)| first <= last);
                number(every).zip(range).map(|(every, (first, last))| (every, first, last))
            }
            _ => None,
        };
        let (every, first, last) = years.ok_or_else(|| {
            format!("`{text}` names no years; expected a form like `2018`, `every 4 from 1972` or `every 4 from 1972 to 1980`")
        })?;
        Ok(Self { first, last, every })
    }

    fn holds(self, year: i32) -> bool {
        (self.first..=self.last).contains(&year) && (year - self.first) % self.every == 0
    }
}

/// By how many days a date moves, for each day of the week on which it may fall; `None` drops it.
///
/// Written as the days that move: `Sat-1 Sun+1` is the nearest weekday, `Wed=none` drops Wednesdays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Roll([Option<i32>; 7]);

impl Roll {
    pub(crate) const NONE: Self = Self([Some(0); 7]);

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut roll = Self::NONE;
        for word in text.split_whitespace() {
            let refuse = || {
                format!("`{word}` is no roll; expected forms like `Sat-1`, `Sun+1` or `Wed=none`")
            };
            let (name, shift) = word.split_at_checked(3).ok_or_else(refuse)?;
            let day = parse_weekday(name)?;
            roll.0[day] = match shift {
                "=none" => None,
                _ => Some(
                    shift
                        .parse()
                        .ok()
                        .filter(|n| (-6..=6).contains(n) && *n != 0)
                        .ok_or_else(refuse)?,
                ),
            };
        }
        Ok(roll)
    }

    fn apply(&self, date: Session) -> Option<Session> {
        self.0[weekday(date)].map(|days| date.plus_days(days))
    }
}

/// Moves a holiday on, day by day, while the day is taken.
#[derive(Clone, Debug)]
pub(crate) struct Substitute {
    /// Days of the week that count as taken.
    pub(crate) weekdays: [bool; 7],
    /// Whether a day closed by an earlier rule counts as taken.
    pub(crate) closures: bool,
    /// First date, of the holiday itself, that is moved.
    pub(crate) from: Session,
}

impl Substitute {
    /// Reads the words of `busy`: days of the week and `closures`.
    pub(crate) fn parse(busy: &[String], from: Session) -> Result<Self, String> {
        let mut substitute = Self { weekdays: [false; 7], closures: false, from };
        for word in busy {
            if word == "closures" {
                substitute.closures = true;
            } else {
                let day: Weekday = parse_weekday(word)?;
                substitute.weekdays[day] = true;
            }
        }
        if substitute.weekdays == [true; 7] || (busy.is_empty()) {
            return Err(
                "`busy` names no day or all days; expected words like `Sun` and `closures`".into(),
            );
        }
        Ok(substitute)
    }

    /// The first day from `date` on that is not taken.
    pub(crate) fn apply(&self, date: Session, is_closed: impl Fn(Session) -> bool) -> Session {
        let taken = |day: Session| self.weekdays[weekday(day)] || (self.closures && is_closed(day));
        let mut day = date;
        // Two weeks without a free day is no holiday but a mistake elsewhere; the date then stands.
        for _ in 0..14 {
            if date < self.from || !taken(day) {
                return day;
            }
            day = day.plus_days(1);
        }
        date
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Session {
        text.parse().unwrap()
    }

    #[test]
    fn a_roll_moves_by_the_day_of_the_week() {
        let roll = Roll::parse("Sat-1 Sun+1 Wed=none").unwrap();
        assert_eq!(roll.apply(day("2021-07-04")), Some(day("2021-07-05")));
        assert_eq!(roll.apply(day("2020-07-04")), Some(day("2020-07-03")));
        assert_eq!(roll.apply(day("2018-07-04")), None);
        assert_eq!(roll.apply(day("2019-07-04")), Some(day("2019-07-04")));
        for wrong in ["Sat", "Sat+", "Sat+7", "Sat+0", "Som+1", "S", "Sat=maybe"] {
            assert!(Roll::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn years_are_single_or_every_so_many() {
        let every = Years::parse("every 4 from 1972 to 1980").unwrap();
        let held: Vec<_> = (1960..2000).filter(|&year| every.holds(year)).collect();
        assert_eq!(held, [1972, 1976, 1980]);
        assert!(Years::parse("2018").unwrap().holds(2018));
        assert!(Years::parse("every 4 from 1972").unwrap().holds(2400));
        for wrong in ["", "x", "every 0 from 1972", "every 4 from 1980 to 1972", "every 4"] {
            assert!(Years::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_substitute_looks_for_the_next_free_day() {
        let substitute =
            Substitute::parse(&["Sun".into(), "closures".into()], day("2012-01-01")).unwrap();
        let easter_monday = day("2015-04-06");
        let closed = |date| date == easter_monday;
        assert_eq!(substitute.apply(day("2015-04-05"), closed), day("2015-04-07"));
        assert_eq!(substitute.apply(day("2015-04-04"), closed), day("2015-04-04"));
        assert_eq!(substitute.apply(day("2011-04-03"), closed), day("2011-04-03"));
        assert_eq!(substitute.apply(day("2015-04-05"), |_| true), day("2015-04-05"));
        assert!(Substitute::parse(&[], day("2012-01-01")).is_err());
    }
}
