//! Rows of one asset, raw and as seen from a view: what windows and histories are made of.

use std::ops::Range;

use rustybt_calendars::Timestamp;

use crate::portal::{Slot, Table};
use crate::resample::{merge_exact, merged};
use crate::view::Window;
use crate::{
    BarData, BarReaderExt, Error, Exact, ExactColumn, Factor, Field, Frequency, Quote, Sid,
    Timeline,
};

/// The last row in `rows` whose value passes, and the value.
pub(crate) fn last_where(
    table: &Table,
    sid: Sid,
    field: Field,
    rows: Range<usize>,
    pass: impl Fn(f64) -> bool,
) -> Result<Option<(usize, f64)>, Error> {
    let mut end = rows.end;
    while end > rows.start {
        let run = table.reader.run(field, sid, end - 1)?;
        let start = run.first.max(rows.start).min(end - 1);
        let Some(values) = run.slice(start..end) else {
            end -= 1;
            continue;
        };
        if let Some(at) = values.iter().rposition(|&value| pass(value)) {
            return Ok(values.get(at).map(|&value| (start + at, value)));
        }
        end = start;
    }
    Ok(None)
}

/// The last `bars` values in a view's own table; lent where they can be.
#[inline]
pub(crate) fn window_of<'p>(
    data: &BarData<'p>,
    slot: &'p Slot,
    table: &'p Table,
    life: &Range<usize>,
    quote: Quote,
    bars: usize,
) -> Result<Window<'p>, Error> {
    let end = data.rows;
    if bars == 0 || bars > end || (table.has_tail && end == table.timeline.len()) {
        return reaching(data, slot, table, life, quote, bars);
    }
    let rows = end - bars..end;
    if life.start <= rows.start && rows.end <= life.end {
        let run = table.reader.run(quote.field(), slot.sid, rows.start)?;
        if let Some(values) = run.slice(rows.clone())
            && events(data, slot, &table.timeline, rows.start)?.is_empty()
            && (quote != Quote::Price || !values.iter().any(|value| value.is_nan()))
        {
            return Ok(Window::Lent(values));
        }
    }
    let mut values = Vec::with_capacity(bars);
    let (timeline, lead) = (&table.timeline, 0);
    let lookback = Lookback { data, table, life, timeline, lead, rows, today: None };
    lookback.extend(slot, quote, &mut values)?;
    Ok(Window::Owned(values))
}

/// A window that begins before the table's first row, or ends behind its last.
#[cold]
fn reaching<'p>(
    data: &BarData<'p>,
    slot: &'p Slot,
    table: &'p Table,
    life: &Range<usize>,
    quote: Quote,
    bars: usize,
) -> Result<Window<'p>, Error> {
    let known = known_of(data, table, data.rows);
    if bars == 0 || bars > known {
        return Err(too_short(table, table.timeline.frequency(), data.now, bars, known));
    }
    let mut values = Vec::with_capacity(bars);
    let (timeline, lead, rows) = (&table.all, table.lead, known - bars..known);
    let lookback = Lookback { data, table, life, timeline, lead, rows, today: None };
    lookback.extend(slot, quote, &mut values)?;
    Ok(Window::Owned(values))
}

/// How many labels in all sessions a view knows, of a table of which it knows so many rows.
///
/// Of minutes that have ended, the days go on up to the last that is over. Before the first minute
/// nothing is known: there might be none.
pub(crate) fn known_of(data: &BarData<'_>, table: &Table, rows: usize) -> usize {
    if rows == 0 {
        return 0;
    }
    let known = table.lead + rows;
    if !table.has_tail || rows < table.timeline.len() {
        return known;
    }
    let day = data.days.checked_sub(1).and_then(|day| data.portal.daily.timeline.session(day));
    let over = day.and_then(|day| table.all.rows_of_session(day)).map_or(0, |rows| rows.end);
    known.max(over)
}

/// The error of a window that begins before the data, or is none.
#[cold]
pub(crate) fn too_short(
    table: &Table,
    frequency: Frequency,
    end: Timestamp,
    bars: usize,
    available: usize,
) -> Error {
    // Where nothing is known, the first row will be; else the first label might have been.
    let timeline = if available == 0 { &table.timeline } else { &table.all };
    match (timeline.label(0), timeline.known_at(0)) {
        _ if bars == 0 => Error::NoBarsAsked,
        (_, Some(first)) if available == 0 => Error::BeforeData { at: end, first },
        (first, _) => Error::HistoryStartsBeforeData {
            bars,
            frequency,
            end,
            first: first.unwrap_or(end),
            available,
        },
    }
}

