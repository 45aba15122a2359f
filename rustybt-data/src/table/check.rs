//! Which rows of a table cannot be taken in, and why.

use std::cmp::Ordering;

use rustybt_calendars::Session;

use super::{RawTable, Stamp, TableSchema, TableValues};
use crate::{Reason, Rejected};

/// Takes the rows that cannot be meant out of a table.
///
/// Refused are rows without a stamp or a required value, stamped after `today` (dates may lie in
/// the future: of an event, say), with a side that is none, a negative size, a price of a currency
/// that is not above zero, or levels of a book that cross or are out of order. `symbol` says whose
/// a row is.
pub fn check_rows(
    schema: &TableSchema,
    table: &mut RawTable,
    today: Session,
    origin: &str,
    symbol: &dyn Fn(usize) -> String,
) -> Vec<Rejected> {
    let rules = Rules::of(schema, table);
    let mut rejected = Vec::new();
    let mut rows = Vec::new();
    for row in 0..table.len() {
        let Some(reason) = rules.fault(row, today) else { continue };
        rows.push(row);
        rejected.push(Rejected {
            origin: origin.to_owned(),
            line: table.lines.get(row).copied(),
            symbol: symbol(row),
            reason,
            text: table.text(row),
        });
    }
    drop(rules);
    table.remove(&rows);
    rejected
}

/// The columns that something is asked of.
struct Rules<'t> {
    stamp: Option<(&'t str, Option<&'t TableValues>, Stamp)>,
    required: Vec<(&'t str, Option<&'t TableValues>)>,
    words: Vec<(&'t str, &'t TableValues, &'static [&'static str])>,
    not_negative: Vec<(&'t str, &'t TableValues)>,
    positive: Vec<(&'t str, &'t TableValues)>,
    /// One of each pair must be there.
    either: Option<[(&'static str, Option<&'t TableValues>); 2]>,
    /// Price and size of each level, bids and asks.
    book: Option<[Vec<Level<'t>>; 2]>,
}

type Level<'t> = (Option<&'t TableValues>, Option<&'t TableValues>);

/// The first day that an instant can lie on, in 1677.
const EARLIEST: i32 = -106_751;

const SIDES_OF_TRADES: &[&str] = &["buy", "sell"];
const SIDES_OF_BOOKS: &[&str] = &["bid", "ask"];
const ACTIONS: &[&str] = &["snapshot", "add", "update", "delete", "clear", "trade"];

impl<'t> Rules<'t> {
    fn of(schema: &'t TableSchema, table: &'t RawTable) -> Self {
        let stamp = schema.stamp.column().map(|name| (name, table.column(name), schema.stamp));
        let required = schema.columns.iter().filter(|column| column.required);
        let mut rules = Self {
            stamp,
            required: required.map(|c| (c.name.as_str(), table.column(&c.name))).collect(),
            words: Vec::new(),
            not_negative: Vec::new(),
            positive: Vec::new(),
            either: None,
            book: None,
        };
        let words = |name, words| table.column(name).map(|values| (name, values, words));
        let column = |name| table.column(name).map(|values| (name, values));
        match schema.name.as_str() {
            "trades" => {
                rules.words.extend(words("side", SIDES_OF_TRADES));
                rules.not_negative.extend(column("size"));
            }
            "quotes" => {
                rules.not_negative.extend(["bid_size", "ask_size"].into_iter().filter_map(column));
                rules.either = Some(["bid", "ask"].map(|name| (name, table.column(name))));
            }
            "book_deltas" => {
                rules.words.extend(words("side", SIDES_OF_BOOKS));
                rules.words.extend(words("action", ACTIONS));
                rules.not_negative.extend(column("size"));
            }
            "fx_rates" => rules.positive.extend(column("value")),
            "futures_contracts" => {
                rules.positive.extend(["multiplier", "tick_size"].into_iter().filter_map(column));
            }
            name if name.starts_with("book_snap_") => {
                let levels = schema.columns.iter().filter(|c| c.name.starts_with("bid_px_"));
                let levels = levels.count();
                let side = |side: &str| -> Vec<Level<'t>> {
                    let of = |what, level| table.column(&format!("{side}_{what}_{level}"));
                    (0..levels).map(|level| (of("px", level), of("sz", level))).collect()
                };
                rules.book = Some([side("bid"), side("ask")]);
            }
            _ => {}
        }
        rules
    }

    fn fault(&self, row: usize, today: Session) -> Option<Reason> {
        let bad = |detail: String| Some(Reason::BadRow { detail });
        let missing = |values: Option<&TableValues>| values.is_none_or(|v| v.is_missing(row));
        if let Some((name, values, stamp)) = self.stamp {
            if missing(values) {
                return bad(format!("it has no `{name}`"));
            }
            if let Some(TableValues::Nanos(at) | TableValues::Instant(at)) = values
                && let Some(Some(at)) = at.get(row)
                && stamp != Stamp::Date
                && at.date() > today
            {
                let first = Session::from_days(EARLIEST);
                return Some(Reason::DateOutOfRange { date: at.date(), first, last: today });
            }
        }
        if let Some((name, _)) = self.required.iter().find(|(_, values)| missing(*values)) {
            return bad(format!("it has no `{name}`"));
        }
        for (name, values, words) in &self.words {
            let text = values.plain(row);
            if !text.is_empty() && !words.contains(&text.as_str()) {
                let words = words.join(", ");
                return bad(format!("`{text}` in column `{name}` is none of {words}"));
            }
        }
        let mantissa = |values: &TableValues| values.mantissa(row).map(|(mantissa, _)| mantissa);
        for (name, values) in &self.not_negative {
            if mantissa(values).is_some_and(|mantissa| mantissa < 0) {
                return bad(format!("{name} {} is below zero", values.plain(row)));
            }
        }
        for (name, values) in &self.positive {
            if mantissa(values).is_some_and(|mantissa| mantissa <= 0) {
                return bad(format!("{name} {} is not above zero", values.plain(row)));
            }
        }
        if let Some([(a, left), (b, right)]) = self.either
            && missing(left)
            && missing(right)
        {
            return bad(format!("it has neither `{a}` nor `{b}`"));
        }
        self.book.as_ref().and_then(|[bids, asks]| book_fault(bids, asks, row)).and_then(bad)
    }
}

