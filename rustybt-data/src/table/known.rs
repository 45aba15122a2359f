//! The schemas that every source shares.

use super::schema::KNOWN_AT;
use super::{ColumnType, Filing, Repeats, Stamp, TableColumn, TableSchema};
use crate::Error;

/// The most levels of a table of order-book snapshots.
const MOST_LEVELS: usize = 1000;

const MUST: bool = true;
const MAY: bool = false;

impl TableSchema {
    /// The names of the tables with a schema of their own, beside `book_snap_N`.
    pub const KNOWN: [&'static str; 9] = [
        "trades",
        "quotes",
        "book_deltas",
        "funding_rates",
        "fundamentals",
        "events",
        "estimates",
        "fx_rates",
        "futures_contracts",
    ];

    /// The schema of a name that every source shares; `None` for other names.
    pub fn known(name: &str) -> Option<Self> {
        Some(match name {
            "trades" => Self::trades(),
            "quotes" => Self::quotes(),
            "book_deltas" => Self::book_deltas(),
            "funding_rates" => Self::funding_rates(),
            "fundamentals" | "events" => Self::dated(name, &[]),
            "estimates" => Self::dated(
                name,
                &[("fiscal_year", ColumnType::Int), ("fiscal_quarter", ColumnType::Int)],
            ),
            "fx_rates" => Self::fx_rates(),
            "futures_contracts" => Self::futures_contracts(),
            _ => {
                let levels = name.strip_prefix("book_snap_")?.parse().ok()?;
                let schema = Self::book_snapshots(levels).ok()?;
                (schema.name == name).then_some(schema)?
            }
        })
    }

    /// Every trade: `ts, price, size, side, id`. The side is the buyer's or seller's who took.
    pub fn trades() -> Self {
        make(
            "trades",
            (Stamp::Nanos, Filing::Months, Repeats::Id("id".to_owned())),
            &[
                ("price", ColumnType::Decimal, MUST),
                ("size", ColumnType::Decimal, MUST),
                ("side", ColumnType::Text, MAY),
                ("id", ColumnType::Text, MAY),
            ],
        )
    }

    /// The best bid and ask at each change: `ts, bid, bid_size, ask, ask_size, seq`.
    pub fn quotes() -> Self {
        make(
            "quotes",
            (Stamp::Nanos, Filing::Days, Repeats::Id("seq".to_owned())),
            &[
                ("bid", ColumnType::Decimal, MAY),
                ("bid_size", ColumnType::Decimal, MAY),
                ("ask", ColumnType::Decimal, MAY),
                ("ask_size", ColumnType::Decimal, MAY),
                ("seq", ColumnType::Int, MAY),
            ],
        )
    }

    /// One row a level that changed: `ts, seq, side, action, price, size`.
    ///
    /// A row may say what the one before it said, so that no rows are ever taken for one but those
    /// of an overlap between ingests.
    pub fn book_deltas() -> Self {
        make(
            "book_deltas",
            // One sequence number covers many levels: no column tells a delta from another.
            (Stamp::Nanos, Filing::Days, Repeats::Row),
            &[
                ("seq", ColumnType::Int, MAY),
                ("side", ColumnType::Text, MUST),
                ("action", ColumnType::Text, MUST),
                ("price", ColumnType::Decimal, MUST),
                ("size", ColumnType::Decimal, MAY),
            ],
        )
    }

    /// The first `levels` of both sides at an instant: `bid_px_0, bid_sz_0, ask_px_0, ask_sz_0,
    /// bid_px_1, …`, the best first.
    ///
    /// # Errors
    ///
    /// [`Error::BadTable`] for no levels or more than 1000.
    pub fn book_snapshots(levels: usize) -> Result<Self, Error> {
        let name = format!("book_snap_{levels}");
        if levels == 0 || levels > MOST_LEVELS {
            return Err(Error::BadTable { name, detail: "a book has 1 to 1000 levels" });
        }
        let mut schema = make(
            &name,
            (Stamp::Nanos, Filing::Days, Repeats::Key(vec!["seq".to_owned()])),
            &[("seq", ColumnType::Int, MAY)],
        );
        for level in 0..levels {
            for side in ["bid_px", "bid_sz", "ask_px", "ask_sz"] {
                schema = schema.with(&format!("{side}_{level}"), ColumnType::Decimal);
            }
        }
        Ok(schema)
    }

