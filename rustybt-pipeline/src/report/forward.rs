//! What came after each row of a pipeline: the only place that looks forward.

use std::collections::BTreeMap;

use rustybt_data::Sid;

use crate::{BoundColumn, EquityPricing, Error, Loader, PipelineOutput, Restatements};

/// The price of a session at which an asset is taken on and given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Price {
    /// The open: the first price at which one may act on a row.
    #[default]
    Open,
    /// The close of the same session.
    Close,
}

/// The returns of the sessions that follow each row of a pipeline.
///
/// The row of session N is known before N opens. Its forward return over `p` sessions is
/// `P(N + p) / P(N) − 1`, with the prices of N adjusted for every split, dividend and merger that took
/// effect after N, up to N + p: both are seen from the end of the window, and dividends count as earned.
///
/// * An asset without a price on N cannot be bought, and has no forward return.
/// * Where the asset has no price on N + p, because it did not trade or is listed no longer, its last
///   price of the window counts: who held it has that. So what vanished is not left out.
/// * Of a window that reaches beyond the data nothing is known: it is missing.
/// * Where rows are bars within sessions, a period is so many bars, and the price that of the bar.
///
/// These numbers come from the future of the rows beside them. They are for [reports](super) alone: they
/// are no [`Column`](crate::Column) of an output and no [`Factor`](crate::Factor), and nothing makes them one.
#[derive(Debug, Clone, PartialEq)]
pub struct ForwardReturns {
    rows: usize,
    periods: Vec<(usize, Vec<f64>)>,
}

impl ForwardReturns {
    /// Those of every row of `output`, over each of `periods`, in sessions, or in bars where rows are bars.
    ///
    /// # Errors
    ///
    /// [`Error::Periods`] for no period or one of no sessions; [`Error::NotASession`] where the rows are of
    /// another calendar; those of the loader.
    pub fn of(
        loader: &dyn Loader,
        output: &PipelineOutput,
        periods: &[usize],
        price: Price,
    ) -> Result<Self, Error> {
        let mut periods = periods.to_vec();
        periods.sort_unstable();
        periods.dedup();
        let (Some(longest), true) = (periods.last(), periods.first() != Some(&0)) else {
            return Err(Error::Periods);
        };
        let places = places(loader, output)?;
        let mut found = vec![vec![f64::NAN; output.len()]; periods.len()];
        if let (Some(first), Some(last)) = (places.iter().min(), places.iter().max()) {
            let axis = loader.axis();
            let sessions = loader.calendar().sessions().len();
            let most = axis.first_of(if axis.is_within_sessions() { usize::MAX } else { sessions });
            // Row N of a loader shows the bar of session N − 1.
            let end = last.saturating_add(*longest).saturating_add(2).min(most);
            let prices = Prices::load(loader, output, price, (*first + 1).min(end)..end)?;
            for (row, (place, sid)) in places.iter().zip(output.sids()).enumerate() {
                for (period, found) in periods.iter().zip(&mut found) {
                    if let Some(out) = found.get_mut(row) {
                        *out = prices.change(*sid, *place, *period);
                    }
                }
            }
        }
        Ok(Self { rows: output.len(), periods: periods.into_iter().zip(found).collect() })
    }

    /// The periods there are, ascending, in sessions.
    pub fn periods(&self) -> impl Iterator<Item = usize> {
        self.periods.iter().map(|(period, _)| *period)
    }

    /// The forward returns of a period, one a row, `NaN` where there is none.
    pub fn over(&self, period: usize) -> Option<&[f64]> {
        let found = self.periods.iter().find(|(known, _)| *known == period);
        found.map(|(_, values)| values.as_slice())
    }

    /// How many rows they are of.
    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    /// Every period with its values.
    pub(super) fn all(&self) -> &[(usize, Vec<f64>)] {
        &self.periods
    }
}

/// The position of each row on the axis of the loader.
pub(super) fn places(loader: &dyn Loader, output: &PipelineOutput) -> Result<Vec<usize>, Error> {
    let axis = loader.axis();
    let instants = output.instants().unwrap_or_default();
    let mut known = BTreeMap::new();
    let mut places = Vec::with_capacity(output.len());
    for (row, session) in output.sessions().iter().enumerate() {
        let opens = instants.get(row).copied();
        if let Some(place) = known.get(&(*session, opens)) {
            places.push(*place);
            continue;
        }
        let rows = axis.rows_of(*session).ok_or_else(|| Error::NotASession {
            date: *session,
            calendar: loader.calendar().name().to_owned(),
            previous: None,
            next: None,
        })?;
        let first = rows.start;
        let place = opens.map_or(first, |opens| axis.first_opening(first, opens));
        known.insert((*session, opens), place);
        places.push(place);
    }
    Ok(places)
}

/// The prices of all assets of a pipeline, raw, and what restates them.
struct Prices {
    /// The loader's row of the first price.
    start: usize,
    series: BTreeMap<Sid, (Vec<f64>, Restatements)>,
    /// The row behind the last price of any asset: there the data end.
    end: usize,
}

impl Prices {
    fn load(
        loader: &dyn Loader,
        output: &PipelineOutput,
        price: Price,
        rows: std::ops::Range<usize>,
    ) -> Result<Self, Error> {
        let column: BoundColumn = match price {
            Price::Open => EquityPricing::OPEN,
            Price::Close => EquityPricing::CLOSE,
        };
        let mut sids = output.sids().to_vec();
        sids.sort_unstable();
        sids.dedup();
        let loaded = loader.load(&column, rows.clone(), &sids)?;
        let series: BTreeMap<Sid, (Vec<f64>, Restatements)> = sids
            .into_iter()
            .zip(loaded)
            .map(|(sid, series)| {
                (sid, (series.values.into_owned(), series.restatements.into_owned()))
            })
            .collect();
        let behind =
            |values: &Vec<f64>| values.iter().rposition(|v| !v.is_nan()).map_or(0, |last| last + 1);
        let end = series.values().map(|(values, _)| behind(values)).max().unwrap_or(0);
        Ok(Self { start: rows.start, series, end: rows.start + end })
    }

    /// The change of an asset's price from the session at `place` over `period` sessions.
    fn change(&self, sid: Sid, place: usize, period: usize) -> f64 {
        let (first, last) = (place + 1, place + 1 + period);
        let Some((values, restatements)) = self.series.get(&sid) else { return f64::NAN };
        if last >= self.end || first < self.start {
            return f64::NAN;
        }
        let Some(window) = values.get(first - self.start..=last - self.start) else {
            return f64::NAN;
        };
        let change = |window: &[f64]| {
            let from = window.first().copied().unwrap_or(f64::NAN);
            let to = window.iter().rev().find(|value| !value.is_nan());
            let change = to.copied().unwrap_or(f64::NAN) / from - 1.0;
            if change.is_finite() { change } else { f64::NAN }
        };
        if !restatements.stretch(last, period + 1).0 {
            return change(window);
        }
        let mut seen = window.to_vec();
        restatements.restate(last, first..last + 1, &mut seen);
        change(&seen)
    }
}