/// The factors that may act on values of `row` and later ones, as seen from a view.
#[inline]
fn events<'p>(
    data: &BarData<'p>,
    slot: &'p Slot,
    timeline: &Timeline,
    row: usize,
) -> Result<&'p [Factor], Error> {
    let factors = data.portal.factors_of(slot, data.adjust)?;
    if factors.is_empty() {
        return Ok(&[]);
    }
    Ok(timeline.session(row).map_or(&[], |first| factors.within(first, data.session)))
}

/// Some rows of a table, as a view sees them.
pub(crate) struct Lookback<'a, 'p> {
    pub(crate) data: &'a BarData<'p>,
    pub(crate) table: &'a Table,
    /// The rows of the asset's life in the table.
    pub(crate) life: &'a Range<usize>,
    /// The labels of the rows: the table's, or those that reach further.
    pub(crate) timeline: &'a Timeline,
    /// How many of the labels lie before the table's first row.
    pub(crate) lead: usize,
    pub(crate) rows: Range<usize>,
    /// The row, always the last, that is made of minutes instead of being read.
    pub(crate) today: Option<usize>,
}

impl Lookback<'_, '_> {
    /// Appends one value a row.
    pub(crate) fn extend(
        &self,
        slot: &Slot,
        quote: Quote,
        out: &mut Vec<f64>,
    ) -> Result<(), Error> {
        let start = out.len();
        self.raw(slot, quote.field(), out)?;
        let values = out.get_mut(start..).unwrap_or_default();
        self.adjust(slot, quote.field(), values)?;
        if quote == Quote::Price {
            self.carry(slot, values)?;
        }
        Ok(())
    }

    /// Appends exact values.
    pub(crate) fn exact(&self, slot: &Slot, field: Field) -> Result<ExactColumn, Error> {
        let lived = self.lived();
        let mut column = ExactColumn::default();
        if !lived.is_empty() {
            let rows = lived.start - self.lead..lived.end - self.lead;
            column = self.table.reader.exact(field, slot.sid, rows)?;
        }
        let before = lived.start - self.rows.start;
        column.mantissas_mut().prepend_missing(before);
        while column.len() < self.rows.len() {
            let row = self.rows.start + column.len();
            let value = if self.today == Some(row) { self.exact_today(slot, field)? } else { None };
            column.push(value).map_err(|reason| Error::BadDecimal {
                text: value.map(|value| value.to_string()).unwrap_or_default(),
                reason,
            })?;
        }
        Ok(column)
    }

    /// The rows that are read: those of the asset's life, without today's.
    fn lived(&self) -> Range<usize> {
        let end = self.today.unwrap_or(self.rows.end).min(self.rows.end);
        let clamp = |row: usize| row.clamp(self.rows.start, end.max(self.rows.start));
        clamp(self.life.start + self.lead)..clamp(self.life.end + self.lead)
    }

    fn raw(&self, slot: &Slot, field: Field, out: &mut Vec<f64>) -> Result<(), Error> {
        let lived = self.lived();
        let start = out.len();
        out.resize(start + lived.start - self.rows.start, field.missing());
        let mut row = lived.start;
        while row < lived.end {
            let run = self.table.reader.run(field, slot.sid, row - self.lead)?;
            let end = lived.end.min(self.lead + run.first + run.values.len());
            match run.slice(row - self.lead..end.max(row) - self.lead) {
                Some(values) if end > row => {
                    out.extend_from_slice(values);
                    row = end;
                }
                _ => {
                    out.push(field.missing());
                    row += 1;
                }
            }
        }
        if let Some(today) = self.today {
            out.resize(start + today - self.rows.start, field.missing());
            out.push(self.today(slot, field)?);
        }
        out.resize(start + self.rows.len(), field.missing());
        Ok(())
    }

