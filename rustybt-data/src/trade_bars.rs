//! Minute bars of a reader that has only trades.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustybt_calendars::{Calendar, Session, Timestamp};

use crate::{
    BarReader, DecimalFault, Error, Exact, ExactColumn, Field, Run, Sid, SidIndex, TableQuery,
    TableReader, TableValues, Timeline, prepare,
};

/// A [`BarReader`] of minutes, each made of the trades within it.
///
/// The open is the price of the first trade, the close that of the last, the volume the sum of the
/// sizes, exactly. Every trade counts, whatever its conditions; those outside the sessions do not. A
/// month of an asset's trades is read when its first minute is asked for, and its bars are kept. Whoever
/// walks forward finds the next month ready: it is read on another thread meanwhile.
#[derive(Debug)]
pub struct TradeBars(Arc<Shared>);

/// What the thread that reads ahead has, too.
#[derive(Debug)]
struct Shared {
    trades: Arc<dyn TableReader>,
    timeline: Timeline,
    sids: Vec<Sid>,
    index: SidIndex,
    /// The sessions and the rows of each month.
    months: Vec<(Session, Session, Range<usize>)>,
    /// One an asset and month.
    blocks: Vec<Vec<Place>>,
}

const FIELDS: [Field; 6] =
    [Field::Open, Field::High, Field::Low, Field::Close, Field::Volume, Field::Trades];

/// The bars of an asset in a month, from the first that traded to the last.
#[derive(Debug, Default)]
struct Block {
    first: usize,
    /// In the order of [`FIELDS`].
    values: [Vec<f64>; 6],
    exact: [ExactColumn; 6],
}

/// The place of a month's bars, empty until they are asked for.
#[derive(Debug)]
struct Place {
    block: OnceLock<Block>,
    /// Who asks for this row or a later one will soon ask for the next month.
    nearly: AtomicUsize,
    reading: Mutex<()>,
}

impl Default for Place {
    fn default() -> Self {
        let (block, reading) = (OnceLock::new(), Mutex::default());
        Self { block, nearly: AtomicUsize::new(usize::MAX), reading }
    }
}

/// Rows that somebody must have gone through a month to be walking: an hour.
const WALK: usize = 60;

/// A bar that trades are added to, in units of `10^-scale`.
#[derive(Debug, Clone, Copy)]
struct Bar {
    row: usize,
    prices: [i128; 4],
    volume: i128,
    trades: i128,
}

impl TradeBars {
    /// The minutes of a table with the schema of `trades`, in the sessions from `start` to `end`, of
    /// these assets.
    ///
    /// # Errors
    ///
    /// [`Error::NoSessions`] where the calendar has no session in between.
    pub fn new(
        trades: Arc<dyn TableReader>,
        calendar: Arc<Calendar>,
        (start, end): (Session, Session),
        sids: impl IntoIterator<Item = Sid>,
    ) -> Result<Self, Error> {
        let timeline = Timeline::minutes(calendar, start, end)?;
        let mut sids: Vec<Sid> = sids.into_iter().collect();
        sids.sort_unstable();
        sids.dedup();
        let mut months: Vec<(Session, Session, Range<usize>)> = Vec::new();
        for &session in timeline.sessions() {
            let rows = timeline.rows_of_session(session).unwrap_or_default();
            match months.last_mut() {
                Some((first, last, held)) if month(*first) == month(session) => {
                    (*last, held.end) = (session, rows.end);
                }
                _ => months.push((session, session, rows)),
            }
        }
        let index = SidIndex::new(sids.iter().copied());
        let blocks = sids.iter().map(|_| months.iter().map(|_| Place::default()).collect());
        let blocks = blocks.collect();
        Ok(Self(Arc::new(Shared { trades, timeline, sids, index, months, blocks })))
    }
}

