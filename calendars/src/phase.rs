//! [`Phase`]: parts of a trading day with a name, such as the pre-market.

use chrono::{Duration, TimeZone};

use crate::Error;
use crate::anchor::{parse_weekdays, weekday};
use crate::calendar::Calendar;
use crate::entry::in_order;
use crate::fault::{AtKey, Fault, Problem};
use crate::raw::{BEGINNING, END, RawPhase, RawWhen};
use crate::schedule::{Clock, parse_clock};
use crate::session::Session;
use crate::timestamp::Timestamp;

/// A part of the trading day of one session, from its first instant to the first after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase<'a> {
    /// `pre-market`, `regular`, `post-market`, `closing auction` …
    pub name: &'a str,
    /// Its first instant.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
}

/// What the hours between open and close are called, breaks left out.
pub const REGULAR: &str = "regular";

/// An entry of a file: when a phase is, on the dates that it holds for.
#[derive(Clone, Debug)]
pub(crate) struct PhaseRule {
    pub(crate) name: String,
    start: Option<Mark>,
    end: Option<Mark>,
    from: Session,
    to: Session,
    weekdays: [bool; 7],
    when: Option<RawWhen>,
}

/// A time of day, or an end of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Open,
    Close,
    Clock(Clock),
}

impl PhaseRule {
    /// Understands an entry; the error says what would work.
    pub(crate) fn read(raw: RawPhase) -> Result<Self, Problem> {
        if raw.name == REGULAR || raw.name.trim().is_empty() {
            return Err(Problem::from(format!("`{}` is no name for a phase of its own", raw.name))
                .at("name"));
        }
        let mark = |text: Option<String>| {
            text.map(|text| match text.as_str() {
                "open" => Ok(Mark::Open),
                "close" => Ok(Mark::Close),
                clock => parse_clock(clock).map(Mark::Clock).map_err(|problem| {
                    format!("{problem}, or `open` or `close` for an end of the session")
                }),
            })
            .transpose()
        };
        let (start, end) = (mark(raw.start).at("start")?, mark(raw.end).at("end")?);
        if start.is_none() && end.is_none() {
            return Err(Fault::NoEffect.because("it names neither `start` nor `end`"));
        }
        let (from, to) = in_order([raw.from.unwrap_or(BEGINNING), raw.to.unwrap_or(END)])?;
        let weekdays =
            raw.weekdays.as_deref().map_or(Ok([true; 7]), parse_weekdays).at("weekdays")?;
        Ok(Self { name: raw.name, start, end, from, to, weekdays, when: raw.when })
    }
}

impl Calendar {
    /// The phases of `session` in order: its regular hours, around its breaks, and what lies before and after.
    ///
    /// Half days have phases of their own where the file says so.
    ///
    /// ```
    /// # use rustybt_calendars::calendar;
    /// let xnys = calendar("XNYS")?;
    /// let half_day = xnys.phases("2019-11-29".parse()?)?;
    /// let names: Vec<_> = half_day.iter().map(|phase| phase.name).collect();
    /// assert_eq!(names, ["pre-market", "regular", "post-market"]);
    /// assert_eq!(half_day[2].start.to_string(), "2019-11-29T18:00Z"); // 13:00 in New York
    /// assert_eq!(half_day[2].end.to_string(), "2019-11-29T22:00Z"); // 17:00, on other days 20:00
    /// # Ok::<(), rustybt_calendars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require).
    pub fn phases(&self, session: Session) -> Result<Vec<Phase<'_>>, Error> {
        let index = self.require(session)?;
        let mut phases: Vec<Phase<'_>> = self
            .spans(index)
            .map(|(start, end)| Phase {
                name: REGULAR,
                start: Timestamp::from_minutes(start),
                end: Timestamp::from_minutes(end),
            })
            .collect();
        let rules = &self.origin.definition.phases;
        for (i, rule) in rules.iter().enumerate() {
            // All entries of a name together make one phase.
            if rules.iter().take(i).any(|earlier| earlier.name == rule.name) {
                continue;
            }
            let (mut start, mut end) = (None, None);
            for entry in rules.iter().filter(|entry| entry.name == rule.name) {
                if self.holds(entry, session) {
                    start = entry.start.or(start);
                    end = entry.end.or(end);
                }
            }
            let mark = |mark| self.mark(mark, session, index);
            let span = start.and_then(mark).zip(end.and_then(mark));
            if let Some((start, end)) = span.filter(|(start, end)| start < end) {
                phases.push(Phase { name: &rule.name, start, end });
            }
        }
        phases.sort_by_key(|phase| (phase.start, phase.end));
        Ok(phases)
    }

    /// The session and phase at the instant `at`; `None` when nothing is on.
    pub fn phase_at(&self, at: Timestamp) -> Option<(Session, &str)> {
        let day = at.date();
        let sessions = self.sessions_in_range(day.plus_days(-2), day.plus_days(2));
        sessions.iter().find_map(|&session| {
            let phases = self.phases(session).ok()?;
            let phase = phases.into_iter().find(|phase| phase.start <= at && at < phase.end)?;
            Some((session, phase.name))
        })
    }

    fn holds(&self, entry: &PhaseRule, session: Session) -> bool {
        let note = || {
            let notes = &self.facts.notes;
            notes.binary_search_by_key(&session, |note| note.date).ok().map(|i| notes[i])
        };
        (entry.from..=entry.to).contains(&session)
            && entry.weekdays[weekday(session)]
            && match entry.when {
                None => true,
                Some(RawWhen::EarlyClose) => note().is_some_and(|note| note.early_close),
                Some(RawWhen::LateOpen) => note().is_some_and(|note| note.late_open),
            }
    }

    fn mark(&self, mark: Mark, session: Session, index: usize) -> Option<Timestamp> {
        let clock = match mark {
            Mark::Open => return self.open_at(index),
            Mark::Close => return self.close_at(index),
            Mark::Clock(clock) => clock,
        };
        let local =
            session.date().and_time(chrono::NaiveTime::MIN) + Duration::minutes(i64::from(clock));
        let at = self.zone().from_local_datetime(&local).earliest();
        // A time that the clock skips is the same as an hour later.
        let later = || self.zone().from_local_datetime(&(local + Duration::hours(1))).earliest();
        at.or_else(later).map(|at| Timestamp::from_datetime(at.to_utc()))
    }
}
