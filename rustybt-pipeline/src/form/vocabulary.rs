//! The names of formulas that are not the crate's own.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{FormError, Parameters, formula};
use crate::factor::Formula;
use crate::{CustomFactor, Error};

type Read = dyn Fn(&mut Parameters) -> Result<Formula, Error> + Send + Sync;

/// What written names of formulas stand for: those that ship with the crate, and yours.
///
/// ```
/// use ndarray::{ArrayViewMut1, Axis};
/// use rustybt_pipeline::{CustomFactor, EquityPricing, Parameters, Pipeline, Vocabulary, Windows};
///
/// #[derive(Debug, PartialEq, Eq, Hash)]
/// struct Total(usize);
///
/// impl CustomFactor for Total {
///     fn name(&self) -> &str {
///         "Total"
///     }
///     fn window_length(&self) -> usize {
///         self.0
///     }
///     fn compute(&self, windows: &Windows<'_>, mut out: ArrayViewMut1<'_, f64>) {
///         out.assign(&windows[0].sum_axis(Axis(0)));
///     }
///     fn parameters(&self) -> Option<Parameters> {
///         Some(Parameters::new().with("window_length", self.0))
///     }
/// }
///
/// let pipeline = Pipeline::new().with("total", Total(20).on([EquityPricing::VOLUME])?);
/// let mine = Vocabulary::new().with("Total", |given| Ok(Total(given.count("window_length")?)));
/// assert_eq!(Pipeline::from_json_with(&pipeline.to_json()?, &mine)?, pipeline);
/// # Ok::<(), rustybt_pipeline::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Vocabulary {
    own: BTreeMap<String, Arc<Read>>,
}

impl Vocabulary {
    /// The formulas that ship with the crate.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a formula of yours: what makes it of its written parameters. A name of the crate's own goes to yours.
    #[must_use]
    pub fn with<C: CustomFactor>(
        mut self,
        name: impl Into<String>,
        read: impl Fn(&mut Parameters) -> Result<C, Error> + Send + Sync + 'static,
    ) -> Self {
        let read = move |given: &mut Parameters| read(given).map(Formula::new);
        self.own.insert(name.into(), Arc::new(read));
        self
    }

    /// The formula of a name; `None` where there is none.
    pub(super) fn read(
        &self,
        name: &str,
        given: &mut Parameters,
    ) -> Result<Option<Formula>, FormError> {
        match self.own.get(name) {
            Some(read) => Ok(Some(read(given)?)),
            None => formula::read(name, given),
        }
    }
}

impl fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.own.keys()).finish()
    }
}
