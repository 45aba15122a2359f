//! A small made-up market with everything that makes prices hard: splits, dividends, late listings,
//! delistings, missing bars, and an event that became known late.

use std::sync::Arc;

use rustybt_calendars::{Calendar, Session, calendar};
use rustybt_data::{
    Action, Adjustment, AdjustmentReader, AdjustmentTable, Asset, AssetFinder, AssetTable,
    BarReader, Exact, Field, MemoryBars, Sid, Timeline,
};

/// The market as plain tables, to cut and to permute before it is served.
#[derive(Debug, Clone)]
pub(crate) struct Market {
    pub(crate) calendar: Arc<Calendar>,
    /// Position of the first session among the calendar's.
    pub(crate) first: usize,
    pub(crate) sessions: usize,
    pub(crate) stocks: Vec<Stock>,
}

/// One asset: its rows are counted from the market's first session.
#[derive(Debug, Clone)]
pub(crate) struct Stock {
    pub(crate) sid: Sid,
    pub(crate) symbol: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Open, high, low, close, volume of each row from `start` to `end`.
    pub(crate) bars: Vec<[f64; 5]>,
    pub(crate) events: Vec<Adjustment>,
}

/// What an `EquityLoader` is made of.
pub(crate) type Parts =
    (Arc<Calendar>, Arc<dyn AssetFinder>, Arc<dyn AdjustmentReader>, Arc<dyn BarReader>);

impl Market {
    /// Twelve assets, two hundred sessions.
    pub(crate) fn small() -> Self {
        Self::new(12, 200)
    }

    /// A market of that size, always the same.
    pub(crate) fn new(assets: u32, sessions: usize) -> Self {
        let calendar = calendar("XNYS").expect("the calendar ships with the crate");
        let first = calendar
            .index_at_or_after(Session::from_ymd(2010, 3, 1).expect("a date"))
            .expect("a session");
        let mut market = Self { calendar, first, sessions, stocks: Vec::new() };
        market.stocks = (0..assets).map(|n| market.stock(n)).collect();
        market
    }

    /// The session of a row.
    pub(crate) fn session(&self, row: usize) -> Session {
        self.calendar.session_at(self.first + row).expect("a session")
    }

    fn stock(&self, n: u32) -> Stock {
        let sid = Sid(3 * n + 1);
        let mut random = Random(u64::from(n) * 7919 + 17);
        let last = self.sessions - 1;
        let (start, end) = match n % 5 {
            1 => (self.sessions / 3, last),
            2 => (0, self.sessions * 2 / 3),
            3 => (self.sessions / 4, self.sessions * 4 / 5),
            _ => (0, last),
        };
        let mut close = 20.0 + f64::from(n) * 9.0;
        let mut bars = Vec::new();
        for row in start..=end {
            close *= 1.0 + (random.unit() - 0.499) * 0.05;
            // Now and then nothing trades, and some prices stay for days.
            if n != 0 && random.unit() < 0.03 {
                bars.push([f64::NAN, f64::NAN, f64::NAN, f64::NAN, 0.0]);
                continue;
            }
            let price = |x: f64| (x * 100.0).round() / 100.0;
            let shown = if n % 4 == 3 && row % 7 < 4 { 15.25 } else { price(close) };
            let (high, low) = (price(shown * 1.01), price(shown * 0.99));
            bars.push([
                price(shown * 1.001),
                high,
                low,
                shown,
                (1000.0 * random.unit()).round() * 100.0,
            ]);
        }
        let mut events = Vec::new();
        let mut event = |row: usize, known: Option<usize>, action: Action| {
            if start < row && row <= end {
                let known = known.map(|row| {
                    self.calendar.open(self.session(row)).expect("a session").plus_minutes(1)
                });
                events.push(Adjustment { sid, effective: self.session(row), known, action });
            }
        };
        let third = self.sessions / 3;
        if n.is_multiple_of(2) {
            event(third + 5, None, Action::Split { new: 7, old: 1 });
            event(third * 2, None, Action::Split { new: 1, old: 3 });
            event(third * 2, None, dividend("0.11"));
        }
        if n.is_multiple_of(3) {
            (9..self.sessions).step_by(21).for_each(|row| event(row, None, dividend("0.25")));
        }
        if n == 4 {
            // Took effect one day and was told nine sessions later.
            event(
                third + 30,
                Some(third + 39),
                Action::Merger { ratio: "0.8".parse().expect("a number") },
            );
        }
        events.sort_by_key(|event| event.effective);
        Stock { sid, symbol: format!("S{n}"), start, end, bars, events }
    }

    /// The market as it was known when `rows` sessions had passed: bars, events and lives cut there.
    pub(crate) fn cut(&self, rows: usize) -> Self {
        let mut cut = self.clone();
        cut.stocks.retain(|stock| stock.start < rows);
        for stock in &mut cut.stocks {
            stock.bars.truncate(rows - stock.start);
            let last = self.session(rows);
            stock.events.retain(|event| event.effective <= last);
        }
        cut
    }

    /// The parts of an `EquityLoader`.
    pub(crate) fn parts(&self) -> Parts {
        let timeline = Timeline::daily(
            Arc::clone(&self.calendar),
            self.session(0),
            self.session(self.sessions - 1),
        )
        .expect("sessions");
        let mut bars = MemoryBars::builder(timeline);
        let mut assets = Vec::new();
        let mut events = Vec::new();
        for stock in &self.stocks {
            let column = |i: usize| stock.bars.iter().map(|bar| bar[i]).collect::<Vec<f64>>();
            let columns: Vec<Vec<f64>> = (0..5).map(column).collect();
            let named: Vec<(Field, &[f64])> =
                Field::OHLCV.into_iter().zip(columns.iter().map(Vec::as_slice)).collect();
            bars = bars.series(stock.sid, stock.start, &named).expect("columns of one length");
            let (start, end) = (self.session(stock.start), self.session(stock.end));
            assets.push(Asset::equity(stock.sid, stock.symbol.clone(), start, end));
            events.extend(stock.events.iter().cloned());
        }
        (
            Arc::clone(&self.calendar),
            Arc::new(AssetTable::new(assets)),
            Arc::new(AdjustmentTable::new(events)),
            Arc::new(bars.build()),
        )
    }
}

fn dividend(amount: &str) -> Action {
    let amount: Exact = amount.parse().expect("a number");
    Action::Dividend { amount, currency: None, declared: None, record: None, pay: None }
}

/// A generator of numbers that look random: `SplitMix64`.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
