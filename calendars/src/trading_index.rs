//! [`TradingIndex`]: sessions cut into periods, as points or as intervals.

use std::time::Duration;

use crate::Error;
use crate::calendar::Calendar;
use crate::session::Session;
use crate::side::{Breaks, Direction, Side};
use crate::timestamp::Timestamp;

/// How sessions are cut into periods of equal length, such as bars of five minutes.
///
/// Each session begins a new row of periods at its open, and again after each break. Where the length of a
/// session is no multiple of the period, the last period ends after the close unless that is forced.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use rustybt_calendars::{Session, Side, TradingIndex, calendar};
///
/// let xnys = calendar("XNYS")?;
/// let half_day: Session = "2019-11-29".parse()?; // 09:30 to 13:00
///
/// let hourly = TradingIndex::every(Duration::from_secs(3600))?.force_close(true);
/// let bars = hourly.intervals(&xnys, half_day, half_day)?;
/// assert_eq!(bars.len(), 4);
/// assert_eq!(bars[3].to_string(), "2019-11-29T17:30Z|2019-11-29T18:00Z");
///
/// let ends = hourly.closed(Side::Right).points(&xnys, half_day, half_day)?;
/// assert_eq!(ends, bars.iter().map(|bar| bar.right).collect::<Vec<_>>());
/// # Ok::<(), rustybt_calendars::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradingIndex {
    /// Nanoseconds; more than none and less than a day's.
    period: i64,
    closed: Side,
    force_close: bool,
    force_break_close: bool,
    curtail_overlaps: bool,
    breaks: Breaks,
    /// Minutes, a divisor of 60, downwards when negative.
    align: i32,
    align_pm: Option<i32>,
}

/// From `left` to `right`; which of the two belongs to it is for who asked to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    /// Where it begins.
    pub left: Timestamp,
    /// Where it ends.
    pub right: Timestamp,
}

/// Where an index begins or ends: with a whole session, or at an instant, which only trims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The session, or the nearest one within the range.
    Session(Session),
    /// The first point or interval from there on, the last up to there.
    Instant(Timestamp),
}

impl TradingIndex {
    /// Periods of the given length, labelled by their beginning, which do not overlap.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidPeriod`] unless it is longer than nothing and shorter than a day; whole sessions are
    /// [`Calendar::sessions_in_range`].
    pub fn every(period: Duration) -> Result<Self, Error> {
        let nanos = i64::try_from(period.as_nanos()).unwrap_or(i64::MAX);
        if !(1..NANOS_PER_DAY).contains(&nanos) {
            return Err(Error::InvalidPeriod { period });
        }
        Ok(Self {
            period: nanos,
            closed: Side::Left,
            force_close: false,
            force_break_close: false,
            curtail_overlaps: false,
            breaks: Breaks::Closed,
            align: 1,
            align_pm: None,
        })
    }

    /// Which ends of its periods a row of points has: with `Left` none at the end of the last period, with
    /// `Right` none at the beginning of the first.
    #[must_use]
    pub const fn closed(mut self, closed: Side) -> Self {
        self.closed = closed;
        self
    }

    /// Whether the last period of a session ends at the close, where it would end after it.
    #[must_use]
    pub const fn force_close(mut self, force: bool) -> Self {
        self.force_close = force;
        self
    }

    /// Whether the last period before a break ends as the break begins, where it would end after that.
    #[must_use]
    pub const fn force_break_close(mut self, force: bool) -> Self {
        self.force_break_close = force;
        self
    }

    /// Whether an interval that reaches into the next is cut off there rather than refused.
    #[must_use]
    pub const fn curtail_overlaps(mut self, curtail: bool) -> Self {
        self.curtail_overlaps = curtail;
        self
    }

    /// Whether a new row of periods begins after a break (`Closed`), or periods run through it (`Open`).
    #[must_use]
    pub const fn breaks(mut self, breaks: Breaks) -> Self {
        self.breaks = breaks;
        self
    }

    /// Where rows begin: at the next multiple of so many minutes of the hour, the one before when negative.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidAlignment`] unless the hour is a multiple of it.
    pub const fn align(mut self, minutes: i32) -> Result<Self, Error> {
        if minutes == 0 || 60 % minutes != 0 {
            return Err(Error::InvalidAlignment { minutes });
        }
        self.align = minutes;
        Ok(self)
    }

    /// The same for the rows after a break only, which otherwise begin as [`align`](Self::align) says;
    /// 1 aligns nothing.
    ///
    /// # Errors
    ///
    /// As [`align`](Self::align).
    pub const fn align_pm(mut self, minutes: i32) -> Result<Self, Error> {
        if minutes == 0 || 60 % minutes != 0 {
            return Err(Error::InvalidAlignment { minutes });
        }
        self.align_pm = Some(minutes);
        Ok(self)
    }

    /// The ends of the periods from `start` to `end`, ascending; [`closed`](Self::closed) says which ends.
    ///
    /// # Errors
    ///
    /// [`Error::DateOutOfBounds`] and [`Error::MinuteOutOfBounds`] for an edge beyond the calendar's bounds;
    /// [`Error::IndicesOverlap`] when a period that ends after its close reaches the next row.
    pub fn points(
        &self,
        calendar: &Calendar,
        start: impl Into<Edge>,
        end: impl Into<Edge>,
    ) -> Result<Vec<Timestamp>, Error> {
        let (start, end) = (start.into(), end.into());
        let rows = self.rows(calendar, start, end)?;
        self.require_apart(calendar, &rows)?;
        let mut points = Vec::with_capacity(rows.iter().map(|row| row.periods as usize + 1).sum());
        for row in &rows {
            let first = i64::from(!matches!(self.closed, Side::Left | Side::Both));
            let ends = matches!(self.closed, Side::Right | Side::Both) && row.periods > 0;
            points.extend((first..row.periods).map(|i| row.point(i, self.period)));
            points.extend(ends.then(|| row.right(row.periods, self.period)));
        }
        if let Edge::Instant(start) = start {
            points.drain(..points.partition_point(|&point| point < start));
        }
        if let Edge::Instant(end) = end {
            points.truncate(points.partition_point(|&point| point <= end));
        }
        Ok(points)
    }

