//! How much rows weigh: what decides how large a file of them becomes, and how much memory they
//! take.

use super::block::{RowBlock, is_missing};
use crate::format::{Column, ColumnSpec, Kind};

/// What the rows of one file weigh, about: so many that a file is worth opening, and so few that a
/// worker can hold them.
pub(crate) const FULL: u64 = 48 << 20;

/// What a text weighs beside its bytes: its place in the column, and what the allocator adds.
const TEXT: u64 = 40;

/// What a row of these columns weighs, as far as the columns tell: texts are short words.
pub(crate) fn width(specs: &[ColumnSpec]) -> u64 {
    specs.iter().map(|spec| if spec.kind == Kind::Text { TEXT + 8 } else { cell(spec.kind) }).sum()
}

/// The bytes of a cell in its column.
fn cell(kind: Kind) -> u64 {
    match kind {
        Kind::Text => 24,
        Kind::Wide(_) | Kind::Double => 16,
        _ => 8,
    }
}

impl RowBlock {
    /// What each row weighs. What is missing weighs nothing, so that it is the same whatever
    /// columns others have made the table have.
    pub(crate) fn weights(&self) -> Vec<u64> {
        let mut weights = vec![0; self.len()];
        for column in &self.columns {
            for (row, weight) in weights.iter_mut().enumerate() {
                *weight += match column {
                    Column::Texts(_) => column.text(row).map_or(0, |text| TEXT + text.len() as u64),
                    _ if is_missing(column, row) => 0,
                    // The same numbers weigh the same in a wider column.
                    _ => 8,
                };
            }
        }
        weights
    }

    /// The bytes that it takes in memory.
    pub(crate) fn memory(&self) -> u64 {
        let memory = |(spec, column): (&ColumnSpec, &Column)| {
            let texts = match column {
                Column::Texts(values) => values
                    .iter()
                    .flatten()
                    .map(|text| (TEXT - cell(Kind::Text)) + text.len() as u64)
                    .sum(),
                _ => 0,
            };
            cell(spec.kind) * column.len() as u64 + texts
        };
        self.specs.iter().zip(&self.columns).map(memory).sum()
    }
}
