//! The tables of a bundle: their names, columns, types and placement.

use rustybt_data::{Field, Filing, Frequency, Stamp};

use crate::decimals::Scales;
use crate::format::{ColumnSpec, Kind};
use crate::records::{RecordSet, TableName};

/// How many assets share a file of daily bars.
pub(crate) const BUCKET: u32 = 1024;

/// A table of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Dataset {
    /// Bars of one frequency.
    Bars(Frequency),
    /// One row an asset.
    Assets,
    /// One row a symbol that an asset had.
    Symbols,
    /// Splits.
    Splits,
    /// Cash dividends.
    Dividends,
    /// Mergers.
    Mergers,
    /// Dividends paid in another asset.
    StockDividends,
    /// Assets split off from others.
    SpinOffs,
    /// Rights to buy more of an asset.
    Rights,
    /// What the ingest that made the version did not take in.
    Quarantine,
    /// Rows with a schema of their own.
    Records(RecordSet),
}

/// How a table is cut into files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    /// A file holds one year of up to [`BUCKET`] assets.
    Panel,
    /// A file holds one year of one asset.
    Series,
    /// One file holds everything.
    Whole,
}

impl Placement {
    /// Its name in the catalog.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::Series => "series",
            Self::Whole => "whole",
        }
    }
}

impl Dataset {
    pub(crate) const DAILY: Self = Self::Bars(Frequency::DAILY);
    pub(crate) const MINUTE: Self = Self::Bars(Frequency::MINUTE);

    /// Every table a bundle can have.
    pub(crate) const ALL: [Self; 11] = [
        Self::DAILY,
        Self::MINUTE,
        Self::Assets,
        Self::Symbols,
        Self::Splits,
        Self::Dividends,
        Self::Mergers,
        Self::StockDividends,
        Self::SpinOffs,
        Self::Rights,
        Self::Quarantine,
    ];

