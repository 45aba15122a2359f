//! Bars of a coarser frequency, made of those of a reader.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::resample::{merge_bars, merge_exact, merged};
use crate::{BarReader, Error, ExactColumn, Field, Frequency, Run, Sid, SidIndex, Timeline};

/// A [`BarReader`] of one frequency made of a reader of a finer one: days of minutes, hours of
/// minutes, weeks of days.
///
/// An asset's bars are made when its first one is asked for, and kept. Prices are raw: where a
/// split lies within a week, that week's bar mixes prices of before and after. A
/// [`History`](crate::History) adjusts first and makes its bars then.
///
/// ```
/// use std::sync::Arc;
///
/// use rustybt_calendars::calendar;
/// use rustybt_data::{BarReaderExt, Field, MemoryBars, ResampledBars, Sid, Timeline};
///
/// let days = Timeline::daily(calendar("XNYS")?, "2014-06-02".parse()?, "2014-06-10".parse()?)?;
/// let closes = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
/// let bars = MemoryBars::builder(days).series(Sid(0), 0, &[(Field::Close, &closes)])?.build();
/// let weeks = ResampledBars::new(Arc::new(bars), "1w".parse()?)?;
/// assert_eq!(weeks.value(Field::Close, Sid(0), 0)?, 5.0);
/// assert_eq!(weeks.value(Field::Close, Sid(0), 1)?, 7.0); // the second week, so far
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ResampledBars {
    finer: Arc<dyn BarReader>,
    timeline: Timeline,
    index: SidIndex,
    /// The finer rows of each bar: found once, since every column needs them.
    rows: OnceLock<Vec<Range<usize>>>,
    /// One an asset, in the order of the finer bars' sids.
    columns: Vec<[OnceLock<Column>; 8]>,
}

#[derive(Debug)]
struct Column {
    first: usize,
    values: Vec<f64>,
}

impl ResampledBars {
    /// The bars of a frequency that these bars make.
    ///
    /// # Errors
    ///
    /// [`Error::NoBars`] where bars of that frequency cannot be made of these.
    pub fn new(finer: Arc<dyn BarReader>, frequency: Frequency) -> Result<Self, Error> {
        let own = finer.timeline().frequency();
        if !frequency.is_made_of(own) {
            return Err(Error::NoBars { frequency, available: vec![own] });
        }
        Ok(Self::over(finer, frequency))
    }

    /// The days of minutes, or of any other bars within sessions.
    pub(crate) fn days(finer: Arc<dyn BarReader>) -> Self {
        Self::over(finer, Frequency::DAILY)
    }

    fn over(finer: Arc<dyn BarReader>, frequency: Frequency) -> Self {
        let timeline = finer.timeline().resampled(frequency);
        let index = SidIndex::new(finer.sids().iter().copied());
        let columns = finer.sids().iter().map(|_| Default::default()).collect();
        Self { finer, timeline, index, rows: OnceLock::new(), columns }
    }

    fn column(&self, field: Field, sid: Sid) -> Result<&Column, Error> {
        let unknown = || Error::UnknownSid { sid, largest: self.index.largest() };
        let slot = self.index.position(sid).ok_or_else(unknown)?;
        let place = self.columns.get(slot).and_then(|fields| fields.get(field.index()));
        let place = place.ok_or_else(unknown)?;
        if let Some(column) = place.get() {
            return Ok(column);
        }
        let column = self.make(field, sid)?;
        Ok(place.get_or_init(|| column))
    }

    fn make(&self, field: Field, sid: Sid) -> Result<Column, Error> {
        let finer = self.finer.as_ref();
        let rows = self.rows.get_or_init(|| {
            let rows = 0..self.timeline.len();
            rows.map(|row| self.timeline.rows_under(row, finer.timeline())).collect()
        });
        let mut run = Run::empty(0);
        let mut values = Vec::with_capacity(rows.len());
        for rows in rows {
            if run.slice(rows.clone()).is_none() && rows.start < finer.timeline().len() {
                run = finer.run(field, sid, rows.start)?;
            }
            values.push(match run.slice(rows.clone()) {
                Some(values) if field != Field::Vwap => merge_bars(field, values),
                _ => merged(finer, field, sid, rows.clone())?,
            });
        }
        let there = |value: &f64| !value.is_nan() && (field.is_price() || *value != 0.0);
        let first = values.iter().position(there).unwrap_or(values.len());
        let end = values.iter().rposition(there).map_or(first, |last| last + 1);
        values.truncate(end);
        values.drain(..first);
        Ok(Column { first, values })
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

impl BarReader for ResampledBars {
    fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    fn sids(&self) -> &[Sid] {
        self.finer.sids()
    }

    fn fields(&self) -> &[Field] {
        self.finer.fields()
    }

    fn run(&self, field: Field, sid: Sid, row: usize) -> Result<Run<'_>, Error> {
        let column = self.column(field, sid)?;
        let run = Run { first: column.first, values: &column.values };
        if run.get(row).is_some() {
            Ok(run)
        } else if row < self.timeline.len() {
            Ok(Run::empty(row))
        } else {
            Err(self.out_of_range(row..row + 1))
        }
    }

    fn exact(&self, field: Field, sid: Sid, rows: Range<usize>) -> Result<ExactColumn, Error> {
        if rows.start > rows.end || rows.end > self.timeline.len() {
            return Err(self.out_of_range(rows));
        }
        let mut bars = ExactColumn::with_capacity(rows.len());
        for row in rows {
            let rows = self.timeline.rows_under(row, self.finer.timeline());
            let bar = merge_exact(field, &self.finer.exact(field, sid, rows)?)?;
            bars.push(bar).map_err(|reason| Error::BadDecimal {
                text: bar.map(|bar| bar.to_string()).unwrap_or_default(),
                reason,
            })?;
        }
        Ok(bars)
    }
}
