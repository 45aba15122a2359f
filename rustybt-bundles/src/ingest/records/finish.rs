//! What tables beyond bars change in a version, once all their columns are known.

use std::collections::BTreeSet;

use bytes::Bytes;
use rayon::prelude::*;

use super::super::change::Change;
use super::super::chunk::{Bench, Place, StagedChunk};
use super::{Records, StagedRows, TakenTable};
use crate::Error;
use crate::catalog::TableState;
use crate::decimals::Scales;
use crate::format::{ColumnSpec, ParquetFile, Rows};
use crate::records::{RecordColumns, RecordSet, RowBlock, sort_key};
use crate::table::Dataset;

/// The changes of every table that rows came for.
///
/// A file that was written before another part needed more is written again. Where the types of
/// columns that the version before has must grow, the table is made anew, with all its files.
pub(in crate::ingest) fn record_changes<'h>(
    bench: Bench<'_>,
    records: &mut Records,
    head: &'h [TableState],
    symbol_of: &(dyn Fn(i64) -> String + Sync),
) -> Result<Vec<Change<'h>>, Error> {
    let mut changes = Vec::new();
    for table in records.tables.drain(..) {
        let set = table.shape.set;
        let head = head.iter().find(|head| head.dataset.name() == set.name.as_str());
        changes.extend(change(bench, table, head, symbol_of)?);
    }
    Ok(changes)
}

fn change<'h>(
    bench: Bench<'_>,
    table: TakenTable,
    head: Option<&'h TableState>,
    symbol_of: &(dyn Fn(i64) -> String + Sync),
) -> Result<Option<Change<'h>>, Error> {
    let TakenTable { shape, staged, replaced } = table;
    let (set, specs) = (shape.set, shape.specs());
    let known = head.and_then(|head| head.records.as_ref()).map(|state| state.columns.as_slice());
    let known = known.unwrap_or_default();
    let grown = known.iter().zip(&specs).any(|(known, spec)| known != spec);
    if staged.is_empty() && !grown && known.len() == specs.len() {
        return Ok(None);
    }
    if staged.is_empty() && head.is_none() {
        return Ok(None);
    }
    let mut added = staged
        .into_par_iter()
        .map(|staged| {
            if staged.specs == specs {
                Ok(staged.staged)
            } else {
                again(bench, set, &staged, &specs)
            }
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let replaced: BTreeSet<i64> = replaced.into_iter().collect();
    let by_asset = matches!(set.filing, rustybt_data::Filing::Months | rustybt_data::Filing::Days);
    let mut ended = Vec::new();
    for chunk in head.map(|head| head.chunks.as_slice()).unwrap_or_default() {
        if replaced.contains(&chunk.file) {
            ended.push(chunk);
        } else if grown {
            let rows = bench.read_rows(chunk, known.to_vec(), &specs)?;
            let symbol = if by_asset { symbol_of(chunk.part) } else { String::new() };
            let (part, period, segment) = (chunk.part, chunk.period, chunk.segment);
            let place = Place { part, period, segment, symbol: &symbol };
            added.push(bench.stage_rows(set, place, rows)?.staged);
            ended.push(chunk);
        }
    }
    let columns = RecordColumns {
        schema: shape.schema,
        sort_key: sort_key(set, &specs).join(","),
        known: if grown { 0 } else { known.len() },
        specs,
    };
    let id = head.map(|head| head.id);
    Ok(Some(Change {
        dataset: Dataset::Records(set),
        scales: Scales::default(),
        table: id.filter(|_| !grown),
        dropped: id.filter(|_| grown),
        ended,
        added,
        known: columns.known,
        records: Some(columns),
    }))
}

/// Writes a staged file again, at columns that hold more.
fn again(
    bench: Bench<'_>,
    set: RecordSet,
    staged: &StagedRows,
    specs: &[ColumnSpec],
) -> Result<StagedChunk, Error> {
    let path = &staged.staged.staged;
    let bytes = Bytes::from(bench.staging.read(path)?);
    let chunk = &staged.staged.chunk;
    let file = ParquetFile::open(path, bytes, staged.specs.clone(), chunk.rows, &Rows::All)?;
    let block = RowBlock { specs: staged.specs.clone(), columns: file.columns()? };
    let block = block
        .at(specs)
        .ok_or_else(|| Error::corrupt(path, "its numbers are larger than was said"))?;
    let (part, period, segment) = (chunk.part, chunk.period, chunk.segment);
    let again =
        bench.stage_rows(set, Place { part, period, segment, symbol: &staged.symbol }, block)?;
    bench.staging.remove(path)?;
    Ok(again.staged)
}
