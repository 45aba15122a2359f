//! Smaller bars to larger ones: the bar of an hour, a day or a week made of the bars within it.
//!
//! The open is the first price there is, the close the last, high and low the extremes, the
//! volume, the trades and the quote volume the sum, the vwap that of the smaller bars, weighted by
//! their volumes. A bar without a single price is missing: `NaN`, and volume `0.0`.

use std::ops::Range;

use crate::{BarReader, BarReaderExt, Error, Exact, ExactColumn, Field, Sid};

/// One field of the bar that some smaller bars make together; missing where all of them are.
///
/// A vwap takes their volumes as well, and is missing here: [`merged`] makes it.
///
/// ```
/// use rustybt_data::{Field, merge_bars};
///
/// let minutes = [f64::NAN, 10.0, 12.0, 11.0];
/// assert_eq!(merge_bars(Field::Open, &minutes), 10.0);
/// assert_eq!(merge_bars(Field::High, &minutes), 12.0);
/// assert_eq!(merge_bars(Field::Close, &minutes), 11.0);
/// assert_eq!(merge_bars(Field::Volume, &[100.0, 0.0, 50.0]), 150.0);
/// ```
pub fn merge_bars(field: Field, values: &[f64]) -> f64 {
    extend(field, field.missing(), values)
}

/// One field of an asset's bar over `rows` of a reader of smaller bars.
///
/// # Errors
///
/// As [`BarReader::run`].
pub fn merged(
    reader: &(impl BarReader + ?Sized),
    field: Field,
    sid: Sid,
    rows: Range<usize>,
) -> Result<f64, Error> {
    if field == Field::Vwap {
        return weighted(reader, sid, rows);
    }
    let mut so_far = field.missing();
    let mut row = rows.start;
    while row < rows.end {
        let run = reader.run(field, sid, row)?;
        let end = rows.end.min(run.first + run.values.len());
        match run.slice(row..end) {
            Some(values) if end > row => {
                so_far = extend(field, so_far, values);
                row = end;
            }
            _ => row += 1,
        }
    }
    Ok(so_far)
}

/// The vwap of the rows that have one and a volume.
fn weighted(
    reader: &(impl BarReader + ?Sized),
    sid: Sid,
    rows: Range<usize>,
) -> Result<f64, Error> {
    let (mut prices, mut volumes) = (vec![0.0; rows.len()], vec![0.0; rows.len()]);
    reader.copy(Field::Vwap, sid, rows.clone(), &mut prices)?;
    reader.copy(Field::Volume, sid, rows, &mut volumes)?;
    Ok(weigh(&prices, &volumes))
}

/// The mean of prices, weighted by volumes; `NaN` where nothing has both.
pub(crate) fn weigh(prices: &[f64], volumes: &[f64]) -> f64 {
    let (mut paid, mut units) = (0.0, 0.0);
    for (price, volume) in prices.iter().zip(volumes) {
        if !price.is_nan() && *volume > 0.0 {
            paid += price * volume;
            units += volume;
        }
    }
    if units > 0.0 { paid / units } else { f64::NAN }
}

/// The same from exact decimals.
///
/// # Errors
///
/// [`Error::NotExact`] for a vwap, which is a quotient;
/// [`Error::BadDecimal`] where the sum of volumes needs more than twenty-eight digits.
pub fn merge_exact(field: Field, values: &ExactColumn) -> Result<Option<Exact>, Error> {
    let mut present = (0..values.len()).filter_map(|row| values.mantissas().get(row));
    let merged = match field {
        Field::Open => present.next(),
        Field::High => present.max(),
        Field::Low => present.min(),
        Field::Close => present.next_back(),
        Field::Vwap => return Err(Error::NotExact { what: "a vwap of several bars".to_owned() }),
        Field::Trades | Field::QuoteVolume if present.clone().next().is_none() => None,
        Field::Volume | Field::Trades | Field::QuoteVolume => {
            // 10^38 of 28 digits each would overflow this sum.
            let total: i128 = present.sum();
            let scale = values.scale();
            return Exact::new(total, scale).map(Some).ok_or_else(|| Error::BadDecimal {
                text: format!("{total}e-{scale}"),
                reason: crate::DecimalFault::TooLong,
            });
        }
    };
    Ok(merged.and_then(|mantissa| Exact::new(mantissa, values.scale())))
}

