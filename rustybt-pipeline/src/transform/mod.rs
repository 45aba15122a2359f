//! Transforms: the numbers of one session into other numbers of that session.

mod demean;
mod rank;
mod zscore;

pub use rank::{Rank, RankMethod};

use std::fmt;

use crate::kernel;

/// Numbers of a session into numbers of the session; it sees present numbers only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Transform {
    Rank(Rank),
    ZScore,
    Demean,
}

impl Transform {
    /// Whether the result is comparable over time even where the input is not.
    pub(crate) const fn is_window_safe(self) -> bool {
        matches!(self, Self::Rank(_) | Self::ZScore)
    }

    /// Writes one number for each of `values`, none of which is missing.
    pub(crate) fn apply(self, values: &[f64], scratch: &mut kernel::Order, out: &mut [f64]) {
        match self {
            Self::Rank(rank) => rank.apply(values, scratch, out),
            Self::ZScore => zscore::apply(values, out),
            Self::Demean => demean::apply(values, out),
        }
    }
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rank(rank) => rank.fmt(f),
            Self::ZScore => f.write_str("zscore"),
            Self::Demean => f.write_str("demean"),
        }
    }
}
