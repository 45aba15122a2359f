//! Numbers of 106 bits, as unevaluated sums of two: what sums and products of doubles are measured by.
//!
//! T. J. Dekker, *A floating-point technique for extending the available precision*, 1971.

use std::ops::{Add, Div, Mul, Sub};

/// A number and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wide(f64, f64);

impl Wide {
    pub(crate) const ZERO: Self = Self(0.0, 0.0);

    pub(crate) fn narrow(self) -> f64 {
        self.0 + self.1
    }

    pub(crate) fn sqrt(self) -> Self {
        let near = self.0.sqrt();
        if near == 0.0 || !near.is_finite() {
            return Self(near, 0.0);
        }
        // One step of Newton's.
        let near = Self::from(near);
        (near + self / near) / Self::from(2.0)
    }

    pub(crate) fn abs(self) -> Self {
        if self.0 < 0.0 { Self::ZERO - self } else { self }
    }
}

impl From<f64> for Wide {
    fn from(value: f64) -> Self {
        Self(value, 0.0)
    }
}

fn exact_sum(a: f64, b: f64) -> Wide {
    let sum = a + b;
    let part = sum - a;
    Wide(sum, (a - (sum - part)) + (b - part))
}

impl Add for Wide {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let Wide(high, low) = exact_sum(self.0, other.0);
        let Wide(low_high, low_low) = exact_sum(self.1, other.1);
        let Wide(high, low) = exact_sum(high, low + low_high);
        exact_sum(high, low + low_low)
    }
}

impl Sub for Wide {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + Self(-other.0, -other.1)
    }
}

impl Mul for Wide {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let high = self.0 * other.0;
        let low = self.0.mul_add(other.0, -high);
        exact_sum(high, low + (self.0 * other.1 + self.1 * other.0))
    }
}

impl Div for Wide {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let first = self.0 / other.0;
        let rest = self - other * Self::from(first);
        let second = rest.0 / other.0;
        let rest = rest - other * Self::from(second);
        exact_sum(first, second) + Self::from(rest.0 / other.0)
    }
}

impl std::iter::Sum for Wide {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, |sum, value| sum + value)
    }
}

#[test]
fn digits_beyond_a_double_are_kept() {
    let third = Wide::from(1.0) / Wide::from(3.0);
    let one = third + third + third;
    assert!((one - Wide::from(1.0)).abs().narrow() < 1e-31);
    let sum: Wide = [1e16, 1.0, -1e16].into_iter().map(Wide::from).sum();
    assert_eq!(sum.narrow(), 1.0);
    let two = Wide::from(2.0);
    assert!((two.sqrt() * two.sqrt() - two).abs().narrow() < 1e-30);
}
