//! Sums, deviations and extremes of the last values, without ever taking one away: the blocks of
//! [`kernel`](crate::kernel), one value at a time and with the same bits.

use super::Cell;

/// What is folded over a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    Sum,
    Max,
    Min,
    /// Sums of distances and of their squares from the last value of a block.
    Moments,
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

    fn with(&self, folded: [f64; 2], value: f64, pivot: f64) -> [f64; 2] {
        let [a, b] = folded;
        let missing = b + f64::from(value.is_nan());
        match self.fold {
            Fold::Sum => [a + value, b],
            Fold::Max => [if value > a || a.is_nan() { value } else { a }, missing],
            Fold::Min => [if value < a || a.is_nan() { value } else { a }, missing],
            Fold::Moments => {
                let distance = value - pivot;
                [a + distance, b + distance * distance]
            }
        }
    }

    fn joined(&self, left: [f64; 2], right: [f64; 2]) -> [f64; 2] {
        match self.fold {
            Fold::Sum | Fold::Moments => [left[0] + right[0], left[1] + right[1]],
            Fold::Max | Fold::Min if left[1] + right[1] > 0.0 => [f64::NAN; 2],
            // Of a block that has just begun there is nothing yet.
            Fold::Max | Fold::Min if right[0].is_nan() => left,
            Fold::Max | Fold::Min => self.with(left, right[0], 0.0),
        }
    }

    /// Takes a value; the fold of the last `n` and the pivot of its distances, once there are enough.
    pub(super) fn push(&mut self, value: f64) -> Option<([f64; 2], f64)> {
        if let Some(place) = self.current.get_mut(self.filled) {
            *place = value;
        }
        self.filled += 1;
        self.prefix = self.with(self.prefix, value, self.pivot);
        if self.filled < self.length {
            let left = self.suffix.get(self.filled).copied()?;
            return (self.ready > 0).then(|| (self.joined(left, self.prefix), self.pivot));
        }
        // The block is full: it is the window, and the block before the next one.
        self.pivot = value;
        let mut folded = Self::nothing(self.fold);
        for place in (0..self.length).rev() {
            let value = self.current.get(place).copied().unwrap_or(f64::NAN);
            folded = self.with(folded, value, self.pivot);
            if let Some(place) = self.suffix.get_mut(place) {
                *place = folded;
            }
        }
        self.prefix = Self::nothing(self.fold);
        (self.filled, self.ready) = (0, 1);
        Some((self.joined(folded, self.prefix), self.pivot))
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
        // Extremes differ here: kernels skip what is missing.
        let whole = values.clone();
        values[77] = f64::NAN;
        for window in [1, 2, 5, 20] {
            for (fold, kernel) in [
                (Fold::Sum, kernel::rolling_sum as fn(&[f64], usize, usize, &mut [f64])),
                (Fold::Max, kernel::rolling_max),
                (Fold::Min, kernel::rolling_min),
            ] {
                let values = if fold == Fold::Sum { &values } else { &whole };
                let mut expected = vec![0.0; 201 - window];
                kernel(values, 0, window, &mut expected);
                let mut block = Block::new(fold, window);
                let found: Vec<u64> = values
                    .iter()
                    .filter_map(|value| block.push(*value))
                    .map(|(folded, _)| folded[0].to_bits())
                    .collect();
                let expected: Vec<u64> = expected.iter().map(|value| value.to_bits()).collect();
                assert_eq!(found, expected, "{fold:?} {window}");
            }
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
