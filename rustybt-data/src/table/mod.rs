//! Tables beyond bars: trades, quotes, books, funding, fundamentals, and whatever a user brings.
//!
//! A [`TableSchema`] says what a table's rows are: its columns, what their stamp is, whether they
//! belong to assets, and when two rows are the same one. [`TableSchema::known`] has those that
//! every source shares; a user's own are made with [`TableSchema::user`]. A source delivers a
//! [`RawTable`]; a [`TableReader`] gives [`TableRows`] back.

mod check;
mod decimal;
#[cfg(feature = "polars")]
mod frame;
mod known;
#[cfg(feature = "lazy")]
mod lazy;
mod memory;
mod raw;
mod reader;
mod schema;
mod values;

pub use self::check::check_rows;
pub use self::decimal::{DecimalColumn, MAX_WIDE_MANTISSA, MAX_WIDE_SCALE, parse_decimal};
#[cfg(feature = "lazy")]
pub use self::lazy::lazy_frame;
pub use self::memory::MemoryTable;
pub use self::raw::{RawTable, Subjects};
pub use self::reader::{TableQuery, TableReader, TableRows};
pub use self::schema::{ColumnType, Filing, Repeats, Stamp, TableColumn, TableSchema};
pub use self::values::TableValues;
