//! Rises and falls between neighbours, summed over every window.

use super::rolling_sum;

/// The sum of the rises between neighbours and that of the falls, both positive; a change from or
/// to `NaN` is neither.
pub fn moves(values: &[f64]) -> (f64, f64) {
    values.iter().zip(values.iter().skip(1)).fold((0.0, 0.0), |(rises, falls), (before, after)| {
        let change = after - before;
        (rises + change.max(0.0), falls + (-change).max(0.0))
    })
}

/// The [`moves`] of every window of `window` values, arguments as [`rolling_sum`].
pub fn rolling_moves(
    values: &[f64],
    origin: usize,
    window: usize,
    rises: &mut [f64],
    falls: &mut [f64],
) {
    let changes = values.iter().zip(values.iter().skip(1)).map(|(before, after)| after - before);
    let (up, down): (Vec<f64>, Vec<f64>) =
        changes.map(|change| (change.max(0.0), (-change).max(0.0))).unzip();
    let Some(window) = window.checked_sub(1) else { return };
    rolling_sum(&up, origin, window, rises);
    rolling_sum(&down, origin, window, falls);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_has_its_own_moves() {
        let mut values: Vec<f64> = (0..90).map(|i| f64::from((i * 37) % 23) / 4.0).collect();
        values[40] = f64::NAN;
        let (mut rises, mut falls) = (vec![0.0; 76], vec![0.0; 76]);
        rolling_moves(&values, 3, 15, &mut rises, &mut falls);
        for i in 0..76 {
            assert_eq!((rises[i], falls[i]), moves(&values[i..i + 15]), "at {i}");
        }
    }
}
