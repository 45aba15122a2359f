//! What vendors call the columns that schemas have.
//!
//! Names are compared without regard to case, `_`, `-` and blanks: `fundingRate` is `funding_rate`.

/// A name in the form in which names are compared.
pub(super) fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '.'));
    letters.flat_map(char::to_lowercase).collect()
}

/// The column's name as a table has it: lower case, blanks and the like made `_`.
pub(super) fn plain(name: &str) -> String {
    let word = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    name.trim().chars().map(word).collect()
}

/// Names of the column of a row's asset.
pub(super) const SYMBOLS: &[&str] = &["symbol", "ticker", "instrument", "asset", "pair"];
pub(super) const SIDS: &[&str] = &["sid"];

const INSTANTS: &[&str] = &[
    "ts",
    "timestamp",
    "datetime",
    "time",
    "ts_event",
    "event_time",
    "exchange_timestamp",
    "trade_time",
    "transact_time",
    "funding_time",
    "calc_time",
    "date",
];
const DATES: &[&str] =
    &["date", "period_end", "as_of_date", "report_date", "event_date", "effective_date", "day"];

/// The names that a column of a table may have in a file, the best first.
pub(super) fn of(table: &str, column: &str) -> Vec<&'static str> {
    let found: &[&str] = match (table, column) {
        (_, "ts") => INSTANTS,
        (_, "date") => DATES,
        (_, "known_at") => {
            &["known_at", "timestamp", "knowledge_time", "announced_at", "filed_at", "filing_date"]
        }
        ("trades", "price") => &["price", "p", "last", "px", "trade_price"],
        ("trades", "size") => &["size", "qty", "quantity", "amount", "volume", "q", "sz", "vol"],
        ("trades", "side") => {
            &["side", "taker_side", "aggressor_side", "type", "is_buyer_maker", "buyer_maker"]
        }
        ("trades", "id") => &["id", "trade_id", "tradeid", "agg_trade_id", "exec_id", "trd_id"],
        ("quotes", "bid") => &["bid", "bid_price", "bid_px", "best_bid", "bidprice"],
        ("quotes", "bid_size") => &["bid_size", "bid_qty", "bid_amount", "bid_sz", "bid_volume"],
        ("quotes", "ask") => &["ask", "ask_price", "ask_px", "best_ask", "offer", "offer_price"],
        ("quotes", "ask_size") => {
            &["ask_size", "ask_qty", "ask_amount", "ask_sz", "ask_volume", "offer_size"]
        }
        (_, "seq") => &["seq", "sequence", "last_update_id", "update_id", "u", "final_update_id"],
        ("book_deltas", "side") => &["side", "is_bid"],
        ("book_deltas", "action") => &["action", "update_type", "type", "event"],
        ("book_deltas", "price") => &["price", "p", "px"],
        ("book_deltas", "size") => &["size", "qty", "quantity", "amount", "sz", "q"],
        ("funding_rates", "rate") => {
            &["rate", "funding_rate", "last_funding_rate", "realized_rate", "r"]
        }
        ("funding_rates", "predicted") => {
            &["predicted", "predicted_rate", "predicted_funding_rate", "next_funding_rate"]
        }
        ("funding_rates", "next_time") => {
            &["next_time", "next_funding_time", "next_funding_timestamp", "funding_timestamp"]
        }
        ("fx_rates", "base") => &["base", "base_currency", "from"],
        ("fx_rates", "quote") => &["quote", "quote_currency", "to"],
        ("fx_rates", "rate") => &["rate", "rate_name", "kind", "field", "mid"],
        ("fx_rates", "value") => &["value", "price", "fx", "close"],
        ("futures_contracts", "root_symbol") => &["root_symbol", "root"],
        ("futures_contracts", "expiration_date") => {
            &["expiration_date", "expiration", "expiry", "maturity", "last_trade_date"]
        }
        ("futures_contracts", "notice_date") => &["notice_date", "first_notice_date"],
        ("futures_contracts", "multiplier") => &["multiplier", "contract_size", "point_value"],
        ("futures_contracts", "tick_size") => &["tick_size", "min_tick", "tick"],
        _ => &[],
    };
    found.to_vec()
}

/// The names that level columns of a snapshot may have, as `(prefix, suffix)` around the level.
pub(super) const LEVELS: [(&str, &[(&str, &str)]); 4] = [
    ("bid_px", &[("bid_px_", ""), ("bids[", "].price"), ("bid_price_", ""), ("bid", "_price")]),
    ("bid_sz", &[("bid_sz_", ""), ("bids[", "].amount"), ("bid_size_", ""), ("bid", "_size")]),
    ("ask_px", &[("ask_px_", ""), ("asks[", "].price"), ("ask_price_", ""), ("ask", "_price")]),
    ("ask_sz", &[("ask_sz_", ""), ("asks[", "].amount"), ("ask_size_", ""), ("ask", "_size")]),
];

/// The column of a snapshot that a name means, and its level.
pub(super) fn level(name: &str) -> Option<(&'static str, usize)> {
    let name = name.trim().to_ascii_lowercase();
    LEVELS.iter().find_map(|(column, forms)| {
        forms.iter().find_map(|(prefix, suffix)| {
            let level = name.strip_prefix(prefix)?.strip_suffix(suffix)?;
            let digits = !level.is_empty() && level.bytes().all(|byte| byte.is_ascii_digit());
            Some((*column, level.parse().ok().filter(|_| digits)?))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_their_dress() {
        assert_eq!(folded("fundingRate"), folded("funding_rate"));
        assert_eq!(plain(" Last Price "), "last_price");
        assert_eq!(level("bids[3].price"), Some(("bid_px", 3)));
        assert_eq!(level("ask_sz_12"), Some(("ask_sz", 12)));
        assert_eq!(level("bid_px_"), None);
        assert_eq!(level("bid_px_x"), None);
    }
}
