//! The data of a bundle behind one door, and the only way to look through it: pinned to an instant.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustybt_calendars::{Calendar, Session, Timestamp};

use crate::{
    AdjustMode, Adjustment, AdjustmentReader, AssetFinder, BarData, BarReader, BarReaderExt,
    Clocking, CompletedDays, Error, Factors, Field, Frequency, FuturesTable, FxRates,
    ResampledBars, Sid, SidIndex, TableReader, Timeline,
};

/// What a portal is made of.
#[derive(Debug, Clone)]
pub struct PortalParts {
    /// The calendar of the bundle.
    pub calendar: Arc<Calendar>,
    /// Who is who.
    pub finder: Arc<dyn AssetFinder>,
    /// Splits, dividends and mergers.
    pub adjustments: Arc<dyn AdjustmentReader>,
    /// Daily bars, where there are any; the days of an asset without them are made of its minutes.
    pub daily: Option<Arc<dyn BarReader>>,
    /// Minute bars, where there are any; bars of several minutes will do.
    pub minute: Option<Arc<dyn BarReader>>,
}

/// The data of a bundle, served.
///
/// A portal answers nothing itself: [`at`](Self::at) pins it to an instant, and the
/// [`BarData`] that comes of it sees what was known then. Strategies are given that, never the
/// portal. It is `Send + Sync`; building one is cheap: an asset's events are turned into factors
/// when they are first needed.
#[derive(Debug)]
pub struct DataPortal {
    calendar: Arc<Calendar>,
    finder: Arc<dyn AssetFinder>,
    adjustments: Arc<dyn AdjustmentReader>,
    pub(crate) daily: Table,
    pub(crate) minute: Option<Table>,
    /// The sessions of the daily bars and on to the last of the minutes; rows are those of `daily`.
    pub(crate) days: Timeline,
    index: SidIndex,
    slots: Vec<Slot>,
    futures: FuturesTable,
    fx: FxRates,
    pub(crate) tables: Vec<Arc<dyn TableReader>>,
    /// Timelines of other frequencies that were asked for.
    resampled: Mutex<Vec<Timeline>>,
}

/// A reader with its labels at hand.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) reader: Arc<dyn BarReader>,
    pub(crate) timeline: Timeline,
    /// The labels in all sessions of the bundle, whether the table has rows of them or not.
    pub(crate) all: Timeline,
    /// How many of them lie before the table's first row.
    pub(crate) lead: usize,
    /// Whether any lie behind its last row.
    pub(crate) has_tail: bool,
}

/// What every answer about an asset needs.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) sid: Sid,
    pub(crate) start: Session,
    pub(crate) end: Session,
    pub(crate) auto_close: Option<Session>,
    /// The rows of its life in the daily table; none where the table does not have it.
    pub(crate) daily: Range<usize>,
    /// The rows of its life in the minute table.
    pub(crate) minute: Range<usize>,
    splits: OnceLock<Factors>,
    as_of: OnceLock<Factors>,
    total: OnceLock<Factors>,
}

