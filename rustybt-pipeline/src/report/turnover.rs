//! How fast a factor changes its mind.

use std::collections::BTreeMap;
use std::ops::Range;

use super::sample::{Day, Sample};
use crate::kernel::Products;

/// The rows of the session `period` sessions of the calendar before, where it has any.
fn before<'a>(sample: &'a Sample, day: &Day, period: usize) -> Option<&'a Range<usize>> {
    let place = day.place.checked_sub(period)?;
    let found = sample.days.binary_search_by_key(&place, |day| day.place).ok()?;
    sample.days.get(found).map(|day| &day.rows)
}

/// For each quantile and session, the share of its assets that were not in it `period` sessions
/// before; `NaN` where there is nothing to compare.
pub(super) fn of_quantiles(sample: &Sample, quantiles: usize, period: usize) -> Vec<Vec<f64>> {
    let mut shares = vec![Vec::with_capacity(sample.days.len()); quantiles];
    let members = |rows: &Range<usize>, quantile: usize| -> Vec<_> {
        let sids = sample.sids.get(rows.clone()).unwrap_or_default();
        let of_rows = sample.quantile.get(rows.clone()).unwrap_or_default();
        // Rows come by sid.
        sids.iter().zip(of_rows).filter(|(_, of)| **of == quantile).map(|(sid, _)| *sid).collect()
    };
    for day in &sample.days {
        let earlier = before(sample, day, period);
        for (quantile, shares) in shares.iter_mut().enumerate() {
            let now = members(&day.rows, quantile);
            let then = earlier.map(|rows| members(rows, quantile)).unwrap_or_default();
            let new = now.iter().filter(|sid| then.binary_search(sid).is_err()).count();
            let share = new as f64 / now.len() as f64;
            shares.push(if then.is_empty() { f64::NAN } else { share });
        }
    }
    shares
}

/// The correlation of each session's ranks with those of `period` sessions before, across the assets of
/// both; `NaN` where there is nothing to compare.
pub(super) fn autocorrelation(sample: &Sample, ranks: &[f64], period: usize) -> Vec<f64> {
    let ranked = |rows: &Range<usize>| {
        let sids = sample.sids.get(rows.clone()).unwrap_or_default();
        sids.iter().copied().zip(ranks.get(rows.clone()).unwrap_or_default().iter().copied())
    };
    let each = sample.days.iter().map(|day| {
        let Some(earlier) = before(sample, day, period) else { return f64::NAN };
        let then: BTreeMap<_, f64> = ranked(earlier).collect();
        let (now, then): (Vec<f64>, Vec<f64>) = ranked(&day.rows)
            .filter_map(|(sid, rank)| then.get(&sid).map(|before| (rank, *before)))
            .unzip();
        Products::of(&now, &then).correlation()
    });
    each.collect()
}
