//! What a source has, read into memory and served as it is: data that is no bundle.

mod assets;
mod events;
mod fetch;
mod tables;

use std::collections::BTreeMap;
use std::sync::Arc;

use rustybt_calendars::{Calendar, Session};

use self::assets::Lives;
use self::fetch::Fetched;
use crate::{
    AdjustmentTable, AssetFinder, AssetTable, BarReader, DataPortal, Error, Frequency,
    FuturesTable, FxRates, MemoryBars, PortalParts, RawBars, Rejected, Selection, Sid, Source,
    Survey, TableQuery, TableReader, Timeline,
};

/// Everything that a source has for a selection, in memory: readers of it without a bundle.
///
/// Whatever can be ingested can be read so: a folder of CSV files, Parquet files, a source of one's
/// own. Rows go through the rules that an ingest has, assets get the sids that the first ingest into
/// a new bundle would give them, and the answers are those of that bundle. What was refused is in
/// [`rejected`](Self::rejected).
///
/// All of it is read at once, so it has to fit into memory. What is larger, read often, or has to
/// stay as it is belongs into a bundle.
///
/// ```
/// # use rustybt_calendars::{Calendar, Session, calendar};
/// # use rustybt_data::*;
/// # #[derive(Debug)]
/// # struct Mine;
/// # impl Source for Mine {
/// #     fn name(&self) -> &str { "mine" }
/// #     fn survey(&self, _: &Selection) -> Result<Survey, SourceError> {
/// #         let asset = AssetRecord { symbol: "OAK".into(), ..AssetRecord::default() };
/// #         let part = Part { name: "OAK".into(), asset: 0, frequency: Frequency::DAILY, bytes: 0 };
/// #         Ok(Survey { assets: vec![asset], parts: vec![part], ..Survey::default() })
/// #     }
/// #     fn fetch(&self, _: &Part, _: &Selection) -> Result<Delivery, SourceError> {
/// #         let mut column = ExactColumn::default();
/// #         for text in ["10", "11.5"] { let _ = column.push(text.parse().ok()); }
/// #         let days = ["2020-01-02", "2020-01-03"].map(|day| day.parse().unwrap()).to_vec();
/// #         let columns = Field::OHLCV.map(|field| (field, column.clone())).to_vec();
/// #         let bars = RawBars { stamps: Stamps::Sessions(days), columns, lines: Vec::new() };
/// #         let (events, rejected, notes) = (Vec::new(), Vec::new(), Vec::new());
/// #         Ok(Delivery { bars, events, rejected, notes, rows: 2 })
/// #     }
/// # }
/// # let my_source = Mine;
/// let selection = Selection {
///     symbols: None,
///     start: None,
///     end: None,
///     frequency: None,
///     calendar: calendar("XNYS")?,
/// };
/// let data = SourceData::read(&my_source, &selection)?;
/// assert!(data.rejected().is_empty());
/// let portal = data.portal()?;
/// let view = portal.at_session("2020-01-03".parse()?)?;
/// assert_eq!(view.current(view.lookup("OAK")?, Quote::Price)?, 11.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SourceData {
    calendar: Arc<Calendar>,
    finder: Arc<AssetTable>,
    adjustments: Arc<AdjustmentTable>,
    daily: Option<Arc<dyn BarReader>>,
    minute: Option<Arc<dyn BarReader>>,
    tables: Vec<Arc<dyn TableReader>>,
    rejected: Vec<Rejected>,
    notes: Vec<String>,
}

impl SourceData {
    /// Reads everything that the source has for the selection, several parts at once.
    ///
    /// # Errors
    ///
    /// [`Error::Source`] where the source cannot deliver, [`Error::SidTaken`] and
    /// [`Error::NoSidLeft`] for sids that cannot be given.
    pub fn read(source: &dyn Source, selection: &Selection) -> Result<Self, Error> {
        let failed =
            |error| Error::Source { name: source.name().to_owned(), error: Arc::new(error) };
        let survey = source.survey(selection).map_err(failed)?;
        let sids = assets::sids(&survey.assets)?;
        let today = selection.end.unwrap_or_else(|| selection.calendar.last_session());
        let fetched = fetch::all(source, selection, &survey, today).map_err(failed)?;
        Self::of(survey, &sids, fetched, selection, today)
    }

