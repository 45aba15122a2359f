//! Bars on another calendar than the one they were made for.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::{BarReader, BarReaderExt, Error, ExactColumn, Field, Run, Sid, SidIndex, Timeline};

/// A [`BarReader`] of another reader's bars at the labels of a timeline.
///
/// A bar lies where its own label does: the session of that date, the minute that opens then. Labels
/// at which the other reader has none are missing, and bars whose labels the timeline lacks are left
/// out. An asset's column is laid out when it is first asked for.
///
/// ```
/// use std::sync::Arc;
///
/// use rustybt_calendars::calendar;
/// use rustybt_data::{BarReaderExt, Field, MemoryBars, ReindexedBars, Sid, Timeline};
///
/// // New York is closed on 4 July, London is not.
/// let (start, end) = ("2019-07-03".parse()?, "2019-07-05".parse()?);
/// let days = Timeline::daily(calendar("XNYS")?, start, end)?;
/// let bars = MemoryBars::builder(days).series(Sid(0), 0, &[(Field::Close, &[1.0, 2.0])])?.build();
/// let london = Timeline::daily(calendar("XLON")?, start, end)?;
/// let bars = ReindexedBars::new(Arc::new(bars), london)?;
/// assert_eq!(bars.value(Field::Close, Sid(0), 2)?, 2.0);
/// assert!(bars.value(Field::Close, Sid(0), 1)?.is_nan());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ReindexedBars {
    inner: Arc<dyn BarReader>,
    timeline: Timeline,
    index: SidIndex,
    /// The inner row of each row; none where the inner reader has no such label.
    rows: Vec<Option<usize>>,
    columns: Vec<[OnceLock<Vec<f64>>; 8]>,
}

impl ReindexedBars {
    /// These bars at the labels of a timeline.
    ///
    /// # Errors
    ///
    /// [`Error::OtherFrequency`] where the timeline has another frequency.
    pub fn new(inner: Arc<dyn BarReader>, timeline: Timeline) -> Result<Self, Error> {
        let found = inner.timeline().frequency();
        if found != timeline.frequency() {
            return Err(Error::OtherFrequency {
                expected: "bars of the timeline's frequency",
                found,
            });
        }
        let own = inner.timeline();
        let rows = (0..timeline.len())
            .map(|row| timeline.label(row).and_then(|label| own.row_of(label)))
            .collect();
        let index = SidIndex::new(inner.sids().iter().copied());
        let columns = inner.sids().iter().map(|_| Default::default()).collect();
        Ok(Self { inner, timeline, index, rows, columns })
    }

    fn column(&self, field: Field, sid: Sid) -> Result<&[f64], Error> {
        let unknown = || Error::UnknownSid { sid, largest: self.index.largest() };
        let slot = self.index.position(sid).and_then(|slot| self.columns.get(slot));
        let place = slot.and_then(|fields| fields.get(field.index())).ok_or_else(unknown)?;
        if let Some(column) = place.get() {
            return Ok(column);
        }
        let mut column = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            column.push(match row {
                Some(row) => self.inner.value(field, sid, *row)?,
                None => field.missing(),
            });
        }
        Ok(place.get_or_init(|| column))
    }

    fn out_of_range(&self, rows: Range<usize>) -> Error {
        Error::OutOfRange {
            start: rows.start,
            end: rows.end,
            rows: self.timeline.len(),
            frequency: self.timeline.frequency(),
        }
    }
}

impl BarReader for ReindexedBars {
    fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    fn sids(&self) -> &[Sid] {
        self.inner.sids()
    }

    fn fields(&self) -> &[Field] {
        self.inner.fields()
    }

    fn run(&self, field: Field, sid: Sid, row: usize) -> Result<Run<'_>, Error> {
        let values = self.column(field, sid)?;
        if row < values.len() {
            Ok(Run { first: 0, values })
        } else {
            Err(self.out_of_range(row..row + 1))
        }
    }

    fn exact(&self, field: Field, sid: Sid, rows: Range<usize>) -> Result<ExactColumn, Error> {
        if self.index.position(sid).is_none() {
            return Err(Error::UnknownSid { sid, largest: self.index.largest() });
        }
        let found = self.rows.get(rows.clone()).ok_or_else(|| self.out_of_range(rows))?;
        let mut column = ExactColumn::with_capacity(found.len());
        let known = found.iter().flatten();
        let (Some(&first), Some(&last)) = (known.clone().min(), known.max()) else {
            column.mantissas_mut().resize(found.len());
            return Ok(column);
        };
        let inner = self.inner.exact(field, sid, first..last + 1)?;
        let places: Vec<usize> =
            found.iter().map(|row| row.map_or(usize::MAX, |row| row - first)).collect();
        Ok(inner.pick(&places))
    }
}
