//! Transforms: the numbers of one session into other numbers of that session.

mod across;
mod demean;
mod neutral;
mod quantiles;
mod rank;
mod summary;
mod winsorize;
mod zscore;

pub use across::Grouped;
pub(crate) use neutral::residuals;
pub(crate) use quantiles::bins;
pub use rank::{Rank, RankMethod};
pub(crate) use summary::Summary;

use std::fmt;

use crate::expression::Scalar;
use crate::kernel;

/// Numbers of a session into numbers of the session; it sees present numbers only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Transform {
    Rank(Rank),
    ZScore,
    Demean,
    /// The shares below and above which numbers are drawn in.
    Winsorize(Scalar, Scalar),
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
            Self::Winsorize(low, high) => winsorize::apply(values, scratch, low.0, high.0, out),
        }
    }
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rank(rank) => rank.fmt(f),
            Self::ZScore => f.write_str("zscore"),
            Self::Demean => f.write_str("demean"),
            Self::Winsorize(low, high) => write!(f, "winsorize({low}, {high})"),
        }
    }
}
