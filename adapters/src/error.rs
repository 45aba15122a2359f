//! What can go wrong between a source's name and its data.

use std::path::PathBuf;

use rustybt_data::{Frequency, SourceError};

/// Everything an adapter can fail with as a whole. Single bad rows are never errors: they are
/// delivered as [`Rejected`](rustybt_data::Rejected).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No adapter has this name.
    #[error("there is no source `{name}`; there are: {}", known.join(", "))]
    UnknownSource {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// The adapter has no option of this name.
    #[error("source `{adapter}` has no option `{option}`; it has: {}", known.join(", "))]
    UnknownOption {
        /// The adapter's name.
        adapter: &'static str,
        /// The option given.
        option: String,
        /// The options there are.
        known: Vec<&'static str>,
    },
    /// An option that the adapter cannot do without was not given.
    #[error("source `{adapter}` needs the option `{option}`")]
    MissingOption {
        /// The adapter's name.
        adapter: &'static str,
        /// The option that is missing.
        option: &'static str,
    },
    /// An option's value is not what it takes.
    #[error("`{value}` is no value of the option `{option}`, which takes {expected}")]
    BadOption {
        /// The option's name.
        option: String,
        /// The value given.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The folder is not there.
    #[error("there is no folder `{path}`", path = .path.display())]
    NoFolder {
        /// The folder asked for.
        path: PathBuf,
    },
    /// The path is that of a file.
    #[error("`{path}` is a file, not a folder", path = .path.display())]
    NotAFolder {
        /// The path asked for.
        path: PathBuf,
    },
    /// The file that an option names is not there.
    #[error("there is no file `{path}`, which the option `{option}` names", path = .path.display())]
    NoFile {
        /// The file's path.
        path: PathBuf,
        /// The option that names it.
        option: String,
    },
    /// The operating system does not let us read it.
    #[error("no permission to {action} `{path}`", path = .path.display())]
    NoPermission {
        /// What was tried.
        action: &'static str,
        /// What it was tried on.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The operating system refused.
    #[error("cannot {action} `{path}`", path = .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// What it was tried on.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The folder is none of ours: it has no bars.
    #[error(
        "`{path}` has neither a folder `daily` nor a folder `minute`; it holds {}", listed(.found),
        path = .path.display()
    )]
    NoBarFolders {
        /// The folder.
        path: PathBuf,
        /// What it holds instead.
        found: Vec<String>,
    },
    /// The folders of bars hold no CSV file.
    #[error("there is no CSV file in {}", folders.join(" or "))]
    NoBarFiles {
        /// The folders searched.
        folders: Vec<String>,
    },
    /// No Parquet file lies in the folder, nor in those below it.
    #[error("there is no Parquet file in `{path}` or below it", path = .path.display())]
    NoParquetFiles {
        /// The folder.
        path: PathBuf,
    },
    /// Nothing tells how far the bars of a file are apart.
    #[error("nothing in `{path}` tells what its bars are", path = .path.display())]
    UnknownFrequency {
        /// The file.
        path: PathBuf,
    },
    /// There are no bars of the frequency asked for.
    #[error("`{path}` has no {frequency} bars; it has {}", frequencies(.available), path = .path.display())]
    NoFrequency {
        /// The folder.
        path: PathBuf,
        /// The frequency asked for.
        frequency: Frequency,
        /// The frequencies there are.
        available: Vec<Frequency>,
    },
    /// Symbols that the source does not have.
    #[error("`{path}` has no {}", unknown(.symbols), path = .path.display())]
    UnknownSymbols {
        /// The folder.
        path: PathBuf,
        /// Each symbol asked for, and those it has that look alike.
        symbols: Vec<(String, Vec<String>)>,
        /// How many symbols there are.
        known: usize,
    },
    /// A text that can be no symbol.
    #[error("`{symbol}` can be no symbol: {reason}")]
    BadSymbol {
        /// The text.
        symbol: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A file that is no good as a whole.
    #[error("{detail}")]
    BadFile {
        /// What is wrong with it.
        detail: String,
    },
    /// A part that is none of this source's.
    #[error("`{name}` is no part of the source `{adapter}`")]
    ForeignPart {
        /// The adapter's name.
        adapter: &'static str,
        /// The part's name.
        name: String,
    },
}

impl Error {
    /// What would help, where we know.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::UnknownSource { .. } => "`rustybt sources` lists them".to_owned(),
            Self::MissingOption { option, .. } => format!("add `--opt {option}=…`"),
            Self::NoFolder { .. } => {
                "the option `path` names a folder that holds `daily/SYMBOL.csv` or `minute/SYMBOL.csv`"
                    .to_owned()
            }
            Self::NotAFolder { .. } => {
                "give the folder above `daily` or `minute`, and pick symbols by `--symbols`".to_owned()
            }
            Self::NoPermission { .. } => {
                "let this user read files and list folders there: `chmod -R u+rX`".to_owned()
            }
            Self::NoBarFolders { path, .. } => match path.file_name().and_then(|name| name.to_str()) {
                Some("daily" | "minute") => "give the folder above it".to_owned(),
                _ => format!("put the bars of each asset at `{}`", path.join("daily/SYMBOL.csv").display()),
            },
            Self::NoBarFiles { .. } => {
                "files are named SYMBOL.csv, or SYMBOL.csv.gz, .bz2, .xz or .zst".to_owned()
            }
            Self::NoParquetFiles { .. } => {
                "files are named *.parquet or *.pq, as in symbol=AAPL/year=2024/x.parquet".to_owned()
            }
            Self::UnknownFrequency { .. } => {
                "add `--opt frequency=1d`, or `--opt column.date=…` to name the column of times".to_owned()
            }
            Self::NoFrequency { .. } => {
                "other frequencies are made of these when the bundle is read".to_owned()
            }
            Self::UnknownSymbols { known, .. } => {
                format!("there are {known} symbols; without `--symbols` all of them are taken")
            }
            _ => return None,
        })
    }

    /// The refusal of the operating system to do `action` on `path`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
        source: std::io::Error,
    ) -> Self {
        let path = path.into();
        match source.kind() {
            std::io::ErrorKind::PermissionDenied => Self::NoPermission { action, path, source },
            _ => Self::Io { action, path, source },
        }
    }
}