    /// What holders of a perpetual pay: `ts, rate, predicted, next_time`.
    pub fn funding_rates() -> Self {
        make(
            "funding_rates",
            (Stamp::Instant, Filing::Panel, Repeats::Key(Vec::new())),
            &[
                ("rate", ColumnType::Decimal, MUST),
                ("predicted", ColumnType::Decimal, MAY),
                ("next_time", ColumnType::Instant, MAY),
            ],
        )
    }

    /// What one unit of a currency costs in another: `date, base, quote, rate, value`. The rate is
    /// a name, such as `mid`; a missing value says that there is none that day.
    pub fn fx_rates() -> Self {
        let key = ["base", "quote", "rate"].map(str::to_owned).to_vec();
        let mut schema = make(
            "fx_rates",
            (Stamp::Date, Filing::Panel, Repeats::Key(key)),
            &[
                ("base", ColumnType::Text, MUST),
                ("quote", ColumnType::Text, MUST),
                ("rate", ColumnType::Text, MUST),
                ("value", ColumnType::Decimal, MAY),
            ],
        );
        schema.per_asset = false;
        schema
    }

    /// One row a contract: what it is on, and the days of its life.
    pub fn futures_contracts() -> Self {
        make(
            "futures_contracts",
            (Stamp::None, Filing::Whole, Repeats::Key(Vec::new())),
            &[
                ("root_symbol", ColumnType::Text, MUST),
                ("start_date", ColumnType::Date, MAY),
                ("end_date", ColumnType::Date, MAY),
                ("first_traded", ColumnType::Date, MAY),
                ("notice_date", ColumnType::Date, MAY),
                ("expiration_date", ColumnType::Date, MAY),
                ("auto_close_date", ColumnType::Date, MAY),
                ("multiplier", ColumnType::Decimal, MAY),
                ("tick_size", ColumnType::Decimal, MAY),
                ("exchange", ColumnType::Text, MAY),
                ("currency", ColumnType::Text, MAY),
            ],
        )
    }

    /// Rows dated by what they are about, with the instant from which they were known.
    fn dated(name: &str, more: &[(&str, ColumnType)]) -> Self {
        let columns: Vec<(&str, ColumnType, bool)> = [(KNOWN_AT, ColumnType::Instant, MAY)]
            .into_iter()
            .chain(more.iter().map(|&(name, kind)| (name, kind, MAY)))
            .collect();
        make(name, (Stamp::Date, Filing::Panel, Repeats::Group), &columns)
    }
}

fn make(
    name: &str,
    (stamp, filing, repeats): (Stamp, Filing, Repeats),
    columns: &[(&str, ColumnType, bool)],
) -> TableSchema {
    let stamp_column = stamp.column().zip(stamp.kind()).map(|(name, kind)| (name, kind, MUST));
    let columns = stamp_column.into_iter().chain(columns.iter().copied());
    TableSchema {
        name: name.to_owned(),
        columns: columns
            .map(|(name, kind, required)| TableColumn { name: name.to_owned(), kind, required })
            .collect(),
        stamp,
        per_asset: true,
        open: true,
        filing,
        repeats,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_table_has_a_schema_that_survives_the_catalog() {
        let names = TableSchema::KNOWN.into_iter().chain(["book_snap_1", "book_snap_25"]);
        for name in names {
            let schema = TableSchema::known(name).unwrap();
            assert_eq!(schema.name, name);
            TableSchema::check_name(name).unwrap();
            if let Some(stamp) = schema.stamp.column() {
                assert_eq!(schema.columns[0].name, stamp);
            }
            let text = serde_json::to_string(&schema).unwrap();
            assert_eq!(serde_json::from_str::<TableSchema>(&text).unwrap(), schema);
        }
        for name in ["book_snap_0", "book_snap_x", "book_snap_01", "book_snap_1001", "bars", ""] {
            assert_eq!(TableSchema::known(name), None, "{name}");
        }
    }

    #[test]
    fn names_of_user_tables_stay_clear_of_the_others() {
        for name in ["news", "short_interest_2", "x"] {
            TableSchema::user(name, Stamp::Date, true).unwrap();
        }
        for name in ["", "News", "2x", "a-b", "../x", "assets", "bars_5m", "splits", "ä"] {
            assert!(TableSchema::user(name, Stamp::Date, true).is_err(), "{name}");
        }
        assert!(TableSchema::user(&"x".repeat(41), Stamp::Date, true).is_err());
    }
}
