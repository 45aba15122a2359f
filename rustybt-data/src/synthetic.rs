//! A seeded market for demonstrations, tests and benches: the same numbers on every machine.
//!
//! Assets walk randomly with a common factor. A quarter of them list late, one in seven delists;
//! there are splits of every kind, half of the assets pay dividends each quarter, and some have
//! days without a trade. For some there are minute bars, with minutes missing.

mod random;
mod text;
mod walk;

use std::ops::Range;
use std::sync::Arc;

use rustybt_calendars::{Calendar, Session, calendar};

use crate::{
    Action, Adjustment, AdjustmentTable, Asset, AssetRecord, AssetTable, BarReader, DataPortal,
    Delivery, Error, Frequency, MemoryBars, Part, PortalParts, RawBars, Selection, Sid, Source,
    SourceError, SourceEvent, Stamps, Survey, Timeline,
};

/// What a [`Synthetic`] market is like.
#[derive(Debug, Clone)]
pub struct SyntheticConfig {
    /// Another seed, another market.
    pub seed: u64,
    /// The number of assets; an asset is the same whatever their number.
    pub assets: usize,
    /// The calendar's name.
    pub calendar: String,
    /// Nothing before this date.
    pub start: Session,
    /// Nothing after this date.
    pub end: Session,
    /// How many assets, the first ones, have minute bars too.
    pub minute_assets: usize,
    /// Of how many sessions, the last of each asset's life, there are minute bars.
    pub minute_days: usize,
}

impl Default for SyntheticConfig {
    /// Five hundred assets on `XNYS` over the ten years from 2013, daily bars alone.
    fn default() -> Self {
        Self {
            seed: 2,
            assets: 500,
            calendar: "XNYS".to_owned(),
            start: Session::from_days(15_707),
            end: Session::from_days(19_356),
            minute_assets: 0,
            minute_days: 0,
        }
    }
}

/// A seeded market.
///
/// ```
/// use rustybt_data::{Quote, Sid, Synthetic, SyntheticConfig};
///
/// let market = Synthetic::new(SyntheticConfig { assets: 3, ..SyntheticConfig::default() })?;
/// let portal = market.portal()?;
/// let data = portal.at_session("2016-03-01".parse()?)?;
/// assert!(data.current(Sid(0), Quote::Price)? > 0.0);
/// assert!(market.daily_csv(0).is_some_and(|text| text.starts_with("date,open,high")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Synthetic {
    config: SyntheticConfig,
    calendar: Arc<Calendar>,
    /// Every session from `start` to `end`.
    sessions: Vec<Session>,
    /// The moves that assets share, one a session.
    market: Vec<f64>,
}

/// One asset of a [`Synthetic`] market.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntheticAsset {
    /// `A00000`, `A00001` and so on.
    pub symbol: String,
    /// Its first session.
    pub start: Session,
    /// Its last session.
    pub end: Session,
    /// One bar for each session of its life.
    pub daily: RawBars,
    /// Its minute bars, where it has some.
    pub minute: Option<RawBars>,
    /// Its splits and dividends by ex-date, ascending.
    pub events: Vec<(Session, Action)>,
}

impl Synthetic {
    /// The market of a configuration. Assets are made when they are asked for.
    ///
    /// # Errors
    ///
    /// [`Error::Calendar`] for an unknown calendar, [`Error::NoSessions`] for an empty range.
    pub fn new(config: SyntheticConfig) -> Result<Self, Error> {
        let calendar = calendar(&config.calendar)?;
        let sessions = calendar.sessions_in_range(config.start, config.end).to_vec();
        if sessions.is_empty() {
            let name = calendar.name().to_owned();
            return Err(Error::NoSessions { calendar: name, start: config.start, end: config.end });
        }
        let market = walk::market(config.seed, sessions.len());
        Ok(Self { config, calendar, sessions, market })
    }

    /// What the market is like.
    pub fn config(&self) -> &SyntheticConfig {
        &self.config
    }

    /// Its calendar.
    pub fn calendar(&self) -> &Arc<Calendar> {
        &self.calendar
    }

    /// Every session there is, ascending.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The number of assets.
    pub fn len(&self) -> usize {
        self.config.assets
    }

    /// Whether there are no assets.
    pub fn is_empty(&self) -> bool {
        self.config.assets == 0
    }