    /// The periods from `start` to `end`, ascending.
    ///
    /// # Errors
    ///
    /// As [`points`](Self::points), with [`Error::IntervalsOverlap`] unless overlaps are
    /// [curtailed](Self::curtail_overlaps).
    pub fn intervals(
        &self,
        calendar: &Calendar,
        start: impl Into<Edge>,
        end: impl Into<Edge>,
    ) -> Result<Vec<Interval>, Error> {
        let (start, end) = (start.into(), end.into());
        let rows = self.rows(calendar, start, end)?;
        let mut intervals: Vec<Interval> =
            Vec::with_capacity(rows.iter().map(|row| row.periods as usize).sum());
        for row in rows.iter().filter(|row| row.periods > 0) {
            if let Some(last) = intervals.last_mut()
                && last.right > row.point(0, self.period)
            {
                let next = row.point(0, self.period);
                if !self.curtail_overlaps {
                    let calendar = calendar.name().into();
                    return Err(Error::IntervalsOverlap { calendar, right: last.right, next });
                }
                last.right = next;
            }
            intervals.extend((1..row.periods).map(|i| Interval {
                left: row.point(i - 1, self.period),
                right: row.point(i, self.period),
            }));
            intervals.push(Interval {
                left: row.point(row.periods - 1, self.period),
                right: row.right(row.periods, self.period),
            });
        }
        if let Edge::Instant(start) = start {
            intervals.retain(|interval| interval.left >= start);
        }
        if let Edge::Instant(end) = end {
            intervals.retain(|interval| interval.right <= end);
        }
        Ok(intervals)
    }

    /// The rows of all sessions from `start` to `end`, in order.
    fn rows(&self, calendar: &Calendar, start: Edge, end: Edge) -> Result<Vec<Row>, Error> {
        let start = session_of(calendar, start, Direction::Next)?;
        let end = session_of(calendar, end, Direction::Previous)?;
        let range = calendar.range_of(start, end);
        let mut rows = Vec::with_capacity(range.len());
        for index in range {
            if self.breaks == Breaks::Open || calendar.breaks_at(index).is_empty() {
                let span = calendar.span(index).map(|(open, close)| (open, close, self.align));
                rows.extend(span.map(|span| self.row(span, self.force_close)));
                continue;
            }
            let last = calendar.breaks_at(index).len();
            for (i, (from, to)) in calendar.spans(index).enumerate() {
                let align = if i == 0 { self.align } else { self.align_pm.unwrap_or(self.align) };
                let force = if i == last { self.force_close } else { self.force_break_close };
                rows.push(self.row((from, to, align), force));
            }
        }
        Ok(rows)
    }

    fn row(&self, (from, to, align): (i64, i64, i32), force: bool) -> Row {
        let step = i64::from(align.abs());
        let from = if align > 0 { -(-from).div_euclid(step) } else { from.div_euclid(step) } * step;
        let (start, end) =
            (Timestamp::from_minutes(from).nanos(), Timestamp::from_minutes(to).nanos());
        let periods = if end > start { (end - start - 1) / self.period + 1 } else { 0 };
        Row { start, end, periods, force }
    }

    /// Refuses rows of points that run into one another.
    fn require_apart(&self, calendar: &Calendar, rows: &[Row]) -> Result<(), Error> {
        if !matches!(self.closed, Side::Right | Side::Both) {
            return Ok(());
        }
        for (row, next) in std::iter::zip(rows, rows.iter().skip(1)) {
            let (right, next) = (row.right(row.periods, self.period), next.point(0, self.period));
            let runs_into = right > next || (self.closed == Side::Both && right == next);
            if runs_into && !row.force {
                let calendar = calendar.name().into();
                return Err(Error::IndicesOverlap { calendar, right, next });
            }
        }
        Ok(())
    }
}

/// The periods of one span of trading.
struct Row {
    start: i64,
    end: i64,
    periods: i64,
    /// Whether the last period ends with the span.
    force: bool,
}

impl Row {
    fn point(&self, i: i64, period: i64) -> Timestamp {
        Timestamp::from_nanos(self.start + i * period)
    }

    /// The end of the `i`-th period.
    fn right(&self, i: i64, period: i64) -> Timestamp {
        let right = self.start.saturating_add(i.saturating_mul(period));
        Timestamp::from_nanos(if self.force { right.min(self.end) } else { right })
    }
}

const NANOS_PER_DAY: i64 = 86_400_000_000_000;

fn session_of(calendar: &Calendar, edge: Edge, direction: Direction) -> Result<Session, Error> {
    match edge {
        Edge::Session(session) => calendar.date_to_session(session, direction),
        Edge::Instant(at) => {
            calendar.require_minute_within(at, Side::Left)?;
            calendar.minute_to_session(at, direction, Side::Left)
        }
    }
}

impl From<Session> for Edge {
    fn from(session: Session) -> Self {
        Self::Session(session)
    }
}

impl From<Timestamp> for Edge {
    fn from(at: Timestamp) -> Self {
        Self::Instant(at)
    }
}

impl std::fmt::Display for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}|{}", self.left, self.right)
    }
}
