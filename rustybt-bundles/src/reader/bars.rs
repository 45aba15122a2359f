//! What both readers of bars share: labels, assets, files, and exact values.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use rustybt_calendars::{Calendar, Direction, Session, Side, Timestamp};
use rustybt_data::{Error as DataError, ExactColumn, Field, Frequency, Sid, SidIndex, Timeline};

use super::laid::Laid;
use crate::Error;
use crate::catalog::TableState;
use crate::chunk::{Chunk, Extent};
use crate::format::{Column, Rows};
use crate::layout::Layout;
use crate::tile::{Life, Plan, Tile};
use crate::verified::Verified;

/// The column of the stamps, and of the first field.
pub(super) const STAMP: usize = 1;
pub(super) const FIELDS: usize = 2;

/// A table of bars at a snapshot.
#[derive(Debug)]
pub(super) struct BarTable {
    pub(super) state: Arc<TableState>,
    pub(super) timeline: Timeline,
    pub(super) sids: Vec<Sid>,
    pub(super) fields: Vec<Field>,
    pub(super) index: SidIndex,
    pub(super) files: Arc<Verified>,
    layout: Layout,
    calendar_hash: [u8; 32],
}

/// The rows of one asset in one file.
#[derive(Debug, Clone)]
pub(super) struct Piece<'a> {
    pub(super) chunk: &'a Chunk,
    pub(super) slot: usize,
    pub(super) extent: Extent,
    /// Its rows in the file.
    pub(super) rows: Range<usize>,
}

impl BarTable {
    /// The table, unless it holds no bar in any session of the calendar.
    pub(super) fn new(
        state: Arc<TableState>,
        calendar: &Arc<Calendar>,
        files: Arc<Verified>,
        layout: Layout,
    ) -> Result<Option<Self>, Error> {
        let extents = || state.chunks.iter().flat_map(|chunk| &chunk.extents);
        let first = extents().map(|extent| extent.first).min();
        let last = extents().map(|extent| extent.last).max();
        let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
        let timeline = if state.dataset.is_intraday() {
            let session = |stamp, direction| {
                let at = Timestamp::from_micros(stamp);
                calendar.minute_to_session(at, direction, Side::Left)
            };
            let start = session(first, Direction::Next)?;
            let end = session(last, Direction::Previous)?;
            if start > end {
                return Ok(None);
            }
            Timeline::minutes(Arc::clone(calendar), start, end)?
        } else {
            let day = |stamp: i64| Session::from_days(stamp as i32);
            Timeline::daily(Arc::clone(calendar), day(first), day(last))?
        };
        let mut sids: Vec<Sid> = extents().map(|extent| extent.sid).collect();
        sids.sort_unstable();
        sids.dedup();
        let index = SidIndex::new(sids.iter().copied());
        let calendar_hash = calendar_hash(&timeline);
        let fields = state.scales.fields().collect();
        Ok(Some(Self { state, timeline, sids, fields, index, files, layout, calendar_hash }))
    }

