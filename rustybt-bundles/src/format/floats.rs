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
    // One division of exact operands is correctly rounded. Nearly every batch is like that, and
    // then no value has to be looked at alone.
    if mantissas.iter().fold(0, |bits, &value| bits | biased(value)) < 2 * BIAS as u64 {
        out.extend(mantissas.iter().map(|&value| to_double(value) / power));
    } else {
        out.extend(mantissas.iter().map(|&value| match value {
            MISSING => missing,
            value => rustybt_data::to_f64(value.into(), scale),
        }));
    }
}

/// Half the range of [`to_double`].
const BIAS: i64 = 1 << 51;

/// Below `2 * BIAS` where `value` is from `-BIAS` on and below `BIAS`.
fn biased(value: i64) -> u64 {
    value.wrapping_add(BIAS) as u64
}

/// A number from `-BIAS` on and below `BIAS`: it becomes the lower bits of 1.5 × 2⁵², which is then
/// taken off. Unlike the processor's own instruction it works on several numbers at once.
fn to_double(value: i64) -> f64 {
    const OFFSET: f64 = 6_755_399_441_055_744.0;
    f64::from_bits((OFFSET.to_bits() as i64).wrapping_add(value) as u64) - OFFSET
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_converted_as_one_by_one() {
        let edges = [0, 1, -1, 7, -199, 1 << 40, BIAS - 1, -BIAS, BIAS, -BIAS - 1, 1 << 60];
        for scale in [0, 2, 8, 18] {
            for edge in edges.into_iter().chain([MISSING, i64::MAX]) {
                let mut out = Vec::new();
                extend(&mut out, &[5, edge], scale, f64::NAN);
                let value = rustybt_data::to_f64(edge.into(), scale);
                let expected = if edge == MISSING { f64::NAN } else { value };
                assert_eq!(out[0], rustybt_data::to_f64(5, scale));
                assert_eq!(out[1].to_bits(), expected.to_bits(), "{edge} of scale {scale}");
            }
        }
    }
}
