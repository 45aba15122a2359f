//! The cells of one bar, and moving bars about.

use crate::{AssetClass, Exact, ExactColumn, Field, RawBars, Reason, Stamps};

const MISSING: i64 = ExactColumn::MISSING;
const PRICES: [Field; 4] = [Field::Open, Field::High, Field::Low, Field::Close];

/// The columns of some bars, ready to be compared.
pub(super) struct Rows<'a> {
    bars: &'a RawBars,
    /// The columns' mantissas, where none of them is wide.
    narrow: Option<Narrow<'a>>,
    /// The numbers of trades, where one of them is none.
    trades: Option<&'a ExactColumn>,
    positive: bool,
}

/// What nearly all bars are: prices and volumes of eighteen digits.
struct Narrow<'a> {
    /// Open, high, low, close.
    prices: [&'a [i64]; 4],
    /// What brings each price to the largest scale; `None` where all have the same.
    powers: Option<[i128; 4]>,
    volume: &'a [i64],
}

impl<'a> Narrow<'a> {
    fn new(bars: &'a RawBars) -> Option<Self> {
        let column = |field| match bars.column(field) {
            Some(column) => Some((column.narrow()?, column.scale())),
            None => Some((&[][..], 0)),
        };
        let [open, high, low, close] = PRICES.map(column);
        let columns = [open?, high?, low?, close?];
        let scales = columns.map(|(_, scale)| scale);
        let largest = scales.into_iter().max().unwrap_or(0);
        let same = scales.iter().all(|&scale| scale == largest);
        let (volume, _) = column(Field::Volume)?;
        Some(Self {
            prices: columns.map(|(values, _)| values),
            powers: (!same).then(|| scales.map(|scale| 10_i128.pow(u32::from(largest - scale)))),
            volume,
        })
    }

    /// Whether nothing is missing or wrong in a bar.
    #[inline]
    fn is_good(&self, row: usize, positive: bool) -> bool {
        let cell = |column: &[i64]| column.get(row).copied().unwrap_or(MISSING);
        let [open, high, low, close] = self.prices.map(cell);
        // A missing cell is the least of all numbers.
        let least = open.min(high).min(low).min(close);
        let (above, below) = match self.powers {
            None => (high >= open.max(low).max(close), low <= open.min(close)),
            Some(powers) => {
                let at =
                    |i: usize, value: i64| i128::from(value) * powers.get(i).copied().unwrap_or(1);
                let (open, high) = (at(0, open), at(1, high));
                let (low, close) = (at(2, low), at(3, close));
                (high >= open.max(low).max(close), low <= open.min(close))
            }
        };
        let there = least != MISSING && (least > 0 || !positive);
        above && below && there && cell(self.volume) >= 0
    }
}

impl<'a> Rows<'a> {
    pub(super) fn new(bars: &'a RawBars, class: AssetClass) -> Self {
        let trades = bars
            .column(Field::Trades)
            .filter(|column| !(0..column.len()).all(|row| column.get(row).is_none_or(is_count)));
        Self { bars, narrow: Narrow::new(bars), trades, positive: class == AssetClass::Equity }
    }

    /// Whether a bar is one without trades, or what is wrong with it.
    #[inline]
    pub(super) fn check(&self, row: usize) -> Result<bool, Box<Reason>> {
        match &self.narrow {
            Some(narrow) if self.trades.is_none() && narrow.is_good(row, self.positive) => {
                Ok(false)
            }
            _ => self.check_patiently(row),
        }
    }

