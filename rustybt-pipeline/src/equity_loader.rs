//! The columns of `EquityPricing`, from bars and corporate actions.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rustybt_calendars::{Calendar, Session};
use rustybt_data::{
    AdjustMode, Adjustment, AdjustmentReader, AssetFinder, BarReader, BarReaderExt, DataPortal,
    Factors, Field, Frequency, FxRates, FxTable, ResampledBars, Sid, Timeline,
};

use crate::{
    Axis, BoundColumn, EquityPricing, Error, Loader, Restatement, Restatements, Series, Words,
};

/// Loads `EquityPricing` from any reader of bars, adjusted by any reader of corporate actions.
///
/// Bars are daily, or of any frequency within sessions; the rows of a pipeline are then those bars.
/// Splits divide earlier prices and multiply earlier volumes; dividends and mergers multiply earlier
/// prices alone. An event is seen from the session it takes effect; one that became known only after
/// that session opened is seen from the first session that opens with it known.
///
/// Prices [in another currency](BoundColumn::fx) are the raw ones at the rate of their own day, then
/// adjusted.
#[derive(Debug)]
pub struct EquityLoader {
    calendar: Arc<Calendar>,
    finder: Arc<dyn AssetFinder>,
    adjustments: Arc<dyn AdjustmentReader>,
    /// The bars shown.
    bars: Arc<dyn BarReader>,
    /// Those of whole sessions, whose closes dividends are measured by.
    daily: Arc<dyn BarReader>,
    rates: FxRates,
    axis: Axis,
    /// The row of the axis that the first bar has.
    first_bar: usize,
    /// What is restated, by the reader's order of assets; worked out when first asked for.
    restated: Vec<OnceLock<Restated>>,
}

#[derive(Debug, Default)]
struct Restated {
    price: Restatements,
    volume: Restatements,
}