impl Shared {
    /// The block of a row, read where it was not yet.
    fn block(self: &Arc<Self>, sid: Sid, row: usize) -> Result<&Block, Error> {
        let unknown = || Error::UnknownSid { sid, largest: self.index.largest() };
        let slot = self.index.position(sid).ok_or_else(unknown)?;
        let at = self.months.partition_point(|(_, _, rows)| rows.end <= row);
        let Some(place) = self.place_of(slot, at) else {
            return Err(self.out_of_range(row..row + 1));
        };
        if let Some(block) = place.block.get() {
            if row >= place.nearly.load(Ordering::Relaxed) {
                self.read_ahead(slot, at);
            }
            return Ok(block);
        }
        let block = self.read_month(slot, at)?;
        let rows = self.months.get(at).map_or(0..0, |(_, _, rows)| rows.clone());
        let before = at.checked_sub(1).and_then(|before| self.place_of(slot, before));
        let walked = before.is_some_and(|place| place.block.get().is_some());
        // One question in the second half of a month is no walk yet.
        let later = row + WALK.min(rows.end.saturating_sub(row) / 2).max(1);
        let middle = usize::midpoint(rows.start, rows.end);
        let nearly = if walked { rows.start } else { middle.max(later) };
        place.nearly.store(nearly, Ordering::Relaxed);
        Ok(block)
    }

    fn place_of(&self, slot: usize, at: usize) -> Option<&Place> {
        self.blocks.get(slot)?.get(at)
    }

    /// The bars of a month; of several who want them, one reads them.
    fn read_month(&self, slot: usize, at: usize) -> Result<&Block, Error> {
        let (Some(place), Some((first, last, _)), Some(&sid)) =
            (self.place_of(slot, at), self.months.get(at), self.sids.get(slot))
        else {
            return Err(self.out_of_range(self.timeline.len()..self.timeline.len() + 1));
        };
        let _one_at_a_time = place.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(block) = place.block.get() {
            return Ok(block);
        }
        let calendar = self.timeline.calendar();
        let bars = self.read(sid, calendar.open(*first)?, calendar.close(*last)?)?;
        Ok(place.block.get_or_init(|| bars))
    }

    /// Has the next month read.
    #[cold]
    fn read_ahead(self: &Arc<Self>, slot: usize, at: usize) {
        if let Some(place) = self.place_of(slot, at) {
            place.nearly.store(usize::MAX, Ordering::Relaxed);
        }
        if self.place_of(slot, at + 1).is_none_or(|next| next.block.get().is_some()) {
            return;
        }
        let this = Arc::downgrade(self);
        prepare(move || {
            let Some(this) = this.upgrade() else { return };
            // Whoever comes there is told what is wrong; whoever does not need it loses nothing.
            if this.read_month(slot, at + 1).is_ok()
                && let Some(place) = this.place_of(slot, at + 1)
            {
                place.nearly.store(0, Ordering::Relaxed);
            }
        });
    }

    fn read(&self, sid: Sid, open: Timestamp, close: Timestamp) -> Result<Block, Error> {
        let query = TableQuery::new().sids(&[sid]).between(open, close);
        let rows = self.trades.scan(&query.columns(&["ts", "price", "size"]))?;
        let stamps = match rows.column("ts") {
            Some(TableValues::Nanos(stamps) | TableValues::Instant(stamps)) => stamps.as_slice(),
            _ => &[],
        };
        let (Some(prices), Some(sizes)) = (rows.column("price"), rows.column("size")) else {
            return Ok(Block::default());
        };
        let mut scales = (0, 0);
        let mut bars: Vec<Bar> = Vec::new();
        let mut last = None;
        for (at, stamp) in stamps.iter().enumerate() {
            let trade = prices.mantissa(at).zip(sizes.mantissa(at));
            let (Some(stamp), Some(((price, price_scale), (size, size_scale)))) = (stamp, trade)
            else {
                continue;
            };
            scales = (price_scale, size_scale);
            let minute = stamp.minutes();
            let row = match last {
                Some((known, row)) if known == minute => row,
                _ => self.timeline.row_of(Timestamp::from_minutes(minute)),
            };
            last = Some((minute, row));
            let Some(row) = row else { continue };
            match bars.last_mut() {
                Some(bar) if bar.row == row => bar.add(price, size),
                _ => bars.push(Bar { row, prices: [price; 4], volume: size, trades: 1 }),
            }
        }
        Block::new(&bars, scales)
    }

