//! Choosing among the assets of a session by their numbers.

use std::fmt;

use crate::expression::Scalar;
use crate::{Error, kernel};

/// A choice among the present numbers of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Pick {
    /// The largest.
    Top(usize),
    /// The smallest.
    Bottom(usize),
    /// Those between two percentiles, both included.
    Percentiles(Scalar, Scalar),
}

impl Pick {
    pub(crate) fn percentiles(low: f64, high: f64) -> Result<Self, Error> {
        if 0.0 <= low && low < high && high <= 100.0 {
            Ok(Self::Percentiles(Scalar(low), Scalar(high)))
        } else {
            Err(Error::Percentiles { low, high })
        }
    }

    /// Marks what is chosen of `values`, none of which is missing.
    pub(crate) fn apply(self, values: &[f64], scratch: &mut kernel::Order, chosen: &mut [bool]) {
        match self {
            Self::Top(n) => scratch.smallest(values, true, n, chosen),
            Self::Bottom(n) => scratch.smallest(values, false, n, chosen),
            Self::Percentiles(low, high) => {
                let (low, high) = scratch.percentiles(values, low.0, high.0);
                for (value, chosen) in values.iter().zip(chosen) {
                    *chosen = low <= *value && *value <= high;
                }
            }
        }
    }
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top(n) => write!(f, "top({n})"),
            Self::Bottom(n) => write!(f, "bottom({n})"),
            Self::Percentiles(low, high) => write!(f, "percentile_between({low}, {high})"),
        }
    }
}
