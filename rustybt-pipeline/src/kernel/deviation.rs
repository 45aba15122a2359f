//! Mean and standard deviation of every window of a series.

/// The mean and the deviation (of the population) of what is not `NaN`; `NaN` of nothing.
///
/// Distances from the first value, in two passes: no digits are lost where values are large and
/// close together.
pub fn mean_and_deviation(values: &[f64]) -> [f64; 2] {
    let Some(pivot) = values.iter().copied().find(|value| !value.is_nan()) else {
        return [f64::NAN; 2];
    };
    let present = || values.iter().filter(|value| !value.is_nan()).map(|value| value - pivot);
    let (sum, count) = present().fold((0.0, 0_u32), |(sum, count), x| (sum + x, count + 1));
    let count = f64::from(count);
    let mean = sum / count;
    let squares: f64 = present().map(|distance| (distance - mean) * (distance - mean)).sum();
    [pivot + mean, (squares / count).sqrt()]
}

/// The [`mean_and_deviation`] of every window of `window` values: `out[i]` is that of
/// `values[i..i + window]`.
///
/// `origin` is the position of `values[0]` on an axis that all slices of the series share: blocks
/// begin at fixed places of it, so that a window has the same bits wherever the slice begins.
///
/// Sums of distances from the last value of a block, which lies in every window that reaches into
/// the next one: blocks that never subtract, as for sums. A window that holds a `NaN` is worked out
/// by itself.
pub fn rolling_deviation(values: &[f64], origin: usize, window: usize, out: &mut [[f64; 2]]) {
    let Some(windows) = (values.len() + 1).checked_sub(window).filter(|_| window > 0) else {
        return;
    };
    let windows = windows.min(out.len());
    let share = 1.0 / window as f64;
    let mut start = 0;
    while start < windows {
        let next = start + window - (origin + start) % window;
        let end = next.min(windows);
        let (Some(block), Some(out)) = (values.get(start..next), out.get_mut(start..end)) else {
            return;
        };
        let Some(&pivot) = block.last() else { return };
        let add = |sums: &mut [f64; 2], value: f64| {
            let distance = value - pivot;
            sums[0] += distance;
            sums[1] += distance * distance;
        };
        let (shown, hidden) = block.split_at(end - start);
        let mut suffix = [0.0; 2];
        hidden.iter().rev().for_each(|value| add(&mut suffix, *value));
        for (value, out) in shown.iter().zip(out.iter_mut()).rev() {
            add(&mut suffix, *value);
            *out = suffix;
        }
        let mut prefix = [0.0; 2];
        let after = values.get(next..).unwrap_or_default();
        let (lead, rest) = after.split_at_checked(start + window - next).unwrap_or_default();
        for value in lead {
            add(&mut prefix, *value);
        }
        if let Some((first, others)) = out.split_first_mut() {
            *first = [first[0] + prefix[0], first[1] + prefix[1]];
            for (value, out) in rest.iter().zip(others) {
                add(&mut prefix, *value);
                *out = [out[0] + prefix[0], out[1] + prefix[1]];
            }
        }
        // Roots of several at a time; what is not finite is seldom, and comes after.
        let mut finite = true;
        for out in out.iter_mut() {
            let [sum, squares] = *out;
            finite &= squares.is_finite();
            let mean = sum * share;
            // What rounding leaves below zero, or of equal values above it, is nothing.
            *out = [pivot + mean, (squares * share - mean * mean).max(0.0).sqrt()];
        }
        if !finite {
            for (out, first) in out.iter_mut().zip(start..) {
                if !(out[0] + out[1]).is_finite() {
                    let window = values.get(first..first + window).unwrap_or_default();
                    *out = mean_and_deviation(window);
                }
            }
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], tolerance: f64) {
        for window in [1, 2, 5, 20, 64] {
            for origin in [0, 3, 19] {
                let mut out = vec![[0.0; 2]; values.len() + 1 - window];
                rolling_deviation(values, origin, window, &mut out);
                for (i, [mean, deviation]) in out.into_iter().enumerate() {
                    let expected = mean_and_deviation(&values[i..i + window]);
                    for (a, b) in [(mean, expected[0]), (deviation, expected[1])] {
                        assert!(
                            a == b
                                || a.is_nan() && b.is_nan()
                                || (a - b).abs() <= tolerance * b.abs().max(1e-9),
                            "window {window} origin {origin} at {i}: {a} is not {b}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn windows_agree_with_two_passes() {
        let mut values: Vec<f64> =
            (0..300).map(|i| 100.0 + f64::from((i * 7919) % 1009) / 7.0).collect();
        check(&values, 1e-12);
        values[150] = f64::NAN;
        values[20] = 1e15;
        check(&values, 1e-12);
    }

    #[test]
    fn large_close_values_and_equal_ones() {
        let values: Vec<f64> = (0..200).map(|i| 1e9 + f64::from(i % 7) * 1e-4).collect();
        check(&values, 1e-6);
        let mut out = [[1.0; 2]; 5];
        rolling_deviation(&[0.1; 8], 0, 4, &mut out);
        assert!(out.iter().all(|[_, deviation]| *deviation == 0.0));
    }

    #[test]
    fn a_spike_leaves_no_trace() {
        let mut values: Vec<f64> = (0..100).map(|i| 50.0 + f64::from(i % 11)).collect();
        let (mut clean, mut spiked) = (vec![[0.0; 2]; 81], vec![[0.0; 2]; 81]);
        rolling_deviation(&values, 0, 20, &mut clean);
        values[10] = 1e15;
        rolling_deviation(&values, 0, 20, &mut spiked);
        assert_eq!(spiked[20..], clean[20..]);
    }
}
