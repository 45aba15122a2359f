//! What the columns of a Parquet file hold, by their names.

use std::collections::BTreeMap;

use rustybt_data::ColumnType;

/// Names that columns go by, the best first: lower case, without `_`, `-` and blanks.
const NAMES: [(&str, &[&str]); 10] = [
    (
        "date",
        &[
            "datetime",
            "timestamp",
            "ts",
            "date",
            "time",
            "opentime",
            "bartime",
            "windowstart",
            "session",
            "day",
            "tradedate",
            "indexlevel0",
            "index",
            "t",
        ],
    ),
    ("symbol", &["symbol", "ticker", "instrument", "asset", "pair", "sym"]),
    ("open", &["open", "o", "openprice", "pxopen"]),
    ("high", &["high", "h", "highprice", "pxhigh"]),
    ("low", &["low", "l", "lowprice", "pxlow"]),
    ("close", &["close", "c", "closeprice", "pxlast", "last"]),
    ("volume", &["volume", "v", "vol", "qty", "tradedvolume"]),
    ("trades", &["trades", "count", "numberoftrades", "transactions", "n"]),
    ("vwap", &["vwap", "vw"]),
    ("quote_volume", &["quotevolume", "turnover", "quoteassetvolume"]),
];

/// A name without what people write differently.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a key of a folder, as in `symbol=AAPL`, tells the symbol.
pub(super) fn tells_symbol(key: &str) -> bool {
    let key = plain(key);
    NAMES.iter().any(|(role, names)| *role == "symbol" && names.contains(&key.as_str()))
}

/// The column of a role: the one given, else the one that is best named for it. The first column
/// of dates or instants will do where none is named for them.
pub(super) fn find(
    role: &str,
    names: &[String],
    kinds: &[ColumnType],
    given: &BTreeMap<String, String>,
) -> Option<usize> {
    if let Some(column) = given.get(role) {
        return names.iter().position(|name| name == column);
    }
    let free = |at: usize| {
        let name = names.get(at);
        name.is_some_and(|name| !given.values().any(|column| column == name))
    };
    let (_, known) = NAMES.iter().find(|(known, _)| *known == role)?;
    let own: Vec<String> = names.iter().map(|name| plain(name)).collect();
    let named = known.iter().find_map(|known| {
        own.iter().enumerate().find(|(at, name)| name == known && free(*at)).map(|(at, _)| at)
    });
    let timed = |kind: &ColumnType| matches!(kind, ColumnType::Date | ColumnType::Nanos);
    named.or_else(|| kinds.iter().position(timed).filter(|_| role == "date"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_what_people_call_them() {
        let names = ["Ticker", "T", "O", "h", "l", "px_last", "v", "c"].map(str::to_owned);
        let kinds = [ColumnType::Text; 8];
        let none = BTreeMap::new();
        let at = |role| find(role, &names, &kinds, &none);
        assert_eq!([at("symbol"), at("date"), at("open")], [Some(0), Some(1), Some(2)]);
        assert_eq!((at("close"), at("vwap")), (Some(7), None));
        let given = BTreeMap::from([("close".to_owned(), "px_last".to_owned())]);
        assert_eq!(find("close", &names, &kinds, &given), Some(5));
        let wrong = BTreeMap::from([("close".to_owned(), "px".to_owned())]);
        assert_eq!(find("close", &names, &kinds, &wrong), None);
        let kinds = [ColumnType::Float, ColumnType::Nanos];
        let names = ["x", "when"].map(str::to_owned);
        assert_eq!(find("date", &names, &kinds, &none), Some(1));
    }
}
