//! Mean and deviation of a few hundred numbers.

const LANES: usize = 8;

/// A pivot, the mean of the distances from it, and their standard deviation (of the population).
///
/// Distances from a pivot near the values lose no digits where the values are large and close
/// together, and are all zero where they are equal.
pub(crate) fn moments(values: &[f64]) -> (f64, f64, f64) {
    let Some(&pivot) = values.first() else { return (f64::NAN, f64::NAN, f64::NAN) };
    let count = values.len() as f64;
    let mean = sum_of(values, |value| value - pivot) / count;
    let square = |value: f64| {
        let distance = (value - pivot) - mean;
        distance * distance
    };
    (pivot, mean, (sum_of(values, square) / count).sqrt())
}

/// A sum in lanes, always of the same shape for the same number of values.
fn sum_of(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += term(*value);
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane += term(*value);
    }
    lanes.iter().sum()
}

/// A sum in lanes.
pub(crate) fn sum(values: &[f64]) -> f64 {
    sum_of(values, |value| value)
}

/// The median, by putting the values in order as far as needed; `NaN` of none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    let half = values.len() / 2;
    if half >= values.len() {
        return f64::NAN;
    }
    let even = values.len().is_multiple_of(2);
    let (below, middle, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    let middle = *middle;
    if !even {
        return middle;
    }
    let lower = below.iter().copied().reduce(f64::max).unwrap_or(middle);
    lower + (middle - lower) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_large_close_numbers() {
        let values: Vec<f64> = (0..501).map(|i| 1e9 + f64::from(i % 3) * 1e-4).collect();
        let (pivot, mean, deviation) = moments(&values);
        let exact: Vec<f64> = values.iter().map(|v| v - 1e9).collect();
        let expected = exact.iter().sum::<f64>() / 501.0;
        let spread =
            (exact.iter().map(|d| (d - expected) * (d - expected)).sum::<f64>() / 501.0).sqrt();
        assert!((pivot - 1e9 + mean - expected).abs() < 1e-15);
        assert!((deviation / spread - 1.0).abs() < 1e-12);
        assert!(moments(&[]).0.is_nan());
    }
}
