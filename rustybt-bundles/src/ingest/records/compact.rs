//! Compacting tables beyond bars: neighbouring segments of a part and period become one, as far as
//! one file is not too large for that.

use rayon::prelude::*;
use rustybt_data::Filing;

use super::super::change::Change;
use super::super::chunk::{Bench, Place, StagedChunk};
use crate::Error;
use crate::catalog::TableState;
use crate::chunk::Chunk;
use crate::decimals::Scales;
use crate::records::{FULL, RecordColumns, RecordState, RowBlock, merge, sort_key, width};

/// What compacting changes in a table; `None` where there is nothing to join.
pub(in crate::ingest) fn compacted<'h>(
    bench: Bench<'_>,
    table: &'h TableState,
    symbol_of: &(dyn Fn(i64) -> String + Sync),
) -> Result<Option<Change<'h>>, Error> {
    let (Some(state), Some(set)) = (&table.records, table.dataset.records()) else {
        return Ok(None);
    };
    let each = width(&state.columns);
    let runs: Vec<&[Chunk]> = table
        .chunks
        .chunk_by(|a, b| (a.part, a.period) == (b.part, b.period))
        .flat_map(|segments| runs(segments, each))
        .collect();
    if runs.is_empty() {
        return Ok(None);
    }
    let by_asset = matches!(set.filing, Filing::Months | Filing::Days);
    let join = |run: &&[Chunk]| -> Result<Option<StagedChunk>, Error> {
        let Some((first, block)) = run.first().zip(read(bench, state, run)?) else {
            return Ok(None);
        };
        let symbol = if by_asset { symbol_of(first.part) } else { String::new() };
        let segment = run.iter().map(|chunk| chunk.segment).min().unwrap_or(first.segment);
        let place = Place { part: first.part, period: first.period, segment, symbol: &symbol };
        Ok(Some(bench.stage_rows(set, place, block)?.staged))
    };
    let added = runs.par_iter().filter_map(|run| join(run).transpose());
    let added = added.collect::<Result<Vec<_>, Error>>()?;
    Ok(Some(Change {
        dataset: table.dataset,
        scales: Scales::default(),
        table: Some(table.id),
        dropped: None,
        ended: runs.into_iter().flatten().collect(),
        added,
        known: state.columns.len(),
        records: Some(RecordColumns {
            schema: state.schema.clone(),
            sort_key: sort_key(set, &state.columns).join(","),
            known: state.columns.len(),
            specs: state.columns.clone(),
        }),
    }))
}

/// Segments that become one: neighbours in time, as many as fit one file; `each` is the weight of
/// a row.
fn runs(segments: &[Chunk], each: u64) -> Vec<&[Chunk]> {
    let mut runs = Vec::new();
    let mut from = 0;
    let mut sum = 0_u64;
    for (at, chunk) in segments.iter().enumerate() {
        let weight = each.saturating_mul(chunk.rows as u64);
        if at > from && sum.saturating_add(weight) > FULL {
            runs.extend(segments.get(from..at));
            (from, sum) = (at, 0);
        }
        sum = sum.saturating_add(weight);
    }
    runs.extend(segments.get(from..));
    runs.retain(|run| run.len() > 1);
    runs
}

/// The rows of some segments together.
fn read(bench: Bench<'_>, state: &RecordState, run: &[Chunk]) -> Result<Option<RowBlock>, Error> {
    let mut all: Option<RowBlock> = None;
    // From the newest, which are the smallest, so that little is copied twice.
    for chunk in run.iter().rev() {
        let block = bench.read_rows(chunk, state.columns.clone(), &state.columns)?;
        let set = crate::records::RecordSet::of(&state.schema);
        all = match (all, set) {
            (Some(newer), Some(set)) => Some(merge(&block, &newer, set, &state.schema).0),
            _ => Some(block),
        };
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn chunk(rows: u64) -> Chunk {
        Chunk {
            part: 0,
            period: 0,
            segment: 0,
            file: 0,
            path: PathBuf::new(),
            rows: usize::try_from(rows).unwrap(),
            bytes: 0,
            content_hash: [0; 32],
            file_hash: [0; 32],
            extents: Vec::new(),
        }
    }

    #[test]
    fn as_few_files_as_hold_the_rows_and_then_no_fewer() {
        let full = FULL / 8;
        let sizes = |rows: &[u64]| -> Vec<usize> {
            let chunks: Vec<Chunk> = rows.iter().map(|&rows| chunk(rows)).collect();
            runs(&chunks, 8).iter().map(|run| run.len()).collect()
        };
        assert_eq!(sizes(&[1]), [0; 0]);
        assert_eq!(sizes(&[1, 2, 3]), [3]);
        assert_eq!(sizes(&[full, 1, 2]), [2]);
        assert_eq!(sizes(&[full / 2, full / 2, full / 2, full]), [2]);
        assert_eq!(sizes(&[2 * full, full]), [0; 0]);
    }
}
