//! Every kind of column, to Parquet and back.

use std::path::Path;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

const LIMIT: i128 = 10_i128.pow(28) - 1;

fn specs(kinds: &[Kind]) -> Vec<ColumnSpec> {
    kinds
        .iter()
        .enumerate()
        .map(|(at, &kind)| ColumnSpec::new(format!("c.{at} `x`"), kind))
        .collect()
}

fn written(specs: &[ColumnSpec], columns: &[Column]) -> Vec<u8> {
    let rows = columns.first().map_or(0, Column::len);
    encode(specs, columns, &[0..rows], 0, &Footer::default()).unwrap().bytes
}

fn read(bytes: Vec<u8>, specs: Vec<ColumnSpec>, rows: usize) -> Result<Vec<Column>, crate::Error> {
    let path = Path::new("a.parquet");
    ParquetFile::open(path, Bytes::from(bytes), specs, rows, &Rows::All)?.columns()
}

/// Bits, so that NaN is itself.
fn same(a: &[Column], b: &[Column]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| match (a, b) {
            (Column::Doubles(a), Column::Doubles(b)) => {
                let bits = |values: &[Option<f64>]| -> Vec<Option<u64>> {
                    values.iter().map(|value| value.map(f64::to_bits)).collect()
                };
                bits(a) == bits(b)
            }
            _ => a == b,
        })
}

fn all_kinds() -> Vec<(Kind, Column)> {
    vec![
        (Kind::Int, Column::Numbers(vec![1, MISSING, i64::MAX])),
        (Kind::Date, Column::Numbers(vec![-1, 20_000, MISSING])),
        (Kind::Instant, Column::Numbers(vec![0, 1, 2])),
        (Kind::Nanos, Column::Numbers(vec![1_700_000_000_123_456_789, MISSING, -1])),
        (Kind::Decimal(8), Column::Numbers(vec![812, MISSING, -3763])),
        (Kind::Wide(18), Column::Wide(vec![LIMIT, WIDE_MISSING, -LIMIT])),
        (Kind::Wide(0), Column::Wide(vec![0, -1, 1])),
        (Kind::Double, Column::Doubles(vec![Some(f64::NAN), None, Some(-0.0)])),
        (Kind::Double, Column::Doubles(vec![Some(1.5), Some(f64::INFINITY), Some(1e-300)])),
        (Kind::Bool, Column::Numbers(vec![1, MISSING, 0])),
        (Kind::Text, Column::Texts(vec![Some("é".to_owned()), None, Some(String::new())])),
    ]
}

#[test]
fn every_kind_comes_back_under_any_name() {
    let (kinds, columns): (Vec<Kind>, Vec<Column>) = all_kinds().into_iter().unzip();
    let specs = specs(&kinds);
    let bytes = written(&specs, &columns);
    let back = read(bytes, specs, 3).unwrap();
    assert!(same(&back, &columns), "{back:?}");
}

#[test]
fn the_catalog_names_every_kind() {
    for (kind, _) in all_kinds() {
        assert_eq!(Kind::from_ducklake(&kind.ducklake()), Some(kind));
    }
    for other in ["decimal(38,2)", "decimal(18,19)", "blob", "decimal(28)"] {
        assert_eq!(Kind::from_ducklake(other), None, "{other}");
    }
}

#[test]
fn statistics_leave_out_what_has_no_order() {
    let (kinds, columns): (Vec<Kind>, Vec<Column>) = all_kinds().into_iter().unzip();
    let encoded = encode(&specs(&kinds), &columns, &[0..3], 0, &Footer::default()).unwrap();
    let [.., wide, _, nan, doubles, truth, _] = encoded.stats.as_slice() else { panic!() };
    assert_eq!(wide.bounds, Some((Bound::Wide(-LIMIT), Bound::Wide(LIMIT))));
    assert_eq!((wide.missing, nan.missing, nan.nan, doubles.nan), (1, 1, true, false));
    assert_eq!(nan.bounds, Some((Bound::Double(Double(-0.0)), Bound::Double(Double(-0.0)))));
    assert_eq!(truth.bounds, Some((Bound::Number(0), Bound::Number(1))));
}