/// What is wrong with a snapshot of a book.
fn book_fault(bids: &[Level<'_>], asks: &[Level<'_>], row: usize) -> Option<String> {
    let there = |values: Option<&TableValues>| values.is_some_and(|v| !v.is_missing(row));
    for (side, levels, better) in [("bid", bids, Ordering::Greater), ("ask", asks, Ordering::Less)]
    {
        let mut before: Option<&TableValues> = None;
        for (level, &(price, size)) in levels.iter().enumerate() {
            if there(price) != there(size) {
                return Some(format!("{side} level {level} has a price or a size, but not both"));
            }
            if size.and_then(|size| size.mantissa(row)).is_some_and(|(size, _)| size < 0) {
                return Some(format!("the size of {side} level {level} is below zero"));
            }
            if level > 0 && there(price) {
                let order = before.and_then(|before| before.compare(row, price?, row));
                match order {
                    None => return Some(format!("{side} level {} is missing", level - 1)),
                    Some(order) if order != better => {
                        return Some(format!("{side} level {level} is out of order"));
                    }
                    Some(_) => {}
                }
            }
            before = price.filter(|price| !price.is_missing(row));
        }
    }
    let (bid, ask) = (bids.first()?.0?, asks.first()?.0?);
    (bid.compare(row, ask, row) == Some(Ordering::Greater)).then(|| {
        format!("the best bid {} is above the best ask {}", bid.plain(row), ask.plain(row))
    })
}

#[cfg(test)]
mod tests {
    use super::super::{DecimalColumn, Subjects, parse_decimal};
    use super::*;

    fn decimals(values: &[&str]) -> TableValues {
        let mut column = DecimalColumn::default();
        for text in values {
            let value = (!text.is_empty()).then(|| parse_decimal(text.as_bytes()).unwrap());
            column.push(value).unwrap();
        }
        TableValues::Decimal(column)
    }

    fn texts(values: &[&str]) -> TableValues {
        let text = |text: &&str| (!text.is_empty()).then(|| (*text).to_owned());
        TableValues::Text(values.iter().map(text).collect())
    }

    fn stamps(values: &[&str]) -> TableValues {
        TableValues::Nanos(values.iter().map(|text| text.parse().ok()).collect())
    }

    fn faults(schema: &TableSchema, columns: &[(&str, TableValues)]) -> (usize, Vec<String>) {
        let columns = columns.iter().map(|(name, values)| ((*name).to_owned(), values.clone()));
        let mut table =
            RawTable { subjects: Subjects::One, columns: columns.collect(), lines: Vec::new() };
        let today = "2020-01-31".parse().unwrap();
        let rejected = check_rows(schema, &mut table, today, "x.csv", &|_| "X".to_owned());
        (table.len(), rejected.iter().map(|row| row.reason.to_string()).collect())
    }

    #[test]
    fn trades_are_checked() {
        let at = "2020-01-02T14:30:00.000000001Z";
        let (left, faults) = faults(
            &TableSchema::trades(),
            &[
                ("ts", stamps(&[at, "", at, at, at, "2020-02-02T00:00Z"])),
                ("price", decimals(&["-37.63", "1", "", "1", "1", "1"])),
                ("size", decimals(&["0", "1", "1", "-1", "1", "1"])),
                ("side", texts(&["sell", "", "", "", "BUY", ""])),
            ],
        );
        assert_eq!(left, 1);
        assert_eq!(faults[..2], ["it has no `ts`", "it has no `price`"]);
        assert_eq!(faults[2], "size -1 is below zero");
        assert_eq!(faults[3], "`BUY` in column `side` is none of buy, sell");
        assert!(faults[4].starts_with("2020-02-02 lies outside"), "{}", faults[4]);
    }

    #[test]
    fn books_are_in_order_and_do_not_cross() {
        let at = ["2020-01-02T14:30Z"; 7];
        let (left, faults) = faults(
            &TableSchema::book_snapshots(2).unwrap(),
            &[
                ("ts", stamps(&at)),
                ("bid_px_0", decimals(&["10", "10", "10", "10", "10", "", ""])),
                ("bid_sz_0", decimals(&["1", "1", "1", "", "-1", "", ""])),
                ("bid_px_1", decimals(&["9.5", "10", "", "", "", "9", ""])),
                ("bid_sz_1", decimals(&["1", "1", "", "", "", "1", ""])),
                ("ask_px_0", decimals(&["10.1", "11", "9.99", "11", "11", "11", "11"])),
                ("ask_sz_0", decimals(&["1", "1", "1", "1", "1", "1", "1"])),
            ],
        );
        assert_eq!(left, 2);
        assert_eq!(
            faults,
            [
                "bid level 1 is out of order",
                "the best bid 10 is above the best ask 9.99",
                "bid level 0 has a price or a size, but not both",
                "the size of bid level 0 is below zero",
                "bid level 0 is missing",
            ]
        );
    }
}
