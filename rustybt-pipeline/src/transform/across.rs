//! What a factor becomes across the assets of a session: ranks, scores, bins, summaries, choices.

use super::{Rank, Summary, Transform};
use crate::expression::Scalar;
use crate::filter::Pick;
use crate::term::{Op, Term};
use crate::{AssetName, Classifier, Error, Factor, Filter};

/// A factor seen group by group: every method of [`Factor`] that looks across assets, within
/// those of one label. An asset without a label has no result.
///
/// ```
/// use rustybt_pipeline::{BoundColumn, ColumnKind, CustomFactor, Returns};
///
/// let sector = BoundColumn::of_kind("Fundamentals", "sector", ColumnKind::Text).latest_label()?;
/// let neutral = Returns::new(20)?.factor()?.within(&sector).demean(None);
/// # Ok::<(), rustybt_pipeline::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Grouped<'a> {
    factor: &'a Factor,
    groups: Option<&'a Classifier>,
}

impl Factor {
    /// The factor group by group, for what looks across assets: zipline's `groupby=`.
    pub const fn within<'a>(&'a self, groups: &'a Classifier) -> Grouped<'a> {
        Grouped { factor: self, groups: Some(groups) }
    }

    /// The factor group by group where there are groups.
    pub(crate) const fn grouped<'a>(&'a self, groups: Option<&'a Classifier>) -> Grouped<'a> {
        Grouped { factor: self, groups }
    }

    const fn ungrouped(&self) -> Grouped<'_> {
        Grouped { factor: self, groups: None }
    }

    /// Its place among the assets of `mask` (all that live, without one), from 1; ties and order
    /// as `rank` says. A missing number has no rank.
    #[must_use]
    pub fn rank(&self, rank: Rank, mask: Option<&Filter>) -> Self {
        self.ungrouped().rank(rank, mask)
    }

    /// How many standard deviations it lies from the mean of the assets of `mask`.
    ///
    /// Missing numbers are skipped; the deviation is of the population (ddof 0); where all numbers
    /// are equal the score is missing.
    #[must_use]
    pub fn zscore(&self, mask: Option<&Filter>) -> Self {
        self.ungrouped().zscore(mask)
    }

    /// Its distance from the mean of the assets of `mask`; missing numbers are skipped.
    #[must_use]
    pub fn demean(&self, mask: Option<&Filter>) -> Self {
        self.ungrouped().demean(mask)
    }

    /// With the outermost numbers of the assets of `mask` drawn in: of `k` numbers, the
    /// `⌊low·k⌋` smallest become the next larger one, and those from `⌈high·k⌉` on the one before.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless `0 <= low < high <= 1`.
    pub fn winsorize(&self, low: f64, high: f64, mask: Option<&Filter>) -> Result<Self, Error> {
        self.ungrouped().winsorize(low, high, mask)
    }

    /// The bin of each asset of `mask`, from 0, when their numbers are dealt into `bins` of equal
    /// count, smallest first; equal numbers share a bin. What is missing has none, shown as −1.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for no bins.
    pub fn quantiles(&self, bins: usize, mask: Option<&Filter>) -> Result<Classifier, Error> {
        self.ungrouped().quantiles(bins, mask)
    }

    /// The `n` assets of `mask` with the largest numbers; of equal ones those with the lower sid.
    #[must_use]
    pub fn top(&self, n: usize, mask: Option<&Filter>) -> Filter {
        self.ungrouped().top(n, mask)
    }

    /// The `n` assets of `mask` with the smallest numbers; of equal ones those with the lower sid.
    #[must_use]
    pub fn bottom(&self, n: usize, mask: Option<&Filter>) -> Filter {
        self.ungrouped().bottom(n, mask)
    }

    /// The assets whose number lies between two percentiles of those of `mask`, both included.
    ///
    /// # Errors
    ///
    /// [`Error::Percentiles`] unless `0 <= low < high <= 100`.
    pub fn percentile_between(
        &self,
        low: f64,
        high: f64,
        mask: Option<&Filter>,
    ) -> Result<Filter, Error> {
        Ok(self.ungrouped().picked(Pick::percentiles(low, high)?, mask))
    }

    /// What is left of it when `exposures`, an intercept and `groups` have explained what they
    /// can, over the assets of `mask` that have them all: the residuals of a least-squares
    /// regression on each session, within each group.
    ///
    /// ```
    /// use rustybt_pipeline::{AverageDollarVolume, CustomFactor, Returns};
    ///
    /// let size = AverageDollarVolume::new(20)?.factor()?.math(rustybt_pipeline::Math::Log);
    /// let momentum = Returns::new(252)?.factor()?.neutralize(&[size], None, None);
    /// # Ok::<(), rustybt_pipeline::Error>(())
    /// ```
    #[must_use]
    pub fn neutralize(
        &self,
        exposures: &[Factor],
        groups: Option<&Classifier>,
        mask: Option<&Filter>,
    ) -> Self {
        let mut inputs: Vec<Term> = vec![self.clone().into()];
        inputs.extend(exposures.iter().cloned().map(Term::from));
        inputs.extend(groups.map(|groups| groups.term().clone()));
        let window_safe = inputs.iter().all(Term::is_window_safe);
        let (op, mask) = (Op::Neutral(exposures.len()), Filter::mask_or_exists(mask));
        Self::of_term(Term::new(op, inputs, Some(mask), window_safe))
    }

    /// The mean over the assets of `mask`, one number a session.
    #[must_use]
    pub fn mean(&self, mask: Option<&Filter>) -> Self {
        self.summary(Summary::Mean, mask)
    }

    /// The standard deviation (of the population) over the assets of `mask`, one number a session.
    #[must_use]
    pub fn stddev(&self, mask: Option<&Filter>) -> Self {
        self.summary(Summary::Deviation, mask)
    }

    /// The largest number among the assets of `mask`, one a session.
    #[must_use]
    pub fn max(&self, mask: Option<&Filter>) -> Self {
        self.summary(Summary::Max, mask)
    }

    /// The smallest number among the assets of `mask`, one a session.
    #[must_use]
    pub fn min(&self, mask: Option<&Filter>) -> Self {
        self.summary(Summary::Min, mask)
    }

    /// The median over the assets of `mask`, one number a session.
    #[must_use]
    pub fn median(&self, mask: Option<&Filter>) -> Self {
        self.summary(Summary::Median, mask)
    }

    /// The sum over the assets of `mask`, one number a session; 0 of none.
    #[must_use]
    pub fn sum(&self, mask: Option<&Filter>) -> Self {
        self.summary(Summary::Sum, mask)
    }

    /// How many assets of `mask` have a number, one count a session.
    #[must_use]
    pub fn notnull_count(&self, mask: Option<&Filter>) -> Self {
        self.summary(Summary::Count, mask)
    }

    pub(crate) fn summary(&self, summary: Summary, mask: Option<&Filter>) -> Self {
        let inputs = vec![self.clone().into()];
        let window_safe = Term::from(self.clone()).is_window_safe();
        let mask = Some(Filter::mask_or_exists(mask));
        Self::of_term(Term::new(Op::Summary(summary), inputs, mask, window_safe))
    }

    /// The number of one asset, one a session: zipline's `factor[asset]`. It can be joined with
    /// other factors and looked back over.
    #[must_use]
    pub fn slice(&self, asset: AssetName) -> Self {
        let input = Term::from(self.clone());
        let window_safe = input.is_window_safe();
        Self::of_term(Term::new(Op::Slice(asset), vec![input], None, window_safe))
    }
}

