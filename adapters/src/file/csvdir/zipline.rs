//! zipline's way of telling what happened: columns `split` and `dividend` beside the bars.
//!
//! A split is the new units for one old, so 2.0 is two for one; 1.0 and 0.0 mean that there was
//! none. A dividend is cash for one unit; 0.0 means none. Both count from the day of their row on.

use rustybt_data::{Action, Exact, Reason};

use super::ratio;

/// What a split cell stands for, and what the user should know of how it was read.
///
/// # Errors
///
/// [`Reason::BadAction`] where it is below zero.
pub(super) fn split(written: Exact) -> Result<Option<(Action, Option<String>)>, Reason> {
    let value = written.normalized();
    if value.mantissa() == 0 || (value.mantissa(), value.scale()) == (1, 0) {
        return Ok(None);
    }
    let fraction = ratio::fraction(value).ok_or_else(|| Reason::BadAction {
        detail: format!("a split of {written} is not above zero"),
    })?;
    let (new, old) = (fraction.numerator, fraction.denominator);
    let note = format!("the split {written} is taken for {new} new for {old} old");
    Ok(Some((Action::Split { new, old }, fraction.recovered.then_some(note))))
}

/// What a dividend cell stands for.
///
/// # Errors
///
/// [`Reason::BadAction`] where it is below zero.
pub(super) fn dividend(amount: Exact) -> Result<Option<Action>, Reason> {
    if amount.mantissa() < 0 {
        return Err(Reason::BadAction { detail: format!("a dividend of {amount} is below zero") });
    }
    let dividend =
        Action::Dividend { amount, currency: None, declared: None, record: None, pay: None };
    Ok((amount.mantissa() != 0).then_some(dividend))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_new_for_one_old() {
        let read = |text: &str| {
            split(text.parse().unwrap())
                .map(|read| read.map(|(action, note)| (action, note.is_some())))
        };
        assert_eq!(read("2.0"), Ok(Some((Action::Split { new: 2, old: 1 }, false))));
        assert_eq!(read("1.5"), Ok(Some((Action::Split { new: 3, old: 2 }, false))));
        assert_eq!(read("0.0500001"), Ok(Some((Action::Split { new: 1, old: 20 }, true))));
        assert_eq!(read("1.000"), Ok(None));
        assert_eq!(read("0.0"), Ok(None));
        assert!(read("-2").is_err());
    }

    #[test]
    fn dividends_are_cash() {
        let read = |text: &str| dividend(text.parse().unwrap());
        assert!(matches!(read("0.47"), Ok(Some(Action::Dividend { .. }))));
        assert_eq!(read("0.00"), Ok(None));
        assert!(read("-0.1").is_err());
    }
}
