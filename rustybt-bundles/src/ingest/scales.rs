//! The digits that a table's bars were found to need so far.

use std::sync::{Mutex, PoisonError};

use crate::catalog::TableState;
use crate::decimals::{Needs, Scales};
use crate::table::Dataset;

/// The decimals of one table of bars; they only grow.
#[derive(Debug)]
pub(super) struct TableScales {
    pub(super) dataset: Dataset,
    before: Scales,
    needs: Mutex<Needs>,
}

impl TableScales {
    /// What the bundle has.
    pub(super) fn new(dataset: Dataset, head: &[TableState]) -> Self {
        let head = head.iter().find(|table| table.dataset == dataset);
        let before = head.map(|table| table.scales).unwrap_or_default();
        let needs = head.map(|table| table.needs).unwrap_or_default();
        Self { dataset, before, needs: Mutex::new(needs) }
    }

    pub(super) fn grow(&self, needs: Needs) {
        let mut all = self.needs.lock().unwrap_or_else(PoisonError::into_inner);
        *all = all.max(needs);
    }

    /// The digits that were needed so far.
    pub(super) fn needs(&self) -> Needs {
        *self.needs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self) -> Scales {
        self.needs.lock().unwrap_or_else(PoisonError::into_inner).scales(self.before)
    }
}
