//! The life of one synthetic asset: a random walk with splits, dividends and quiet days.

use std::ops::Range;

use rustybt_calendars::{Calendar, Session, Side};

use super::random::Random;
use crate::{Action, Exact, ExactColumn, Field, RawBars, Stamps};

/// Kinds of splits, new units for old ones, and how often each is drawn.
const SPLITS: [(u64, u64, f64); 6] =
    [(2, 1, 0.55), (3, 1, 0.12), (3, 2, 0.12), (4, 1, 0.06), (1, 10, 0.10), (1, 5, 0.05)];

/// Sessions between two dividends.
const QUARTER: usize = 63;

/// The moves that all assets share, one a session.
pub(super) fn market(seed: u64, sessions: usize) -> Vec<f64> {
    let mut random = Random::new(seed, u64::MAX);
    (0..sessions).map(|_| 0.008 * random.normal()).collect()
}

/// The sessions in which an asset lives: most live through, some list late, some delist early.
pub(super) fn life(seed: u64, asset: usize, sessions: usize) -> Range<usize> {
    let mut random = Random::new(seed, asset as u64 * 4);
    let (kind, at) = (random.unit(), random.unit());
    let part = |low: f64, high: f64| (sessions as f64 * (low + (high - low) * at)) as usize;
    let (start, end) = match kind {
        kind if kind > 0.85 => (0, part(0.25, 0.95)),
        kind if kind > 0.60 => (part(0.05, 0.75), sessions),
        _ => (0, sessions),
    };
    start..end.max(start + 40).min(sessions)
}

/// The daily bars of an asset's life, and what happened to it.
pub(super) fn daily(
    seed: u64,
    asset: usize,
    sessions: &[Session],
    market: &[f64],
) -> (RawBars, Vec<(Session, Action)>) {
    let mut random = Random::new(seed, asset as u64 * 4 + 1);
    let rows = sessions.len();
    let volatility = random.between(0.008, 0.035);
    let drift = 0.0002 + 0.0002 * random.normal();
    let beta = random.between(0.3, 1.6);
    let scale: u8 = if random.chance(0.7) { 2 } else { 3 };
    let skew = random.unit();
    let mut price = 4.0 + 396.0 * skew * skew * skew;
    let skew = random.unit();
    let mut usual_volume = 2e4 + 5e6 * skew * skew * skew;
    let first_dividend = random.integer(5, QUARTER);
    let pays = asset.is_multiple_of(2) && rows > QUARTER + 7;
    let yields = random.between(0.001, 0.008);
    let is_quiet = asset % 16 == 5;

    let mut columns = Field::OHLCV.map(|_| Vec::with_capacity(rows));
    let mut events = Vec::new();
    let mut previous: Option<i64> = None;
    for (row, (&session, shared)) in sessions.iter().zip(market).enumerate() {
        let is_ex = |row: usize| {
            pays && row >= first_dividend && (row - first_dividend).is_multiple_of(QUARTER)
        };
        price *= 1.0 + drift + beta * shared + volatility * random.normal();
        let may_split = row > 10 && row + 5 < rows && !is_ex(row);
        if random.chance(0.10 / 252.0) && may_split {
            let (new, old) = pick_split(random.unit());
            price *= old as f64 / new as f64;
            usual_volume *= new as f64 / old as f64;
            events.push((session, Action::Split { new, old }));
        }
        price = price.clamp(0.05, 400_000.0);
        let open = (price * (1.0 + 0.5 * volatility * random.normal())).max(0.05);
        let high = open.max(price) * (1.0 + 0.5 * volatility * random.normal().abs());
        let low = open.min(price) * (1.0 - (0.5 * volatility * random.normal()).abs().min(0.5));
        let volume = (usual_volume * random.between(0.4, 2.2)).min(3.5e9) as i64 + 1;
        let [open, low, close] = [open, low, price].map(|value| mantissa(value, scale).max(1));
        let high = mantissa(high, scale).max(open).max(close);
        let low = low.min(open).min(close);

        if is_ex(row)
            && let Some(before) = previous
        {
            // At least a cent, and always less than the price before.
            let cents =
                (Exact::new(before.into(), scale).map_or(0.0, Exact::to_f64) * yields * 100.0)
                    .round();
            let amount = Exact::new((cents as i128).max(1), 2).unwrap_or(Exact::ZERO);
            let dividend = Action::Dividend {
                amount,
                currency: None,
                declared: None,
                record: None,
                pay: None,
            };
            events.push((session, dividend));
        }
        let at_an_end = row == 0 || row + 1 == rows;
        // No quiet day on an event, nor where a dividend needs the close before it.
        let is_busy = at_an_end
            || is_ex(row)
            || is_ex(row + 1)
            || events.last().is_some_and(|e| e.0 == session);
        let bar = if is_quiet && random.chance(0.03) && !is_busy {
            let missing = ExactColumn::MISSING;
            [missing, missing, missing, missing, 0]
        } else {
            previous = Some(close);
            [open, high, low, close, volume]
        };
        for (column, value) in columns.iter_mut().zip(bar) {
            column.push(value);
        }
    }
    (raw(Stamps::Sessions(sessions.to_vec()), columns, scale), events)
}

