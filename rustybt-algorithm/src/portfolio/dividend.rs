//! Dividends between the day they are earned and the day they are paid.

use std::collections::BTreeMap;

use rustybt_calendars::Session;
use rustybt_data::Sid;

use super::Portfolio;

/// What a position has earned and not been paid yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Payable {
    /// Cash; negative for a position sold short, which owes it.
    Cash(f64),
    /// Units of an asset.
    Units(Sid, f64),
}

/// Everything earned and not paid, by the day it is due.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Payables {
    due: BTreeMap<Session, Vec<Payable>>,
}

impl Payables {
    /// Keeps what was earned until it is due.
    pub(crate) fn earn(&mut self, due: Session, payable: Payable) {
        self.due.entry(due).or_default().push(payable);
    }

    /// Pays all that is due on or before a session, and returns the cash that came in.
    ///
    /// A day without a session pays on the next one. `price` says what units received are worth.
    pub(crate) fn pay<E>(
        &mut self,
        session: Session,
        portfolio: &mut Portfolio,
        mut price: impl FnMut(Sid) -> Result<f64, E>,
    ) -> Result<f64, E> {
        let later = self.due.split_off(&session.plus_days(1));
        let mut cash = 0.0;
        for payable in std::mem::replace(&mut self.due, later).into_values().flatten() {
            match payable {
                Payable::Cash(amount) => {
                    portfolio.pay(amount);
                    cash += amount;
                }
                Payable::Units(sid, amount) => {
                    let price = price(sid)?;
                    portfolio.receive(sid, amount, if price.is_nan() { 0.0 } else { price });
                }
            }
        }
        Ok(cash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Session {
        text.parse().unwrap()
    }

    #[test]
    fn everything_due_by_a_day_is_paid_once() {
        let mut portfolio = Portfolio::new(0.0);
        let mut payables = Payables::default();
        payables.earn(day("2020-01-04"), Payable::Cash(12.5)); // a Saturday
        payables.earn(day("2020-01-06"), Payable::Units(Sid(9), 3.0));
        payables.earn(day("2020-01-07"), Payable::Cash(-1.0));
        let mut pay =
            |on: &str| payables.pay(day(on), &mut portfolio, |_| Ok::<_, ()>(2.0)).unwrap();
        assert_eq!(pay("2020-01-03"), 0.0);
        assert_eq!(pay("2020-01-06"), 12.5);
        assert_eq!(pay("2020-01-06"), 0.0);
        assert_eq!(pay("2020-01-07"), -1.0);
        assert_eq!((portfolio.cash(), portfolio.value()), (11.5, 17.5));
    }
}
