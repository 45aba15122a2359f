//! How many groups of rows are taken in at once: as many as memory holds.

use rustybt_data::TablePart;

use crate::ingest::budget::Budget;

/// Groups that are in memory together, in order; one at least, however large it is.
pub(super) fn batches<'g, 'p>(
    groups: &'g [Vec<&'p TablePart>],
    memory: u64,
) -> impl Iterator<Item = &'g [Vec<&'p TablePart>]> {
    // A row as text, as it was delivered, and in the making of a file.
    const COPIES: u64 = 5;
    let capacity = Budget::of_rows(memory).capacity();
    let mut rest = groups;
    std::iter::from_fn(move || {
        let mut sum = 0_u64;
        let fits = rest.iter().take_while(|parts| {
            let bytes: u64 = parts.iter().map(|part| part.bytes).sum();
            sum = sum.saturating_add(bytes.saturating_mul(COPIES));
            sum <= capacity
        });
        let (batch, behind) = rest.split_at_checked(fits.count().max(1))?;
        rest = behind;
        Some(batch)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustybt_data::TableSchema;

    use super::*;

    #[test]
    fn groups_go_together_as_far_as_memory_reaches() {
        let schema = Arc::new(TableSchema::known("trades").unwrap());
        let part = |bytes| TablePart {
            name: String::new(),
            schema: Arc::clone(&schema),
            asset: None,
            bytes,
        };
        let parts = [1, 1, 30, 2, 0, 1].map(part);
        let groups: Vec<Vec<&TablePart>> = parts.iter().map(|part| vec![part]).collect();
        let sizes = |memory| batches(&groups, memory).map(<[_]>::len).collect::<Vec<_>>();
        assert_eq!(sizes(1 << 20), [6]);
        assert_eq!(sizes(16), [2, 1, 2, 1]);
        assert_eq!(sizes(0), [1, 1, 1, 1, 1, 1]);
        assert_eq!(batches(&[], 16).count(), 0);
    }
}
