//! What to ingest: the flags that `register` and `ingest` share.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use rustybt_bundles::Locking;
use rustybt_calendars::Session;
use rustybt_data::Frequency;

use crate::error::Error;
use crate::preset::Presets;
use crate::settings::{Memory, Threads};
use crate::span::Span;

/// The source, its options, and what to take of it.
#[derive(Debug, Clone, Args)]
pub(crate) struct SelectionArgs {
    /// The adapter that brings the data; `rustybt sources` lists them
    #[arg(long, value_name = "SOURCE")]
    pub(crate) source: Option<String>,
    /// An option of the adapter; may be given several times
    #[arg(long = "opt", value_name = "KEY=VALUE")]
    pub(crate) options: Vec<String>,
    /// Only these symbols
    #[arg(long, value_name = "A,B", value_delimiter = ',', conflicts_with_all = ["symbols_file", "preset"])]
    pub(crate) symbols: Vec<String>,
    /// Only the symbols in this file, one a line
    #[arg(long, value_name = "FILE", conflicts_with = "preset")]
    pub(crate) symbols_file: Option<PathBuf>,
    /// Only the symbols of this list: presets/NAME.txt in the data folder, one a line
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,
    /// Nothing before this date
    #[arg(long, value_name = "DATE")]
    pub(crate) start: Option<Session>,
    /// Nothing after this date
    #[arg(long, value_name = "DATE")]
    pub(crate) end: Option<Session>,
    /// Only bars of this frequency, such as 1d or 1m
    #[arg(long, value_name = "FREQUENCY")]
    pub(crate) frequency: Option<Frequency>,
    /// The trading calendar of the bundle [default: XNYS]
    #[arg(long, value_name = "NAME")]
    pub(crate) calendar: Option<String>,
}

/// How an ingest is done.
#[derive(Debug, Clone, Args)]
pub(crate) struct WorkArgs {
    /// Fetch and encode on this many threads [default: one a core]
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<Threads>,
    /// Take at most so much memory; what does not fit waits on disk [default: 512MiB]
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<Memory>,
    /// Wait so long for another ingest of the bundle, such as 60s or 5m [default: fail at once]
    #[arg(long, value_name = "SPAN", conflicts_with = "no_lock")]
    pub(crate) wait: Option<Span>,
    /// Do not keep others from the bundle: where several publish, each starts again on top
    #[arg(long)]
    pub(crate) no_lock: bool,
}

impl WorkArgs {
    /// What to do where another ingest writes the bundle.
    pub(crate) fn locking(&self) -> Locking {
        match self.wait {
            _ if self.no_lock => Locking::Unlocked,
            Some(span) => Locking::Wait(span.0),
            None => Locking::Fail,
        }
    }
}

impl SelectionArgs {
    /// The adapter's options by key, each given once.
    pub(crate) fn options(&self) -> Result<BTreeMap<String, String>, Error> {
        options(&self.options)
    }

    /// The symbols asked for; `None` for all there are.
    pub(crate) fn symbols(&self, presets: &Presets) -> Result<Option<Vec<String>>, Error> {
        let symbols = match (&self.symbols_file, &self.preset) {
            (Some(path), _) => {
                let refused = |source| Error::Io {
                    action: "read the list of symbols",
                    path: path.clone(),
                    source,
                };
                words(&std::fs::read_to_string(path).map_err(refused)?)
            }
            (None, Some(name)) => words(&presets.read(name)?),
            (None, None) => self.symbols.clone(),
        };
        Ok((!symbols.is_empty()).then_some(symbols))
    }
}

/// Options as `key=value`, by key, each given once.
pub(crate) fn options(given: &[String]) -> Result<BTreeMap<String, String>, Error> {
    let mut options = BTreeMap::new();
    for text in given {
        let (key, value) = text
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| Error::BadOption { text: text.clone() })?;
        if options.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(Error::Twice { what: "option", name: key.to_owned() });
        }
    }
    Ok(options)
}

/// One symbol a line; what follows a `#` is a comment.
fn words(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|symbol| !symbol.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_symbols_may_have_comments() {
        assert_eq!(words("AAPL\n# banks\nBAC # America\n\n"), ["AAPL", "BAC"]);
    }
}
