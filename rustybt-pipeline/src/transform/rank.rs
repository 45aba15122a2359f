//! Places among the assets of a session.

use std::fmt;

use crate::kernel::Order;

/// How a rank is counted: from the smallest or the largest, and what equal numbers get.
///
/// ```
/// use rustybt_pipeline::{Rank, RankMethod};
///
/// let largest_first = Rank::descending();
/// let shared = Rank::ascending().method(RankMethod::Average);
/// assert_ne!(largest_first, shared);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rank {
    method: RankMethod,
    descending: bool,
}

/// What equal numbers get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RankMethod {
    /// Different ranks, the lower sid first, in either direction.
    #[default]
    Ordinal,
    /// The mean of the ranks they take up together.
    Average,
    /// The lowest of them.
    Min,
    /// The highest of them.
    Max,
    /// The lowest, and the next larger number the next rank: no gaps.
    Dense,
}

impl RankMethod {
    /// Every method.
    pub const ALL: [Self; 5] = [Self::Ordinal, Self::Average, Self::Min, Self::Max, Self::Dense];

    /// The name that zipline uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordinal => "ordinal",
            Self::Average => "average",
            Self::Min => "min",
            Self::Max => "max",
            Self::Dense => "dense",
        }
    }
}

impl Rank {
    /// The smallest number is 1.
    pub const fn ascending() -> Self {
        Self { method: RankMethod::Ordinal, descending: false }
    }

    /// The largest number is 1.
    pub const fn descending() -> Self {
        Self { method: RankMethod::Ordinal, descending: true }
    }

    /// With another way of treating equal numbers.
    #[must_use]
    pub const fn method(self, method: RankMethod) -> Self {
        Self { method, ..self }
    }

    pub(crate) const fn how(self) -> RankMethod {
        self.method
    }

    pub(crate) const fn is_descending(self) -> bool {
        self.descending
    }

    pub(super) fn apply(self, values: &[f64], order: &mut Order, out: &mut [f64]) {
        order.sort(values, self.descending);
        if self.method == RankMethod::Ordinal {
            for (rank, place) in order.places().enumerate() {
                if let Some(out) = out.get_mut(place) {
                    *out = (rank + 1) as f64;
                }
            }
            return;
        }
        let (mut before, mut distinct) = (0, 0);
        for tie in order.ties() {
            distinct += 1;
            let rank = match self.method {
                RankMethod::Ordinal | RankMethod::Min => (before + 1) as f64,
                RankMethod::Max => (before + tie.len()) as f64,
                RankMethod::Average => before as f64 + (tie.len() + 1) as f64 / 2.0,
                RankMethod::Dense => f64::from(distinct),
            };
            before += tie.len();
            for (_, place) in tie {
                if let Some(out) = out.get_mut(*place as usize) {
                    *out = rank;
                }
            }
        }
    }
}

impl Default for Rank {
    /// The smallest number is 1, ties by sid.
    fn default() -> Self {
        Self::ascending()
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.descending { "descending" } else { "ascending" };
        write!(f, "rank({}, {direction})", self.method.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranks(rank: Rank, values: &[f64]) -> Vec<f64> {
        let mut out = vec![f64::NAN; values.len()];
        rank.apply(values, &mut Order::default(), &mut out);
        out
    }

    #[test]
    fn ties_by_every_method() {
        let values = [3.0, 1.0, 3.0, 2.0, 3.0, 1.0];
        for (method, expected) in [
            (RankMethod::Ordinal, [4.0, 1.0, 5.0, 3.0, 6.0, 2.0]),
            (RankMethod::Average, [5.0, 1.5, 5.0, 3.0, 5.0, 1.5]),
            (RankMethod::Min, [4.0, 1.0, 4.0, 3.0, 4.0, 1.0]),
            (RankMethod::Max, [6.0, 2.0, 6.0, 3.0, 6.0, 2.0]),
            (RankMethod::Dense, [3.0, 1.0, 3.0, 2.0, 3.0, 1.0]),
        ] {
            assert_eq!(ranks(Rank::ascending().method(method), &values), expected, "{method:?}");
        }
        assert_eq!(ranks(Rank::descending(), &values), [1.0, 5.0, 2.0, 4.0, 3.0, 6.0]);
    }

    #[test]
    fn zeros_of_either_sign_are_equal_and_infinities_have_places() {
        let values = [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, -1.0];
        assert_eq!(ranks(Rank::ascending(), &values), [3.0, 4.0, 5.0, 1.0, 2.0]);
        assert_eq!(ranks(Rank::descending(), &values), [2.0, 3.0, 1.0, 5.0, 4.0]);
        assert_eq!(ranks(Rank::ascending(), &[]), [0.0; 0]);
    }
}
