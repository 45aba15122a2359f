//! Versioned bundles of market data: any [`Source`](rustybt_data::Source) in, immutable versions out.
//!
//! A [`Store`] is a folder of bundles. An ingest brings everything a source has, checked and exact
//! to the last digit, into a new version of a bundle, in one step: whoever reads sees the version
//! before or the version after, never anything between. A version never changes, and a
//! [`Bundle`] opened from it is what strategies and pipelines read.
//!
//! ```
//! use rustybt_bundles::{At, IngestOptions, Outcome, Store};
//! use rustybt_data::{Quote, Selection, Sid, Synthetic, SyntheticConfig};
//!
//! # let folder = tempfile::tempdir()?;
//! # let root = folder.path();
//! let market = Synthetic::new(SyntheticConfig { assets: 3, ..SyntheticConfig::default() })?;
//! let selection = Selection {
//!     symbols: None,
//!     start: None,
//!     end: None,
//!     frequency: None,
//!     calendar: market.calendar().clone(),
//! };
//! let options = IngestOptions::new(selection, "2024-01-02T12:00Z".parse()?);
//!
//! let store = Store::open_or_create(root)?;
//! let name = "demo".parse()?;
//! let report = store.ingest(&name, &market, &options, &|_| {})?;
//! assert_eq!(report.assets, 3);
//!
//! // The same again: nothing new, no version, no file.
//! let again = store.ingest(&name, &market, &options, &|_| {})?;
//! assert_eq!(again.outcome, Outcome::Unchanged { version: 1 });
//!
//! let portal = store.bundle(&name, At::Latest)?.portal()?;
//! let data = portal.at_session("2016-03-01".parse()?)?;
//! assert!(data.current(Sid(0), Quote::Price)? > 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How it works
//!
//! The catalog is a SQLite database with the tables of [DuckLake](https://ducklake.select) 1.0, so
//! that DuckDB reads every version without this crate; the data are Parquet files that are written
//! once. `docs/format.md` describes both well enough to write another reader.
//!
//! * **In**: [`Store::ingest`] fetches, checks and encodes in several threads, writes only files
//!   whose content is new, and publishes with one transaction.
//! * **Out**: a [`Bundle`] reads bars from *tiles*, memory-mapped columns of `f64` that are derived
//!   from the Parquet files and may be deleted at any time; exact decimals come from the files.
//! * **Trust**: every file's BLAKE3 hash is in the catalog and compared before the file is decoded.
//!   A damaged file is [`Error::Corrupt`], which names it; [`Store::verify`] looks at all of them.
//!
//! Nothing here reads the clock or the environment, and nothing prints.

#[doc(hidden)]
pub mod bench;
mod block;
mod block_column;
mod bundle;
mod cache;
mod catalog;
mod chunk;
mod decimals;
mod doctor;
mod error;
mod format;
mod ingest;
mod job;
mod layout;
mod location;
mod lock;
mod name;
mod pin;
mod reader;
mod recipe;
mod records;
mod recover;
mod report;
mod retention;
mod step;
mod store;
mod store_options;
mod table;
mod tile;
mod verified;
mod verify;
mod version;
pub mod vfs;
mod writer;

pub use bundle::{Bundle, TableInfo};
pub use cache::{
    CacheOptions, CachePolicy, CacheStats, Cleared, LevelStats, RedisOptions, RedisUrl,
};
pub use catalog::database::DatabaseError;
pub use doctor::{Ailment, Diagnosis, DoctorOptions, Finding, Remedy, doctor};
pub use error::Error;
pub use ingest::{DEFAULT_MEMORY, IngestOptions};
pub use job::{JobError, JobFilter, JobId, JobInfo, JobProgress, JobState, Owner, Stop};
pub use layout::instrument_folder;
pub use location::{CatalogUrl, PostgresUrl};
pub use lock::{Holder, Locking};
pub use name::BundleName;
pub use pin::{Pin, PinName};
pub use recipe::Recipe;
pub use records::to_record_batch;
pub use recover::Recovered;
pub use report::{
    CompactReport, EventCounts, Gaps, IngestReport, Outcome, Phase, Progress, RejectedKind,
};
pub use retention::{
    Age, BackupOptions, BackupReport, BundleStats, CleanOptions, CleanReport, Copying,
    DroppedVersion, FreezeOptions, FreezeReport, Keeping, KeptVersion, Old, RestoreOptions,
    RestoreReport, RetainOptions, RetainPolicy, RetainReport, RetiredPeriod, Stats, TableStats,
};
pub use store::Store;
pub use store_options::StoreOptions;
pub use verify::{Damage, Fault, VerifyReport};
pub use version::{At, VersionInfo};

/// The example of the README runs too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
