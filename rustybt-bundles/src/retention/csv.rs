//! How large rows are as CSV: what storage is compared with.

use crate::Error;
use crate::catalog::TableState;
use crate::format::{Column, Kind, Rows};
use crate::verified::Verified;

/// Files of a table that are written out.
const SAMPLE: usize = 8;

/// Rows that were written out, and their size.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sampled {
    rows: u64,
    bytes: u64,
}

impl Sampled {
    /// The size of so many rows like these.
    pub(super) fn of_rows(self, rows: u64) -> u64 {
        if rows == self.rows || self.rows == 0 {
            return self.bytes;
        }
        (u128::from(rows) * u128::from(self.bytes) / u128::from(self.rows)) as u64
    }
}

/// Reckons the size of a table's rows as CSV.
pub(super) fn csv_bytes(files: &Verified, table: &TableState) -> Result<Sampled, Error> {
    let step = table.chunks.len().div_ceil(SAMPLE).max(1);
    let specs = match &table.records {
        Some(records) => records.columns.clone(),
        None => table.dataset.columns(table.scales),
    };
    let mut sampled = Sampled::default();
    for chunk in table.chunks.iter().step_by(step) {
        let columns = files.open_at(chunk, specs.clone(), &Rows::All)?.columns()?;
        sampled.rows += chunk.rows as u64;
        // A separator or the end of the line behind every cell.
        sampled.bytes += (chunk.rows * columns.len()) as u64;
        sampled.bytes +=
            columns.iter().zip(&specs).map(|(column, spec)| cells(column, spec.kind)).sum::<u64>();
    }
    Ok(sampled)
}

/// The size of a column's cells as text.
fn cells(column: &Column, kind: Kind) -> u64 {
    (0..column.len())
        .map(|row| match kind {
            Kind::Text => column.text(row).map_or(0, |text| text.len() as u64),
            Kind::Date => column.number(row).map_or(0, |_| "2024-01-31".len() as u64),
            Kind::Instant => column.number(row).map_or(0, |_| "2024-01-31T14:30:00Z".len() as u64),
            Kind::Nanos => {
                column.number(row).map_or(0, |_| "2024-01-31T14:30:00.000000000Z".len() as u64)
            }
            Kind::Bool => column.number(row).map_or(0, |value| if value == 0 { 5 } else { 4 }),
            Kind::Double => column.double(row).map_or(0, |value| value.to_string().len() as u64),
            Kind::Int => column.mantissa(row).map_or(0, |value| decimal(value, 0)),
            Kind::Decimal(scale) | Kind::Wide(scale) => {
                column.mantissa(row).map_or(0, |value| decimal(value, scale))
            }
        })
        .sum()
}

/// The length of a decimal without zeros behind its last digit.
fn decimal(mantissa: i128, scale: u8) -> u64 {
    let (mut whole, mut places) = (mantissa.unsigned_abs(), u64::from(scale));
    while places > 0 && whole.is_multiple_of(10) {
        whole /= 10;
        places -= 1;
    }
    let digits = u64::from(whole.checked_ilog10().unwrap_or(0)) + 1;
    let point = u64::from(places > 0);
    // `0.05` has a zero before the point, and as many as it takes behind it.
    digits.max(places + 1) + point + u64::from(mantissa < 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_as_long_as_they_are_written() {
        for (mantissa, scale, text) in [
            (0, 2, "0"),
            (1050, 2, "10.5"),
            (5, 2, "0.05"),
            (-5, 2, "-0.05"),
            (100, 2, "1"),
            (123, 0, "123"),
            (120, 0, "120"),
            (812, 8, "0.00000812"),
            (-9_223_372_036_854_775_807, 0, "-9223372036854775807"),
        ] {
            assert_eq!(decimal(mantissa, scale), text.len() as u64, "{text}");
        }
    }

    #[test]
    fn a_sample_stands_for_all() {
        let sampled = Sampled { rows: 10, bytes: 305 };
        assert_eq!(sampled.of_rows(10), 305);
        assert_eq!(sampled.of_rows(20), 610);
        assert_eq!(Sampled::default().of_rows(20), 0);
    }
}
