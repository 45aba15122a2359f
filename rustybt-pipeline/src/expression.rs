//! Arithmetic on terms: the operators of [`Factor`] and [`Filter`], and what each computes.
//!
//! Everything follows IEEE: a comparison with `NaN` is false, except `!=`, which is true. `%` takes
//! the sign of the divisor, as in Python.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Rem, Sub};

use crate::term::{Op, Term};
use crate::{Factor, Filter};

/// A constant, equal to another where the bits are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scalar(pub(crate) f64);

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

/// Two numbers into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

impl Arithmetic {
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Power => "**",
        }
    }

    #[inline]
    pub(crate) fn apply(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Remainder => floored_remainder(a, b),
            Self::Power => a.powf(b),
        }
    }
}

fn floored_remainder(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
}

/// Two numbers into a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Comparison {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
}

impl Comparison {
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }

    /// The comparison that holds of `(b, a)` where this one holds of `(a, b)`.
    pub(crate) const fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
            Self::Equal | Self::NotEqual => self,
        }
    }

    #[inline]
    pub(crate) fn apply(self, a: f64, b: f64) -> bool {
        match self {
            Self::Less => a < b,
            Self::LessEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterEqual => a >= b,
            Self::Equal => a == b,
            Self::NotEqual => a != b,
        }
    }
}

/// A number into a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    Missing,
    Present,
    Finite,
}

impl Test {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Missing => "isnull",
            Self::Present => "notnull",
            Self::Finite => "isfinite",
        }
    }

    #[inline]
    pub(crate) fn apply(self, value: f64) -> bool {
        match self {
            Self::Missing => value.is_nan(),
            Self::Present => !value.is_nan(),
            Self::Finite => value.is_finite(),
        }
    }
}

/// Flags into a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Logic {
    And,
    Or,
    Not,
}

impl Logic {
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::And => "&",
            Self::Or => "|",
            Self::Not => "~",
        }
    }
}

/// A function of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Math {
    /// Minus the number.
    Negate,
    /// Its magnitude.
    Abs,
    /// Its square root; `NaN` below zero.
    Sqrt,
    /// Its natural logarithm; `NaN` below zero.
    Log,
    /// Its logarithm to the base of ten.
    Log10,
    /// The natural logarithm of one more than it.
    Log1p,
    /// The exponential function.
    Exp,
    /// One less than the exponential function.
    Expm1,
    /// The sine of radians.
    Sin,
    /// The cosine of radians.
    Cos,
    /// The tangent of radians.
    Tan,
    /// The inverse of the sine.
    Arcsin,
    /// The inverse of the cosine.
    Arccos,
    /// The inverse of the tangent.
    Arctan,
    /// The hyperbolic sine.
    Sinh,
    /// The hyperbolic cosine.
    Cosh,
    /// The hyperbolic tangent.
    Tanh,
    /// The inverse of the hyperbolic sine.
    Arcsinh,
    /// The inverse of the hyperbolic cosine.
    Arccosh,
    /// The inverse of the hyperbolic tangent.
    Arctanh,
}

impl Math {
    /// Every function that goes by a name, that is all but [`Math::Negate`].
    pub const NAMED: [Self; 19] = [
        Self::Abs,
        Self::Sqrt,
        Self::Log,
        Self::Log10,
        Self::Log1p,
        Self::Exp,
        Self::Expm1,
        Self::Sin,
        Self::Cos,
        Self::Tan,
        Self::Arcsin,
        Self::Arccos,
        Self::Arctan,
        Self::Sinh,
        Self::Cosh,
        Self::Tanh,
        Self::Arcsinh,
        Self::Arccosh,
        Self::Arctanh,
    ];

