//! The operators of factors and filters.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Rem, Sub};

use super::{Arithmetic, Comparison, Logic, Math, Operand, Operands, Scalar, Side, Test};
use crate::term::{Op, Term};
use crate::{Factor, Filter};

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
