//! The cells of one bar, and moving bars about.

use crate::{AssetClass, Exact, ExactColumn, Field, RawBars, Reason, Stamps};

const MISSING: i64 = ExactColumn::MISSING;
const PRICES: [Field; 4] = [Field::Open, Field::High, Field::Low, Field::Close];

/// The columns of some bars, ready to be compared.
pub(super) struct Rows<'a> {
    /// Open, high, low, close.
    prices: [&'a [i64]; 4],
    scales: [u8; 4],
    /// What brings each price to the largest scale; `None` where all have the same.
    powers: Option<[i128; 4]>,
    volume: &'a [i64],
    volume_scale: u8,
    positive: bool,
}

impl<'a> Rows<'a> {
    pub(super) fn new(bars: &'a RawBars, class: AssetClass) -> Self {
        let column =
            |field| bars.column(field).map_or((&[][..], 0), |c| (c.mantissas(), c.scale()));
        let columns = PRICES.map(column);
        let scales = columns.map(|(_, scale)| scale);
        let largest = scales.into_iter().max().unwrap_or(0);
        let same = scales.iter().all(|&scale| scale == largest);
        let (volume, volume_scale) = column(Field::Volume);
        Self {
            prices: columns.map(|(values, _)| values),
            scales,
            powers: (!same).then(|| scales.map(|scale| 10_i128.pow(u32::from(largest - scale)))),
            volume,
            volume_scale,
            positive: class == AssetClass::Equity,
        }
    }

    /// Whether a bar is one without trades, or what is wrong with it.
    #[inline]
    pub(super) fn check(&self, row: usize) -> Result<bool, Box<Reason>> {
        let cell = |column: &[i64]| column.get(row).copied().unwrap_or(MISSING);
        let prices = self.prices.map(cell);
        let [open, high, low, close] = prices;
        let volume = cell(self.volume);
        // A missing cell is the least of all numbers.
        let least = open.min(high).min(low).min(close);
        if least == MISSING {
            return self.incomplete(prices, volume);
        }
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
        if above && below && volume >= 0 && (least > 0 || !self.positive) {
            return Ok(false);
        }
        Err(Box::new(self.fault(prices, volume)))
    }

    #[cold]
    fn incomplete(&self, prices: [i64; 4], volume: i64) -> Result<bool, Box<Reason>> {
        let gap = PRICES.iter().zip(prices).find(|(_, price)| *price == MISSING);
        if prices.iter().any(|&price| price != MISSING) {
            let column = gap.map_or("price", |(field, _)| field.name());
            return Err(Box::new(Reason::PartlyMissing { column }));
        }
        match volume {
            0 | MISSING => Ok(true),
            _ => Err(Box::new(Reason::VolumeWithoutPrice {
                value: number(volume, self.volume_scale),
            })),
        }
    }

    /// What is wrong with a bar that has its four prices.
    #[cold]
    fn fault(&self, prices: [i64; 4], volume: i64) -> Reason {
        let named = || PRICES.iter().zip(prices).zip(self.scales);
        let exact = |mantissa, scale| Exact::new(mantissa, scale).unwrap_or(Exact::ZERO);
        if self.positive
            && let Some(((field, price), scale)) = named().find(|((_, price), _)| *price <= 0)
        {
            let value = number(price, scale);
            return Reason::NotPositive { column: field.name(), value };
        }
        let [_, high, low, _] = prices;
        let [_, high_scale, low_scale, _] = self.scales;
        let compare = |a: Exact, b: Exact| {
            let scale = a.scale().max(b.scale());
            let at =
                |e: Exact| i128::from(e.mantissa()) * 10_i128.pow(u32::from(scale - e.scale()));
            at(a).cmp(&at(b))
        };
        let beyond = |bound: Exact, order| {
            named()
                .map(|((field, price), scale)| (field.name(), exact(price, scale)))
                .find(|(_, price)| compare(bound, *price) == order)
        };
        if let Some((other, value)) = beyond(exact(high, high_scale), std::cmp::Ordering::Less) {
            let (high, value) = (number(high, high_scale), value.to_string());
            return Reason::HighTooLow { high, other, value };
        }
        if let Some((other, value)) = beyond(exact(low, low_scale), std::cmp::Ordering::Greater) {
            let (low, value) = (number(low, low_scale), value.to_string());
            return Reason::LowTooHigh { low, other, value };
        }
        if volume == MISSING {
            Reason::PartlyMissing { column: Field::Volume.name() }
        } else {
            Reason::NegativeVolume { value: number(volume, self.volume_scale) }
        }
    }
}

fn number(mantissa: i64, scale: u8) -> String {
    Exact::new(mantissa, scale).map(|exact| exact.to_string()).unwrap_or_default()
}

/// Brings bars into the order of their stamps, and their columns to one length.
pub(super) fn reorder(bars: &mut RawBars) {
    let rows = bars.len();
    for (_, column) in &mut bars.columns {
        if column.len() != rows {
            column.mantissas_mut().resize(rows, MISSING);
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
        permute(column.mantissas_mut(), &order);
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
