//! How much rows weigh: what decides how large a file of them becomes.

use crate::format::{ColumnSpec, Kind};

/// What the rows of one file weigh at most, about: so many that a file is worth opening, and so few
/// that a worker can hold them.
pub(crate) const FULL: u64 = 64 << 20;

/// What a row of these columns weighs, as far as the columns tell: its bytes in memory, texts being
/// short words.
pub(crate) fn width(specs: &[ColumnSpec]) -> u64 {
    let weight = |kind: Kind| match kind {
        Kind::Text => TEXT + 8,
        Kind::Wide(_) | Kind::Double => 16,
        _ => 8,
    };
    specs.iter().map(|spec| weight(spec.kind)).sum()
}

/// What a text weighs beside its bytes: its place in the column, and what the allocator adds.
const TEXT: u64 = 40;
