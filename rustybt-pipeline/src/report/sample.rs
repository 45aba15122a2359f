//! The rows that a report is about: a factor, what came after it, its quantile and its group.

use std::ops::Range;
use std::sync::Arc;

use rustybt_calendars::Session;
use rustybt_data::Sid;

use super::{ForwardReturns, ReportOptions};
use crate::kernel::Order;
use crate::transform::bins;
use crate::{Column, Error, PipelineOutput};

/// The rows of one session.
#[derive(Debug, Clone)]
pub(super) struct Day {
    pub(super) session: Session,
    /// Its position among the calendar's sessions.
    pub(super) place: usize,
    pub(super) rows: Range<usize>,
}

/// Rows that have a number, every forward return and, where asked for, a group.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub(super) days: Vec<Day>,
    pub(super) sids: Vec<Sid>,
    pub(super) factor: Vec<f64>,
    /// The forward returns of each period, in the order of the periods.
    pub(super) returns: Vec<Vec<f64>>,
    /// From 0, the lowest.
    pub(super) quantile: Vec<usize>,
    /// The place of each row's group among `groups`; empty without groups.
    pub(super) group: Vec<usize>,
    pub(super) groups: Vec<Arc<str>>,
    pub(super) left_out: LeftOut,
}

/// How many rows a report is not about, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// The factor is missing or infinite.
    pub no_factor: usize,
    /// A forward return is missing: nothing traded, or the data end before the window does.
    pub no_return: usize,
    /// The group is missing.
    pub no_group: usize,
}

impl Sample {
    pub(super) fn new(
        output: &PipelineOutput,
        factor: &str,
        places: &[usize],
        forward: &ForwardReturns,
        options: &ReportOptions,
    ) -> Result<Self, Error> {
        let numbers = output.numbers(factor)?;
        let labels = options.group.as_deref().map(|name| labels(output, name)).transpose()?;
        let mut sample = Self { returns: vec![Vec::new(); forward.all().len()], ..Self::default() };
        let rows = output.sessions().iter().zip(places).zip(output.sids()).enumerate();
        for (row, ((&session, &place), &sid)) in rows {
            let number = numbers.get(row).copied().unwrap_or(f64::NAN);
            if !number.is_finite() {
                sample.left_out.no_factor += 1;
                continue;
            }
            let returns = || forward.all().iter().filter_map(|(_, all)| all.get(row)).copied();
            if returns().any(f64::is_nan) {
                sample.left_out.no_return += 1;
                continue;
            }
            if let Some((_, of_row)) = &labels {
                let Some(group) = of_row.get(row).copied().flatten() else {
                    sample.left_out.no_group += 1;
                    continue;
                };
                sample.group.push(group);
            }
            let at = sample.factor.len();
            match sample.days.last_mut() {
                Some(day) if day.place == place => day.rows.end = at + 1,
                _ => sample.days.push(Day { session, place, rows: at..at + 1 }),
            }
            sample.sids.push(sid);
            sample.factor.push(number);
            for (all, value) in sample.returns.iter_mut().zip(returns()) {
                all.push(value);
            }
        }
        sample.groups = labels.map(|(names, _)| names).unwrap_or_default();
        sample.deal(options);
        Ok(sample)
    }

    /// Deals the rows of each session, or of each group of it, into quantiles.
    fn deal(&mut self, options: &ReportOptions) {
        let mut order = Order::default();
        self.quantile = vec![0; self.factor.len()];
        let within = options.neutral && !self.groups.is_empty();
        for rows in self.days.iter().map(|day| day.rows.clone()) {
            for part in self.parts(&rows, within) {
                let values: Vec<f64> =
                    part.iter().filter_map(|row| self.factor.get(*row)).copied().collect();
                let mut out = vec![0.0; values.len()];
                bins(&values, &mut order, options.quantiles, &mut out);
                for (row, bin) in part.iter().zip(out) {
                    if let Some(quantile) = self.quantile.get_mut(*row) {
                        *quantile = bin as usize;
                    }
                }
            }
        }
    }

    /// The rows of a session: all together, or by group.
    pub(super) fn parts(&self, rows: &Range<usize>, by_group: bool) -> Vec<Vec<usize>> {
        if !by_group {
            return vec![rows.clone().collect()];
        }
        let mut parts = vec![Vec::new(); self.groups.len()];
        for row in rows.clone() {
            let group = self.group.get(row).copied();
            if let Some(part) = group.and_then(|group| parts.get_mut(group)) {
                part.push(row);
            }
        }
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// The values of some rows.
    pub(super) fn pick(values: &[f64], rows: &[usize]) -> Vec<f64> {
        rows.iter().filter_map(|row| values.get(*row)).copied().collect()
    }
}

type Labels = (Vec<Arc<str>>, Vec<Option<usize>>);

/// The names of the groups of a column, in order, and the place of each row's among them.
fn labels(output: &PipelineOutput, name: &str) -> Result<Labels, Error> {
    let texts: Vec<Option<Arc<str>>> = match output.column(name)? {
        Column::Texts(texts) => texts.clone(),
        Column::Integers(numbers) => {
            let present = numbers.iter().flatten().copied();
            let mut known: Vec<i64> = present.collect();
            known.sort_unstable();
            known.dedup();
            let place = |n: &Option<i64>| n.and_then(|n| known.binary_search(&n).ok());
            let names = known.iter().map(|number| number.to_string().into()).collect();
            return Ok((names, numbers.iter().map(place).collect()));
        }
        Column::Flags(flags) => {
            flags.iter().map(|flag| Some(Arc::from(if *flag { "true" } else { "false" }))).collect()
        }
        Column::Numbers(_) | Column::Times(_) => {
            return Err(Error::Kind {
                name: name.to_owned(),
                found: "numbers",
                expected: "labels of groups",
            });
        }
    };
    let mut known: Vec<Arc<str>> = texts.iter().flatten().cloned().collect();
    known.sort_unstable();
    known.dedup();
    let place =
        |text: &Option<Arc<str>>| text.as_ref().and_then(|text| known.binary_search(text).ok());
    let of_row = texts.iter().map(place).collect();
    Ok((known, of_row))
}
