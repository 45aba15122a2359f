//! The figures that sum up a run.

/// Sessions in a year of a stock exchange, by custom.
pub const SESSIONS_PER_YEAR: f64 = 252.0;

/// Annual return: the constant yearly growth that gives the same total.
///
/// `(1 + total)^(year / n) − 1` for `n` sessions, `year` of which make a year; `NaN` without
/// sessions or when more than everything was lost.
///
/// ```
/// use rustybt_algorithm::annual_return;
///
/// assert!((annual_return(0.21, 504, 252.0) - 0.10).abs() < 1e-15); // 1.1 * 1.1 = 1.21
/// ```
///
/// # Source
///
/// The compound annual growth rate of any textbook; `cum_returns_final` and `annual_return` of
/// zipline's `empyrical`.
pub fn annual_return(total: f64, sessions: usize, per_year: f64) -> f64 {
    if sessions == 0 || total < -1.0 {
        return f64::NAN;
    }
    (1.0 + total).powf(per_year / sessions as f64) - 1.0
}

/// Annual volatility: the standard deviation of the returns (over `n − 1`), times the square root
/// of the sessions in a year. `NaN` for fewer than two returns.
///
/// ```
/// use rustybt_algorithm::annual_volatility;
///
/// // Mean 0, squares 0.0001 and 0.0001 over one: 0.01 * √2 a session.
/// assert!((annual_volatility(&[0.01, -0.01], 252.0) - 0.01 * 504_f64.sqrt()).abs() < 1e-15);
/// ```
///
/// # Source
///
/// `annual_volatility` of zipline's `empyrical`; the sample standard deviation, scaled as for
/// independent returns.
pub fn annual_volatility(returns: &[f64], per_year: f64) -> f64 {
    deviation(returns) * per_year.sqrt()
}

/// Sharpe ratio: mean over standard deviation (over `n − 1`) of the returns, times the square root
/// of the sessions in a year, against a risk-free rate of zero. `NaN` for fewer than two returns;
/// infinite, or `NaN`, where returns never differ.
///
/// ```
/// use rustybt_algorithm::sharpe;
///
/// // Mean 0.01, deviation 0.01 * √2: 1/√2 a session.
/// assert!((sharpe(&[0.02, 0.0], 252.0) - 126_f64.sqrt()).abs() < 1e-12);
/// ```
///
/// # Source
///
/// W. F. Sharpe, *The Sharpe Ratio*, Journal of Portfolio Management 21(1), 1994;
/// `sharpe_ratio` of zipline's `empyrical`.
pub fn sharpe(returns: &[f64], per_year: f64) -> f64 {
    mean(returns) / deviation(returns) * per_year.sqrt()
}

/// The drawdown after each value: how far it lies below the highest value so far, as a negative
/// fraction of that. The start counts as a value.
///
/// ```
/// use rustybt_algorithm::drawdowns;
///
/// assert_eq!(drawdowns(100.0, &[80.0, 160.0, 120.0]), [-0.2, 0.0, -0.25]);
/// ```
pub fn drawdowns(start: f64, values: &[f64]) -> Vec<f64> {
    let mut peak = start;
    values
        .iter()
        .map(|&value| {
            peak = peak.max(value);
            (value - peak) / peak
        })
        .collect()
}

/// Maximum drawdown: the largest fall from a peak to a later value, as a negative fraction of the
/// peak; `0.0` for values that never fall.
///
/// # Source
///
/// M. Magdon-Ismail and A. F. Atiya, *Maximum Drawdown*, Risk 17(10), 2004; `max_drawdown` of
/// zipline's `empyrical`. (The pipeline factor of that name divides by the trough instead.)
pub fn max_drawdown(start: f64, values: &[f64]) -> f64 {
    drawdowns(start, values).into_iter().fold(0.0, f64::min)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The sample standard deviation.
fn deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_empyrical() {
        // Its test series of mixed returns, in percent; the figures also by Python's `statistics`.
        let returns = [1.0, 10.0, -4.0, 2.0, 3.0, 2.0, 1.0, -10.0].map(|percent| percent / 100.0);
        assert!((sharpe(&returns, 252.0) - 1.723_861_396_170_686).abs() < 1e-12);
        assert!((annual_volatility(&returns, 252.0) - 0.913_646_539_970_463_7).abs() < 1e-12);
        let mut value = 1.0;
        let values = returns.map(|one| {
            value *= 1.0 + one;
            value
        });
        assert!((max_drawdown(1.0, &values) - -0.1).abs() < 1e-12);
        assert!((annual_return(value - 1.0, 8, 252.0) - 2.330_292_797_300_439).abs() < 1e-9);
    }

    #[test]
    fn too_little_to_say() {
        assert!(sharpe(&[0.1], 252.0).is_nan() && annual_volatility(&[], 252.0).is_nan());
        assert!(annual_return(0.1, 0, 252.0).is_nan() && annual_return(-1.5, 9, 252.0).is_nan());
        assert_eq!(max_drawdown(1.0, &[]), 0.0);
    }
}
