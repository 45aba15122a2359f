//! An order book, put together from snapshots and changes.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rustybt_calendars::Timestamp;

use crate::{TableRows, TableValues};

/// An order book at an instant, the best level of each side first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// When it last changed.
    pub at: Timestamp,
    /// The number of that change, where the venue gives one.
    pub seq: Option<i64>,
    /// What is bid, the highest price first.
    pub bids: Vec<BookLevel>,
    /// What is asked, the lowest price first.
    pub asks: Vec<BookLevel>,
}

/// What is bid or asked at a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookLevel {
    /// The price.
    pub price: Decimal,
    /// How much of it, in units of the asset.
    pub size: Decimal,
}

/// A book that rows are replayed into, from the oldest to the newest.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    at: Option<Timestamp>,
    seq: Option<i64>,
    bids: BTreeMap<Decimal, Decimal>,
    asks: BTreeMap<Decimal, Decimal>,
    /// The instant of the snapshot that is being read, row by row.
    renewed: Option<Timestamp>,
}

impl Replay {
    /// When the book last changed.
    pub(crate) fn at(&self) -> Option<Timestamp> {
        self.at
    }

    /// Takes the last of some rows of `book_snap_N` for the book.
    pub(crate) fn begin(&mut self, rows: &TableRows) {
        let Some(row) = rows.rows.checked_sub(1) else { return };
        *self = Self { at: stamp(rows, row), seq: number(rows, row), ..Self::default() };
        for (side, levels) in [("bid", &mut self.bids), ("ask", &mut self.asks)] {
            for level in 0.. {
                let names = [format!("{side}_px_{level}"), format!("{side}_sz_{level}")];
                let [Some(price), Some(size)] = names.map(|name| rows.column(&name)) else { break };
                if let Some((price, size)) = decimal(price, row).zip(decimal(size, row)) {
                    levels.insert(price, size);
                }
            }
        }
    }

    /// The last row of some of `book_deltas` at which the book begins anew.
    pub(crate) fn begins_anew(rows: &TableRows) -> Option<usize> {
        let actions = texts(rows, "action");
        (0..rows.rows).rfind(|&row| matches!(actions(row), Some("snapshot" | "clear")))
    }

    /// Goes on with rows of `book_deltas`, those that come after what is known.
    pub(crate) fn go_on(&mut self, rows: &TableRows) {
        let (actions, sides) = (texts(rows, "action"), texts(rows, "side"));
        let (Some(prices), sizes) = (rows.column("price"), rows.column("size")) else { return };
        let began = (self.at, self.seq);
        for row in 0..rows.rows {
            let (at, seq) = (stamp(rows, row), number(rows, row));
            // What a snapshot holds already: by its number, or else up to its instant.
            let old = match (began.1, seq) {
                (Some(known), Some(seq)) => seq <= known,
                _ => began.0.is_some_and(|known| at <= Some(known)),
            };
            if old {
                continue;
            }
            let action = actions(row).unwrap_or("update");
            if action == "trade" {
                continue;
            }
            if action == "clear" || (action == "snapshot" && self.renewed != at) {
                (self.bids, self.asks) = (BTreeMap::new(), BTreeMap::new());
            }
            self.renewed = at.filter(|_| action == "snapshot");
            (self.at, self.seq) = (at, seq.or(self.seq));
            let levels = match sides(row) {
                Some("bid") => &mut self.bids,
                Some("ask") => &mut self.asks,
                _ => continue,
            };
            let Some(price) = decimal(prices, row).filter(|_| action != "clear") else { continue };
            let size = sizes.and_then(|sizes| decimal(sizes, row)).unwrap_or_default();
            if action == "delete" || size.is_zero() {
                levels.remove(&price);
            } else {
                levels.insert(price, size);
            }
        }
    }

    /// The book, at most so many levels of each side; `None` where nothing was replayed.
    pub(crate) fn book(&self, depth: usize) -> Option<Book> {
        let level = |(&price, &size): (&Decimal, &Decimal)| BookLevel { price, size };
        Some(Book {
            at: self.at?,
            seq: self.seq,
            bids: self.bids.iter().rev().take(depth).map(level).collect(),
            asks: self.asks.iter().take(depth).map(level).collect(),
        })
    }
}

fn stamp(rows: &TableRows, row: usize) -> Option<Timestamp> {
    match rows.column("ts")? {
        TableValues::Nanos(at) | TableValues::Instant(at) => *at.get(row)?,
        _ => None,
    }
}

fn number(rows: &TableRows, row: usize) -> Option<i64> {
    match rows.column("seq")? {
        TableValues::Int(numbers) => *numbers.get(row)?,
        _ => None,
    }
}

fn decimal(values: &TableValues, row: usize) -> Option<Decimal> {
    match values {
        TableValues::Decimal(values) => values.get(row).map(|value| value.normalize()),
        _ => None,
    }
}

fn texts<'r>(rows: &'r TableRows, name: &str) -> impl Fn(usize) -> Option<&'r str> {
    let column = match rows.column(name) {
        Some(TableValues::Text(texts)) => texts.as_slice(),
        _ => &[],
    };
    move |row| column.get(row)?.as_deref()
}
