//! Means of every window of a series.

use super::{rolling_quotient, rolling_sum};

/// The mean of what is not `NaN`; `NaN` where nothing is.
pub fn mean(values: &[f64]) -> f64 {
    let present = values.iter().filter(|value| !value.is_nan());
    let (sum, count) = present.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count)
}

/// The mean of what is not `NaN` in every window; `NaN` where nothing is.
///
/// Arguments as [`rolling_sum`].
pub fn rolling_mean(values: &[f64], window: usize, out: &mut [f64]) {
    // Counting them all takes less time than looking for the first.
    if values.iter().filter(|value| value.is_nan()).count() == 0 {
        return rolling_quotient(values, window, out);
    }
    let present: Vec<f64> =
        values.iter().map(|value| if value.is_nan() { 0.0 } else { *value }).collect();
    rolling_sum(&present, window, out);
    // Counts are whole numbers: sliding them is exact.
    let is_present = |value: &f64| usize::from(!value.is_nan());
    let (lead, rest) = values.split_at(window.saturating_sub(1).min(values.len()));
    let mut count: usize = lead.iter().map(is_present).sum();
    for ((entering, leaving), mean) in rest.iter().zip(values).zip(out) {
        count += is_present(entering);
        *mean /= count as f64;
        count -= is_present(leaving);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(n: usize) -> Vec<f64> {
        (0..n).map(|i| 100.0 + ((i * 7919) % 1009) as f64 / 7.0).collect()
    }

    #[test]
    fn every_window_is_its_own_mean() {
        let mut values = series(300);
        for i in [0, 5, 6, 7, 8, 9, 130, 299] {
            values[i] = f64::NAN;
        }
        for window in [1, 2, 3, 5, 20, 64, 299, 300] {
            let mut out = vec![0.0; 301 - window];
            rolling_mean(&values, window, &mut out);
            for (i, found) in out.iter().enumerate() {
                let expected = mean(&values[i..i + window]);
                assert!(
                    (found - expected).abs() <= 1e-12 * expected.abs()
                        || found.is_nan() && expected.is_nan(),
                    "window {window} at {i}: {found} is not {expected}"
                );
            }
        }
    }

    #[test]
    fn a_slice_has_the_bits_of_the_whole() {
        let mut values = series(200);
        values[77] = f64::NAN;
        for window in [1, 2, 13, 20] {
            let mut whole = vec![0.0; 201 - window];
            rolling_mean(&values, window, &mut whole);
            for (start, end) in [(0, 50), (3, 90), (19, 60), (100, 200)] {
                let mut part = vec![0.0; end - start + 1 - window];
                rolling_mean(&values[start..end], window, &mut part);
                let expected: Vec<u64> =
                    whole[start..=end - window].iter().map(|v| v.to_bits()).collect();
                let found: Vec<u64> = part.iter().map(|v| v.to_bits()).collect();
                assert_eq!(found, expected, "window {window} of {start}..{end}");
            }
        }
    }

    #[test]
    fn nothing_has_no_mean() {
        assert!(mean(&[]).is_nan());
    }
}
