//! The words, the contracts and the serving layer of `RustyBT`.
//!
//! * **Words**: [`Sid`] and [`Asset`] say who, [`Field`] and [`Quote`] what, [`Frequency`] how
//!   long, [`Timeline`] when, [`Exact`] and [`RawBars`] how much, to the last digit.
//! * **Contracts**: a [`Source`] brings data in; a [`BarReader`], an [`AssetFinder`] and an
//!   [`AdjustmentReader`] give it out. [`MemoryBars`], [`AssetTable`], [`AdjustmentTable`] and the
//!   seeded [`Synthetic`] market fulfil them in memory; the feature `conformance` has a suite for
//!   each that any other implementation passes too.
//! * **Serving**: a [`DataPortal`] joins them, and pinned to an instant it is a [`BarData`], which
//!   is all that a strategy gets. It sees a bar from its close on, and prices as seen from that
//!   instant. Look-ahead is not forbidden but impossible: there is nothing to ask.
//!
//! This crate is pure and synchronous: it opens no file and no socket, and reads no clock.
//!
//! # Example
//!
//! Microsoft split two for one on 18 February 2003, and went ex a dividend of eight cents the day
//! after. What did its closes look like, seen from before and after?
//!
//! ```
//! use std::sync::Arc;
//!
//! use rustybt_calendars::{Session, calendar};
//! use rustybt_data::{
//!     Action, AdjustMode, Adjustment, AdjustmentTable, Asset, AssetTable, DataPortal, Field,
//!     HistoryQuery, MemoryBars, PortalParts, Quote, Sid, Timeline,
//! };
//!
//! // Raw bars, on the sessions of New York.
//! let xnys = calendar("XNYS")?;
//! let (start, end): (Session, Session) = ("2003-02-13".parse()?, "2003-02-19".parse()?);
//! let days = Timeline::daily(xnys.clone(), start, end)?;
//! let closes = [46.99, 48.30, 24.96, 24.53];
//! let bars = MemoryBars::builder(days).series(Sid(0), 0, &[(Field::Close, &closes)])?.build();
//!
//! // What happened, as it was announced.
//! let split = Action::Split { new: 2, old: 1 };
//! let dividend = Action::Dividend {
//!     amount: "0.08".parse()?,
//!     currency: None,
//!     declared: None,
//!     record: None,
//!     pay: None,
//! };
//! let events = [("2003-02-18", split), ("2003-02-19", dividend)].map(|(day, action)| {
//!     Ok(Adjustment { sid: Sid(0), effective: day.parse()?, known: None, action })
//! });
//! let events: Result<Vec<_>, rustybt_calendars::Error> = events.into_iter().collect();
//!
//! let portal = DataPortal::new(PortalParts {
//!     calendar: xnys,
//!     finder: Arc::new(AssetTable::new(vec![Asset::equity(Sid(0), "MSFT", start, end)])),
//!     adjustments: Arc::new(AdjustmentTable::new(events?)),
//!     daily: Some(Arc::new(bars)),
//!     minute: None,
//! })?;
//!
//! // Before the split there is nothing to adjust.
//! let before = portal.at_session("2003-02-14".parse()?)?;
//! let msft = before.lookup("MSFT")?;
//! assert_eq!(*before.window(msft, Field::Close, 2)?, [46.99, 48.30]);
//!
//! // After both events all four are comparable, and the last is what was paid.
//! let after = portal.at_session("2003-02-19".parse()?)?;
//! let history = after.history(&HistoryQuery::new(&[msft]).fields(&[Quote::CLOSE]).bars(4))?;
//! let cents = history.series(Field::Close, msft)?.iter().map(|close| (close * 100.0).round());
//! assert_eq!(cents.collect::<Vec<_>>(), [2342.0, 2407.0, 2488.0, 2453.0]);
//! assert_eq!(after.current(msft, Quote::Price)?, 24.53);
//!
//! // The raw prices are never further away than a word.
//! assert_eq!(*after.adjusted(AdjustMode::None).window(msft, Field::Close, 4)?, closes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adjust;
mod ahead;
mod asset;
mod bars;
mod book;
mod completed;
#[cfg(feature = "conformance")]
pub mod conformance;
mod difference;
mod dispatch;
mod error;
mod exact;
mod exact_column;
mod field;
mod finder;
mod frame;
#[cfg(feature = "polars")]
mod frames;
mod frequency;
mod future;
mod fx;
mod history;
mod known_tables;
mod lookback;
mod mantissas;
mod memory;
mod portal;
mod power;
mod reader;
mod reindexed;
mod rejected;
mod resample;
mod resampled_bars;

mod sid_index;
mod source;
mod source_data;
mod synthetic;
mod table;
mod timeline;
mod trade_bars;
mod validate;
mod view;
mod word;

pub use adjust::{
    Action, AdjustMode, Adjustment, AdjustmentReader, AdjustmentTable, Factor, Factors,
};
pub use ahead::prepare;
pub use asset::{Asset, AssetClass, Sid, SymbolSpan};
pub use bars::{RawBars, Stamps};
pub use book::{Book, BookLevel};
pub use completed::CompletedDays;
pub use difference::Difference;
pub use dispatch::DispatchedBars;
pub use error::{DecimalFault, Error};
pub use exact::{
    Exact, MAX_MANTISSA, MAX_SCALE, NARROW_MANTISSA, NARROW_SCALE, rescale, rescale_narrow, to_f64,
};
pub use exact_column::{Digits, ExactColumn};
pub use field::{Field, Quote};
pub use finder::{AssetFinder, AssetTable};
pub use frame::BarFrame;
pub use frequency::{Frequency, Unit};
pub use future::{
    ContinuousFuture, ContinuousHistory, Contract, FuturesTable, RollAdjustment, RollStyle,
};
pub use fx::{FxRate, FxRates, FxTable};
pub use history::{History, HistoryQuery};
pub use known_tables::KnownTables;
pub use mantissas::Mantissas;
pub use memory::{MemoryBars, MemoryBarsBuilder};
pub use portal::{DataPortal, PortalParts};
pub use power::POWERS;
pub use reader::{BarReader, BarReaderExt, Run};
pub use reindexed::ReindexedBars;
pub use rejected::{Reason, Rejected};
pub use resample::{merge_bars, merge_exact, merged};
pub use resampled_bars::ResampledBars;

#[cfg(feature = "lazy")]
pub use polars_lazy;
pub use sid_index::SidIndex;
pub use source::{
    AssetRecord, Delivery, Limits, Part, Selection, Source, SourceError, SourceEvent, Survey,
    TableDelivery, TablePart,
};
pub use source_data::SourceData;
pub use synthetic::{Synthetic, SyntheticAsset, SyntheticConfig};
#[cfg(feature = "lazy")]
pub use table::lazy_frame;
pub use table::{
    ColumnType, DecimalColumn, Filing, MAX_WIDE_MANTISSA, MAX_WIDE_SCALE, MemoryTable, RawTable,
    Repeats, Stamp, Subjects, TableColumn, TableQuery, TableReader, TableRows, TableSchema,
    TableValues, check_rows, parse_decimal,
};
pub use timeline::Timeline;
pub use trade_bars::TradeBars;
pub use validate::{Reached, ValidateContext, Verdict, validate, validate_after};
pub use view::{BarData, Clocking, Window};

/// Runs the example of the crate's page.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
