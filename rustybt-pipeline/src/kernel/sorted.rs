//! Windows whose values are kept in order as they slide: ranks and quantiles.
//!
//! A value that enters is looked up in `log n` steps and put in its place, one that leaves is taken out; nothing
//! is computed from what was computed before, so every answer is exact.

use super::Products;

/// The values of a window that are not `NaN`, ascending.
#[derive(Debug, Default)]
struct Sorted(Vec<f64>);

impl Sorted {
    fn place(&self, value: f64) -> usize {
        self.0.partition_point(|known| known.total_cmp(&value).is_lt())
    }

    fn enter(&mut self, value: f64) {
        if !value.is_nan() {
            self.0.insert(self.place(value), value);
        }
    }

    fn leave(&mut self, value: f64) {
        let place = self.place(value);
        if !value.is_nan() && place < self.0.len() {
            self.0.remove(place);
        }
    }
}

/// Slides over the windows of `values`, and tells each in order with its last value.
fn slide(values: &[f64], window: usize, out: &mut [f64], tell: impl Fn(&[f64], f64) -> f64) {
    let Some(lead) = window.checked_sub(1) else { return };
    let (before, rest) = values.split_at(lead.min(values.len()));
    let mut sorted = Sorted(Vec::with_capacity(window));
    for value in before {
        sorted.enter(*value);
    }
    for ((entering, leaving), out) in rest.iter().zip(values).zip(out) {
        sorted.enter(*entering);
        *out = tell(&sorted.0, *entering);
        sorted.leave(*leaving);
    }
}

/// [`rank_of_last`](super::rank_of_last) of every window: `out[i]` is of `values[i..i + window]`.
pub fn rolling_rank(values: &[f64], window: usize, out: &mut [f64]) {
    slide(values, window, out, |sorted, last| {
        if last.is_nan() {
            return f64::NAN;
        }
        let below = sorted.partition_point(|value| *value < last);
        let upto = sorted.partition_point(|value| *value <= last);
        below as f64 + (upto - below + 1) as f64 / 2.0
    });
}

/// [`quantile`](super::quantile) of every window: `out[i]` is of `values[i..i + window]`.
pub fn rolling_quantile(values: &[f64], share: f64, window: usize, out: &mut [f64]) {
    if !(0.0..=1.0).contains(&share) {
        out.fill(f64::NAN);
        return;
    }
    slide(values, window, out, |sorted, _| super::shape::quantile_of_sorted(sorted, share));
}

/// The values of a window with their places, by value; a rank of each.
#[derive(Debug, Default)]
struct Ranked {
    sorted: Vec<(f64, usize)>,
    ranks: Vec<f64>,
}

impl Ranked {
    fn place(&self, value: f64, place: usize) -> usize {
        self.sorted.partition_point(|(known, at)| {
            known.total_cmp(&value).then_with(|| at.cmp(&place)).is_lt()
        })
    }

    fn enter(&mut self, value: f64, place: usize) {
        if !value.is_nan() {
            let at = self.place(value, place);
            self.sorted.insert(at, (value, place));
        }
    }

    fn leave(&mut self, value: f64, place: usize) {
        let at = self.place(value, place);
        if !value.is_nan() && at < self.sorted.len() {
            self.sorted.remove(at);
        }
    }

    /// The rank of each value of the window that begins at `first`, equal ones sharing the mean of theirs.
    fn ranks(&mut self, first: usize, window: usize) -> &[f64] {
        self.ranks.resize(window, f64::NAN);
        let mut before = 0;
        for tie in self.sorted.chunk_by(|one, other| one.0 == other.0) {
            let rank = before as f64 + (tie.len() + 1) as f64 / 2.0;
            before += tie.len();
            for (_, place) in tie {
                if let Some(out) = self.ranks.get_mut(place - first) {
                    *out = rank;
                }
            }
        }
        &self.ranks
    }
}

/// [`spearman`](super::spearman) of every window: `out[i]` is of `x[i..i + window]` and of `y` there.
///
/// One value in and one out may move the rank of every other, so a window takes time in proportion to its
/// length; it does not take the time to sort it.
pub fn rolling_spearman(x: &[f64], y: &[f64], window: usize, out: &mut [f64]) {
    let Some(lead) = window.checked_sub(1) else { return };
    let (mut of_x, mut of_y) = (Ranked::default(), Ranked::default());
    for (place, (x, y)) in x.iter().zip(y).take(lead).enumerate() {
        of_x.enter(*x, place);
        of_y.enter(*y, place);
    }
    let entering = x.iter().zip(y).enumerate().skip(lead);
    for (((place, (entering_x, entering_y)), (leaving_x, leaving_y)), out) in
        entering.zip(x.iter().zip(y)).zip(out)
    {
        let first = place - lead;
        of_x.enter(*entering_x, place);
        of_y.enter(*entering_y, place);
        let complete = of_x.sorted.len() == window && of_y.sorted.len() == window;
        *out = if complete {
            Products::of(of_x.ranks(first, window), of_y.ranks(first, window)).correlation()
        } else {
            f64::NAN
        };
        of_x.leave(*leaving_x, first);
        of_y.leave(*leaving_y, first);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{quantile, rank_of_last, spearman};
    use super::*;

    #[test]
    fn every_window_has_the_bits_it_has_by_itself() {
        let mut x: Vec<f64> = (0..150).map(|i| f64::from((i * 53) % 19) - 9.0).collect();
        let y: Vec<f64> = (0..150).map(|i| f64::from((i * 29) % 31)).collect();
        x[50..56].fill(f64::NAN);
        (x[90], x[91], x[100]) = (-0.0, 0.0, f64::INFINITY);
        for window in [1, 2, 7, 60] {
            let count = 151 - window;
            let mut found = [vec![0.0; count], vec![0.0; count], vec![0.0; count]];
            rolling_rank(&x, window, &mut found[0]);
            rolling_quantile(&x, 0.3, window, &mut found[1]);
            rolling_spearman(&x, &y, window, &mut found[2]);
            for first in 0..count {
                let (a, b) = (&x[first..first + window], &y[first..first + window]);
                let expected = [rank_of_last(a), quantile(a, 0.3), spearman(a, b)];
                for (found, expected) in found.iter().zip(expected) {
                    let same =
                        found[first] == expected || found[first].is_nan() && expected.is_nan();
                    assert!(same, "{window} at {first}: {} is not {expected}", found[first]);
                }
            }
        }
        rolling_rank(&[1.0], 0, &mut [7.0]);
        rolling_spearman(&[], &[], 3, &mut [7.0]);
    }
}