    /// The table's name in SQL and on disk.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Records(set) => set.name.as_str(),
            _ => self.fixed_name(),
        }
    }

    /// The name of a table that every bundle can have; empty for others.
    pub(crate) fn fixed_name(self) -> &'static str {
        match self {
            Self::Bars(frequency) if frequency.is_intraday() => "bars_1m",
            Self::Bars(_) => "bars_1d",
            Self::Assets => "assets",
            Self::Symbols => "symbols",
            Self::Splits => "splits",
            Self::Dividends => "dividends",
            Self::Mergers => "mergers",
            Self::StockDividends => "stock_dividends",
            Self::SpinOffs => "spin_offs",
            Self::Rights => "rights",
            Self::Quarantine => "quarantine",
            Self::Records(_) => "",
        }
    }

    /// The table of that name; where the schema has to say more, what is needed to find its files.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dataset| dataset.name() == name).or_else(|| {
            let (stamp, per_asset, filing) = (Stamp::None, false, Filing::Whole);
            let name = TableName::new(name)?;
            Some(Self::Records(RecordSet { name, stamp, per_asset, filing }))
        })
    }

    /// The table of rows with a schema of their own, if it is one.
    pub(crate) fn records(self) -> Option<RecordSet> {
        match self {
            Self::Records(set) => Some(set),
            _ => None,
        }
    }

    pub(crate) fn is_bars(self) -> bool {
        matches!(self, Self::Bars(_))
    }

    /// Whether its stamps are instants, and not days.
    pub(crate) fn is_intraday(self) -> bool {
        match self {
            Self::Bars(frequency) => frequency.is_intraday(),
            Self::Records(set) => matches!(set.stamp, Stamp::Instant | Stamp::Nanos),
            _ => false,
        }
    }

    pub(crate) fn placement(self) -> Placement {
        match self {
            Self::Bars(frequency) if frequency.is_intraday() => Placement::Series,
            Self::Bars(_) => Placement::Panel,
            Self::Records(set) => match set.filing {
                Filing::Whole => Placement::Whole,
                Filing::Panel => Placement::Panel,
                Filing::Months | Filing::Days => Placement::Series,
            },
            _ => Placement::Whole,
        }
    }

    /// What a file's rows are sorted by.
    pub(crate) fn sort_key(self) -> &'static str {
        match self {
            Self::Bars(frequency) if frequency.is_intraday() => "sid,ts",
            Self::Bars(_) => "sid,session",
            Self::Assets => "sid",
            Self::Symbols => "sid,from_date",
            Self::Splits | Self::Mergers => "sid,effective_date",
            Self::Dividends | Self::StockDividends | Self::SpinOffs | Self::Rights => "sid,ex_date",
            // Theirs is of their schema.
            Self::Quarantine | Self::Records(_) => "",
        }
    }

    /// The columns, in order; a column's field id is its position, counted from 1. Those of rows with
    /// a schema of their own are in the catalog.
    pub(crate) fn columns(self, scales: Scales) -> Vec<ColumnSpec> {
        let (price, size) = (scales.price.kind(), scales.size.kind());
        let columns: &[(&'static str, Kind)] = match self {
            Self::Bars(frequency) => {
                let stamp = if frequency.is_intraday() {
                    ("ts", Kind::Instant)
                } else {
                    ("session", Kind::Date)
                };
                &[
                    ("sid", Kind::Int),
                    stamp,
                    ("open", price),
                    ("high", price),
                    ("low", price),
                    ("close", price),
                    ("volume", size),
                ]
            }
            Self::Assets => &[
                ("sid", Kind::Int),
                ("symbol", Kind::Text),
                ("name", Kind::Text),
                ("exchange", Kind::Text),
                ("class", Kind::Text),
                ("currency", Kind::Text),
                ("start_date", Kind::Date),
                ("end_date", Kind::Date),
                ("auto_close_date", Kind::Date),
            ],
            Self::Symbols => &[
                ("sid", Kind::Int),
                ("symbol", Kind::Text),
                ("from_date", Kind::Date),
                ("to_date", Kind::Date),
            ],
            Self::Splits => &[
                ("sid", Kind::Int),
                ("effective_date", Kind::Date),
                ("known_at", Kind::Instant),
                ("new_units", Kind::Int),
                ("old_units", Kind::Int),
            ],
            Self::Dividends => &[
                ("sid", Kind::Int),
                ("ex_date", Kind::Date),
                ("known_at", Kind::Instant),
                ("amount", price),
                ("currency", Kind::Text),
                ("declared_date", Kind::Date),
                ("record_date", Kind::Date),
                ("pay_date", Kind::Date),
            ],
            Self::Mergers => &[
                ("sid", Kind::Int),
                ("effective_date", Kind::Date),
                ("known_at", Kind::Instant),
                ("ratio", price),
            ],
            Self::StockDividends => &[
                ("sid", Kind::Int),
                ("ex_date", Kind::Date),
                ("known_at", Kind::Instant),
                ("payment_sid", Kind::Int),
                ("ratio", price),
                ("pay_date", Kind::Date),
            ],
            Self::SpinOffs => &[
                ("sid", Kind::Int),
                ("ex_date", Kind::Date),
                ("known_at", Kind::Instant),
                ("payment_sid", Kind::Int),
                ("ratio", price),
                ("factor", size),
                ("pay_date", Kind::Date),
            ],
            Self::Rights => &[
                ("sid", Kind::Int),
                ("ex_date", Kind::Date),
                ("known_at", Kind::Instant),
                ("new_units", Kind::Int),
                ("old_units", Kind::Int),
                ("price", price),
            ],
            Self::Quarantine => &[
                ("origin", Kind::Text),
                ("line", Kind::Int),
                ("symbol", Kind::Text),
                ("kind", Kind::Text),
                ("reason", Kind::Text),
                ("content", Kind::Text),
            ],
            Self::Records(_) => &[],
        };
        let mut columns: Vec<ColumnSpec> =
            columns.iter().map(|&(name, kind)| ColumnSpec::new(name, kind)).collect();
        if self.is_bars() {
            let extra = |field: Field| ColumnSpec::new(field.name(), scales.kind(field));
            columns.extend(scales.extras.iter().map(extra));
        }
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_found_by_its_name_and_sorted_by_its_columns() {
        for dataset in Dataset::ALL {
            assert_eq!(Dataset::from_name(dataset.name()), Some(dataset));
            let columns = dataset.columns(Scales::default());
            for key in dataset.sort_key().split(',').filter(|key| !key.is_empty()) {
                assert!(columns.iter().any(|column| column.name == key), "{key}");
            }
        }
    }
}
