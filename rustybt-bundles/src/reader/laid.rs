//! [`Laid`]: one field of a table, decoded and ready to be laid on the rows of a tile.

use std::ops::Range;

use rayon::prelude::*;
use rustybt_data::Field;

use super::bars::{BarTable, FIELDS, Piece, STAMP};
use crate::Error;
use crate::format::Rows;
use crate::tile::{Life, Plan};

/// One field of a table, decoded, with the places of its values.
pub(super) struct Laid<'a> {
    field: Field,
    lives: &'a [Life],
    files: Vec<Decoded>,
    /// Where each asset's values are: the file, the piece in it, and the rows.
    found: Vec<Vec<(usize, usize, Range<usize>)>>,
}

/// A file's values, and the rows of the tile that each of its pieces goes to.
#[derive(Debug, Default)]
struct Decoded {
    labels: Vec<Labels>,
    values: Vec<f64>,
}

/// The rows of the tile that a piece's values go to.
#[derive(Debug)]
enum Labels {
    /// One after the other from this row on: an asset that has a bar in every session.
    Consecutive(u32),
    Scattered(Vec<u32>),
}

impl Labels {
    fn new(labels: &[u32]) -> Self {
        match labels.first() {
            Some(&first)
                if labels.iter().zip(0..).all(|(&label, n)| label.wrapping_sub(first) == n) =>
            {
                Self::Consecutive(first)
            }
            _ => Self::Scattered(labels.to_vec()),
        }
    }
}

impl<'a> Laid<'a> {
    /// `base` is the timeline's row of the tile's row 0; `slot` of a piece counts the plan's assets.
    pub(super) fn new(
        table: &BarTable,
        field: Field,
        plan: &Plan<'a>,
        base: usize,
        pieces: &[Piece<'_>],
    ) -> Result<Self, Error> {
        let by_file: Vec<&[Piece<'_>]> =
            pieces.chunk_by(|a, b| std::ptr::eq(a.chunk, b.chunk)).collect();
        let files = by_file
            .par_iter()
            .map(|pieces| table.decode(field, base, pieces))
            .collect::<Result<_, _>>()?;
        let mut found = vec![Vec::new(); plan.lives.len()];
        for (file, pieces) in by_file.iter().enumerate() {
            for (at, piece) in pieces.iter().enumerate() {
                if let Some(places) = found.get_mut(piece.slot) {
                    places.push((file, at, piece.rows.clone()));
                }
            }
        }
        Ok(Self { field, lives: plan.lives, files, found })
    }

    /// Lays an asset's values on the rows of its life.
    pub(super) fn fill(&self, slot: usize, out: &mut [f64]) {
        out.fill(self.field.missing());
        let (Some(life), Some(found)) = (self.lives.get(slot), self.found.get(slot)) else {
            return;
        };
        for (file, piece, rows) in found {
            let Some(file) = self.files.get(*file) else { continue };
            let values = file.values.get(rows.clone()).unwrap_or_default();
            match file.labels.get(*piece) {
                Some(Labels::Consecutive(first)) => {
                    let start = first.wrapping_sub(life.first) as usize;
                    let end = start.saturating_add(values.len());
                    if let Some(place) = out.get_mut(start..end) {
                        place.copy_from_slice(values);
                    }
                }
                Some(Labels::Scattered(labels)) => {
                    for (&label, &value) in labels.iter().zip(values) {
                        if let Some(cell) = out.get_mut(label.wrapping_sub(life.first) as usize) {
                            *cell = value;
                        }
                    }
                }
                None => {}
            }
        }
    }
}

impl BarTable {
    /// Decodes a file's stamps and one field of it.
    fn decode(&self, field: Field, base: usize, pieces: &[Piece<'_>]) -> Result<Decoded, Error> {
        let Some(piece) = pieces.first() else { return Ok(Decoded::default()) };
        let file =
            self.files.open(piece.chunk, self.state.dataset, self.state.scales, &Rows::All)?;
        let mut labels = Vec::with_capacity(pieces.len());
        let mut own = Vec::new();
        file.numbers(STAMP, &Rows::All, |stamps| {
            for &stamp in stamps {
                let row = self.row_of(stamp).and_then(|row| row.checked_sub(base));
                own.push(row.map_or(NOWHERE, |row| row as u32));
                // The pieces of a file are all of its rows, in order.
                if pieces.get(labels.len()).is_some_and(|piece| piece.rows.len() == own.len()) {
                    labels.push(Labels::new(&own));
                    own.clear();
                }
            }
        })?;
        let mut values = Vec::with_capacity(piece.chunk.rows);
        let (scale, missing) = (self.state.scales.of(field).scale, field.missing());
        let place = FIELDS + self.state.scales.place(field).unwrap_or_default();
        file.floats(place, scale, missing, &mut values)?;
        Ok(Decoded { labels, values })
    }
}

/// The label of a stamp that the calendar does not have; beyond the end of every life.
const NOWHERE: u32 = u32::MAX;
