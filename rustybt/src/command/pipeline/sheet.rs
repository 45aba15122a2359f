//! The cells of a CSV file, and the types that they show.

use std::path::Path;

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{ColumnType, TableValues};

use crate::error::Error;

/// The cells of a file.
pub(super) struct Sheet {
    pub(super) names: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// The line of each row, from 1.
    lines: Vec<usize>,
}

impl Sheet {
    pub(super) fn read(text: &str, path: &Path) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let told = |(_, line): &(usize, &str)| !line.trim().is_empty() && !line.starts_with('#');
        let mut lines = text.lines().enumerate().filter(told);
        let names: Vec<String> = lines
            .next()
            .map(|(_, header)| {
                cells(header).into_iter().map(|name| name.trim().to_owned()).collect()
            })
            .unwrap_or_default();
        let mut sheet = Self { names, rows: Vec::new(), lines: Vec::new() };
        for (number, line) in lines {
            sheet.rows.push(cells(line));
            sheet.lines.push(number + 1);
            let row = sheet.rows.len() - 1;
            let (found, expected) = (sheet.rows.last().map_or(0, Vec::len), sheet.names.len());
            if found != expected {
                let detail = format!("{found} cells, the header has {expected}");
                return Err(sheet.bad(path, row, &detail));
            }
        }
        Ok(sheet)
    }

    pub(super) fn bad(&self, path: &Path, row: usize, detail: &str) -> Error {
        let line = self.lines.get(row).copied().unwrap_or(1);
        Error::BadTableFile { path: path.to_owned(), line, detail: detail.to_owned() }
    }

    pub(super) fn slot(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    pub(super) fn cell(&self, row: usize, slot: usize) -> &str {
        self.rows.get(row).and_then(|cells| cells.get(slot)).map_or("", |cell| cell.trim())
    }

    /// The columns, each of the type that `told` says or that its cells show.
    pub(super) fn columns(
        &self,
        path: &Path,
        told: impl Fn(&str) -> Option<ColumnType>,
    ) -> Result<Vec<(String, TableValues)>, Error> {
        let column = |(slot, name): (usize, &String)| {
            let cells: Vec<&str> = (0..self.rows.len()).map(|row| self.cell(row, slot)).collect();
            let kind = match name.as_str() {
                "date" | "ts" | "event_date" => ColumnType::Date,
                "sid" => ColumnType::Int,
                "symbol" => ColumnType::Text,
                // A date alone is told when it is over.
                "known_at" if cells.iter().all(|cell| is_date(cell) || cell.is_empty()) => {
                    ColumnType::Date
                }
                "known_at" => ColumnType::Instant,
                name => told(name).unwrap_or_else(|| kind_of(&cells)),
            };
            let read = match name.as_str() {
                "date" | "ts" | "event_date" => {
                    let days: Vec<&str> =
                        cells.iter().map(|cell| cell.get(..10).unwrap_or(cell)).collect();
                    values(&days, kind)
                }
                "known_at" => known(&cells, kind),
                _ => values(&cells, kind),
            };
            let refused = |row: usize| {
                let cell = self.cell(row, slot);
                self.bad(path, row, &format!("`{cell}` of `{name}` is no {}", kind.name()))
            };
            Ok((name.clone(), read.map_err(refused)?))
        };
        self.names.iter().enumerate().map(column).collect()
    }
}

/// The cells of a line; one in quotes may hold commas, and a quote twice.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(next) = characters.next() {
        let Some(cell) = cells.last_mut() else { break };
        match next {
            '"' if quoted && characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            '\r' => {}
            other => cell.push(other),
        }
    }
    cells
}

/// What a column holds, by all of its cells.
fn kind_of(cells: &[&str]) -> ColumnType {
    use ColumnType::{Bool, Date, Float, Instant, Int, Text};
    let there = || cells.iter().filter(|cell| !cell.is_empty());
    if there().next().is_none() {
        return Float;
    }
    let fits = |kind: &ColumnType| there().all(|cell| is(cell, *kind));
    [Bool, Int, Float, Date, Instant].into_iter().find(fits).unwrap_or(Text)
}