impl DataPortal {
    /// A portal of these parts.
    ///
    /// # Errors
    ///
    /// [`Error::NoBars`] where there is no reader at all, [`Error::OtherCalendar`] where a reader
    /// lies on another calendar, [`Error::OtherFrequency`] where daily bars are none, or minute bars.
    pub fn new(parts: PortalParts) -> Result<Self, Error> {
        let PortalParts { calendar, finder, adjustments, daily, minute } = parts;
        let daily: Arc<dyn BarReader> = match (daily, &minute) {
            (Some(daily), _) if daily.timeline().frequency() == Frequency::DAILY => daily,
            (Some(daily), _) => {
                let found = daily.timeline().frequency();
                return Err(Error::OtherFrequency { expected: "daily bars", found });
            }
            (None, Some(minute)) => Arc::new(ResampledBars::days(minute.clone())),
            (None, None) => {
                return Err(Error::NoBars { frequency: Frequency::DAILY, available: Vec::new() });
            }
        };
        let within = minute.as_ref().map(|minute| minute.timeline().frequency());
        if let Some(found) = within.filter(|found| !found.is_intraday()) {
            return Err(Error::OtherFrequency { expected: "bars within sessions", found });
        }
        let within = minute.as_ref().filter(|minute| CompletedDays::is_needed(&*daily, &***minute));
        let daily: Arc<dyn BarReader> = match within {
            Some(minute) => Arc::new(CompletedDays::new(daily, Arc::clone(minute))?),
            None => daily,
        };
        let mut daily = Table::new(daily, &calendar)?;
        let minute = minute.map(|minute| Table::new(minute, &calendar)).transpose()?;
        let last = minute.as_ref().and_then(|minute| minute.timeline.sessions().last().copied());
        let days = match last {
            Some(last) => daily.timeline.extended_to(last),
            None => daily.timeline.clone(),
        };
        daily.all = days.clone();
        let minute = minute.map(|minute| minute.reaching(&days));
        let has_daily = SidIndex::new(daily.reader.sids().iter().copied());
        let has_minute = minute.as_ref().map(|m| SidIndex::new(m.reader.sids().iter().copied()));
        let slots = finder.assets().iter().map(|asset| {
            let life = |timeline: &Timeline, has: &SidIndex| match has.position(asset.sid) {
                Some(_) => timeline.rows_between(asset.start, asset.end),
                None => 0..0,
            };
            Slot {
                sid: asset.sid,
                start: asset.start,
                end: asset.end,
                auto_close: asset.auto_close,
                daily: life(&daily.timeline, &has_daily),
                minute: minute
                    .as_ref()
                    .zip(has_minute.as_ref())
                    .map_or(0..0, |(minute, has)| life(&minute.timeline, has)),
                splits: OnceLock::new(),
                as_of: OnceLock::new(),
                total: OnceLock::new(),
            }
        });
        let slots: Vec<Slot> = slots.collect();
        let index = SidIndex::new(slots.iter().map(|slot| slot.sid));
        let resampled = Mutex::default();
        let (futures, fx) = (FuturesTable::default(), FxRates::default());
        Ok(Self {
            calendar,
            finder,
            adjustments,
            daily,
            minute,
            days,
            index,
            slots,
            futures,
            fx,
            tables: Vec::new(),
            resampled,
        })
    }

    /// The same portal with chains of contracts, whose assets it knows.
    #[must_use]
    pub fn with_futures(self, futures: FuturesTable) -> Self {
        Self { futures, ..self }
    }

    /// The same portal with exchange rates.
    #[must_use]
    pub fn with_fx(self, fx: FxRates) -> Self {
        Self { fx, ..self }
    }

    /// The same portal with tables beyond bars: trades, quotes, books, funding, fundamentals.
    #[must_use]
    pub fn with_tables(self, tables: impl IntoIterator<Item = Arc<dyn TableReader>>) -> Self {
        Self { tables: tables.into_iter().collect(), ..self }
    }

    /// The exchange rates.
    pub fn fx(&self) -> &FxRates {
        &self.fx
    }

    /// The chains of contracts.
    pub fn futures(&self) -> &FuturesTable {
        &self.futures
    }

