//! What the cells of a column are, where nobody says.

use chrono_tz::Tz;
use rustybt_data::{ColumnType, DecimalColumn, Selection, TableValues, parse_decimal};

use super::super::stamper::Instants;
use super::cell;

/// Cells as the first type that holds all of them: true/false, whole numbers, decimals,
/// floating-point numbers, dates, instants, and else text.
pub(super) fn values(cells: Vec<Option<String>>, zone: Tz, selection: &Selection) -> TableValues {
    for kind in [
        ColumnType::Bool,
        ColumnType::Int,
        ColumnType::Decimal,
        ColumnType::Float,
        ColumnType::Date,
        ColumnType::Nanos,
    ] {
        if cells.iter().all(Option::is_none) {
            break;
        }
        if let Some(values) = typed(&cells, kind, zone, selection) {
            return values;
        }
    }
    TableValues::Text(cells)
}

/// Cells as values of a type; `None` where one is none.
fn typed(
    cells: &[Option<String>],
    kind: ColumnType,
    zone: Tz,
    selection: &Selection,
) -> Option<TableValues> {
    fn each<T>(
        cells: &[Option<String>],
        mut read: impl FnMut(&str) -> Option<T>,
    ) -> Option<Vec<Option<T>>> {
        cells.iter().map(|cell| cell.as_deref().map_or(Some(None), |c| read(c).map(Some))).collect()
    }
    Some(match kind {
        ColumnType::Bool => {
            let truth = |cell: &str| {
                let word = cell.eq_ignore_ascii_case("true") || cell.eq_ignore_ascii_case("false");
                cell::truth(cell.as_bytes()).filter(|_| word)
            };
            TableValues::Bool(each(cells, truth)?)
        }
        ColumnType::Int => TableValues::Int(each(cells, |cell| {
            // `007` is a name, and not seven.
            let digits = cell.strip_prefix('-').unwrap_or(cell);
            let number = digits == "0" || !digits.starts_with(['0', '+']);
            cell.parse().ok().filter(|_| number)
        })?),
        ColumnType::Decimal => {
            let mut column = DecimalColumn::default();
            for cell in cells {
                let value = match cell.as_deref() {
                    Some(cell) => {
                        let digits = cell.strip_prefix('-').unwrap_or(cell);
                        let name = digits.starts_with('0')
                            && !digits.starts_with("0.")
                            && digits.bytes().all(|byte| byte.is_ascii_digit())
                            && digits.len() > 1;
                        Some(parse_decimal(cell.as_bytes()).ok().filter(|_| !name)?)
                    }
                    None => None,
                };
                column.push(value).ok()?;
            }
            TableValues::Decimal(column)
        }
        ColumnType::Float => {
            let number = |cell: &str| {
                let digits = cell.bytes().any(|byte| byte.is_ascii_digit());
                let name = cell.len() > 1 && cell.bytes().all(|byte| byte.is_ascii_digit());
                cell.parse::<f64>().ok().filter(|_| digits && !name)
            };
            TableValues::Float(each(cells, number)?)
        }
        ColumnType::Date => {
            let date = |cell: &str| {
                let dashed = cell.contains(['-', '/']);
                cell::date(cell.as_bytes(), "").ok().filter(|_| dashed)
            };
            TableValues::Date(each(cells, date)?)
        }
        _ => {
            let mut local = Instants::new(selection, zone, 0);
            let instant = |cell: &str| {
                let dashed = cell.contains(['-', '/']) && cell.contains(':');
                cell::instant(cell.as_bytes(), "", &mut local).ok().filter(|_| dashed)
            };
            TableValues::Nanos(each(cells, instant)?)
        }
    })
}
