//! A checksum of numbers, as fast as memory is read.

/// Four sums side by side, so that the multiplications overlap; each step is a bijection of its
/// sum, so that a change of any one value changes the result for certain.
pub(super) fn checksum(values: &[f64]) -> u64 {
    let mut sums = [0x9e37_79b9_7f4a_7c15_u64, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb, 1];
    let blocks = values.chunks_exact(4);
    let rest = blocks.remainder();
    for block in blocks {
        for (sum, value) in sums.iter_mut().zip(block) {
            *sum = step(*sum, value.to_bits());
        }
    }
    for (sum, value) in sums.iter_mut().zip(rest) {
        *sum = step(*sum, value.to_bits());
    }
    sums.into_iter().fold(values.len() as u64, step)
}

/// The same over bytes, eight at a time.
pub(super) fn checksum_bytes(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(bytes.len() as u64, |sum, chunk| {
        let mut word = [0; 8];
        word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        step(sum, u64::from_le_bytes(word))
    })
}

const fn step(sum: u64, value: u64) -> u64 {
    const ODD: u64 = 0xd6e8_feb8_6659_fd93;
    (sum ^ value).wrapping_mul(ODD).rotate_left(29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_is_noticed() {
        for count in 1..10 {
            let mut values: Vec<f64> = (0..count).map(f64::from).collect();
            let whole = checksum(&values);
            for at in 0..values.len() {
                for bit in 0..64 {
                    let before = values[at];
                    values[at] = f64::from_bits(before.to_bits() ^ 1 << bit);
                    assert_ne!(checksum(&values), whole);
                    values[at] = before;
                }
            }
        }
    }

    #[test]
    fn order_and_length_count() {
        assert_ne!(checksum(&[1.0, 2.0, 3.0, 4.0, 5.0]), checksum(&[5.0, 2.0, 3.0, 4.0, 1.0]));
        assert_ne!(checksum(&[0.0]), checksum(&[0.0, 0.0]));
        assert_ne!(checksum_bytes(b"abc"), checksum_bytes(b"abc\0"));
    }
}
