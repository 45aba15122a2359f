//! [`Block`]: the bars of a chunk in memory, sorted by asset and stamp, at the table's scales.

use std::ops::Range;

use rustybt_data::{Field, MAX_MANTISSA, Sid};

use crate::chunk::Extent;
use crate::format::{Column, MISSING, content_hash};
use crate::table::{Dataset, Scales};

/// Bars of some assets over one period.
///
/// Its columns are those of the table: sid, stamp, then [`Field::OHLCV`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) scales: Scales,
    pub(crate) sids: Vec<i64>,
    /// Days, or microseconds.
    pub(crate) stamps: Vec<i64>,
    /// Mantissas, in the order of [`Field::OHLCV`].
    pub(crate) fields: [Vec<i64>; 5],
}

/// What merging did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct MergeCount {
    /// Rows at a stamp that had none.
    pub(crate) added: u64,
    /// Rows that replaced one with other values.
    pub(crate) changed: u64,
}

/// A column whose numbers do not fit 18 digits at a scale.
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
            fields: std::array::from_fn(|_| Vec::with_capacity(rows)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.stamps.len()
    }

    /// The block of a file's columns; `None` where they are not a bar table's.
    pub(crate) fn from_columns(scales: Scales, columns: Vec<Column>) -> Option<Self> {
        let [sids, stamps, open, high, low, close, volume]: [Column; 7] =
            columns.try_into().ok()?;
        Some(Self {
            scales,
            sids: sids.into_numbers(),
            stamps: stamps.into_numbers(),
            fields: [open, high, low, close, volume].map(Column::into_numbers),
        })
    }

    /// The columns of a file.
    pub(crate) fn into_columns(self) -> Vec<Column> {
        [self.sids, self.stamps].into_iter().chain(self.fields).map(Column::Numbers).collect()
    }

    pub(crate) fn extents(&self) -> Vec<Extent> {
        Extent::find(&self.sids, &self.stamps)
    }

    /// Moves the prices and volumes to scales that are at least as large.
    pub(crate) fn rescale(&mut self, scales: Scales) -> Result<(), Overflow> {
        let from = self.scales;
        for (field, values) in Field::OHLCV.into_iter().zip(&mut self.fields) {
            let (from, to) = (scale_of(from, field), scale_of(scales, field));
            if from == to {
                continue;
            }
            for (value, &sid) in values.iter_mut().zip(&self.sids) {
                if *value != MISSING {
                    let overflow = Overflow { sid: Sid(sid as u32), field, scale: to };
                    *value = rustybt_data::rescale(*value, from, to).ok_or(overflow)?;
                }
            }
        }
        self.scales = scales;
        Ok(())
    }

    /// These rows, and those of `newer`; where both have a stamp of an asset, `newer`'s counts.
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
                count.changed += u64::from(!self.same_values(old, newer, new));
                merged.append(newer, new..new + 1);
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
        self.fields.iter().zip(&other.fields).all(|(a, b)| a.get(row) == b.get(other_row))
    }

    fn append(&mut self, other: &Self, rows: Range<usize>) {
        let copy = |to: &mut Vec<i64>, from: &[i64]| {
            to.extend_from_slice(from.get(rows.clone()).unwrap_or_default());
        };
        copy(&mut self.sids, &other.sids);
        copy(&mut self.stamps, &other.stamps);
        for (to, from) in self.fields.iter_mut().zip(&other.fields) {
            copy(to, from);
        }
    }
}

/// Appends mantissas at one scale to a column at another; `false` where one does not fit.
pub(crate) fn extend_rescaled(to: &mut Vec<i64>, from: &[i64], scale: u8, wanted: u8) -> bool {
    if scale == wanted {
        to.extend_from_slice(from);
        return true;
    }
    if wanted > scale {
        let power = 10_i64.pow(u32::from(wanted - scale));
        let limit = MAX_MANTISSA / power;
        if from.iter().all(|&value| value == MISSING || (-limit..=limit).contains(&value)) {
            let moved =
                from.iter().map(|&value| if value == MISSING { value } else { value * power });
            to.extend(moved);
            return true;
        }
        return false;
    }
    for &value in from {
        if value == MISSING {
            to.push(value);
        } else if let Some(value) = rustybt_data::rescale(value, scale, wanted) {
            to.push(value);
        } else {
            return false;
        }
    }
    true
}

/// The scale of a field's column.
pub(crate) fn scale_of(scales: Scales, field: Field) -> u8 {
    if field.is_price() { scales.price } else { scales.size }
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
                column.push(value);
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

        #[test]
        fn columns_are_moved_exactly_or_not_at_all(
            values in proptest::collection::vec(-10_000_i64..10_000, 0..6),
            scale in 0..18_u8,
            wanted in 0..18_u8,
        ) {
            let mut moved = Vec::new();
            let one_by_one: Option<Vec<i64>> =
                values.iter().map(|&value| rustybt_data::rescale(value, scale, wanted)).collect();
            let fits = extend_rescaled(&mut moved, &values, scale, wanted);
            prop_assert_eq!(fits.then_some(moved), one_by_one);
        }
    }
}
