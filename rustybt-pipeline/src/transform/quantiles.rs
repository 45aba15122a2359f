//! Numbers of a session dealt into bins of equal count.

use crate::kernel::Order;

/// The bin of each number: edges are the linear quantiles at `k / bins`, each bin open on its left
/// and closed on its right, the lowest closed on both sides, as pandas' `qcut`. A bin of no width
/// takes nothing; where numbers are equal they share the lowest bin that ends with them.
pub(crate) fn bins(values: &[f64], order: &mut Order, bins: usize, out: &mut [f64]) {
    order.sort(values, false);
    let sorted: Vec<f64> = order.places().filter_map(|place| values.get(place)).copied().collect();
    // The shares with the rounding that pandas gives them, on its way over percent.
    let step = 1.0 / bins as f64;
    let edges: Vec<f64> =
        (1..bins).map(|bin| edge(&sorted, bin as f64 * step * 100.0 / 100.0)).collect();
    for (value, out) in values.iter().zip(out) {
        *out = edges.partition_point(|edge| edge < value) as f64;
    }
}

/// The quantile at a share of the way, between the two nearest numbers, as NumPy interpolates.
fn edge(sorted: &[f64], share: f64) -> f64 {
    let position = share * sorted.len().saturating_sub(1) as f64;
    let below = position.floor();
    let part = position - below;
    let Some(&a) = sorted.get(below as usize) else { return f64::NAN };
    let b = sorted.get(below as usize + 1).copied().unwrap_or(a);
    if part >= 0.5 { b - (b - a) * (1.0 - part) } else { a + (b - a) * part }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dealt(values: &[f64], count: usize) -> Vec<f64> {
        let mut out = vec![f64::NAN; values.len()];
        bins(values, &mut Order::default(), count, &mut out);
        out
    }

    #[test]
    fn bins_are_of_equal_count() {
        assert_eq!(dealt(&[5.0, 1.0, 4.0, 2.0, 3.0, 6.0], 3), [2.0, 0.0, 1.0, 0.0, 1.0, 2.0]);
        assert_eq!(dealt(&[1.0, 2.0, 3.0, 4.0, 5.0], 4), [0.0, 0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn equal_numbers_share_a_bin() {
        assert_eq!(dealt(&[1.0, 1.0, 1.0, 2.0], 4), [0.0, 0.0, 0.0, 3.0]);
        assert_eq!(dealt(&[], 4), [0.0; 0]);
    }
}
