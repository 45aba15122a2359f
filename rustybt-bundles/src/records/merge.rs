//! Which rows are the same: inside what an ingest brings, and between that and what is there.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use rustybt_data::{Repeats, TableSchema};

use super::block::{RowBlock, append_cell, is_missing};
use super::set::RecordSet;
use crate::format::Column;

/// What merging did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RowCount {
    /// Rows that nothing there was.
    pub(crate) added: u64,
    /// Rows that replaced one with other values.
    pub(crate) changed: u64,
    /// Rows that were there.
    pub(crate) unchanged: u64,
}

/// Rows as they came, sorted, each once.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) block: RowBlock,
    /// Rows that say what an earlier one says.
    pub(crate) equal: u64,
    /// Rows, by their place in what was given, that contradict an earlier one: the row, the first.
    pub(crate) contradicting: Vec<(usize, usize)>,
    /// Those rows, in the same order.
    pub(crate) refused: RowBlock,
}

/// Sorts rows as they came and takes out those that say again what an earlier one says, or
/// something else. Where rows have no key, all stay.
pub(crate) fn settle(block: RowBlock, set: RecordSet, schema: &TableSchema) -> Settled {
    let order = block.order(set, schema);
    let (mut equal, mut contradicting, mut gone) = (0, Vec::new(), BTreeSet::new());
    if let Some(names) = key_columns(schema) {
        let keys = block.keys(set);
        let key: Vec<&Column> = names.iter().filter_map(|name| block.column(name)).collect();
        let all: Vec<&Column> = block.columns.iter().collect();
        let by_id = matches!(schema.repeats, Repeats::Id(_));
        let at = |place: usize| match &order {
            Some(order) => order.get(place).copied().unwrap_or(place),
            None => place,
        };
        let mut from = 0;
        while from < keys.len() {
            let same = |place: &usize| keys.get(at(*place)) == keys.get(at(from));
            let to = (from + 1..keys.len()).take_while(same).last().unwrap_or(from) + 1;
            if to - from > 1 {
                // In the order in which they came: the first counts.
                let mut rows: Vec<usize> = (from..to).map(at).collect();
                rows.sort_unstable();
                let mut first: HashMap<Vec<u8>, usize> = HashMap::new();
                for row in rows {
                    if by_id && key.iter().all(|column| is_missing(column, row)) {
                        continue;
                    }
                    let earlier = *first.entry(row_bytes(&key, row)).or_insert(row);
                    if earlier == row {
                        continue;
                    }
                    gone.insert(row);
                    if row_bytes(&all, row) == row_bytes(&all, earlier) {
                        equal += 1;
                    } else {
                        contradicting.push((row, earlier));
                    }
                }
            }
            from = to;
        }
    }
    contradicting.sort_unstable();
    let refused = block.take(&contradicting.iter().map(|(row, _)| *row).collect::<Vec<_>>());
    let block = match (order, gone.is_empty()) {
        (None, true) => block,
        (Some(order), true) => block.take(&order),
        (order, false) => {
            let rows = order.unwrap_or_else(|| (0..block.len()).collect());
            let kept: Vec<usize> = rows.into_iter().filter(|row| !gone.contains(row)).collect();
            block.take(&kept)
        }
    };
    Settled { block, equal, contradicting, refused }
}

/// The columns that tell rows of one asset and stamp apart; `None` where nothing does.
fn key_columns(schema: &TableSchema) -> Option<Vec<&str>> {
    match &schema.repeats {
        Repeats::Key(columns) => Some(columns.iter().map(String::as_str).collect()),
        Repeats::Id(column) => Some(vec![column.as_str()]),
        Repeats::Row | Repeats::Group => None,
    }
}

/// The rows that are there, and those that came; both are sorted, and have the same columns.
pub(crate) fn merge(
    old: &RowBlock,
    new: &RowBlock,
    set: RecordSet,
    schema: &TableSchema,
) -> (RowBlock, RowCount) {
    let (old_keys, new_keys) = (old.keys(set), new.keys(set));
    let mut merger = Merger::new(old, new, schema);
    let (mut o, mut n) = (0, 0);
    while o < old_keys.len() || n < new_keys.len() {
        let key = match (old_keys.get(o), new_keys.get(n)) {
            (Some(a), Some(b)) => *a.min(b),
            (Some(key), None) | (None, Some(key)) => *key,
            (None, None) => break,
        };
        let run = |keys: &[(i64, i64)], from: usize| {
            let rest = keys.get(from..).unwrap_or_default();
            from..from + rest.iter().take_while(|other| **other == key).count()
        };
        let (olds, news) = (run(&old_keys, o), run(&new_keys, n));
        (o, n) = (olds.end, news.end);
        merger.group(olds, news);
    }
    let Merger { picked, count, .. } = merger;
    let merged = old.pick(new, &picked);
    // Rows of one stamp that came later may belong before others.
    (merged.sorted(set, schema), count)
}

