//! The largest and the smallest of every window of a series.

/// The larger of two numbers, the first of equal ones; `NaN` only of two `NaN`.
#[inline]
pub(crate) fn larger(a: f64, b: f64) -> f64 {
    if b > a || a.is_nan() { b } else { a }
}

/// The smaller of two numbers; `NaN` only of two `NaN`.
#[inline]
pub(crate) fn smaller(a: f64, b: f64) -> f64 {
    if b < a || a.is_nan() { b } else { a }
}

/// The largest value that is not `NaN` of every window; arguments as
/// [`rolling_sum`](super::rolling_sum).
pub fn rolling_max(values: &[f64], window: usize, out: &mut [f64]) {
    if all_present(values) {
        return rolling(values, window, out, |a, b| if b > a { b } else { a });
    }
    rolling(values, window, out, larger);
}

/// The smallest value that is not `NaN` of every window; arguments as
/// [`rolling_sum`](super::rolling_sum).
pub fn rolling_min(values: &[f64], window: usize, out: &mut [f64]) {
    if all_present(values) {
        return rolling(values, window, out, |a, b| if b < a { b } else { a });
    }
    rolling(values, window, out, smaller);
}

/// The largest value that is not `NaN`.
pub fn max(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, larger)
}

/// The smallest value that is not `NaN`.
pub fn min(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, smaller)
}

/// Whether no value is `NaN`: a comparison is then enough. Counting them all takes less time than
/// looking for the first.
fn all_present(values: &[f64]) -> bool {
    values.iter().filter(|value| value.is_nan()).count() == 0
}

/// Windows that one pass makes: what lies between passes stays in the nearest cache.
const AT_A_TIME: usize = 1024;

/// Windows of a power of two, each of which is the better of two halves, until two of them that
/// overlap cover the one that is wanted. Of equal values the first one is taken.
#[inline]
fn rolling(
    values: &[f64],
    window: usize,
    out: &mut [f64],
    better: impl Fn(f64, f64) -> f64 + Copy,
) {
    let Some(windows) = (values.len() + 1).checked_sub(window).filter(|_| window > 0) else {
        return;
    };
    let windows = windows.min(out.len());
    let room = || Vec::with_capacity(windows.min(AT_A_TIME) + window);
    let (mut shorter, mut longer): (Vec<f64>, Vec<f64>) = (room(), room());
    let out = out.get_mut(..windows).unwrap_or_default();
    for (out, first) in out.chunks_mut(AT_A_TIME).zip((0..).step_by(AT_A_TIME)) {
        let mut best = values.get(first..first + out.len() + window - 1).unwrap_or_default();
        let mut length = 1;
        while 2 * length <= window {
            let at = |place: usize| best.get(place * length..).unwrap_or_default();
            let pairs = best.iter().zip(at(1));
            longer.clear();
            if 4 * length <= window {
                let fours = pairs.zip(at(2)).zip(at(3));
                longer.extend(fours.map(|(((a, b), c), d)| better(better(*a, *b), better(*c, *d))));
                length *= 4;
            } else {
                longer.extend(pairs.map(|(a, b)| better(*a, *b)));
                length *= 2;
            }
            std::mem::swap(&mut shorter, &mut longer);
            best = &shorter;
        }
        let last = best.get(window - length..).unwrap_or_default();
        for ((out, a), b) in out.iter_mut().zip(best).zip(last) {
            *out = better(*a, *b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_has_its_extremes() {
        let mut values: Vec<f64> = (0..120).map(|i| f64::from((i * 53) % 97) - 40.0).collect();
        values[30..36].fill(f64::NAN);
        (values[50], values[52]) = (-0.0, 0.0);
        for window in (1..=20).chain([31, 32, 33, 50, 120]) {
            let mut found = vec![0.0; 121 - window];
            rolling_max(&values, window, &mut found);
            let mut least = found.clone();
            rolling_min(&values, window, &mut least);
            for (i, (most, least)) in found.iter().zip(&least).enumerate() {
                let part = &values[i..i + window];
                assert_eq!(most.to_bits(), max(part).to_bits(), "{window} at {i}");
                assert_eq!(least.to_bits(), min(part).to_bits(), "{window} at {i}");
            }
        }
    }
}