#[test]
fn a_missing_double_and_nan_have_other_hashes() {
    let specs = specs(&[Kind::Double]);
    let hash = |value| content_hash(&specs, &[Column::Doubles(vec![value])]);
    assert_ne!(hash(None), hash(Some(f64::NAN)));
    assert_ne!(hash(None), hash(Some(0.0)));
}

#[test]
fn a_column_that_came_later_is_missing_in_older_files() {
    let old = specs(&[Kind::Int]);
    let bytes = written(&old, &[Column::Numbers(vec![1, 2])]);
    for (kind, _) in all_kinds() {
        let columns = read(bytes.clone(), specs(&[Kind::Int, kind]), 2).unwrap();
        assert_eq!(columns[0], Column::Numbers(vec![1, 2]));
        assert_eq!((columns[1].len(), columns[1].missing()), (2, 2));
    }
    // Never the other way round, and never as another type.
    assert!(read(bytes.clone(), Vec::new(), 2).is_err());
    assert!(read(bytes, specs(&[Kind::Text]), 2).is_err());
}

#[test]
fn a_footer_says_what_the_file_is() {
    let footer = Footer { bundle: "us".to_owned(), part: 7, version: 3, ..Footer::default() };
    let specs = vec![ColumnSpec::new("a \"b\"", Kind::Wide(4))];
    let entries = footer.key_values(&specs);
    let value = |key: &str| {
        let entry = entries.iter().find(|entry| entry.key == key).unwrap();
        entry.value.clone().unwrap()
    };
    assert_eq!(value("rustybt.bundle"), "us");
    assert_eq!(value("rustybt.part"), "7");
    assert_eq!(value("rustybt.schema"), r#"[["a \"b\"","decimal(28,4)"]]"#);
    assert!(entries.iter().all(|entry| entry.key.starts_with("rustybt.")));
}

/// Rows that take every path: steps of any size, long and short stretches without a value.
fn decimals() -> impl Strategy<Value = Vec<i64>> {
    let stretch = (
        prop_oneof![Just(0_u32), 0..10_u32, 0..60_u32],
        prop_oneof![Just(true), any::<bool>()],
        1..300_usize,
        any::<u64>(),
    );
    proptest::collection::vec(stretch, 0..40).prop_map(|stretches| {
        let mut values = Vec::new();
        for (bits, there, rows, mut seed) in stretches {
            for _ in 0..rows {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let value = ((seed >> 3) as i64) >> (61 - bits);
                values.push(if there { value } else { MISSING });
            }
        }
        values
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn decimals_round_trip_whole_and_in_parts(
        values in decimals(), from in 0..9000_usize, rows in 0..5000_usize,
    ) {
        let kinds = specs(&[Kind::Decimal(2), Kind::Int]);
        let columns = [Column::Numbers(values.clone()), Column::Numbers(values.clone())];
        let half = values.len() / 2;
        let groups = [0..half, half..values.len()];
        let bytes = encode(&kinds, &columns, &groups, 0, &Footer::default()).unwrap().bytes;
        let back = read(bytes.clone(), kinds.clone(), values.len()).unwrap();
        prop_assert_eq!(&back, &columns);
        let from = from.min(values.len());
        let wanted = from..(from + rows).min(values.len());
        let part = Rows::Range(wanted.clone());
        let path = Path::new("a.parquet");
        let file = ParquetFile::open(path, Bytes::from(bytes), kinds, values.len(), &part).unwrap();
        let found = file.column(0, &part).unwrap();
        prop_assert_eq!(found.numbers(), &values[wanted]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn wide_decimals_and_doubles_round_trip(
        rows in proptest::collection::vec(
            (proptest::option::of(-LIMIT..=LIMIT), proptest::option::of(any::<u64>())), 1..9000),
    ) {
        let kinds = specs(&[Kind::Wide(9), Kind::Double]);
        let columns = [
            Column::Wide(rows.iter().map(|row| row.0.unwrap_or(WIDE_MISSING)).collect()),
            Column::Doubles(rows.iter().map(|row| row.1.map(f64::from_bits)).collect()),
        ];
        let bytes = written(&kinds, &columns);
        prop_assert!(same(&read(bytes, kinds, rows.len()).unwrap(), &columns));
    }
}
