//! Corporate actions, one table a kind.

use rustybt_data::{Action, Adjustment, Digits, Exact};

use super::{SmallTable, dates, numbers, texts};
use crate::Error;
use crate::catalog::micros_up;
use crate::decimals::{Decimals, Scales};
use crate::format::{Column, WIDE_MISSING};
use crate::table::Dataset;

/// The tables of events in the order of sid and effective date.
///
/// # Errors
///
/// [`Error::TooManyDigits`] where no scale holds all amounts of a table.
pub(crate) fn tables(events: &[Adjustment]) -> Result<Vec<SmallTable>, Error> {
    let of = |kind: &str| -> Vec<&Adjustment> {
        events.iter().filter(|event| event.action.kind() == kind).collect()
    };
    Ok(vec![
        splits(&of("split")),
        dividends(&of("dividend"))?,
        mergers(&of("merger"))?,
        stock_dividends(&of("stock dividend"))?,
        spin_offs(&of("spin-off"))?,
        rights(&of("rights"))?,
    ])
}

fn splits(events: &[&Adjustment]) -> SmallTable {
    let mut columns = subject(events);
    columns.extend(units(events));
    SmallTable { dataset: Dataset::Splits, scales: Scales::default(), columns }
}

fn rights(events: &[&Adjustment]) -> Result<SmallTable, Error> {
    let (scales, prices) = decimals(Dataset::Rights, events, |action| match action {
        Action::Rights { price, .. } => Some(*price),
        _ => None,
    })?;
    let mut columns = subject(events);
    columns.extend(units(events));
    columns.push(prices);
    Ok(SmallTable { dataset: Dataset::Rights, scales, columns })
}

/// The new units, and the old ones.
fn units(events: &[&Adjustment]) -> [Column; 2] {
    let units = |pick: fn(u64, u64) -> u64| {
        numbers(events.iter().map(|event| match event.action {
            Action::Split { new, old } | Action::Rights { new, old, .. } => {
                i64::try_from(pick(new, old)).ok()
            }
            _ => None,
        }))
    };
    [units(|new, _| new), units(|_, old| old)]
}

fn dividends(events: &[&Adjustment]) -> Result<SmallTable, Error> {
    let (scales, amounts) = decimals(Dataset::Dividends, events, |action| match action {
        Action::Dividend { amount, .. } => Some(*amount),
        _ => None,
    })?;
    let mut columns = subject(events);
    columns.push(amounts);
    columns.push(texts(events.iter().map(|event| match &event.action {
        Action::Dividend { currency: Some(currency), .. } => currency.as_str(),
        _ => "",
    })));
    for which in 0..3 {
        columns.push(dates(events.iter().map(|event| match &event.action {
            Action::Dividend { declared, record, pay, .. } => match which {
                0 => *declared,
                1 => *record,
                _ => *pay,
            },
            _ => None,
        })));
    }
    Ok(SmallTable { dataset: Dataset::Dividends, scales, columns })
}

fn mergers(events: &[&Adjustment]) -> Result<SmallTable, Error> {
    let (scales, ratios) = decimals(Dataset::Mergers, events, |action| match action {
        Action::Merger { ratio } => Some(*ratio),
        _ => None,
    })?;
    let mut columns = subject(events);
    columns.push(ratios);
    Ok(SmallTable { dataset: Dataset::Mergers, scales, columns })
}

fn stock_dividends(events: &[&Adjustment]) -> Result<SmallTable, Error> {
    let (scales, ratios) = decimals(Dataset::StockDividends, events, |action| match action {
        Action::StockDividend { ratio, .. } => Some(*ratio),
        _ => None,
    })?;
    let mut columns = subject(events);
    columns.push(numbers(events.iter().map(|event| match event.action {
        Action::StockDividend { payment, .. } => Some(payment.0.into()),
        _ => None,
    })));
    columns.push(ratios);
    columns.push(dates(events.iter().map(|event| match event.action {
        Action::StockDividend { pay, .. } => pay,
        _ => None,
    })));
    Ok(SmallTable { dataset: Dataset::StockDividends, scales, columns })
}

fn spin_offs(events: &[&Adjustment]) -> Result<SmallTable, Error> {
    let (ratio, ratios) = decimals(Dataset::SpinOffs, events, |action| match action {
        Action::SpinOff { ratio, .. } => Some(*ratio),
        _ => None,
    })?;
    let (factor, factors) = decimals(Dataset::SpinOffs, events, |action| match action {
        Action::SpinOff { factor, .. } => *factor,
        _ => None,
    })?;
    let mut columns = subject(events);
    columns.push(numbers(events.iter().map(|event| match event.action {
        Action::SpinOff { payment, .. } => Some(payment.0.into()),
        _ => None,
    })));
    columns.extend([ratios, factors]);
    columns.push(dates(events.iter().map(|event| match event.action {
        Action::SpinOff { pay, .. } => pay,
        _ => None,
    })));
    let scales = Scales { price: ratio.price, size: factor.price, ..Scales::default() };
    Ok(SmallTable { dataset: Dataset::SpinOffs, scales, columns })
}

/// What every event has: whose, from when, and when it was known.
fn subject(events: &[&Adjustment]) -> Vec<Column> {
    vec![
        numbers(events.iter().map(|event| Some(event.sid.0.into()))),
        dates(events.iter().map(|event| Some(event.effective))),
        numbers(events.iter().map(|event| event.known.map(micros_up))),
    ]
}

/// A column of decimals of the smallest type that holds them all.
fn decimals(
    dataset: Dataset,
    events: &[&Adjustment],
    value: impl Fn(&Action) -> Option<Exact>,
) -> Result<(Scales, Column), Error> {
    let values: Vec<Option<Exact>> = events.iter().map(|event| value(&event.action)).collect();
    let present = values.iter().flatten();
    let digits = present.fold(Digits::default(), |all, value| all.max(value.digits()));
    // Where no type holds them all, the widest one refuses one of them.
    let widest = Decimals { scale: digits.scale, wide: true };
    let price = Decimals::holding(digits).unwrap_or(widest);
    let mut mantissas = Vec::with_capacity(values.len());
    for (value, event) in values.into_iter().zip(events) {
        let mantissa = value.map(|value| {
            value.mantissa_at(price.scale).ok_or_else(|| Error::TooManyDigits {
                table: dataset.name().to_owned(),
                symbol: format!("sid {}", event.sid),
                column: match dataset {
                    Dataset::Dividends => "amount",
                    Dataset::Rights => "price",
                    _ => "ratio",
                },
                scale: price.scale,
            })
        });
        mantissas.push(mantissa.transpose()?);
    }
    let scales = Scales { price, ..Scales::default() };
    let column = if price.wide {
        Column::Wide(mantissas.into_iter().map(|m| m.unwrap_or(WIDE_MISSING)).collect())
    } else {
        numbers(mantissas.into_iter().map(|m| m.and_then(|m| i64::try_from(m).ok())))
    };
    Ok((scales, column))
}
