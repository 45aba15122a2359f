//! Sums, deviations and extremes of the last values, without ever taking one away: what
//! [`kernel`](crate::kernel) does over slices, one value at a time and with the same bits.

use super::Cell;
use crate::kernel;

/// What is folded over a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    Sum,
    Max,
    Min,
    /// Sums of distances and of their squares from the last value of a block.
    Moments,
}

/// The sum of the last `n` values, at a price that does not grow with `n`.
#[derive(Debug, Clone)]
pub(super) struct Sum(Block);

impl Sum {
    pub(super) fn new(length: usize) -> Self {
        Self(Block::new(Fold::Sum, length))
    }

    /// Takes a value; the sum of the last `n`, once there are enough.
    pub(super) fn push(&mut self, value: f64) -> Option<f64> {
        self.0.push(value).map(|([sum, _], _)| sum)
    }

    pub(super) fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        self.0.cells(show);
    }
}

/// The fold of the last `n` values.
#[derive(Debug, Clone)]
pub(super) struct Block {
    fold: Fold,
    length: usize,
    /// The values of the block that is being filled.
    current: Vec<f64>,
    filled: usize,
    /// For each place of the block before, the fold from there to its end; then a place for none.
    suffix: Vec<[f64; 2]>,
    /// The last value of the block before.
    pivot: f64,
    prefix: [f64; 2],
    /// Whether there is a block before.
    ready: usize,
}

impl Block {
    pub(super) fn new(fold: Fold, length: usize) -> Self {
        Self {
            fold,
            length,
            current: vec![f64::NAN; length],
            filled: 0,
            suffix: vec![[f64::NAN; 2]; length + 1],
            pivot: f64::NAN,
            prefix: Self::nothing(fold),
            ready: 0,
        }
    }

    const fn nothing(fold: Fold) -> [f64; 2] {
        match fold {
            Fold::Sum | Fold::Moments => [0.0; 2],
            // The second number counts what is missing.
            Fold::Max | Fold::Min => [f64::NAN, 0.0],
        }
    }

    /// The fold of one value.
    fn one(&self, value: f64) -> [f64; 2] {
        match self.fold {
            Fold::Sum => [value, 0.0],
            Fold::Max | Fold::Min => [value, f64::from(value.is_nan())],
            Fold::Moments => {
                let distance = value - self.pivot;
                [distance, distance * distance]
            }
        }
    }

    /// The fold of a stretch and of the one behind it; of equal extremes the first is taken.
    fn joined(&self, left: [f64; 2], right: [f64; 2]) -> [f64; 2] {
        let best = match self.fold {
            Fold::Sum | Fold::Moments => left[0] + right[0],
            Fold::Max => kernel::larger(left[0], right[0]),
            Fold::Min => kernel::smaller(left[0], right[0]),
        };
        [best, left[1] + right[1]]
    }

    /// Takes a value; the fold of the last `n` and the pivot of its distances, once there are
    /// enough. The extreme of values of which one is missing is missing.
    pub(super) fn push(&mut self, value: f64) -> Option<([f64; 2], f64)> {
        if let Some(place) = self.current.get_mut(self.filled) {
            *place = value;
        }
        self.filled += 1;
        self.prefix = self.joined(self.prefix, self.one(value));
        if self.filled < self.length {
            let left = self.suffix.get(self.filled).copied()?;
            return (self.ready > 0).then(|| self.shown(self.joined(left, self.prefix)));
        }
        // The block is full: it is the window, and the block before the next one.
        self.pivot = value;
        let mut folded = Self::nothing(self.fold);
        for place in (0..self.length).rev() {
            let value = self.current.get(place).copied().unwrap_or(f64::NAN);
            folded = self.joined(self.one(value), folded);
            if let Some(place) = self.suffix.get_mut(place) {
                *place = folded;
            }
        }
        self.prefix = Self::nothing(self.fold);
        (self.filled, self.ready) = (0, 1);
        Some(self.shown(folded))
    }

    fn shown(&self, folded: [f64; 2]) -> ([f64; 2], f64) {
        match self.fold {
            Fold::Max | Fold::Min if folded[1] > 0.0 => ([f64::NAN; 2], self.pivot),
            _ => (folded, self.pivot),
        }
    }