    /// The symbol of an asset.
    pub fn symbol(&self, asset: usize) -> String {
        format!("A{asset:05}")
    }

    /// One asset with everything there is of it; `None` beyond the last.
    pub fn asset(&self, asset: usize) -> Option<SyntheticAsset> {
        let (start, end, life) = self.life(asset)?;
        let (daily, events) = self.daily(asset, life);
        let minute = (asset < self.config.minute_assets && self.config.minute_days > 0)
            .then(|| self.minutes(asset, &daily));
        Some(SyntheticAsset { symbol: self.symbol(asset), start, end, daily, minute, events })
    }

    /// An asset's daily bars as a CSV file, with `dividend` and `split` columns as zipline's
    /// csvdir bundles have them.
    pub fn daily_csv(&self, asset: usize) -> Option<String> {
        let (.., life) = self.life(asset)?;
        let (daily, events) = self.daily(asset, life);
        Some(text::csv(&daily, &events))
    }

    /// An asset's minute bars as a CSV file, in UTC; `None` where it has none.
    pub fn minute_csv(&self, asset: usize) -> Option<String> {
        let minute = self.asset(asset)?.minute?;
        Some(text::csv(&minute, &[]))
    }

    /// The whole market in memory; an asset's sid is its number.
    ///
    /// # Errors
    ///
    /// None for a market that was built.
    pub fn portal(&self) -> Result<DataPortal, Error> {
        DataPortal::new(self.parts()?)
    }

    /// The parts of [`portal`](Self::portal), to leave some out or to use them alone.
    ///
    /// # Errors
    ///
    /// As [`portal`](Self::portal).
    pub fn parts(&self) -> Result<PortalParts, Error> {
        let (start, end) = (self.config.start, self.config.end);
        let mut daily = MemoryBars::builder(Timeline::daily(self.calendar.clone(), start, end)?);
        let mut minute: Option<crate::MemoryBarsBuilder> = None;
        let mut assets = Vec::with_capacity(self.len());
        let mut events = Vec::new();
        for number in 0..self.len() {
            let Some(asset) = self.asset(number) else { break };
            let sid = Sid(number as u32);
            daily = daily.bars(sid, &asset.daily);
            if let Some(bars) = &asset.minute {
                let builder = match minute.take() {
                    Some(builder) => builder,
                    None => MemoryBars::builder(Timeline::minutes(
                        self.calendar.clone(),
                        self.minutes_from(),
                        end,
                    )?),
                };
                minute = Some(builder.bars(sid, bars));
            }
            assets.push(Asset::equity(sid, asset.symbol, asset.start, asset.end));
            events.extend(asset.events.into_iter().map(|(effective, action)| Adjustment {
                sid,
                effective,
                known: None,
                action,
            }));
        }
        Ok(PortalParts {
            calendar: self.calendar.clone(),
            finder: Arc::new(AssetTable::new(assets)),
            adjustments: Arc::new(AdjustmentTable::new(events)),
            daily: Some(Arc::new(daily.build())),
            minute: minute.map(|minute| Arc::new(minute.build()) as Arc<dyn BarReader>),
        })
    }

    /// The first session of which any asset has minutes.
    fn minutes_from(&self) -> Session {
        let lives =
            (0..self.config.minute_assets.min(self.len())).filter_map(|asset| self.life(asset));
        let first = lives
            .map(|(.., life)| life.end.saturating_sub(self.config.minute_days).max(life.start));
        let first = first.min().and_then(|first| self.sessions.get(first));
        first.copied().unwrap_or(self.config.start)
    }

    fn life(&self, asset: usize) -> Option<(Session, Session, Range<usize>)> {
        if asset >= self.config.assets {
            return None;
        }
        let life = walk::life(self.config.seed, asset, self.sessions.len());
        let sessions = self.sessions.get(life.clone())?;
        Some((*sessions.first()?, *sessions.last()?, life))
    }

    fn daily(&self, asset: usize, life: Range<usize>) -> (RawBars, Vec<(Session, Action)>) {
        let sessions = self.sessions.get(life.clone()).unwrap_or_default();
        let market = self.market.get(life).unwrap_or_default();
        walk::daily(self.config.seed, asset, sessions, market)
    }

