//! Sorting a few hundred numbers and remembering where each one stood.

/// A number as an integer that sorts the same, and its place; equal numbers sort by place.
pub(crate) type Keyed = (u64, u32);

/// Values in one bucket from which on an ordinary sort is better.
const CROWDED: u32 = 32;

/// Where a value falls when the values are dealt out evenly between their extremes.
///
/// Rounding is monotone, so a value in a lower bucket is never above one in a higher bucket.
#[derive(Debug, Clone, Copy)]
struct Deal {
    sign: f64,
    least: f64,
    scale: f64,
}

impl Deal {
    /// `None` where the values cannot be dealt: none, all equal, or too far apart.
    fn new(values: &[f64], descending: bool, buckets: usize) -> Option<Self> {
        let lanes = |fold: fn(f64, f64) -> f64, start: f64| {
            let (chunks, rest) = values.as_chunks::<8>();
            let mut lanes = [start; 8];
            for chunk in chunks {
                for (lane, value) in lanes.iter_mut().zip(chunk) {
                    *lane = fold(*lane, *value);
                }
            }
            lanes.iter().chain(rest).fold(start, |a, b| fold(a, *b))
        };
        let least = lanes(|a, b| if b < a { b } else { a }, f64::INFINITY);
        let most = lanes(|a, b| if b > a { b } else { a }, f64::NEG_INFINITY);
        let scale = (buckets - 1) as f64 / (most - least);
        let (sign, least) = if descending { (-1.0, -most) } else { (1.0, least) };
        (scale.is_finite() && scale > 0.0).then_some(Self { sign, least, scale })
    }

    #[inline]
    fn bucket(self, value: f64) -> u32 {
        // The last digits of a number as large as this are whole ones: several values at a time
        // are rounded, where a conversion would take them one by one.
        const WHOLE: f64 = (1_u64 << 52) as f64;
        ((self.sign * value - self.least) * self.scale + WHOLE).to_bits() as u32
    }
}

/// The order of some numbers, none of them `NaN`; kept between rows to reuse its memory.
///
/// Numbers are dealt into as many buckets as there are numbers, twice over, and what is nearly in
/// order then is put so by insertion: a handful of steps a number where they are spread like returns
/// or prices, and an ordinary sort where many fall together. The order is total, since places differ, so any way of sorting gives the same one.
#[derive(Debug, Default)]
pub(crate) struct Order {
    sorted: Vec<Keyed>,
    buckets: Vec<u32>,
    ends: Vec<u32>,
}

impl Order {
    /// Sorts `values`, smallest first or largest first; equal ones stay in place order either way.
    pub(crate) fn sort(&mut self, values: &[f64], descending: bool) {
        let Some(deal) = self.deal(values, descending) else {
            self.collect(values, descending);
            self.sorted.sort_unstable();
            return;
        };
        // The ends of the buckets become their starts as they are filled from behind, the last
        // value first: in a bucket, places ascend.
        self.sorted.clear();
        self.sorted.resize(values.len(), (0, 0));
        let keyed = values.iter().zip(0..values.len() as u32).zip(&self.buckets);
        for ((value, place), bucket) in keyed.rev() {
            if let Some(end) = self.ends.get_mut(*bucket as usize) {
                *end -= 1;
                if let Some(slot) = self.sorted.get_mut(*end as usize) {
                    *slot = (deal.key(*value), place);
                }
            }
        }
        insert(&mut self.sorted);
    }

    /// Deals the values out; `ends` are then the positions at which the buckets end. `None` where
    /// that is of no use.
    fn deal(&mut self, values: &[f64], descending: bool) -> Option<Deal> {
        let count = (2 * values.len()).next_power_of_two();
        let deal = Deal::new(values, descending, count)?;
        self.buckets.clear();
        self.buckets.extend(values.iter().map(|value| deal.bucket(*value)));
        self.ends.clear();
        self.ends.resize(count, 0);
        for bucket in &self.buckets {
            if let Some(end) = self.ends.get_mut(*bucket as usize) {
                *end += 1;
            }
        }
        let (mut end, mut most) = (0, 0);
        for bucket in &mut self.ends {
            most = most.max(*bucket);
            end += *bucket;
            *bucket = end;
        }
        (most <= CROWDED).then_some(deal)
    }

    fn collect(&mut self, values: &[f64], descending: bool) {
        let sign = if descending { -1.0 } else { 1.0 };
        self.sorted.clear();
        self.sorted
            .extend(values.iter().zip(0_u32..).map(|(value, place)| (key(sign * value), place)));
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
        if n == 0 || n >= values.len() {
            chosen.fill(n > 0);
            return;
        }
        let Some(deal) = self.deal(values, descending) else {
            self.collect(values, descending);
            self.sorted.select_nth_unstable(n - 1);
            chosen.fill(false);
            mark(&self.sorted, n, chosen);
            return;
        };
        // Whole buckets are in, but for the one in which the nth falls.
        let last = self.ends.partition_point(|end| (*end as usize) < n);
        let before =
            last.checked_sub(1).and_then(|bucket| self.ends.get(bucket)).copied().unwrap_or(0);
        self.sorted.clear();
        let numbered = values.iter().zip(0_u32..).zip(&self.buckets);
        for (((value, place), bucket), chosen) in numbered.zip(chosen.iter_mut()) {
            *chosen = (*bucket as usize) < last;
            if *bucket as usize == last {
                self.sorted.push((deal.key(*value), place));
            }
        }
        self.sorted.sort_unstable();
        mark(&self.sorted, n - before as usize, chosen);
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

impl Deal {
    #[inline]
    fn key(self, value: f64) -> u64 {
        key(self.sign * value)
    }
}

/// The bits of a number, turned so that integers sort as the numbers do; zeros are equal.
#[inline]
fn key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    bits ^ (((bits as i64 >> 63) as u64) | 1 << 63)
}

/// Puts in order what is nearly so; what is equal stays where it is.
fn insert(sorted: &mut [Keyed]) {
    for next in 1..sorted.len() {
        let mut at = next;
        while at > 0 && sorted[at].0 < sorted[at - 1].0 {
            sorted.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// Marks the places of the first `n`.
fn mark(sorted: &[Keyed], n: usize, chosen: &mut [bool]) {
    for (_, place) in sorted.iter().take(n) {
        if let Some(chosen) = chosen.get_mut(*place as usize) {
            *chosen = true;
        }
    }
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
    fn any_numbers_are_sorted() {
        let spread: Vec<f64> = (0..400).map(|i| f64::from((i * 7919) % 1013 - 500) / 7.0).collect();
        let mut outlier = spread.clone();
        outlier[77] = 1e300;
        let mut infinite = spread.clone();
        infinite[5] = f64::NEG_INFINITY;
        infinite[6] = f64::MAX;
        let tiny: Vec<f64> = (0..50).map(|i| f64::from_bits(i * 31 % 50)).collect();
        let equal = vec![2.5; 40];
        for values in [spread, outlier, infinite, tiny, equal, vec![1.0], vec![]] {
            for descending in [false, true] {
                let mut order = Order::default();
                order.sort(&values, descending);
                let mut expected: Vec<usize> = (0..values.len()).collect();
                expected.sort_by(|a, b| {
                    let by_value = values[*a].partial_cmp(&values[*b]).unwrap();
                    if descending { by_value.reverse() } else { by_value }
                });
                assert_eq!(order.places().collect::<Vec<_>>(), expected);
            }
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
