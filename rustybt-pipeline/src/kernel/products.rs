//! Products of two series over every window: what correlations, lines and betas are made of.

use super::Products;
use super::joined::{Windows, sums};

/// How much larger squares around the pivot may be than around the mean before digits are lost: beyond it,
/// a window is worked out by itself.
const LOSSES: f64 = 100.0;

/// The [`Products`] of the pairs of every window in which neither side is `NaN`, and how many there are:
/// `out[i]` is of `x[i..i + window]` and of `y` there.
///
/// `origin` as in [`rolling_deviation`](super::rolling_deviation). Sums of distances from a pair of the window, over blocks
/// that never subtract: constant work a window. Where the pair lies so far from the mean that digits would be
/// lost, the window is worked out by itself in two passes.
///
/// ```
/// use rustybt_pipeline::kernel::{Products, rolling_products};
///
/// let (x, y) = ([1.0, 2.0, 3.0, 5.0], [2.0, 4.0, 6.0, 1.0]);
/// let mut out = [(Products::of(&[], &[]), 0); 2];
/// rolling_products(&x, &y, 0, 3, &mut out);
/// assert_eq!((out[0].0.correlation(), out[0].1), (1.0, 3));
/// ```
pub fn rolling_products(
    x: &[f64],
    y: &[f64],
    origin: usize,
    window: usize,
    out: &mut [(Products, usize)],
) {
    let at = |values: &[f64], place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    let pair = |place: usize| (at(x, place), at(y, place));
    let windows = Windows { length: x.len().min(y.len()), origin, window };
    let most = out.len();
    let mut out = out.iter_mut();
    sums(
        windows,
        most,
        |place| {
            let (x, y) = pair(place);
            !(x.is_nan() || y.is_nan())
        },
        |place, pivot| {
            let ((x, y), (pivot_x, pivot_y)) = (pair(place), pair(pivot));
            let (x, y) = (x - pivot_x, y - pivot_y);
            if x.is_nan() || y.is_nan() { [0.0; 6] } else { [1.0, x, y, x * x, x * y, y * y] }
        },
        |range, sums| {
            let (Some(out), Some(x), Some(y)) =
                (out.next(), x.get(range.clone()), y.get(range.clone()))
            else {
                return;
            };
            let found = sums.and_then(|(pivot, sums)| central(pair(pivot), sums));
            *out = found.unwrap_or_else(|| present_products(x, y));
        },
    );
}

/// The products from sums of distances; none where digits would be lost.
fn central((pivot_x, pivot_y): (f64, f64), sums: [f64; 6]) -> Option<(Products, usize)> {
    let [count, x, y, xx, xy, yy] = sums;
    let share = 1.0 / count;
    let (x, y) = (x * share, y * share);
    let found = Products {
        mean_x: pivot_x + x,
        mean_y: pivot_y + y,
        xx: xx * share - x * x,
        xy: xy * share - x * y,
        yy: yy * share - y * y,
    };
    let kept = |around_pivot: f64, around_mean: f64| {
        around_pivot == 0.0 || around_mean * LOSSES > around_pivot * share
    };
    let sound = (xx + yy).is_finite() && kept(xx, found.xx) && kept(yy, found.yy);
    sound.then_some((found, count as usize))
}

/// The [`Products`] of the pairs in which neither side is `NaN`, in two passes, and how many there are.
pub fn present_products(x: &[f64], y: &[f64]) -> (Products, usize) {
    let missing = |(x, y): (&f64, &f64)| x.is_nan() || y.is_nan();
    if !x.iter().zip(y).any(missing) {
        return (Products::of(x, y), x.len().min(y.len()));
    }
    let pairs = x.iter().zip(y).filter(|pair| !missing(*pair));
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.unzip();
    (Products::of(&x, &y), x.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_what_two_passes_give() {
        let mut x: Vec<f64> = (0..400).map(|i| f64::from((i * 7919) % 1009) / 7.0).collect();
        let mut y: Vec<f64> = (0..400).map(|i| f64::from((i * 31) % 97) - 40.0).collect();
        x[100..109].fill(f64::NAN);
        y[105..130].fill(f64::NAN);
        x[300] = 1e9;
        y[350] = f64::INFINITY;
        for window in [2, 9, 20, 60] {
            for origin in [0, 13] {
                let mut out = vec![(Products::of(&[], &[]), 0); 401 - window];
                rolling_products(&x, &y, origin, window, &mut out);
                for (first, (found, count)) in out.into_iter().enumerate() {
                    let range = first..first + window;
                    let (expected, pairs) = present_products(&x[range.clone()], &y[range]);
                    assert_eq!(count, pairs, "{window} at {first}");
                    let size = (expected.xx * expected.yy).sqrt();
                    for (a, b, size) in [
                        (found.mean_x, expected.mean_x, 1e-3),
                        (found.xx, expected.xx, 1e-300),
                        (found.yy, expected.yy, 1e-300),
                        (found.xy, expected.xy, size),
                    ] {
                        let same = a == b
                            || a.is_nan() && b.is_nan()
                            || (a - b).abs() <= 1e-12 * b.abs().max(size);
                        assert!(same, "{window} of {origin} at {first}: {a} is not {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_slice_has_the_bits_of_the_whole() {
        let x: Vec<f64> = (0..200).map(|i| f64::from((i * 71) % 37)).collect();
        let mut y: Vec<f64> = x.iter().map(|x| (x * 0.7).sin()).collect();
        y[80..103].fill(f64::NAN);
        let none = (Products::of(&[], &[]), 0);
        let bits = |(p, count): &(Products, usize)| {
            [p.mean_x, p.mean_y, p.xx, p.xy, p.yy, *count as f64].map(f64::to_bits)
        };
        for window in [3, 20] {
            let mut whole = vec![none; 201 - window];
            rolling_products(&x, &y, 40, window, &mut whole);
            for (start, end) in [(0, 60), (7, 131), (85, 126), (99, 200)] {
                let mut part = vec![none; end - start + 1 - window];
                rolling_products(&x[start..end], &y[start..end], 40 + start, window, &mut part);
                let expected = whole[start..=end - window].iter().map(bits);
                assert!(part.iter().map(bits).eq(expected), "{window} of {start}..{end}");
            }
        }
    }
}
