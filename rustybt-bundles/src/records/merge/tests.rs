use proptest::prelude::*;
use rustybt_data::{Filing, Stamp};

use super::*;
use crate::format::{ColumnSpec, Kind};

/// A table of `ts, id, value`.
fn schema(repeats: Repeats) -> TableSchema {
    let mut schema = TableSchema::user("x", Stamp::Instant, true).unwrap();
    schema.filing = Filing::Months;
    schema.repeats = repeats;
    schema
}

fn specs() -> Vec<ColumnSpec> {
    [("sid", Kind::Int), ("ts", Kind::Instant), ("id", Kind::Text), ("value", Kind::Int)]
        .map(|(name, kind)| ColumnSpec::new(name, kind))
        .into()
}

/// Rows of one asset: stamp, id (empty for none), value.
fn block(rows: &[(i64, &str, i64)]) -> RowBlock {
    let numbers = |of: fn(&(i64, &str, i64)) -> i64| Column::Numbers(rows.iter().map(of).collect());
    let ids = rows.iter().map(|row| (!row.1.is_empty()).then(|| row.1.to_owned())).collect();
    let columns = vec![numbers(|_| 7), numbers(|r| r.0), Column::Texts(ids), numbers(|r| r.2)];
    RowBlock { specs: specs(), columns }
}

fn shown(block: &RowBlock) -> Vec<(i64, String, i64)> {
    let number = |at: usize, row| block.columns[at].number(row).unwrap_or_default();
    let text = |row| block.columns[2].text(row).unwrap_or_default().to_owned();
    (0..block.len()).map(|row| (number(1, row), text(row), number(3, row))).collect()
}

fn merged(
    repeats: Repeats,
    old: &[(i64, &str, i64)],
    new: &[(i64, &str, i64)],
) -> (Rows, (u64, u64, u64)) {
    let schema = schema(repeats);
    let set = RecordSet::of(&schema).unwrap();
    let (block, count) = merge(&block(old), &block(new), set, &schema);
    (shown(&block), (count.added, count.changed, count.unchanged))
}

fn own(rows: &[(i64, &str, i64)]) -> Vec<(i64, String, i64)> {
    rows.iter().map(|&(at, id, value)| (at, id.to_owned(), value)).collect()
}

#[test]
fn a_row_with_an_id_replaces_the_one_that_had_it() {
    let id = || Repeats::Id("id".to_owned());
    let (rows, count) = merged(id(), &[(1, "a", 1), (1, "b", 2)], &[(1, "b", 3), (1, "c", 4)]);
    assert_eq!(rows, own(&[(1, "a", 1), (1, "b", 3), (1, "c", 4)]));
    assert_eq!(count, (1, 1, 0));
    // Equal rows without an id are counted, not merged.
    let (rows, count) = merged(id(), &[(1, "", 5), (1, "", 5)], &[(1, "", 5), (1, "", 6)]);
    assert_eq!(rows, own(&[(1, "", 5), (1, "", 5), (1, "", 6)]));
    assert_eq!(count, (1, 0, 1));
}

#[test]
fn rows_without_a_key_are_replaced_together() {
    let (rows, count) =
        merged(Repeats::Group, &[(1, "a", 1), (1, "a", 2), (2, "", 9)], &[(1, "a", 2)]);
    assert_eq!(rows, own(&[(1, "a", 2), (2, "", 9)]));
    assert_eq!(count, (0, 0, 1));
}

#[test]
fn one_file_does_not_contradict_itself_unseen() {
    let schema = schema(Repeats::Key(Vec::new()));
    let set = RecordSet::of(&schema).unwrap();
    let settled = settle(block(&[(2, "", 1), (1, "", 5), (2, "", 1), (1, "", 6)]), set, &schema);
    assert_eq!(shown(&settled.block), own(&[(1, "", 5), (2, "", 1)]));
    assert_eq!((settled.equal, settled.contradicting), (1, vec![(3, 1)]));
}

type Rows = Vec<(i64, String, i64)>;

fn rows() -> impl Strategy<Value = Rows> {
    proptest::collection::vec((0_i64..4, "[ab]?", 0_i64..3), 0..14)
}

fn of(rows: &Rows) -> Vec<(i64, &str, i64)> {
    rows.iter().map(|(at, id, value)| (*at, id.as_str(), *value)).collect()
}

proptest! {
    #[test]
    fn the_same_rows_again_change_nothing(first in rows(), second in rows(), kind in 0..4) {
        let repeats = match kind {
            0 => Repeats::Key(vec!["id".to_owned()]),
            1 => Repeats::Id("id".to_owned()),
            2 => Repeats::Row,
            _ => Repeats::Group,
        };
        let schema = schema(repeats);
        let set = RecordSet::of(&schema).unwrap();
        let settled = |rows: &Rows| settle(block(&of(rows)), set, &schema).block;
        let (first, second) = (settled(&first), settled(&second));
        let (once, count) = merge(&first, &second, set, &schema);
        prop_assert_eq!(count.added + count.changed + count.unchanged, second.len() as u64);
        let (twice, again) = merge(&once, &second, set, &schema);
        prop_assert_eq!(shown(&twice), shown(&once));
        prop_assert_eq!((again.added, again.changed), (0, 0));
        prop_assert_eq!(again.unchanged, second.len() as u64);
    }

    #[test]
    fn no_trade_is_lost_or_made(all in rows(), from in 0_i64..4, overlap in 0_i64..3) {
        // Two files that overlap by whole stamps, in either order, hold what one file holds.
        let schema = schema(Repeats::Row);
        let set = RecordSet::of(&schema).unwrap();
        let all = settle(block(&of(&all)), set, &schema).block;
        let rows = |wanted: &dyn Fn(i64) -> bool| {
            let stamps = all.keys(set).into_iter().enumerate();
            all.take(&stamps.filter(|(_, key)| wanted(key.1)).map(|(row, _)| row).collect::<Vec<_>>())
        };
        let (head, tail) = (rows(&|stamp| stamp < from + overlap), rows(&|stamp| stamp >= from));
        prop_assert_eq!(shown(&merge(&head, &tail, set, &schema).0), shown(&all));
        prop_assert_eq!(shown(&merge(&tail, &head, set, &schema).0), shown(&all));
    }
}
