//! Classifiers: a label for each asset on each session.

mod relabel;
mod test;

pub(crate) use relabel::Relabel;
pub use test::Label;
pub(crate) use test::{LabelTest, Pattern};

use std::sync::Arc;

use crate::term::{Op, Term};
use crate::{Dtype, Error, Factor, Filter};

/// A label for each asset on each session: a whole number or a text, missing where there is none.
///
/// Labels make groups, for [`Factor::within`](crate::Factor::within), and filters. Like factors, classifiers are
/// values, and equal ones are computed once.
///
/// ```
/// use rustybt_pipeline::{BoundColumn, ColumnKind, Label};
///
/// let sector = BoundColumn::of_kind("Fundamentals", "sector", ColumnKind::Text).latest_label()?;
/// let banks = sector.equals("bank")? | sector.element_of(["insurer", "broker"])?;
/// # Ok::<(), rustybt_pipeline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Classifier(Term);

impl From<Classifier> for Term {
    fn from(classifier: Classifier) -> Self {
        classifier.0
    }
}

impl From<&Classifier> for Classifier {
    fn from(classifier: &Classifier) -> Self {
        classifier.clone()
    }
}

impl Classifier {
    pub(crate) fn of_term(term: Term) -> Self {
        Self(term)
    }

    pub(crate) fn term(&self) -> &Term {
        &self.0
    }

    /// The same label, 0, for every asset that lives: zipline's `Everything`.
    pub fn everything() -> Self {
        Self(Term::new(Op::Everything, Vec::new(), Some(Term::exists()), true))
    }

    /// Whether labels are texts.
    pub fn is_text(&self) -> bool {
        self.0.dtype() == Dtype::Text
    }

    fn test(&self, test: LabelTest) -> Result<Filter, Error> {
        test.check(self.is_text())?;
        let inputs = vec![self.0.clone()];
        Ok(Filter::of_term(Term::new(Op::Label(test), inputs, Some(Term::exists()), true)))
    }

    /// Where the label is this one.
    ///
    /// # Errors
    ///
    /// [`Error::LabelKind`] for a text where labels are numbers, and the other way round.
    pub fn equals(&self, label: impl Into<Label>) -> Result<Filter, Error> {
        self.test(LabelTest::Is(label.into()))
    }

    /// Where there is a label, and it is another one.
    ///
    /// # Errors
    ///
    /// As [`equals`](Self::equals).
    pub fn differs(&self, label: impl Into<Label>) -> Result<Filter, Error> {
        self.test(LabelTest::Differs(label.into()))
    }

    /// Where the label is one of these.
    ///
    /// # Errors
    ///
    /// As [`equals`](Self::equals).
    pub fn element_of<L: Into<Label>>(
        &self,
        labels: impl IntoIterator<Item = L>,
    ) -> Result<Filter, Error> {
        self.test(LabelTest::OneOf(labels.into_iter().map(Into::into).collect()))
    }

    /// Where the text begins so.
    ///
    /// # Errors
    ///
    /// [`Error::LabelKind`] where labels are numbers.
    pub fn starts_with(&self, text: impl Into<String>) -> Result<Filter, Error> {
        self.test(LabelTest::StartsWith(text.into()))
    }

    /// Where the text ends so.
    ///
    /// # Errors
    ///
    /// As [`starts_with`](Self::starts_with).
    pub fn ends_with(&self, text: impl Into<String>) -> Result<Filter, Error> {
        self.test(LabelTest::EndsWith(text.into()))
    }

    /// Where the text has this in it.
    ///
    /// # Errors
    ///
    /// As [`starts_with`](Self::starts_with).
    pub fn has_substring(&self, text: impl Into<String>) -> Result<Filter, Error> {
        self.test(LabelTest::Contains(text.into()))
    }

    /// Where the beginning of the text matches a regular expression.
    ///
    /// # Errors
    ///
    /// As [`starts_with`](Self::starts_with); [`Error::Pattern`] for what is no expression.
    pub fn matches(&self, pattern: &str) -> Result<Filter, Error> {
        self.test(LabelTest::Matches(Pattern::new(pattern)?))
    }

    /// Where there is no label, among the assets that live.
    pub fn isnull(&self) -> Filter {
        let (inputs, mask) = (vec![self.0.clone()], Some(Term::exists()));
        Filter::of_term(Term::new(Op::Test(crate::expression::Test::Missing), inputs, mask, true))
    }

    /// Where there is a label.
    pub fn notnull(&self) -> Filter {
        let (inputs, mask) = (vec![self.0.clone()], Some(Term::exists()));
        Filter::of_term(Term::new(Op::Test(crate::expression::Test::Present), inputs, mask, true))
    }

    /// Other texts in place of these; `None` makes a label missing, and labels may fall together.
    ///
    /// # Errors
    ///
    /// [`Error::LabelKind`] where labels are numbers.
    pub fn relabel(
        &self,
        relabel: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        self.relabelled(Relabel::of(Arc::new(relabel)))
    }

    /// Other texts in place of those named; all others stay as they are.
    ///
    /// # Errors
    ///
    /// As [`relabel`](Self::relabel).
    pub fn relabel_with<A: Into<String>, B: Into<String>>(
        &self,
        pairs: impl IntoIterator<Item = (A, B)>,
    ) -> Result<Self, Error> {
        let pairs = pairs.into_iter().map(|(from, to)| (from.into(), to.into()));
        self.relabelled(Relabel::table(pairs))
    }

    /// With this label where there is none.
    ///
    /// # Errors
    ///
    /// As [`equals`](Self::equals).
    pub fn fillna(&self, label: impl Into<Label>) -> Result<Self, Error> {
        let label = label.into();
        LabelTest::Is(label.clone()).check(self.is_text())?;
        let op = match label {
            Label::Integer(label) => Op::Fill(crate::expression::Scalar(label as f64)),
            Label::Text(text) => Op::FillText(text),
        };
        Ok(Self(Term::new(op, vec![self.0.clone()], None, self.0.is_window_safe())))
    }

    fn relabelled(&self, relabel: Relabel) -> Result<Self, Error> {
        if !self.is_text() {
            return Err(Error::LabelKind { what: "relabel".into(), labels: "integers" });
        }
        Ok(Self(Term::new(Op::Relabel(relabel), vec![self.0.clone()], None, true)))
    }

    /// How many assets of `mask` (all that live, without one) have the asset's label.
    #[must_use]
    pub fn peer_count(&self, mask: Option<&Filter>) -> Factor {
        let mask = Filter::mask_or_exists(mask);
        Factor::of_term(Term::new(Op::PeerCount, vec![self.0.clone()], Some(mask), true))
    }

    /// The same labels, for the assets of `mask` alone.
    #[must_use]
    pub fn masked(&self, mask: &Filter) -> Self {
        Self(Term::new(Op::Where, vec![self.0.clone()], Some(mask.clone().into()), true))
    }

    /// The label of the first session of each period, all through it.
    #[must_use]
    pub fn downsample(&self, period: crate::Period) -> Self {
        Self(Term::new(Op::Downsample(period), vec![self.0.clone()], None, false))
    }

    /// The same under another name, for graphs.
    #[must_use]
    pub fn alias(&self, name: impl Into<String>) -> Self {
        Self(Term::new(Op::Alias(name.into()), vec![self.0.clone()], None, self.0.is_window_safe()))
    }
}
