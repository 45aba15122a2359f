//! [`SeriesBars`]: bars whose files hold one asset each, one tile an asset, year and field.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rustybt_calendars::{Calendar, Session};
use rustybt_data::{BarReader, Error as DataError, ExactColumn, Field, Run, Sid, Timeline};

use super::bars::{BarTable, Piece, life_from};
use super::cell::Cell;
use crate::Error;
use crate::catalog::TableState;
use crate::chunk::Extent;
use crate::layout::Layout;
use crate::tile::{Life, Plan, Tile};
use crate::verified::Verified;

/// Minute bars of a version.
///
/// Only the years of the assets that are asked for are ever opened, so that memory follows what a
/// strategy touches and not what the bundle holds.
#[derive(Debug)]
pub(crate) struct SeriesBars {
    table: BarTable,
    rows: usize,
    /// The first row of each year, ascending, and one past the last row at the end.
    years: Vec<usize>,
    /// One an asset; one a year inside.
    assets: Vec<Vec<Option<Year>>>,
}

/// A year of one asset.
#[derive(Debug)]
struct Year {
    /// Its files, in order of time, as indices into the table's chunks.
    chunks: Range<usize>,
    /// Its values, in rows of the year.
    life: Life,
    /// In the order of [`Field::ALL`], made when the year is first touched.
    cells: OnceLock<Box<[Cell; 8]>>,
}

impl SeriesBars {
    pub(crate) fn new(
        state: Arc<TableState>,
        calendar: &Arc<Calendar>,
        files: Arc<Verified>,
        layout: Layout,
    ) -> Result<Option<Self>, Error> {
        let Some(table) = BarTable::new(state, calendar, files, layout)? else { return Ok(None) };
        let rows = table.timeline.len();
        let periods = || table.state.chunks.iter().map(|chunk| chunk.period);
        let (from, to) = (periods().min().unwrap_or(0), periods().max().unwrap_or(0));
        let years: Vec<usize> = (from..=to + 1)
            .map(|year| {
                let start = Session::from_ymd(year as i32, 1, 1).unwrap_or(Session::from_days(0));
                table.row_from(start.midnight().micros())
            })
            .collect();
        let mut assets: Vec<Vec<Option<Year>>> = Vec::new();
        assets.resize_with(table.sids.len(), Vec::new);
        let mut at = 0;
        for files in table.state.chunks.chunk_by(|a, b| (a.part, a.period) == (b.part, b.period)) {
            let chunks = at..at + files.len();
            at = chunks.end;
            let extents = || files.iter().flat_map(|file| &file.extents);
            let (Some(first), Some(last)) = (extents().next(), extents().last()) else { continue };
            let Some(slot) = table.index.position(first.sid) else { continue };
            let year = files.first().map_or(0, |file| (file.period - from) as usize);
            let life = table.life(&Extent { last: last.last, ..*first });
            let base = years.get(year).copied().unwrap_or(0);
            if let Some(asset) = assets.get_mut(slot) {
                asset.resize_with(asset.len().max(year + 1), || None);
                if let Some(place) = asset.get_mut(year) {
                    let life = life_from(&life, base);
                    *place = Some(Year { chunks, life, cells: OnceLock::new() });
                }
            }
        }
        Ok(Some(Self { table, rows, years, assets }))
    }

    /// The tiles that this version may have built.
    pub(crate) fn tiles(&self) -> impl Iterator<Item = PathBuf> {
        let table = &self.table;
        let years = table.state.chunks.chunk_by(|a, b| (a.part, a.period) == (b.part, b.period));
        years.flat_map(move |chunks| {
            let path = move |&field| table.tile_path(&table.key(field, chunks.iter()));
            table.fields.iter().map(path)
        })
    }

    fn tile(
        &self,
        field: Field,
        slot: usize,
        year: &Year,
        rows: Range<usize>,
        fresh: bool,
    ) -> Result<Tile, Error> {
        let table = &self.table;
        let chunks = table.state.chunks.get(year.chunks.clone()).unwrap_or_default();
        let sids: Vec<Sid> = table.sids.get(slot).copied().into_iter().collect();
        let lives = [year.life];
        let key = table.key(field, chunks.iter());
        let plan = Plan { key, rows: rows.len(), sids: &sids, lives: &lives };
        // A file of a series holds one asset, and that is slot 0 of this tile.
        let pieces: Vec<Piece<'_>> = chunks
            .iter()
            .filter_map(|chunk| Some((chunk, *chunk.extents.first()?)))
            .map(|(chunk, extent)| Piece { chunk, slot: 0, extent, rows: 0..chunk.rows })
            .collect();
        table.tile(field, &plan, rows.start, &pieces, fresh)
    }
}

impl BarReader for SeriesBars {
    fn timeline(&self) -> &Timeline {
        &self.table.timeline
    }

    fn sids(&self) -> &[Sid] {
        &self.table.sids
    }

    fn fields(&self) -> &[Field] {
        &self.table.fields
    }

    #[inline]
    fn run(&self, field: Field, sid: Sid, row: usize) -> Result<Run<'_>, DataError> {
        let slot = self.table.slot(sid)?;
        if row >= self.rows {
            return Err(self.table.out_of_range(row..row + 1));
        }
        self.table.place(field)?;
        let at = self.years.partition_point(|&start| start <= row).wrapping_sub(1);
        let year = self.assets.get(slot).and_then(|years| years.get(at)?.as_ref());
        let (Some(year), Some(&start), Some(&end)) =
            (year, self.years.get(at), self.years.get(at.wrapping_add(1)))
        else {
            return Ok(Run::empty(row));
        };
        let cells = year.cells.get_or_init(Box::default);
        let Some(cell) = cells.get(field.index()) else {
            return Err(self.table.no_field(field));
        };
        let make = |fresh| self.tile(field, slot, year, start..end, fresh);
        let (first, values) = cell.lend(0, make)?;
        let first = start + first;
        if row.wrapping_sub(first) < values.len() {
            Ok(Run { first, values })
        } else {
            Ok(Run::empty(row))
        }
    }

    fn exact(&self, field: Field, sid: Sid, rows: Range<usize>) -> Result<ExactColumn, DataError> {
        self.table.exact(field, sid, rows)
    }
}
