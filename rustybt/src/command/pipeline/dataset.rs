//! `--dataset NAME=FILE`: a user's table for a pipeline, read from a CSV file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{AssetFinder, ColumnType, Sid, TableValues};
use rustybt_pipeline::Frame;

use crate::error::Error;
use crate::output::note;

/// `NAME=FILE`.
#[derive(Debug, Clone)]
pub(crate) struct DatasetFile {
    name: String,
    path: PathBuf,
}

impl FromStr for DatasetFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_name = |name: &str| {
            name.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        match text.split_once('=') {
            Some((name, path)) if is_name(name) && !path.is_empty() => {
                Ok(Self { name: name.to_owned(), path: path.into() })
            }
            _ => Err("expected NAME=FILE, as in `News=news.csv`".to_owned()),
        }
    }
}

/// `NAME.COLUMN=TYPE`.
#[derive(Debug, Clone)]
pub(crate) struct DatasetType {
    column: String,
    kind: ColumnType,
}

impl FromStr for DatasetType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kinds = || ColumnType::ALL.map(ColumnType::name).join(", ");
        let Some((column, kind)) = text.split_once('=').filter(|(column, _)| column.contains('.'))
        else {
            return Err("expected NAME.COLUMN=TYPE, as in `News.flag=bool`".to_owned());
        };
        match ColumnType::from_name(kind) {
            Some(kind) => Ok(Self { column: column.to_owned(), kind }),
            None => Err(format!("there is no type `{kind}`; there are {}", kinds())),
        }
    }
}

/// Reads a table. Its columns are `date` (or `ts`), `symbol` or `sid`, perhaps `known_at`, and any others.
///
/// Without a finder nobody asks whose the rows are: what the columns hold is known all the same.
pub(super) fn read(
    file: &DatasetFile,
    types: &[DatasetType],
    finder: Option<&dyn AssetFinder>,
) -> Result<Frame, Error> {
    let path = &file.path;
    let refused = |source| Error::Io { action: "read the table", path: path.clone(), source };
    let text = std::fs::read_to_string(path).map_err(refused)?;
    let sheet = Sheet::read(&text, path)?;
    let dates = sheet.dates(path)?;
    let (sids, kept) = match finder {
        Some(finder) => sheet.sids(path, &dates, finder)?,
        None => (Vec::new(), (0..sheet.rows.len()).collect()),
    };
    if kept.len() < sheet.rows.len() {
        let left = sheet.rows.len() - kept.len();
        note(format!("{left} rows of {} are of assets that the bundle has not", path.display()));
    }
    let dates = kept.iter().filter_map(|row| dates.get(*row)).copied().collect();
    let mut frame = Frame::new(file.name.clone(), sids, dates)?;
    for (slot, name) in sheet.names.iter().enumerate() {
        let cells: Vec<&str> = kept.iter().map(|row| sheet.cell(*row, slot)).collect();
        match name.as_str() {
            "date" | "ts" | "symbol" | "sid" => {}
            "known_at" => frame = frame.known(sheet.known(path, &kept, &cells)?)?,
            _ => {
                let own = format!("{}.{name}", file.name);
                let told = types.iter().find(|told| told.column == own).map(|told| told.kind);
                let kind = told.unwrap_or_else(|| kind_of(&cells));
                let values = values(&cells, kind).map_err(|at| {
                    let row = kept.get(at).copied().unwrap_or_default();
                    let cell = sheet.cell(row, slot);
                    sheet.bad(path, row, &format!("`{cell}` of `{name}` is no {}", kind.name()))
                })?;
                frame = frame.with(name, values)?;
            }
        }
    }
    Ok(frame)
}

/// The cells of a file.
struct Sheet {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
    /// The line of each row, from 1.
    lines: Vec<usize>,
}

impl Sheet {
    fn read(text: &str, path: &Path) -> Result<Self, Error> {
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

    fn bad(&self, path: &Path, row: usize, detail: &str) -> Error {
        let line = self.lines.get(row).copied().unwrap_or(1);
        Error::BadTableFile { path: path.to_owned(), line, detail: detail.to_owned() }
    }

    fn slot(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    fn cell(&self, row: usize, slot: usize) -> &str {
        self.rows.get(row).and_then(|cells| cells.get(slot)).map_or("", |cell| cell.trim())
    }

    fn dates(&self, path: &Path) -> Result<Vec<Session>, Error> {
        let Some(slot) = self.slot("date").or_else(|| self.slot("ts")) else {
            return Err(self.bad(path, usize::MAX, "there is no column `date`"));
        };
        (0..self.rows.len())
            .map(|row| {
                let cell = self.cell(row, slot);
                let date = cell.get(..10).and_then(|date| Session::parse_ascii(date.as_bytes()));
                date.ok_or_else(|| self.bad(path, row, &format!("`{cell}` is no date")))
            })
            .collect()
    }

    /// Whose each row is, and the rows of assets that are known; without such a column, all are kept.
    fn sids(
        &self,
        path: &Path,
        dates: &[Session],
        finder: &dyn AssetFinder,
    ) -> Result<(Vec<Sid>, Vec<usize>), Error> {
        let all = 0..self.rows.len();
        let (mut sids, mut kept) = (Vec::new(), Vec::new());
        if let Some(slot) = self.slot("sid") {
            for row in all {
                let cell = self.cell(row, slot);
                let Ok(sid) = cell.parse() else {
                    return Err(self.bad(path, row, &format!("`{cell}` is no sid")));
                };
                sids.push(Sid(sid));
                kept.push(row);
            }
        } else if let Some(slot) = self.slot("symbol") {
            let mut known: BTreeMap<(&str, Session), Option<Sid>> = BTreeMap::new();
            for (row, date) in all.zip(dates) {
                let symbol = self.cell(row, slot);
                let found = known.entry((symbol, *date));
                let sid = found.or_insert_with(|| finder.lookup(symbol, *date).ok());
                if let Some(sid) = sid {
                    sids.push(*sid);
                    kept.push(row);
                }
            }
        } else {
            kept.extend(all);
        }
        Ok((sids, kept))
    }

    /// When rows became known; a date alone is known when it is over.
    fn known(
        &self,
        path: &Path,
        rows: &[usize],
        cells: &[&str],
    ) -> Result<Vec<Option<Timestamp>>, Error> {
        let instant = |(row, cell): (&usize, &&str)| {
            if cell.is_empty() {
                return Ok(None);
            }
            let date =
                Session::parse_ascii(cell.as_bytes()).map(|date| date.plus_days(1).midnight());
            let known = date.or_else(|| cell.parse().ok());
            let refused = || self.bad(path, *row, &format!("`{cell}` is no instant"));
            known.map(Some).ok_or_else(refused)
        };
        rows.iter().zip(cells).map(instant).collect()
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
fn values(cells: &[&str], kind: ColumnType) -> Result<TableValues, usize> {
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
