//! What is left of numbers when exposures have explained what they can.

/// The residuals of a least-squares regression of `y` on an intercept and the columns of `x`, over
/// observations none of which is missing anything.
///
/// By modified Gram–Schmidt, twice for each column, which keeps the residuals orthogonal to the last digits;
/// a column that the ones before it explain is left out.
pub(crate) fn residuals(y: &[f64], x: &[Vec<f64>], out: &mut [f64]) {
    let count = y.len();
    let mut basis: Vec<Vec<f64>> = vec![vec![1.0; count]];
    for column in x {
        let size = norm(column);
        let mut column = column.clone();
        for _ in 0..2 {
            for direction in &basis {
                remove(direction, &mut column);
            }
        }
        if norm(&column) > 1e-10 * size {
            basis.push(column);
        }
    }
    out.copy_from_slice(y);
    for _ in 0..2 {
        for direction in &basis {
            remove(direction, out);
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}

/// Takes away what of `values` lies in a direction.
fn remove(direction: &[f64], values: &mut [f64]) {
    let length = dot(direction, direction);
    if length > 0.0 {
        let share = dot(direction, values) / length;
        values.iter_mut().zip(direction).for_each(|(value, part)| *value -= share * part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_explained_goes() {
        let x = vec![vec![1.0, 2.0, 3.0, 4.0], vec![2.0, 4.0, 6.0, 8.0]];
        let mut out = [0.0; 4];
        residuals(&[3.0, 5.0, 7.0, 9.0], &x, &mut out);
        assert!(out.iter().all(|rest| rest.abs() < 1e-14), "{out:?}");
        residuals(&[3.0, 5.0, 7.0, 10.0], &x, &mut out);
        assert!(out.iter().sum::<f64>().abs() < 1e-14 && dot(&out, &x[0]).abs() < 1e-13);
    }
}
