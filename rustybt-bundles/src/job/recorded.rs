//! A source whose deliveries are written down, and whose secrets stay its own.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use rustybt_data::{
    Action, Delivery, Limits, Part, Selection, Source, SourceError, Subjects, Survey,
    TableDelivery, TablePart,
};

use super::deliveries::{Deliveries, KEY};
use super::secrets::Secrets;
use crate::Error;

/// Another source, as an ingest sees it: what it delivered to an earlier run of the job it is not
/// asked for again.
#[derive(Debug)]
pub(crate) struct Recorded<'a> {
    source: &'a dyn Source,
    secrets: &'a Secrets,
    /// Where fetching is dear.
    deliveries: Option<&'a Deliveries>,
    surveyed: OnceLock<Surveyed>,
}

/// What a survey says that a part does not.
#[derive(Debug)]
struct Surveyed {
    symbols: Vec<String>,
    /// What tells the list of assets.
    assets: String,
    /// Keys of more than one part: which of them a delivery is of, nobody can tell.
    ambiguous: BTreeSet<String>,
}

/// The log, and what a part is called there.
struct Entry<'a> {
    log: &'a Deliveries,
    key: String,
    assets: &'a str,
}

impl<'a> Recorded<'a> {
    pub(crate) fn new(
        source: &'a dyn Source,
        secrets: &'a Secrets,
        deliveries: Option<&'a Deliveries>,
    ) -> Self {
        Self { source, secrets, deliveries, surveyed: OnceLock::new() }
    }

    fn clean(&self, error: SourceError) -> SourceError {
        self.secrets.clean(error)
    }

    /// Where a part of a table is written down; `None` where it is not.
    fn table_entry(&self, part: &TablePart) -> Option<Entry<'_>> {
        let (log, surveyed) = (self.deliveries?, self.surveyed.get()?);
        let key = table_key(part, &surveyed.symbols);
        let assets = surveyed.assets.as_str();
        (!surveyed.ambiguous.contains(&key)).then_some(Entry { log, key, assets })
    }

    /// Where a part is written down; `None` where it is not.
    fn entry(&self, part: &Part) -> Option<Entry<'_>> {
        let (log, surveyed) = (self.deliveries?, self.surveyed.get()?);
        let symbol = surveyed.symbols.get(part.asset).map(String::as_str);
        let key = key(self.source, part, symbol);
        let assets = surveyed.assets.as_str();
        (!surveyed.ambiguous.contains(&key)).then_some(Entry { log, key, assets })
    }
}

impl Entry<'_> {
    /// Gives what earlier runs have left of a part; whether they had all of it.
    fn replay(
        &self,
        part: &Part,
        take: &mut dyn FnMut(Delivery) -> ControlFlow<()>,
    ) -> Result<bool, SourceError> {
        let Some(found) = self.log.find(&self.key, self.assets) else { return Ok(false) };
        for piece in 0..found.pieces {
            let read = self.log.read(&self.key, piece);
            let mut delivery: Delivery = read.ok_or_else(|| unreadable(&part.name))?;
            if !found.bound {
                // They are of the part's own asset, which may have another place in the list now.
                delivery.events.iter_mut().for_each(|event| event.asset = part.asset);
            }
            if take(delivery).is_break() {
                break;
            }
        }
        Ok(true)
    }
}

