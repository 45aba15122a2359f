//! What was some rows ago.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, Error, Parameters};

/// What an input was some rows ago: a feature of models that look back.
///
/// A price of then is adjusted as it is seen now. To lag a factor that is not safe to window, lag the columns it
/// is made from.
///
/// * **Input** any column. **Output** its unit.
///
/// ```
/// use rustybt_pipeline::{EquityPricing, CustomFactor, Lag, Returns};
///
/// let close = EquityPricing::CLOSE;
/// let week = Lag::new(5)?.on([&close])?;
/// let returns = Returns::daily().factor()?;
/// let yesterday = Lag::new(1)?.on([&returns])?;
/// # Ok::<(), rustybt_pipeline::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lag {
    lag: usize,
}

impl Lag {
    /// Of `lag` rows ago.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for none.
    pub fn new(lag: usize) -> Result<Self, Error> {
        if lag == 0 {
            return Err(Error::Parameter {
                term: "Lag".to_owned(),
                expected: "a lag of at least one row",
                found: "0".to_owned(),
            });
        }
        Ok(Self { lag })
    }
}

impl OneAsset for Lag {
    const NAME: &'static str = "Lag";

    fn window(&self) -> usize {
        self.lag.saturating_add(1)
    }

    fn columns(&self) -> Vec<BoundColumn> {
        Vec::new()
    }

    fn inputs(&self) -> usize {
        1
    }

    fn parameters(&self) -> Parameters {
        Parameters::new().with("lag", self.lag)
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        if let ([[first, ..]], [out]) = (inputs, out) {
            *out = *first;
        }
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        for (out, value) in out.iter_mut().zip(block.series(0)) {
            *out = *value;
        }
    }
}

one_asset!(Lag);
