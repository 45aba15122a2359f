//! Comma-separated text, whoever wrote it: its dialect, its cells, its numbers and its dates.
//!
//! A record is a line: a cell, quoted or not, ends with its line at the latest, so that one stray
//! quotation mark spoils one row and not the rest of the file.

pub(crate) mod number;
pub(crate) mod record;
pub(crate) mod sheet;
pub(crate) mod stamp;
pub(crate) mod table;