fn is(cell: &str, kind: ColumnType) -> bool {
    // `007` is a name, not a number.
    let padded = cell.len() > 1 && cell.starts_with('0') && !cell.contains('.');
    match kind {
        ColumnType::Bool => flag(cell).is_some() && cell.parse::<i64>().is_err(),
        ColumnType::Int => !padded && cell.parse::<i64>().is_ok(),
        ColumnType::Float => !padded && number(cell).is_some(),
        ColumnType::Date => Session::parse_ascii(cell.as_bytes()).is_some(),
        ColumnType::Instant => {
            Session::parse_ascii(cell.as_bytes()).is_some() || cell.parse::<Timestamp>().is_ok()
        }
        _ => true,
    }
}

fn is_date(cell: &str) -> bool {
    Session::parse_ascii(cell.as_bytes()).is_some()
}

/// When rows became known, where some say the day alone.
fn known(cells: &[&str], kind: ColumnType) -> Result<TableValues, usize> {
    if kind == ColumnType::Date {
        return values(cells, kind);
    }
    let end =
        |cell: &str| Session::parse_ascii(cell.as_bytes()).map(|day| day.plus_days(1).midnight());
    let instant = |(row, cell): (usize, &&str)| match *cell {
        "" => Ok(None),
        cell => end(cell).or_else(|| cell.parse().ok()).map(Some).ok_or(row),
    };
    cells.iter().enumerate().map(instant).collect::<Result<_, _>>().map(TableValues::Instant)
}

fn flag(cell: &str) -> Option<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn number(cell: &str) -> Option<f64> {
    cell.parse().ok()
}

/// The values of a column; the position of the first cell that is none of that type.
pub(super) fn values(cells: &[&str], kind: ColumnType) -> Result<TableValues, usize> {
    fn each<T>(cells: &[&str], parse: impl Fn(&str) -> Option<T>) -> Result<Vec<Option<T>>, usize> {
        let parsed = |(at, cell): (usize, &&str)| match *cell {
            "" => Ok(None),
            cell => parse(cell).map(Some).ok_or(at),
        };
        cells.iter().enumerate().map(parsed).collect()
    }
    let instant = |cell: &str| {
        let date = Session::parse_ascii(cell.as_bytes()).map(Session::midnight);
        date.or_else(|| cell.parse().ok())
    };
    Ok(match kind {
        ColumnType::Bool => TableValues::Bool(each(cells, flag)?),
        ColumnType::Int => TableValues::Int(each(cells, |cell| cell.parse().ok())?),
        ColumnType::Decimal | ColumnType::Float => TableValues::Float(each(cells, number)?),
        ColumnType::Date => {
            TableValues::Date(each(cells, |cell| Session::parse_ascii(cell.as_bytes()))?)
        }
        ColumnType::Instant | ColumnType::Nanos => TableValues::Instant(each(cells, instant)?),
        _ => TableValues::Text(each(cells, |cell| Some(cell.to_owned()))?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_from_all_cells() {
        for (cells, kind) in [
            (["1", "", "3"], ColumnType::Int),
            (["1", "2.5", ""], ColumnType::Float),
            (["true", "False", ""], ColumnType::Bool),
            (["2014-06-09", "", "2014-06-10"], ColumnType::Date),
            (["2014-06-09", "2014-06-10T13:30Z", ""], ColumnType::Instant),
            (["007", "8", ""], ColumnType::Text),
            (["", "", ""], ColumnType::Float),
        ] {
            assert_eq!(kind_of(&cells), kind, "{cells:?}");
        }
        assert_eq!(values(&["1", "x"], ColumnType::Int), Err(1));
    }

    #[test]
    fn cells_may_be_quoted() {
        assert_eq!(cells("a,\"b, \"\"c\"\"\",\r"), ["a", "b, \"c\"", ""]);
    }
}
