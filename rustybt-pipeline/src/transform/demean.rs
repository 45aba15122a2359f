//! Distances from the mean.

use crate::kernel;

/// `x − mean`.
pub(super) fn apply(values: &[f64], out: &mut [f64]) {
    let (pivot, mean, _) = kernel::moments(values);
    for (value, distance) in values.iter().zip(out) {
        *distance = (value - pivot) - mean;
    }
}
