//! Frames from Polars data frames, which have types of their own.

use polars::prelude::{Column, DataFrame, DataType, PolarsError, PolarsResult, TimeUnit};
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{AssetFinder, TableValues};

use super::Frame;
use crate::Error;

impl Frame {
    /// The table of a data frame, and how many rows were left out, as [`of_columns`](Self::of_columns)
    /// takes them. A time without a zone is in UTC.
    ///
    /// # Errors
    ///
    /// As [`of_columns`](Self::of_columns); [`Error::ColumnKind`] for a column of a type that no table has.
    pub fn of_polars(
        name: &str,
        frame: &DataFrame,
        finder: &dyn AssetFinder,
    ) -> Result<(Self, usize), Error> {
        let refused = |error: PolarsError| Error::Frame { reason: error.to_string() };
        let mut columns = Vec::with_capacity(frame.width());
        for column in frame.columns() {
            let Some(values) = values(column).map_err(refused)? else {
                return Err(Error::ColumnKind {
                    column: format!("{} ({})", column.name(), column.dtype()),
                    found: "values of another type",
                    expected: "numbers, flags, texts or times",
                });
            };
            columns.push((column.name().to_string(), values));
        }
        Self::of_columns(name, columns, finder)
    }
}

/// The values of a column; `None` for a type that no table has.
fn values(column: &Column) -> PolarsResult<Option<TableValues>> {
    let integers = |column: &Column| -> PolarsResult<Vec<Option<i64>>> {
        Ok(column.cast(&DataType::Int64)?.i64()?.iter().collect())
    };
    Ok(Some(match column.dtype() {
        DataType::Boolean => TableValues::Bool(column.bool()?.iter().collect()),
        DataType::String => {
            TableValues::Text(column.str()?.iter().map(|text| text.map(str::to_owned)).collect())
        }
        DataType::Date => {
            let day = |days: i64| i32::try_from(days).ok().map(Session::from_days);
            let days = integers(column)?;
            TableValues::Date(days.into_iter().map(|days| days.and_then(day)).collect())
        }
        DataType::Datetime(unit, _) => {
            let nanos = match unit {
                TimeUnit::Nanoseconds => 1,
                TimeUnit::Microseconds => 1_000,
                TimeUnit::Milliseconds => 1_000_000,
            };
            let time = |at: i64| at.checked_mul(nanos).map(Timestamp::from_nanos);
            let times = integers(column)?;
            TableValues::Instant(times.into_iter().map(|at| at.and_then(time)).collect())
        }
        kind if kind.is_integer() => TableValues::Int(integers(column)?),
        kind if kind.is_float() => {
            TableValues::Float(column.cast(&DataType::Float64)?.f64()?.iter().collect())
        }
        DataType::Null => TableValues::Float(vec![None; column.len()]),
        _ => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use polars::prelude::{IntoColumn, NamedFrom, Series};
    use rustybt_data::AssetTable;

    use super::*;
    use crate::ColumnKind::{self, Flag, Integer, Number, Text, Time};

    #[test]
    fn types_are_those_of_the_frame() {
        let series = |name: &str, days: Vec<i32>, kind| {
            Series::new(name.into(), days).cast(&kind).unwrap().into_column()
        };
        let frame = DataFrame::new(
            2,
            vec![
                series("date", vec![16_230, 16_231], DataType::Date),
                series("at", vec![1, 2], DataType::Datetime(TimeUnit::Milliseconds, None)),
                Series::new("small".into(), vec![Some(1_i32), None]).into_column(),
                Series::new("half".into(), vec![Some(0.5_f32), None]).into_column(),
                Series::new("flag".into(), vec![Some(true), None]).into_column(),
                Series::new("text".into(), vec![Some("a"), None]).into_column(),
            ],
        )
        .unwrap();
        let (frame, left_out) = Frame::of_polars("X", &frame, &AssetTable::default()).unwrap();
        assert_eq!(left_out, 0);
        let kinds: Vec<ColumnKind> = frame.columns().iter().map(crate::BoundColumn::kind).collect();
        assert_eq!(kinds, [Time, Integer, Number, Flag, Text]);
    }
}
