//! The open contract of factors: a formula over windows.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use ndarray::{ArrayView2, ArrayViewMut1};
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::Sid;

use crate::identity::Identity;
use crate::{BoundColumn, Error, Factor, Input, Parameters};

/// A formula that turns windows of inputs into one number for each asset.
///
/// # Contract
///
/// * What is computed depends on the windows (and the session and assets they name) alone: never
///   on other sessions, never on what was computed before.
/// * `Eq` and `Hash` compare every parameter: equal formulas over equal inputs are computed once.
///
/// # Example
///
/// ```
/// use ndarray::ArrayViewMut1;
/// use rustybt_pipeline::{BoundColumn, CustomFactor, EquityPricing, Windows};
///
/// /// The close of `window` sessions ago over the latest one.
/// #[derive(Debug, PartialEq, Eq, Hash)]
/// struct Fall {
///     window: usize,
/// }
///
/// impl CustomFactor for Fall {
///     fn name(&self) -> &str {
///         "Fall"
///     }
///     fn window_length(&self) -> usize {
///         self.window
///     }
///     fn inputs(&self) -> Vec<BoundColumn> {
///         vec![EquityPricing::CLOSE]
///     }
///     fn compute(&self, windows: &Windows<'_>, mut out: ArrayViewMut1<'_, f64>) {
///         let close = windows[0];
///         out.assign(&(&close.row(0) / &close.row(self.window - 1)));
///     }
/// }
///
/// let steep = Fall { window: 10 }.factor()?.top(5, None);
/// # Ok::<(), rustybt_pipeline::Error>(())
/// ```
pub trait CustomFactor: Identity + fmt::Debug + Send + Sync {
    /// Its name, for graphs and messages.
    fn name(&self) -> &str;

    /// Rows in a window, at least 1.
    fn window_length(&self) -> usize;

    /// The columns it is computed from where nobody says otherwise; none by default.
    fn inputs(&self) -> Vec<BoundColumn> {
        Vec::new()
    }

    /// How many inputs it takes: as many as the default ones, where there are any. `None` for any
    /// number.
    fn arity(&self) -> Option<usize> {
        Some(self.inputs().len()).filter(|count| *count > 0)
    }

    /// Whether its past values stay comparable when prices are restated for a split, so that a
    /// further window may be cut from them: true of returns, false of prices.
    fn window_safe(&self) -> bool {
        false
    }

    /// The names of its outputs, where it has several; none where it has one.
    ///
    /// With several, [`compute`](Self::compute) and [`BlockForm::compute_block`] write all of the
    /// first output, then all of the second, and so on.
    fn outputs(&self) -> &[&'static str] {
        &[]
    }

    /// Its parameters, to be written down and sent with a pipeline; see [`Vocabulary`](crate::Vocabulary) for
    /// reading them back. By default there are none to tell, and a pipeline of it stays where it is.
    fn parameters(&self) -> Option<Parameters> {
        None
    }

    /// Computes one session: `windows` holds one `(window, assets)` array for each input, oldest
    /// row first; `out` has one place for each asset and starts as `NaN`.
    fn compute(&self, windows: &Windows<'_>, out: ArrayViewMut1<'_, f64>);

    /// The block form, for formulas that treat each asset alone; used instead of
    /// [`compute`](Self::compute) where there is one.
    fn block_form(&self) -> Option<&dyn BlockForm> {
        None
    }

    /// The factor over the default inputs.
    ///
    /// # Errors
    ///
    /// As [`Factor::custom`].
    fn factor(self) -> Result<Factor, Error>
    where
        Self: Sized,
    {
        let inputs = self.inputs();
        Factor::custom(self, inputs)
    }

    /// The factor over these inputs.
    ///
    /// # Errors
    ///
    /// As [`Factor::custom`].
    fn on<I: Into<Input>>(self, inputs: impl IntoIterator<Item = I>) -> Result<Factor, Error>
    where
        Self: Sized,
    {
        Factor::custom(self, inputs)
    }
}

