//! The past as seen from a session: restating values for splits, dividends and mergers.
//!
//! A window of session N shows every value adjusted for the events that N knows. Between two
//! sessions at which an event becomes known, all windows agree about the past, so one restated
//! series serves them all; and a window that holds no event is the raw values, untouched. A restated
//! value is always made of the raw one by the same events in the same order: it has the same bits in
//! every window, chunk and thread, and no later event can change it. Where all events multiply
//! everything before them, as those of prices do, it is the raw one times one product.

use std::ops::Range;

/// What an event does to a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// The value times this.
    Multiply(f64),
    /// The value plus this.
    Add(f64),
    /// This instead of the value; `NaN` is missing.
    Overwrite(f64),
}

impl Change {
    fn changes_nothing(self) -> bool {
        matches!(self, Self::Multiply(1.0)) || matches!(self, Self::Add(0.0))
    }

    fn apply(self, values: &mut [f64]) {
        match self {
            Self::Multiply(ratio) => values.iter_mut().for_each(|value| *value *= ratio),
            Self::Add(more) => values.iter_mut().for_each(|value| *value += more),
            Self::Overwrite(other) => values.fill(other),
        }
    }
}

/// An event as it acts on a column: from row `seen` on, the rows from `first` to `last` are changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Restatement {
    /// The oldest row that is changed, a position among the calendar's sessions.
    pub first: usize,
    /// The newest row that is changed.
    pub last: usize,
    /// The first row from which it is seen.
    pub seen: usize,
    /// What happens to the values.
    pub change: Change,
}

impl Restatement {
    /// An event that multiplies everything up to row `last` by `ratio`, seen from row `seen` on, but
    /// never from before `last`: what splits, dividends and mergers do to prices.
    pub fn multiply(last: usize, seen: usize, ratio: f64) -> Self {
        Self { first: 0, last, seen: seen.max(last), change: Change::Multiply(ratio) }
    }

    /// The ratio of an event that multiplies everything before it.
    fn ratio(&self) -> Option<f64> {
        match self.change {
            Change::Multiply(ratio) if self.first == 0 && self.seen >= self.last => Some(ratio),
            _ => None,
        }
    }
}

/// The events of one column of one asset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Restatements {
    /// By the row from which each is seen.
    list: Vec<Restatement>,
    /// For each event, the newest row that it or an earlier one changes.
    reach: Vec<usize>,
    /// Whether every event multiplies everything before it.
    products: bool,
}

impl Restatements {
    /// Events in any order, but for those that are seen from one row on and do not all multiply: they
    /// act in the order given. Those that change nothing are left out.
    pub fn new(events: impl IntoIterator<Item = Restatement>) -> Self {
        let mut list: Vec<Restatement> =
            events.into_iter().filter(|event| !event.change.changes_nothing()).collect();
        let products = !list.is_empty() && list.iter().all(|event| event.ratio().is_some());
        if products {
            list.sort_by_key(|event| (event.seen, event.last));
        } else {
            list.sort_by_key(|event| event.seen);
        }
        let reach = list
            .iter()
            .scan(0, |reach, event| {
                *reach = event.last.max(*reach);
                Some(*reach)
            })
            .collect();
        Self { list, reach, products }
    }

    /// The same events on other rows: the first and the last of those that each row becomes.
    #[must_use]
    pub(crate) fn moved(
        &self,
        first: impl Fn(usize) -> usize,
        last: impl Fn(usize) -> usize,
    ) -> Self {
        let moved = |event: &Restatement| Restatement {
            first: first(event.first),
            last: last(event.last),
            seen: first(event.seen),
            change: event.change,
        };
        Self::new(self.list.iter().map(moved))
    }

    /// Whether nothing is ever restated.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The newest row that the events known at `row` act on.
    fn reach_at(&self, row: usize) -> Option<usize> {
        let known = self.known_at(row);
        known.checked_sub(1).and_then(|newest| self.reach.get(newest)).copied()
    }

    fn known_at(&self, row: usize) -> usize {
        self.list.partition_point(|event| event.seen <= row)
    }

    /// The first row after `row` from which one more event is seen.
    pub(crate) fn next_seen(&self, row: usize) -> Option<usize> {
        self.list.get(self.known_at(row)).map(|event| event.seen)
    }

    /// Whether windows of `window` rows ending at `row` hold an event, and the row before which
    /// that stays so and the values stay the same.
    pub(crate) fn stretch(&self, row: usize, window: usize) -> (bool, usize) {
        let next = self.next_seen(row).unwrap_or(usize::MAX);
        match self.reach_at(row) {
            Some(reach) if reach + window > row => (true, next.min(reach + window)),
            _ => (false, next),
        }
    }