    /// Whether it has taken no value yet.
    pub(super) const fn is_new(&self) -> bool {
        self.filled == 0 && self.ready == 0
    }

    /// The extremes of a whole series without a missing value, as one that is new gives them.
    pub(super) fn extremes(&mut self, values: &[f64], out: &mut [f64]) {
        let (before, extremes) = out.split_at_mut((self.length - 1).min(out.len()));
        before.fill(f64::NAN);
        match self.fold {
            Fold::Max => kernel::rolling_max(values, self.length, extremes),
            Fold::Min => kernel::rolling_min(values, self.length, extremes),
            Fold::Sum | Fold::Moments => {}
        }
        self.be_at_the_end_of(values);
    }

    /// The deviations of a whole series without a missing value, as one that is new gives them.
    pub(super) fn deviations(&mut self, values: &[f64], out: &mut [f64]) {
        let (before, deviations) = out.split_at_mut((self.length - 1).min(out.len()));
        before.fill(f64::NAN);
        // Blocks of a thousand or so: what lies between stays in the nearest cache.
        let some = self.length * (1024 / self.length).max(1);
        let mut found = vec![[f64::NAN; 2]; some];
        for (out, first) in deviations.chunks_mut(some).zip((0..).step_by(some)) {
            let found = &mut found[..out.len()];
            kernel::rolling_deviation(&values[first..], first, self.length, found);
            for (out, [_, deviation]) in out.iter_mut().zip(found) {
                *out = *deviation;
            }
        }
        self.be_at_the_end_of(values);
    }

    /// What was in blocks before the last full one is forgotten in any case.
    fn be_at_the_end_of(&mut self, values: &[f64]) {
        let blocks = (values.len() / self.length).saturating_sub(1);
        for value in values.iter().skip(blocks * self.length) {
            self.push(*value);
        }
    }

    pub(super) fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        self.current.iter_mut().for_each(|value| show(Cell::Number(value)));
        self.suffix.iter_mut().flatten().for_each(|value| show(Cell::Number(value)));
        self.prefix.iter_mut().for_each(|value| show(Cell::Number(value)));
        show(Cell::Number(&mut self.pivot));
        show(Cell::Count(&mut self.filled));
        show(Cell::Count(&mut self.ready));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel;

    #[test]
    fn value_by_value_has_the_bits_of_the_whole() {
        let mut values: Vec<f64> =
            (0..200).map(|i| 100.0 + f64::from((i * 7919) % 1009) / 7.0).collect();
        (values[60], values[62]) = (-0.0, 0.0);
        // Extremes differ here: kernels skip what is missing.
        let whole = values.clone();
        values[77] = f64::NAN;
        for window in [1, 2, 5, 20] {
            let bits =
                |numbers: &[f64]| -> Vec<u64> { numbers.iter().map(|n| n.to_bits()).collect() };
            let mut expected = vec![0.0; 201 - window];
            for (fold, kernel) in [
                (Fold::Max, kernel::rolling_max as fn(&[f64], usize, &mut [f64])),
                (Fold::Min, kernel::rolling_min),
            ] {
                kernel(&whole, window, &mut expected);
                let mut block = Block::new(fold, window);
                let found = whole.iter().filter_map(|value| block.push(*value));
                let found: Vec<f64> = found.map(|(folded, _)| folded[0]).collect();
                assert_eq!(bits(&found), bits(&expected), "{fold:?} {window}");
            }
            let alone: Vec<[f64; 1]> = values.iter().map(|value| [*value]).collect();
            let mut sums = vec![[0.0]; 201 - window];
            kernel::rolling_sums(&alone, 0, window, &mut sums);
            let mut sum = Sum::new(window);
            let found: Vec<f64> = values.iter().filter_map(|value| sum.push(*value)).collect();
            assert_eq!(bits(&found), bits(sums.as_flattened()), "sums of {window}");
        }
        let mut block = Block::new(Fold::Max, 3);
        let found: Vec<bool> = values[70..85]
            .iter()
            .filter_map(|v| block.push(*v))
            .map(|(best, _)| best[0].is_nan())
            .collect();
        assert_eq!(found.iter().filter(|missing| **missing).count(), 3);
    }
}
