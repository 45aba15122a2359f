//! A file of bars: from bytes to exact columns in one pass.
//!
//! A line is first read as what nearly all lines are: plain numbers between single delimiters, in
//! the header's order. Where anything else turns up (a quote, a blank, a sign, an exponent, a
//! fault), that line alone is read again by the patient reader, which knows every form and can say
//! what is wrong. Nothing is kept of a line until all of it has been read.

use std::borrow::Cow;

use rustybt_calendars::Session;
use rustybt_data::{
    DecimalFault, Delivery, Exact, ExactColumn, Field, RawBars, Reason, Rejected, SourceEvent,
    Stamps,
};

use super::bar_format::BarFormat;
use super::column::Column;
use super::header::{Header, Role};
use super::stamper::{Days, Instants, Stamper};
use super::values::{DIVIDEND, FIELDS, SPLIT, VALUES, Values, expected_of, slot_of};
use super::zipline;
use crate::file::csv::sheet::{Sheet, first_line};
use crate::file::csv::{number, record};

/// Reads a file of bars from memory, every number exactly as it is written.
///
/// This never fails: what cannot be read is delivered as [`Rejected`], line by line where that is
/// possible. A bar is not judged here; a high below its low is read like any other.
///
/// ```
/// use rustybt_adapters::{BarFormat, Label, parse_bars};
/// use rustybt_data::{Field, Frequency, Selection};
///
/// let selection = Selection {
///     symbols: None,
///     start: None,
///     end: None,
///     frequency: None,
///     calendar: rustybt_calendars::calendar("XNYS")?,
/// };
/// let format = BarFormat {
///     origin: "AAPL.csv",
///     symbol: "AAPL",
///     asset: 0,
///     frequency: Frequency::DAILY,
///     label: Label::Open,
///     zone: None,
///     selection: &selection,
/// };
/// let text = b"date,open,high,low,close,volume\n2014-06-09,92.69,93.88,91.75,93.7,75414997\n";
/// let delivery = parse_bars(text, &format);
/// let close = delivery.bars.column(Field::Close).and_then(|close| close.get(0));
/// assert_eq!(close.map(|close| close.to_string()).as_deref(), Some("93.7"));
/// # Ok::<(), rustybt_calendars::Error>(())
/// ```
pub fn parse_bars(bytes: &[u8], format: &BarFormat<'_>) -> Delivery {
    let daily = !format.frequency.is_intraday();
    let read = Sheet::open(bytes).and_then(|mut sheet| {
        let header = Header::read(std::mem::take(&mut sheet.header), daily)?;
        Ok((sheet, header))
    });
    let (sheet, header) = match read {
        Ok(read) => read,
        Err(reason) => return refused(format, reason),
    };
    let head = Head { format, header: &header, delimiter: sheet.delimiter };
    if daily {
        head.piece(sheet.body, &mut Place::new(sheet.line, days(format)), true)
    } else {
        head.piece(sheet.body, &mut Place::new(sheet.line, instants(format)), true)
    }
}

pub(super) fn days(format: &BarFormat<'_>) -> Days {
    Days::new(format.selection)
}

pub(super) fn instants(format: &BarFormat<'_>) -> Instants {
    let zone = format.zone.unwrap_or_else(|| format.selection.calendar.zone());
    Instants::new(format.selection, zone, format.label.shift())
}

/// What is known of a file once its header was read.
#[derive(Clone, Copy)]
pub(super) struct Head<'t> {
    pub(super) format: &'t BarFormat<'t>,
    pub(super) header: &'t Header,
    pub(super) delimiter: u8,
}

/// How far a file was read.
pub(super) struct Place<S> {
    /// The line that comes next.
    line: u32,
    /// Lines so far that hold something, wanted or not.
    filled: u64,
    stamper: Option<S>,
}

impl<S: Stamper> Place<S> {
    pub(super) fn new(line: u32, stamper: S) -> Self {
        Self { line, filled: 0, stamper: Some(stamper) }
    }
}

