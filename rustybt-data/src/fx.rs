//! Exchange rates as of a date.

use std::collections::{BTreeMap, BTreeSet};

use ndarray::Array2;
use rustybt_calendars::Session;

use crate::{Error, TableRows, TableValues};

/// What one unit of a currency cost in another on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct FxRate {
    /// The day.
    pub date: Session,
    /// The currency that is bought, such as `EUR`.
    pub base: String,
    /// The currency it is paid in, such as `USD`.
    pub quote: String,
    /// The rate's name, such as `mid`.
    pub rate: String,
    /// Units of the quote currency for one of the base; `NaN` where there is no rate that day.
    pub value: f64,
}

/// Exchange rates, by name, pair and date.
///
/// A rate is the last one that is told at or before a date; where that is `NaN`, none is known until
/// the next. A pair that is not quoted is the
/// inverse of one that is, or goes by way of a third currency: by the US dollar where that does, else
/// by the first in the alphabet.
///
/// ```
/// use rustybt_data::{FxRate, FxRates};
///
/// let rate = |date: &str, base: &str, value| {
///     Ok::<_, rustybt_calendars::Error>(FxRate {
///         date: date.parse()?,
///         base: base.to_owned(),
///         quote: "USD".to_owned(),
///         rate: "mid".to_owned(),
///         value,
///     })
/// };
/// let rates =
///     FxRates::new([rate("2020-01-02", "EUR", 1.125)?, rate("2020-01-03", "GBP", 1.5)?]);
/// let on = |base, quote, day: &str| Ok(rates.named("mid")?.on(base, quote, day.parse()?));
/// # let on = |base, quote, day| -> Result<f64, Box<dyn std::error::Error>> { on(base, quote, day) };
/// assert_eq!(on("EUR", "USD", "2020-01-06")?, 1.125);
/// assert_eq!(on("USD", "GBP", "2020-01-06")?, 1.0 / 1.5);
/// assert_eq!(on("EUR", "GBP", "2020-01-06")?, 0.75);
/// assert!(on("EUR", "GBP", "2020-01-02")?.is_nan()); // the pound has no rate yet
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct FxRates {
    by_name: BTreeMap<String, FxTable>,
}

/// The rates of one name.
#[derive(Debug, Clone, Default)]
pub struct FxTable {
    /// Dates and values of each base and quote, ascending by date.
    pairs: BTreeMap<String, BTreeMap<String, Vec<(Session, f64)>>>,
    currencies: BTreeSet<String>,
    /// A rate of so many days ago is too old.
    most_days: Option<u32>,
}

/// By which currency one goes where there are several.
const FAVOURITE: &str = "USD";

impl FxRates {
    /// These rates, in any order; where one comes twice, the later one counts.
    pub fn new(rates: impl IntoIterator<Item = FxRate>) -> Self {
        let mut by_name: BTreeMap<String, FxTable> = BTreeMap::new();
        for FxRate { date, base, quote, rate, value } in rates {
            let table = by_name.entry(rate).or_default();
            table.currencies.extend([base.clone(), quote.clone()]);
            table.pairs.entry(base).or_default().entry(quote).or_default().push((date, value));
        }
        let tables = by_name.values_mut().flat_map(|table| table.pairs.values_mut());
        for dated in tables.flat_map(BTreeMap::values_mut) {
            dated.sort_by_key(|(date, _)| *date);
            // Of several on one date the last one stays.
            dated.reverse();
            dated.dedup_by_key(|(date, _)| *date);
            dated.reverse();
        }
        Self { by_name }
    }

    /// The rates of a table with the schema of `fx_rates`.
    pub fn from_rows(rows: &TableRows) -> Self {
        let dates = match rows.column("date") {
            Some(TableValues::Date(dates)) => dates.as_slice(),
            _ => &[],
        };
        let text = |name: &str, row: usize| {
            rows.column(name).map(|values| values.text(row)).unwrap_or_default()
        };
        Self::new(dates.iter().enumerate().filter_map(|(row, date)| {
            Some(FxRate {
                date: (*date)?,
                base: text("base", row),
                quote: text("quote", row),
                rate: text("rate", row),
                value: match text("value", row).as_str() {
                    "" => f64::NAN,
                    value => value.parse().ok()?,
                },
            })
        }))
    }

