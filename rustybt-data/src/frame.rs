//! Bars of many assets as arrays: what readers give to the pipeline.

use std::ops::Range;

use ndarray::{Array2, ArrayView2};

use crate::{Field, Sid};

/// Some fields of some assets over some rows of a timeline.
///
/// Each field is one `(rows, assets)` array, row-major as [`Array2`] is, so that a row is the
/// cross-section of a label. Prices are raw, `NaN` where there is no bar; volume is `0.0` there.
#[derive(Debug, Clone, PartialEq)]
pub struct BarFrame {
    rows: Range<usize>,
    sids: Vec<Sid>,
    fields: Vec<(Field, Array2<f64>)>,
}

impl BarFrame {
    /// A frame in which every asset misses every bar.
    pub fn missing(rows: Range<usize>, sids: &[Sid], fields: &[Field]) -> Self {
        let shape = (rows.len(), sids.len());
        let fields = fields
            .iter()
            .map(|&field| (field, Array2::from_elem(shape, field.missing())))
            .collect();
        Self { rows, sids: sids.to_vec(), fields }
    }

    /// The rows of the reader's timeline that the frame covers.
    pub fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }

    /// The assets, one a column.
    pub fn sids(&self) -> &[Sid] {
        &self.sids
    }

    /// One field as a `(rows, assets)` array; `None` where it was not asked for.
    pub fn field(&self, field: Field) -> Option<ArrayView2<'_, f64>> {
        self.fields.iter().find(|(name, _)| *name == field).map(|(_, array)| array.view())
    }

    /// One field, to fill it.
    pub fn field_mut(&mut self, field: Field) -> Option<&mut Array2<f64>> {
        self.fields.iter_mut().find(|(name, _)| *name == field).map(|(_, array)| array)
    }

    /// Takes one field out of the frame without copying it.
    pub fn take(&mut self, field: Field) -> Option<Array2<f64>> {
        let at = self.fields.iter().position(|(name, _)| *name == field)?;
        Some(self.fields.swap_remove(at).1)
    }
}
