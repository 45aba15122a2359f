//! The numbers of one row of bars.

use rustybt_data::{Exact, ExactColumn};

use super::header::Role;

/// What a row holds: five fields, then zipline's dividend and split.
#[derive(Clone, Copy)]
pub(super) struct Values {
    pub(super) mantissas: [i64; VALUES],
    pub(super) scales: [u8; VALUES],
}

const VALUES: usize = 7;
pub(super) const DIVIDEND: usize = 5;
pub(super) const SPLIT: usize = 6;

impl Values {
    pub(super) const NONE: Self =
        Self { mantissas: [ExactColumn::MISSING; VALUES], scales: [0; VALUES] };

    #[inline]
    pub(super) fn set(&mut self, slot: usize, mantissa: i64, scale: u8) {
        if let (Some(m), Some(s)) = (self.mantissas.get_mut(slot), self.scales.get_mut(slot)) {
            (*m, *s) = (mantissa, scale);
        }
    }

    pub(super) fn get(&self, slot: usize) -> Option<Exact> {
        Exact::new(*self.mantissas.get(slot)?, *self.scales.get(slot)?)
    }
}

/// Where the value of a column goes, if it is a number that we keep.
#[inline]
pub(super) fn slot_of(role: Role) -> Option<usize> {
    match role {
        Role::Field(field) => Some(field.index()),
        Role::Dividend => Some(DIVIDEND),
        Role::Split => Some(SPLIT),
        Role::Stamp | Role::Other => None,
    }
}
