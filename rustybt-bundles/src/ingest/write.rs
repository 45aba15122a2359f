//! A group whose parts are all there: its rows, year by year, on their way into files.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::Scope;
use rustybt_data::Reached;

use super::budget::Permit;
use super::chunk::AssetBars;
use super::cut::{needs, years};
use super::fetch::{Fetch, lock};
use super::group::{Group, Held, layers};
use super::scales::TableScales;
use super::segment::Merged;
use super::spill::{Aside, Spill};
use crate::Error;

/// Bytes of a row of bars in the making of a file: its columns, and what they are encoded to.
const ROW: u64 = 7 * 8 * 2;

/// Rows on their way into files, with the memory they hold.
struct Load {
    layers: Vec<Vec<AssetBars>>,
    /// What making one of the files takes beside, where the permits do not have it.
    making: u64,
    _permits: Vec<Permit>,
}

impl Fetch<'_> {
    /// Writes the files of a group, its years side by side.
    pub(super) fn write<'s>(
        &'s self,
        group: &'s Group,
        mut held: Held,
        scope: &Scope<'s>,
    ) -> Result<(), Error> {
        held.settle(Spill(self.order.bench.staging))?;
        if !held.aside.is_empty() {
            return self.write_aside(group, &held.aside, scope);
        }
        let mut gathered = held.gathered;
        gathered.sort_by_key(|one| (one.asset.sid, one.at));
        let (assets, permits): (Vec<AssetBars>, Vec<Permit>) =
            gathered.into_iter().map(|one| (one.asset, one.permit)).unzip();
        let spans = || assets.iter().map(|asset| years(&asset.bars));
        let first = spans().map(|span| span.start).min();
        let (Some(first), Some(last)) = (first, spans().map(|span| span.end).max()) else {
            // None of its parts has a row.
            self.written(group, Merged::default());
            return Ok(());
        };
        group.begin_writing((first..last).len());
        let rows: usize = assets.iter().map(|asset| asset.bars.len()).sum();
        let making = rows as u64 * ROW / u64::from((last - first).max(1).unsigned_abs());
        let load = Arc::new(Load { layers: layers(assets), making, _permits: permits });
        for year in first..last {
            let load = Arc::clone(&load);
            scope.spawn(move |_| self.guarded(|| self.chunk(group, &load, year.into())));
        }
        Ok(())
    }

    /// Writes the files of a group of which rows were put aside, reading one year after another.
    fn write_aside<'s>(
        &'s self,
        group: &'s Group,
        aside: &Aside,
        scope: &Scope<'s>,
    ) -> Result<(), Error> {
        let spill = Spill(self.order.bench.staging);
        let mut reached: BTreeMap<usize, Reached> = BTreeMap::new();
        let years = aside.years();
        group.begin_writing(years.len());
        for year in years {
            self.order.stop.check()?;
            // Both at once: who waits for memory holds none.
            let bytes = aside.weight(year) + aside.rows(year) * ROW;
            let Some(permit) = self.room(bytes, scope)? else { return Ok(()) };
            let mut assets = Vec::new();
            for one in aside.members() {
                let Some(mut bars) = aside.read(spill, one, year, group.dataset)? else { continue };
                let (at, member) = (one.member.at, &one.member);
                if !one.checked
                    && let Some(part) = self.order.parts.get(at)
                {
                    let taken = lock(&self.outcomes).get_mut(at).map(std::mem::take);
                    let mut outcome = taken.unwrap_or_default();
                    let reached = reached.entry(at).or_default();
                    self.rules(part)?.check(reached, &mut bars, &mut outcome);
                    outcome.rejected.settle(self.order.bench.staging)?;
                    if let Some(place) = lock(&self.outcomes).get_mut(at) {
                        *place = outcome;
                    }
                    if let Some(table) = self.table(group.dataset) {
                        table.grow(needs(&bars));
                    }
                }
                if !bars.is_empty() {
                    let (sid, symbol) = (member.sid, member.symbol.clone());
                    assets.push(AssetBars { sid, symbol, bars });
                }
            }
            let load = Load { layers: layers(assets), making: 0, _permits: vec![permit] };
            scope.spawn(move |_| self.guarded(|| self.chunk(group, &load, year.into())));
        }
        aside.remove(spill)
    }

    /// Writes one year's files. Where an asset came in several parts, they are taken in one after
    /// another.
    fn chunk(&self, group: &Group, load: &Load, year: i64) -> Result<(), Error> {
        let head = self.order.head.iter().find(|table| table.dataset == group.dataset);
        let scales = self.table(group.dataset).map(TableScales::get).unwrap_or_default();
        let place = (group.part, year);
        let _making = self.budget.take(load.making);
        let bench = self.order.bench;
        let merged = bench.segments(group.dataset, &load.layers, place, scales, head)?;
        self.written(group, merged);
        Ok(())
    }
}
