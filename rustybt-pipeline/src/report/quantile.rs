//! What each quantile of a factor earned.

use super::portfolio::growth;
use super::sample::Sample;
use crate::kernel;

/// The returns of the assets of one quantile over a period, above the mean of all.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileReturns {
    /// From 1, the lowest numbers of the factor.
    pub quantile: usize,
    /// The mean over sessions of each session's mean.
    pub mean: f64,
    /// The standard error of that mean: the deviation of the sessions' means (ddof 1) over `√n`.
    pub std_error: f64,
    /// The mean of each session; `NaN` where nothing is in the quantile.
    pub by_session: Vec<f64>,
    /// What one becomes, reinvested each session at the rate that makes the returns, the mean of all
    /// assets not taken off.
    pub growth: Vec<f64>,
}

/// What a quantile holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileNumbers {
    /// From 1, the lowest.
    pub quantile: usize,
    /// Rows in it.
    pub count: usize,
    /// The least number of the factor.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation, of a sample (ddof 1).
    pub std: f64,
}

/// What the quantiles hold.
pub(super) fn numbers(sample: &Sample, quantiles: usize) -> Vec<QuantileNumbers> {
    let mut held = vec![Vec::new(); quantiles];
    for (value, quantile) in sample.factor.iter().zip(&sample.quantile) {
        if let Some(held) = held.get_mut(*quantile) {
            held.push(*value);
        }
    }
    let numbers = held.iter().zip(1..).map(|(values, quantile)| QuantileNumbers {
        quantile,
        count: values.len(),
        min: kernel::min(values),
        max: kernel::max(values),
        mean: kernel::mean(values),
        std: deviation(values),
    });
    numbers.collect()
}

/// The deviation of a sample, of what is there.
pub(super) fn deviation(values: &[f64]) -> f64 {
    let count = values.iter().filter(|value| !value.is_nan()).count() as f64;
    let [_, deviation] = kernel::mean_and_deviation(values);
    if count > 1.0 { deviation * (count / (count - 1.0)).sqrt() } else { f64::NAN }
}

/// A mean and its standard error, of what is there.
pub(super) fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = values.iter().filter(|value| !value.is_nan()).count() as f64;
    (kernel::mean(values), deviation(values) / count.sqrt())
}

/// Forward returns less their mean over the session, or over the group of it.
pub(super) fn above_the_mean(sample: &Sample, returns: &[f64], neutral: bool) -> Vec<f64> {
    let mut above = returns.to_vec();
    for day in &sample.days {
        for part in sample.parts(&day.rows, neutral) {
            let mean = kernel::mean(&Sample::pick(returns, &part));
            for row in part {
                if let Some(value) = above.get_mut(row) {
                    *value -= mean;
                }
            }
        }
    }
    above
}

/// The mean of each session's rows in a quantile, one for each quantile.
pub(super) fn session_means(sample: &Sample, values: &[f64], quantiles: usize) -> Vec<Vec<f64>> {
    let mut means = vec![Vec::with_capacity(sample.days.len()); quantiles];
    for day in &sample.days {
        let mut sums = vec![(0.0, 0_u32); quantiles];
        let rows = values.get(day.rows.clone()).unwrap_or_default();
        let of_rows = sample.quantile.get(day.rows.clone()).unwrap_or_default();
        for (value, quantile) in rows.iter().zip(of_rows) {
            if let Some(sum) = sums.get_mut(*quantile) {
                *sum = (sum.0 + value, sum.1 + 1);
            }
        }
        for (means, (sum, count)) in means.iter_mut().zip(sums) {
            means.push(sum / f64::from(count));
        }
    }
    means
}

/// The returns of every quantile over a period.
pub(super) fn returns(
    sample: &Sample,
    (raw, above): (&[f64], &[f64]),
    quantiles: usize,
    period: usize,
) -> Vec<QuantileReturns> {
    let plain = session_means(sample, raw, quantiles);
    let above = session_means(sample, above, quantiles);
    let each = above.into_iter().zip(plain).zip(1..).map(|((by_session, plain), quantile)| {
        let (mean, std_error) = mean_and_error(&by_session);
        QuantileReturns { quantile, mean, std_error, by_session, growth: growth(&plain, period) }
    });
    each.collect()
}

/// For each group, the mean of every quantile's returns: over sessions, of the means of its assets.
pub(super) fn by_group(sample: &Sample, values: &[f64], quantiles: usize) -> Vec<Vec<f64>> {
    let mut found = vec![vec![(0.0, 0_u32); quantiles]; sample.groups.len()];
    for day in &sample.days {
        for part in sample.parts(&day.rows, true) {
            let group = part.first().and_then(|row| sample.group.get(*row)).copied();
            let Some(found) = group.and_then(|group| found.get_mut(group)) else { continue };
            for (quantile, found) in found.iter_mut().enumerate() {
                let of = |row: &&usize| sample.quantile.get(**row) == Some(&quantile);
                let rows: Vec<usize> = part.iter().filter(of).copied().collect();
                let mean = kernel::mean(&Sample::pick(values, &rows));
                if !mean.is_nan() {
                    *found = (found.0 + mean, found.1 + 1);
                }
            }
        }
    }
    let mean = |(sum, count): (f64, u32)| sum / f64::from(count);
    found.into_iter().map(|group| group.into_iter().map(mean).collect()).collect()
}
