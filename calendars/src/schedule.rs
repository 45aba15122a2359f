//! Regular hours through the years, and changes to the hours of single sessions.
//!
//! Times are local and relative to the label's midnight, so that an evening before is negative and a
//! midnight after is 1440; the zone enters last.

use chrono::Datelike;

use crate::anchor::weekday;
use crate::month_day::MonthDay;
use crate::session::Session;

/// Minutes from local midnight of the label; negative on the day before.
pub(crate) type Clock = i32;

/// The local hours of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hours {
    pub(crate) open: Clock,
    pub(crate) close: Clock,
    pub(crate) breaks: Vec<(Clock, Clock)>,
}

/// Hours that replace those before them, each only what it names.
#[derive(Clone, Debug)]
pub(crate) struct Period {
    pub(crate) line: usize,
    pub(crate) from: Session,
    pub(crate) to: Session,
    pub(crate) weekdays: [bool; 7],
    /// First and last month-day of the season, both included; it may turn the year.
    pub(crate) season: Option<(MonthDay, MonthDay)>,
    pub(crate) change: Change,
}

/// What replaces the regular hours of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) open: Option<Clock>,
    pub(crate) close: Option<Clock>,
    pub(crate) breaks: Option<Vec<(Clock, Clock)>>,
    /// Minutes by which the whole session moves, before anything else changes.
    pub(crate) shift: Clock,
}

impl Change {
    /// Whether both set the same time, or both shift.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        (self.open.is_some() && other.open.is_some())
            || (self.close.is_some() && other.close.is_some())
            || (self.breaks.is_some() && other.breaks.is_some())
            || (self.shift != 0 && other.shift != 0)
    }
}

impl Period {
    pub(crate) fn applies(&self, date: Session) -> bool {
        (self.from..=self.to).contains(&date)
            && self.weekdays[weekday(date)]
            && self.season.is_none_or(|(first, last)| {
                let day = MonthDay::from(date);
                let (after, before) = (day >= first, day <= last);
                if first <= last { after && before } else { after || before }
            })
    }
}

/// The regular hours, kept from one date to the next while nothing changes them.
pub(crate) struct Regular<'a> {
    periods: &'a [Period],
    hours: Hours,
    /// Dates for which `hours` hold: from the first to before the second.
    known: (Session, Session),
}

impl<'a> Regular<'a> {
    /// `periods` begins with one that names an open and a close, and always applies.
    pub(crate) const fn new(periods: &'a [Period]) -> Self {
        let hours = Hours { open: 0, close: 0, breaks: Vec::new() };
        let never = Session::from_days(i32::MIN);
        Self { periods, hours, known: (never, never) }
    }

    /// The regular hours of `date`.
    pub(crate) fn of(&mut self, date: Session) -> &Hours {
        let (from, until) = self.known;
        if date < from || date >= until {
            self.hours.breaks.clear();
            for period in self.periods.iter().filter(|period| period.applies(date)) {
                self.hours.replace(&period.change);
            }
            self.known = (date, self.next_change(date));
        }
        &self.hours
    }

    /// The first date on which the hours last asked for may no longer hold.
    pub(crate) const fn until(&self) -> Session {
        self.known.1
    }

    /// The first date after `date` on which other periods may apply.
    fn next_change(&self, date: Session) -> Session {
        if self.periods.iter().any(|period| period.weekdays != [true; 7]) {
            return date.plus_days(1);
        }
        let bounds = self.periods.iter().flat_map(|period| [period.from, period.to.plus_days(1)]);
        let seasons = self.periods.iter().filter_map(|period| period.season);
        bounds
            .filter(|&bound| bound > date)
            .chain(seasons.map(|season| next_turn(season, date)))
            .min()
            .unwrap_or(Session::from_days(i32::MAX))
    }
}

/// The first date after `date` on which a season begins or has just ended; the next day if that day is not
/// in every year.
fn next_turn((first, last): (MonthDay, MonthDay), date: Session) -> Session {
    let year = date.date().year();
    let turns = [year, year.saturating_add(1)]
        .map(|year| [first.of(year), last.of(year).map(|last| last.plus_days(1))]);
    let next_day = date.plus_days(1);
    turns
        .into_iter()
        .flatten()
        .map(|turn| turn.unwrap_or(next_day))
        .filter(|&turn| turn > date)
        .min()
        .unwrap_or(next_day)
}

impl Hours {
    /// Changes the hours of one session. A break that a new close cuts into is gone, unless it is named.
    pub(crate) fn change(&mut self, change: &Change) {
        self.open += change.shift;
        self.close += change.shift;
        for (start, end) in &mut self.breaks {
            *start += change.shift;
            *end += change.shift;
        }
        self.replace(change);
        if change.close.is_some() && change.breaks.is_none() {
            self.breaks.retain(|(_, end)| *end < self.close);
        }
    }

