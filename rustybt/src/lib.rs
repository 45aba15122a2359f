//! Market data for quantitative research: versioned bundles, point-in-time history, pipelines, strategies.
//!
//! ```text
//! source ──▶ adapter ──▶ writer ──▶ catalog ──▶ reader ─┬─▶ portal ────▶ algorithm
//!            adapters    ╰──────── bundles ─────────╯   │   data         algorithm
//!                                                       ╰─▶ pipeline ──▶ scores and screens
//! ```
//!
//! This crate joins the others and adds nothing: each is a module here, and [`prelude`] has what
//! most programs need. The `rustybt` program is the same on the command line.
//!
//! # Example
//!
//! A market in memory, looked at as it was known at a close:
//!
//! ```
//! use rustybt::data::{Synthetic, SyntheticConfig};
//! use rustybt::prelude::*;
//!
//! let portal = Synthetic::new(SyntheticConfig { assets: 3, ..SyntheticConfig::default() })?.portal()?;
//! let data = portal.at_session("2019-06-28".parse()?)?;
//! let asset = portal.finder().assets()[0].sid;
//!
//! let month = data.window(asset, Quote::Price, 21)?;
//! assert_eq!(month.last(), Some(&data.current(asset, Quote::Price)?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `polars` (default) | `to_polars()` on history, pipeline output and results |

pub mod prelude;

pub use ndarray;
pub use rustybt_adapters as adapters;
pub use rustybt_algorithm as algorithm;
pub use rustybt_bundles as bundles;
pub use rustybt_calendars as calendars;
pub use rustybt_data as data;
pub use rustybt_pipeline as pipeline;

/// The front page and the pages of the guide, so that their code is compiled and run.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../README.md")]
    mod readme {}
    #[doc = include_str!("../../docs/guide/getting-started.md")]
    mod getting_started {}
    #[doc = include_str!("../../docs/guide/history.md")]
    mod history {}
    #[doc = include_str!("../../docs/guide/caches.md")]
    mod caches {}
    #[doc = include_str!("../../docs/guide/ticks.md")]
    mod ticks {}
    #[doc = include_str!("../../docs/guide/no-bundle.md")]
    mod no_bundle {}
    #[doc = include_str!("../../docs/guide/calendars.md")]
    mod calendars {}
    #[doc = include_str!("../../docs/guide/jobs.md")]
    mod jobs {}
    #[doc = include_str!("../../docs/guide/datasets.md")]
    mod datasets {}
    #[doc = include_str!("../../docs/guide/futures.md")]
    mod futures {}
    #[doc = include_str!("../../docs/guide/indicators.md")]
    mod indicators {}
    #[doc = include_str!("../../docs/guide/factor-report.md")]
    mod factor_report {}
    #[doc = include_str!("../../docs/guide/write-a-factor.md")]
    mod write_a_factor {}
    #[doc = include_str!("../../docs/guide/strategies.md")]
    mod strategies {}
}
