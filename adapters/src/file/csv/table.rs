//! A small file as a table: columns by name, rows of text.

use std::borrow::Cow;

use rustybt_calendars::Session;
use rustybt_data::{DecimalFault, Exact, Reason, Rejected};

use super::sheet::{Sheet, first_line};
use super::{number, record, stamp};

/// The rows of a small file, in the file's order.
#[derive(Debug)]
pub(crate) struct Table {
    /// The columns' names in lower case.
    columns: Vec<String>,
    rows: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    number: u32,
    text: String,
    cells: Vec<String>,
}

/// One row of a [`Table`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'t> {
    columns: &'t [String],
    line: &'t Line,
}

impl Table {
    /// Reads a file of which every row has as many cells as the header; rows that have not are
    /// added to `rejected`.
    ///
    /// # Errors
    ///
    /// As [`Sheet::open`].
    pub(crate) fn read(
        bytes: &[u8],
        origin: &str,
        rejected: &mut Vec<Rejected>,
    ) -> Result<Self, Reason> {
        let sheet = Sheet::open(bytes)?;
        let columns: Vec<String> = sheet.header.iter().map(|name| name.to_lowercase()).collect();
        let mut rows = Vec::new();
        let mut body = sheet.body;
        let mut number = sheet.line;
        let mut cells: Vec<Cow<'_, [u8]>> = Vec::new();
        while !body.is_empty() {
            let (line, rest) = first_line(body);
            body = rest;
            if !line.trim_ascii().is_empty() {
                record::split(line, sheet.delimiter, &mut cells);
                let line = Line {
                    number,
                    text: record::shown(line),
                    cells: cells.iter().map(|c| String::from_utf8_lossy(c).into_owned()).collect(),
                };
                if line.cells.len() == columns.len() {
                    rows.push(line);
                } else {
                    let reason =
                        Reason::Ragged { found: line.cells.len(), expected: columns.len() };
                    rejected.push(line.rejected(origin, "", reason));
                }
            }
            number = number.saturating_add(1);
        }
        Ok(Self { columns, rows })
    }

    /// Whether there is a column of that name.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name == column)
    }

    /// The first of these columns that there is.
    ///
    /// # Errors
    ///
    /// [`Reason::BadFile`] where there is none.
    pub(crate) fn require<'n>(&self, names: &[&'n str]) -> Result<&'n str, Reason> {
        names.iter().copied().find(|name| self.has(name)).ok_or_else(|| Reason::BadFile {
            detail: format!(
                "it has no column `{}`; its columns are {}",
                names.join("` or `"),
                self.columns.join(", ")
            ),
        })
    }

    /// The rows, in the file's order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|line| Row { columns: &self.columns, line })
    }
}

impl<'t> Row<'t> {
    /// The line it stands in, counted from 1.
    pub(crate) fn line(self) -> u32 {
        self.line.number
    }