impl Grouped<'_> {
    fn term(&self, op: Op, mask: Option<&Filter>, window_safe: bool) -> Term {
        let mut inputs: Vec<Term> = vec![self.factor.clone().into()];
        inputs.extend(self.groups.map(|groups| groups.term().clone()));
        Term::new(op, inputs, Some(Filter::mask_or_exists(mask)), window_safe)
    }

    fn transformed(&self, transform: Transform, mask: Option<&Filter>) -> Factor {
        let input = Term::from(self.factor.clone());
        let window_safe = transform.is_window_safe() || input.is_window_safe();
        Factor::of_term(self.term(Op::Transform(transform), mask, window_safe))
    }

    fn picked(&self, pick: Pick, mask: Option<&Filter>) -> Filter {
        Filter::of_term(self.term(Op::Pick(pick), mask, true))
    }

    /// As [`Factor::rank`], within each group.
    #[must_use]
    pub fn rank(&self, rank: Rank, mask: Option<&Filter>) -> Factor {
        self.transformed(Transform::Rank(rank), mask)
    }

    /// As [`Factor::zscore`], within each group.
    #[must_use]
    pub fn zscore(&self, mask: Option<&Filter>) -> Factor {
        self.transformed(Transform::ZScore, mask)
    }

    /// As [`Factor::demean`], within each group.
    #[must_use]
    pub fn demean(&self, mask: Option<&Filter>) -> Factor {
        self.transformed(Transform::Demean, mask)
    }

    /// As [`Factor::winsorize`], within each group.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless `0 <= low < high <= 1`.
    pub fn winsorize(&self, low: f64, high: f64, mask: Option<&Filter>) -> Result<Factor, Error> {
        if !(0.0 <= low && low < high && high <= 1.0) {
            return Err(Error::Parameter {
                term: "winsorize".to_owned(),
                expected: "shares from 0 to 1, the lower one first",
                found: format!("{low} and {high}"),
            });
        }
        Ok(self.transformed(Transform::Winsorize(Scalar(low), Scalar(high)), mask))
    }

    /// As [`Factor::quantiles`], within each group.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for no bins.
    pub fn quantiles(&self, bins: usize, mask: Option<&Filter>) -> Result<Classifier, Error> {
        if bins == 0 {
            let (term, found) = ("quantiles".to_owned(), "0".to_owned());
            return Err(Error::Parameter { term, expected: "at least 1 bin", found });
        }
        Ok(Classifier::of_term(self.term(Op::Quantiles(bins), mask, true)))
    }

    /// As [`Factor::top`], of each group.
    #[must_use]
    pub fn top(&self, n: usize, mask: Option<&Filter>) -> Filter {
        self.picked(Pick::Top(n), mask)
    }

    /// As [`Factor::bottom`], of each group.
    #[must_use]
    pub fn bottom(&self, n: usize, mask: Option<&Filter>) -> Filter {
        self.picked(Pick::Bottom(n), mask)
    }
}
