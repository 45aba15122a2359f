//! What an error means for whoever meets it: whether to try again, and what would help.

use std::path::Path;

use crate::Error;
use crate::table::Dataset;

impl Error {
    /// Whether the same call may succeed when it is made again.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Conflict { .. }
            | Self::Fenced { .. }
            | Self::Busy { .. }
            | Self::CatalogBusy { .. } => true,
            Self::Job(error) => error.is_transient(),
            Self::Catalog { source, .. } => source.is_transient(),
            Self::Survey { source, .. } | Self::Fetch { source, .. } => source.is_transient(),
            _ => false,
        }
    }

    /// What would help, where somebody knows.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Survey { source, .. } | Self::Fetch { source, .. } => source.hint(),
            Self::Job(error) => error.hint(),
            Self::Corrupt { path, .. } if path.extension().is_some_and(|it| it == "sqlite") => {
                Some(
                    "put it back from a backup (`rustybt restore`), or let `rustybt doctor --repair` see to it",
                )
            }
            Self::Corrupt { path, .. } if holds_bars(path) => Some(
                "`rustybt verify` lists every damaged file; put it back from a copy, or ingest every row of it \
                 again as it was: then a new version has it anew",
            ),
            Self::Corrupt { .. } => Some(
                "`rustybt verify` lists every damaged file; put it back from a copy, or ingest into a new bundle",
            ),
            Self::CatalogLost { .. } => Some(
                "put it back from a backup (`rustybt restore`), or let `rustybt doctor --repair` make a \
                 new one from what the files say of themselves",
            ),
            Self::AmbiguousAsset { .. } => Some(
                "tell them apart by their sid, their exchange, or the exact spelling of the symbol",
            ),
            Self::SidTaken { .. } => Some(
                "an asset that was renamed is told by the history of its symbols: csvdir reads it from symbol_map.csv",
            ),
            Self::NoSidLeft { .. } => Some(
                "new assets get the sid after the largest one; give all of them sids, or smaller ones",
            ),
            Self::Busy { .. } => {
                Some("wait for it: `rustybt ingest --wait 10m` does so for ten minutes")
            }
            Self::Fenced { .. } => Some("run it again: nothing was published, nothing is lost"),
            Self::DiskFull { .. } => Some(
                "free some space and run the same again: nothing was published, and what was \
                 written on the way is removed",
            ),
            Self::Denied { .. } => {
                Some("look at the owner and the mode of the folder, and how its disk is mounted")
            }
            Self::NetworkFileSystem { .. } => Some(
                "keep the store on a disk of this machine, or its catalog in PostgreSQL (`--catalog`)",
            ),
            Self::TooManyFiles { .. } => {
                Some("allow more with `ulimit -n 4096`, or close programs that hold files open")
            }
            Self::UnknownFormat { .. } => {
                Some("it may have been written by a newer rustybt: read it with that one")
            }
            Self::Expired { .. } => Some(
                "a program such as DuckDB expired snapshots, which knows nothing of versions and \
                 pins; put the store back from a backup, or `rustybt clean` to forget the version",
            ),
            Self::PinTaken { .. } => Some("move it with --move, or take another name"),
            Self::Taken { .. } => Some("name another place, or move away what is there"),
            Self::NotHere { .. } => Some(
                "name a folder of this machine, and send what is in it with the programs of the \
                 object store, such as `aws s3 sync`",
            ),
            Self::NoBackup { .. } => Some("name the folder that `rustybt backup` wrote into"),
            Self::CatalogBusy { .. } => {
                Some("try again; if it lasts, look for a program that hangs")
            }
            _ => None,
        }
    }
}

/// Whether a file is a data file of bars, by the folder of its table.
fn holds_bars(path: &Path) -> bool {
    let table = |folder: &std::ffi::OsStr| Dataset::from_name(folder.to_str()?);
    path.iter().filter_map(table).any(Dataset::is_bars)
}
