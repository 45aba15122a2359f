//! Cells as values of a type.

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{DecimalFault, Reason, parse_decimal};

use super::super::stamper::{Instants, Stamper};
use crate::file::csv::record;
use crate::file::csv::table::{DATE, bad_cell, midnight};

/// Whether a cell says that it holds nothing.
pub(super) fn is_empty(cell: &[u8]) -> bool {
    let words: [&[u8]; 6] = [b"", b"nan", b"null", b"none", b"n/a", b"nat"];
    words.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

/// A number of an instant: seconds, milli-, micro- or nanoseconds since 1970, by its size.
pub(super) fn epoch(cell: &[u8]) -> Option<Timestamp> {
    let plain = cell.strip_prefix(b"-").unwrap_or(cell);
    if plain.is_empty() || !plain.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return None;
    }
    // Eight digits are a date.
    if plain.len() <= 8 && !plain.contains(&b'.') {
        return None;
    }
    let value = parse_decimal(cell).ok()?;
    let unit: i128 = match value.trunc().mantissa().unsigned_abs() {
        0..100_000_000_000 => 1_000_000_000,
        100_000_000_000..100_000_000_000_000 => 1_000_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1_000,
        _ => 1,
    };
    let nanos = value.mantissa().checked_mul(unit)? / 10_i128.checked_pow(value.scale())?;
    i64::try_from(nanos).ok().map(Timestamp::from_nanos)
}

/// An instant: a number since 1970, or a date and a time; a date alone is its midnight.
pub(super) fn instant(
    cell: &[u8],
    column: &str,
    local: &mut Instants,
) -> Result<Timestamp, Reason> {
    if let Some(at) = epoch(cell) {
        return Ok(at);
    }
    if let Some((at, end)) = local.plain(cell, 0)
        && end == cell.len()
    {
        return Ok(at);
    }
    match midnight(cell).filter(|_| cell.len() <= 10) {
        Some(date) => local.read(format!("{date}T00:00").as_bytes(), column),
        None => local.read(cell, column),
    }
}

/// The instant from which something was known: where a date alone is told, the end of that day, so
/// that nothing is ever known too early.
pub(in crate::file::csvdir) fn known(
    cell: &[u8],
    column: &str,
    local: &mut Instants,
) -> Result<Timestamp, Reason> {
    match midnight(cell).filter(|_| cell.len() <= 10) {
        Some(date) => local.read(format!("{}T00:00", date.plus_days(1)).as_bytes(), column),
        None => instant(cell, column, local),
    }
}

/// A date; an instant at midnight is one, too.
pub(super) fn date(cell: &[u8], column: &str) -> Result<Session, Reason> {
    let of_number = || epoch(cell).filter(|at| at.date().midnight() == *at).map(Timestamp::date);
    midnight(cell).or_else(of_number).ok_or_else(|| bad(cell, column, DATE))
}

/// A truth value.
pub(super) fn truth(cell: &[u8]) -> Option<bool> {
    let is = |words: [&[u8]; 4]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
    if is([b"true", b"t", b"yes", b"1"]) {
        Some(true)
    } else if is([b"false", b"f", b"no", b"0"]) {
        Some(false)
    } else {
        None
    }
}

/// Why a decimal was not read.
pub(super) fn decimal_fault(cell: &[u8], column: &str, fault: DecimalFault) -> Reason {
    if fault == DecimalFault::TooLong {
        let text = record::shown(cell);
        return Reason::TooManyDigits { column: column.to_owned(), text };
    }
    bad(cell, column, "number")
}

pub(super) fn bad(cell: &[u8], column: &str, expected: &'static str) -> Reason {
    bad_cell(column, &String::from_utf8_lossy(cell), expected)
}

/// What a word of a column of a table stands for; the word itself, in lower case, where nobody
/// says; nothing where it says nothing.
pub(super) fn word(table: &str, column: &str, written: &str, cell: &str) -> Option<String> {
    let lower = cell.trim().to_lowercase();
    let known: &[(&str, &[&str])] = match (table, column) {
        ("trades", "side") => &[
            // The buyer was there first: it was the seller who took.
            ("sell", if is_maker(written) { &["true", "t", "1"] } else { SELL }),
            ("buy", if is_maker(written) { &["false", "f", "0"] } else { BUY }),
            ("", &["any", "unknown", "none", "n", "0", "-", "both"]),
        ],
        ("book_deltas", "side") => &[
            ("bid", &["bid", "bids", "b", "buy", "true", "1"]),
            ("ask", &["ask", "asks", "a", "s", "sell", "offer", "false", "0"]),
        ],
        ("book_deltas", "action") => &[
            ("snapshot", &["snapshot", "snap", "partial", "s"]),
            ("add", &["add", "insert", "new", "a"]),
            ("update", &["update", "set", "change", "modify", "delta", "u", "m"]),
            ("delete", &["delete", "remove", "del", "cancel", "d", "c"]),
            ("clear", &["clear", "reset", "r"]),
            ("trade", &["trade", "fill", "match", "t", "f"]),
        ],
        _ => return Some(cell.to_owned()).filter(|text| !text.is_empty()),
    };
    let found = known.iter().find(|(_, words)| words.contains(&lower.as_str()));
    let word = found.map_or(lower.clone(), |(word, _)| (*word).to_owned());
    (!word.is_empty()).then_some(word)
}

const BUY: &[&str] = &["buy", "b", "bid", "buyer", "1", "long"];
const SELL: &[&str] = &["sell", "s", "ask", "a", "seller", "-1", "short"];

fn is_maker(written: &str) -> bool {
    super::names::folded(written).ends_with("buyermaker")
}