impl Head<'_> {
    /// Reads whole lines that follow those before; `last` where none come after them.
    pub(super) fn piece<S: Stamper>(
        &self,
        body: &[u8],
        place: &mut Place<S>,
        last: bool,
    ) -> Delivery {
        let Some(stamper) = place.stamper.take() else {
            return refused(self.format, Reason::Empty);
        };
        let mut parser = Parser::new(self, body, stamper);
        (parser.line, parser.filled) = (place.line, place.filled);
        parser.run();
        (place.line, place.filled) = (parser.line, parser.filled);
        let (delivery, stamper) = parser.finish(last);
        place.stamper = Some(stamper);
        delivery
    }
}

/// What a file delivers of which nothing can be used.
pub(in crate::file) fn refused(format: &BarFormat<'_>, reason: Reason) -> Delivery {
    let stamps = if format.frequency.is_intraday() {
        Stamps::Instants(Vec::new())
    } else {
        Stamps::Sessions(Vec::new())
    };
    let columns = Field::OHLCV.map(|field| (field, ExactColumn::default())).into();
    Delivery {
        bars: RawBars { stamps, columns, lines: Vec::new() },
        events: Vec::new(),
        rejected: vec![Rejected {
            origin: format.origin.to_owned(),
            line: None,
            symbol: format.symbol.to_owned(),
            reason,
            text: String::new(),
        }],
        notes: Vec::new(),
        rows: 0,
    }
}

struct Parser<'t, S: Stamper> {
    format: &'t BarFormat<'t>,
    header: &'t Header,
    body: &'t [u8],
    delimiter: u8,
    line: u32,
    stamper: S,
    stamps: Vec<S::Stamp>,
    /// In the order of [`Field::ALL`]: the five that all bars have, or with the optional ones.
    columns: Vec<Column>,
    /// Whether one of the columns is wide.
    wide: bool,
    lines: Vec<u32>,
    events: Vec<SourceEvent>,
    rejected: Vec<Rejected>,
    notes: Vec<String>,
    /// Lines that hold something, wanted or not.
    filled: u64,
    /// Lines that were wanted.
    rows: u64,
    cells: Vec<Cow<'t, [u8]>>,
}

impl<'t, S: Stamper> Parser<'t, S> {
    fn new(head: &Head<'t>, body: &'t [u8], stamper: S) -> Self {
        let Head { format, header, delimiter } = *head;
        let line = first_line(body).0.len().max(2 * header.roles.len());
        let rows = body.len() / line + 1;
        let optional = Field::OPTIONAL.iter().any(|field| header.has(*field));
        let fields = if optional { FIELDS } else { Field::OHLCV.len() };
        Self {
            format,
            header,
            body,
            delimiter,
            line: 1,
            stamper,
            stamps: Vec::with_capacity(rows),
            columns: Field::ALL.iter().take(fields).map(|_| Column::with_capacity(rows)).collect(),
            wide: false,
            lines: Vec::with_capacity(rows),
            events: Vec::new(),
            rejected: Vec::new(),
            notes: Vec::new(),
            filled: 0,
            rows: 0,
            cells: Vec::new(),
        }
    }

    fn run(&mut self) {
        let mut at = 0;
        while at < self.body.len() {
            at = match self.plain_row(at) {
                Some((stamp, values, end)) => {
                    self.filled += 1;
                    if self.stamper.wants(stamp) {
                        self.keep(stamp, &values, at);
                    }
                    end
                }
                None => self.patient_row(at),
            };
            self.line = self.line.saturating_add(1);
        }
    }

