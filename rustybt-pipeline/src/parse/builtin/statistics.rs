//! The factors that set one thing beside another.

use super::super::arguments::Arguments;
use super::super::error::Fault;
use super::super::value::Value;
use super::{Builtin, masked, or_fault};
use crate::{Error, Factor, Filter, SimpleBeta};

const CORRELATION: &[&str] = &["base_factor", "target", "correlation_length", "mask"];
const REGRESSION: &[&str] = &["dependent", "independent", "regression_length", "mask"];
const OF_RETURNS: &[&str] = &["target", "returns_length", "correlation_length", "mask"];

pub(super) static ALL: &[Builtin] = &[
    Builtin {
        name: "RollingPearson",
        parameters: CORRELATION,
        call: |a| beside(a, "base_factor", "target", "correlation_length", Factor::pearsonr),
    },
    Builtin {
        name: "RollingSpearman",
        parameters: CORRELATION,
        call: |a| beside(a, "base_factor", "target", "correlation_length", Factor::spearmanr),
    },
    Builtin {
        name: "RollingLinearRegression",
        parameters: REGRESSION,
        call: |a| {
            beside(a, "dependent", "independent", "regression_length", Factor::linear_regression)
        },
    },
    Builtin {
        name: "RollingPearsonOfReturns",
        parameters: OF_RETURNS,
        call: |a| of_returns(a, "correlation_length", Factor::pearsonr),
    },
    Builtin {
        name: "RollingSpearmanOfReturns",
        parameters: OF_RETURNS,
        call: |a| of_returns(a, "correlation_length", Factor::spearmanr),
    },
    Builtin {
        name: "RollingLinearRegressionOfReturns",
        parameters: &["target", "returns_length", "regression_length", "mask"],
        call: |a| of_returns(a, "regression_length", Factor::linear_regression),
    },
    Builtin {
        name: "SimpleBeta",
        parameters: &["target", "regression_length", "allowed_missing_percentage", "mask"],
        call: |a| {
            let target = a.need_asset("target")?;
            let window = a.need_count("regression_length")?;
            let allowed = a.number_or("allowed_missing_percentage", 0.25)?;
            let factor = SimpleBeta::new(window, allowed).and_then(|beta| beta.to(target));
            masked(a, factor)
        },
    },
];

type Beside = fn(&Factor, &Factor, usize, Option<&Filter>) -> Result<Factor, Error>;

fn beside(
    a: &mut Arguments,
    base: &str,
    target: &str,
    length: &str,
    join: Beside,
) -> Result<Value, Fault> {
    let (base, target) = (a.need_factor(base)?, a.need_factor(target)?);
    let window = a.need_count(length)?;
    let mask = a.filter("mask")?;
    let joined = join(&base, &target, window, mask.as_ref());
    Ok(Value::Factor(or_fault(a, joined)?))
}

fn of_returns(a: &mut Arguments, length: &str, join: Beside) -> Result<Value, Fault> {
    let target = a.need_asset("target")?;
    let (returns, window) = (a.need_count("returns_length")?, a.need_count(length)?);
    let mask = a.filter("mask")?;
    let pair = Factor::returns_beside(target, returns);
    let (returns, target) = or_fault(a, pair)?;
    let joined = join(&returns, &target, window, mask.as_ref());
    Ok(Value::Factor(or_fault(a, joined)?))
}
