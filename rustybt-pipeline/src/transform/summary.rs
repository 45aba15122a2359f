//! The numbers of a session into one.

use crate::kernel;

/// One number for each session, of those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Summary {
    Mean,
    Deviation,
    Max,
    Min,
    Median,
    Sum,
    Count,
}

impl Summary {
    /// Every summary.
    pub(crate) const ALL: [Self; 7] =
        [Self::Mean, Self::Deviation, Self::Max, Self::Min, Self::Median, Self::Sum, Self::Count];

    /// The name that zipline uses.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Deviation => "stddev",
            Self::Max => "max",
            Self::Min => "min",
            Self::Median => "median",
            Self::Sum => "sum",
            Self::Count => "notnull_count",
        }
    }

    /// The number of `values`, none of which is missing: of none it is `NaN`, the sum and the
    /// count 0.
    pub(crate) fn of(self, values: &[f64], scratch: &mut Vec<f64>) -> f64 {
        let extreme =
            |better: fn(f64, f64) -> f64| values.iter().copied().reduce(better).unwrap_or(f64::NAN);
        match self {
            Self::Mean => {
                let (pivot, mean, _) = kernel::moments(values);
                pivot + mean
            }
            Self::Deviation => kernel::moments(values).2,
            Self::Max => extreme(f64::max),
            Self::Min => extreme(f64::min),
            Self::Median => {
                scratch.clear();
                scratch.extend_from_slice(values);
                kernel::median(scratch)
            }
            Self::Sum => kernel::sum(values),
            Self::Count => values.len() as f64,
        }
    }
}
