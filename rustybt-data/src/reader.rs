//! The contract for reading bars.

use std::fmt::Debug;
use std::ops::Range;

use crate::{BarFrame, Error, ExactColumn, Field, Frequency, Sid, Timeline};

/// Reads the bars of many assets, at one frequency, by row of its [`Timeline`].
///
/// # Contract
///
/// * Rows are the labels of [`timeline`](Self::timeline); row 0 is its first label.
/// * Prices are raw, in the asset's quote currency; volume is in units of the asset.
/// * A label at which an asset has no bar is `0.0` in volume and `NaN` in every other field.
/// * Nothing stored after the rows asked for can change the answer.
/// * The same question gives the same bits, from any thread.
pub trait BarReader: Debug + Send + Sync {
    /// The labels of the table.
    fn timeline(&self) -> &Timeline;

    /// The assets that have bars here, in ascending order.
    fn sids(&self) -> &[Sid];

    /// The fields that bars have here.
    fn fields(&self) -> &[Field] {
        &Field::OHLCV
    }

    /// The longest contiguous stretch of one asset's values that can be lent and that holds `row`.
    ///
    /// An asset with nothing stored around `row` lends an empty run. This is the hot path of
    /// `current` and `history`: an implementation answers it without locking or allocating once
    /// its data is in memory.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSid`] for an asset never written, [`Error::NoField`] for a field not
    /// stored, [`Error::OutOfRange`] for a row beyond the timeline, [`Error::Store`] where the
    /// store refuses.
    fn run(&self, field: Field, sid: Sid, row: usize) -> Result<Run<'_>, Error>;

    /// One row of several assets: `out[i]` is the value of `sids[i]`, missing where it has no bar.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); [`Error::Shape`] where `out` has another length than `sids`.
    fn row(&self, field: Field, row: usize, sids: &[Sid], out: &mut [f64]) -> Result<(), Error> {
        if out.len() != sids.len() {
            let (found, expected) = (out.len(), sids.len());
            return Err(Error::Shape { what: "the output", found, expected });
        }
        for (&sid, out) in sids.iter().zip(out) {
            *out = self.run(field, sid, row)?.get(row).unwrap_or(field.missing());
        }
        Ok(())
    }

    /// Loads each of `fields` as one `(rows, assets)` array, columns in the order of `sids`.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    fn load(&self, fields: &[Field], rows: Range<usize>, sids: &[Sid]) -> Result<BarFrame, Error> {
        load_by_run(self, fields, rows, sids)
    }

    /// One asset's values exactly as they were ingested, one a row.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    fn exact(&self, field: Field, sid: Sid, rows: Range<usize>) -> Result<ExactColumn, Error>;
}

/// A contiguous stretch of one asset's values, lent by a reader.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run<'a> {
    /// The row of the first value.
    pub first: usize,
    /// The values, one a row.
    pub values: &'a [f64],
}

impl<'a> Run<'a> {
    /// A run without values at `row`.
    pub const fn empty(row: usize) -> Self {
        Self { first: row, values: &[] }
    }

    /// The value of a row, where the run holds it.
    #[inline]
    pub fn get(&self, row: usize) -> Option<f64> {
        self.values.get(row.checked_sub(self.first)?).copied()
    }

    /// The values of `rows`, where the run holds all of them.
    #[inline]
    pub fn slice(&self, rows: Range<usize>) -> Option<&'a [f64]> {
        self.values.get(rows.start.checked_sub(self.first)?..rows.end.checked_sub(self.first)?)
    }
}

/// What is asked of every reader often, in terms of what every reader has.
pub trait BarReaderExt: BarReader {
    /// Daily or minute.
    fn frequency(&self) -> Frequency {
        self.timeline().frequency()
    }

    /// One value, missing (`NaN` or `0.0`) where there is no bar.
    ///
    /// # Errors
    ///
    /// As [`BarReader::run`].
    #[inline]
    fn value(&self, field: Field, sid: Sid, row: usize) -> Result<f64, Error> {
        Ok(self.run(field, sid, row)?.get(row).unwrap_or(field.missing()))
    }

    /// Copies one asset's values of `rows` into `out`, which has as many places.
    ///
    /// # Errors
    ///
    /// As [`BarReader::run`]; [`Error::Shape`] where `out` has another length.
    fn copy(
        &self,
        field: Field,
        sid: Sid,
        rows: Range<usize>,
        out: &mut [f64],
    ) -> Result<(), Error> {
        if out.len() != rows.len() {
            return Err(Error::Shape {
                what: "the output",
                found: out.len(),
                expected: rows.len(),
            });
        }
        let mut row = rows.start;
        while row < rows.end {
            let done = row - rows.start;
            let run = self.run(field, sid, row)?;
            let held = run.first + run.values.len();
            let end = rows.end.min(held);
            match run.slice(row..end) {
                Some(values) if end > row => {
                    if let Some(place) = out.get_mut(done..done + values.len()) {
                        place.copy_from_slice(values);
                    }
                    row = end;
                }
                // Nothing around this row: the reader may lend something further on.
                _ => {
                    if let Some(place) = out.get_mut(done) {
                        *place = field.missing();
                    }
                    row += 1;
                }
            }
        }
        Ok(())
    }
}

impl<R: BarReader + ?Sized> BarReaderExt for R {}

fn load_by_run<R: BarReader + ?Sized>(
    reader: &R,
    fields: &[Field],
    rows: Range<usize>,
    sids: &[Sid],
) -> Result<BarFrame, Error> {
    let mut frame = BarFrame::missing(rows.clone(), sids, fields);
    let mut column = vec![0.0; rows.len()];
    for &field in fields {
        for (slot, &sid) in sids.iter().enumerate() {
            reader.copy(field, sid, rows.clone(), &mut column)?;
            if let Some(array) = frame.field_mut(field) {
                for (cell, value) in array.column_mut(slot).iter_mut().zip(&column) {
                    *cell = *value;
                }
            }
        }
    }
    Ok(frame)
}
