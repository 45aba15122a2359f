//! What an ingest changes, table by table.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::chunk::{Bench, Place, StagedChunk, table_hash};
use super::refused::{Kinds, Quarantine};
use crate::Error;
use crate::catalog::{TableChange, TableState};
use crate::chunk::Chunk;
use crate::decimals::Scales;
use crate::records::RecordColumns;
use crate::report::RejectedKind;
use crate::table::Dataset;
use crate::writer::{SmallTable, quarantine};

/// What changes, table by table.
#[derive(Debug, Default)]
pub(super) struct Changes<'a> {
    pub(super) tables: Vec<Change<'a>>,
}

#[derive(Debug)]
pub(super) struct Change<'a> {
    pub(super) dataset: Dataset,
    pub(super) scales: Scales,
    pub(super) table: Option<i64>,
    pub(super) dropped: Option<i64>,
    pub(super) ended: Vec<&'a Chunk>,
    pub(super) added: Vec<StagedChunk>,
    /// The columns that the table has already; the others come after these.
    pub(super) known: usize,
    pub(super) records: Option<RecordColumns>,
}

impl<'a> Changes<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// A table of bars: its staged chunks, the numbers of those they replace, and where its numbers
    /// got more digits, all the others.
    pub(super) fn bars(
        &mut self,
        bench: Bench<'_>,
        dataset: Dataset,
        scales: Scales,
        (staged, replaced): (Vec<StagedChunk>, &BTreeSet<i64>),
        head: Option<&'a TableState>,
        symbol_of: &(dyn Fn(i64) -> String + Sync),
    ) -> Result<(), Error> {
        let grown = head.filter(|head| !scales.continues(head.scales));
        if staged.is_empty() && grown.is_none() {
            return Ok(());
        }
        let mut added: Vec<StagedChunk> = staged
            .into_par_iter()
            .map(|staged| {
                if scales.continues(staged.scales) {
                    return Ok(staged);
                }
                let symbol = symbol_of(staged.chunk.part);
                bench.rescale_staged(&staged, scales, &symbol)
            })
            .collect::<Result<_, Error>>()?;
        let Some(head) = head else {
            self.tables.push(Change {
                dataset,
                scales,
                table: None,
                dropped: None,
                ended: Vec::new(),
                added,
                known: 0,
                records: None,
            });
            return Ok(());
        };
        if grown.is_none() {
            let ended = head.chunks.iter().filter(|chunk| replaced.contains(&chunk.file));
            let (table, ended) = (Some(head.id), ended.collect());
            self.tables.push(Change {
                dataset,
                scales,
                table,
                dropped: None,
                ended,
                added,
                known: dataset.columns(head.scales).len(),
                records: None,
            });
            return Ok(());
        }
        let untouched = head
            .chunks
            .par_iter()
            .filter(|chunk| !replaced.contains(&chunk.file))
            .map(|chunk| bench.rescale(dataset, chunk, head.scales, scales, &symbol_of(chunk.part)))
            .collect::<Result<Vec<StagedChunk>, Error>>()?;
        added.extend(untouched);
        let ended = head.chunks.iter().collect();
        let dropped = Some(head.id);
        let (table, known, records) = (None, 0, None);
        self.tables.push(Change { dataset, scales, table, dropped, ended, added, known, records });
        Ok(())
    }

    /// A small table: written whole where its content is another one.
    pub(super) fn small(
        &mut self,
        bench: Bench<'_>,
        table: &SmallTable,
        head: Option<&'a TableState>,
    ) -> Result<(), Error> {
        let &SmallTable { dataset, scales, ref columns } = table;
        let rows = columns.first().map_or(0, crate::format::Column::len);
        let hash = table_hash(dataset, scales, columns);
        let before = head.map(|head| head.chunks.as_slice()).unwrap_or_default();
        let same_type = head.is_some_and(|head| head.scales == scales);
        let same = match before {
            // A table that came with a later program is made when there is something for it.
            [] => {
                let came_later = matches!(dataset, Dataset::SpinOffs | Dataset::Rights);
                rows == 0 && (head.is_some() || came_later)
            }
            [chunk] => chunk.content_hash == hash && same_type,
            _ => false,
        };
        if same {
            return Ok(());
        }
        let mut added = Vec::new();
        if rows > 0 {
            let place = Place { part: 0, period: 0, segment: 0, symbol: "" };
            added.push(bench.stage_columns(dataset, scales, place, columns, hash, Vec::new())?);
        }
        let kept = head.filter(|_| same_type).map(|head| head.id);
        self.tables.push(Change {
            dataset,
            scales,
            table: kept,
            dropped: head.filter(|_| !same_type).map(|head| head.id),
            ended: before.iter().collect(),
            added,
            known: dataset.columns(scales).len(),
            records: None,
        });
        Ok(())
    }
}

impl<'a> Changes<'a> {
    /// The quarantine: so many rows a file, each written where its content is another one.
    pub(super) fn quarantine(
        &mut self,
        bench: Bench<'_>,
        rejected: &Quarantine,
        head: Option<&'a TableState>,
    ) -> Result<Vec<RejectedKind>, Error> {
        const ROWS: usize = 1 << 16;
        let before = head.map(|head| head.chunks.as_slice()).unwrap_or_default();
        let mut left = before.iter();
        let (mut kinds, mut added, mut ended) = (Kinds::default(), Vec::new(), Vec::new());
        let mut segment = 0;
        rejected.in_parts(bench.staging, ROWS, |rows| {
            kinds.add(rows);
            let SmallTable { dataset, scales, columns } = quarantine::table(rows);
            let hash = table_hash(dataset, scales, &columns);
            let old = left.next();
            if old.is_none_or(|old| old.content_hash != hash) {
                ended.extend(old);
                let place = Place { part: 0, period: 0, segment, symbol: "" };
                let staged =
                    bench.stage_columns(dataset, scales, place, &columns, hash, Vec::new())?;
                added.push(staged);
            }
            segment += 1;
            Ok(())
        })?;
        ended.extend(left);
        if head.is_none() || !added.is_empty() || !ended.is_empty() {
            let (dataset, scales) = (Dataset::Quarantine, Scales::default());
            self.tables.push(Change {
                dataset,
                scales,
                table: head.map(|head| head.id),
                dropped: None,
                ended,
                added,
                known: dataset.columns(scales).len(),
                records: None,
            });
        }
        Ok(kinds.sorted())
    }
}

impl Change<'_> {
    pub(super) fn to_commit(&self) -> TableChange<'_> {
        TableChange {
            dataset: self.dataset,
            scales: self.scales,
            table: self.table,
            dropped: self.dropped,
            // A dropped table takes its files with it.
            ended: if self.dropped.is_some() { Vec::new() } else { self.ended.clone() },
            added: self.added.iter().map(|staged| &staged.chunk).collect(),
            known: self.known,
            records: self.records.as_ref(),
        }
    }
}
