//! The last values that came.

use super::Cell;

/// The last `n` values, oldest first.
#[derive(Debug, Clone)]
pub(super) struct Ring {
    /// Twice as many places as values: the last ones always lie together.
    values: Vec<f64>,
    length: usize,
    next: usize,
    count: usize,
}

impl Ring {
    pub(super) fn new(length: usize) -> Self {
        Self { values: vec![f64::NAN; 2 * length], length, next: 0, count: 0 }
    }

    pub(super) fn push(&mut self, value: f64) {
        for place in [self.next, self.next + self.length] {
            if let Some(place) = self.values.get_mut(place) {
                *place = value;
            }
        }
        self.next = (self.next + 1) % self.length.max(1);
        self.count = (self.count + 1).min(self.length);
    }

    /// The last values, once there are enough.
    pub(super) fn window(&self) -> Option<&[f64]> {
        if self.count < self.length {
            return None;
        }
        self.values.get(self.next..self.next + self.length)
    }

    /// Whether it has taken no value yet.
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn clear(&mut self) {
        self.values.fill(f64::NAN);
        (self.next, self.count) = (0, 0);
    }

    pub(super) fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        self.values.iter_mut().for_each(|value| show(Cell::Number(value)));
        show(Cell::Count(&mut self.next));
        show(Cell::Count(&mut self.count));
    }
}
