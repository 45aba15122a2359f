//! Sums of products.

const LANES: usize = 8;

/// The sum of `values[i] × weights[i]`, in lanes: always of the same shape for the same number.
pub fn weighted_sum(values: &[f64], weights: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let count = values.len().min(weights.len());
    let (values, weights) =
        (values.get(..count).unwrap_or_default(), weights.get(..count).unwrap_or_default());
    let ((chunks, rest), (by, rest_by)) =
        (values.as_chunks::<LANES>(), weights.as_chunks::<LANES>());
    for (chunk, by) in chunks.iter().zip(by) {
        for ((lane, value), weight) in lanes.iter_mut().zip(chunk).zip(by) {
            *lane += value * weight;
        }
    }
    for ((lane, value), weight) in lanes.iter_mut().zip(rest).zip(rest_by) {
        *lane += value * weight;
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_summed() {
        let values: Vec<f64> = (1..=19).map(f64::from).collect();
        assert_eq!(weighted_sum(&values, &values), 2470.0);
        assert_eq!(weighted_sum(&[], &values), 0.0);
    }
}
