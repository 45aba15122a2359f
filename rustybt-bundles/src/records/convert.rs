//! Values as sources and readers have them ⇄ columns as files have them.

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{DecimalColumn, Stamp, TableValues};

use super::set::RecordSet;
use crate::catalog::micros_up;
use crate::format::{Column, Kind, MISSING, WIDE_MISSING};

/// Values as a column of a kind that holds them; `None` where it does not.
pub(super) fn column(values: &TableValues, kind: Kind) -> Option<Column> {
    if (0..values.len()).all(|row| values.is_missing(row)) {
        return Some(missing(kind, values.len()));
    }
    Some(match (values, kind) {
        (TableValues::Decimal(values), Kind::Decimal(scale)) => {
            let mantissas = values.at_scale(scale)?.into_iter().map(narrow);
            Column::Numbers(mantissas.collect::<Option<_>>()?)
        }
        (TableValues::Decimal(values), Kind::Wide(scale)) => {
            let mantissas = values.at_scale(scale)?.into_iter();
            Column::Wide(
                mantissas
                    .map(|m| if m == DecimalColumn::MISSING { WIDE_MISSING } else { m })
                    .collect(),
            )
        }
        (TableValues::Int(ints), Kind::Decimal(_) | Kind::Wide(_)) => {
            let mantissas = ints.iter().map(|v| v.map_or(DecimalColumn::MISSING, i128::from));
            let decimals = DecimalColumn::from_mantissas(0, mantissas.collect())?;
            return column(&TableValues::Decimal(decimals), kind);
        }
        (TableValues::Int(values), Kind::Int) => {
            Column::Numbers(values.iter().map(|value| value.unwrap_or(MISSING)).collect())
        }
        (TableValues::Float(values), Kind::Double) => Column::Doubles(values.clone()),
        (TableValues::Bool(values), Kind::Bool) => numbers(values, |&value| i64::from(value)),
        (TableValues::Text(values), Kind::Text) => Column::Texts(values.clone()),
        (TableValues::Date(values), Kind::Date) => numbers(values, |date| date.days().into()),
        (TableValues::Instant(values) | TableValues::Nanos(values), Kind::Nanos) => {
            numbers(values, |at| at.nanos())
        }
        // What was known at an instant is never said to have been known before.
        (TableValues::Instant(values), Kind::Instant) => numbers(values, |&at| micros_up(at)),
        _ => return None,
    })
}

/// As [`column`], of values that nobody else wants: text is moved and not copied.
pub(super) fn into_column(values: TableValues, kind: Kind) -> Option<Column> {
    match (values, kind) {
        (TableValues::Text(values), Kind::Text) => Some(Column::Texts(values)),
        (TableValues::Float(values), Kind::Double) => Some(Column::Doubles(values)),
        (values, kind) => column(&values, kind),
    }
}

/// A column without a value.
pub(super) fn missing(kind: Kind, rows: usize) -> Column {
    let mut column = Column::new(kind, rows);
    for _ in 0..rows {
        column.push_missing();
    }
    column
}

/// A column as the values that readers have.
pub(crate) fn values(column: Column, kind: Kind) -> TableValues {
    let number = |value: i64| (value != MISSING).then_some(value);
    match (kind, column) {
        (Kind::Decimal(scale), Column::Numbers(values)) => {
            let wide = |v: i64| number(v).map_or(DecimalColumn::MISSING, i128::from);
            decimals(scale, values.into_iter().map(wide).collect())
        }
        (Kind::Wide(scale), Column::Wide(values)) => {
            let wide = |m: i128| if m == WIDE_MISSING { DecimalColumn::MISSING } else { m };
            decimals(scale, values.into_iter().map(wide).collect())
        }
        (Kind::Bool, Column::Numbers(values)) => {
            TableValues::Bool(values.into_iter().map(|v| number(v).map(|v| v != 0)).collect())
        }
        (Kind::Date, Column::Numbers(values)) => {
            let date = |v| number(v).and_then(|v| i32::try_from(v).ok()).map(Session::from_days);
            TableValues::Date(values.into_iter().map(date).collect())
        }
        (Kind::Instant, Column::Numbers(values)) => {
            let at = |v| number(v).map(Timestamp::from_micros);
            TableValues::Instant(values.into_iter().map(at).collect())
        }
        (Kind::Nanos, Column::Numbers(values)) => {
            let at = |v| number(v).map(Timestamp::from_nanos);
            TableValues::Nanos(values.into_iter().map(at).collect())
        }
        (_, Column::Numbers(values)) => TableValues::Int(values.into_iter().map(number).collect()),
        (_, Column::Doubles(values)) => TableValues::Float(values),
        (_, Column::Texts(values)) => TableValues::Text(values),
        (_, Column::Wide(values)) => decimals(0, values),
    }
}

fn decimals(scale: u8, mantissas: Vec<i128>) -> TableValues {
    TableValues::Decimal(DecimalColumn::from_mantissas(scale, mantissas).unwrap_or_default())
}

fn narrow(mantissa: i128) -> Option<i64> {
    if mantissa == DecimalColumn::MISSING { Some(MISSING) } else { i64::try_from(mantissa).ok() }
}

fn numbers<T>(values: &[Option<T>], number: impl Fn(&T) -> i64) -> Column {
    Column::Numbers(values.iter().map(|v| v.as_ref().map_or(MISSING, &number)).collect())
}

/// The stamp that files are cut by, of a value in the stamp's column: days, or microseconds.
pub(crate) fn stamp_micros(set: RecordSet, value: i64) -> i64 {
    match set.stamp {
        Stamp::None => 0,
        Stamp::Date | Stamp::Instant => value,
        Stamp::Nanos => value.div_euclid(1000),
    }
}