    #[cold]
    fn out_of_range(&self, rows: Range<usize>) -> Error {
        Error::OutOfRange {
            start: rows.start,
            end: rows.end,
            rows: self.timeline.len(),
            frequency: self.timeline.frequency(),
        }
    }

    fn place(&self, field: Field) -> Result<usize, Error> {
        let place = FIELDS.iter().position(|&known| known == field);
        place.ok_or_else(|| Error::NoField { field, frequency: self.timeline.frequency() })
    }
}

impl Bar {
    fn add(&mut self, price: i128, size: i128) {
        let [_, high, low, close] = &mut self.prices;
        (*high, *low, *close) = ((*high).max(price), (*low).min(price), price);
        self.volume = self.volume.saturating_add(size);
        self.trades += 1;
    }
}

impl Block {
    fn new(bars: &[Bar], (price, size): (u8, u8)) -> Result<Self, Error> {
        let (Some(first), Some(last)) = (bars.first(), bars.last()) else {
            return Ok(Self::default());
        };
        let mut block = Self { first: first.row, ..Self::default() };
        let rows = last.row + 1 - first.row;
        for (place, field) in FIELDS.into_iter().enumerate() {
            let mut values = vec![field.missing(); rows];
            let mut exact = ExactColumn::with_capacity(rows);
            for bar in bars {
                let (mantissa, scale) = match field {
                    Field::Volume => (bar.volume, size),
                    Field::Trades => (bar.trades, 0),
                    _ => (bar.prices.get(place).copied().unwrap_or_default(), price),
                };
                let too_long =
                    |reason| Error::BadDecimal { text: format!("{mantissa}e-{scale}"), reason };
                let value = Exact::new(mantissa, scale);
                let value = value.ok_or_else(|| too_long(DecimalFault::TooLong))?;
                while exact.len() < bar.row - first.row {
                    exact.push(None).map_err(too_long)?;
                }
                exact.push(Some(value)).map_err(too_long)?;
                if let Some(cell) = values.get_mut(bar.row - first.row) {
                    *cell = value.to_f64();
                }
            }
            if let (Some(to), Some(kept)) =
                (block.values.get_mut(place), block.exact.get_mut(place))
            {
                (*to, *kept) = (values, exact);
            }
        }
        Ok(block)
    }
}

impl BarReader for TradeBars {
    fn timeline(&self) -> &Timeline {
        &self.0.timeline
    }

    fn sids(&self) -> &[Sid] {
        &self.0.sids
    }

    fn fields(&self) -> &[Field] {
        &FIELDS
    }

    fn run(&self, field: Field, sid: Sid, row: usize) -> Result<Run<'_>, Error> {
        let place = self.0.place(field)?;
        let block = self.0.block(sid, row)?;
        let values = block.values.get(place).map_or(&[][..], Vec::as_slice);
        let run = Run { first: block.first, values };
        Ok(if run.get(row).is_some() { run } else { Run::empty(row) })
    }

    fn exact(&self, field: Field, sid: Sid, rows: Range<usize>) -> Result<ExactColumn, Error> {
        let place = self.0.place(field)?;
        if rows.start > rows.end || rows.end > self.0.timeline.len() {
            return Err(self.0.out_of_range(rows));
        }
        if self.0.index.position(sid).is_none() {
            return Err(Error::UnknownSid { sid, largest: self.0.index.largest() });
        }
        let mut column = ExactColumn::with_capacity(rows.len());
        for row in rows {
            let block = self.0.block(sid, row)?;
            let at = row.checked_sub(block.first);
            let value = at.and_then(|at| block.exact.get(place)?.get(at));
            column.push(value).map_err(|reason| Error::BadDecimal {
                text: value.map(|value| value.to_string()).unwrap_or_default(),
                reason,
            })?;
        }
        Ok(column)
    }
}

fn month(session: Session) -> (i32, u32) {
    use chrono::Datelike;
    let date = session.date();
    (date.year(), date.month())
}