    /// The name that NumPy and pipeline files use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Negate => "-",
            Self::Abs => "abs",
            Self::Sqrt => "sqrt",
            Self::Log => "log",
            Self::Log10 => "log10",
            Self::Log1p => "log1p",
            Self::Exp => "exp",
            Self::Expm1 => "expm1",
            Self::Sin => "sin",
            Self::Cos => "cos",
            Self::Tan => "tan",
            Self::Arcsin => "arcsin",
            Self::Arccos => "arccos",
            Self::Arctan => "arctan",
            Self::Sinh => "sinh",
            Self::Cosh => "cosh",
            Self::Tanh => "tanh",
            Self::Arcsinh => "arcsinh",
            Self::Arccosh => "arccosh",
            Self::Arctanh => "arctanh",
        }
    }

    #[inline]
    pub(crate) fn apply(self, x: f64) -> f64 {
        match self {
            Self::Negate => -x,
            Self::Abs => x.abs(),
            Self::Sqrt => x.sqrt(),
            Self::Log => x.ln(),
            Self::Log10 => x.log10(),
            Self::Log1p => x.ln_1p(),
            Self::Exp => x.exp(),
            Self::Expm1 => x.exp_m1(),
            Self::Sin => x.sin(),
            Self::Cos => x.cos(),
            Self::Tan => x.tan(),
            Self::Arcsin => x.asin(),
            Self::Arccos => x.acos(),
            Self::Arctan => x.atan(),
            Self::Sinh => x.sinh(),
            Self::Cosh => x.cosh(),
            Self::Tanh => x.tanh(),
            Self::Arcsinh => x.asinh(),
            Self::Arccosh => x.acosh(),
            Self::Arctanh => x.atanh(),
        }
    }
}

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

/// The terms of an operator, and where they stand.
fn arrange(left: Term, right: Operand) -> (Vec<Term>, Operands) {
    match right.0 {
        Side::Term(right) => (vec![left, right], Operands::Both),
        Side::Constant(value) => (vec![left], Operands::Right(Scalar(value))),
    }
}

fn arithmetic(op: Arithmetic, (inputs, operands): (Vec<Term>, Operands)) -> Factor {
    let window_safe = inputs.iter().all(Term::is_window_safe);
    Factor::of_term(Term::new(Op::Arithmetic(op, operands), inputs, None, window_safe))
}

macro_rules! factor_operator {
    ($trait:ident, $method:ident, $op:ident) => {
        impl<R: Into<Operand>> $trait<R> for Factor {
            type Output = Factor;
            fn $method(self, right: R) -> Factor {
                self.arithmetic(Arithmetic::$op, right)
            }
        }
        impl<R: Into<Operand>> $trait<R> for &Factor {
            type Output = Factor;
            fn $method(self, right: R) -> Factor {
                self.arithmetic(Arithmetic::$op, right)
            }
        }
        impl $trait<Factor> for f64 {
            type Output = Factor;
            fn $method(self, right: Factor) -> Factor {
                Factor::arithmetic_left(Arithmetic::$op, self, &right)
            }
        }
        impl $trait<&Factor> for f64 {
            type Output = Factor;
            fn $method(self, right: &Factor) -> Factor {
                Factor::arithmetic_left(Arithmetic::$op, self, right)
            }
        }
    };
}

factor_operator!(Add, add, Add);
factor_operator!(Sub, sub, Subtract);
factor_operator!(Mul, mul, Multiply);
factor_operator!(Div, div, Divide);
factor_operator!(Rem, rem, Remainder);

impl Neg for Factor {
    type Output = Factor;
    fn neg(self) -> Factor {
        self.math(Math::Negate)
    }
}

impl Neg for &Factor {
    type Output = Factor;
    fn neg(self) -> Factor {
        self.math(Math::Negate)
    }
}

/// Operators that have no sign in Rust.
impl Factor {
    pub(crate) fn arithmetic(&self, op: Arithmetic, right: impl Into<Operand>) -> Factor {
        arithmetic(op, arrange(self.clone().into(), right.into()))
    }

    pub(crate) fn arithmetic_left(op: Arithmetic, left: f64, right: &Factor) -> Factor {
        arithmetic(op, (vec![right.clone().into()], Operands::Left(Scalar(left))))
    }

    pub(crate) fn comparison(&self, comparison: Comparison, right: impl Into<Operand>) -> Filter {
        let (inputs, operands) = arrange(self.clone().into(), right.into());
        Filter::of_term(Term::new(
            Op::Compare(comparison, operands),
            inputs,
            Some(Term::exists()),
            true,
        ))
    }

    /// Where it is less.
    pub fn lt(&self, right: impl Into<Operand>) -> Filter {
        self.comparison(Comparison::Less, right)
    }

    /// Where it is less or equal.
    pub fn le(&self, right: impl Into<Operand>) -> Filter {
        self.comparison(Comparison::LessEqual, right)
    }

    /// Where it is greater.
    pub fn gt(&self, right: impl Into<Operand>) -> Filter {
        self.comparison(Comparison::Greater, right)
    }