impl EquityLoader {
    /// A loader of the daily bars of a portal, with its exchange rates.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn of(portal: &DataPortal) -> Result<Self, Error> {
        let loader = Self::new(
            Arc::clone(portal.calendar()),
            Arc::clone(portal.finder()),
            Arc::clone(portal.adjustments()),
            Arc::clone(portal.daily()),
        )?;
        Ok(loader.with_rates(portal.fx().clone()))
    }

    /// A loader of the bars of a frequency within the sessions of a portal: its minutes, or what they make.
    ///
    /// # Errors
    ///
    /// As [`with_bars`](Self::with_bars); [`Error::Data`] where the portal has no minutes.
    pub fn within(portal: &DataPortal, frequency: Frequency) -> Result<Self, Error> {
        if frequency == Frequency::DAILY {
            return Self::of(portal);
        }
        let available = vec![Frequency::DAILY];
        let none = || rustybt_data::Error::NoBars { frequency, available };
        let minutes = portal.minute().ok_or_else(none)?;
        let bars: Arc<dyn BarReader> = if minutes.timeline().frequency() == frequency {
            Arc::clone(minutes)
        } else {
            Arc::new(ResampledBars::new(Arc::clone(minutes), frequency)?)
        };
        let loader = Self::with_bars(
            Arc::clone(portal.calendar()),
            Arc::clone(portal.finder()),
            Arc::clone(portal.adjustments()),
            Arc::clone(portal.daily()),
            bars,
        )?;
        Ok(loader.with_rates(portal.fx().clone()))
    }

    /// A loader of these parts, as a data portal has them.
    ///
    /// # Errors
    ///
    /// [`Error::NotDaily`] for bars of another frequency; [`Error::Calendars`] for bars on another
    /// calendar than `calendar`.
    pub fn new(
        calendar: Arc<Calendar>,
        finder: Arc<dyn AssetFinder>,
        adjustments: Arc<dyn AdjustmentReader>,
        daily: Arc<dyn BarReader>,
    ) -> Result<Self, Error> {
        let bars = Arc::clone(&daily);
        let frequency = bars.timeline().frequency();
        if frequency.is_intraday() {
            return Err(Error::NotDaily { frequency });
        }
        Self::with_bars(calendar, finder, adjustments, daily, bars)
    }

    /// A loader that shows `bars`, and measures dividends by the closes of `daily`.
    ///
    /// # Errors
    ///
    /// [`Error::RowsAcross`] for bars of several sessions, [`Error::Calendars`] for bars on another calendar
    /// than `calendar`.
    pub fn with_bars(
        calendar: Arc<Calendar>,
        finder: Arc<dyn AssetFinder>,
        adjustments: Arc<dyn AdjustmentReader>,
        daily: Arc<dyn BarReader>,
        bars: Arc<dyn BarReader>,
    ) -> Result<Self, Error> {
        let axis = Axis::new(Arc::clone(&calendar), bars.timeline().frequency())?;
        let first_bar = first_row(&axis, bars.timeline()).ok_or_else(|| {
            let bars = bars.timeline().calendar().name().to_owned();
            Error::Calendars { bars, pipeline: calendar.name().to_owned() }
        })?;
        let restated = bars.sids().iter().map(|_| OnceLock::new()).collect();
        let rates = FxRates::default();
        Ok(Self { calendar, finder, adjustments, bars, daily, rates, axis, first_bar, restated })
    }

    /// The same with these exchange rates: those called `mid`, else the first.
    #[must_use]
    pub fn with_rates(mut self, rates: FxRates) -> Self {
        self.rates = rates;
        self
    }

    fn restatements(&self, slot: usize, sid: Sid, field: Field) -> &Restatements {
        static NOTHING: OnceLock<Restatements> = OnceLock::new();
        let Some(cell) = self.restated.get(slot) else {
            return NOTHING.get_or_init(Restatements::default);
        };
        let restated = cell.get_or_init(|| self.restate(sid));
        if field.is_price() { &restated.price } else { &restated.volume }
    }

    /// Turns an asset's events into what they do to rows. Row N shows the bar before it, so an event that
    /// leaves session N and later alone multiplies the rows up to its first one.
    fn restate(&self, sid: Sid) -> Restated {
        let close = |session: Session| {
            let row = self.daily.timeline().row_of_session(session);
            row.and_then(|row| self.daily.value(Field::Close, sid, row).ok()).unwrap_or(f64::NAN)
        };
        let first = self.axis.session(self.first_bar).unwrap_or(Session::from_days(0));
        let (mut price, mut volume) = (Vec::new(), Vec::new());
        for event in self.adjustments.adjustments(sid) {
            let factors = Factors::new(
                std::slice::from_ref(event),
                AdjustMode::AsOf,
                &self.calendar,
                first,
                close,
            );
            for factor in factors.list {
                let last = self.axis.rows_of(factor.before);
                let seen = self.axis.rows_of(factor.from);
                let (Some(last), Some(seen)) = (last, seen) else { continue };
                // The first row of a session shows the last bar before it.
                let (last, seen) = (last.start, self.opens_knowing(event, seen.start));
                price.push(Restatement::multiply(last, seen, factor.price));
                volume.push(Restatement::multiply(last, seen, factor.volume));
            }
        }
        Restated { price: Restatements::new(price), volume: Restatements::new(volume) }
    }

    /// The first row from `seen` on that opens when the event is known.
    fn opens_knowing(&self, event: &Adjustment, seen: usize) -> usize {
        event.known.map_or(seen, |known| self.axis.first_opening(seen, known))
    }

    /// The raw values of one asset, of the bars before `rows`.
    fn values(&self, field: Field, sid: Sid, rows: &Range<usize>) -> Result<Cow<'_, [f64]>, Error> {
        // Row N shows the bar before it, whose place in the table is N − 1 − first_bar.
        let before = self.first_bar + 1;
        let bars = rows.start.saturating_sub(before)..rows.end.saturating_sub(before);
        let held =
            bars.start.min(self.bars.timeline().len())..bars.end.min(self.bars.timeline().len());
        let lead = rows.len() - bars.len();
        if lead == 0 && held.len() == bars.len() && !held.is_empty() {
            let run = self.bars.run(field, sid, held.start)?;
            if let Some(values) = run.slice(held.clone()) {
                return Ok(Cow::Borrowed(values));
            }
        }
        let mut values = vec![field.missing(); rows.len()];
        if let Some(places) = values.get_mut(lead..lead + held.len())
            && !held.is_empty()
        {
            self.bars.copy(field, sid, held, places)?;
        }
        Ok(Cow::Owned(values))
    }

    /// Converts the raw values of `rows` of an asset: each is of the bar before its row.
    fn convert(
        &self,
        sid: Sid,
        (rates, currency): (&FxTable, &str),
        rows: &Range<usize>,
        values: &mut [f64],
    ) {
        let own = self.finder.asset(sid).map_or("", |asset| asset.currency.as_str());
        if own == currency {
            return;
        }
        for (row, value) in rows.clone().zip(values) {
            let day = row.checked_sub(1).and_then(|row| self.axis.session(row));
            *value *= day.map_or(f64::NAN, |day| rates.on(own, currency, day));
        }
    }

    /// Every currency that an asset is in.
    fn currencies(&self) -> Words {
        Words::new(self.finder.assets().iter().map(|asset| &asset.currency))
    }
}

