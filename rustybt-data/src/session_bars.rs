//! Daily bars of a reader that has only minutes.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::resample::{merge_exact, merged};
use crate::{BarReader, Error, ExactColumn, Field, Run, Sid, SidIndex, Timeline};

/// A [`BarReader`] of daily bars, each made of the minute bars of its session.
///
/// An asset's days are made when its first one is asked for, and kept.
#[derive(Debug)]
pub struct SessionBars {
    minutes: Arc<dyn BarReader>,
    timeline: Timeline,
    index: SidIndex,
    /// One an asset, in the order of the minutes' sids.
    columns: Vec<[OnceLock<Column>; 8]>,
}

#[derive(Debug)]
struct Column {
    first: usize,
    values: Vec<f64>,
}

impl SessionBars {
    /// The days of these minutes.
    pub fn new(minutes: Arc<dyn BarReader>) -> Self {
        let timeline = minutes.timeline().days();
        let index = SidIndex::new(minutes.sids().iter().copied());
        let columns = minutes.sids().iter().map(|_| Default::default()).collect();
        Self { minutes, timeline, index, columns }
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
        let days = self.timeline.sessions().iter().map(|&session| {
            let rows = self.minutes.timeline().rows_of_session(session).unwrap_or_default();
            merged(self.minutes.as_ref(), field, sid, rows)
        });
        let mut values = days.collect::<Result<Vec<f64>, Error>>()?;
        let there = |value: &f64| !value.is_nan() && *value != 0.0;
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

impl BarReader for SessionBars {
    fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    fn sids(&self) -> &[Sid] {
        self.minutes.sids()
    }

    fn fields(&self) -> &[Field] {
        self.minutes.fields()
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
        let sessions = self.timeline.sessions().get(rows.clone());
        let sessions = sessions.ok_or_else(|| self.out_of_range(rows))?;
        let mut days = ExactColumn::with_capacity(sessions.len());
        for &session in sessions {
            let rows = self.minutes.timeline().rows_of_session(session).unwrap_or_default();
            let minutes = self.minutes.exact(field, sid, rows)?;
            let day = merge_exact(field, &minutes)?;
            days.push(day).map_err(|reason| Error::BadDecimal {
                text: day.map(|day| day.to_string()).unwrap_or_default(),
                reason,
            })?;
        }
        Ok(days)
    }
}
