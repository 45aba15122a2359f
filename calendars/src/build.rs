//! From a [`Definition`] to the sessions and hours of a [`Calendar`](crate::Calendar).
//!
//! In this order:
//!
//! 1. candidates are the days of the week that trade;
//! 2. rules close days; then rules with a substitute, in file order, each moving on past the days already
//!    closed; then the dates of notices;
//! 3. notices and rules add sessions;
//! 4. sessions are candidates less closures plus additions;
//! 5. changes of hours are collected: notices before rules, earlier in the file before later, so that the
//!    first to name a session's open or close decides it; a change on a closed day is no change;
//! 6. local hours become UTC.
//!
//! An entry that does nothing, or that repeats another, is a mistake in the file and refused.

use std::cmp::Reverse;

use chrono::Datelike;

use crate::Error;
use crate::anchor::weekday;
use crate::facts::{Facts, Note};
use crate::fault::Fault;
use crate::file::{Definition, Notice};
use crate::rule::{Effect, Rule};
use crate::schedule::{Change, Regular};
use crate::session::Session;
use crate::source::{File as SourceFile, Source};
use crate::timetable::{Timetable, Wrong, minutes};
use crate::zone::Offsets;

/// The state of one day while the calendar is worked out.
#[derive(Clone, Copy, Default)]
struct Day {
    candidate: bool,
    /// Number of the label that closed it, plus one.
    closed: u16,
    /// Number of the label that made it a session, plus one.
    added: u16,
}

pub(crate) struct Builder<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) definition: &'a Definition,
    /// First and last date to work out.
    bounds: (Session, Session),
    /// Whether an entry that does nothing is a mistake: not beyond the bounds of the file.
    strict: bool,
    days: Vec<Day>,
    pub(crate) sessions: Vec<Session>,
}

