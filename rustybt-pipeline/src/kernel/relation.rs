//! How two series go together: correlation, slope, least squares.

/// Products of distances from the means of two series of one length: of x with x, x with y, y with
/// y, and the means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Products {
    /// Mean of x.
    pub mean_x: f64,
    /// Mean of y.
    pub mean_y: f64,
    /// Mean square distance of x from its mean.
    pub xx: f64,
    /// Mean product of both distances.
    pub xy: f64,
    /// Mean square distance of y from its mean.
    pub yy: f64,
}

impl Products {
    /// Of two series, in two passes over distances from their first values; `NaN` spreads.
    pub fn of(x: &[f64], y: &[f64]) -> Self {
        let count = x.len().min(y.len()) as f64;
        let first = |values: &[f64]| values.first().copied().unwrap_or(f64::NAN);
        let (pivot_x, pivot_y) = (first(x), first(y));
        let pairs = || x.iter().zip(y).map(|(x, y)| (x - pivot_x, y - pivot_y));
        let (sum_x, sum_y) = pairs().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
        let (mean_x, mean_y) = (sum_x / count, sum_y / count);
        let (xx, xy, yy) = pairs().fold((0.0, 0.0, 0.0), |(xx, xy, yy), (x, y)| {
            let (x, y) = (x - mean_x, y - mean_y);
            (xx + x * x, xy + x * y, yy + y * y)
        });
        Self {
            mean_x: pivot_x + mean_x,
            mean_y: pivot_y + mean_y,
            xx: xx / count,
            xy: xy / count,
            yy: yy / count,
        }
    }

    /// Pearson's correlation; `NaN` where one side does not move.
    pub fn correlation(self) -> f64 {
        if self.xx == 0.0 || self.yy == 0.0 {
            return f64::NAN;
        }
        (self.xy / (self.xx * self.yy).sqrt()).clamp(-1.0, 1.0)
    }
}

/// A line `y = alpha + beta·x` through points, by least squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Where it crosses x = 0.
    pub alpha: f64,
    /// Its slope.
    pub beta: f64,
    /// The correlation of x and y.
    pub r: f64,
    /// The probability of a correlation as strong or stronger where there is none, on both sides.
    pub p: f64,
    /// The standard error of the slope.
    pub stderr: f64,
}

impl Line {
    /// Through the points `(x, y)`; all `NaN` where something is missing or x does not move.
    ///
    /// The definitions are those of scipy's `linregress`.
    pub fn through(x: &[f64], y: &[f64]) -> Self {
        Self::of(Products::of(x, y), x.len().min(y.len()))
    }

    /// The line of `count` points that have these products.
    pub fn of(sums: Products, count: usize) -> Self {
        if sums.xx == 0.0 || (sums.xx + sums.yy).is_nan() {
            let nan = f64::NAN;
            return Self { alpha: nan, beta: nan, r: nan, p: nan, stderr: nan };
        }
        let beta = sums.xy / sums.xx;
        let alpha = sums.mean_y - beta * sums.mean_x;
        let r = sums.correlation();
        let freedom = count as f64 - 2.0;
        if count == 2 {
            let p = if sums.yy == 0.0 { 1.0 } else { 0.0 };
            return Self { alpha, beta, r, p, stderr: 0.0 };
        }
        let tiny = 1e-20;
        let t = r * (freedom / ((1.0 - r + tiny) * (1.0 + r + tiny))).sqrt();
        let stderr = ((1.0 - r * r) * sums.yy / sums.xx / freedom).sqrt();
        Self { alpha, beta, r, p: super::student_two_sided(t, freedom), stderr }
    }

    /// Whether the points lie so near to the line that its error is all rounding of the products.
    pub fn is_tight(&self) -> bool {
        self.r.abs() > 1.0 - 1e-4
    }
}

/// Beta of `own` to `market`: the slope over the observations where `own` is there; missing where
/// more than `allowed` are not.
pub fn beta(own: &[f64], market: &[f64], allowed: usize) -> f64 {
    let (sums, present) = super::present_products(market, own);
    if own.len() - present > allowed { f64::NAN } else { sums.xy / sums.xx }
}

/// Spearman's correlation: Pearson's of the ranks, equal numbers sharing the mean of theirs.
pub fn spearman(x: &[f64], y: &[f64]) -> f64 {
    if x.iter().chain(y).any(|value| value.is_nan()) {
        return f64::NAN;
    }
    Products::of(&average_ranks(x), &average_ranks(y)).correlation()
}

/// The rank of each value, from 1; equal ones share the mean of theirs.
pub(crate) fn average_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    order.sort_by(|a, b| at(*a).total_cmp(&at(*b)));
    let mut ranks = vec![f64::NAN; values.len()];
    let mut before = 0;
    for tie in order.chunk_by(|a, b| at(*a) == at(*b)) {
        let rank = before as f64 + (tie.len() + 1) as f64 / 2.0;
        before += tie.len();
        for place in tie {
            if let Some(out) = ranks.get_mut(*place) {
                *out = rank;
            }
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_by_hand() {
        // scipy.stats.linregress([1, 2, 3, 4, 5], [2, 4, 5, 4, 5]).
        let line = Line::through(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 4.0, 5.0, 4.0, 5.0]);
        assert!((line.beta - 0.6).abs() < 1e-15 && (line.alpha - 2.2).abs() < 1e-14);
        assert!((line.r - 0.774_596_669_241_483_4).abs() < 1e-14);
        assert!((line.p - 0.124_027_062_657_554_66).abs() < 1e-13, "{}", line.p);
        assert!((line.stderr - 0.282_842_712_474_619).abs() < 1e-14);
        assert!(Line::through(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]).beta.is_nan());
    }

    #[test]
    fn correlations_by_hand() {
        assert_eq!(Products::of(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]).correlation(), 1.0);
        assert!(Products::of(&[1.0, 1.0], &[1.0, 2.0]).correlation().is_nan());
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[1.0, 10.0, 100.0]), 1.0);
        assert!(
            (spearman(&[1.0, 2.0, 2.0, 4.0], &[4.0, 3.0, 1.0, 2.0]) + 0.632_455_532_033_675_9)
                .abs()
                < 1e-14
        );
        assert!(spearman(&[1.0, f64::NAN], &[1.0, 2.0]).is_nan());
    }

    #[test]
    fn beta_skips_what_is_missing() {
        let market = [0.01, -0.02, 0.03, 0.005];
        let own = [0.02, -0.04, f64::NAN, 0.01];
        assert!((beta(&own, &market, 1) - 2.0).abs() < 1e-14);
        assert!(beta(&own, &market, 0).is_nan());
    }
}
