//! What an ingest took in beside the bars: the assets, the events, the quarantine, and the counts.

use std::collections::{BTreeMap, BTreeSet};

use rustybt_calendars::Session;
use rustybt_data::{Action, Adjustment, AdjustmentTable, Asset, Reason, Rejected, Sid, Survey};

use super::describe;
use super::events::{Brought, Merged};
use super::fetch::Fetched;
use super::records::Records;
use super::refused::Quarantine;
use crate::report::Gaps;

/// What was taken in, beside the bars.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Every asset of the bundle, by sid.
    pub(super) assets: Vec<Asset>,
    pub(super) rejected: Quarantine,
    pub(super) notes: Vec<String>,
    pub(super) gaps: Vec<Gaps>,
    sids: Vec<Option<Sid>>,
    /// From which session to which the ingest saw each asset.
    days: BTreeMap<Sid, (Session, Session)>,
    pub(super) first: Option<Session>,
    pub(super) last: Option<Session>,
    pub(super) rows_read: u64,
    pub(super) rows_stored: u64,
    pub(super) rows_new: u64,
    pub(super) rows_changed: u64,
    pub(super) rows_unchanged: u64,
    pub(super) rows_superseded: u64,
    pub(super) outside_hours: u64,
    pub(super) equal_duplicates: u64,
    pub(super) without_trades: u64,
}

impl Taken {
    pub(super) fn new(
        survey: &Survey,
        sids: &[Sid],
        fetched: &Fetched,
        records: &mut Records,
        known: &[Asset],
    ) -> Self {
        let mut taken = Self {
            notes: survey.notes.clone(),
            rows_new: fetched.counts.new,
            rows_changed: fetched.counts.changed,
            rows_unchanged: fetched.counts.unchanged,
            ..Self::default()
        };
        taken.rejected.extend(survey.rejected.iter().cloned());
        let mut seen: BTreeMap<usize, (Session, Session)> = BTreeMap::new();
        let mut gaps: BTreeMap<usize, u64> = BTreeMap::new();
        let mut broken: BTreeSet<usize> = BTreeSet::new();
        let mut outside: BTreeMap<usize, u64> = BTreeMap::new();
        let mut delivered = 0;
        for (part, outcome) in survey.parts.iter().zip(&fetched.outcomes) {
            taken.rows_read += outcome.rows;
            delivered += outcome.stored;
            taken.outside_hours += outcome.outside_hours;
            taken.equal_duplicates += outcome.equal_duplicates;
            taken.without_trades += outcome.without_trades;
            taken.rejected.add(outcome.rejected.clone());
            taken.notes.extend(outcome.notes.iter().cloned());
            if outcome.rejected.has_bad_file() {
                broken.insert(part.asset);
            }
            *outside.entry(part.asset).or_default() += outcome.outside_life;
            *gaps.entry(part.asset).or_default() += outcome.missing_sessions;
            if let Some((first, last)) = outcome.seen {
                let span = seen.entry(part.asset).or_insert((first, last));
                *span = (span.0.min(first), span.1.max(last));
            }
        }
        taken.rows_stored = taken.rows_new + taken.rows_changed + taken.rows_unchanged;
        taken.rows_superseded = delivered - taken.rows_stored;
        taken.notes.extend(fetched.repaired.iter().map(|path| {
            format!("`{}` was damaged; its rows came again, and it is written anew", path.display())
        }));
        taken.add(records);
        for (&asset, &(first, last)) in &records.seen {
            let span = seen.entry(asset).or_insert((first, last));
            *span = (span.0.min(first), span.1.max(last));
        }
        taken.first = seen.values().map(|span| span.0).min();
        taken.last = seen.values().map(|span| span.1).max();

        let mut assets: BTreeMap<Sid, Asset> =
            known.iter().map(|asset| (asset.sid, asset.clone())).collect();
        for (at, (record, &sid)) in survey.assets.iter().zip(sids).enumerate() {
            // What rows are dated says when an asset lived only where nothing else does.
            let dated = || records.dated.get(&at).filter(|_| !assets.contains_key(&sid));
            let span = seen.get(&at).or_else(dated).copied();
            let asset = describe::describe(record, sid, assets.get(&sid), span);
            taken.sids.push(asset.as_ref().map(|_| sid));
            taken.days.extend(span.map(|span| (sid, span)));
            let Some(asset) = asset else {
                if broken.contains(&at) {
                    // Its file is in quarantine, and that says it all.
                    continue;
                }
                let symbol = record.symbol.clone();
                taken.rejected.extend([Rejected {
                    origin: "assets".to_owned(),
                    line: None,
                    symbol: symbol.clone(),
                    reason: Reason::NoBars { symbol },
                    text: String::new(),
                }]);
                continue;
            };
            if let Some(&sessions) = gaps.get(&at).filter(|&&sessions| sessions > 0) {
                let symbol = asset.symbol.clone();
                taken.gaps.push(Gaps { sid, symbol, sessions });
            }
            if let Some(&bars) = outside.get(&at).filter(|&&bars| bars > 0) {
                let Asset { symbol, start, end, .. } = &asset;
                taken.notes.push(format!(
                    "{bars} bars of `{symbol}` lie outside its dates, {start} to {end}; they are kept"
                ));
            }
            assets.insert(sid, asset);
        }
        taken.assets = assets.into_values().collect();
        taken
    }

