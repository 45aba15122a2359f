//! Means of every window whose weights fall from each value to the one before it.

use super::weighted_sum;

/// Windows up to this length are worked out one by one, which is as fast.
const SHORT: usize = 12;

/// The mean of every window of `window` values, weighted by `decay` to the power of how many values ago each is:
/// `out[i]` is of `values[i..i + window]`; `NaN` where a value is.
///
/// `origin` as in [`rolling_deviation`](super::rolling_deviation). The end of one block is weighed down by what the next one has
/// so far, and joined with it: constant work a window, and nothing is ever taken away.
///
/// ```
/// use rustybt_pipeline::kernel::rolling_decayed;
///
/// let mut out = [0.0; 2];
/// rolling_decayed(&[1.0, 4.0, 7.0], 0.5, 0, 2, &mut out);
/// assert_eq!(out, [3.0, 6.0]);
/// ```
pub fn rolling_decayed(values: &[f64], decay: f64, origin: usize, window: usize, out: &mut [f64]) {
    let Some(windows) = (values.len() + 1).checked_sub(window).filter(|_| window > 0) else {
        return;
    };
    let count = windows.min(out.len());
    // By how many values ago: 1, decay, decay squared.
    let powers: Vec<f64> =
        std::iter::successors(Some(1.0), |power| Some(power * decay)).take(window + 1).collect();
    let whole: f64 = powers.iter().take(window).rev().sum();
    if window <= SHORT {
        let weights: Vec<f64> = powers.iter().take(window).rev().copied().collect();
        for (out, values) in out.iter_mut().zip(values.windows(window)) {
            *out = weighted_sum(values, &weights) / whole;
        }
        return;
    }
    let mut start = 0;
    while start < count {
        let next = start + window - (origin + start) % window;
        let end = next.min(count);
        let (Some(block), Some(out)) = (values.get(start..next), out.get_mut(start..end)) else {
            return;
        };
        // From each place to the end of the block, weighed as seen from that end.
        let mut sum = 0.0;
        let shown = end - start;
        for (place, (value, power)) in block.iter().rev().zip(&powers).enumerate() {
            sum += value * power;
            if let Some(out) = (block.len() - 1 - place < shown)
                .then(|| out.get_mut(block.len() - 1 - place))
                .flatten()
            {
                *out = sum;
            }
        }
        // From the start of the next block on.
        let after = values.get(next..).unwrap_or_default();
        let lead = start + window - next;
        let mut prefix = after.iter().take(lead).fold(0.0, |prefix, value| prefix * decay + value);
        let entering = after.iter().skip(lead);
        let mut weighed = powers.iter().skip(lead);
        let mut places = out.iter_mut();
        if let (Some(out), Some(power)) = (places.next(), weighed.next()) {
            *out = (*out * power + prefix) / whole;
        }
        for ((out, value), power) in places.zip(entering).zip(weighed) {
            prefix = prefix * decay + value;
            *out = (*out * power + prefix) / whole;
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_weighted_means_wherever_the_slice_begins() {
        let mut values: Vec<f64> =
            (0..300).map(|i| 100.0 + f64::from((i * 7919) % 1009) / 7.0).collect();
        values[120] = f64::NAN;
        values[200] = 1e15;
        for window in [1, 5, 13, 40, 299] {
            for decay in [0.3, 0.94, 1.0] {
                let weights: Vec<f64> =
                    (0..window).map(|i| f64::powi(decay, (window - 1 - i) as i32)).collect();
                let mut whole = vec![0.0; 301 - window];
                rolling_decayed(&values, decay, 7, window, &mut whole);
                for (first, found) in whole.iter().enumerate() {
                    let part = &values[first..first + window];
                    let above: f64 = part.iter().zip(&weights).map(|(v, w)| v * w).sum();
                    let expected = above / weights.iter().sum::<f64>();
                    let same = (found / expected - 1.0).abs() < 1e-13
                        || found.is_nan() && expected.is_nan();
                    assert!(same, "{window} of {decay} at {first}: {found} is not {expected}");
                }
                let cut = (300 - window).min(29);
                let mut part = vec![0.0; 301 - window - cut];
                rolling_decayed(&values[cut..], decay, 7 + cut, window, &mut part);
                let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&part), bits(&whole[cut..]), "{window} of {decay}");
            }
        }
        rolling_decayed(&[1.0], 0.5, 0, 0, &mut [7.0]);
    }
}
