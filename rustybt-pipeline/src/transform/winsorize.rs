//! Drawing in the outermost numbers.

use crate::kernel::Order;

/// Of `k` numbers, the `⌊low·k⌋` smallest become the next larger one, and those from `⌈high·k⌉` on
/// the one before them, as in zipline.
pub(super) fn apply(values: &[f64], order: &mut Order, low: f64, high: f64, out: &mut [f64]) {
    out.copy_from_slice(values);
    order.sort(values, false);
    let count = values.len();
    let sorted: Vec<usize> = order.places().collect();
    let mut draw = |places: &[usize], to: Option<&usize>| {
        let Some(&to) = to.and_then(|place| values.get(*place)) else { return };
        for place in places {
            if let Some(out) = out.get_mut(*place) {
                *out = to;
            }
        }
    };
    let bottom = (low * count as f64) as usize;
    if low > 0.0 {
        draw(sorted.get(..bottom).unwrap_or_default(), sorted.get(bottom));
    }
    let top = (high * count as f64).ceil() as usize;
    if high < 1.0 {
        let last = top.checked_sub(1).and_then(|last| sorted.get(last));
        draw(sorted.get(top..).unwrap_or_default(), last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_drawn_in() {
        let values = [9.0, 1.0, 5.0, 3.0, 7.0];
        let drawn = |low, high| {
            let mut out = [0.0; 5];
            apply(&values, &mut Order::default(), low, high, &mut out);
            out
        };
        assert_eq!(drawn(0.2, 0.8), [7.0, 3.0, 5.0, 3.0, 7.0]);
        assert_eq!(drawn(0.0, 0.5), [5.0, 1.0, 5.0, 3.0, 5.0]);
        assert_eq!(drawn(0.0, 1.0), values);
    }
}
