//! [`Timetable`]: the sessions of a calendar with their local hours, worked out in UTC.
//!
//! Most sessions keep the hours of the one before and lie on the same side of a change of the clock. They are
//! worked out a run at a time; only sessions with hours of their own, or near a change, one by one.

use crate::fault::Fault;
use crate::schedule::{Clock, Hours, Regular};
use crate::session::Session;
use crate::timestamp::Timestamp;
use crate::zone::{Offsets, Unclear};

/// When each session opens, pauses and closes, in order.
pub(crate) struct Timetable {
    sessions: usize,
    /// Whether any session so far has a break.
    pauses: bool,
    /// Minutes since 1970-01-01T00:00Z, one per session; so are `closes`.
    pub(crate) opens: Vec<i32>,
    pub(crate) closes: Vec<i32>,
    /// All breaks, and for each session where its own begin, one entry more than sessions; without a break
    /// it stays empty.
    pub(crate) breaks: Vec<(Timestamp, Timestamp)>,
    pub(crate) break_start: Vec<u32>,
}

/// What is wrong with the hours of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Open, breaks and close do not follow one another.
    Disordered,
    /// It opens before the session before has closed.
    Overlapping,
    /// The local clock skips its open, break or close.
    Skipped,
    /// The local clock shows its open, break or close twice.
    Repeated,
}

impl Timetable {
    pub(crate) fn with_capacity(sessions: usize) -> Self {
        Self {
            sessions,
            opens: Vec::with_capacity(sessions),
            closes: Vec::with_capacity(sessions),
            breaks: Vec::new(),
            break_start: Vec::new(),
            pauses: false,
        }
    }

    /// Adds one session with hours of its own.
    pub(crate) fn add(
        &mut self,
        date: Session,
        hours: &Hours,
        offsets: &mut Offsets,
    ) -> Result<(), Wrong> {
        if !hours.are_in_order() {
            return Err(Wrong::Disordered);
        }
        let midnight = minutes(date);
        let mut utc = |clock: Clock| match offsets.utc(midnight + i64::from(clock)) {
            Ok(minute) => Ok(minute as i32),
            Err(Unclear::Skipped) => Err(Wrong::Skipped),
            Err(Unclear::Repeated) => Err(Wrong::Repeated),
        };
        let (open, close) = (utc(hours.open)?, utc(hours.close)?);
        if self.closes.last().is_some_and(|&before| open < before) {
            return Err(Wrong::Overlapping);
        }
        self.begin(1, hours);
        for &(start, end) in &hours.breaks {
            let mut instant = |clock| Ok(Timestamp::from_minutes(i64::from(utc(clock)?)));
            self.breaks.push((instant(start)?, instant(end)?));
        }
        self.opens.push(open);
        self.closes.push(close);
        Ok(())
    }

    /// Adds sessions of regular hours, in order; the error names the session that it is about.
    pub(crate) fn add_all(
        &mut self,
        mut sessions: &[Session],
        regular: &mut Regular<'_>,
        offsets: &mut Offsets,
    ) -> Result<(), (Session, Wrong)> {
        while let [date, rest @ ..] = sessions {
            let hours = regular.of(*date).clone();
            let until = regular.until();
            self.add(*date, &hours, offsets).map_err(|wrong| (*date, wrong))?;
            let alike = rest.partition_point(|&session| session < until);
            let (alike, others) = rest.split_at(alike);
            self.add_alike(alike, &hours, offsets)?;
            sessions = others;
        }
        Ok(())
    }

    /// Adds sessions that have the hours of the one added last.
    fn add_alike(
        &mut self,
        mut sessions: &[Session],
        hours: &Hours,
        offsets: &mut Offsets,
    ) -> Result<(), (Session, Wrong)> {
        // A session a day after another cannot overlap it if none is longer than a day.
        let apart = hours.close - hours.open <= MINUTES_PER_DAY;
        while let [date, rest @ ..] = sessions {
            let steady = offsets.steady(minutes(*date) + i64::from(hours.open.min(0)));
            let run = steady.filter(|_| apart).map_or(0, |(_, until)| {
                sessions.partition_point(|&date| minutes(date) + i64::from(hours.close) < until)
            });
            let Some((offset, _)) = steady.filter(|_| run > 1) else {
                self.add(*date, hours, offsets).map_err(|wrong| (*date, wrong))?;
                sessions = rest;
                continue;
            };
            let (run, others) = sessions.split_at(run);
            let utc =
                |date: &Session, clock: Clock| (minutes(*date) + i64::from(clock) - offset) as i32;
            if self.closes.last().is_some_and(|&before| utc(date, hours.open) < before) {
                return Err((*date, Wrong::Overlapping));
            }
            self.begin(run.len(), hours);
            if !hours.breaks.is_empty() {
                for date in run {
                    let instant = |clock| Timestamp::from_minutes(i64::from(utc(date, clock)));
                    let breaks = hours.breaks.iter();
                    self.breaks.extend(breaks.map(|&(start, end)| (instant(start), instant(end))));
                }
            }
            self.opens.extend(run.iter().map(|date| utc(date, hours.open)));
            self.closes.extend(run.iter().map(|date| utc(date, hours.close)));
            sessions = others;
        }
        Ok(())
    }

    /// Notes where the breaks of the next sessions begin, before they are added.
    fn begin(&mut self, sessions: usize, hours: &Hours) {
        if !self.pauses && !hours.breaks.is_empty() {
            self.pauses = true;
            self.break_start.reserve(self.sessions + 1);
            self.break_start.resize(self.opens.len(), 0);
        }
        if self.pauses {
            let (first, each) = (self.breaks.len(), hours.breaks.len());
            self.break_start.extend((0..sessions).map(|i| (first + i * each) as u32));
        }
    }

    /// Adds the last entry of `break_start`, once all sessions are added.
    pub(crate) fn finish(mut self) -> Self {
        debug_assert_eq!(self.opens.len(), self.sessions);
        if self.pauses {
            self.break_start.push(self.breaks.len() as u32);
        }
        self
    }
}

const MINUTES_PER_DAY: Clock = 1440;

/// 00:00 of the date, in minutes of its own clock.
pub(crate) fn minutes(date: Session) -> i64 {
    i64::from(date.days()) * 1440
}

impl Wrong {
    pub(crate) const fn fault(self) -> Fault {
        match self {
            Self::Disordered | Self::Overlapping => Fault::DisorderedHours,
            Self::Skipped | Self::Repeated => Fault::UnclearTime,
        }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Disordered => "open, breaks and close do not follow one another",
            Self::Overlapping => "it opens before the session before has closed",
            Self::Skipped => "the local clock skips its open, break or close",
            Self::Repeated => "the local clock shows its open, break or close twice",
        })
    }
}
