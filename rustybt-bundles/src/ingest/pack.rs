//! Whole numbers in few bytes, for files that live no longer than the ingest.

/// Differences, the small ones in few bytes: seven bits a byte, the sign in the lowest.
pub(super) fn add_numbers(to: &mut Vec<u8>, values: impl Iterator<Item = i64>) {
    let mut before = 0_i64;
    for value in values {
        let step = value.wrapping_sub(before);
        before = value;
        let mut rest = ((step << 1) ^ (step >> 63)) as u64;
        while rest >= 0x80 {
            to.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        to.push(rest as u8);
    }
}

/// Reads so many of them; `None` where the bytes are none.
pub(super) fn numbers(from: &mut &[u8], count: usize) -> Option<Vec<i64>> {
    let mut values = Vec::with_capacity(count);
    let mut before = 0_i64;
    for _ in 0..count {
        let (mut folded, mut shift) = (0_u64, 0);
        loop {
            let (&byte, rest) = from.split_first()?;
            *from = rest;
            folded |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        let step = (folded >> 1) as i64 ^ -((folded & 1) as i64);
        before = before.wrapping_add(step);
        values.push(before);
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rustybt_data::ExactColumn;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(values in proptest::collection::vec(prop_oneof![
            any::<i64>(), -5..5_i64, Just(ExactColumn::MISSING), Just(i64::MAX),
        ], 0..50)) {
            let mut bytes = Vec::new();
            add_numbers(&mut bytes, values.iter().copied());
            let mut from = bytes.as_slice();
            prop_assert_eq!(numbers(&mut from, values.len()), Some(values));
            prop_assert!(from.is_empty());
        }
    }

    #[test]
    fn what_is_cut_off_is_noticed() {
        assert_eq!(numbers(&mut &[0x80_u8][..], 1), None);
        assert_eq!(numbers(&mut &[0xff_u8; 12][..], 1), None);
    }
}