    /// Adds what was taken in of tables beyond bars.
    fn add(&mut self, records: &mut Records) {
        self.rows_read += records.rows;
        self.rows_new += records.counts.new;
        self.rows_changed += records.counts.changed;
        self.rows_unchanged += records.counts.unchanged;
        self.rows_stored += records.counts.all();
        self.rows_superseded += records.superseded;
        self.equal_duplicates += records.equal_duplicates;
        self.rejected.append(std::mem::take(&mut records.rejected));
        self.notes.append(&mut records.notes);
    }

    /// The bundle's events with those of the source; what cannot be one is rejected.
    pub(super) fn events(
        &mut self,
        source: &str,
        survey: &Survey,
        fetched: &Fetched,
        known: &AdjustmentTable,
    ) -> Merged {
        let symbol = |asset: usize| {
            survey.assets.get(asset).map(|record| record.symbol.clone()).unwrap_or_default()
        };
        let sids = std::mem::take(&mut self.sids);
        let sid = |asset: usize| sids.get(asset).copied().flatten();
        let mut brought = Brought {
            full_lists: survey.full_lists.clone(),
            days: std::mem::take(&mut self.days),
            ..Brought::default()
        };
        let mut rejected = Vec::new();
        brought.resolve(survey.events.clone(), source, sid, symbol, &mut rejected);
        for (part, outcome) in survey.parts.iter().zip(&fetched.outcomes) {
            let events = outcome.events.clone();
            brought.resolve(events, &part.name, sid, symbol, &mut rejected);
        }
        self.rejected.extend(rejected);
        let merged = brought.merge(known.iter().cloned().collect());
        for event in &merged.removed {
            let (symbol, effective) = (self.symbol(event.sid), event.effective);
            let kind = event.action.kind();
            self.notes.push(format!(
                "the {kind} of `{symbol}` on {effective} is gone: the source no longer has it"
            ));
        }
        self.foreign_dividends(&merged.events);
        merged
    }

    /// Notes assets with dividends in another currency than their own.
    fn foreign_dividends(&mut self, events: &[Adjustment]) {
        let mut foreign: BTreeMap<(Sid, &str), u64> = BTreeMap::new();
        for event in events {
            if let Action::Dividend { currency: Some(currency), .. } = &event.action {
                *foreign.entry((event.sid, currency.as_str())).or_default() += 1;
            }
        }
        for ((sid, currency), count) in foreign {
            let Some(asset) = self.asset(sid) else { continue };
            if !asset.currency.is_empty() && asset.currency != currency {
                let note = format!(
                    "{count} dividends of `{}` are in {currency}, its prices in {}: they are taken \
                     from the prices as they stand",
                    asset.symbol, asset.currency
                );
                self.notes.push(note);
            }
        }
    }

    fn asset(&self, sid: Sid) -> Option<&Asset> {
        let at = self.assets.binary_search_by_key(&sid, |asset| asset.sid).ok()?;
        self.assets.get(at)
    }

    pub(super) fn symbol(&self, sid: Sid) -> String {
        self.asset(sid).map(|asset| asset.symbol.clone()).unwrap_or_default()
    }
}