    /// The data as it was known at an instant.
    ///
    /// With [`Clocking::Daily`] the newest visible bar is the last daily bar whose close is not
    /// after `now`. With [`Clocking::Minute`] it is the last minute bar, and the session that
    /// `now` lies in has a daily bar of the minutes so far.
    pub fn at(&self, now: Timestamp, clocking: Clocking) -> BarData<'_> {
        BarData::pin(self, now, clocking)
    }

    /// The data as it was known at the close of a session, in daily bars.
    ///
    /// # Errors
    ///
    /// [`Error::Calendar`] for a day that is no session.
    pub fn at_session(&self, session: Session) -> Result<BarData<'_>, Error> {
        Ok(self.at(self.calendar.close(session)?, Clocking::Daily))
    }

    /// The calendar of the bundle.
    pub fn calendar(&self) -> &Arc<Calendar> {
        &self.calendar
    }

    /// Who is who.
    pub fn finder(&self) -> &Arc<dyn AssetFinder> {
        &self.finder
    }

    /// Splits, dividends and mergers.
    pub fn adjustments(&self) -> &Arc<dyn AdjustmentReader> {
        &self.adjustments
    }

    /// The daily bars: those given, or else those made of the minutes.
    pub fn daily(&self) -> &Arc<dyn BarReader> {
        &self.daily.reader
    }

    /// The minute bars, where there are any.
    pub fn minute(&self) -> Option<&Arc<dyn BarReader>> {
        self.minute.as_ref().map(|minute| &minute.reader)
    }

    /// An asset's events as factors of its values; computed at the first call.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSid`], and as [`BarReader::run`] for the closes before dividends.
    pub fn factors(&self, sid: Sid, mode: AdjustMode) -> Result<&Factors, Error> {
        self.factors_of(self.slot(sid)?, mode)
    }

    /// The bars that bars of a frequency are made of.
    pub(crate) fn table_for(&self, frequency: Frequency) -> Result<&Table, Error> {
        if !frequency.is_intraday() {
            return Ok(&self.daily);
        }
        let made_of = |table: &&Table| frequency.is_made_of(table.timeline.frequency());
        self.minute.as_ref().filter(made_of).ok_or_else(|| {
            let minute = self.minute.as_ref().map(|table| table.timeline.frequency());
            let available = minute.into_iter().chain([Frequency::DAILY]).collect();
            Error::NoBars { frequency, available }
        })
    }

    /// The bars of another frequency in the sessions of a timeline: the days or the minutes.
    pub(crate) fn resampled(&self, timeline: &Timeline, frequency: Frequency) -> Timeline {
        let mut known = self.resampled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.iter().find(|timeline| timeline.frequency() == frequency) {
            return found.clone();
        }
        let made = timeline.resampled(frequency);
        known.push(made.clone());
        made
    }

    #[inline]
    pub(crate) fn slot(&self, sid: Sid) -> Result<&Slot, Error> {
        match self.index.position(sid).and_then(|position| self.slots.get(position)) {
            Some(slot) => Ok(slot),
            None => Err(self.unknown(sid)),
        }
    }

    #[inline]
    pub(crate) fn factors_of<'p>(
        &'p self,
        slot: &'p Slot,
        mode: AdjustMode,
    ) -> Result<&'p Factors, Error> {
        static NONE: Factors = Factors { list: Vec::new(), refused: Vec::new() };
        let place = match mode {
            AdjustMode::None => return Ok(&NONE),
            AdjustMode::Split => &slot.splits,
            AdjustMode::AsOf => &slot.as_of,
            AdjustMode::TotalReturn => &slot.total,
        };
        if let Some(factors) = place.get() {
            return Ok(factors);
        }
        let factors = self.make_factors(slot, mode)?;
        Ok(place.get_or_init(|| factors))
    }

    #[cold]
    fn make_factors(&self, slot: &Slot, mode: AdjustMode) -> Result<Factors, Error> {
        self.factors_from(self.adjustments.adjustments(slot.sid), mode)
    }

    /// Events of one asset as factors of its values.
    ///
    /// # Errors
    ///
    /// As [`BarReader::run`] for the closes that it takes.
    pub fn factors_from(&self, events: &[Adjustment], mode: AdjustMode) -> Result<Factors, Error> {
        let Some(&first) = self.days.sessions().first() else { return Ok(Factors::default()) };
        // A close that cannot be read must not pass for one that is missing.
        let failure = RefCell::new(None);
        let close = |sid, session| {
            let row = self.daily.timeline.row_of_session(session);
            let slot = self.slot(sid).ok();
            let lives = |row: &usize| slot.is_some_and(|slot| slot.daily.contains(row));
            let Some(row) = row.filter(lives) else { return f64::NAN };
            self.daily.reader.value(Field::Close, sid, row).unwrap_or_else(|error| {
                failure.replace(Some(error));
                f64::NAN
            })
        };
        let factors = Factors::with_others(events, mode, &self.calendar, first, close);
        failure.into_inner().map_or(Ok(factors), Err)
    }

    #[cold]
    fn unknown(&self, sid: Sid) -> Error {
        Error::UnknownSid { sid, largest: self.index.largest() }
    }
}

impl Table {
    fn new(reader: Arc<dyn BarReader>, calendar: &Calendar) -> Result<Self, Error> {
        let timeline = reader.timeline().clone();
        if timeline.calendar().name() != calendar.name() {
            return Err(Error::OtherCalendar {
                frequency: timeline.frequency(),
                found: timeline.calendar().name().to_owned(),
                expected: calendar.name().to_owned(),
            });
        }
        Ok(Self { reader, all: timeline.clone(), timeline, lead: 0, has_tail: false })
    }

    /// The same table within all these days: minutes may begin later than days do, and end before.
    fn reaching(mut self, days: &Timeline) -> Self {
        self.all = self.timeline.reaching(days);
        let first = self.timeline.sessions().first();
        let rows = first.and_then(|session| self.all.rows_of_session(*session));
        self.lead = rows.map_or(0, |rows| rows.start);
        self.has_tail = self.all.len() > self.lead + self.timeline.len();
        self
    }
}

impl Slot {
    #[inline]
    pub(crate) fn is_alive(&self, session: Session) -> bool {
        self.start <= session && session <= self.end
    }
}