    /// Turns raw values of `rows` into those seen from row `seen`.
    pub(crate) fn restate(&self, seen: usize, rows: Range<usize>, values: &mut [f64]) {
        let known = self.known_at(seen);
        if !self.products {
            for event in self.list.iter().take(known) {
                let (from, to) = (event.first.max(rows.start), (event.last + 1).min(rows.end));
                if from < to
                    && let Some(values) = values.get_mut(from - rows.start..to - rows.start)
                {
                    event.change.apply(values);
                }
            }
            return;
        }
        let mut events: Vec<&Restatement> = (0..known)
            .rev()
            .take_while(|event| self.reach.get(*event).is_some_and(|reach| *reach >= rows.start))
            .filter_map(|event| self.list.get(event))
            .filter(|event| event.last >= rows.start)
            .collect();
        // The newest first; of one row, in the order of the list. The products are then those of
        // the newer events times one more.
        events.reverse();
        events.sort_by_key(|event| std::cmp::Reverse(event.last));
        let mut product = 1.0;
        let mut events = events.into_iter().peekable();
        while let Some(event) = events.next() {
            product *= event.ratio().unwrap_or(1.0);
            let from = events.peek().map_or(rows.start, |older| older.last + 1).max(rows.start);
            let to = (event.last + 1).min(rows.end);
            if from < to
                && let Some(values) = values.get_mut(from - rows.start..to - rows.start)
            {
                for value in values {
                    *value *= product;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(last: usize, seen: usize, ratio: f64) -> Restatement {
        Restatement::multiply(last, seen, ratio)
    }

    #[test]
    fn events_of_other_kinds_act_one_after_the_other() {
        let change = |first, last, seen, change| Restatement { first, last, seen, change };
        let events = Restatements::new([
            change(2, 4, 5, Change::Multiply(10.0)),
            change(0, 3, 5, Change::Add(1.0)),
            change(3, 3, 6, Change::Overwrite(f64::NAN)),
            // Seen from before the rows it changes.
            change(5, 7, 4, Change::Add(-1.0)),
        ]);
        let seen_from = |row| {
            let mut values = vec![1.0; 8];
            events.restate(row, 0..8, &mut values);
            values.into_iter().map(|value| value.to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(seen_from(3), "1 1 1 1 1 1 1 1");
        assert_eq!(seen_from(4), "1 1 1 1 1 0 0 0");
        assert_eq!(seen_from(5), "2 2 11 11 10 0 0 0");
        assert_eq!(seen_from(6), "2 2 11 NaN 10 0 0 0");
        assert_eq!(events.stretch(6, 1), (true, 8));
        assert_eq!(events.stretch(8, 1), (false, usize::MAX));
    }

    #[test]
    fn values_are_those_of_the_events_known() {
        let events = Restatements::new([
            event(5, 5, 0.5),
            event(8, 8, 0.25),
            event(3, 7, 10.0),
            event(8, 8, 1.0),
        ]);
        let seen_from = |row| {
            let mut values = vec![1.0; 8];
            events.restate(row, 2..10, &mut values);
            values
        };
        assert_eq!(seen_from(4), [1.0; 8]);
        assert_eq!(seen_from(5), [0.5, 0.5, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0]);
        // The late event is seen from row 7 only, and acts on rows up to 3.
        assert_eq!(seen_from(6), seen_from(5));
        assert_eq!(seen_from(7), [5.0, 5.0, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(seen_from(9), [1.25, 1.25, 0.125, 0.125, 0.25, 0.25, 0.25, 1.0]);
    }

    #[test]
    fn stretches_end_where_an_event_enters_or_leaves() {
        let events = Restatements::new([event(5, 5, 0.5), event(8, 8, 0.25)]);
        assert_eq!(events.stretch(0, 3), (false, 5));
        assert_eq!(events.stretch(5, 3), (true, 8));
        assert_eq!(events.stretch(5, 1), (true, 6));
        assert_eq!(events.stretch(6, 1), (false, 8));
        assert_eq!(events.stretch(8, 3), (true, 11));
        assert_eq!(events.stretch(11, 3), (false, usize::MAX));
    }

    #[test]
    fn two_events_of_one_day_multiply() {
        let events = Restatements::new([event(4, 4, 0.5), event(4, 4, 0.9)]);
        let mut values = [100.0; 3];
        events.restate(4, 3..6, &mut values);
        assert_eq!(values, [45.0, 45.0, 100.0]);
    }
}
