//! Sums of every window of several series at once.
//!
//! A windowed sum joins the end of one block and the start of the next. Each addition waits for the
//! one before, but is one for all series: two take the time of one, where the trees of
//! [`rolling_sum`](super::rolling_sum) take twice that.

/// The sums of every window of `window` values of several series side by side: `out[i]` has those of
/// `values[i..i + window]`.
///
/// `origin` is the position of `values[0]` on an axis that all slices of the series share. Writes
/// as many sums as there are windows and places for them.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn series(n: usize) -> Vec<[f64; 2]> {
        (0..n).map(|i| ((i * 7919) % 1009) as f64 / 8.0).map(|x| [100.0 + x, 7.0 - x]).collect()
    }

    #[test]
    fn every_window_has_its_own_sums() {
        let mut values = series(300);
        // Of numbers like these sums are exact, and what leaves the window leaves no trace.
        values[30][0] = f64::NAN;
        values[31][1] = f64::INFINITY;
        for window in [1, 2, 3, 5, 20, 64, 299, 300] {
            for origin in [0, 1, 7, 1000] {
                let mut out = vec![[0.0; 2]; 301 - window];
                rolling_sums(&values, origin, window, &mut out);
                for (i, found) in out.iter().enumerate() {
                    let part = &values[i..i + window];
                    let expected = [0, 1].map(|k| part.iter().map(|pair| pair[k]).sum::<f64>());
                    for (found, expected) in found.iter().zip(expected) {
                        assert!(
                            *found == expected || found.is_nan() && expected.is_nan(),
                            "window {window} origin {origin} at {i}: {found} is not {expected}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_slice_has_the_bits_of_the_whole() {
        let values: Vec<[f64; 1]> = (0..200).map(|i| [1.0 / f64::from(i + 1)]).collect();
        for window in [1, 2, 13, 20] {
            let mut whole = vec![[0.0]; 201 - window];
            rolling_sums(&values, 40, window, &mut whole);
            for (start, end) in [(0, 50), (3, 90), (19, 60), (100, 200)] {
                let mut part = vec![[0.0]; end - start + 1 - window];
                rolling_sums(&values[start..end], 40 + start, window, &mut part);
                assert_eq!(part, whole[start..=end - window], "window {window} of {start}..{end}");
            }
        }
    }

    #[test]
    fn odd_lengths_do_nothing() {
        let mut out = [[7.0]; 2];
        rolling_sums(&[[1.0]], 0, 2, &mut out);
        rolling_sums(&[[1.0]], 0, 0, &mut out);
        rolling_sums(&[], 0, 5, &mut out);
        assert_eq!(out, [[7.0]; 2]);
    }
}
