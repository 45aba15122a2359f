//! Written terms that look across the assets of a session, and those of labels.

use super::FormError;
use super::node::{Node, term};
use crate::term::{Dtype, Term};
use crate::transform::Summary;
use crate::{Classifier, Rank, RankMethod};

/// Methods of factors that take groups and masks.
pub(super) const ACROSS: [&str; 8] =
    ["rank", "zscore", "demean", "winsorize", "quantiles", "top", "bottom", "percentile_between"];

/// Methods of classifiers.
pub(super) const OF_LABELS: [&str; 9] = [
    "eq",
    "ne",
    "element_of",
    "startswith",
    "endswith",
    "has_substring",
    "matches",
    "relabel",
    "PeerCount",
];

/// Terms that look across the assets of a session.
pub(super) fn across(name: &str, node: &mut Node) -> Result<Option<Term>, FormError> {
    if let Some(summary) = Summary::ALL.into_iter().find(|summary| summary.name() == name) {
        node.takes(1)?;
        let mask = node.mask()?;
        return Ok(Some(node.factor(0)?.summary(summary, mask.as_ref()).into()));
    }
    if name == "slice" {
        node.takes(1)?;
        let asset = node.asset()?;
        return Ok(Some(node.factor(0)?.slice(asset).into()));
    }
    if name == "neutralize" {
        let (factor, mask) = (node.factor(0)?, node.mask()?);
        let is_label = |input: &Term| matches!(input.dtype(), Dtype::Integer | Dtype::Text);
        let last = node.inputs.len() - 1;
        let grouped = node.inputs.last().is_some_and(is_label);
        let groups = if grouped { Some(node.labels(last)?) } else { None };
        let exposures = 1..node.inputs.len() - usize::from(grouped);
        let exposures = exposures.map(|at| node.factor(at)).collect::<Result<Vec<_>, _>>()?;
        return Ok(Some(factor.neutralize(&exposures, groups.as_ref(), mask.as_ref()).into()));
    }
    if !ACROSS.contains(&name) {
        return Ok(None);
    }
    let (factor, groups, mask) = (node.factor(0)?, node.groups()?, node.mask()?);
    let (grouped, mask) = (factor.grouped(groups.as_ref()), mask.as_ref());
    Ok(Some(match name {
        "rank" => {
            let ascending = node.parameters.flag("ascending")?;
            let rank = if ascending { Rank::ascending() } else { Rank::descending() };
            let ways = (RankMethod::ALL, RankMethod::name);
            let method = node.named("method", "a method of ranking", ways.0, ways.1)?;
            grouped.rank(rank.method(method), mask).into()
        }
        "zscore" => grouped.zscore(mask).into(),
        "demean" => grouped.demean(mask).into(),
        "winsorize" => {
            let (low, high) = (node.number("min_percentile")?, node.number("max_percentile")?);
            term(grouped.winsorize(low, high, mask))?
        }
        "quantiles" => {
            let bins = node.count("bins")?;
            term(grouped.quantiles(bins, mask))?
        }
        "top" => grouped.top(node.count("N")?, mask).into(),
        "bottom" => grouped.bottom(node.count("N")?, mask).into(),
        _ => {
            node.takes(1)?;
            let (low, high) = (node.number("min_percentile")?, node.number("max_percentile")?);
            term(factor.percentile_between(low, high, mask))?
        }
    }))
}

/// Terms of labels.
pub(super) fn of_labels(name: &str, node: &mut Node) -> Result<Option<Term>, FormError> {
    if name == "fillna" {
        node.takes(1)?;
        if matches!(node.inputs.first().map(Term::dtype), Some(Dtype::Integer | Dtype::Text)) {
            let label = node.label("fill_value")?;
            return term(node.labels(0)?.fillna(label)).map(Some);
        }
        let value = node.number("fill_value")?;
        return Ok(Some(node.factor(0)?.fillna(value).into()));
    }
    if name == "Everything" {
        node.takes(0)?;
        return Ok(Some(Classifier::everything().into()));
    }
    if !OF_LABELS.contains(&name) {
        return Ok(None);
    }
    node.takes(1)?;
    let labels = node.labels(0)?;
    Ok(Some(match name {
        "eq" => term(labels.equals(node.label("other")?))?,
        "ne" => term(labels.differs(node.label("other")?))?,
        "element_of" => term(labels.element_of(node.choices()?))?,
        "startswith" => term(labels.starts_with(node.text("prefix")?))?,
        "endswith" => term(labels.ends_with(node.text("suffix")?))?,
        "has_substring" => term(labels.has_substring(node.text("substring")?))?,
        "matches" => term(labels.matches(&node.text("pattern")?))?,
        "relabel" => term(labels.relabel_with(node.pairs()?))?,
        _ => {
            let mask = node.mask()?;
            labels.peer_count(mask.as_ref()).into()
        }
    }))
}