impl Source for Recorded<'_> {
    fn name(&self) -> &str {
        self.source.name()
    }

    fn survey(&self, selection: &Selection) -> Result<Survey, SourceError> {
        let survey = self.source.survey(selection).map_err(|error| self.clean(error))?;
        if self.deliveries.is_some() {
            let symbols: Vec<String> =
                survey.assets.iter().map(|asset| asset.symbol.clone()).collect();
            let assets = hash(&symbols);
            let (mut seen, mut ambiguous) = (BTreeSet::new(), BTreeSet::new());
            let bars = survey
                .parts
                .iter()
                .map(|part| key(self.source, part, symbols.get(part.asset).map(String::as_str)));
            let tables = survey.tables.iter().map(|part| table_key(part, &symbols));
            for key in bars.chain(tables) {
                if !seen.insert(key.clone()) {
                    ambiguous.insert(key);
                }
            }
            // A second survey of one run is of the same.
            let _ = self.surveyed.set(Surveyed { symbols, assets, ambiguous });
        }
        Ok(survey)
    }

    fn fetch(&self, part: &Part, selection: &Selection) -> Result<Delivery, SourceError> {
        // An ingest fetches in pieces, so that nothing is written down here.
        self.source.fetch(part, selection).map_err(|error| self.clean(error))
    }

    fn fetch_in_pieces(
        &self,
        part: &Part,
        selection: &Selection,
        bytes: usize,
        take: &mut dyn FnMut(Delivery) -> ControlFlow<()>,
    ) -> Result<(), SourceError> {
        let fetch = |take: &mut dyn FnMut(Delivery) -> ControlFlow<()>| {
            let fetched = self.source.fetch_in_pieces(part, selection, bytes, take);
            fetched.map_err(|error| self.clean(error))
        };
        let Some(entry) = self.entry(part) else { return fetch(take) };
        if entry.replay(part, take)? {
            return Ok(());
        }
        let Entry { log, key, assets } = entry;
        let (mut refused, mut enough, mut broken, mut bound) = (None, false, false, false);
        fetch(&mut |delivery| {
            if enough {
                broken = true;
                return ControlFlow::Break(());
            }
            bound |= delivery.events.iter().any(|event| {
                event.asset != part.asset || matches!(event.action, Action::StockDividend { .. })
            });
            if let Err(error) = log.add(&key, &delivery) {
                refused = Some(error);
                return ControlFlow::Break(());
            }
            // Only if another piece comes is this one not the last.
            enough = take(delivery).is_break();
            ControlFlow::Continue(())
        })?;
        // What was broken off is not all of it.
        let ended = if broken { Ok(()) } else { log.end(&key, assets, bound) };
        match refused.map_or(ended, Err) {
            Ok(()) => Ok(()),
            Err(error) => Err(unwritten(error)),
        }
    }

    fn fetch_table(
        &self,
        part: &TablePart,
        selection: &Selection,
    ) -> Result<TableDelivery, SourceError> {
        // An ingest fetches in pieces, so that nothing is written down here.
        self.source.fetch_table(part, selection).map_err(|error| self.clean(error))
    }

    fn fetch_table_in_pieces(
        &self,
        part: &TablePart,
        selection: &Selection,
        bytes: usize,
        take: &mut dyn FnMut(TableDelivery) -> ControlFlow<()>,
    ) -> Result<(), SourceError> {
        let fetch = |take: &mut dyn FnMut(TableDelivery) -> ControlFlow<()>| {
            let fetched = self.source.fetch_table_in_pieces(part, selection, bytes, take);
            fetched.map_err(|error| self.clean(error))
        };
        let Some(Entry { log, key, assets }) = self.table_entry(part) else { return fetch(take) };
        if let Some(found) = log.find(&key, assets) {
            for piece in 0..found.pieces {
                let read = log.read(&key, piece).ok_or_else(|| unreadable(&part.name))?;
                if take(read).is_break() {
                    break;
                }
            }
            return Ok(());
        }
        let (mut refused, mut enough, mut broken, mut bound) = (None, false, false, false);
        fetch(&mut |delivery| {
            if enough {
                broken = true;
                return ControlFlow::Break(());
            }
            bound |= matches!(delivery.table.subjects, Subjects::Each(_));
            if let Err(error) = log.add(&key, &delivery) {
                refused = Some(error);
                return ControlFlow::Break(());
            }
            // Only if another piece comes is this one not the last.
            enough = take(delivery).is_break();
            ControlFlow::Continue(())
        })?;
        // What was broken off is not all of it.
        let ended = if broken { Ok(()) } else { log.end(&key, assets, bound) };
        refused.map_or(ended, Err).map_err(unwritten)
    }

    fn table_identity(&self, part: &TablePart) -> Option<String> {
        self.source.table_identity(part)
    }

    fn limits(&self) -> Limits {
        self.source.limits()
    }

    fn is_dear(&self) -> bool {
        self.source.is_dear()
    }

    fn identity(&self, part: &Part) -> Option<String> {
        self.source.identity(part)
    }
}

/// A delivery could not be written down.
#[derive(Debug, thiserror::Error)]
#[error("what was fetched cannot be written down")]
struct Unwritten(#[source] Error);

fn unwritten(error: Error) -> SourceError {
    SourceError::new(Unwritten(error)).transient()
}

fn unreadable(part: &str) -> SourceError {
    let what = format!("what was written down of `{part}` cannot be read");
    SourceError::new(std::io::Error::other(what)).transient()
}

/// What tells a part of a table from every other.
fn table_key(part: &TablePart, symbols: &[String]) -> String {
    let symbol = part.asset.and_then(|asset| symbols.get(asset));
    hash(&(&part.name, &part.schema.name, symbol, part.bytes))
}

/// What tells a part from every other, and from what it was when it had other content.
pub(crate) fn key(source: &dyn Source, part: &Part, symbol: Option<&str>) -> String {
    let Part { name, frequency, bytes, .. } = part;
    hash(&(name, symbol, frequency, bytes, source.identity(part)))
}

/// A hash of anything, as text.
pub(crate) fn hash(value: &impl serde::Serialize) -> String {
    // What is hashed are texts and numbers, which always can be written.
    let text = serde_json::to_vec(value).unwrap_or_default();
    let hash = blake3::hash(&text).to_hex();
    hash.get(..KEY).unwrap_or_default().to_owned()
}
