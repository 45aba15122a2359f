//! The largest and the smallest of every window of a series.

/// The larger of two numbers; `NaN` only of two `NaN`.
#[inline]
fn larger(a: f64, b: f64) -> f64 {
    if b > a || a.is_nan() { b } else { a }
}

#[inline]
fn smaller(a: f64, b: f64) -> f64 {
    if b < a || a.is_nan() { b } else { a }
}

/// The largest value that is not `NaN` of every window; arguments as
/// [`rolling_sum`](super::rolling_sum).
pub fn rolling_max(values: &[f64], origin: usize, window: usize, out: &mut [f64]) {
    rolling(values, origin, window, out, larger);
}

/// The smallest value that is not `NaN` of every window; arguments as
/// [`rolling_sum`](super::rolling_sum).
pub fn rolling_min(values: &[f64], origin: usize, window: usize, out: &mut [f64]) {
    rolling(values, origin, window, out, smaller);
}

/// The largest value that is not `NaN`.
pub fn max(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, larger)
}

/// The smallest value that is not `NaN`.
pub fn min(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, smaller)
}

/// Blocks of M. van Herk: the best of the end of one block and of the start of the next.
#[inline]
fn rolling(
    values: &[f64],
    origin: usize,
    window: usize,
    out: &mut [f64],
    better: impl Fn(f64, f64) -> f64,
) {
    let Some(windows) = (values.len() + 1).checked_sub(window).filter(|_| window > 0) else {
        return;
    };
    let windows = windows.min(out.len());
    let mut start = 0;
    while start < windows {
        let next = start + window - (origin + start) % window;
        let end = next.min(windows);
        let (Some(block), Some(out)) = (values.get(start..next), out.get_mut(start..end)) else {
            return;
        };
        let (shown, hidden) = block.split_at(end - start);
        let mut best = hidden.iter().rev().copied().fold(f64::NAN, &better);
        for (value, out) in shown.iter().zip(out.iter_mut()).rev() {
            best = better(best, *value);
            *out = best;
        }
        let after = values.get(next..).unwrap_or_default();
        let (lead, rest) = after.split_at_checked(start + window - next).unwrap_or_default();
        let mut best = lead.iter().copied().fold(f64::NAN, &better);
        if let Some((first, others)) = out.split_first_mut() {
            *first = better(*first, best);
            for (value, out) in rest.iter().zip(others) {
                best = better(best, *value);
                *out = better(*out, best);
            }
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_has_its_extremes() {
        let mut values: Vec<f64> = (0..120).map(|i| f64::from((i * 53) % 97) - 40.0).collect();
        values[30..36].fill(f64::NAN);
        for window in [1, 4, 7, 50] {
            for origin in [0, 5] {
                let mut found = vec![0.0; 121 - window];
                rolling_max(&values, origin, window, &mut found);
                let mut least = found.clone();
                rolling_min(&values, origin, window, &mut least);
                for (i, (most, least)) in found.iter().zip(&least).enumerate() {
                    let part = &values[i..i + window];
                    assert_eq!(most.to_bits(), max(part).to_bits());
                    assert_eq!(least.to_bits(), min(part).to_bits());
                }
            }
        }
    }
}
