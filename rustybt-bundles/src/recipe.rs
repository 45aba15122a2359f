//! [`Recipe`]: how a bundle is made, kept in the catalog so that it can be made again.

use std::collections::BTreeMap;

use rustybt_calendars::Session;
use rustybt_data::Frequency;
use serde::{Deserialize, Serialize};

/// How a bundle is ingested.
///
/// It holds the choices, not the secrets: a credential is named, never written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// The adapter, as in `--source csvdir`.
    pub source: String,
    /// Its options, as in `--opt path=DIR`.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// Only these symbols; `None` for all there are.
    #[serde(default)]
    pub symbols: Option<Vec<String>>,
    /// Nothing before this date.
    #[serde(default)]
    pub start: Option<Session>,
    /// Nothing after this date.
    #[serde(default)]
    pub end: Option<Session>,
    /// Only bars of this frequency.
    #[serde(default)]
    pub frequency: Option<Frequency>,
    /// The calendar's name.
    pub calendar: String,
}