    fn minutes(&self, asset: usize, daily: &RawBars) -> RawBars {
        walk::minutes(self.config.seed, asset, &self.calendar, daily, self.config.minute_days)
    }
}

impl Source for Synthetic {
    fn name(&self) -> &'static str {
        "synthetic"
    }

    fn is_dear(&self) -> bool {
        false
    }

    fn survey(&self, selection: &Selection) -> Result<Survey, SourceError> {
        let mut survey = Survey::default();
        for asset in self.chosen(selection)? {
            let Some((start, end, life)) = self.life(asset) else { continue };
            let start = selection.start.map_or(start, |first| start.max(first));
            let end = selection.end.map_or(end, |last| end.min(last));
            if start > end {
                continue;
            }
            let symbol = self.symbol(asset);
            let mut part = |frequency, kind, bytes| {
                if selection.frequency.is_none_or(|wanted| wanted == frequency) {
                    let name = format!("{kind}/{symbol}");
                    let asset = survey.assets.len();
                    survey.parts.push(Part { name, asset, frequency, bytes });
                }
            };
            part(Frequency::DAILY, "daily", life.len() as u64 * 54);
            if asset < self.config.minute_assets && self.config.minute_days > 0 {
                part(
                    Frequency::MINUTE,
                    "minute",
                    (self.config.minute_days as u64).saturating_mul(390 * 54),
                );
            }
            let record = AssetRecord {
                symbol,
                start: Some(start),
                end: Some(end),
                ..AssetRecord::default()
            };
            survey.assets.push(record);
        }
        Ok(survey)
    }

    fn fetch(&self, part: &Part, selection: &Selection) -> Result<Delivery, SourceError> {
        let symbol = part.name.rsplit('/').next().unwrap_or_default();
        let number = self.number(symbol).map_err(SourceError::new)?;
        let (.., life) = self.life(number).ok_or_else(|| SourceError::new(self.unknown(symbol)))?;
        let (daily, events) = self.daily(number, life);
        let (bars, events) = if part.frequency == Frequency::MINUTE {
            (self.minutes(number, &daily), Vec::new())
        } else {
            (daily, events)
        };
        let within = |day: Session| {
            selection.start.is_none_or(|first| day >= first)
                && selection.end.is_none_or(|last| day <= last)
        };
        let events =
            events.into_iter().filter(|(day, _)| within(*day)).map(|(effective, action)| {
                SourceEvent { asset: part.asset, effective, known: None, action }
            });
        let bars = cut(bars, within);
        let rows = bars.len() as u64;
        Ok(Delivery {
            bars,
            events: events.collect(),
            rejected: Vec::new(),
            notes: Vec::new(),
            rows,
        })
    }
}

impl Synthetic {
    /// The numbers of the assets of a selection.
    fn chosen(&self, selection: &Selection) -> Result<Vec<usize>, SourceError> {
        match &selection.symbols {
            None => Ok((0..self.len()).collect()),
            Some(symbols) => {
                let numbers = symbols.iter().map(|symbol| self.number(symbol));
                numbers.collect::<Result<_, _>>().map_err(SourceError::new)
            }
        }
    }

    fn number(&self, symbol: &str) -> Result<usize, Error> {
        let number = symbol.strip_prefix(['A', 'a']).and_then(|digits| digits.parse().ok());
        let number = number.filter(|&number| number < self.len());
        number.ok_or_else(|| self.unknown(symbol))
    }

    fn unknown(&self, symbol: &str) -> Error {
        let near = self.len().checked_sub(1).into_iter().flat_map(|last| [0, last]);
        Error::UnknownSymbol {
            symbol: symbol.to_owned(),
            as_of: self.config.end,
            near: near.map(|asset| self.symbol(asset)).collect(),
        }
    }
}

/// The bars of the days that pass.
fn cut(mut bars: RawBars, within: impl Fn(Session) -> bool) -> RawBars {
    let gone: Vec<usize> = match &bars.stamps {
        Stamps::Sessions(days) => {
            (0..).zip(days).filter(|(_, day)| !within(**day)).map(|(row, _)| row).collect()
        }
        Stamps::Instants(opens) => {
            (0..).zip(opens).filter(|(_, open)| !within(open.date())).map(|(row, _)| row).collect()
        }
    };
    bars.remove(&gone);
    bars
}

#[cfg(test)]
mod tests;