    /// Reads a line of plain cells: its stamp, its values, and where the next line begins.
    #[inline]
    fn plain_row(&mut self, mut at: usize) -> Option<(S::Stamp, Values, usize)> {
        let text = self.body;
        let mut values = Values::NONE;
        let mut stamp = None;
        let mut behind = self.delimiter;
        for role in &self.header.roles {
            // What stands behind a cell is the delimiter, but for the last.
            if behind != self.delimiter {
                return None;
            }
            match slot_of(*role) {
                Some(slot) => {
                    let number = number::plain(text, at)?;
                    if number.end > at {
                        values.set(slot, number.mantissa, number.scale);
                    }
                    at = number.end;
                }
                None if *role == Role::Stamp => {
                    let (read, end) = self.stamper.plain(text, at)?;
                    stamp = Some(read);
                    at = end;
                }
                None => at = record::skip_cell(text, at, self.delimiter)?,
            }
            behind = *text.get(at)?;
            at += 1;
        }
        let end = match behind {
            b'\n' => at,
            b'\r' if text.get(at) == Some(&b'\n') => at + 1,
            _ => return None,
        };
        Some((stamp?, values, end))
    }

    /// Reads a line of whatever form; returns where the next one begins.
    #[cold]
    fn patient_row(&mut self, at: usize) -> usize {
        let body = self.body;
        let (line, rest) = first_line(body.get(at..).unwrap_or_default());
        if !line.trim_ascii().is_empty() {
            self.filled += 1;
            let mut cells = std::mem::take(&mut self.cells);
            record::split(line, self.delimiter, &mut cells);
            let stamp = self.stamp_of(&cells);
            // A line of an unwanted day is not reported, whatever else is wrong with it.
            if !matches!(&stamp, Ok(stamp) if !self.stamper.wants(*stamp)) {
                match self.values_of(&cells).and_then(|values| Ok((stamp?, values))) {
                    Ok((stamp, values)) => self.keep_exact(stamp, &values, at),
                    Err(reason) => {
                        self.rows += 1;
                        self.reject(reason, at);
                    }
                }
            }
            self.cells = cells;
        }
        body.len() - rest.len()
    }

