//! [`Block`]: the bars of a chunk in memory, sorted by asset and stamp, at the table's scales.

use std::ops::Range;

use rustybt_data::{Field, Sid};

use crate::block_column::{copy_rows, move_to, same};
use crate::chunk::Extent;
use crate::decimals::Scales;
use crate::format::{Column, Kind, content_hash};
use crate::table::Dataset;

/// Bars of some assets over one period.
///
/// Its columns are those of the table: sid, stamp, then [`Scales::fields`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    pub(crate) scales: Scales,
    pub(crate) sids: Vec<i64>,
    /// Days, or microseconds.
    pub(crate) stamps: Vec<i64>,
    /// One a field, in the order of [`Scales::fields`].
    pub(crate) fields: Vec<Column>,
}

/// What merging did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct MergeCount {
    /// Rows at a stamp that had none.
    pub(crate) added: u64,
    /// Rows that replaced one with other values.
    pub(crate) changed: u64,
}

/// A column whose numbers have too many digits for a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overflow {
    pub(crate) sid: Sid,
    pub(crate) field: Field,
    pub(crate) scale: u8,
}

impl Block {
    pub(crate) fn with_capacity(scales: Scales, rows: usize) -> Self {
        Self {
            scales,
            sids: Vec::with_capacity(rows),
            stamps: Vec::with_capacity(rows),
            fields: scales.fields().map(|field| Column::new(scales.kind(field), rows)).collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.stamps.len()
    }

    /// The block of a file's columns; `None` where they are not a bar table's.
    pub(crate) fn from_columns(scales: Scales, columns: Vec<Column>) -> Option<Self> {
        let mut columns = columns.into_iter();
        let (sids, stamps) = (columns.next()?.into_numbers(), columns.next()?.into_numbers());
        let fields: Vec<Column> = columns.collect();
        let whole = fields.len() == scales.fields().count()
            && stamps.len() == sids.len()
            && fields.iter().all(|column| column.len() == sids.len());
        whole.then_some(Self { scales, sids, stamps, fields })
    }

    /// The columns of a file.
    pub(crate) fn into_columns(self) -> Vec<Column> {
        let keys = [self.sids, self.stamps].map(Column::Numbers);
        keys.into_iter().chain(self.fields).collect()
    }

    pub(crate) fn extents(&self) -> Vec<Extent> {
        Extent::find(&self.sids, &self.stamps)
    }

    /// Moves the numbers to scales that are at least as large; a column that is new is missing.
    pub(crate) fn rescale(&mut self, scales: Scales) -> Result<(), Overflow> {
        let mut own: Vec<Option<Column>> =
            std::mem::take(&mut self.fields).into_iter().map(Some).collect();
        for field in scales.fields() {
            let found = self.scales.place(field).and_then(|place| own.get_mut(place)?.take());
            let column = match (found, scales.kind(field)) {
                (Some(mut column), Kind::Decimal(_) | Kind::Wide(_)) => {
                    let (from, to) = (self.scales.of(field), scales.of(field));
                    move_to(&mut column, from, to).map_err(|row| {
                        let sid = Sid(self.sids.get(row).copied().unwrap_or_default() as u32);
                        Overflow { sid, field, scale: to.scale }
                    })?;
                    column
                }
                (Some(column), _) => column,
                (None, kind) => {
                    let mut column = Column::new(kind, self.sids.len());
                    self.sids.iter().for_each(|_| column.push_missing());
                    column
                }
            };
            self.fields.push(column);
        }
        self.scales = scales;
        Ok(())
    }

    /// These rows, and those of `newer`; where both have a stamp of an asset, `newer`'s counts. A
    /// value of an optional column that it lacks stays as it was: not every source has them all.
    ///
    /// Both are sorted, and at the same scales.
    pub(crate) fn merge(&self, newer: &Self) -> (Self, MergeCount) {
        let mut merged = Self::with_capacity(self.scales, self.len() + newer.len());
        let mut count = MergeCount::default();
        let (mut old, mut new) = (0, 0);
        while let Some(key) = newer.key(new) {
            // Stretches of old rows and of new ones are copied whole.
            let kept = self.count_from(old, |old_key| old_key < key);
            merged.append(self, old..old + kept);
            old += kept;
            let fresh = match self.key(old) {
                Some(old_key) if old_key == key => 0,
                Some(old_key) => newer.count_from(new, |key| key < old_key),
                None => newer.len() - new,
            };
            if fresh == 0 {
                merged.append(newer, new..new + 1);
                merged.keep_optional(self, old);
                count.changed += u64::from(!self.same_values(old, &merged, merged.len() - 1));
                old += 1;
                new += 1;
            } else {
                count.added += fresh as u64;
                merged.append(newer, new..new + fresh);
                new += fresh;
            }
        }
        merged.append(self, old..self.len());
        (merged, count)
    }

    fn key(&self, row: usize) -> Option<(i64, i64)> {
        Some((*self.sids.get(row)?, *self.stamps.get(row)?))
    }

    /// How many rows from `row` on fulfil a condition on their key.
    fn count_from(&self, row: usize, holds: impl Fn((i64, i64)) -> bool) -> usize {
        let sids = self.sids.get(row..).unwrap_or_default();
        let stamps = self.stamps.get(row..).unwrap_or_default();
        sids.iter().zip(stamps).take_while(|&(&sid, &stamp)| holds((sid, stamp))).count()
    }

    fn same_values(&self, row: usize, other: &Self, other_row: usize) -> bool {
        self.fields.iter().zip(&other.fields).all(|(a, b)| same(a, row, b, other_row))
    }

    /// Takes what the last row lacks of the optional columns from a row of an older block.
    fn keep_optional(&mut self, older: &Self, row: usize) {
        let last = self.len().saturating_sub(1);
        let columns = self.fields.iter_mut().zip(&older.fields).skip(Field::OHLCV.len());
        for (to, from) in columns {
            if to.is_missing(last) {
                to.truncate(last);
                copy_rows(to, from, row..row + 1);
            }
        }
    }

    fn append(&mut self, other: &Self, rows: Range<usize>) {
        let copy = |to: &mut Vec<i64>, from: &[i64]| {
            to.extend_from_slice(from.get(rows.clone()).unwrap_or_default());
        };
        copy(&mut self.sids, &other.sids);
        copy(&mut self.stamps, &other.stamps);
        for (to, from) in self.fields.iter_mut().zip(&other.fields) {
            copy_rows(to, from, rows.clone());
        }
    }
}

/// The columns of a block with the hash of its content.
pub(crate) fn hashed(dataset: Dataset, block: Block) -> (Vec<Column>, [u8; 32]) {
    let specs = dataset.columns(block.scales);
    let columns = block.into_columns();
    let hash = content_hash(&specs, &columns);
    (columns, hash)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn block(rows: &[(i64, i64, i64)]) -> Block {
        let mut block = Block::with_capacity(Scales::default(), rows.len());
        for &(sid, stamp, value) in rows {
            block.sids.push(sid);
            block.stamps.push(stamp);
            for column in &mut block.fields {
                copy_rows(column, &Column::Numbers(vec![value]), 0..1);
            }
        }
        block
    }

    fn rows() -> impl Strategy<Value = Vec<(i64, i64, i64)>> {
        proptest::collection::btree_map((0..4_i64, 0..9_i64), 0..3_i64, 0..20).prop_map(|rows| {
            rows.into_iter().map(|((sid, stamp), value)| (sid, stamp, value)).collect()
        })
    }

    proptest! {
        #[test]
        fn merging_is_an_upsert(old in rows(), new in rows()) {
            let mut expected: BTreeMap<(i64, i64), i64> =
                old.iter().map(|&(sid, stamp, value)| ((sid, stamp), value)).collect();
            let mut count = MergeCount::default();
            for &(sid, stamp, value) in &new {
                match expected.insert((sid, stamp), value) {
                    None => count.added += 1,
                    Some(before) => count.changed += u64::from(before != value),
                }
            }
            let expected: Vec<_> =
                expected.into_iter().map(|((sid, stamp), value)| (sid, stamp, value)).collect();
            prop_assert_eq!(block(&old).merge(&block(&new)), (block(&expected), count));
        }
    }
}
