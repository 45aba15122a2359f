//! The digits that a table's bars were found to need so far.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::catalog::TableState;
use crate::table::{Dataset, Scales};

/// The scales of one table of bars; they only grow.
#[derive(Debug)]
pub(super) struct TableScales {
    pub(super) dataset: Dataset,
    price: AtomicU8,
    size: AtomicU8,
}

impl TableScales {
    /// What the bundle has.
    pub(super) fn new(dataset: Dataset, head: &[TableState]) -> Self {
        let head = head.iter().find(|table| table.dataset == dataset);
        let scales = head.map(|table| table.scales).unwrap_or_default();
        Self { dataset, price: AtomicU8::new(scales.price), size: AtomicU8::new(scales.size) }
    }

    pub(super) fn grow(&self, scales: Scales) {
        self.price.fetch_max(scales.price, Ordering::AcqRel);
        self.size.fetch_max(scales.size, Ordering::AcqRel);
    }

    pub(super) fn get(&self) -> Scales {
        Scales {
            price: self.price.load(Ordering::Acquire),
            size: self.size.load(Ordering::Acquire),
        }
    }
}