/// The row of an axis that the first bar of a timeline has; `None` where its bars are other ones.
fn first_row(axis: &Axis, bars: &Timeline) -> Option<usize> {
    let sessions = bars.sessions();
    let first = axis.calendar().session_index(*sessions.first()?)?;
    let own = axis.calendar().sessions().get(first..first + sessions.len())?;
    let rows = axis.first_of(first)..axis.first_of(first + sessions.len());
    (own == sessions && rows.len() == bars.len()).then_some(rows.start)
}

impl Loader for EquityLoader {
    fn calendar(&self) -> &Arc<Calendar> {
        &self.calendar
    }

    fn axis(&self) -> Axis {
        self.axis.clone()
    }

    fn finder(&self) -> &dyn AssetFinder {
        &*self.finder
    }

    fn first_row(&self) -> usize {
        self.first_bar + 1
    }

    fn columns(&self) -> Vec<BoundColumn> {
        EquityPricing::columns()
    }

    fn words(&self, column: &BoundColumn) -> Result<Words, Error> {
        let texts = *column == EquityPricing::CURRENCY;
        Ok(if texts { self.currencies() } else { Words::default() })
    }

    fn load(
        &self,
        column: &BoundColumn,
        rows: Range<usize>,
        sids: &[Sid],
    ) -> Result<Vec<Series<'_>>, Error> {
        if *column == EquityPricing::CURRENCY {
            let words = self.currencies();
            let label = |sid: &Sid| {
                let asset = self.finder.asset(*sid);
                asset.map_or(f64::NAN, |asset| words.label(&asset.currency))
            };
            let series = |sid: &Sid| Series {
                values: Cow::Owned(vec![label(sid); rows.len()]),
                restatements: Cow::Owned(Restatements::default()),
            };
            return Ok(sids.iter().map(series).collect());
        }
        let plain = column.unconverted();
        let field = EquityPricing::ALL.iter().position(|known| *known == *plain);
        let Some(&field) = field.and_then(|field| Field::OHLCV.get(field)) else {
            return Err(Error::UnknownColumn {
                column: column.to_string(),
                known: self.columns().iter().map(ToString::to_string).collect(),
            });
        };
        let conversion = match column.currency() {
            Some(currency) => Some((self.rates.usual()?, currency)),
            None => None,
        };
        let series = |sid: &Sid| {
            let Ok(slot) = self.bars.sids().binary_search(sid) else {
                // An asset that never had a bar.
                return Ok(Series {
                    values: Cow::Owned(vec![field.missing(); rows.len()]),
                    restatements: Cow::Owned(Restatements::default()),
                });
            };
            let mut values = self.values(field, *sid, &rows)?;
            if let Some(conversion) = conversion {
                self.convert(*sid, conversion, &rows, values.to_mut());
            }
            Ok(Series { values, restatements: Cow::Borrowed(self.restatements(slot, *sid, field)) })
        };
        sids.par_iter().map(series).collect()
    }
}
