//! Compacting: the segments of every part and period become one file, in a new version with the
//! same rows. Segments of tables beyond bars become as few as hold them without being too large.

use std::collections::BTreeSet;
use std::sync::Mutex;

use rayon::prelude::*;
use rustybt_calendars::Timestamp;
use rustybt_data::{AssetFinder, AssetTable, Sid};

use super::change::Changes;
use super::chunk::{Bench, Origin, Place, StagedChunk};
use super::publish::{About, Publisher};
use super::records::compacted;
use super::segment::together;
use super::stage::Staging;
use crate::bundle::Tables;
use crate::catalog::{BundleRow, Catalog, TableState};
use crate::chunk::Chunk;
use crate::layout::Layout;
use crate::report::CompactReport;
use crate::verified::Verified;
use crate::{Error, VersionInfo};

/// One compaction of one bundle.
pub(crate) struct Compaction<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) catalog: &'a Mutex<Catalog>,
    pub(crate) files: &'a Verified,
    pub(crate) bundle: &'a BundleRow,
    pub(crate) head: &'a VersionInfo,
    pub(crate) tables: &'a [TableState],
    pub(crate) now: Timestamp,
    /// The number it drew.
    pub(crate) fence: u64,
}

impl Compaction<'_> {
    pub(crate) fn run(self) -> Result<CompactReport, Error> {
        let mut staging = Staging::begin(self.layout)?;
        let origin = Origin {
            bundle: self.bundle.name.to_string(),
            calendar: self.bundle.calendar.clone(),
            version: self.head.version + 1,
        };
        let bench = Bench { staging: &staging, files: self.files, origin: &origin };
        // Its folder is named for the symbol of the asset.
        let assets = Tables { files: self.files, states: self.tables }.assets()?;
        let symbol_of = |sid: i64| symbol(&assets, sid);
        let mut changes = Changes::default();
        for table in self.tables {
            if table.records.is_some() {
                changes.tables.extend(compacted(bench, table, &symbol_of)?);
            }
            if !table.dataset.is_bars() {
                continue;
            }
            let many: Vec<&[Chunk]> = table
                .chunks
                .chunk_by(|a, b| (a.part, a.period) == (b.part, b.period))
                .filter(|segments| segments.len() > 1)
                .collect();
            let staged = many
                .par_iter()
                .filter_map(|segments| join(bench, table, segments, &assets).transpose())
                .collect::<Result<Vec<StagedChunk>, Error>>()?;
            let ended: BTreeSet<i64> = many.iter().flat_map(|s| s.iter().map(|c| c.file)).collect();
            let (dataset, scales) = (table.dataset, table.scales);
            changes
                .bars(bench, dataset, scales, (staged, &ended), Some(table), &|_| String::new())?;
        }
        staging.synced()?;
        let publisher = Publisher {
            layout: self.layout,
            catalog: self.catalog,
            bundle: self.bundle,
            head: Some(self.head),
            now: self.now,
            job: staging.id(),
            fence: Some(self.fence),
            done: None,
        };
        let about = About {
            source: serde_json::json!({ "source": "compact" }),
            first: None,
            last: None,
            assets: self.head.assets,
        };
        let outcome = publisher.publish(&changes, &about)?;
        let added = || changes.tables.iter().flat_map(|table| &table.added);
        let ended = || changes.tables.iter().flat_map(|table| &table.ended);
        let (files, bytes) = (self.head.files, self.head.bytes);
        Ok(CompactReport {
            outcome,
            files_before: files,
            files: files + added().count() as u64 - ended().count() as u64,
            bytes_before: bytes,
            bytes: bytes + added().map(|staged| staged.chunk.bytes).sum::<u64>()
                - ended().map(|chunk| chunk.bytes).sum::<u64>(),
            bytes_written: added().map(|staged| staged.chunk.bytes).sum(),
        })
    }
}

/// The segments of one part and period as one file.
fn join(
    bench: Bench<'_>,
    table: &TableState,
    segments: &[Chunk],
    assets: &AssetTable,
) -> Result<Option<StagedChunk>, Error> {
    let read = |chunk| bench.read(table.dataset, chunk, table.scales, table.scales);
    let blocks = segments.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
    let (Some(block), Some(first)) = (together(blocks), segments.first()) else {
        return Ok(None);
    };
    let segment = segments.iter().map(|chunk| chunk.segment).min().unwrap_or(0);
    let symbol = symbol(assets, first.part);
    let place = Place { part: first.part, period: first.period, segment, symbol: &symbol };
    bench.stage(table.dataset, place, block).map(Some)
}

/// The symbol of the asset that a part is of, where it is of one.
fn symbol(assets: &AssetTable, part: i64) -> String {
    let asset = u32::try_from(part).ok().and_then(|sid| assets.asset(Sid(sid)));
    asset.map(|asset| asset.symbol.clone()).unwrap_or_default()
}
