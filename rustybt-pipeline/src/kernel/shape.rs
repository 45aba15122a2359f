//! The shape of what a window holds: quantiles, rank, skew, kurtosis. `NaN` is skipped.

use super::joined::{Windows, sums};

/// The place of the last value among all of them, from 1; equal ones share the mean of theirs.
pub fn rank_of_last(values: &[f64]) -> f64 {
    let Some(last) = values.last().filter(|last| !last.is_nan()) else { return f64::NAN };
    let below = values.iter().filter(|value| *value < last).count();
    let equal = values.iter().filter(|value| *value == last).count();
    below as f64 + (equal + 1) as f64 / 2.0
}

/// The quantile at a share from 0 to 1, between the two nearest values in proportion.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    if present.is_empty() || !(0.0..=1.0).contains(&share) {
        return f64::NAN;
    }
    present.sort_unstable_by(f64::total_cmp);
    quantile_of_sorted(&present, share)
}

/// The quantile of values in order; `NaN` of none.
pub(super) fn quantile_of_sorted(sorted: &[f64], share: f64) -> f64 {
    let position = share * sorted.len().saturating_sub(1) as f64;
    let below = position.floor();
    let part = position - below;
    let Some(&a) = sorted.get(below as usize) else { return f64::NAN };
    let b = sorted.get(below as usize + 1).copied().unwrap_or(a);
    if part >= 0.5 { b - (b - a) * (1.0 - part) } else { a + (b - a) * part }
}

/// The count and the second, third and fourth mean powers of the distances from the mean.
fn powers(values: &[f64]) -> (f64, [f64; 3]) {
    let [mean, _] = super::mean_and_deviation(values);
    let present = values.iter().filter(|value| !value.is_nan());
    let (mut count, mut sums) = (0.0, [0.0; 3]);
    for value in present {
        let distance = value - mean;
        let square = distance * distance;
        count += 1.0;
        sums[0] += square;
        sums[1] += square * distance;
        sums[2] += square * square;
    }
    (count, sums.map(|sum| sum / count))
}

/// The [`skew`] and the [`kurtosis`] of every window: `out[i]` is of `values[i..i + window]`.
///
/// `origin` as in [`rolling_deviation`](super::rolling_deviation). Sums of four powers of the distances from a value of the
/// window: constant work a window. Where that value lies far from the mean, the window is worked out by itself.
pub fn rolling_shape(values: &[f64], origin: usize, window: usize, out: &mut [[f64; 2]]) {
    let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    let most = out.len();
    let mut out = out.iter_mut();
    sums(
        Windows { length: values.len(), origin, window },
        most,
        |place| !at(place).is_nan(),
        |place, pivot| {
            let distance = at(place) - at(pivot);
            if distance.is_nan() {
                return [0.0; 5];
            }
            let square = distance * distance;
            [1.0, distance, square, square * distance, square * square]
        },
        |range, sums| {
            let (Some(out), Some(values)) = (out.next(), values.get(range)) else { return };
            let found = sums.and_then(|(_, sums)| central(sums));
            *out = found.unwrap_or_else(|| [skew(values), kurtosis(values)]);
        },
    );
}

/// Skew and kurtosis from sums of powers; none where digits would be lost.
fn central([count, first, second, third, fourth]: [f64; 5]) -> Option<[f64; 2]> {
    let [mean, second, third, fourth] = [first, second, third, fourth].map(|sum| sum / count);
    let square = mean * mean;
    let variance = second - square;
    let sound = fourth.is_finite() && variance * 10.0 > second;
    sound.then(|| {
        let m3 = third - 3.0 * mean * second + 2.0 * mean * square;
        let m4 = fourth - 4.0 * mean * third + 6.0 * square * second - 3.0 * square * square;
        [m3 / (variance * variance.sqrt()), m4 / (variance * variance) - 3.0]
    })
}

/// The skew of the population: the third power over the deviation cubed; `NaN` where nothing moves.
pub fn skew(values: &[f64]) -> f64 {
    let (_, [second, third, _]) = powers(values);
    third / (second * second.sqrt())
}

/// The excess kurtosis of the population: the fourth power over the variance squared, less three.
pub fn kurtosis(values: &[f64]) -> f64 {
    let (_, [second, _, fourth]) = powers(values);
    fourth / (second * second) - 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_by_hand() {
        let values = [3.0, 1.0, f64::NAN, 2.0, 2.0];
        assert_eq!(rank_of_last(&values), 2.5);
        assert_eq!(quantile(&values, 0.5), 2.0);
        assert_eq!(quantile(&[1.0, 2.0], 0.25), 1.25);
        assert!((skew(&[1.0, 2.0, 6.0]) - 0.595_170_064_139_495).abs() < 1e-12);
        assert!((kurtosis(&[1.0, 2.0, 3.0, 4.0]) + 1.36).abs() < 1e-12);
        assert!(skew(&[2.0, 2.0]).is_nan() && quantile(&[], 0.5).is_nan());
    }
}
