//! A column as bytes that leave the process: compressed, with its key and a hash.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `RBTCOL01` |
//! | 32 | the key: the hash of all that the column depends on |
//! | 8 | the size of the values |
//! | … | the values, compressed with zstd |
//! | 32 | the BLAKE3 hash of everything before |

use super::Key;
use crate::format::{Column, Kind};

const MAGIC: &[u8; 8] = b"RBTCOL01";
const HEAD: usize = 8 + 32 + 8;
const HASH: usize = 32;
/// What is larger stays at home.
const LARGEST: usize = 256 << 20;
/// The length of a text that is missing.
const MISSING: u32 = u32::MAX;

/// A column as bytes; `None` for one that is too large.
pub(super) fn pack(column: &Column, key: Key) -> Option<Vec<u8>> {
    let values = to_bytes(column)?;
    if values.len() > LARGEST {
        return None;
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend(key.0);
    bytes.extend((values.len() as u64).to_le_bytes());
    bytes.extend(zstd::bulk::compress(&values, 1).ok()?);
    let hash = blake3::hash(&bytes);
    bytes.extend(hash.as_bytes());
    Some(bytes)
}

/// The column of a key, with so many rows of a kind; `None` for anything else.
pub(super) fn unpack(bytes: &[u8], key: Key, kind: Kind, rows: usize) -> Option<Column> {
    let (content, hash) = bytes.split_at_checked(bytes.len().checked_sub(HASH)?)?;
    let (head, packed) = content.split_at_checked(HEAD)?;
    let expected = [MAGIC.as_slice(), &key.0].concat();
    if head.get(..40)? != expected || blake3::hash(content).as_bytes() != hash {
        return None;
    }
    let size = u64::from_le_bytes(head.get(40..)?.try_into().ok()?);
    let size = usize::try_from(size).ok().filter(|size| *size <= LARGEST)?;
    let values = zstd::bulk::decompress(packed, size).ok()?;
    let column = from_bytes(&values, kind, rows)?;
    (values.len() == size).then_some(column)
}

fn to_bytes(column: &Column) -> Option<Vec<u8>> {
    Some(match column {
        Column::Numbers(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        Column::Wide(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        Column::Doubles(values) => {
            let present = values.iter().map(|value| u8::from(value.is_some()));
            let numbers = values.iter().flat_map(|value| value.unwrap_or(0.0).to_le_bytes());
            present.chain(numbers).collect()
        }
        Column::Texts(values) => {
            let mut bytes = Vec::with_capacity(values.len() * 8);
            for value in values {
                let length = match value {
                    Some(text) => u32::try_from(text.len()).ok().filter(|it| *it != MISSING)?,
                    None => MISSING,
                };
                bytes.extend(length.to_le_bytes());
            }
            values.iter().flatten().for_each(|text| bytes.extend(text.as_bytes()));
            bytes
        }
    })
}

fn from_bytes(bytes: &[u8], kind: Kind, rows: usize) -> Option<Column> {
    match Column::new(kind, 0) {
        Column::Numbers(_) => {
            let (values, rest) = bytes.as_chunks::<8>();
            let values: Vec<i64> = values.iter().copied().map(i64::from_le_bytes).collect();
            (rest.is_empty() && values.len() == rows).then_some(Column::Numbers(values))
        }
        Column::Wide(_) => {
            let (values, rest) = bytes.as_chunks::<16>();
            let values: Vec<i128> = values.iter().copied().map(i128::from_le_bytes).collect();
            (rest.is_empty() && values.len() == rows).then_some(Column::Wide(values))
        }
        Column::Doubles(_) => {
            let (present, numbers) = bytes.split_at_checked(rows)?;
            let (numbers, rest) = numbers.as_chunks::<8>();
            let pairs = present.iter().zip(numbers);
            let values = pairs.map(|(&is, &value)| (is == 1).then(|| f64::from_le_bytes(value)));
            (rest.is_empty() && numbers.len() == rows).then(|| Column::Doubles(values.collect()))
        }
        Column::Texts(_) => {
            let (lengths, mut texts) = bytes.split_at_checked(rows.checked_mul(4)?)?;
            let mut values = Vec::with_capacity(rows);
            for &length in lengths.as_chunks::<4>().0 {
                let length = u32::from_le_bytes(length);
                if length == MISSING {
                    values.push(None);
                    continue;
                }
                let (text, rest) = texts.split_at_checked(length as usize)?;
                values.push(Some(std::str::from_utf8(text).ok()?.to_owned()));
                texts = rest;
            }
            texts.is_empty().then_some(Column::Texts(values))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn columns() -> impl Strategy<Value = (Kind, Column)> {
        let some = |column: fn(Vec<i64>) -> Column, kind| {
            proptest::collection::vec(any::<i64>(), 0..50).prop_map(move |it| (kind, column(it)))
        };
        let texts = proptest::collection::vec(proptest::option::of(".{0,9}"), 0..50);
        let doubles = proptest::collection::vec(proptest::option::of(any::<u64>()), 0..50);
        let wide = proptest::collection::vec(any::<i128>(), 0..50);
        prop_oneof![
            some(Column::Numbers, Kind::Decimal(4)),
            some(Column::Numbers, Kind::Nanos),
            wide.prop_map(|values| (Kind::Wide(20), Column::Wide(values))),
            texts.prop_map(|values| (Kind::Text, Column::Texts(values))),
            doubles.prop_map(|values| {
                let values = values.into_iter().map(|value| value.map(f64::from_bits));
                (Kind::Double, Column::Doubles(values.collect()))
            }),
        ]
    }

    /// Bit for bit: `NaN` is not equal to itself.
    fn same(a: &Column, b: &Column) -> bool {
        to_bytes(a) == to_bytes(b) && a.len() == b.len()
    }

    proptest! {
        #[test]
        fn what_comes_back_is_what_was_sent((kind, column) in columns()) {
            let key = Key([3; 32]);
            let bytes = pack(&column, key).unwrap();
            let back = unpack(&bytes, key, kind, column.len()).unwrap();
            prop_assert!(same(&back, &column));
            prop_assert!(unpack(&bytes, Key([4; 32]), kind, column.len()).is_none());
            prop_assert!(unpack(&bytes, key, kind, column.len() + 1).is_none());
        }

        #[test]
        fn no_damage_goes_unnoticed((kind, column) in columns(), at: usize, bit in 0..8) {
            let key = Key([3; 32]);
            let mut bytes = pack(&column, key).unwrap();
            let at = at % bytes.len();
            prop_assert!(unpack(&bytes[..at], key, kind, column.len()).is_none());
            bytes[at] ^= 1_u8 << bit;
            prop_assert!(unpack(&bytes, key, kind, column.len()).is_none());
        }

        #[test]
        fn values_that_make_no_sense_are_none(bytes: Vec<u8>, rows in 0..20_usize) {
            for kind in [Kind::Int, Kind::Wide(3), Kind::Double, Kind::Text] {
                let column = from_bytes(&bytes, kind, rows);
                prop_assert!(column.is_none_or(|column| column.len() == rows));
            }
        }
    }
}