/// A change of hours that applies to one session, and the label of what made it.
pub(crate) struct Special<'a> {
    pub(crate) date: Session,
    pub(crate) change: &'a Change,
    pub(crate) label: u16,
    pub(crate) line: usize,
    pub(crate) layer: usize,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(
        files: &'a [SourceFile],
        definition: &'a Definition,
        bounds: (Session, Session),
        strict: bool,
    ) -> Self {
        let source = Source { files, current: definition.layer };
        let (first, last) = bounds;
        let mut days = Vec::with_capacity((last.days() - first.days() + 1) as usize);
        let mut date = first;
        while date <= last {
            let week = definition.weeks.iter().find(|week| (week.from..=week.to).contains(&date));
            let coming = definition.weeks.iter().map(|week| week.from).filter(|&from| from > date);
            let end =
                week.map(|week| week.to).into_iter().chain(coming.map(|from| from.plus_days(-1)));
            let end = end.min().unwrap_or(last).min(last);
            let week = week.map_or([false; 7], |week| week.days);
            let start = weekday(date);
            let seven: [Day; 7] = std::array::from_fn(|day| Day {
                candidate: week[(start + day) % 7],
                ..Day::default()
            });
            let count = (end.days() - date.days() + 1) as usize;
            for _ in 0..count / 7 {
                days.extend_from_slice(&seven);
            }
            days.extend_from_slice(&seven[..count % 7]);
            date = end.plus_days(1);
        }
        Self { source, definition, bounds, strict, days, sessions: Vec::new() }
    }

    pub(crate) fn build(mut self) -> Result<Facts, Error> {
        let entries = self.labels().count();
        if entries >= usize::from(u16::MAX) {
            let problem = format!(
                "it has {entries} rules and lists of dates; at most 65534 can be told apart"
            );
            return Err(self
                .source
                .error(self.source.first_line(), Fault::Syntax.because(problem)));
        }
        self.close_by_rules(|rule| rule.substitute.is_none())?;
        self.close_by_rules(|rule| rule.substitute.is_some())?;
        self.apply_notices()?;
        self.add_by_rules()?;
        self.collect_sessions()?;
        self.check_periods()?;
        let specials = self.collect_specials()?;
        self.check_dated(&specials)?;
        self.into_facts(&specials)
    }

    /// Labels are numbered: rules first, then notices.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let definition = self.definition;
        let rules = definition.rules.iter().map(|rule| rule.label.as_str());
        rules.chain(definition.notices.iter().map(|notice| notice.label.as_str()))
    }

    /// Where the facts of the rules and notices can be read, in the order of the labels.
    fn sources(&self) -> Vec<Option<String>> {
        let rules = self.definition.rules.iter().map(|rule| rule.source.clone());
        rules.chain(self.definition.notices.iter().map(|notice| notice.source.clone())).collect()
    }

    fn numbered_notices(&self) -> impl Iterator<Item = (u16, &'a Notice)> + use<'a> {
        let first = self.definition.rules.len() as u16;
        (first..).zip(&self.definition.notices)
    }

    fn day(&mut self, date: Session) -> Option<&mut Day> {
        let offset = i64::from(date.days()) - i64::from(self.bounds.0.days());
        self.days.get_mut(usize::try_from(offset).ok()?)
    }

    /// Whether an entry of that file must do something. Those of files extended or overlaid need not, once
    /// others stand above them.
    pub(crate) fn expects(&self, layer: usize) -> bool {
        self.strict && layer == self.definition.layer
    }

    /// The dates of a rule for all years of the bounds, and a year around for what moves across.
    fn dates_of(&self, rule: &Rule) -> Result<Vec<Session>, Error> {
        let (first, last) = self.bounds;
        let (first, last) = (first.date().year() - 1, last.date().year() + 1);
        for year in rule.except.iter().chain(rule.moved.keys()) {
            let mut dates = Vec::new();
            rule.anchor.dates(*year, &self.sessions, &mut dates);
            if dates.is_empty() && self.strict {
                let problem = format!("it has no date in {year} to drop or move");
                return Err(self.source.error(rule.line, Fault::NoEffect.because(problem)));
            }
        }
        self.check_exceptions(rule)?;
        Ok(rule.dates(first, last, &self.sessions))
    }

    fn close_by_rules(&mut self, wanted: impl Fn(&Rule) -> bool) -> Result<(), Error> {
        let definition = self.definition;
        for (label, rule) in (0..).zip(&definition.rules) {
            if rule.effect != Effect::Closed || !wanted(rule) {
                continue;
            }
            let mut fired = false;
            for mut date in self.dates_of(rule)? {
                if let Some(substitute) = &rule.substitute {
                    let (days, first) = (&self.days, self.bounds.0.days());
                    date = substitute.apply(date, |day| {
                        let offset = usize::try_from(i64::from(day.days()) - i64::from(first));
                        offset
                            .is_ok_and(|offset| days.get(offset).is_some_and(|day| day.closed != 0))
                    });
                }
                if let Some(day) = self.day(date) {
                    fired |= day.candidate && day.closed == 0;
                    if day.closed == 0 {
                        day.closed = label + 1;
                    }
                }
            }
            if !fired && self.expects(rule.layer) {
                let problem = "it closes no day that would otherwise be a session";
                return Err(self.source.error(rule.line, Fault::NoEffect.because(problem)));
            }
        }
        Ok(())
    }

    fn apply_notices(&mut self) -> Result<(), Error> {
        let labels: Vec<&str> = self.labels().collect();
        let bounds = self.bounds;
        let (definition, rules) = (self.definition, self.definition.rules.len());
        let adder = |number: u16| {
            let notice = definition.notices.get((usize::from(number) - 1).saturating_sub(rules));
            notice.map_or(0, |notice| notice.layer)
        };
        for (label, notice) in self.numbered_notices() {
            let (source, expected) = (self.source, self.expects(notice.layer));
            let refuse = |fault: Fault, problem: String| {
                let problem = fault.because(problem).at("on");
                if expected { Err(source.error(notice.line, problem)) } else { Ok(()) }
            };
            for &date in &notice.dates {
                let Some(day) = self.day(date) else {
                    let problem =
                        format!("{date} lies outside the bounds, {} to {}", bounds.0, bounds.1);
                    refuse(Fault::OutOfBounds, problem)?;
                    continue;
                };
                match notice.effect {
                    Effect::Closed if day.added != 0 && notice.layer > adder(day.added) => {
                        *day = Day { added: 0, closed: label + 1, candidate: true };
                    }
                    Effect::Closed if day.closed != 0 && day.added == 0 => {
                        let by = labels[day.closed as usize - 1];
                        refuse(Fault::Clash, format!("{date} is closed already, by `{by}`"))?;
                    }
                    Effect::Closed if !day.candidate => {
                        let problem =
                            format!("{date} is closed already, being no trading day of its week");
                        refuse(Fault::Clash, problem)?;
                    }
                    Effect::Closed => day.closed = label + 1,
                    Effect::Session if day.added != 0 || (day.candidate && day.closed == 0) => {
                        refuse(Fault::Clash, format!("{date} is a session already"))?;
                    }
                    Effect::Session => day.added = label + 1,
                    Effect::Hours(_) => {}
                }
            }
        }
        Ok(())
    }

    fn add_by_rules(&mut self) -> Result<(), Error> {
        let definition = self.definition;
        for (label, rule) in (0..).zip(&definition.rules) {
            if rule.effect != Effect::Session {
                continue;
            }
            let mut fired = false;
            for date in self.dates_of(rule)? {
                if let Some(day) = self.day(date)
                    && day.added == 0
                    && (!day.candidate || day.closed != 0)
                {
                    day.added = label + 1;
                    fired = true;
                }
            }
            if !fired && self.expects(rule.layer) {
                let problem = "it adds no session to those of its weeks";
                return Err(self.source.error(rule.line, Fault::NoEffect.because(problem)));
            }
        }
        Ok(())
    }

    fn collect_sessions(&mut self) -> Result<(), Error> {
        let (first, last) = self.bounds;
        self.sessions.reserve(self.days.len());
        let sessions = std::iter::zip(first.days().., &self.days)
            .filter(|(_, day)| day.added != 0 || (day.candidate && day.closed == 0))
            .map(|(day, _)| Session::from_days(day));
        self.sessions.extend(sessions);
        if self.sessions.is_empty() {
            let problem = format!("it has no session from {first} to {last}");
            return Err(self
                .source
                .error(self.source.first_line(), Fault::NoEffect.because(problem)));
        }
        Ok(())
    }

    /// The changes of hours that hit sessions, by date; for one date in the order of their precedence.
    fn collect_specials(&self) -> Result<Vec<Special<'a>>, Error> {
        let mut specials = Vec::new();
        for (label, notice) in self.numbered_notices() {
            let Effect::Hours(change) = &notice.effect else { continue };
            for &date in &notice.dates {
                if self.sessions.binary_search(&date).is_err() {
                    if !self.expects(notice.layer) {
                        continue;
                    }
                    let problem = format!("it changes the hours of {date}, which is no session");
                    let problem = Fault::NotASession.because(problem).at("on");
                    return Err(self.source.error(notice.line, problem));
                }
                let (line, layer) = (notice.line, notice.layer);
                specials.push(Special { date, change, label, line, layer });
            }
        }
        for (label, rule) in (0..).zip(&self.definition.rules) {
            let Effect::Hours(change) = &rule.effect else { continue };
            let before = specials.len();
            for date in self.dates_of(rule)? {
                if self.sessions.binary_search(&date).is_ok() {
                    let (line, layer) = (rule.line, rule.layer);
                    specials.push(Special { date, change, label, line, layer });
                }
            }
            if specials.len() == before && self.expects(rule.layer) {
                let problem = "it changes the hours of no session";
                return Err(self.source.error(rule.line, Fault::NoEffect.because(problem)));
            }
        }
        specials.sort_by_key(|special| (special.date, Reverse(special.layer)));
        Ok(specials)
    }

    fn into_facts(mut self, specials: &[Special<'_>]) -> Result<Facts, Error> {
        let definition = self.definition;
        let (first, last) = self.bounds;
        let mut offsets = Offsets::new(definition.zone, minutes(first), minutes(last));
        let mut notes = self.closures();
        let mut table = Timetable::with_capacity(self.sessions.len());
        let mut regular = Regular::new(&definition.periods);
        let mut sessions = &self.sessions[..];
        let refuse = |line, (date, wrong): (Session, Wrong)| {
            self.source.error(line, wrong.fault().because(format!("on {date} {wrong}")))
        };
        let line = definition.periods[0].line;
        for mine in specials.chunk_by(|one, other| one.date == other.date) {
            let Special { date, label, line: its_line, .. } = mine[0];
            let (before, rest) = sessions.split_at(sessions.partition_point(|&s| s < date));
            table
                .add_all(before, &mut regular, &mut offsets)
                .map_err(|wrong| refuse(line, wrong))?;
            sessions = rest.get(1..).unwrap_or_default();
            let usual = regular.of(date);
            let mut hours = usual.clone();
            hours.change(&combined(mine));
            notes.push(Note {
                date,
                label,
                early_close: hours.close < usual.close,
                late_open: hours.open > usual.open,
                added: self.is_added(date),
            });
            table
                .add(date, &hours, &mut offsets)
                .map_err(|wrong| refuse(its_line, (date, wrong)))?;
        }
        table.add_all(sessions, &mut regular, &mut offsets).map_err(|wrong| refuse(line, wrong))?;
        let labels = self.labels().map(str::to_owned).collect();
        let Timetable { opens, closes, breaks, break_start, .. } = table.finish();
        // Changed hours say more about an added session than its addition.
        notes.reverse();
        notes.sort_by_key(|note| note.date);
        notes.dedup_by_key(|note| note.date);
        Ok(Facts {
            name: definition.name.clone(),
            aliases: definition.aliases.clone(),
            zone: definition.zone,
            verified: definition.verified,
            sessions: std::mem::take(&mut self.sessions),
            opens,
            closes,
            breaks,
            break_start,
            notes,
            labels,
            sources: self.sources(),
            built: self.bounds,
        })
    }

    /// Whether a notice made the date a session.
    fn is_added(&self, date: Session) -> bool {
        let offset = usize::try_from(i64::from(date.days()) - i64::from(self.bounds.0.days()));
        offset.is_ok_and(|offset| self.days.get(offset).is_some_and(|day| day.added != 0))
    }

    /// A note for each day that was closed against its week, or added against it.
    fn closures(&self) -> Vec<Note> {
        std::iter::zip(self.bounds.0.days().., &self.days)
            .filter_map(|(day, state)| {
                let label = match (state.added, state.closed) {
                    (0, 0) => return None,
                    (0, _) if !state.candidate => return None,
                    (0, closed) => closed - 1,
                    (added, _) => added - 1,
                };
                Some(Note {
                    date: Session::from_days(day),
                    label,
                    early_close: false,
                    late_open: false,
                    added: state.added != 0,
                })
            })
            .collect()
    }
}

/// Several changes of one session as one: the first to name something decides it.
fn combined(specials: &[Special<'_>]) -> Change {
    let mut combined = Change::default();
    for special in specials {
        let change = special.change;
        combined.open = combined.open.or(change.open);
        combined.close = combined.close.or(change.close);
        combined.breaks = combined.breaks.or_else(|| change.breaks.clone());
        if combined.shift == 0 {
            combined.shift = change.shift;
        }
    }
    combined
}
