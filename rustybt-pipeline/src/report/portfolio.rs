//! What a factor would have earned: a dollar-neutral portfolio weighted by it.

use super::sample::Sample;
use crate::kernel::{self, Line};

/// The weight of each row in its session's portfolio: how far its factor lies from the mean, over the
/// sum of all such distances, so that what is long equals what is short and both add up to one.
///
/// Within groups, the distances are from the mean of the group, each group weighs the same, and the
/// whole adds up to one again. Where nothing differs all weights are nothing.
pub(super) fn weights(sample: &Sample, neutral: bool) -> Vec<f64> {
    let mut weights = vec![0.0; sample.factor.len()];
    for day in &sample.days {
        for part in sample.parts(&day.rows, neutral) {
            let values = Sample::pick(&sample.factor, &part);
            let mean = kernel::mean(&values);
            let total: f64 = values.iter().map(|value| (value - mean).abs()).sum();
            for (row, value) in part.iter().zip(values) {
                if let Some(weight) = weights.get_mut(*row) {
                    *weight = if total == 0.0 { 0.0 } else { (value - mean) / total };
                }
            }
        }
        if neutral && let Some(weights) = weights.get_mut(day.rows.clone()) {
            let total: f64 = weights.iter().map(|weight| weight.abs()).sum();
            if total > 0.0 {
                for weight in weights {
                    *weight /= total;
                }
            }
        }
    }
    weights
}

/// The return of each session's portfolio over the period that follows.
pub(super) fn returns(sample: &Sample, weights: &[f64], returns: &[f64]) -> Vec<f64> {
    let of = |values: &[f64], rows: &std::ops::Range<usize>| -> Vec<f64> {
        values.get(rows.clone()).unwrap_or_default().to_vec()
    };
    let earned = sample.days.iter().map(|day| {
        let (weights, returns) = (of(weights, &day.rows), of(returns, &day.rows));
        weights.iter().zip(returns).map(|(weight, change)| weight * change).sum()
    });
    earned.collect()
}

/// The least-squares line of the portfolio's returns on the mean return of all assets: what it earns a
/// year beyond it, and how much of it it carries.
pub(super) fn alpha_beta(
    sample: &Sample,
    earned: &[f64],
    returns: &[f64],
    periods_a_year: f64,
) -> (f64, f64) {
    let market: Vec<f64> = sample
        .days
        .iter()
        .map(|day| kernel::mean(returns.get(day.rows.clone()).unwrap_or_default()))
        .collect();
    let line = Line::through(&market, earned);
    ((1.0 + line.alpha).powf(periods_a_year) - 1.0, line.beta)
}

/// What one becomes, reinvested session by session at the rate that makes the return of the period:
/// `∏ (1 + r)^(1 / p)`. A missing return leaves it as it is.
pub(super) fn growth(returns: &[f64], period: usize) -> Vec<f64> {
    let mut worth = 1.0;
    let step = |change: &f64| {
        if !change.is_nan() {
            worth *= (1.0 + change).max(0.0).powf(1.0 / period as f64);
        }
        worth
    };
    returns.iter().map(step).collect()
}