    fn replace(&mut self, change: &Change) {
        self.open = change.open.unwrap_or(self.open);
        self.close = change.close.unwrap_or(self.close);
        if let Some(breaks) = &change.breaks {
            self.breaks.clone_from(breaks);
        }
    }

    /// Whether open, breaks and close follow one another.
    pub(crate) fn are_in_order(&self) -> bool {
        let mut last = self.open;
        for &(start, end) in &self.breaks {
            if start <= last || end <= start {
                return false;
            }
            last = end;
        }
        last < self.close
    }
}

/// Reads `09:30`, `17:00 -1d` (the evening before) or `00:00 +1d` (the midnight after).
pub(crate) fn parse_clock(text: &str) -> Result<Clock, String> {
    let refuse = || {
        format!(
            "`{text}` is no time of day; expected a form like `09:30`, `17:00 -1d` or `00:00 +1d`"
        )
    };
    let (time, day) = match text.split_once(' ') {
        None => (text, 0),
        Some((time, "-1d")) => (time, -1440),
        Some((time, "+1d")) => (time, 1440),
        Some(_) => return Err(refuse()),
    };
    Ok(day + parse_time(time).ok_or_else(refuse)?)
}

/// Reads `+01:00` or `-00:30`.
pub(crate) fn parse_shift(text: &str) -> Result<Clock, String> {
    let (sign, time) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(time), _) => (1, time),
        (_, Some(time)) => (-1, time),
        _ => (0, text),
    };
    match parse_time(time) {
        Some(minutes) if sign != 0 && minutes != 0 => Ok(sign * minutes),
        _ => Err(format!("`{text}` is no shift; expected a form like `+01:00`")),
    }
}

fn parse_time(text: &str) -> Option<Clock> {
    let &[h0 @ b'0'..=b'2', h1 @ b'0'..=b'9', b':', m0 @ b'0'..=b'5', m1 @ b'0'..=b'9'] =
        text.as_bytes()
    else {
        return None;
    };
    let two = |a: u8, b: u8| Clock::from(10 * (a - b'0') + (b - b'0'));
    let hour = two(h0, h1);
    (hour < 24).then(|| 60 * hour + two(m0, m1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, change: Change) -> Period {
        Period {
            line: 1,
            from: from.parse().unwrap(),
            to: Session::from_days(i32::MAX),
            weekdays: [true; 7],
            season: None,
            change,
        }
    }

    #[test]
    fn later_periods_replace_what_they_name() {
        let mut winter = period("2000-01-01", Change { close: Some(960), ..Change::default() });
        winter.season =
            Some((MonthDay::parse("11-01").unwrap(), MonthDay::parse("02-29").unwrap()));
        let periods = [
            period(
                "1990-01-01",
                Change {
                    open: Some(600),
                    close: Some(1020),
                    breaks: Some(vec![(720, 780)]),
                    shift: 0,
                },
            ),
            period("2011-03-07", Change { open: Some(570), ..Change::default() }),
            winter,
        ];
        let mut regular = Regular::new(&periods);
        let mut hours = |date: &str| regular.of(date.parse().unwrap()).clone();
        assert_eq!(hours("2011-03-06"), Hours { open: 600, close: 1020, breaks: vec![(720, 780)] });
        assert_eq!(hours("2011-03-07"), Hours { open: 570, close: 1020, breaks: vec![(720, 780)] });
        assert_eq!(hours("2012-01-15").close, 960);
        assert_eq!(hours("2013-01-15").close, 960);
        assert_eq!(hours("2012-12-15").close, 960);
        assert_eq!(hours("2012-10-31").close, 1020);
    }

    #[test]
    fn an_early_close_removes_the_break_it_cuts_and_a_shift_moves_all() {
        let full = Hours { open: 570, close: 960, breaks: vec![(720, 780)] };
        let mut half = full.clone();
        half.change(&Change { close: Some(750), ..Change::default() });
        assert_eq!(half, Hours { open: 570, close: 750, breaks: vec![] });

        let mut late = full.clone();
        late.change(&Change { shift: 60, ..Change::default() });
        assert_eq!(late, Hours { open: 630, close: 1020, breaks: vec![(780, 840)] });
        assert!(late.are_in_order());
        late.change(&Change { open: Some(800), ..Change::default() });
        assert!(!late.are_in_order());
    }

    #[test]
    fn times_are_read_strictly() {
        assert_eq!(parse_clock("09:30"), Ok(570));
        assert_eq!(parse_clock("17:00 -1d"), Ok(-420));
        assert_eq!(parse_clock("00:00 +1d"), Ok(1440));
        assert_eq!(parse_shift("-00:30"), Ok(-30));
        for wrong in ["9:30", "24:00", "09:60", "09:30 -2d", "09:30:00", ""] {
            assert!(parse_clock(wrong).is_err(), "{wrong}");
        }
        assert!(parse_shift("01:00").is_err() && parse_shift("+00:00").is_err());
    }
}
