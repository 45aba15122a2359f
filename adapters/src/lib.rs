//! Adapters: they turn the outside world into [`Source`](rustybt_data::Source)s.
//!
//! An adapter fetches, parses and labels. It does not adjust, fill, resample or store, and it judges
//! no bar: that is the ingest's. What it cannot read it hands over with file, line and reason.
//!
//! # Example
//!
//! ```
//! use rustybt_adapters::{CsvDir, CsvDirOptions};
//! use rustybt_data::{Action, Field, Selection, Source};
//!
//! // A folder as zipline's csvdir has it, but for the one bad line.
//! let folder = tempfile::tempdir()?;
//! std::fs::create_dir(folder.path().join("daily"))?;
//! std::fs::write(
//!     folder.path().join("daily/AAPL.csv"),
//!     "date,open,high,low,close,volume,dividend,split\n\
//!      2014-06-05,646.2,649.37,642.61,647.35,75951141,0.0,1.0\n\
//!      2014-06-06,649.9,651.26,644.47,645.57,many,0.0,1.0\n\
//!      2014-06-09,92.7,93.88,91.75,93.7,75414997,0.0,7.0\n",
//! )?;
//!
//! let source = CsvDir::open(&CsvDirOptions::new(folder.path()))?;
//! let selection = Selection {
//!     symbols: None,
//!     start: None,
//!     end: None,
//!     frequency: None,
//!     calendar: rustybt_calendars::calendar("XNYS")?,
//! };
//! let survey = source.survey(&selection)?;
//! assert_eq!(survey.assets[0].symbol, "AAPL");
//! assert_eq!(survey.parts[0].name, "daily/AAPL.csv");
//!
//! let delivery = source.fetch(&survey.parts[0], &selection)?;
//! assert_eq!(delivery.bars.len(), 2);
//! let close = delivery.bars.column(Field::Close).and_then(|column| column.get(0));
//! assert_eq!(close, "647.35".parse().ok()); // exactly, never by way of a float
//! assert_eq!(delivery.events[0].action, Action::Split { new: 7, old: 1 });
//!
//! let rejected = &delivery.rejected[0];
//! assert_eq!((rejected.origin.as_str(), rejected.line), ("daily/AAPL.csv", Some(3)));
//! assert_eq!(rejected.reason.to_string(), "`many` in column `volume` is no volume");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The adapters
//!
//! [`sources`] lists them with what they need and what they give; [`open`] opens one by name, with
//! its options as text.
//!
//! * `csvdir` ([`CsvDir`]): a folder of CSV files, one for each symbol, plain or packed by gzip,
//!   bzip2, xz or Zstandard. Bars are read at several hundred megabytes a second by
//!   [`parse_bars`], which can be called on bytes of your own.
//! * `parquet` ([`ParquetDir`]): Parquet files of bars, in folders such as `symbol=AAPL/year=2024`, with
//!   a column of symbols, or called like their symbols.

mod descriptor;
mod error;
mod file;
mod registry;

pub use descriptor::{Descriptor, OptionSpec, Options};
pub use error::Error;
pub use file::csvdir::{BarFormat, CsvDir, CsvDirOptions, Label, parse_bars};
pub use file::hive::{ParquetDir, ParquetOptions};
pub use registry::{open, sources};