/// Goes on with a bar by the smaller bars that follow.
fn extend(field: Field, so_far: f64, values: &[f64]) -> f64 {
    let there = |value: &&f64| !value.is_nan();
    match field {
        Field::Open if so_far.is_nan() => values.iter().find(there).copied().unwrap_or(so_far),
        // A vwap needs the volumes as well: see `weighted`.
        Field::Open | Field::Vwap => so_far,
        // `max` and `min` take the other number where one is `NaN`.
        Field::High => values.iter().copied().fold(so_far, f64::max),
        Field::Low => values.iter().copied().fold(so_far, f64::min),
        Field::Close => values.iter().rfind(there).copied().unwrap_or(so_far),
        Field::Volume => values.iter().fold(so_far, |sum, volume| sum + volume),
        Field::Trades | Field::QuoteVolume => {
            let sum = |sum: f64, value: &f64| if sum.is_nan() { *value } else { sum + value };
            values.iter().filter(there).fold(so_far, sum)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_minutes_do_not_count() {
        let nan = f64::NAN;
        let values = [nan, 2.0, nan, 3.0, 1.0, nan];
        let merged =
            [Field::Open, Field::High, Field::Low, Field::Close].map(|f| merge_bars(f, &values));
        assert_eq!(merged, [2.0, 3.0, 1.0, 1.0]);
        assert!(merge_bars(Field::Close, &[nan, nan]).is_nan());
        assert_eq!(merge_bars(Field::Volume, &[]), 0.0);
    }

    #[test]
    fn trades_are_summed_and_a_vwap_is_weighted() {
        let nan = f64::NAN;
        assert_eq!(merge_bars(Field::Trades, &[nan, 2.0, nan, 3.0]), 5.0);
        assert!(merge_bars(Field::QuoteVolume, &[nan, nan]).is_nan());
        let calendar = rustybt_calendars::calendar("XNYS").unwrap();
        let day = rustybt_calendars::Session::from_ymd(2020, 1, 2).unwrap();
        let timeline = crate::Timeline::daily(calendar, day, day.plus_days(8)).unwrap();
        let bars = crate::MemoryBars::builder(timeline)
            .series(
                Sid(0),
                0,
                &[(Field::Vwap, &[10.0, nan, 20.0, 7.0]), (Field::Volume, &[3.0, 5.0, 1.0, 0.0])],
            )
            .unwrap()
            .build();
        assert_eq!(merged(&bars, Field::Vwap, Sid(0), 0..4).unwrap(), 12.5);
        assert!(merged(&bars, Field::Vwap, Sid(0), 1..2).unwrap().is_nan());
        assert!(merged(&bars, Field::Trades, Sid(0), 0..4).is_err(), "no bar has any");
        let exact = ExactColumn::from_mantissas(0, vec![2, ExactColumn::MISSING, 3]).unwrap();
        let trades = merge_exact(Field::Trades, &exact).unwrap().unwrap();
        assert_eq!(trades.to_string(), "5");
        assert!(matches!(merge_exact(Field::Vwap, &exact), Err(Error::NotExact { .. })));
    }

    #[test]
    fn exact_is_the_same_bar() {
        let missing = ExactColumn::MISSING;
        let column = ExactColumn::from_mantissas(2, vec![missing, 200, 300, 150, missing]).unwrap();
        let exact = |field| merge_exact(field, &column).unwrap().map(|e| e.to_string());
        assert_eq!(exact(Field::Open).as_deref(), Some("2.00"));
        assert_eq!(exact(Field::High).as_deref(), Some("3.00"));
        assert_eq!(exact(Field::Low).as_deref(), Some("1.50"));
        assert_eq!(exact(Field::Close).as_deref(), Some("1.50"));
        assert_eq!(exact(Field::Volume).as_deref(), Some("6.50"));
        let nothing = ExactColumn::from_mantissas(2, vec![missing]).unwrap();
        assert_eq!(merge_exact(Field::Close, &nothing).unwrap(), None);
        let huge = ExactColumn::from_wide(0, vec![crate::MAX_MANTISSA; 20]).unwrap();
        assert!(matches!(merge_exact(Field::Volume, &huge), Err(Error::BadDecimal { .. })));
    }
}
