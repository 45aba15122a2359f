//! What the cells of a column are, where nobody says.

use chrono_tz::Tz;
use rustybt_data::{ColumnType, DecimalColumn, Selection, TableValues, parse_decimal};

use super::super::stamper::Instants;
use super::cell;
use super::value::Digits;

/// The types that a column may have, the first one that holds all of its cells first; text holds
/// whatever none of them does.
const TYPES: [ColumnType; 6] = [
    ColumnType::Bool,
    ColumnType::Int,
    ColumnType::Decimal,
    ColumnType::Float,
    ColumnType::Date,
    ColumnType::Nanos,
];

/// What the cells of a column may be, as far as they were seen.
#[derive(Debug, Clone)]
pub(super) struct Candidates {
    left: Vec<ColumnType>,
    digits: Digits,
    /// Whether any cell held something.
    seen: bool,
}

impl Default for Candidates {
    fn default() -> Self {
        Self { left: TYPES.to_vec(), digits: Digits::default(), seen: false }
    }
}

impl Candidates {
    /// Drops the types that do not hold these cells, too.
    pub(super) fn narrow(&mut self, cells: &[Option<String>], zone: Tz, selection: &Selection) {
        self.seen |= cells.iter().any(Option::is_some);
        let digits = &mut self.digits;
        self.left.retain(|&kind| match typed(cells, kind, zone, selection) {
            Some(TableValues::Decimal(values)) => {
                *digits = digits.and(Digits::of(&values));
                digits.fit()
            }
            found => found.is_some(),
        });
    }

    /// The type of the whole column.
    pub(super) fn found(self) -> ColumnType {
        self.left.first().copied().filter(|_| self.seen).unwrap_or(ColumnType::Text)
    }
}

/// Cells as values of a type that holds them.
pub(super) fn values_of(
    cells: Vec<Option<String>>,
    kind: ColumnType,
    zone: Tz,
    selection: &Selection,
) -> TableValues {
    let found = if kind == ColumnType::Text { None } else { typed(&cells, kind, zone, selection) };
    // Where the file has changed since it was looked at, they are what they were written as.
    found.unwrap_or(TableValues::Text(cells))
}

/// Cells as the first type that holds all of them: true/false, whole numbers, decimals,
/// floating-point numbers, dates, instants, and else text.
pub(super) fn values(cells: Vec<Option<String>>, zone: Tz, selection: &Selection) -> TableValues {
    for kind in TYPES {
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
