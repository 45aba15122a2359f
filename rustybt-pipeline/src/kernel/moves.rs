//! Rises and falls between neighbours, summed over every window.

use super::rolling_sums;

/// The sum of the rises between neighbours and that of the falls, both positive; a change from or
/// to `NaN` is neither.
pub fn moves(values: &[f64]) -> (f64, f64) {
    values.iter().zip(values.iter().skip(1)).fold((0.0, 0.0), |(rises, falls), (before, after)| {
        let change = after - before;
        (rises + change.max(0.0), falls + (-change).max(0.0))
    })
}

/// The [`moves`] of every window of `window` values: `out[i]` is the sum of the rises and that of the
/// falls in `values[i..i + window]`; `origin` as in [`rolling_sums`](super::rolling_sums).
pub fn rolling_moves(values: &[f64], origin: usize, window: usize, out: &mut [[f64; 2]]) {
    let changes = values.iter().zip(values.iter().skip(1)).map(|(before, after)| after - before);
    let moves: Vec<[f64; 2]> =
        changes.map(|change| [change.max(0.0), (-change).max(0.0)]).collect();
    let Some(changes) = window.checked_sub(1) else { return };
    rolling_sums(&moves, origin, changes, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_has_its_own_moves() {
        let mut values: Vec<f64> = (0..90).map(|i| f64::from((i * 37) % 23) / 4.0).collect();
        values[40] = f64::NAN;
        let mut found = vec![[0.0; 2]; 76];
        rolling_moves(&values, 3, 15, &mut found);
        for (i, [rises, falls]) in found.into_iter().enumerate() {
            assert_eq!((rises, falls), moves(&values[i..i + 15]), "at {i}");
        }
    }
}
