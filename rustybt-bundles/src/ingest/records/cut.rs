//! Cutting rows into files: where stretches of time begin and end.

use std::ops::Range;
use std::sync::Arc;

use rustybt_data::TableSchema;

use super::rows::Stretch;
use crate::records::{RecordSet, RowBlock};

/// Cuts rows that come in the order of time, a slice of it after the other, into files.
///
/// A file ends before the first stamp behind so many rows that they weigh enough: which rows are in
/// which file does not depend on the slices in which they came.
pub(super) struct Cutter {
    set: RecordSet,
    schema: Arc<TableSchema>,
    full: u64,
    pending: Vec<RowBlock>,
    weight: u64,
}

impl Cutter {
    pub(super) fn new(set: RecordSet, schema: Arc<TableSchema>, full: u64) -> Self {
        Self { set, schema, full, pending: Vec::new(), weight: 0 }
    }

    /// Takes in rows that are later than all before; gives those that make whole files.
    pub(super) fn push(&mut self, block: RowBlock) -> Vec<RowBlock> {
        let weights = block.weights();
        let all = weights.iter().sum::<u64>();
        if self.weight < self.full && self.weight + all < self.full {
            self.weight += all;
            self.pending.push(block);
            return Vec::new();
        }
        let stamps = block.stamps(self.set);
        let mut order: Vec<usize> = (0..stamps.len()).collect();
        if !stamps.is_sorted() {
            order.sort_by_key(|&row| stamps.get(row));
        }
        let (mut whole, mut from, mut before) = (Vec::new(), 0, None);
        for (place, &row) in order.iter().enumerate() {
            let stamp = stamps.get(row);
            if stamp != before && self.weight >= self.full {
                self.keep(&block, order.get(from..place));
                whole.extend(self.finish());
                from = place;
            }
            self.weight += weights.get(row).copied().unwrap_or_default();
            before = stamp;
        }
        if from == 0 {
            self.pending.push(block);
        } else {
            self.keep(&block, order.get(from..));
        }
        whole
    }

    fn keep(&mut self, block: &RowBlock, rows: Option<&[usize]>) {
        // As they are in the block: sorted by asset first.
        let mut rows = rows.unwrap_or_default().to_vec();
        rows.sort_unstable();
        if !rows.is_empty() {
            self.pending.push(block.take(&rows));
        }
    }

    /// The rows of the file that is not whole.
    pub(super) fn finish(&mut self) -> Option<RowBlock> {
        self.weight = 0;
        let mut pending = std::mem::take(&mut self.pending).into_iter();
        let mut all = pending.next()?;
        let mut joined = false;
        for block in pending {
            all.append(block);
            joined = true;
        }
        // Rows of one asset are together, whatever slices they came in.
        Some(if joined { all.sorted(self.set, &self.schema) } else { all })
    }
}

/// Cuts a range of stamps where each slice has rows of about `target` bytes.
pub(super) fn slices(range: &Range<i64>, stretches: &[Stretch], target: u64) -> Vec<Range<i64>> {
    let inside = |it: &&Stretch| it.last >= range.start && it.first < range.end;
    let mut inside: Vec<&Stretch> = stretches.iter().filter(inside).collect();
    inside.sort_by_key(|stretch| stretch.first);
    let (mut slices, mut from, mut sum) = (Vec::new(), range.start, 0);
    for stretch in inside {
        if sum > 0 && sum + stretch.memory > target && stretch.first > from {
            slices.push(from..stretch.first);
            (from, sum) = (stretch.first, 0);
        }
        sum += stretch.memory;
    }
    slices.push(from..range.end);
    slices
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rustybt_data::{Filing, Repeats, Stamp};

    use super::*;
    use crate::format::{Column, ColumnSpec, Kind};

    fn schema() -> TableSchema {
        let mut schema = TableSchema::user("x", Stamp::Instant, true).unwrap();
        (schema.filing, schema.repeats) = (Filing::Panel, Repeats::Row);
        schema
    }

    /// Rows of a stamp, an asset and a value, sorted as files are.
    fn block(rows: &[(i64, i64, i64)]) -> RowBlock {
        let specs = [("sid", Kind::Int), ("ts", Kind::Instant), ("value", Kind::Int)];
        let column =
            |of: fn(&(i64, i64, i64)) -> i64| Column::Numbers(rows.iter().map(of).collect());
        let columns = vec![column(|row| row.1), column(|row| row.0), column(|row| row.2)];
        let specs = specs.map(|(name, kind)| ColumnSpec::new(name, kind)).into();
        let schema = schema();
        RowBlock { specs, columns }.sorted(RecordSet::of(&schema).unwrap(), &schema)
    }

    proptest! {
        #[test]
        fn files_do_not_depend_on_the_slices(
            mut rows in proptest::collection::vec((0..40_i64, 0..3_i64, any::<i64>()), 1..80),
            mut bounds in proptest::collection::vec(0..40_i64, 0..6),
            full in 1..900_u64,
        ) {
            rows.sort_by_key(|row| row.0);
            bounds.sort_unstable();
            bounds.push(40);
            let schema = Arc::new(schema());
            let set = RecordSet::of(&schema).unwrap();
            let cutter = || Cutter::new(set, Arc::clone(&schema), full);
            let mut once = cutter();
            let mut whole = once.push(block(&rows));
            whole.extend(once.finish());
            let mut sliced = cutter();
            let (mut found, mut from) = (Vec::new(), 0);
            for to in bounds {
                let slice: Vec<_> =
                    rows.iter().copied().filter(|row| (from..to).contains(&row.0)).collect();
                if !slice.is_empty() {
                    found.extend(sliced.push(block(&slice)));
                }
                from = to;
            }
            found.extend(sliced.finish());
            prop_assert_eq!(&found, &whole);
            prop_assert_eq!(whole.iter().map(RowBlock::len).sum::<usize>(), rows.len());
            for pair in whole.windows(2) {
                let last = pair[0].stamps(set).into_iter().max();
                prop_assert!(last < pair[1].stamps(set).into_iter().min());
                prop_assert!(pair[0].weights().iter().sum::<u64>() >= full);
            }
        }

        #[test]
        fn slices_are_the_range(
            stretches in proptest::collection::vec((0..90_i64, 0..20_i64, 0..50_u64), 0..30),
            target in 1..200_u64,
        ) {
            let stretches: Vec<Stretch> = stretches
                .into_iter()
                .map(|(first, length, memory)| Stretch { first, last: first + length, memory })
                .collect();
            let slices = slices(&(10..80), &stretches, target);
            prop_assert_eq!((slices[0].start, slices[slices.len() - 1].end), (10, 80));
            prop_assert!(slices.windows(2).all(|pair| pair[0].end == pair[1].start));
            prop_assert!(slices.iter().all(|slice| slice.start < slice.end));
        }
    }
}
