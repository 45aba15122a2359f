//! A pipeline: named terms and a screen.

use crate::graph::Graph;
use crate::term::{Op, Term};
use crate::{BoundColumn, Domain, Filter, drawing};

/// What to compute and for whom: named factors and filters, and a screen.
///
/// ```
/// use rustybt_pipeline::{AverageDollarVolume, CustomFactor, EquityPricing, Pipeline, Rank, Returns};
///
/// let liquid = AverageDollarVolume::new(20)?.factor()?.top(500, None);
/// let momentum = Returns::new(252)?.factor()?.zscore(Some(&liquid));
/// let pipeline = Pipeline::new()
///     .with("close", EquityPricing::CLOSE.latest())
///     .with("rank", momentum.rank(Rank::descending(), Some(&liquid)))
///     .screen(liquid);
/// # Ok::<(), rustybt_pipeline::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pipeline {
    columns: Vec<(String, Term)>,
    screen: Option<Filter>,
    domain: Option<Domain>,
}

impl Pipeline {
    /// A pipeline without columns, that shows every asset that lives.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a factor or filter under this name, in place of what had the name before.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, term: impl Into<Term>) -> Self {
        let (name, term) = (name.into(), term.into());
        match self.columns.iter_mut().find(|(known, _)| *known == name) {
            Some(column) => column.1 = term,
            None => self.columns.push((name, term)),
        }
        self
    }

    /// Without the column of this name; `None` where there is none.
    #[must_use]
    pub fn without(mut self, name: &str) -> Option<Self> {
        let at = self.columns.iter().position(|(known, _)| known == name)?;
        self.columns.remove(at);
        Some(self)
    }

    /// With a screen: only rows at which it holds are given out.
    #[must_use]
    pub fn screen(mut self, filter: impl Into<Filter>) -> Self {
        self.screen = Some(filter.into());
        self
    }

    /// Of this market: zipline's `domain`.
    ///
    /// ```
    /// use rustybt_pipeline::{Domain, EquityPricing, Pipeline};
    ///
    /// let close = EquityPricing::CLOSE.latest();
    /// let pipeline = Pipeline::new().with("close", close).of(Domain::CRYPTO);
    /// assert_eq!(pipeline.domain().unwrap().calendar(), Some("24/7"));
    /// ```
    #[must_use]
    pub fn of(mut self, domain: Domain) -> Self {
        self.domain = Some(domain);
        self
    }

    /// The market it is of; `None` where it runs on any.
    pub const fn domain(&self) -> Option<&Domain> {
        self.domain.as_ref()
    }

    /// The names and terms, in the order in which they were added.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Term)> {
        self.columns.iter().map(|(name, term)| (name.as_str(), term))
    }

    /// The screen, where one was set.
    pub fn screen_filter(&self) -> Option<&Filter> {
        self.screen.as_ref()
    }

    /// The columns that it is computed from, each once.
    pub fn inputs(&self) -> Vec<BoundColumn> {
        let graph = Graph::new(self);
        let column = |number| match graph.term(number).op() {
            Op::Column(column) => Some(column.clone()),
            _ => None,
        };
        (0..graph.len()).filter_map(column).collect()
    }

    /// The graph of its terms, equal ones merged, in the language of Graphviz.
    ///
    /// Cylinders are columns, boxes numbers, diamonds flags; dashed lines are masks.
    pub fn graph_dot(&self) -> String {
        Graph::new(self).dot()
    }

    /// The graph of its terms as an SVG picture, from columns on the left to outputs on the right.
    pub fn graph_svg(&self) -> String {
        drawing::svg(&Graph::new(self))
    }
}

impl From<&Filter> for Filter {
    fn from(filter: &Filter) -> Self {
        filter.clone()
    }
}
