//! Powers of ten: the one table that everything decimal uses.

/// 10^0 to 10^18: all that an `i64` holds.
pub const POWERS: [i64; 19] = {
    let mut powers = [1_i64; 19];
    let mut i = 1;
    while i < 19 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// 10^0 to 10^38: all that an `i128` holds.
pub(crate) const WIDE_POWERS: [i128; 39] = {
    let mut powers = [1_i128; 39];
    let mut i = 1;
    while i < 39 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// The number of decimal digits of a magnitude; none for zero.
pub(crate) fn digits(magnitude: u128) -> u8 {
    match magnitude.checked_ilog10() {
        Some(power) => power as u8 + 1,
        None => 0,
    }
}
