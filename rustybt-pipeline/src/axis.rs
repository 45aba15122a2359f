//! What the rows of a pipeline stand for: the sessions of a calendar, or the bars within them.

use std::ops::Range;
use std::sync::Arc;

use rustybt_calendars::{Calendar, Session, Timestamp};
use rustybt_data::{Frequency, Timeline};

use crate::Error;

/// The rows of a pipeline: each session of a calendar, or each bar within its sessions.
///
/// A row is a position among all of the calendar's, wherever the data begin. It stands for the moment at which
/// its session or its bar opens, and sees what is known by then: the bars before it.
///
/// ```
/// use rustybt_calendars::calendar;
/// use rustybt_pipeline::Axis;
///
/// let hours = Axis::new(calendar("XNYS")?, "1h".parse()?)?;
/// let rows = hours.rows_of("2014-06-09".parse()?).unwrap();
/// assert_eq!(rows.len(), 7);
/// assert_eq!(hours.opens(rows.start).unwrap().to_string(), "2014-06-09T13:30Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Axis {
    calendar: Arc<Calendar>,
    /// The bars of all sessions; `None` where rows are sessions.
    bars: Option<Timeline>,
}

impl Axis {
    /// The sessions of a calendar.
    pub const fn sessions(calendar: Arc<Calendar>) -> Self {
        Self { calendar, bars: None }
    }

    /// The bars of a frequency, of a day or within one.
    ///
    /// # Errors
    ///
    /// [`Error::RowsAcross`] for bars of several sessions.
    pub fn new(calendar: Arc<Calendar>, frequency: Frequency) -> Result<Self, Error> {
        if frequency == Frequency::DAILY {
            return Ok(Self::sessions(calendar));
        }
        if !frequency.is_intraday() {
            return Err(Error::RowsAcross { frequency });
        }
        let (first, last) = (calendar.first_session(), calendar.last_session());
        let bars = Timeline::new(Arc::clone(&calendar), frequency, first, last)?;
        Ok(Self { calendar, bars: Some(bars) })
    }

    /// The calendar whose sessions these are, or hold the bars.
    pub const fn calendar(&self) -> &Arc<Calendar> {
        &self.calendar
    }

    /// How much time a row covers.
    pub fn frequency(&self) -> Frequency {
        self.bars.as_ref().map_or(Frequency::DAILY, Timeline::frequency)
    }

    /// Whether rows are bars within sessions.
    pub const fn is_within_sessions(&self) -> bool {
        self.bars.is_some()
    }

    /// The session of a row.
    pub fn session(&self, row: usize) -> Option<Session> {
        match &self.bars {
            None => self.calendar.session_at(row),
            Some(bars) => bars.session(row),
        }
    }

    /// The moment a row stands for: the opening of its session or bar.
    pub fn opens(&self, row: usize) -> Option<Timestamp> {
        match &self.bars {
            None => self.calendar.open_at(row),
            Some(bars) => bars.label(row),
        }
    }

    /// The rows of a session.
    pub fn rows_of(&self, session: Session) -> Option<Range<usize>> {
        match &self.bars {
            None => self.calendar.session_index(session).map(|row| row..row + 1),
            Some(bars) => bars.rows_of_session(session),
        }
    }

    /// The first row from `row` on that opens at a moment or later.
    pub fn first_opening(&self, row: usize, at: Timestamp) -> usize {
        // Doubling steps first, so that what is near is found near.
        let is_before = |row: usize| self.opens(row).is_some_and(|open| open < at);
        let (mut low, mut step) = (row, 1);
        while is_before(low + step - 1) {
            low += step;
            step *= 2;
        }
        let mut high = low + step - 1;
        while low < high {
            let middle = usize::midpoint(low, high);
            if is_before(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The first row of the session at a position among the calendar's; past the last row where there is none.
    pub(crate) fn first_of(&self, index: usize) -> usize {
        match &self.bars {
            None => index,
            Some(bars) => match self.calendar.session_at(index) {
                Some(session) => bars.row_of_session(session).unwrap_or(bars.len()),
                None => bars.len(),
            },
        }
    }

    /// The position of the session of a row among the calendar's.
    pub(crate) fn session_index(&self, row: usize) -> Option<usize> {
        match &self.bars {
            None => Some(row),
            Some(_) => self.calendar.session_index(self.session(row)?),
        }
    }

    /// The session of each of some rows.
    pub(crate) fn sessions_of(&self, rows: Range<usize>) -> Vec<Session> {
        match &self.bars {
            None => self.calendar.sessions().get(rows).unwrap_or_default().to_vec(),
            Some(_) => rows.filter_map(|row| self.session(row)).collect(),
        }
    }

    /// The sessions that some rows lie in, each once.
    pub(crate) fn sessions_over(&self, rows: &Range<usize>) -> &[Session] {
        let last = rows.end.checked_sub(1).filter(|last| *last >= rows.start);
        let first =
            self.session_index(rows.start).zip(last.and_then(|row| self.session_index(row)));
        first
            .and_then(|(first, last)| self.calendar.sessions().get(first..=last))
            .unwrap_or_default()
    }

    /// The openings of some rows, where rows are bars within sessions.
    pub(crate) fn instants_of(&self, rows: Range<usize>) -> Option<Vec<Timestamp>> {
        let bars = self.bars.as_ref()?;
        Some(rows.filter_map(|row| bars.label(row)).collect())
    }

    /// The rows of the life of an asset, first session and last: from the row after its first one on.
    pub(crate) fn life(&self, start: Session, end: Session) -> Range<usize> {
        let Some(last) = self.calendar.index_at_or_before(end) else { return 0..0 };
        let Some(first) = self.calendar.index_at_or_after(start) else { return 0..0 };
        let listed = self.calendar.session_at(first) == Some(start);
        let first = self.first_of(first) + usize::from(listed);
        first..self.first_of(last + 1).max(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(frequency: &str) -> Axis {
        let calendar = rustybt_calendars::calendar("XNYS").unwrap();
        Axis::new(calendar, frequency.parse().unwrap()).unwrap()
    }

    #[test]
    fn rows_are_found_on_every_axis() {
        let session = "2014-07-03".parse().unwrap();
        for (frequency, rows) in [("1d", 1), ("1h", 4), ("30m", 7), ("1m", 210)] {
            let axis = axis(frequency);
            let found = axis.rows_of(session).unwrap();
            // An early close: 09:30 to 13:00.
            assert_eq!(found.len(), rows, "{frequency}");
            for row in [found.start, found.end - 1] {
                assert_eq!(axis.session(row), Some(session));
                let opens = axis.opens(row).unwrap();
                assert_eq!(axis.first_opening(found.start, opens), row);
                assert_eq!(axis.first_opening(found.start - 1, opens.plus_minutes(1)), row + 1);
            }
            assert_eq!(axis.sessions_over(&(found.start - 1..found.end + 1)).len(), 3);
            assert_eq!(axis.life(session, session).len(), rows - 1);
        }
        let refused = Axis::new(axis("1d").calendar().clone(), "1w".parse().unwrap()).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the rows of a pipeline are sessions or bars within them, not bars of 1w; use \
             `downsample` for what changes once a week or month"
        );
    }
}
