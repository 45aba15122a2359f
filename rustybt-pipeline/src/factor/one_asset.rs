//! Formulas of one asset's windows: what they are told apart by, and the contract they fill.

use std::fmt;
use std::hash::Hash;

use ndarray::ArrayViewMut1;

use super::{Block, Windows};
use crate::{BoundColumn, Parameters};

/// A formula that treats each asset alone and says what one window comes to.
///
/// [`one_asset`] turns it into a [`CustomFactor`](super::CustomFactor) with both forms.
pub(crate) trait OneAsset: fmt::Debug + Eq + Hash + Send + Sync + 'static {
    /// zipline's name.
    const NAME: &'static str;
    /// The names of its outputs, where it has several.
    const OUTPUTS: &'static [&'static str] = &[];
    /// Whether further windows may be cut from it.
    const SAFE: bool = false;

    /// Rows in a window.
    fn window(&self) -> usize;

    /// The columns it takes where nobody says otherwise.
    fn columns(&self) -> Vec<BoundColumn>;

    /// How many inputs it takes.
    fn inputs(&self) -> usize {
        self.columns().len()
    }

    /// Its parameters by the names that pipeline files use.
    fn parameters(&self) -> Parameters {
        Parameters::new().with("window_length", self.window())
    }

    /// What one window of each input comes to, one number for each output.
    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]);

    /// Many windows at once: one after the other, unless there is a better way.
    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let outputs = Self::OUTPUTS.len().max(1);
        let (window, rows) = (self.window(), out.len() / outputs);
        let mut found = vec![f64::NAN; outputs];
        let mut inputs = Vec::with_capacity(self.inputs());
        for row in 0..rows {
            inputs.clear();
            inputs.extend(
                (0..self.inputs())
                    .map(|input| block.series(input).get(row..row + window).unwrap_or_default()),
            );
            found.fill(f64::NAN);
            self.of_window(&inputs, &mut found);
            for (out, found) in out.iter_mut().skip(row).step_by(rows.max(1)).zip(&found) {
                *out = *found;
            }
        }
    }

    /// The windows of all assets of one session.
    fn of_session(&self, windows: &Windows<'_>, mut out: ArrayViewMut1<'_, f64>) {
        let outputs = Self::OUTPUTS.len().max(1);
        let assets = windows.sids().len();
        let mut found = vec![f64::NAN; outputs];
        for asset in 0..assets {
            let columns: Vec<Vec<f64>> =
                windows.iter().map(|window| window.column(asset).to_vec()).collect();
            let inputs: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            found.fill(f64::NAN);
            self.of_window(&inputs, &mut found);
            for (part, found) in found.iter().enumerate() {
                if let Some(place) = out.get_mut(part * assets + asset) {
                    *place = *found;
                }
            }
        }
    }
}

/// Makes a [`OneAsset`] formula a factor.
macro_rules! one_asset {
    ($formula:ty) => {
        impl $crate::factor::CustomFactor for $formula {
            fn name(&self) -> &'static str {
                <Self as $crate::factor::OneAsset>::NAME
            }

            fn window_length(&self) -> usize {
                $crate::factor::OneAsset::window(self)
            }

            fn inputs(&self) -> Vec<$crate::BoundColumn> {
                $crate::factor::OneAsset::columns(self)
            }

            fn arity(&self) -> Option<usize> {
                Some($crate::factor::OneAsset::inputs(self))
            }

            fn window_safe(&self) -> bool {
                <Self as $crate::factor::OneAsset>::SAFE
            }

            fn outputs(&self) -> &[&'static str] {
                <Self as $crate::factor::OneAsset>::OUTPUTS
            }

            fn parameters(&self) -> Option<$crate::Parameters> {
                Some($crate::factor::OneAsset::parameters(self))
            }

            fn compute(
                &self,
                windows: &$crate::factor::Windows<'_>,
                out: ndarray::ArrayViewMut1<'_, f64>,
            ) {
                $crate::factor::OneAsset::of_session(self, windows, out);
            }

            fn block_form(&self) -> Option<&dyn $crate::factor::BlockForm> {
                Some(self)
            }
        }

        impl $crate::factor::BlockForm for $formula {
            fn compute_block(&self, block: &$crate::factor::Block<'_>, out: &mut [f64]) {
                $crate::factor::OneAsset::of_block(self, block, out);
            }
        }
    };
}

pub(crate) use one_asset;