    /// The same rates, of which one that is more than so many days old is none.
    #[must_use]
    pub fn at_most_days_old(mut self, days: u32) -> Self {
        for table in self.by_name.values_mut() {
            table.most_days = Some(days);
        }
        self
    }

    /// The names of rates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// The rates of one name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRate`].
    pub fn named(&self, name: &str) -> Result<&FxTable, Error> {
        self.by_name.get(name).ok_or_else(|| Error::UnknownRate {
            rate: name.to_owned(),
            known: self.names().map(str::to_owned).collect(),
        })
    }

    /// The rates to convert prices with: those called `mid`, else the first in the alphabet.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRate`] where there are none at all.
    pub fn usual(&self) -> Result<&FxTable, Error> {
        match self.by_name.get("mid").or_else(|| self.by_name.values().next()) {
            Some(table) => Ok(table),
            None => self.named("mid"),
        }
    }
}

impl FxTable {
    /// The units of `quote` for one of `base` on a day; `NaN` where no rate is known, or only one
    /// that is too old. A currency costs 1 in itself, where the table does not quote that too: then
    /// nothing is known before its first date, as of any pair.
    pub fn on(&self, base: &str, quote: &str, date: Session) -> f64 {
        if base == quote {
            let told = self.pairs.get(base).is_some_and(|quotes| quotes.contains_key(quote));
            return if told {
                self.known(base, quote, date).map_or(f64::NAN, |(_, v)| v)
            } else {
                1.0
            };
        }
        if let Some(rate) = self.either_way(base, quote, date) {
            return rate;
        }
        let others = self.currencies.iter().map(String::as_str);
        let by = std::iter::once(FAVOURITE).chain(others);
        let crossed = by.filter(|by| *by != base && *by != quote).find_map(|by| {
            let first = self.either_way(base, by, date)?;
            Some(first * self.either_way(by, quote, date)?)
        });
        crossed.unwrap_or(f64::NAN)
    }

    /// The same for many: one row a date, one column a base currency.
    pub fn on_all(&self, bases: &[&str], quote: &str, dates: &[Session]) -> Array2<f64> {
        Array2::from_shape_fn((dates.len(), bases.len()), |(row, column)| {
            match (dates.get(row), bases.get(column)) {
                (Some(&date), Some(base)) => self.on(base, quote, date),
                _ => f64::NAN,
            }
        })
    }

    /// Every currency there is.
    pub fn currencies(&self) -> impl Iterator<Item = &str> {
        self.currencies.iter().map(String::as_str)
    }

    /// A quoted rate, or the inverse of one: the younger of them.
    fn either_way(&self, base: &str, quote: &str, date: Session) -> Option<f64> {
        let direct = self.known(base, quote, date);
        let inverse = self.known(quote, base, date).map(|(on, value)| (on, 1.0 / value));
        match (direct, inverse) {
            (Some((on, _)), Some((other, value))) if other > on => Some(value),
            (Some((_, value)), _) | (None, Some((_, value))) => Some(value),
            (None, None) => None,
        }
    }

