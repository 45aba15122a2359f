//! Columns: where the numbers of a pipeline come from.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

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
#[derive(Debug, Clone)]
pub struct BoundColumn {
    dataset: Cow<'static, str>,
    name: Cow<'static, str>,
    kind: ColumnKind,
    /// The currency it is converted into.
    currency: Option<String>,
    /// Whether it holds money; a mark for its makers, no part of what it is.
    is_money: bool,
}

impl BoundColumn {
    /// The column `name` of the data set `dataset`, which holds numbers.
    pub const fn new(dataset: Cow<'static, str>, name: Cow<'static, str>) -> Self {
        Self { dataset, name, kind: ColumnKind::Number, currency: None, is_money: false }
    }

    /// The column `name` of the data set `dataset`, which holds money, in the currency of each asset: it
    /// can be [converted](Self::fx).
    pub const fn of_money(dataset: Cow<'static, str>, name: Cow<'static, str>) -> Self {
        Self { dataset, name, kind: ColumnKind::Number, currency: None, is_money: true }
    }

    /// The column `name` of the data set `dataset`, which holds this.
    pub fn of_kind(
        dataset: impl Into<Cow<'static, str>>,
        name: impl Into<Cow<'static, str>>,
        kind: ColumnKind,
    ) -> Self {
        let (dataset, name) = (dataset.into(), name.into());
        Self { dataset, name, kind, currency: None, is_money: false }
    }

    const fn of_equities(name: &'static str, kind: ColumnKind, is_money: bool) -> Self {
        let dataset = Cow::Borrowed(EquityPricing::NAME);
        Self { dataset, name: Cow::Borrowed(name), kind, currency: None, is_money }
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

    /// The same money in another currency, such as `EUR`: each value at the rate of its own day, or the
    /// last one before. In the same currency it is the same column.
    ///
    /// ```
    /// use rustybt_pipeline::EquityPricing;
    ///
    /// let euros = EquityPricing::CLOSE.fx("EUR")?;
    /// assert_eq!(euros.to_string(), "EquityPricing.close.fx('EUR')");
    /// assert!(EquityPricing::VOLUME.fx("EUR").is_err());
    /// # Ok::<(), rustybt_pipeline::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NoMoney`] where it holds something else.
    pub fn fx(&self, currency: impl Into<String>) -> Result<Self, Error> {
        if !self.is_money {
            return Err(Error::NoMoney { column: self.to_string() });
        }
        Ok(self.converted(currency.into()))
    }

    /// The same in another currency, whatever it holds.
    pub(crate) fn converted(&self, currency: String) -> Self {
        Self { currency: Some(currency), ..self.clone() }
    }

    /// The currency it is converted into; none where it is in that of each asset, or no money.
    pub fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }

    /// The column that it is converted from: itself, where it is not.
    #[must_use]
    pub fn unconverted(&self) -> Cow<'_, Self> {
        match self.currency {
            Some(_) => Cow::Owned(Self { currency: None, ..self.clone() }),
            None => Cow::Borrowed(self),
        }
    }

    fn key(&self) -> (&str, &str, ColumnKind, Option<&str>) {
        (&self.dataset, &self.name, self.kind, self.currency())
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

impl PartialEq for BoundColumn {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for BoundColumn {}

impl PartialOrd for BoundColumn {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for BoundColumn {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for BoundColumn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Display for BoundColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.dataset, self.name)?;
        self.currency().map_or(Ok(()), |currency| write!(f, ".fx('{currency}')"))
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
    pub const OPEN: BoundColumn = BoundColumn::of_equities("open", ColumnKind::Number, true);
    /// Highest price of the session.
    pub const HIGH: BoundColumn = BoundColumn::of_equities("high", ColumnKind::Number, true);
    /// Lowest price of the session.
    pub const LOW: BoundColumn = BoundColumn::of_equities("low", ColumnKind::Number, true);
    /// Last price of the session.
    pub const CLOSE: BoundColumn = BoundColumn::of_equities("close", ColumnKind::Number, true);
    /// Units traded in the session.
    pub const VOLUME: BoundColumn = BoundColumn::of_equities("volume", ColumnKind::Number, false);
    /// The currency of the asset's prices, a text.
    pub const CURRENCY: BoundColumn = BoundColumn::of_equities("currency", ColumnKind::Text, false);
    /// The columns of bars, in the customary order.
    pub const ALL: [BoundColumn; 5] =
        [Self::OPEN, Self::HIGH, Self::LOW, Self::CLOSE, Self::VOLUME];

    /// Every column: those of bars, then the currency.
    pub(crate) fn columns() -> Vec<BoundColumn> {
        Self::ALL.into_iter().chain([Self::CURRENCY]).collect()
    }
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
