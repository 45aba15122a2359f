//! Tables beyond bars: what their rows are on disk, and how rows that come are joined with those
//! that are there.
//!
//! A table's columns are those of its schema and whatever else came; their types grow with what
//! they hold ([`Shape`]), and files written before a column came have none of it. Rows of a file
//! are a [`RowBlock`], sorted by asset, stamp and what tells rows of one stamp apart.

mod arrow;
mod block;
mod convert;
mod merge;
mod need;
mod set;
mod shape;
mod weight;

pub use self::arrow::to_record_batch;
pub(crate) use self::block::{RowBlock, sort_key};
pub(crate) use self::convert::values;
pub(crate) use self::merge::{Settled, merge, settle};
pub(crate) use self::need::{Need, kind_name};
pub(crate) use self::set::{RecordSet, TableName};
pub(crate) use self::shape::{Misfit, RecordColumns, RecordState, SID, Shape};
pub(crate) use self::weight::{FULL, width};
