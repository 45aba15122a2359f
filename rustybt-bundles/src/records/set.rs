//! [`RecordSet`]: which table it is, and where its rows go.

use std::fmt;
use std::ops::Range;

use chrono::Datelike;
use rustybt_calendars::Session;
use rustybt_data::{Filing, Stamp, TableSchema};
use serde::Deserialize;

use crate::table::BUCKET;

/// A table beyond bars: its name, and what decides where its rows lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RecordSet {
    pub(crate) name: TableName,
    pub(crate) stamp: Stamp,
    pub(crate) per_asset: bool,
    pub(crate) filing: Filing,
}

/// What a footer tells of a set.
#[derive(Deserialize)]
struct Told {
    stamp: Stamp,
    per_asset: bool,
    filing: Filing,
}

/// The name of a table, in place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TableName {
    bytes: [u8; TableSchema::LONGEST_NAME],
    length: u8,
}

impl TableName {
    /// The name; `None` for what can be none.
    pub(crate) fn new(name: &str) -> Option<Self> {
        TableSchema::check_name(name).ok()?;
        let mut bytes = [0; TableSchema::LONGEST_NAME];
        bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        Some(Self { bytes, length: u8::try_from(name.len()).ok()? })
    }

    pub(crate) fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Debug for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

const DAY_US: i64 = 86_400_000_000;

impl RecordSet {
    /// The set of a schema; `None` where its name can be none.
    pub(crate) fn of(schema: &TableSchema) -> Option<Self> {
        Some(Self {
            name: TableName::new(&schema.name)?,
            stamp: schema.stamp,
            per_asset: schema.per_asset,
            filing: schema.filing,
        })
    }

    /// What a file's footer says of it.
    pub(crate) fn json(self) -> String {
        let Self { stamp, per_asset, filing, .. } = self;
        serde_json::json!({ "stamp": stamp, "per_asset": per_asset, "filing": filing }).to_string()
    }

    /// The schema of a table whose catalog is lost: one that is known by name, or a user's.
    pub(crate) fn recalled(name: &str, json: &str) -> Option<TableSchema> {
        let told: Told = serde_json::from_str(json).ok()?;
        if let Some(known) = TableSchema::known(name) {
            return Some(known);
        }
        let schema = TableSchema::user(name, told.stamp, told.per_asset).ok()?;
        Some(TableSchema { filing: told.filing, ..schema })
    }

    /// The part that the rows of an asset belong to.
    pub(crate) fn part(self, sid: i64) -> i64 {
        match self.filing {
            Filing::Whole => 0,
            Filing::Panel if !self.per_asset => 0,
            Filing::Panel => sid / i64::from(BUCKET),
            Filing::Months | Filing::Days => sid,
        }
    }

    /// The period of a stamp: 0, a year, a month `YYYYMM` or a day `YYYYMMDD`.
    ///
    /// Stamps are days for dates, microseconds for instants.
    pub(crate) fn period(self, stamp: i64) -> i64 {
        let days = match self.stamp {
            Stamp::None => return 0,
            Stamp::Date => stamp,
            Stamp::Instant | Stamp::Nanos => stamp.div_euclid(DAY_US),
        };
        let date = Session::from_days(i32::try_from(days).unwrap_or_default()).date();
        let (year, month, day) = (i64::from(date.year()), date.month(), date.day());
        match self.filing {
            Filing::Whole => 0,
            Filing::Panel => year,
            Filing::Months => 100 * year + i64::from(month),
            Filing::Days => 10_000 * year + i64::from(100 * month + day),
        }
    }

    /// The stamps of a period.
    pub(crate) fn stamps(self, period: i64) -> Range<i64> {
        let (first, end) = match self.filing {
            _ if self.stamp == Stamp::None => return 0..1,
            Filing::Whole => return i64::MIN..i64::MAX,
            Filing::Panel => (date(period, 1, 1), date(period + 1, 1, 1)),
            Filing::Months => {
                let (year, month) = (period / 100, period % 100);
                let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
                (date(year, month, 1), date(next.0, next.1, 1))
            }
            Filing::Days => {
                let first = date(period / 10_000, period / 100 % 100, period % 100);
                (first, first + 1)
            }
        };
        let unit = if self.stamp == Stamp::Date { 1 } else { DAY_US };
        first.saturating_mul(unit)..end.saturating_mul(unit)
    }

    /// The folder of a period, as in `year=2024/month=03`.
    pub(crate) fn folder(self, period: i64) -> String {
        match self.filing {
            Filing::Whole => String::new(),
            Filing::Panel => format!("year={period}"),
            Filing::Months => format!("year={}/month={:02}", period / 100, period % 100),
            Filing::Days => format!(
                "year={}/month={:02}/day={:02}",
                period / 10_000,
                period / 100 % 100,
                period % 100
            ),
        }
    }
}

fn date(year: i64, month: i64, day: i64) -> i64 {
    let part = |value: i64| u32::try_from(value).unwrap_or(1);
    let date = Session::from_ymd(i32::try_from(year).unwrap_or(i32::MAX), part(month), part(day));
    date.map_or(i64::from(i32::MAX), |date| date.days().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn periods_have_names_and_folders() {
        let at = |text: &str| text.parse::<rustybt_calendars::Timestamp>().unwrap().micros();
        let set = |schema: &TableSchema| RecordSet::of(schema).unwrap();
        let trades = set(&TableSchema::trades());
        assert_eq!(trades.period(at("2013-10-07T14:30Z")), 201_310);
        assert_eq!(trades.folder(201_310), "year=2013/month=10");
        let deltas = set(&TableSchema::book_deltas());
        assert_eq!(deltas.period(at("2013-10-07T14:30Z")), 20_131_007);
        assert_eq!(deltas.folder(20_131_007), "year=2013/month=10/day=07");
        assert_eq!(set(&TableSchema::futures_contracts()).period(7), 0);
        assert_eq!(TableName::new("../x"), None);
        assert_eq!(TableName::new("news").unwrap().as_str(), "news");
    }

    proptest! {
        #[test]
        fn a_stamp_lies_in_its_period(stamp in -100_000_i64..100_000, name in 0_usize..4) {
            let names = ["trades", "book_deltas", "fundamentals", "futures_contracts"];
            let set = RecordSet::of(&TableSchema::known(names[name]).unwrap()).unwrap();
            let stamp = match set.stamp {
                Stamp::None => 0,
                Stamp::Date => stamp,
                _ => stamp * 40_000_000_000 + 17,
            };
            let stamps = set.stamps(set.period(stamp));
            prop_assert!(stamps.contains(&stamp), "{stamps:?}");
            if set.stamp != Stamp::None {
                prop_assert!(set.period(stamps.end) > set.period(stamp));
            }
        }
    }
}