/// The minute bars of some sessions, each day ending at its daily close.
pub(super) fn minutes(
    seed: u64,
    asset: usize,
    calendar: &Calendar,
    daily: &RawBars,
    days: usize,
) -> RawBars {
    let mut random = Random::new(seed, asset as u64 * 4 + 2);
    let mut columns = Field::OHLCV.map(|_| Vec::new());
    let mut opens = Vec::new();
    let mut scale = 3;
    let closes = daily.column(Field::Close);
    if let (Stamps::Sessions(sessions), Some(closes)) = (&daily.stamps, closes) {
        scale = closes.scale();
        for (row, &session) in sessions.iter().enumerate().skip(sessions.len().saturating_sub(days))
        {
            let (Some(close), Ok(labels)) =
                (closes.get(row), calendar.session_minutes(session, Side::Left))
            else {
                continue;
            };
            let count = labels.len();
            let steps: Vec<f64> = (0..count).map(|_| 0.0006 * random.normal()).collect();
            let end: f64 = steps.iter().sum();
            let mut path = 0.0;
            for (at, (label, step)) in labels.zip(steps).enumerate() {
                path += step;
                let last = at + 1 == count;
                let price = close.to_f64() * (1.0 + if last { 0.0 } else { path - end });
                let open = price * (1.0 + 0.0003 * random.normal());
                let high = open.max(price) * (1.0 + 0.0003 * random.normal().abs());
                let low = open.min(price) * (1.0 - 0.0003 * random.normal().abs());
                let volume = random.integer(1, 20_000) as i64;
                if random.chance(0.02) && !last {
                    continue;
                }
                let [open, low, close] =
                    [open, low, price].map(|value| mantissa(value, scale).max(1));
                let high = mantissa(high, scale).max(open).max(close);
                let bar = [open, high, low.min(open).min(close), close, volume];
                for (column, value) in columns.iter_mut().zip(bar) {
                    column.push(value);
                }
                opens.push(label);
            }
        }
    }
    raw(Stamps::Instants(opens), columns, scale)
}

fn raw(stamps: Stamps, columns: [Vec<i64>; 5], scale: u8) -> RawBars {
    let columns = Field::OHLCV.into_iter().zip(columns).map(|(field, mantissas)| {
        let scale = if field.is_price() { scale } else { 0 };
        (field, ExactColumn::from_mantissas(scale, mantissas).unwrap_or_default())
    });
    RawBars { stamps, columns: columns.collect(), lines: Vec::new() }
}

fn pick_split(mut at: f64) -> (u64, u64) {
    for (new, old, share) in SPLITS {
        if at < share {
            return (new, old);
        }
        at -= share;
    }
    (2, 1)
}

fn mantissa(value: f64, scale: u8) -> i64 {
    (value * if scale == 2 { 100.0 } else { 1000.0 }).round() as i64
}
