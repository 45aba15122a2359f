//! A pipeline engine: factors and filters over every asset and session of a market.
//!
//! A **term** says what to compute, as a value: a [`Factor`] is a number for each asset on each
//! session, a [`Filter`] yes or no, a [`BoundColumn`] what they are computed from. A [`Pipeline`] gives
//! names to some of them and may have a screen. The [`Engine`] runs it over a range of sessions and
//! gives the rows that the screen lets through.
//!
//! ```
//! use std::sync::Arc;
//!
//! use rustybt_data::{Synthetic, SyntheticConfig};
//! use rustybt_pipeline::{
//!     CustomFactor, Engine, EquityLoader, EquityPricing, Pipeline, Rank, Returns, Rsi, RunOptions,
//!     SimpleMovingAverage,
//! };
//!
//! let close = EquityPricing::CLOSE;
//! let momentum = Returns::new(252)?.factor()?.zscore(None);
//! let pipeline = Pipeline::new()
//!     .with("sma", SimpleMovingAverage::new(20)?.on([&close])?)
//!     .with("rsi", Rsi::default().factor()?)
//!     .with("rank", momentum.rank(Rank::descending(), None))
//!     .screen(momentum.top(3, None) & close.latest().gt(5.0));
//!
//! // Any reader of daily bars will do; here, a market made up from a seed.
//! let market = Synthetic::new(SyntheticConfig { assets: 30, ..SyntheticConfig::default() })?;
//! let engine = Engine::new(Arc::new(EquityLoader::of(&market.portal()?)?));
//!
//! let (start, end) = ("2016-03-01".parse()?, "2016-03-31".parse()?);
//! let output = engine.run(&pipeline, start, end, &RunOptions::default())?;
//!
//! // The row of a session is what was known before it opened.
//! let today = output.on(start);
//! assert!(!today.is_empty() && today.len() <= 3);
//! assert!(today.numbers("rank")?.iter().all(|rank| *rank <= 3.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a row knows
//!
//! The row of session N sees bars up to session N − 1, with prices adjusted for every split, dividend
//! and merger that takes effect on N or before, and for none that comes later. An asset has rows
//! from the session after its first to its last. Cut the data at any session, and the rows up to
//! the next one stay as they are, bit for bit; so they do in any chunks and on any number of threads.
//!
//! # A factor of your own
//!
//! * [`Factor::from_fn`] takes a closure over `(window, assets)` arrays: ten lines.
//! * [`CustomFactor`] is the trait behind every factor here. A struct with its parameters, deriving
//!   `Eq` and `Hash`, is computed once however often it is used.
//! * [`BlockForm`] is the fast form of a formula that treats each asset alone: many windows of one
//!   asset at a time. Splits are taken care of before it is called.
//!
//! # From text
//!
//! [`parse::parse`] reads pipeline files, in the language of zipline's pipelines.
//!
//! # How it works
//!
//! `axis` says what rows are, `graph` merges equal terms, `plan` counts the extra rows that windows need,
//! `engine` tells the story in seven steps and `run` carries it out, `compute` has one file for each shape
//! of computation, [`kernel`] the loops, and `restate` how the past is seen from a session. [`form`] writes
//! pipelines down. Where results differ from zipline's on purpose, `docs/differences.md` says so.

pub mod expression;
pub mod form;
pub mod indicator;
pub mod kernel;
pub mod parse;
pub mod report;

mod axis;
mod cache;
mod check;
mod classifier;
mod compute;
mod dataset;
mod domain;
mod drawing;
mod engine;
mod equity_loader;
mod error;
mod explain;
mod factor;
mod filter;
mod frame_loader;
mod graph;
mod identity;
mod intraday_loader;
mod loader;
mod output;
mod panel;
mod period;
mod pipeline;
mod plan;
mod restate;
mod run;
mod term;
mod transform;
mod universe;
mod watch;
mod words;
mod workspace;

pub use axis::Axis;
pub use cache::{TermCache, TermCacheStatistics};
pub use classifier::{Classifier, Label};
pub use dataset::{BoundColumn, ColumnKind, EquityPricing, Input};
pub use domain::Domain;
pub use engine::{Engine, RunOptions};
pub use equity_loader::EquityLoader;
pub use error::Error;
pub use explain::{Explanation, Planned, Taken};
pub use expression::{Math, Operand, Scalar};
pub use factor::{
    AnnualizedVolatility, Aroon, AverageDollarVolume, Block, BlockForm, BollingerBands,
    BusinessDaysSincePreviousEvent, BusinessDaysUntilNextEvent, CalendarPart, CustomFactor,
    ExponentialWeightedMovingAverage, ExponentialWeightedMovingStdDev, Factor,
    FastStochasticOscillator, IchimokuKinkoHyo, Lag, LinearWeightedMovingAverage, MacdSignal,
    MaxDrawdown, PercentChange, RateOfChangePercentage, Returns, RollingKurtosis,
    RollingLinearRegression, RollingPearson, RollingQuantile, RollingRank, RollingSkew,
    RollingSpearman, Rsi, SimpleBeta, SimpleMovingAverage, StandardDeviation, TrueRange, Vwap,
    WeightedAverageValue, Windows,
};
pub use filter::{AssetName, Filter};
pub use form::{FormError, Parameters, Vocabulary};
#[cfg(feature = "arrow")]
pub use frame_loader::columns_of_arrow;
pub use frame_loader::{Frame, FrameChange, FrameLoader};
pub use identity::Identity;
pub use intraday_loader::IntradayLoader;
pub use loader::{Loader, Series};
pub use output::{Column, PipelineOutput};
pub use period::Period;
pub use pipeline::Pipeline;
pub use restate::{Change, Restatement, Restatements};
pub use term::{Dtype, Term};
pub use transform::{Grouped, Rank, RankMethod};
pub use watch::{Step, Watch};
pub use words::Words;
