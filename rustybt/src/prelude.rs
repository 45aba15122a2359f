//! What most programs need, in one line: `use rustybt::prelude::*;`.

pub use rustybt_algorithm::{
    Algorithm, Context, DateRule, Performance, RunConfig, Setup, TimeRule, run,
};
pub use rustybt_bundles::{At, Bundle, BundleName, IngestOptions, Store};
pub use rustybt_calendars::{Calendar, Session, Timestamp, calendar};
pub use rustybt_data::{
    AdjustMode, Asset, AssetFinder, BarData, BarReader, BarReaderExt, Clocking, DataPortal, Field,
    Frequency, History, HistoryQuery, Quote, Sid, Source,
};
pub use rustybt_pipeline::{
    Engine, EquityLoader, Factor, Filter, Pipeline, PipelineOutput, RunOptions,
};