    /// The same for numbers of any size, and with words for what is wrong.
    #[cold]
    fn check_patiently(&self, row: usize) -> Result<bool, Box<Reason>> {
        let cell = |field| self.bars.column(field).and_then(|column| column.get(row));
        let prices = PRICES.map(|field| (field, cell(field)));
        let volume = cell(Field::Volume);
        if let Some(trades) = cell(Field::Trades).filter(|&trades| !is_count(trades)) {
            let (column, text) = (Field::Trades.name().to_owned(), trades.to_string());
            return Err(Box::new(Reason::BadCell { column, text, expected: "number of trades" }));
        }
        let fault = match prices {
            [(_, Some(open)), (_, Some(high)), (_, Some(low)), (_, Some(close))] => {
                self.fault([open, high, low, close], volume)
            }
            _ => match prices.iter().find(|(_, price)| price.is_none()) {
                Some((gap, _)) if prices.iter().any(|(_, price)| price.is_some()) => {
                    Some(Reason::PartlyMissing { column: gap.name() })
                }
                _ => match volume.filter(|volume| volume.mantissa() != 0) {
                    None => return Ok(true),
                    Some(volume) => Some(Reason::VolumeWithoutPrice { value: volume.to_string() }),
                },
            },
        };
        fault.map_or(Ok(false), |reason| Err(Box::new(reason)))
    }

    /// What is wrong with a bar that has its four prices.
    fn fault(&self, prices: [Exact; 4], volume: Option<Exact>) -> Option<Reason> {
        let named = || PRICES.iter().map(|field| field.name()).zip(prices);
        if self.positive
            && let Some((column, price)) = named().find(|(_, price)| price.mantissa() <= 0)
        {
            return Some(Reason::NotPositive { column, value: price.to_string() });
        }
        let [_, high, low, _] = prices;
        if let Some((other, value)) = named().find(|(_, price)| high.compare(*price).is_lt()) {
            let (high, value) = (high.to_string(), value.to_string());
            return Some(Reason::HighTooLow { high, other, value });
        }
        if let Some((other, value)) = named().find(|(_, price)| low.compare(*price).is_gt()) {
            let (low, value) = (low.to_string(), value.to_string());
            return Some(Reason::LowTooHigh { low, other, value });
        }
        match volume {
            None => Some(Reason::PartlyMissing { column: Field::Volume.name() }),
            Some(volume) if volume.mantissa() < 0 => {
                Some(Reason::NegativeVolume { value: volume.to_string() })
            }
            Some(_) => None,
        }
    }
}

/// Whether it is a number of things.
fn is_count(value: Exact) -> bool {
    value.normalized().scale() == 0 && value.mantissa() >= 0 && !value.digits().is_wide()
}

/// Brings bars into the order of their stamps, and their columns to one length.
pub(super) fn reorder(bars: &mut RawBars) {
    let rows = bars.len();
    for (_, column) in &mut bars.columns {
        if column.len() != rows {
            column.mantissas_mut().resize(rows);
        }
    }
    let order = match &bars.stamps {
        Stamps::Sessions(sessions) => order_of(sessions),
        Stamps::Instants(instants) => order_of(instants),
    };
    let Some(order) = order else { return };
    match &mut bars.stamps {
        Stamps::Sessions(sessions) => permute(sessions, &order),
        Stamps::Instants(instants) => permute(instants, &order),
    }
    for (_, column) in &mut bars.columns {
        *column = column.pick(&order);
    }
    permute(&mut bars.lines, &order);
}

/// The rows in the order of their stamps, equal ones as they came; `None` where they are in order.
fn order_of<T: Copy + Ord>(stamps: &[T]) -> Option<Vec<usize>> {
    if stamps.is_sorted() {
        return None;
    }
    let mut order: Vec<usize> = (0..stamps.len()).collect();
    order.sort_by_key(|&row| stamps.get(row).copied());
    Some(order)
}

fn permute<T: Copy>(values: &mut Vec<T>, order: &[usize]) {
    *values = order.iter().filter_map(|&row| values.get(row).copied()).collect();
}

/// A bar as text: its stamp and its cells, with commas.
pub(super) fn text(bars: &RawBars, row: usize) -> String {
    let mut text = bars.stamps.text(row);
    for (_, column) in &bars.columns {
        text.push(',');
        text.push_str(&column.get(row).map(|cell| cell.to_string()).unwrap_or_default());
    }
    text
}
