//! Sums of every window whose weights grow by one from each value to the next.

/// The sum of every window of `window` values, the oldest weighted 1, the newest `window`; what is `NaN` counts
/// as nothing. `out[i]` is of `values[i..i + window]`.
///
/// `origin` as in [`rolling_deviation`](super::rolling_deviation). Plain sums and weighted ones of the end of one block and of
/// the start of the next: constant work a window, and nothing is ever taken away.
///
/// ```
/// let mut out = [0.0; 2];
/// rustybt_pipeline::kernel::rolling_linear_sum(&[1.0, 2.0, 3.0], 0, 2, &mut out);
/// assert_eq!(out, [5.0, 8.0]);
/// ```
pub fn rolling_linear_sum(values: &[f64], origin: usize, window: usize, out: &mut [f64]) {
    let Some(windows) = (values.len() + 1).checked_sub(window).filter(|_| window > 0) else {
        return;
    };
    let count = windows.min(out.len());
    let present = |value: &f64| if value.is_nan() { 0.0 } else { *value };
    let mut start = 0;
    while start < count {
        let next = start + window - (origin + start) % window;
        let end = next.min(count);
        let (Some(block), Some(out)) = (values.get(start..next), out.get_mut(start..end)) else {
            return;
        };
        // One step towards the start makes every weight larger by one: by the plain sum.
        let (mut plain, mut weighted) = (0.0, 0.0);
        let (shown, hidden) = block.split_at(end - start);
        for value in hidden.iter().rev() {
            plain += present(value);
            weighted += plain;
        }
        for (value, out) in shown.iter().zip(out.iter_mut()).rev() {
            plain += present(value);
            weighted += plain;
            *out = weighted;
        }
        // In the next block a value weighs its place in it, and what of the block before is in the window.
        let after = values.get(next..).unwrap_or_default();
        let lead = start + window - next;
        let (mut plain, mut weighted, mut place) = (0.0, 0.0, 0.0);
        let mut enter = |value: &f64| {
            place += 1.0;
            plain += present(value);
            weighted += place * present(value);
            (plain, weighted)
        };
        let mut sums = (0.0, 0.0);
        for value in after.iter().take(lead) {
            sums = enter(value);
        }
        let mut entering = after.iter().skip(lead);
        for (number, out) in out.iter_mut().enumerate() {
            if number > 0
                && let Some(value) = entering.next()
            {
                sums = enter(value);
            }
            let (plain, weighted) = sums;
            *out += weighted + (next - start - number) as f64 * plain;
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_weighted_sums_wherever_the_slice_begins() {
        let mut values: Vec<f64> = (0..200).map(|i| f64::from((i * 7919) % 1009)).collect();
        values[77] = f64::NAN;
        for window in [1, 2, 9, 64, 199] {
            let mut whole = vec![0.0; 201 - window];
            rolling_linear_sum(&values, 3, window, &mut whole);
            for (first, found) in whole.iter().enumerate() {
                let part = values[first..first + window].iter().zip(1..);
                let present = part.filter(|(value, _)| !value.is_nan());
                let expected: f64 = present.map(|(value, weight)| value * f64::from(weight)).sum();
                assert_eq!(*found, expected, "{window} at {first}");
            }
            let cut = (200 - window).min(23);
            let mut part = vec![0.0; 201 - window - cut];
            rolling_linear_sum(&values[cut..], 3 + cut, window, &mut part);
            assert_eq!(part, whole[cut..], "{window}");
        }
        rolling_linear_sum(&[1.0], 0, 0, &mut [7.0]);
    }
}