struct Merger<'b> {
    old: Vec<&'b Column>,
    new: Vec<&'b Column>,
    old_key: Vec<&'b Column>,
    new_key: Vec<&'b Column>,
    repeats: &'b Repeats,
    picked: Vec<(usize, usize)>,
    count: RowCount,
}

impl<'b> Merger<'b> {
    fn new(old: &'b RowBlock, new: &'b RowBlock, schema: &'b TableSchema) -> Self {
        let names = match &schema.repeats {
            Repeats::Group => Some(vec!["known_at"]),
            _ => key_columns(schema),
        };
        let names = names.unwrap_or_default();
        let key = |block: &'b RowBlock| -> Vec<&'b Column> {
            names.iter().filter_map(|name| block.column(name)).collect()
        };
        Self {
            old: old.columns.iter().collect(),
            new: new.columns.iter().collect(),
            old_key: key(old),
            new_key: key(new),
            repeats: &schema.repeats,
            picked: Vec::with_capacity(old.len() + new.len()),
            count: RowCount::default(),
        }
    }

    /// Merges the rows of one asset and stamp.
    fn group(&mut self, olds: Range<usize>, news: Range<usize>) {
        if news.is_empty() {
            self.picked.extend(olds.map(|row| (0, row)));
            return;
        }
        if olds.is_empty() {
            self.count.added += news.len() as u64;
            self.picked.extend(news.map(|row| (1, row)));
            return;
        }
        let same = |(o, n): (usize, usize)| self.same(o, n);
        if olds.len() == news.len() && olds.clone().zip(news.clone()).all(same) {
            self.count.unchanged += news.len() as u64;
            self.picked.extend(olds.map(|row| (0, row)));
            return;
        }
        if matches!(self.repeats, Repeats::Group) {
            self.replace(olds, news);
        } else {
            self.match_rows(olds, news);
        }
    }

    /// Rows with a key replace those that have it; the others are matched with equal ones.
    fn match_rows(&mut self, olds: Range<usize>, news: Range<usize>) {
        let mut waiting: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for row in news.rev() {
            waiting.entry(self.identity(&self.new, &self.new_key, row)).or_default().push(row);
        }
        for row in olds {
            let identity = self.identity(&self.old, &self.old_key, row);
            match waiting.get_mut(&identity).and_then(Vec::pop) {
                None => self.picked.push((0, row)),
                Some(new) if self.same(row, new) => {
                    self.count.unchanged += 1;
                    self.picked.push((0, row));
                }
                Some(new) => {
                    self.count.changed += 1;
                    self.picked.push((1, new));
                }
            }
        }
        let mut left: Vec<usize> = waiting.into_values().flatten().collect();
        left.sort_unstable();
        self.count.added += left.len() as u64;
        self.picked.extend(left.into_iter().map(|row| (1, row)));
    }

    /// All rows that were known at an instant replace those of that instant.
    fn replace(&mut self, olds: Range<usize>, news: Range<usize>) {
        let known = |columns: &[&Column], row| row_bytes(columns, row);
        let told: Vec<Vec<u8>> = news.clone().map(|row| known(&self.new_key, row)).collect();
        let mut gone: HashMap<Vec<u8>, u64> = HashMap::new();
        let mut rows_gone = 0;
        for row in olds {
            if told.contains(&known(&self.old_key, row)) {
                *gone.entry(row_bytes(&self.old, row)).or_default() += 1;
                rows_gone += 1;
            } else {
                self.picked.push((0, row));
            }
        }
        for row in news {
            match gone.get_mut(&row_bytes(&self.new, row)).filter(|left| **left > 0) {
                Some(left) => {
                    *left -= 1;
                    rows_gone -= 1;
                    self.count.unchanged += 1;
                }
                None if rows_gone > 0 => {
                    rows_gone -= 1;
                    self.count.changed += 1;
                }
                None => self.count.added += 1,
            }
            self.picked.push((1, row));
        }
    }

    /// The bytes that a row is known by: its key, or all of it.
    fn identity(&self, all: &[&Column], key: &[&Column], row: usize) -> Vec<u8> {
        let nameless = key.iter().all(|column| is_missing(column, row));
        match self.repeats {
            Repeats::Key(_) => row_bytes(key, row),
            Repeats::Id(_) if !nameless => [&[1][..], &row_bytes(key, row)].concat(),
            _ => [&[0][..], &row_bytes(all, row)].concat(),
        }
    }

    fn same(&self, old: usize, new: usize) -> bool {
        row_bytes(&self.old, old) == row_bytes(&self.new, new)
    }
}

fn row_bytes(columns: &[&Column], row: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 * columns.len());
    for column in columns {
        append_cell(column, row, &mut bytes);
    }
    bytes
}

#[cfg(test)]
mod tests;
