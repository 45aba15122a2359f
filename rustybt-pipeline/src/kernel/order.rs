//! Sorting a few hundred numbers and remembering where each one stood.

/// A number as an integer that sorts the same, and its place; equal numbers sort by place.
pub(crate) type Keyed = (u64, u32);

/// The order of some numbers, none of them `NaN`; kept between rows to reuse its memory.
///
/// The order is total, since places differ, so any way of sorting gives the same result.
#[derive(Debug, Default)]
pub(crate) struct Order {
    sorted: Vec<Keyed>,
    packed: Vec<u64>,
}

impl Order {
    /// Sorts `values`, smallest first or largest first; equal ones stay in place order either way.
    pub(crate) fn sort(&mut self, values: &[f64], descending: bool) {
        let bits = usize::BITS - values.len().saturating_sub(1).leading_zeros();
        let low = (1_u64 << bits) - 1;
        // The place fits into the lowest bits of the key, so the sort moves single words. Keys that
        // differ only there are put right afterwards; few do.
        self.packed.clear();
        let keys = values.iter().zip(0_u64..);
        self.packed.extend(keys.map(|(value, place)| key(*value, descending) & !low | place));
        self.packed.sort_unstable();
        self.sorted.clear();
        self.sorted.extend(self.packed.iter().map(|packed| {
            let place = packed & low;
            let value = values.get(place as usize).copied().unwrap_or_default();
            (key(value, descending), place as u32)
        }));
        for run in self.sorted.chunk_by_mut(|a, b| a.0 & !low == b.0 & !low) {
            if run.len() > 1 {
                run.sort_unstable();
            }
        }
    }

    /// The places, in order.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> + '_ {
        self.sorted.iter().map(|(_, place)| *place as usize)
    }

    /// The runs of equal numbers, in order.
    pub(crate) fn ties(&self) -> impl Iterator<Item = &[Keyed]> + '_ {
        self.sorted.chunk_by(|a, b| a.0 == b.0)
    }

    /// Marks the `n` smallest (or largest) of `values`; of equal ones those that come first.
    pub(crate) fn smallest(
        &mut self,
        values: &[f64],
        descending: bool,
        n: usize,
        chosen: &mut [bool],
    ) {
        if n >= values.len() {
            chosen.fill(true);
            return;
        }
        chosen.fill(false);
        self.sorted.clear();
        let keys = values.iter().zip(0_u32..);
        self.sorted.extend(keys.map(|(value, place)| (key(*value, descending), place)));
        if n > 0 {
            self.sorted.select_nth_unstable(n - 1);
        }
        for (_, place) in self.sorted.iter().take(n) {
            if let Some(chosen) = chosen.get_mut(*place as usize) {
                *chosen = true;
            }
        }
    }

    /// Two percentiles, with linear interpolation between neighbours as NumPy does it.
    pub(crate) fn percentiles(&mut self, values: &[f64], low: f64, high: f64) -> (f64, f64) {
        self.sort(values, false);
        let at = |index: usize| {
            self.sorted.get(index).and_then(|(_, place)| values.get(*place as usize)).copied()
        };
        let percentile = |percent: f64| {
            let position = percent / 100.0 * values.len().saturating_sub(1) as f64;
            let below = position.floor();
            let part = position - below;
            let Some(a) = at(below as usize) else { return f64::NAN };
            let b = at(below as usize + 1).unwrap_or(a);
            if part == 0.0 {
                a
            } else if part >= 0.5 {
                b - (b - a) * (1.0 - part)
            } else {
                a + (b - a) * part
            }
        };
        (percentile(low), percentile(high))
    }
}

/// The bits of a number, turned so that integers sort as the numbers do; zeros are equal.
#[inline]
fn key(value: f64, descending: bool) -> u64 {
    let bits = (value + 0.0).to_bits();
    let ascending = bits ^ (((bits as i64 >> 63) as u64) | 1 << 63);
    if descending { !ascending } else { ascending }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_differ_in_their_last_bits_keep_their_order() {
        let values: Vec<f64> =
            (0..700).map(|i| f64::from_bits(1.0_f64.to_bits() + (i * 389) % 700)).collect();
        for descending in [false, true] {
            let mut order = Order::default();
            order.sort(&values, descending);
            let sorted: Vec<f64> = order.places().map(|place| values[place]).collect();
            let mut expected = values.clone();
            expected.sort_by(f64::total_cmp);
            if descending {
                expected.reverse();
            }
            assert_eq!(sorted, expected);
        }
    }

    #[test]
    fn the_smallest_are_those_that_sort_first() {
        let values: Vec<f64> = (0..300).map(|i| f64::from((i * 71) % 37)).collect();
        let mut order = Order::default();
        for descending in [false, true] {
            for n in [0, 1, 2, 50, 299, 300, 301] {
                let mut chosen = vec![false; 300];
                order.smallest(&values, descending, n, &mut chosen);
                order.sort(&values, descending);
                let mut expected = vec![false; 300];
                order.places().take(n).for_each(|place| expected[place] = true);
                assert_eq!(chosen, expected, "{n} {descending}");
            }
        }
    }

    #[test]
    fn percentiles_interpolate() {
        let mut order = Order::default();
        assert_eq!(order.percentiles(&[4.0, 1.0, 3.0, 2.0], 25.0, 100.0), (1.75, 4.0));
        assert!(order.percentiles(&[], 0.0, 100.0).0.is_nan());
    }
}