    fn stamp_of(&mut self, cells: &[Cow<'t, [u8]>]) -> Result<S::Stamp, Reason> {
        let column = self.header.roles.iter().position(|role| *role == Role::Stamp).unwrap_or(0);
        let cell = cells.get(column).map(AsRef::as_ref).unwrap_or_default();
        self.stamper.read(cell, self.header.name(column))
    }

    fn values_of(&self, cells: &[Cow<'t, [u8]>]) -> Result<[Option<Exact>; VALUES], Reason> {
        let expected = self.header.roles.len();
        if cells.len() != expected {
            return Err(Reason::Ragged { found: cells.len(), expected });
        }
        let mut values = [None; VALUES];
        for (column, (role, cell)) in self.header.roles.iter().zip(cells).enumerate() {
            let Some(slot) = slot_of(*role) else {
                continue;
            };
            let name = || self.header.name(column).to_owned();
            match number::cell(cell) {
                Ok(value) => {
                    if let Some(place) = values.get_mut(slot) {
                        *place = value;
                    }
                }
                Err(DecimalFault::TooLong) => {
                    return Err(Reason::TooManyDigits {
                        column: name(),
                        text: record::shown(cell),
                    });
                }
                Err(_) => {
                    let (column, text) = (name(), record::shown(cell));
                    return Err(Reason::BadCell { column, text, expected: expected_of(*role) });
                }
            }
        }
        Ok(values)
    }

    /// Keeps a bar and what happened on its day.
    #[inline]
    fn keep(&mut self, stamp: S::Stamp, values: &Values, at: usize) {
        if self.wide {
            return self.keep_exact(stamp, &values.exact(), at);
        }
        let mut fitted = [0; FIELDS];
        let cells = values.mantissas.iter().zip(&values.scales);
        for ((column, fitted), (mantissa, scale)) in
            self.columns.iter_mut().zip(&mut fitted).zip(cells)
        {
            match column.fit(*mantissa, *scale) {
                Some(mantissa) => *fitted = mantissa,
                None => return self.keep_exact(stamp, &values.exact(), at),
            }
        }
        self.rows += 1;
        for (column, mantissa) in self.columns.iter_mut().zip(fitted) {
            column.push(mantissa);
        }
        self.stamps.push(stamp);
        self.lines.push(self.line);
        if values.mantissas[DIVIDEND] != ExactColumn::MISSING
            || values.mantissas[SPLIT] != ExactColumn::MISSING
        {
            self.keep_events(S::date(stamp), values.get(SPLIT), values.get(DIVIDEND), at);
        }
    }

    /// The same for numbers of any size.
    #[cold]
    fn keep_exact(&mut self, stamp: S::Stamp, values: &[Option<Exact>; VALUES], at: usize) {
        self.rows += 1;
        for (slot, &value) in values.iter().enumerate().take(self.columns.len()) {
            if self.columns.get_mut(slot).is_some_and(|column| !column.append(value)) {
                self.columns.iter_mut().take(slot).for_each(Column::pop);
                return self.reject_digits(slot, at);
            }
        }
        self.wide = self.columns.iter().any(Column::is_wide);
        self.stamps.push(stamp);
        self.lines.push(self.line);
        let &[.., dividend, split] = values;
        if dividend.is_some() || split.is_some() {
            self.keep_events(S::date(stamp), split, dividend, at);
        }
    }

    /// Keeps what zipline's columns say; a bar is good whatever they hold.
    fn keep_events(
        &mut self,
        effective: Session,
        split: Option<Exact>,
        dividend: Option<Exact>,
        at: usize,
    ) {
        let split = split.map_or(Ok(None), zipline::split);
        let dividend = dividend.map_or(Ok(None), zipline::dividend);
        let dividend = dividend.map(|action| action.map(|action| (action, None)));
        for read in [split, dividend] {
            match read {
                Ok(None) => {}
                Ok(Some((action, note))) => {
                    let asset = self.format.asset;
                    self.events.push(SourceEvent { asset, effective, known: None, action });
                    let (origin, line) = (self.format.origin, self.line);
                    self.notes.extend(note.map(|note| format!("{origin}, line {line}: {note}")));
                }
                Err(reason) => self.reject(reason, at),
            }
        }
    }

    /// Rejects a line because a value of it and those before share no scale.
    #[cold]
    fn reject_digits(&mut self, slot: usize, at: usize) {
        let column = self.header.roles.iter().position(|role| slot_of(*role) == Some(slot));
        let column = column.unwrap_or_default();
        let mut cells = Vec::new();
        let (line, _) = first_line(self.body.get(at..).unwrap_or_default());
        record::split(line, self.delimiter, &mut cells);
        let text = cells.get(column).map(|cell| record::shown(cell)).unwrap_or_default();
        let column = self.header.name(column).to_owned();
        self.reject(Reason::TooManyDigits { column, text }, at);
    }

    fn reject(&mut self, reason: Reason, at: usize) {
        let (line, _) = first_line(self.body.get(at..).unwrap_or_default());
        self.rejected.push(Rejected {
            origin: self.format.origin.to_owned(),
            line: Some(self.line),
            symbol: self.format.symbol.to_owned(),
            reason,
            text: record::shown(line),
        });
    }

    fn finish(mut self, last: bool) -> (Delivery, S) {
        if self.filled == 0 && last {
            return (refused(self.format, Reason::Empty), self.stamper);
        }
        let ignored = self.header.ignored();
        if last && !ignored.is_empty() {
            let kind = if self.format.frequency.is_intraday() { "minute" } else { "daily" };
            self.notes
                .push(format!("columns of {kind} files that are not read: {}", ignored.join(", ")));
        }
        let header = self.header;
        let has = |field: &Field| Field::OHLCV.contains(field) || header.has(*field);
        let columns = self.columns.into_iter().map(Column::finish);
        let delivery = Delivery {
            bars: RawBars {
                stamps: S::stamps(self.stamps),
                columns: Field::ALL
                    .into_iter()
                    .zip(columns)
                    .filter(|(field, _)| has(field))
                    .collect(),
                lines: self.lines,
            },
            events: self.events,
            rejected: self.rejected,
            notes: self.notes,
            rows: self.rows,
        };
        (delivery, self.stamper)
    }
}

#[cfg(test)]
mod tests;
