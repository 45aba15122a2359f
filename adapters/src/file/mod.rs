//! Sources that are files.

pub(crate) mod compression;
pub(crate) mod csv;
pub(crate) mod csvdir;
pub(crate) mod hive;
