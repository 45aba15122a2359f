//! Columns: where the numbers of a pipeline come from.

use std::borrow::Cow;
use std::fmt;

use crate::factor::{CustomFactor, Latest};
use crate::term::{Op, Term};
use crate::{Classifier, Dtype, Error, Factor, Filter};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ColumnKind {
    /// Numbers; its latest value is a factor.
    #[default]
    Number,
    /// True or false; its latest value is a filter.
    Flag,
    /// Whole numbers up to 2^53; its latest value is a classifier.
    Integer,
    /// Texts; its latest value is a classifier.
    Text,
    /// Instants, to the microsecond; its latest value is a factor of times.
    Time,
}

impl ColumnKind {
    pub(crate) const fn dtype(self) -> Dtype {
        match self {
            Self::Number => Dtype::Number,
            Self::Flag => Dtype::Flag,
            Self::Integer => Dtype::Integer,
            Self::Text => Dtype::Text,
            Self::Time => Dtype::Time,
        }
    }
}

/// A column of a data set, such as the close of `EquityPricing`.
///
/// A column is no number of a day yet: it is what windows are cut from. [`latest`](Self::latest)
/// is its newest value. The past of a column is restated when prices are, so a window over a
/// column is always safe.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BoundColumn {
    dataset: Cow<'static, str>,
    name: Cow<'static, str>,
    kind: ColumnKind,
}

impl BoundColumn {
    /// The column `name` of the data set `dataset`, which holds numbers.
    pub const fn new(dataset: Cow<'static, str>, name: Cow<'static, str>) -> Self {
        Self { dataset, name, kind: ColumnKind::Number }
    }

    /// The column `name` of the data set `dataset`, which holds this.
    pub fn of_kind(
        dataset: impl Into<Cow<'static, str>>,
        name: impl Into<Cow<'static, str>>,
        kind: ColumnKind,
    ) -> Self {
        Self { dataset: dataset.into(), name: name.into(), kind }
    }

    const fn of_equities(name: &'static str) -> Self {
        Self::new(Cow::Borrowed(EquityPricing::NAME), Cow::Borrowed(name))
    }

    /// The data set it belongs to.
    pub fn dataset(&self) -> &str {
        &self.dataset
    }

    /// Its own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it holds.
    pub const fn kind(&self) -> ColumnKind {
        self.kind
    }

    /// The newest value known before each session: that of the session before it, adjusted as of
    /// the session.
    ///
    /// Of a column of times it is a factor of times. Of flags and labels it is their number: 0 and
    /// 1, or the label; see [`latest_flag`](Self::latest_flag) and [`latest_label`](Self::latest_label).
    pub fn latest(&self) -> Factor {
        match self.kind {
            ColumnKind::Time => Factor::of_term(self.latest_term()),
            _ => Latest.of_column(self),
        }
    }

    /// The newest value of a column of flags; missing is false.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnKind`] where it holds something else.
    pub fn latest_flag(&self) -> Result<Filter, Error> {
        match self.kind {
            ColumnKind::Flag => Ok(Filter::of_term(self.latest_term())),
            _ => Err(self.not("flags")),
        }
    }

    /// The newest value of a column of whole numbers or texts.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnKind`] where it holds something else.
    pub fn latest_label(&self) -> Result<Classifier, Error> {
        match self.kind {
            ColumnKind::Integer | ColumnKind::Text => Ok(Classifier::of_term(self.latest_term())),
            _ => Err(self.not("labels")),
        }
    }

    fn latest_term(&self) -> Term {
        let op = Op::Latest(self.kind, self.clone());
        Term::new(op, vec![self.term()], Some(Term::exists()), false)
    }

    fn not(&self, expected: &'static str) -> Error {
        let found = self.kind.dtype().name();
        Error::ColumnKind { column: self.to_string(), found, expected }
    }

    pub(crate) fn term(&self) -> Term {
        Term::new(Op::Column(self.clone()), Vec::new(), None, true)
    }
}

impl fmt::Display for BoundColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.dataset, self.name)
    }
}

/// Something a window can be cut from: a column, or a term whose past stays comparable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Input(pub(crate) Term);

impl From<BoundColumn> for Input {
    fn from(column: BoundColumn) -> Self {
        Self(column.term())
    }
}

impl From<&BoundColumn> for Input {
    fn from(column: &BoundColumn) -> Self {
        Self(column.term())
    }
}

impl From<Factor> for Input {
    fn from(factor: Factor) -> Self {
        Self(factor.into())
    }
}

impl From<&Factor> for Input {
    fn from(factor: &Factor) -> Self {
        Self(factor.clone().into())
    }
}

impl From<&Filter> for Input {
    fn from(filter: &Filter) -> Self {
        Self(filter.clone().into())
    }
}

impl From<&Classifier> for Input {
    fn from(classifier: &Classifier) -> Self {
        Self(classifier.term().clone())
    }
}

/// The daily bars of equities, as zipline's data set of that name.
///
/// Prices are in the asset's quote currency, volume in units of the asset; both are adjusted as of
/// the session that looks at them.
#[derive(Debug, Clone, Copy)]
pub struct EquityPricing;

impl EquityPricing {
    /// The data set's name.
    pub const NAME: &'static str = "EquityPricing";
    /// First price of the session.
    pub const OPEN: BoundColumn = BoundColumn::of_equities("open");
    /// Highest price of the session.
    pub const HIGH: BoundColumn = BoundColumn::of_equities("high");
    /// Lowest price of the session.
    pub const LOW: BoundColumn = BoundColumn::of_equities("low");
    /// Last price of the session.
    pub const CLOSE: BoundColumn = BoundColumn::of_equities("close");
    /// Units traded in the session.
    pub const VOLUME: BoundColumn = BoundColumn::of_equities("volume");
    /// Every column, in the customary order.
    pub const ALL: [BoundColumn; 5] =
        [Self::OPEN, Self::HIGH, Self::LOW, Self::CLOSE, Self::VOLUME];
}

impl Latest {
    fn of_column(self, column: &BoundColumn) -> Factor {
        Factor::from_window(self, vec![column.term()])
    }
}

/// Turns inputs into terms, checking that `custom` may look back over each of them.
pub(crate) fn checked_inputs(
    custom: &dyn CustomFactor,
    inputs: impl IntoIterator<Item = Input>,
) -> Result<Vec<Term>, Error> {
    let inputs: Vec<Term> = inputs.into_iter().map(|input| input.0).collect();
    let window = custom.window_length();
    if window < 1 {
        return Err(Error::WindowLength {
            term: custom.name().to_owned(),
            found: window,
            least: 1,
        });
    }
    let expected = custom.arity().unwrap_or(inputs.len().max(1));
    if inputs.len() != expected {
        return Err(Error::Inputs {
            term: custom.name().to_owned(),
            found: inputs.len(),
            expected,
        });
    }
    match inputs.iter().find(|input| window > 1 && !input.is_window_safe()) {
        Some(unsafe_input) => Err(Error::NotWindowSafe {
            term: custom.name().to_owned(),
            input: unsafe_input.label(),
        }),
        None => Ok(inputs),
    }
}