    /// A cell that holds something.
    pub(crate) fn get(self, column: &str) -> Option<&'t str> {
        let slot = self.columns.iter().position(|name| name == column)?;
        self.line.cells.get(slot).map(String::as_str).filter(|cell| !cell.is_empty())
    }

    /// A cell that must hold something.
    ///
    /// # Errors
    ///
    /// [`Reason::BadCell`] where it is empty.
    pub(crate) fn text(self, column: &str, expected: &'static str) -> Result<&'t str, Reason> {
        self.get(column).ok_or_else(|| bad_cell(column, "", expected))
    }

    /// A date.
    ///
    /// # Errors
    ///
    /// [`Reason::BadCell`] where it holds something else.
    pub(crate) fn date(self, column: &str) -> Result<Option<Session>, Reason> {
        self.get(column).map(|text| date(column, text)).transpose()
    }

    /// A date that must be there.
    ///
    /// # Errors
    ///
    /// [`Reason::BadCell`] where it is not.
    pub(crate) fn required_date(self, column: &str) -> Result<Session, Reason> {
        date(column, self.text(column, DATE)?)
    }

    /// A number that must be there.
    ///
    /// # Errors
    ///
    /// [`Reason::BadCell`] where it is not, [`Reason::TooManyDigits`].
    pub(crate) fn number(self, column: &str, expected: &'static str) -> Result<Exact, Reason> {
        let text = self.text(column, expected)?;
        match number::cell(text.as_bytes()) {
            Ok(Some(value)) => Ok(value),
            Err(DecimalFault::TooLong) => Err(Reason::TooManyDigits {
                column: column.to_owned(),
                text: record::shown(text.as_bytes()),
            }),
            _ => Err(bad_cell(column, text, expected)),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    ///
    /// [`Reason::BadCell`] where it holds something else.
    pub(crate) fn identifier(self, column: &str) -> Result<Option<u32>, Reason> {
        self.get(column)
            .map(|text| text.parse().map_err(|_| bad_cell(column, text, "sid (a whole number)")))
            .transpose()
    }

    /// The row as one that was not taken in.
    pub(crate) fn rejected(self, origin: &str, symbol: &str, reason: Reason) -> Rejected {
        self.line.rejected(origin, symbol, reason)
    }
}

impl Line {
    fn rejected(&self, origin: &str, symbol: &str, reason: Reason) -> Rejected {
        Rejected {
            origin: origin.to_owned(),
            line: Some(self.number),
            symbol: symbol.to_owned(),
            reason,
            text: self.text.clone(),
        }
    }
}

/// What the dates of a file look like, as a message says it.
pub(crate) const DATE: &str = "date (write it YYYY-MM-DD)";

/// A cell that is not what its column holds.
pub(crate) fn bad_cell(column: &str, text: &str, expected: &'static str) -> Reason {
    Reason::BadCell { column: column.to_owned(), text: record::shown(text.as_bytes()), expected }
}

/// A date; pandas writes midnight behind it, which says nothing more.
fn date(column: &str, text: &str) -> Result<Session, Reason> {
    midnight(text.as_bytes()).ok_or_else(|| bad_cell(column, text, DATE))
}

/// A date alone, or at midnight of whatever zone.
pub(crate) fn midnight(text: &[u8]) -> Option<Session> {
    let (date, length) = stamp::date(text)?;
    let rest = text.get(length..)?;
    let [b' ' | b'T', rest @ ..] = rest else {
        return rest.is_empty().then_some(date);
    };
    let (0, length) = stamp::clock(rest)? else {
        return None;
    };
    let zone = rest.get(length..)?.trim_ascii_start();
    let length = if zone.is_empty() { 0 } else { stamp::offset(zone)?.1 };
    (length == zone.len()).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_by_name() {
        let text = b"Symbol;RATIO;sid\n AAPL ;0.5;1\n\nIBM;x\nBAC;;z\n";
        let mut rejected = Vec::new();
        let table = Table::read(text, "splits.csv", &mut rejected).unwrap();
        let rows: Vec<Row<'_>> = table.rows().collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].get("symbol"), Some("AAPL"));
        assert_eq!(rows[0].number("ratio", "ratio").unwrap().to_string(), "0.5");
        assert_eq!(rows[0].identifier("sid"), Ok(Some(1)));
        assert_eq!((rows[1].line(), rows[1].get("ratio")), (5, None));
        assert_eq!(
            rows[1].identifier("sid").unwrap_err().to_string(),
            "`z` in column `sid` is no sid (a whole number)"
        );
        assert_eq!(
            rows[1].number("ratio", "ratio").unwrap_err().to_string(),
            "`` in column `ratio` is no ratio"
        );
        assert_eq!(rejected.len(), 1);
        assert_eq!((rejected[0].line, rejected[0].text.as_str()), (Some(4), "IBM;x"));
        assert_eq!(rejected[0].reason.to_string(), "2 cells where the header has 3");
        assert_eq!(
            table.require(&["new", "old"]).unwrap_err().to_string(),
            "it has no column `new` or `old`; its columns are symbol, ratio, sid"
        );
    }

    #[test]
    fn midnight_is_a_date() {
        let day = Session::from_ymd(2020, 1, 2);
        for text in ["2020-01-02", "20200102", "2020-01-02 00:00:00", "2020-01-02T00:00:00-05:00"] {
            assert_eq!(midnight(text.as_bytes()), day, "{text}");
        }
        for text in ["2020-01-02 09:30", "2020-01-02x", "2020-01-02 00:00 noon", "2020-01-02 "] {
            assert_eq!(midnight(text.as_bytes()), None, "{text}");
        }
    }
}