    fn of(
        mut survey: Survey,
        sids: &[Sid],
        fetched: Fetched,
        selection: &Selection,
        today: Session,
    ) -> Result<Self, Error> {
        let calendar = &selection.calendar;
        let mut rejected = std::mem::take(&mut survey.rejected);
        let mut notes = std::mem::take(&mut survey.notes);
        rejected.extend(fetched.rejected);
        notes.extend(fetched.notes);
        let mut lives = Lives::new(calendar, today);
        for (&(asset, _), bars) in &fetched.bars {
            lives.see_bars(asset, &bars.stamps);
        }
        for (part, table) in &fetched.tables {
            lives.see_rows(part, table);
        }
        let known = lives.assets(&survey.assets, sids);
        let finder = Arc::new(AssetTable::new(known));
        let mut events = std::mem::take(&mut survey.events);
        events.extend(fetched.events);
        let events = events::resolved(events, &survey.assets, sids, &finder, &mut rejected);
        let tables = tables::joined(fetched.tables, &survey.assets, sids, &mut rejected);
        let mut by_frequency: BTreeMap<Frequency, Vec<(Sid, RawBars)>> = BTreeMap::new();
        for ((asset, frequency), bars) in fetched.bars {
            if let Some(&sid) = sids.get(asset).filter(|sid| finder.asset(**sid).is_some()) {
                by_frequency.entry(frequency).or_default().push((sid, bars));
            }
        }
        let daily = by_frequency.remove(&Frequency::DAILY);
        let within = by_frequency.keys().filter(|frequency| frequency.is_intraday());
        let finest = within.copied().min_by_key(|frequency| frequency.minutes());
        let minute = finest.and_then(|finest| Some((finest, by_frequency.remove(&finest)?)));
        let left = by_frequency.into_keys().map(|left| {
            format!(
                "bars of {left} are not read: they are made of finer ones, or of the daily ones"
            )
        });
        notes.extend(left);
        let reader = |frequency, bars: Vec<(Sid, RawBars)>| laid(calendar, frequency, &bars);
        let daily = daily.map(|bars| reader(Frequency::DAILY, bars)).transpose()?.flatten();
        let minute = minute.map(|(finest, bars)| reader(finest, bars)).transpose()?.flatten();
        Ok(Self {
            calendar: Arc::clone(calendar),
            finder,
            adjustments: Arc::new(AdjustmentTable::new(events)),
            daily,
            minute,
            tables,
            rejected,
            notes,
        })
    }

    /// The daily bars, where there are any.
    pub fn daily(&self) -> Option<Arc<dyn BarReader>> {
        self.daily.clone()
    }

    /// The finest bars within sessions, where there are any.
    pub fn minute(&self) -> Option<Arc<dyn BarReader>> {
        self.minute.clone()
    }

    /// Who is who.
    pub fn finder(&self) -> &Arc<AssetTable> {
        &self.finder
    }

    /// What happened to the assets.
    pub fn adjustments(&self) -> &Arc<AdjustmentTable> {
        &self.adjustments
    }

    /// The tables beyond bars.
    pub fn tables(&self) -> &[Arc<dyn TableReader>] {
        &self.tables
    }

    /// What was not taken in, and why.
    pub fn rejected(&self) -> &[Rejected] {
        &self.rejected
    }

    /// What the source says beside its data.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// All of it, served.
    ///
    /// # Errors
    ///
    /// As [`DataPortal::new`].
    pub fn portal(&self) -> Result<DataPortal, Error> {
        let portal = DataPortal::new(PortalParts {
            calendar: Arc::clone(&self.calendar),
            finder: Arc::clone(&self.finder) as _,
            adjustments: Arc::clone(&self.adjustments) as _,
            daily: self.daily(),
            minute: self.minute(),
        })?;
        let rows = |name: &str| {
            let table = self.tables.iter().find(|table| table.schema().name == name);
            table.map(|table| table.scan(&TableQuery::new())).transpose()
        };
        let contracts = rows("futures_contracts")?;
        let futures = contracts.map(|rows| FuturesTable::from_rows(&rows, self.finder.as_ref()));
        let fx = rows("fx_rates")?.map(|rows| FxRates::from_rows(&rows));
        let portal = portal.with_futures(futures.unwrap_or_default());
        Ok(portal.with_fx(fx.unwrap_or_default()).with_tables(self.tables.iter().cloned()))
    }
}

/// Bars of one frequency on the timeline from the first to the last of them; `None` for none.
fn laid(
    calendar: &Arc<Calendar>,
    frequency: Frequency,
    bars: &[(Sid, RawBars)],
) -> Result<Option<Arc<dyn BarReader>>, Error> {
    let spans = bars.iter().filter_map(|(_, bars)| assets::span(calendar, &bars.stamps));
    let span = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    let Some((first, last)) = span else { return Ok(None) };
    let timeline = match Timeline::new(Arc::clone(calendar), frequency, first, last) {
        Ok(timeline) => timeline,
        // There are bars, all of them outside the hours of the exchange.
        Err(Error::NoSessions { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let bars = bars.iter().map(|(sid, bars)| (*sid, bars));
    Ok(Some(Arc::new(MemoryBars::new(timeline, bars))))
}
