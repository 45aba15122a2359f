//! Standard scores.

use crate::kernel;

/// `(x − mean) / deviation`, with the deviation of the population.
pub(super) fn apply(values: &[f64], out: &mut [f64]) {
    let (pivot, mean, deviation) = kernel::moments(values);
    for (value, score) in values.iter().zip(out) {
        *score = ((value - pivot) - mean) / deviation;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_equal_numbers_are_missing() {
        let mut out = [1.0; 3];
        apply(&[0.1, 0.1, 0.1], &mut out);
        assert!(out.iter().all(|score| score.is_nan()));
    }

    #[test]
    fn a_score_by_hand() {
        let mut out = [0.0; 2];
        apply(&[1.0, 3.0], &mut out);
        assert_eq!(out, [-1.0, 1.0]);
    }
}