/// The fast form of a formula that treats each asset alone: many windows of one asset at a time.
///
/// # Contract
///
/// `out[i]` is the value of the window `i .. i + window_length` of every series, and depends on
/// nothing but those values and `origin + i`: not on where the block starts or ends. Then results
/// are the same bits in any chunking and on any number of threads. A sum that slides (one value
/// added, one subtracted) breaks this; [`kernel`](crate::kernel) has those that do not.
pub trait BlockForm: Sync {
    /// Computes `out.len()` windows; each series is `out.len() + window_length − 1` values long.
    /// A formula of several outputs has that many times as many places to fill.
    fn compute_block(&self, block: &Block<'_>, out: &mut [f64]);
}

/// The windows of one session: one `(window, assets)` array for each input, oldest row first.
///
/// Prices in them are adjusted as of the session.
#[derive(Debug)]
pub struct Windows<'a> {
    pub(crate) session: Session,
    pub(crate) opens: Option<Timestamp>,
    pub(crate) sids: &'a [Sid],
    pub(crate) inputs: &'a [ArrayView2<'a, f64>],
}

impl<'a> Windows<'a> {
    /// Windows made by hand, to try a formula on.
    pub const fn new(session: Session, sids: &'a [Sid], inputs: &'a [ArrayView2<'a, f64>]) -> Self {
        Self { session, opens: None, sids, inputs }
    }

    /// The session computed; the newest row is of the session before it.
    pub const fn session(&self) -> Session {
        self.session
    }

    /// The moment computed, at which the session or the bar of the row opens; `None` of windows made by hand.
    pub const fn opens(&self) -> Option<Timestamp> {
        self.opens
    }

    /// The assets, one a column, in ascending order.
    pub const fn sids(&self) -> &'a [Sid] {
        self.sids
    }
}

impl<'a> Deref for Windows<'a> {
    type Target = [ArrayView2<'a, f64>];

    fn deref(&self) -> &Self::Target {
        self.inputs
    }
}

/// Consecutive values of one asset: one series for each input, all of the same rows.
///
/// Prices in it are restated as the windows of the block see them: no event falls between the
/// first session computed and the last.
#[derive(Debug)]
pub struct Block<'a> {
    pub(crate) origin: usize,
    pub(crate) inputs: &'a [&'a [f64]],
}

impl<'a> Block<'a> {
    /// A block made by hand, to try a formula on.
    pub const fn new(origin: usize, inputs: &'a [&'a [f64]]) -> Self {
        Self { origin, inputs }
    }

    /// The position of the first value among the sessions of the calendar: an anchor that is the
    /// same for every block.
    pub const fn origin(&self) -> usize {
        self.origin
    }

    /// One series; empty where there is no such input.
    pub fn series(&self, input: usize) -> &'a [f64] {
        self.inputs.get(input).copied().unwrap_or_default()
    }
}

/// A formula as a term holds it: shared, compared by type and parameters.
#[derive(Clone)]
pub(crate) struct Formula(Arc<dyn CustomFactor>);

impl Formula {
    pub(crate) fn new(custom: impl CustomFactor) -> Self {
        Self(Arc::new(custom))
    }

    pub(crate) fn label(&self) -> String {
        match self.window_length() {
            1 => self.name().to_owned(),
            window => format!("{}({window})", self.name()),
        }
    }
}

impl Deref for Formula {
    type Target = dyn CustomFactor;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.is_same(other.0.as_any())
    }
}

impl Eq for Formula {}

impl Hash for Formula {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.digest(state);
    }
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

type Compute = dyn Fn(&Windows<'_>, ArrayViewMut1<'_, f64>) + Send + Sync;

/// A closure as a formula. What it captured cannot be compared, so it equals nothing but itself.
pub(super) struct Closure {
    name: String,
    window_length: usize,
    compute: Arc<Compute>,
}

impl Closure {
    pub(super) fn new(
        name: String,
        window_length: usize,
        compute: impl Fn(&Windows<'_>, ArrayViewMut1<'_, f64>) + Send + Sync + 'static,
    ) -> Self {
        Self { name, window_length, compute: Arc::new(compute) }
    }

    /// Unique even for closures without captures: the counts of an `Arc` always take memory.
    fn address(&self) -> usize {
        Arc::as_ptr(&self.compute).cast::<()>().addr()
    }
}

impl PartialEq for Closure {
    fn eq(&self, other: &Self) -> bool {
        self.address() == other.address()
    }
}

impl Eq for Closure {}

impl Hash for Closure {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.address().hash(state);
    }
}

impl fmt::Debug for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closure").field("name", &self.name).finish_non_exhaustive()
    }
}

impl CustomFactor for Closure {
    fn name(&self) -> &str {
        &self.name
    }

    fn window_length(&self) -> usize {
        self.window_length
    }

    fn compute(&self, windows: &Windows<'_>, out: ArrayViewMut1<'_, f64>) {
        (self.compute)(windows, out);
    }
}
