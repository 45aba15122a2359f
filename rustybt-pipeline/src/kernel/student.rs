//! The tails of Student's distribution.

/// The probability that a variable of Student's distribution with `freedom` degrees lies `t` or
/// further from zero, on either side.
///
/// The incomplete beta function of `freedom / (freedom + t²)`, by the continued fraction of W. H.
/// Press et al., *Numerical Recipes*, 3rd edition, section 6.4.
pub fn student_two_sided(t: f64, freedom: f64) -> f64 {
    if t.is_nan() || freedom.is_nan() || freedom <= 0.0 {
        return f64::NAN;
    }
    if t.is_infinite() {
        return 0.0;
    }
    let x = freedom / (freedom + t * t);
    incomplete_beta(freedom / 2.0, 0.5, x, t * t / (freedom + t * t))
}

/// The regularised incomplete beta function of `x`; `rest` is `1 − x`, told exactly.
fn incomplete_beta(a: f64, b: f64, x: f64, rest: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if rest <= 0.0 {
        return 1.0;
    }
    let front = (log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * x.ln() + b * rest.ln()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, rest) / b
    }
}

/// The continued fraction, by Lentz's method.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut total = d;
    for step in 1..500 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        total *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        let change = d * c;
        total *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    total
}

/// The logarithm of the gamma function of a positive number, by Lanczos' approximation (g = 7).
fn log_gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let series: f64 = 0.999_999_999_999_809_9
        + TERMS.iter().zip(1_u32..).map(|(term, k)| term / (x + f64::from(k))).sum::<f64>();
    let shifted = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * shifted.ln() - shifted + series.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_of_tables() {
        // The quantiles that every table has, to the digits it has them.
        for (t, freedom, p) in [
            (12.706_204_736_174_7, 1.0, 0.05),
            (2.228_138_851_964_94, 10.0, 0.05),
            (2.749_995_653_567_23, 30.0, 0.01),
            (0.0, 5.0, 1.0),
        ] {
            let found = student_two_sided(t, freedom);
            assert!((found - p).abs() < 1e-6, "{t} of {freedom}: {found}");
        }
        assert!(student_two_sided(f64::NAN, 3.0).is_nan());
        assert_eq!(student_two_sided(f64::INFINITY, 3.0), 0.0);
    }
}