    /// The pieces of every asset, file by file.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        self.state.chunks.iter().flat_map(move |chunk| {
            let mut start = 0;
            chunk.extents.iter().filter_map(move |&extent| {
                let rows = start..start + extent.rows as usize;
                start = rows.end;
                let slot = self.index.position(extent.sid)?;
                Some(Piece { chunk, slot, extent, rows })
            })
        })
    }

    pub(super) fn slot(&self, sid: Sid) -> Result<usize, DataError> {
        self.index
            .position(sid)
            .ok_or_else(|| DataError::UnknownSid { sid, largest: self.index.largest() })
    }

    /// The first row whose label is at or after a stamp.
    pub(super) fn row_from(&self, stamp: i64) -> usize {
        if self.state.dataset.is_intraday() {
            self.timeline.known_rows(Timestamp::from_micros(stamp))
        } else {
            let day = Session::from_days(stamp as i32);
            self.timeline.sessions().partition_point(|&session| session < day)
        }
    }

    /// The row of a stamp, where the calendar has it.
    pub(super) fn row_of(&self, stamp: i64) -> Option<usize> {
        if self.state.dataset.is_intraday() {
            self.timeline.row_of(Timestamp::from_micros(stamp))
        } else {
            self.timeline.row_of_session(Session::from_days(stamp as i32))
        }
    }

    /// The rows that an extent spans.
    pub(super) fn life(&self, extent: &Extent) -> Range<usize> {
        let first = self.row_from(extent.first);
        let step = if self.state.dataset.is_intraday() { MINUTE_US } else { 1 };
        first..self.row_from(extent.last.saturating_add(step)).max(first)
    }

    #[cold]
    pub(super) fn out_of_range(&self, rows: Range<usize>) -> DataError {
        DataError::OutOfRange {
            start: rows.start,
            end: rows.end,
            rows: self.timeline.len(),
            frequency: self.frequency(),
        }
    }

    /// Where a field is among the table's.
    #[inline]
    pub(super) fn place(&self, field: Field) -> Result<usize, DataError> {
        let at = field.index();
        if at < Field::OHLCV.len() {
            return Ok(at);
        }
        self.state.scales.place(field).ok_or_else(|| self.no_field(field))
    }

    #[cold]
    pub(super) fn no_field(&self, field: Field) -> DataError {
        DataError::NoField { field, frequency: self.frequency() }
    }

    fn frequency(&self) -> Frequency {
        self.timeline.frequency()
    }

    /// One asset's values as they were ingested.
    pub(super) fn exact(
        &self,
        field: Field,
        sid: Sid,
        rows: Range<usize>,
    ) -> Result<ExactColumn, DataError> {
        self.slot(sid)?;
        if rows.start > rows.end || rows.end > self.timeline.len() {
            return Err(self.out_of_range(rows));
        }
        self.place(field)?;
        let decimals = self.state.scales.of(field);
        let mut found = Column::new(self.state.scales.kind(field), rows.len());
        rows.clone().for_each(|_| found.push_missing());
        for chunk in &self.state.chunks {
            let Some((extent, place)) = chunk.rows_of(sid) else { continue };
            let life = self.life(&extent);
            if life.start < rows.end && rows.start < life.end {
                self.exact_piece(field, chunk, place, &rows, &mut found)
                    .map_err(DataError::store)?;
            }
        }
        let column = match found {
            Column::Wide(mantissas) => ExactColumn::from_wide(decimals.scale, mantissas),
            found => ExactColumn::from_mantissas(decimals.scale, found.into_numbers()),
        };
        Ok(column.unwrap_or_default())
    }

    fn exact_piece(
        &self,
        field: Field,
        chunk: &Chunk,
        place: Range<usize>,
        rows: &Range<usize>,
        out: &mut Column,
    ) -> Result<(), Error> {
        let wanted = Rows::Range(place.clone());
        let file = self.files.open(chunk, self.state.dataset, self.state.scales, &wanted)?;
        let stamps = file.column(STAMP, &wanted)?.into_numbers();
        let row_of = |&stamp: &i64| self.row_of(stamp);
        let inside = |stamp: &i64| row_of(stamp).is_some_and(|row| rows.contains(&row));
        let Some(first) = stamps.iter().position(inside) else { return Ok(()) };
        let last = stamps.iter().rposition(inside).unwrap_or(first);
        // Only the pages that hold these rows are decoded.
        let narrow = Rows::Range(place.start + first..place.start + last + 1);
        let place = FIELDS + self.state.scales.place(field).unwrap_or_default();
        let values = file.column(place, &narrow)?;
        for (from, stamp) in stamps.iter().skip(first).enumerate() {
            let Some(at) = row_of(stamp).and_then(|row| row.checked_sub(rows.start)) else {
                continue;
            };
            match (&mut *out, &values) {
                (Column::Numbers(out), Column::Numbers(values)) => put(out, at, values.get(from)),
                (Column::Wide(out), Column::Wide(values)) => put(out, at, values.get(from)),
                _ => {}
            }
        }
        Ok(())
    }

    /// The key of a tile: all that its content depends on.
    pub(super) fn key<'a>(
        &self,
        field: Field,
        chunks: impl Iterator<Item = &'a Chunk>,
    ) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"rustybt tile 1\0");
        hasher.update(self.state.dataset.name().as_bytes());
        let decimals = self.state.scales.of(field);
        // A wide column is a wide file: the same hash is the same type.
        hasher.update(&[0, field.index() as u8, decimals.scale]);
        hasher.update(&self.calendar_hash);
        for chunk in chunks {
            hasher.update(&chunk.file_hash);
        }
        *hasher.finalize().as_bytes()
    }

    /// Opens a tile, or builds it from its pieces, which are in the order of their files.
    pub(super) fn tile(
        &self,
        field: Field,
        plan: &Plan<'_>,
        base: usize,
        pieces: &[Piece<'_>],
        fresh: bool,
    ) -> Result<Tile, Error> {
        let shelf = &self.layout.caches.shelf;
        if !fresh && let Some(tile) = shelf.find(plan) {
            return Ok(tile);
        }
        let laid = Laid::new(self, field, plan, base, pieces)?;
        Ok(shelf.make(plan, &|slot, out| laid.fill(slot, out), fresh))
    }

    pub(super) fn tile_path(&self, key: &[u8; 32]) -> PathBuf {
        self.layout.caches.shelf.path(key)
    }
}

fn put<T: Copy>(out: &mut [T], at: usize, value: Option<&T>) {
    if let (Some(cell), Some(&value)) = (out.get_mut(at), value) {
        *cell = value;
    }
}

const MINUTE_US: i64 = 60_000_000;

/// A hash of the labels: the same sessions at other hours are other labels.
fn calendar_hash(timeline: &Timeline) -> [u8; 32] {
    let calendar = timeline.calendar();
    let mut hasher = blake3::Hasher::new();
    hasher.update(timeline.frequency().to_string().as_bytes());
    let mut bytes = Vec::with_capacity(timeline.sessions().len() * 12);
    let first = timeline.sessions().first().and_then(|&first| calendar.session_index(first));
    for (index, session) in (first.unwrap_or(0)..).zip(timeline.sessions()) {
        bytes.extend(session.days().to_le_bytes());
        if timeline.frequency().is_intraday() {
            let times = [calendar.open_at(index), calendar.close_at(index)];
            bytes.extend(times.into_iter().flatten().flat_map(|at| at.nanos().to_le_bytes()));
            bytes.extend(calendar.minutes_before_session(index).to_le_bytes());
        }
    }
    hasher.update(&bytes);
    *hasher.finalize().as_bytes()
}

/// The span from the first row of any life to the last, as a life.
pub(super) fn life_from(rows: &Range<usize>, base: usize) -> Life {
    Life { first: rows.start.saturating_sub(base) as u32, rows: rows.len() as u32 }
}