    /// Today's bar so far; once the day is over, the stored one where the asset has no minutes of it.
    fn today(&self, slot: &Slot, field: Field) -> Result<f64, Error> {
        let minutes = self.minutes_today(slot);
        let merge = |field| match &minutes {
            Some((minute, rows)) if minute.reader.fields().contains(&field) => {
                merged(minute.reader.as_ref(), field, slot.sid, rows.clone())
            }
            _ => Ok(field.missing()),
        };
        let value = merge(field)?;
        let is_missing = value.is_nan() || value == 0.0;
        match self.stored_today(slot) {
            Some(row) if is_missing && merge(Field::Close)?.is_nan() => {
                self.table.reader.value(field, slot.sid, row)
            }
            _ => Ok(value),
        }
    }

    fn exact_today(&self, slot: &Slot, field: Field) -> Result<Option<Exact>, Error> {
        let minutes = self.minutes_today(slot);
        let merge = |field| match &minutes {
            Some((minute, rows)) if minute.reader.fields().contains(&field) => {
                merge_exact(field, &minute.reader.exact(field, slot.sid, rows.clone())?)
            }
            _ => Ok(None),
        };
        match self.stored_today(slot) {
            Some(row) if merge(Field::Close)?.is_none() => {
                Ok(self.table.reader.exact(field, slot.sid, row..row + 1)?.get(0))
            }
            _ => merge(field),
        }
    }

    fn stored_today(&self, slot: &Slot) -> Option<usize> {
        self.today.filter(|&row| row < self.data.days && slot.daily.contains(&row))
    }

    /// The minutes of today that have passed, of an asset that is alive and has minutes.
    fn minutes_today(&self, slot: &Slot) -> Option<(&Table, Range<usize>)> {
        let lives = slot.is_alive(self.data.last) && !slot.minute.is_empty();
        let minute = self.data.portal.minute.as_ref().filter(|_| lives)?;
        let rows = minute.timeline.rows_of_session(self.data.last)?;
        Some((minute, rows.start..rows.end.min(self.data.rows).max(rows.start)))
    }

    /// Multiplies each value by the factors of the events between it and now.
    fn adjust(&self, slot: &Slot, field: Field, values: &mut [f64]) -> Result<(), Error> {
        let events = events(self.data, slot, self.timeline, self.rows.start)?;
        let mut product = 1.0;
        let mut end = values.len();
        let seen = events.iter().rev().filter(|f| f.is_seen(self.data.session, self.data.now));
        for factor in seen {
            let row = self.timeline.row_of_session(factor.before).unwrap_or(self.rows.end);
            let start = row.saturating_sub(self.rows.start).min(end);
            scale(values.get_mut(start..end), product);
            product *= factor.of(field);
            end = start;
        }
        scale(values.get_mut(..end), product);
        Ok(())
    }

    /// Fills missing closes with the last one before them, the first one from before the window.
    fn carry(&self, slot: &Slot, values: &mut [f64]) -> Result<(), Error> {
        if let Some(first) = values.first_mut().filter(|first| first.is_nan()) {
            *first = self.before(slot)?;
        }
        let mut last = f64::NAN;
        for value in values.iter_mut() {
            if value.is_nan() {
                *value = last;
            }
            last = *value;
        }
        // A price is not carried beyond the asset's end.
        let past = self.timeline.rows_between(slot.start, slot.end).end;
        if let Some(dead) = values.get_mut(past.saturating_sub(self.rows.start)..) {
            dead.fill(f64::NAN);
        }
        Ok(())
    }

    /// The last close before the window, as seen now: that of the last bar with a volume.
    fn before(&self, slot: &Slot) -> Result<f64, Error> {
        let start = self.rows.start.saturating_sub(self.lead);
        let rows = self.life.start..start.min(self.life.end);
        let traded = last_where(self.table, slot.sid, Field::Volume, rows.clone(), |v| v != 0.0)?;
        // Where nothing has a volume at all, a close will do.
        let rows = traded.map_or(rows.clone(), |(row, _)| rows.start..row + 1);
        let close = last_where(self.table, slot.sid, Field::Close, rows, |v| !v.is_nan())?;
        let Some((row, close)) = close else { return Ok(f64::NAN) };
        let session = self.table.timeline.session(row).unwrap_or(self.data.session);
        self.data.seen(slot, Field::Close, session, close)
    }
}

fn scale(values: Option<&mut [f64]>, product: f64) {
    if product != 1.0 {
        for value in values.unwrap_or_default() {
            *value *= product;
        }
    }
}
