//! Sums and means of every window of a series.

/// The mean of what is not `NaN`; `NaN` where nothing is.
pub fn mean(values: &[f64]) -> f64 {
    let present = values.iter().filter(|value| !value.is_nan());
    let (sum, count) = present.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count)
}

/// The sum of every window of `window` values: `out[i]` is that of `values[i..i + window]`.
///
/// `origin` is the position of `values[0]` on an axis that all slices of the series share. Writes
/// as many sums as there are windows and places for them.
///
/// ```
/// let mut out = [0.0; 3];
/// rustybt_pipeline::kernel::rolling_sum(&[1.0, 2.0, 3.0, 4.0], 0, 2, &mut out);
/// assert_eq!(out, [3.0, 5.0, 7.0]);
/// ```
pub fn rolling_sum(values: &[f64], origin: usize, window: usize, out: &mut [f64]) {
    rolling_sums::<1>(values.as_chunks().0, origin, window, out.as_chunks_mut().0);
}

/// [`rolling_sum`] of several series side by side, in little more time than one takes.
pub fn rolling_sums<const N: usize>(
    values: &[[f64; N]],
    origin: usize,
    window: usize,
    out: &mut [[f64; N]],
) {
    let Some(windows) = (values.len() + 1).checked_sub(window).filter(|_| window > 0) else {
        return;
    };
    let windows = windows.min(out.len());
    let mut start = 0;
    while start < windows {
        // The windows that begin in this block end in it or in the next one, which begins at `next`.
        let next = start + window - (origin + start) % window;
        let end = next.min(windows);
        let (Some(block), Some(sums)) = (values.get(start..next), out.get_mut(start..end)) else {
            return;
        };
        let (shown, hidden) = block.split_at(end - start);
        let mut suffix = [0.0; N];
        for value in hidden.iter().rev() {
            add(&mut suffix, value);
        }
        for (value, sum) in shown.iter().zip(sums.iter_mut()).rev() {
            add(&mut suffix, value);
            *sum = suffix;
        }
        // The first window of a whole block needs nothing of the next one.
        let mut prefix = [0.0; N];
        let reached = start + window - next;
        let after = values.get(next..).unwrap_or_default();
        let (lead, rest) = after.split_at_checked(reached).unwrap_or_default();
        for value in lead {
            add(&mut prefix, value);
        }
        if let Some((first, others)) = sums.split_first_mut() {
            add(first, &prefix);
            for (value, sum) in rest.iter().zip(others) {
                add(&mut prefix, value);
                add(sum, &prefix);
            }
        }
        start = end;
    }
}

#[inline]
fn add<const N: usize>(sums: &mut [f64; N], values: &[f64; N]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

/// The mean of what is not `NaN` in every window; `NaN` where nothing is.
///
/// Arguments as [`rolling_sum`].
pub fn rolling_mean(values: &[f64], origin: usize, window: usize, out: &mut [f64]) {
    if !values.iter().any(|value| value.is_nan()) {
        rolling_sum(values, origin, window, out);
        let count = window as f64;
        for mean in out {
            *mean /= count;
        }
        return;
    }
    let present: Vec<f64> =
        values.iter().map(|value| if value.is_nan() { 0.0 } else { *value }).collect();
    rolling_sum(&present, origin, window, out);
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
            for origin in [0, 1, 7, 1000] {
                let mut out = vec![0.0; 301 - window];
                rolling_mean(&values, origin, window, &mut out);
                for (i, found) in out.iter().enumerate() {
                    let expected = mean(&values[i..i + window]);
                    assert!(
                        (found - expected).abs() <= 1e-12 * expected.abs()
                            || found.is_nan() && expected.is_nan(),
                        "window {window} origin {origin} at {i}: {found} is not {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_slice_has_the_bits_of_the_whole() {
        let mut values = series(200);
        values[77] = f64::NAN;
        for window in [1, 2, 13, 20] {
            let mut whole = vec![0.0; 201 - window];
            rolling_mean(&values, 40, window, &mut whole);
            for (start, end) in [(0, 50), (3, 90), (19, 60), (100, 200)] {
                let mut part = vec![0.0; end - start + 1 - window];
                rolling_mean(&values[start..end], 40 + start, window, &mut part);
                let expected: Vec<u64> =
                    whole[start..=end - window].iter().map(|v| v.to_bits()).collect();
                let found: Vec<u64> = part.iter().map(|v| v.to_bits()).collect();
                assert_eq!(found, expected, "window {window} of {start}..{end}");
            }
        }
    }

    #[test]
    fn what_leaves_the_window_leaves_no_trace() {
        let mut values = series(100);
        let mut clean = vec![0.0; 81];
        rolling_sum(&values, 0, 20, &mut clean);
        for poison in [f64::NAN, f64::INFINITY, 1e300] {
            values[30] = poison;
            let mut out = vec![0.0; 81];
            rolling_sum(&values, 0, 20, &mut out);
            assert_eq!(out[31..], clean[31..]);
            assert_eq!(out[..=10], clean[..=10]);
        }
    }

    #[test]
    fn odd_lengths_do_nothing() {
        let mut out = [7.0; 2];
        rolling_sum(&[1.0], 0, 2, &mut out);
        rolling_sum(&[1.0], 0, 0, &mut out);
        rolling_sum(&[], 0, 5, &mut out);
        assert_eq!(out, [7.0; 2]);
        assert!(mean(&[]).is_nan());
    }
}
