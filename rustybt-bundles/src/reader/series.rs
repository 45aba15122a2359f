//! [`SeriesBars`]: bars whose files hold one asset each, one tile an asset, year and field.
//!
//! Whoever walks forward finds the tile of the next year ready: it is prepared when a walk is past the
//! middle of a year, and at once in every year that a walk comes to from the one before.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, Weak};

use rustybt_calendars::{Calendar, Session};
use rustybt_data::{
    BarReader, Error as DataError, ExactColumn, Field, Run, Sid, Timeline, prepare,
};

use super::bars::{BarTable, Piece, life_from};
use super::cell::{Cell, Lent};
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
    /// This, for the thread that reads ahead.
    this: Weak<Self>,
}

/// Rows that somebody must have gone through a year to be walking: five days.
const WALK: usize = 1950;

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
    ) -> Result<Option<Arc<Self>>, Error> {
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
        let make = |this: &Weak<Self>| Self { table, rows, years, assets, this: Weak::clone(this) };
        Ok(Some(Arc::new_cyclic(make)))
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

    #[inline]
    fn year(&self, slot: usize, at: usize) -> Option<&Year> {
        self.assets.get(slot)?.get(at)?.as_ref()
    }

    /// Whether there is a tile of a year already.
    fn is_made(&self, slot: usize, at: usize, field: Field) -> bool {
        let cells = self.year(slot, at).and_then(|year| year.cells.get());
        cells.and_then(|cells| cells.get(field.index())).is_some_and(Cell::is_made)
    }

    /// The values of a year that nobody asked for yet, or that are damaged.
    #[cold]
    fn enter(
        &self,
        slot: usize,
        at: usize,
        field: Field,
        row: usize,
    ) -> Result<Lent<'_>, DataError> {
        let Some((cell, lent)) = self.make(slot, at, field)? else { return Ok((0, &[])) };
        let start = self.years.get(at).copied().unwrap_or(0) + lent.0;
        let end = start + lent.1.len();
        let walked = at.checked_sub(1).is_some_and(|before| self.is_made(slot, before, field));
        // One question in the second half of a year is no walk yet.
        let later = row + WALK.min(end.saturating_sub(row) / 2).max(1);
        let nearly = if walked { start } else { usize::midpoint(start, end).max(later) };
        cell.set_nearly_over(Some(nearly));
        Ok(lent)
    }

    /// A year's cell of a field and its values, opened or built; `None` where there is no such year.
    fn make(
        &self,
        slot: usize,
        at: usize,
        field: Field,
    ) -> Result<Option<(&Cell, Lent<'_>)>, DataError> {
        let (Some(year), Some(&start), Some(&end)) =
            (self.year(slot, at), self.years.get(at), self.years.get(at.wrapping_add(1)))
        else {
            return Ok(None);
        };
        let cells = year.cells.get_or_init(Box::default);
        let Some(cell) = cells.get(field.index()) else { return Ok(None) };
        let lent = cell.lend(0, |fresh| self.tile(field, slot, year, start..end, fresh))?;
        Ok(Some((cell, lent)))
    }

    /// Has the next year prepared.
    #[cold]
    fn read_ahead(&self, slot: usize, at: usize, field: Field) {
        let cells = self.year(slot, at).and_then(|year| year.cells.get());
        if let Some(cell) = cells.and_then(|cells| cells.get(field.index())) {
            cell.set_nearly_over(None);
        }
        let next = at + 1;
        if self.year(slot, next).is_none() || self.is_made(slot, next, field) {
            return;
        }
        let this = Weak::clone(&self.this);
        prepare(move || {
            let Some(this) = this.upgrade() else { return };
            // Whoever comes there is told what is wrong.
            if let Ok(Some((cell, _))) = this.make(slot, next, field) {
                // The year after it is wanted as soon as somebody is there.
                cell.set_nearly_over(Some(0));
            }
        });
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
        let (Some(year), Some(start)) = (self.year(slot, at), self.years.get(at)) else {
            return Ok(Run::empty(row));
        };
        let cells = year.cells.get_or_init(Box::default);
        let Some(cell) = cells.get(field.index()) else {
            return Err(self.table.no_field(field));
        };
        let (first, values) = match cell.made(0) {
            Some(lent) => lent,
            None => self.enter(slot, at, field, row)?,
        };
        if cell.is_nearly_over(row) {
            self.read_ahead(slot, at, field);
        }
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
