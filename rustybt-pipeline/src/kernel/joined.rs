//! Sums of every window, joined from the end of one block and the start of the next.
//!
//! Nothing is ever taken away from a sum, so what leaves a window leaves no trace. Blocks begin at
//! fixed places of an axis that all slices of a series share, so a window has the same bits wherever
//! the slice around it begins.

use std::ops::Range;

/// Where windows lie: how many values there are, the position of the first one on the common axis, and the
/// length of a window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    pub(super) length: usize,
    pub(super) origin: usize,
    pub(super) window: usize,
}

impl Windows {
    /// How many windows there are, at most `most`.
    fn count(self, most: usize) -> usize {
        let all = (self.length + 1).checked_sub(self.window).filter(|_| self.window > 0);
        all.unwrap_or(0).min(most)
    }
}

/// Gives the sums of the first `most` windows, each with the place of the pivot of its block: the last place of the block
/// at which `present` holds. A window that does not hold the pivot has none, and no sums.
pub(super) fn sums<const N: usize>(
    windows: Windows,
    most: usize,
    present: impl Fn(usize) -> bool,
    term: impl Fn(usize, usize) -> [f64; N],
    mut give: impl FnMut(Range<usize>, Option<(usize, [f64; N])>),
) {
    let Windows { origin, window, .. } = windows;
    let count = windows.count(most);
    let mut suffixes: Vec<[f64; N]> = Vec::with_capacity(window.min(count));
    let mut start = 0;
    while start < count {
        let next = start + window - (origin + start) % window;
        let end = next.min(count);
        let pivot = (start..next).rev().find(|place| present(*place));
        let Some(pivot) = pivot else {
            (start..end).for_each(|first| give(first..first + window, None));
            start = end;
            continue;
        };
        suffixes.clear();
        let mut sum = [0.0; N];
        for place in (start..next).rev() {
            add(&mut sum, term(place, pivot));
            if place < end {
                suffixes.push(sum);
            }
        }
        let mut prefix = [0.0; N];
        for place in next..start + window {
            add(&mut prefix, term(place, pivot));
        }
        for (first, suffix) in (start..end).zip(suffixes.iter().rev()) {
            if first > start {
                let entering = first + window - 1;
                if entering >= next {
                    add(&mut prefix, term(entering, pivot));
                }
            }
            let mut sum = *suffix;
            add(&mut sum, prefix);
            give(first..first + window, (first <= pivot).then_some((pivot, sum)));
        }
        start = end;
    }
}

#[inline]
fn add<const N: usize>(sums: &mut [f64; N], terms: [f64; N]) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum += term;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_is_summed_wherever_the_slice_begins() {
        let values: Vec<f64> = (0..90).map(|i| f64::from((i * 37) % 23)).collect();
        for window in [1, 2, 7, 20, 90] {
            for (cut, most) in [(0, 1000), (3, 1000), (19, 5)] {
                let part = &values[cut.min(90 - window)..];
                let origin = 5 + cut.min(90 - window);
                let mut found = Vec::new();
                sums(
                    Windows { length: part.len(), origin, window },
                    most,
                    |_| true,
                    |place, _| [part[place], 1.0],
                    |range, sum| found.push((range, sum)),
                );
                assert_eq!(found.len(), (part.len() + 1 - window).min(most));
                for (first, (range, sum)) in found.into_iter().enumerate() {
                    assert_eq!(range, first..first + window);
                    let expected: f64 = part[range].iter().sum();
                    let (_, sum) = sum.unwrap();
                    assert_eq!(sum, [expected, window as f64], "{window} of {origin}");
                }
            }
        }
        sums(
            Windows { length: 3, origin: 0, window: 0 },
            9,
            |_| true,
            |_, _| [0.0],
            |_, _| panic!("no window"),
        );
    }
}