    /// The last rate of a pair at or before a date.
    fn known(&self, base: &str, quote: &str, date: Session) -> Option<(Session, f64)> {
        let dated = self.pairs.get(base)?.get(quote)?;
        let past = dated.partition_point(|(on, _)| *on <= date);
        let (on, value) = *dated.get(past.checked_sub(1)?)?;
        let age = i64::from(date.days()) - i64::from(on.days());
        let is_young = self.most_days.is_none_or(|most| age <= i64::from(most));
        is_young.then_some((on, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Session {
        text.parse().unwrap()
    }

    fn rates(lines: &str) -> FxRates {
        FxRates::new(lines.lines().map(|line| {
            let cells: Vec<&str> = line.split(' ').collect();
            FxRate {
                date: day(cells[0]),
                base: cells[1].to_owned(),
                quote: cells[2].to_owned(),
                rate: cells[3].to_owned(),
                value: cells[4].parse().unwrap(),
            }
        }))
    }

    #[test]
    fn the_last_rate_at_or_before_a_date_counts() {
        let rates = rates(
            "2020-01-06 EUR USD mid 1.25\n2020-01-02 EUR USD mid 1.125\n\
            2020-01-06 EUR USD mid 1.5\n2020-01-02 EUR USD bid 1",
        );
        let on = |date| rates.named("mid").unwrap().on("EUR", "USD", day(date));
        assert!(on("2020-01-01").is_nan());
        assert_eq!([on("2020-01-02"), on("2020-01-05"), on("2020-01-06")], [1.125, 1.125, 1.5]);
        assert_eq!(on("2030-01-01"), 1.5);
        assert_eq!(rates.names().collect::<Vec<_>>(), ["bid", "mid"]);
        let error = rates.named("ask").unwrap_err().to_string();
        assert_eq!(error, "there are no exchange rates called `ask`; there are: bid, mid");
        assert_eq!(rates.usual().unwrap().on("EUR", "USD", day("2020-01-02")), 1.125);
        assert!(FxRates::default().usual().is_err());
    }

    #[test]
    fn a_rate_may_be_too_old() {
        let rates = rates("2020-01-02 EUR USD mid 1.125").at_most_days_old(3);
        let on = |date| rates.named("mid").unwrap().on("USD", "EUR", day(date));
        assert_eq!(on("2020-01-05"), 1.0 / 1.125);
        assert!(on("2020-01-06").is_nan());
    }

    #[test]
    fn a_day_without_a_rate_and_a_currency_in_itself() {
        let rates = rates(
            "2020-01-02 EUR USD mid 2\n2020-01-03 EUR USD mid NaN\n2020-01-06 EUR USD mid 4\n\
            2020-01-03 USD USD mid 1",
        );
        let on = |base, date| rates.named("mid").unwrap().on(base, "USD", day(date));
        assert_eq!((on("EUR", "2020-01-02"), on("EUR", "2020-01-06")), (2.0, 4.0));
        assert!(on("EUR", "2020-01-03").is_nan() && on("EUR", "2020-01-05").is_nan());
        assert!(on("USD", "2020-01-02").is_nan(), "it is listed, and not known yet");
        assert_eq!(on("USD", "2020-01-05"), 1.0);
    }

    #[test]
    fn other_ways_are_found() {
        let rates = rates(
            "2020-01-02 EUR USD mid 2\n2020-01-02 USD JPY mid 100\n\
            2020-01-02 EUR CHF mid 4\n2020-01-03 CHF EUR mid 0.5\n2020-01-02 JPY AUD mid 3",
        );
        let table = rates.named("mid").unwrap();
        let on = |base, quote| table.on(base, quote, day("2020-01-03"));
        assert_eq!(on("EUR", "JPY"), 200.0);
        assert_eq!(on("JPY", "EUR"), 0.01 * 0.5);
        assert_eq!(on("EUR", "CHF"), 2.0, "the younger of the two");
        assert_eq!(on("AUD", "USD"), (1.0 / 3.0) * 0.01);
        assert!(on("AUD", "CHF").is_nan(), "that would take two others");
        assert_eq!((on("SEK", "SEK"), on("SEK", "EUR").is_nan()), (1.0, true));
        let all = table.on_all(&["EUR", "SEK"], "USD", &[day("2020-01-01"), day("2020-01-02")]);
        assert_eq!(all.dim(), (2, 2));
        assert!(all[[0, 0]].is_nan() && all[[1, 0]] == 2.0 && all[[1, 1]].is_nan());
    }
}
