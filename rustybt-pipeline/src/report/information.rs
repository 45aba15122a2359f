//! How well a factor foretells: the information coefficient.

use rustybt_calendars::Session;

use super::sample::Sample;
use crate::kernel::{self, Products};

/// What the information coefficients of many sessions come to; those that are missing are skipped.
///
/// The coefficient of a session is Spearman's correlation of the factor with the forward returns across
/// assets (R. C. Grinold and R. N. Kahn, *Active Portfolio Management*, 2nd edition, chapters 6 and 10).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Information {
    /// Sessions that have one.
    pub sessions: usize,
    /// The mean.
    pub mean: f64,
    /// The standard deviation, of a sample (ddof 1).
    pub std: f64,
    /// The mean over the deviation: what Grinold and Kahn's information ratio rests on, of one session.
    pub ratio: f64,
    /// Student's t of a mean of zero: `mean / (std / √n)`. Windows longer than a session overlap, so
    /// that it flatters where the period is more than one.
    pub t: f64,
    /// The probability of such a t or a larger one by chance, on both sides.
    pub p: f64,
    /// Skew, of the population.
    pub skew: f64,
    /// Excess kurtosis, of the population.
    pub kurtosis: f64,
}

impl Information {
    /// Of the coefficients of many sessions.
    pub fn of(coefficients: &[f64]) -> Self {
        let present: Vec<f64> = coefficients.iter().copied().filter(|ic| !ic.is_nan()).collect();
        let count = present.len() as f64;
        let [mean, std] = kernel::mean_and_deviation(&present);
        let std = if present.len() > 1 { std * (count / (count - 1.0)).sqrt() } else { f64::NAN };
        let t = mean / (std / count.sqrt());
        Self {
            sessions: present.len(),
            mean,
            std,
            ratio: mean / std,
            t,
            p: kernel::student_two_sided(t, count - 1.0),
            skew: kernel::skew(&present),
            kurtosis: kernel::kurtosis(&present),
        }
    }
}

/// The ranks of a series within each session, equal numbers sharing the mean of theirs.
pub(super) fn ranks(sample: &Sample, values: &[f64]) -> Vec<f64> {
    let mut all = Vec::with_capacity(values.len());
    for day in &sample.days {
        all.extend(kernel::average_ranks(values.get(day.rows.clone()).unwrap_or_default()));
    }
    all
}

/// The coefficient of each session: Pearson's correlation of both sides' ranks.
pub(super) fn coefficients(sample: &Sample, factor: &[f64], returns: &[f64]) -> Vec<f64> {
    let days = sample.days.iter().map(|day| {
        let part = |ranks: &'_ [f64]| ranks.get(day.rows.clone()).unwrap_or_default().to_vec();
        Products::of(&part(factor), &part(returns)).correlation()
    });
    days.collect()
}

/// The mean coefficient within each group: over sessions, of the correlation across its assets alone.
pub(super) fn by_group(sample: &Sample, returns: &[f64]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0_u32); sample.groups.len()];
    for day in &sample.days {
        for part in sample.parts(&day.rows, true) {
            let (x, y) = (Sample::pick(&sample.factor, &part), Sample::pick(returns, &part));
            let found = kernel::spearman(&x, &y);
            let group = part.first().and_then(|row| sample.group.get(*row)).copied();
            if let (false, Some(sum)) = (found.is_nan(), group.and_then(|g| sums.get_mut(g))) {
                *sum = (sum.0 + found, sum.1 + 1);
            }
        }
    }
    sums.into_iter().map(|(sum, count)| sum / f64::from(count)).collect()
}

/// A calendar month and the mean of its sessions' coefficients, `NaN` where none has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Month {
    /// As in `2015-03`.
    pub month: String,
    /// The mean.
    pub mean: f64,
}

/// The coefficients by calendar month, oldest first.
pub(super) fn by_month(sessions: &[Session], coefficients: &[f64]) -> Vec<Month> {
    let name = |session: &Session| session.to_string().get(..7).unwrap_or_default().to_owned();
    let named: Vec<(String, f64)> =
        sessions.iter().map(name).zip(coefficients.iter().copied()).collect();
    let months = named.chunk_by(|one, other| one.0 == other.0).map(|part| {
        let values: Vec<f64> = part.iter().map(|(_, value)| *value).collect();
        let month = part.first().map(|(name, _)| name.clone()).unwrap_or_default();
        Month { month, mean: kernel::mean(&values) }
    });
    months.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_by_hand() {
        // scipy.stats.ttest_1samp([0.1, -0.02, 0.05, 0.07], 0).
        let found = Information::of(&[0.1, f64::NAN, -0.02, 0.05, 0.07]);
        assert_eq!(found.sessions, 4);
        assert!(
            (found.mean - 0.05).abs() < 1e-15
                && (found.std - 0.050_990_195_135_927_85).abs() < 1e-15
        );
        assert!((found.t - 1.961_161_351_381_840_3).abs() < 1e-12, "{}", found.t);
        assert!((found.p - 0.144_688_167_969_528_77).abs() < 1e-12, "{}", found.p);
        assert!(Information::of(&[0.1]).std.is_nan() && Information::of(&[]).mean.is_nan());
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let sessions: Vec<Session> = ["2015-01-30", "2015-02-02", "2015-02-03"]
            .iter()
            .map(|day| day.parse().unwrap())
            .collect();
        let months = by_month(&sessions, &[0.5, 0.1, 0.3]);
        assert_eq!(months[1], Month { month: "2015-02".into(), mean: 0.2 });
        assert_eq!(months.len(), 2);
    }
}