    /// Where it is greater or equal.
    pub fn ge(&self, right: impl Into<Operand>) -> Filter {
        self.comparison(Comparison::GreaterEqual, right)
    }

    /// Where it is equal: zipline's `.eq()`.
    pub fn equals(&self, right: impl Into<Operand>) -> Filter {
        self.comparison(Comparison::Equal, right)
    }

    /// Where it is not equal; a missing value equals nothing.
    pub fn differs(&self, right: impl Into<Operand>) -> Filter {
        self.comparison(Comparison::NotEqual, right)
    }

    /// To the power of `right`.
    #[must_use]
    pub fn pow(&self, right: impl Into<Operand>) -> Factor {
        self.arithmetic(Arithmetic::Power, right)
    }

    /// `base` to the power of it.
    #[must_use]
    pub fn power_of(&self, base: f64) -> Factor {
        Self::arithmetic_left(Arithmetic::Power, base, self)
    }

    /// A function of each number.
    #[must_use]
    pub fn math(&self, math: Math) -> Factor {
        let term = Term::from(self.clone());
        let window_safe = term.is_window_safe();
        Factor::of_term(Term::new(Op::Math(math), vec![term], None, window_safe))
    }

    fn test(&self, test: Test) -> Filter {
        let inputs = vec![self.clone().into()];
        Filter::of_term(Term::new(Op::Test(test), inputs, Some(Term::exists()), true))
    }

    /// Where it is missing, among the assets that live.
    pub fn isnull(&self) -> Filter {
        self.test(Test::Missing)
    }

    /// Where it is there.
    pub fn notnull(&self) -> Filter {
        self.test(Test::Present)
    }

    /// Where it is neither missing nor infinite.
    pub fn isfinite(&self) -> Filter {
        self.test(Test::Finite)
    }

    /// With `value` where it is missing.
    #[must_use]
    pub fn fillna(&self, value: f64) -> Factor {
        let term = Term::from(self.clone());
        let window_safe = term.is_window_safe();
        Factor::of_term(Term::new(Op::Fill(Scalar(value)), vec![term], None, window_safe))
    }
}

fn logic(op: Logic, inputs: Vec<Term>) -> Filter {
    Filter::of_term(Term::new(Op::Logic(op), inputs, Some(Term::exists()), true))
}

macro_rules! filter_operator {
    ($trait:ident, $method:ident, $op:ident) => {
        impl $trait<Filter> for Filter {
            type Output = Filter;
            fn $method(self, right: Filter) -> Filter {
                logic(Logic::$op, vec![self.into(), right.into()])
            }
        }
        impl $trait<&Filter> for Filter {
            type Output = Filter;
            fn $method(self, right: &Filter) -> Filter {
                logic(Logic::$op, vec![self.into(), right.clone().into()])
            }
        }
        impl $trait<&Filter> for &Filter {
            type Output = Filter;
            fn $method(self, right: &Filter) -> Filter {
                logic(Logic::$op, vec![self.clone().into(), right.clone().into()])
            }
        }
        impl $trait<Filter> for &Filter {
            type Output = Filter;
            fn $method(self, right: Filter) -> Filter {
                logic(Logic::$op, vec![self.clone().into(), right.into()])
            }
        }
    };
}

filter_operator!(BitAnd, bitand, And);
filter_operator!(BitOr, bitor, Or);

impl Not for Filter {
    type Output = Filter;
    fn not(self) -> Filter {
        logic(Logic::Not, vec![self.into()])
    }
}

impl Not for &Filter {
    type Output = Filter;
    fn not(self) -> Filter {
        logic(Logic::Not, vec![self.clone().into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remainders_take_the_sign_of_the_divisor() {
        for (a, b, rest) in
            [(7.0, 3.0, 1.0), (-7.0, 3.0, 2.0), (7.0, -3.0, -2.0), (-7.0, -3.0, -1.0)]
        {
            assert_eq!(Arithmetic::Remainder.apply(a, b), rest, "{a} % {b}");
        }
        assert!(Arithmetic::Remainder.apply(1.0, 0.0).is_nan());
    }

    #[test]
    fn a_missing_number_compares_false_except_as_different() {
        use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        for comparison in [Less, LessEqual, Greater, GreaterEqual, Equal] {
            assert!(!comparison.apply(f64::NAN, 1.0));
        }
        assert!(NotEqual.apply(f64::NAN, 1.0));
    }
}
