//! Corporate actions, from the table of each kind.

use rustybt_calendars::Timestamp;
use rustybt_data::{Action, Adjustment, Exact, Sid};

use super::assets::date;
use crate::decimals::Scales;
use crate::format::Column;
use crate::table::Dataset;

/// The events of one table; `None` where its columns are not that table's.
pub(crate) fn events(
    dataset: Dataset,
    scales: Scales,
    columns: &[Column],
) -> Option<Vec<Adjustment>> {
    let [sid, effective, known, rest @ ..] = columns else { return None };
    let exact = |column: &Column, row: usize| Exact::new(column.mantissa(row)?, scales.price.scale);
    (0..sid.len())
        .map(|row| {
            let action = match (dataset, rest) {
                (Dataset::Splits, [new, old]) => Action::Split {
                    new: u64::try_from(new.number(row)?).ok()?,
                    old: u64::try_from(old.number(row)?).ok()?,
                },
                (Dataset::Dividends, [amount, currency, declared, record, pay]) => {
                    Action::Dividend {
                        amount: exact(amount, row)?,
                        currency: currency.text(row).map(str::to_owned),
                        declared: date(declared, row),
                        record: date(record, row),
                        pay: date(pay, row),
                    }
                }
                (Dataset::Mergers, [ratio]) => Action::Merger { ratio: exact(ratio, row)? },
                (Dataset::StockDividends, [payment, ratio, pay]) => Action::StockDividend {
                    payment: Sid(u32::try_from(payment.number(row)?).ok()?),
                    ratio: exact(ratio, row)?,
                    pay: date(pay, row),
                },
                (Dataset::SpinOffs, [payment, ratio, factor, pay]) => Action::SpinOff {
                    payment: Sid(u32::try_from(payment.number(row)?).ok()?),
                    ratio: exact(ratio, row)?,
                    factor: factor.mantissa(row).and_then(|m| Exact::new(m, scales.size.scale)),
                    pay: date(pay, row),
                },
                (Dataset::Rights, [new, old, price]) => Action::Rights {
                    new: u64::try_from(new.number(row)?).ok()?,
                    old: u64::try_from(old.number(row)?).ok()?,
                    price: exact(price, row)?,
                },
                _ => return None,
            };
            Some(Adjustment {
                sid: Sid(u32::try_from(sid.number(row)?).ok()?),
                effective: date(effective, row)?,
                known: known.number(row).map(Timestamp::from_micros),
                action,
            })
        })
        .collect()
}
