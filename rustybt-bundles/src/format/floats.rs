//! Columns as the nearest `f64`s.

use super::{Batch, MISSING, ParquetFile, Rows, WIDE_MISSING};
use crate::Error;

impl ParquetFile {
    /// Appends a whole column, `missing` where there is no value; decimals have `scale` digits
    /// behind the point.
    pub(crate) fn floats(
        &self,
        at: usize,
        scale: u8,
        missing: f64,
        out: &mut Vec<f64>,
    ) -> Result<(), Error> {
        self.batches(at, &Rows::All, |batch| match batch {
            Batch::Numbers(mantissas) => extend(out, mantissas, scale, missing),
            Batch::Wide(mantissas) => out.extend(mantissas.iter().map(|&value| match value {
                WIDE_MISSING => missing,
                value => rustybt_data::to_f64(value, scale),
            })),
            Batch::Doubles(doubles) => {
                out.extend(doubles.iter().map(|value| value.unwrap_or(missing)));
            }
            Batch::Texts(_) => {}
        })
    }
}

/// Appends narrow mantissas.
fn extend(out: &mut Vec<f64>, mantissas: &[i64], scale: u8, missing: f64) {
    let power = 10_i64.pow(u32::from(scale)) as f64;
    // One division of exact operands is correctly rounded: that is nearly every column.
    let exact = |value: i64| value == MISSING || value.unsigned_abs() <= 1 << 53;
    if mantissas.iter().all(|&value| exact(value)) {
        let convert = |value: i64| if value == MISSING { missing } else { value as f64 / power };
        out.extend(mantissas.iter().map(|&value| convert(value)));
    } else {
        out.extend(mantissas.iter().map(|&value| match value {
            MISSING => missing,
            value => rustybt_data::to_f64(value.into(), scale),
        }));
    }
}
