//! What the operators compute.

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
