//! Arithmetic on terms: the operators of [`Factor`] and [`Filter`](crate::Filter), and what each computes.
//!
//! Everything follows IEEE: a comparison with `NaN` is false, except `!=`, which is true. `%` takes
//! the sign of the divisor, as in Python.

mod math;
mod operation;
mod operator;

pub use math::Math;
pub(crate) use operation::{Arithmetic, Comparison, Logic, Test};

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::Factor;
use crate::term::Term;

/// One side of an operator: a factor, a column's latest value, or a constant.
#[derive(Debug, Clone)]
pub struct Operand(Side);

#[derive(Debug, Clone)]
enum Side {
    Term(Term),
    Constant(f64),
}

impl From<f64> for Operand {
    fn from(value: f64) -> Self {
        Self(Side::Constant(value))
    }
}

impl From<Factor> for Operand {
    fn from(factor: Factor) -> Self {
        Self(Side::Term(factor.into()))
    }
}

impl From<&Factor> for Operand {
    fn from(factor: &Factor) -> Self {
        Self(Side::Term(factor.clone().into()))
    }
}

/// A constant, equal to another where the bits are.
#[derive(Debug, Clone, Copy)]
pub struct Scalar(pub f64);

impl From<f64> for Scalar {
    fn from(value: f64) -> Self {
        Self(value)
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Scalar {}

impl Hash for Scalar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the two sides of an operator come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operands {
    /// Two terms.
    Both,
    /// A term and a constant behind it.
    Right(Scalar),
    /// A constant and a term behind it.
    Left(Scalar),
}

impl Operands {
    pub(crate) fn label(self, sign: &str) -> String {
        match self {
            Self::Both => sign.to_owned(),
            Self::Right(value) => format!("{sign} {value}"),
            Self::Left(value) => format!("{value} {sign}"),
        }
    }
}
