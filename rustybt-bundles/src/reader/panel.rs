//! [`PanelBars`]: bars whose files hold many assets, one tile a field.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use rustybt_calendars::Calendar;
use rustybt_data::{BarReader, Error as DataError, ExactColumn, Field, Run, Sid, Timeline};

use super::bars::{BarTable, Piece, life_from};
use super::cell::Cell;
use crate::Error;
use crate::catalog::TableState;
use crate::layout::Layout;
use crate::tile::{Life, Plan, Tile};
use crate::verified::Verified;

/// Daily bars of a version.
#[derive(Debug)]
pub(crate) struct PanelBars {
    table: BarTable,
    rows: usize,
    lives: Vec<Life>,
    /// In the order of [`Field::ALL`].
    cells: [Cell; 8],
}

impl PanelBars {
    pub(crate) fn new(
        state: Arc<TableState>,
        calendar: &Arc<Calendar>,
        files: Arc<Verified>,
        layout: Layout,
    ) -> Result<Option<Self>, Error> {
        let Some(table) = BarTable::new(state, calendar, files, layout)? else { return Ok(None) };
        let mut spans: Vec<Option<Range<usize>>> = vec![None; table.sids.len()];
        for piece in table.pieces() {
            let life = table.life(&piece.extent);
            if let Some(span) = spans.get_mut(piece.slot) {
                *span = Some(match span.take() {
                    Some(span) => span.start.min(life.start)..span.end.max(life.end),
                    None => life,
                });
            }
        }
        let lives = spans.iter().map(|span| life_from(&span.clone().unwrap_or(0..0), 0)).collect();
        let rows = table.timeline.len();
        Ok(Some(Self { table, rows, lives, cells: Default::default() }))
    }

    /// The tiles that this version may have built.
    pub(crate) fn tiles(&self) -> impl Iterator<Item = PathBuf> {
        let table = &self.table;
        let key = |field| table.key(field, table.state.chunks.iter());
        table.fields.iter().map(move |&field| table.tile_path(&key(field)))
    }

    fn tile(&self, field: Field, fresh: bool) -> Result<Tile, Error> {
        let table = &self.table;
        let plan = Plan {
            key: table.key(field, table.state.chunks.iter()),
            rows: self.rows,
            sids: &table.sids,
            lives: &self.lives,
        };
        let pieces: Vec<Piece<'_>> = table.pieces().collect();
        table.tile(field, &plan, 0, &pieces, fresh)
    }
}

impl BarReader for PanelBars {
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
        let Some(cell) = self.cells.get(field.index()) else {
            return Err(self.table.no_field(field));
        };
        let (first, values) = cell.lend(slot, |fresh| self.tile(field, fresh))?;
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
