//! Rows of a CSV file, in pieces of some lines each.
//!
//! What a column holds of which nobody says so is known when all of it is read. Where a file does
//! not come in one piece and has such columns, it is read twice: the first time to look at them.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::Path;

use rustybt_data::{ColumnType, Reason, TableDelivery};

use super::super::pieces::Lines;
use super::rows::Rows;
use super::value::{Cells, Value};
use super::{Reading, refused};
use crate::file::compression::{Fault, Unpacked};
use crate::file::csv::record;
use crate::file::csv::sheet::first_line;

/// Reads a file in pieces of about `bytes` bytes of text.
pub(super) fn read(
    path: &Path,
    reading: &Reading<'_>,
    bytes: usize,
    take: &mut dyn FnMut(TableDelivery) -> ControlFlow<()>,
) -> Result<(), Fault> {
    let mut pieces = match Pieces::open(path, reading, bytes)? {
        Ok(pieces) => pieces,
        Err(reason) => {
            let _ = take(refused(reading, reason));
            return Ok(());
        }
    };
    if pieces.rows.has_untyped() && !pieces.lines.is_last() {
        let mut candidates = pieces.rows.candidates();
        loop {
            pieces.read();
            pieces.rows.narrow(&mut candidates);
            if pieces.lines.is_last() {
                break;
            }
            pieces.lines.next()?;
        }
        pieces = match Pieces::open(path, reading, bytes)? {
            Ok(pieces) => pieces,
            Err(reason) => {
                let _ = take(refused(reading, reason));
                return Ok(());
            }
        };
        pieces.rows.learn(candidates);
    }
    loop {
        pieces.read();
        if take(pieces.rows.take()).is_break() || pieces.lines.is_last() {
            return Ok(());
        }
        pieces.lines.next()?;
    }
}

/// A file that is being read.
struct Pieces<'a> {
    lines: Lines,
    rows: Rows<'a>,
    delimiter: u8,
    /// The number of the next line.
    number: u32,
}

impl<'a> Pieces<'a> {
    fn open(
        path: &Path,
        reading: &'a Reading<'a>,
        bytes: usize,
    ) -> Result<Result<Self, Reason>, Fault> {
        Ok(Lines::open(Unpacked::open(path)?, bytes)?.and_then(|(lines, heading)| {
            let rows = Rows::new(reading, &heading.header, &[])?;
            Ok(Self { lines, rows, delimiter: heading.delimiter, number: heading.line })
        }))
    }

    /// Reads the lines that are there.
    fn read(&mut self) {
        let mut body = self.lines.text();
        let mut cells: Vec<Cow<'_, [u8]>> = Vec::new();
        while !body.is_empty() {
            let (line, rest) = first_line(body);
            body = rest;
            if !line.trim_ascii().is_empty() {
                record::split(line, self.delimiter, &mut cells);
                self.rows.push(self.number, &Line { line, cells: &cells });
            }
            self.number = self.number.saturating_add(1);
        }
    }
}

/// A line and its cells.
struct Line<'t> {
    line: &'t [u8],
    cells: &'t [Cow<'t, [u8]>],
}

impl Cells for Line<'_> {
    fn count(&self) -> usize {
        self.cells.len()
    }

    fn text(&self, at: usize) -> Option<Cow<'_, [u8]>> {
        self.cells.get(at).map(|cell| Cow::Borrowed(cell.as_ref()))
    }

    fn typed(&self, _: usize, _: ColumnType) -> Option<Value> {
        None
    }

    fn shown(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.line)
    }
}