impl From<Error> for SourceError {
    fn from(error: Error) -> Self {
        let hint = error.hint();
        let wrapped = Self::new(error);
        match hint {
            Some(hint) => wrapped.with_hint(hint),
            None => wrapped,
        }
    }
}

/// The first few names, and how many more there are.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = names.len().saturating_sub(SHOWN);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{rest}", shown.join(", "))
}

fn frequencies(available: &[Frequency]) -> String {
    let names: Vec<String> = available.iter().map(ToString::to_string).collect();
    names.join(" and ")
}

fn unknown(symbols: &[(String, Vec<String>)]) -> String {
    let parts: Vec<String> = symbols
        .iter()
        .map(|(symbol, near)| {
            if near.is_empty() {
                format!("`{symbol}`")
            } else {
                format!("`{symbol}` (did you mean {}?)", near.join(" or "))
            }
        })
        .collect();
    listed(&parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..7).map(|i| format!("s{i}")).collect();
        assert_eq!(listed(&names), "s0, s1, s2, s3, s4 and 2 more");
        assert_eq!(listed(&[]), "nothing");
    }

    #[test]
    fn unknown_symbols_name_their_neighbours() {
        let error = Error::UnknownSymbols {
            path: "data".into(),
            symbols: vec![("APPL".into(), vec!["AAPL".into()]), ("ZZZ".into(), vec![])],
            known: 7,
        };
        assert_eq!(error.to_string(), "`data` has no `APPL` (did you mean AAPL?), `ZZZ`");
        let wrapped = SourceError::from(error);
        assert_eq!(
            wrapped.hint(),
            Some("there are 7 symbols; without `--symbols` all of them are taken")
        );
    }
}
