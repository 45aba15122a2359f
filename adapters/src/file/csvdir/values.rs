//! The numbers of one row of bars.

use rustybt_data::{Exact, ExactColumn, Field};

use super::header::Role;

/// What a row holds: the fields in the order of [`Field::ALL`], then zipline's dividend and split.
#[derive(Clone, Copy)]
pub(super) struct Values {
    pub(super) mantissas: [i64; VALUES],
    pub(super) scales: [u8; VALUES],
}

pub(super) const FIELDS: usize = Field::ALL.len();
pub(super) const VALUES: usize = FIELDS + 2;
pub(super) const DIVIDEND: usize = FIELDS;
pub(super) const SPLIT: usize = FIELDS + 1;

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
        let mantissa = *self.mantissas.get(slot)?;
        if mantissa == ExactColumn::MISSING {
            return None;
        }
        Exact::new(mantissa.into(), *self.scales.get(slot)?)
    }

    /// The same as numbers of any size.
    pub(super) fn exact(&self) -> [Option<Exact>; VALUES] {
        std::array::from_fn(|slot| self.get(slot))
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

/// What a column holds, in the words of a report.
pub(super) fn expected_of(role: Role) -> &'static str {
    match role {
        Role::Field(Field::Volume) => "volume",
        Role::Field(Field::QuoteVolume) => "quote volume",
        Role::Field(Field::Trades) => "number of trades",
        Role::Dividend => "amount of cash",
        Role::Split => "split",
        Role::Field(_) | Role::Stamp | Role::Other => "price",
    }
}
