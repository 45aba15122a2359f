//! Columns within sessions: bars of minutes or hours, beside what is told once a session.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use rustybt_calendars::Calendar;
use rustybt_data::{AssetFinder, Sid};

use crate::{Axis, BoundColumn, Error, Loader, Series, Words};

/// The columns of bars within sessions, and those of a loader of sessions: all through a session its rows show
/// what the session's own row shows, which was known before it opened.
///
/// ```
/// use std::sync::Arc;
///
/// use rustybt_data::{Synthetic, SyntheticConfig};
/// use rustybt_pipeline::{
///     CustomFactor, Engine, EquityLoader, Frame, FrameLoader, IntradayLoader, Pipeline, RunOptions, Rsi,
/// };
///
/// let config = SyntheticConfig {
///     assets: 3, minute_assets: 3, minute_days: 30, ..SyntheticConfig::default()
/// };
/// let market = Synthetic::new(config)?;
/// let portal = market.portal()?;
/// let daily = FrameLoader::new(Arc::new(EquityLoader::of(&portal)?), &[] as &[Frame]);
/// let hourly = EquityLoader::within(&portal, "1h".parse()?)?;
/// let engine = Engine::new(Arc::new(IntradayLoader::new(hourly, Arc::new(daily))));
/// let pipeline = Pipeline::new().with("rsi", Rsi::default().factor()?);
/// # let sessions = portal.minute().unwrap().timeline().sessions();
/// # let day = sessions[sessions.len() - 3];
/// let output = engine.run(&pipeline, day, day, &RunOptions::default())?;
/// assert_eq!(output.instants().unwrap().len(), output.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct IntradayLoader<B> {
    bars: B,
    daily: Arc<dyn Loader>,
}

impl<B: Loader> IntradayLoader<B> {
    /// The columns of `bars`, whose rows count, and those of `daily`, whose rows are the sessions of the same
    /// calendar. A column that both have is that of `bars`.
    pub fn new(bars: B, daily: Arc<dyn Loader>) -> Self {
        Self { bars, daily }
    }

    fn has_bars_of(&self, column: &BoundColumn) -> bool {
        self.bars.columns().contains(&column.unconverted())
    }
}

impl<B: Loader> Loader for IntradayLoader<B> {
    fn calendar(&self) -> &Arc<Calendar> {
        self.bars.calendar()
    }

    fn axis(&self) -> Axis {
        self.bars.axis()
    }

    fn finder(&self) -> &dyn AssetFinder {
        self.bars.finder()
    }

    fn first_row(&self) -> usize {
        self.bars.first_row()
    }

    fn first_row_of(&self, column: &BoundColumn) -> usize {
        if self.has_bars_of(column) {
            return self.bars.first_row_of(column);
        }
        self.axis().first_of(self.daily.first_row_of(column))
    }

    fn columns(&self) -> Vec<BoundColumn> {
        let mut columns = self.bars.columns();
        let more = self.daily.columns();
        columns.extend(more.into_iter().filter(|column| !self.has_bars_of(column)));
        columns
    }

    fn words(&self, column: &BoundColumn) -> Result<Words, Error> {
        if self.has_bars_of(column) { self.bars.words(column) } else { self.daily.words(column) }
    }

    fn load(
        &self,
        column: &BoundColumn,
        rows: Range<usize>,
        sids: &[Sid],
    ) -> Result<Vec<Series<'_>>, Error> {
        if self.has_bars_of(column) {
            return self.bars.load(column, rows, sids);
        }
        let axis = self.axis();
        let places: Vec<usize> = rows.filter_map(|row| axis.session_index(row)).collect();
        let (Some(&first), Some(&last)) = (places.first(), places.last()) else {
            return self.daily.load(column, 0..0, sids);
        };
        let sessions = self.daily.load(column, first..last + 1, sids)?;
        let spread = |series: Series<'_>| Series {
            values: places
                .iter()
                .map(|session| series.values.get(session - first).copied().unwrap_or(f64::NAN))
                .collect::<Cow<'_, [f64]>>(),
            restatements: Cow::Owned(series.restatements.moved(
                |session| axis.first_of(session),
                // All rows of a session show its row.
                |last| axis.first_of(last + 1).saturating_sub(1),
            )),
        };
        Ok(sessions.into_iter().map(spread).collect())
    }
}
