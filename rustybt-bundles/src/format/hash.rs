//! The hash of a chunk's content, whatever file it lies in.

use super::{Column, ColumnSpec, Kind};

/// BLAKE3 over every column: its name, its type and its values in little-endian order.
///
/// A column without any value is left out, so that a file has the same hash when its table gets a
/// column that the file has nothing in. Equal rows at equal scales have equal hashes, whichever
/// version of the encoder wrote them, so that an ingest knows without reading that it brings
/// nothing new.
pub(crate) fn content_hash(specs: &[ColumnSpec], columns: &[Column]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for (spec, column) in specs.iter().zip(columns) {
        if column.missing() == column.len() {
            continue;
        }
        hasher.update(spec.name.as_bytes());
        hasher.update(&[0, tag(spec.kind)]);
        hasher.update(&(column.len() as u64).to_le_bytes());
        match column {
            Column::Numbers(values) => {
                blocks(&mut hasher, values, |buffer, value| buffer.extend(value.to_le_bytes()));
            }
            Column::Wide(values) => {
                blocks(&mut hasher, values, |buffer, value| buffer.extend(value.to_le_bytes()));
            }
            Column::Doubles(values) => blocks(&mut hasher, values, |buffer, value| {
                buffer.push(u8::from(value.is_some()));
                buffer.extend(value.map_or(0, f64::to_bits).to_le_bytes());
            }),
            Column::Texts(values) => {
                for value in values {
                    let bytes = value.as_deref().map(str::as_bytes);
                    let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
                    hasher.update(&length.to_le_bytes());
                    hasher.update(bytes.unwrap_or_default());
                }
            }
        }
    }
    *hasher.finalize().as_bytes()
}

fn blocks<T: Copy>(hasher: &mut blake3::Hasher, values: &[T], push: impl Fn(&mut Vec<u8>, T)) {
    // Long runs of bytes are what BLAKE3 is fast at.
    const VALUES: usize = 8192;
    let mut buffer = Vec::with_capacity(16 * VALUES.min(values.len()));
    for block in values.chunks(VALUES) {
        buffer.clear();
        for &value in block {
            push(&mut buffer, value);
        }
        hasher.update(&buffer);
    }
}

fn tag(kind: Kind) -> u8 {
    match kind {
        Kind::Int => 1,
        Kind::Date => 2,
        Kind::Instant => 3,
        Kind::Text => 4,
        Kind::Double => 5,
        Kind::Bool => 6,
        Kind::Nanos => 7,
        Kind::Decimal(scale) => 16 + scale,
        Kind::Wide(scale) => 64 + scale,
    }
}
