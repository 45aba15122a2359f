//! The portal pinned to one instant: all that a strategy gets.

mod actions;
mod many;

use std::ops::{Deref, Range};

use rustybt_calendars::{Calendar, Session, Side, Timestamp};

use crate::lookback::{last_where, window_of};
use crate::portal::{Slot, Table};
use crate::{
    AdjustMode, Asset, BarReaderExt, DataPortal, Error, Exact, Field, Frequency, History,
    HistoryQuery, KnownTables, Quote, Sid,
};

/// Which bars the clock ticks in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Clocking {
    /// Daily bars.
    #[default]
    Daily,
    /// Minute bars.
    Minute,
}

/// What was known at an instant.
///
/// A bar is seen from its close on. Prices are as seen from the pinned instant: raw, times the
/// factors of the events between the bar and now. Before an open, the newest bar is that of the
/// session before, adjusted for the events of the day that begins.
///
/// An asset that is not alive has prices of `NaN` and a volume of `0.0`.
#[derive(Debug, Clone, Copy)]
pub struct BarData<'p> {
    pub(crate) portal: &'p DataPortal,
    pub(crate) now: Timestamp,
    pub(crate) clocking: Clocking,
    pub(crate) adjust: AdjustMode,
    /// The session as of which things are adjusted.
    pub(crate) session: Session,
    /// The session of the last label known now, whether the data reaches it or not.
    pub(crate) last: Session,
    /// The row of that label in the clock's own table; `usize::MAX` where it has none.
    row: usize,
    /// The rows known in the clock's own table.
    pub(crate) rows: usize,
    /// The rows known in the daily table.
    pub(crate) days: usize,
    /// The row of the day that is made of minutes, in minute clocking, where there are any.
    pub(crate) today: Option<usize>,
}

impl<'p> BarData<'p> {
    pub(crate) fn pin(portal: &'p DataPortal, now: Timestamp, clocking: Clocking) -> Self {
        let calendar = portal.calendar();
        let days = portal.daily.timeline.known_rows(now);
        let own = match clocking {
            Clocking::Daily => Some(&portal.daily),
            Clocking::Minute => portal.minute.as_ref(),
        };
        let rows = match clocking {
            Clocking::Daily => days,
            Clocking::Minute => own.map_or(0, |own| own.timeline.known_rows(now)),
        };
        let ended = own.is_none_or(|own| own.timeline.ended(now));
        let last = last_known(calendar, now, clocking);
        let today = match (clocking, own) {
            (Clocking::Minute, Some(own)) if own.timeline.row_of_session(last).is_some() => {
                portal.days.row_of_session(last)
            }
            _ => None,
        };
        Self {
            portal,
            now,
            clocking,
            adjust: AdjustMode::AsOf,
            session: session_at(calendar, now),
            last,
            row: rows.checked_sub(1).filter(|_| !ended).unwrap_or(usize::MAX),
            rows,
            days,
            today,
        }
    }

    /// The same view with prices adjusted in another way.
    #[must_use]
    pub fn adjusted(self, mode: AdjustMode) -> Self {
        Self { adjust: mode, ..self }
    }

    /// The instant the view is pinned to.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The session as of which things are adjusted: the first whose close is not before now.
    pub fn session(&self) -> Session {
        self.session
    }

    /// The session of the newest label: the one that is going on, or before its open the one before.
    pub fn last_session(&self) -> Session {
        self.last
    }

    /// Which bars the clock ticks in.
    pub fn clocking(&self) -> Clocking {
        self.clocking
    }

    /// The calendar.
    pub fn calendar(&self) -> &'p Calendar {
        self.portal.calendar()
    }

    /// An asset by its identifier.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSid`].
    pub fn asset(&self, sid: Sid) -> Result<&'p Asset, Error> {
        let finder = self.portal.finder();
        finder.asset(sid).ok_or_else(|| Error::UnknownSid {
            sid,
            largest: finder.assets().last().map(|asset| asset.sid),
        })
    }

    /// The tables beyond bars, as far as they are known: trades, quotes, books, funding and others.
    pub fn tables(&self) -> KnownTables<'p> {
        KnownTables::new(&self.portal.tables, self.now)
    }

    /// The asset that a symbol names today.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSymbol`] and [`Error::AmbiguousSymbol`].
    pub fn lookup(&self, symbol: &str) -> Result<Sid, Error> {
        self.portal.finder().lookup(symbol, self.session)
    }

    /// A value of the newest bar, or `price`: the last known close.
    ///
    /// A field is missing (`NaN`, volume `0.0`) where the newest label has no bar of the asset;
    /// `price` then is the close of its last bar before, adjusted for what happened since.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSid`], [`Error::NoBars`] where there are no bars of the clock's frequency,
    /// and as [`BarReader::run`](crate::BarReader::run).
    #[inline]
    pub fn current(&self, sid: Sid, quote: impl Into<Quote>) -> Result<f64, Error> {
        let quote = quote.into();
        let field = quote.field();
        let slot = self.portal.slot(sid)?;
        let (table, life) = self.own(slot)?;
        if !slot.is_alive(self.last) {
            return Ok(field.missing());
        }
        let value = if life.contains(&self.row) {
            table.reader.value(field, sid, self.row)?
        } else {
            field.missing()
        };
        if quote == Quote::Price && value.is_nan() {
            return self.carried(slot, self.rows);
        }
        if self.last == self.session { Ok(value) } else { self.seen(slot, field, self.last, value) }
    }

    /// A value of the newest bar exactly as it was ingested; `None` where it is missing.
    ///
    /// # Errors
    ///
    /// As [`current`](Self::current).
    pub fn current_exact(&self, sid: Sid, field: Field) -> Result<Option<Exact>, Error> {
        let slot = self.portal.slot(sid)?;
        let (table, life) = self.own(slot)?;
        if !slot.is_alive(self.last) || !life.contains(&self.row) {
            return Ok(None);
        }
        Ok(table.reader.exact(field, sid, self.row..self.row + 1)?.get(0))
    }

    /// The label of the last bar in which the asset traded: a session's midnight, or the close of
    /// a minute. It is answered outside the asset's life too.
    ///
    /// # Errors
    ///
    /// As [`current`](Self::current).
    pub fn last_traded(&self, sid: Sid) -> Result<Option<Timestamp>, Error> {
        let slot = self.portal.slot(sid)?;
        let (table, life) = self.own(slot)?;
        let known = life.start..life.end.min(self.rows);
        let traded = last_where(table, sid, Field::Volume, known, |volume| volume != 0.0)?;
        Ok(traded.and_then(|(row, _)| match self.clocking {
            Clocking::Daily => table.timeline.label(row),
            Clocking::Minute => table.timeline.known_at(row),
        }))
    }

    /// Whether an order could be filled: the asset is alive and not closed out, the exchange is
    /// open (in minute clocking), and there is a known price.
    ///
    /// # Errors
    ///
    /// As [`current`](Self::current).
    pub fn can_trade(&self, sid: Sid) -> Result<bool, Error> {
        let slot = self.portal.slot(sid)?;
        if !slot.is_alive(self.session) || slot.auto_close.is_some_and(|day| self.session > day) {
            return Ok(false);
        }
        let open = match self.clocking {
            Clocking::Daily => true,
            Clocking::Minute => self.calendar().is_trading_minute(self.now, Side::Right),
        };
        Ok(open && !self.current(sid, Quote::Price)?.is_nan())
    }

    /// Whether the price is an old one: the asset is alive, has traded before, and did not trade
    /// in the newest bar.
    ///
    /// # Errors
    ///
    /// As [`current`](Self::current).
    pub fn is_stale(&self, sid: Sid) -> Result<bool, Error> {
        let alive = self.portal.slot(sid)?.is_alive(self.session);
        // Written so that a volume that is no number counts as none.
        let traded = self.current(sid, Field::Volume)? > 0.0;
        Ok(alive && !traded && self.last_traded(sid)?.is_some())
    }

    /// The last `bars` values of one asset in the clock's own bars, the newest last.
    ///
    /// Where nothing in the window needs adjusting the values are lent, not copied.
    ///
    /// # Errors
    ///
    /// As [`current`](Self::current); [`Error::HistoryStartsBeforeData`] where the window begins
    /// before the data, [`Error::BeforeData`] where it ends there, [`Error::NoBarsAsked`] for a
    /// window of none.
    #[inline]
    pub fn window(
        &self,
        sid: Sid,
        quote: impl Into<Quote>,
        bars: usize,
    ) -> Result<Window<'p>, Error> {
        let slot = self.portal.slot(sid)?;
        let (table, life) = self.own(slot)?;
        window_of(self, slot, table, life, quote.into(), bars)
    }

    /// The last bars of several assets and fields, at any frequency.
    ///
    /// # Errors
    ///
    /// As [`window`](Self::window); [`Error::NoBars`] where there are no bars of the frequency,
    /// [`Error::NotExact`] where exact values of something computed are asked for.
    pub fn history(&self, query: &HistoryQuery<'_>) -> Result<History, Error> {
        History::of(self, query, None)
    }

    /// The bars of several assets and fields that lie between two instants: those that open at or
    /// after `start` and close at or before `end`. How many the query asks for does not matter.
    ///
    /// ```
    /// # use rustybt_data::{Frequency, HistoryQuery, Sid, Synthetic, SyntheticConfig};
    /// # let config = SyntheticConfig { assets: 1, ..SyntheticConfig::default() };
    /// let portal = Synthetic::new(config)?.portal()?;
    /// let data = portal.at_session("2016-12-30".parse()?)?;
    /// let query = HistoryQuery::new(&[Sid(0)]).frequency("1M".parse()?);
    /// let months = data.between(&query, "2016-01-01T00:00Z".parse()?, data.now())?;
    /// assert_eq!(months.labels().len(), 12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`history`](Self::history), but that a window without a bar is an empty answer.
    pub fn between(
        &self,
        query: &HistoryQuery<'_>,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<History, Error> {
        History::of(self, query, Some((start, end)))
    }

    /// The clock's own table, and the rows in it of an asset's life.
    #[inline]
    fn own<'s>(&self, slot: &'s Slot) -> Result<(&'p Table, &'s Range<usize>), Error> {
        match (self.clocking, &self.portal.minute) {
            (Clocking::Daily, _) => Ok((&self.portal.daily, &slot.daily)),
            (Clocking::Minute, Some(minute)) => Ok((minute, &slot.minute)),
            (Clocking::Minute, None) => Err(Error::NoBars {
                frequency: Frequency::MINUTE,
                available: vec![Frequency::DAILY],
            }),
        }
    }

    /// The last close in the rows before `end` of the clock's own table, as seen now.
    #[cold]
    fn carried(&self, slot: &Slot, end: usize) -> Result<f64, Error> {
        match self.last_close(slot, end)? {
            Some((session, close)) => self.seen(slot, Field::Close, session, close),
            None => Ok(f64::NAN),
        }
    }

    /// The last close in the rows before `end` of the clock's own table, raw, and its session.
    fn last_close(&self, slot: &Slot, end: usize) -> Result<Option<(Session, f64)>, Error> {
        let (table, life) = self.own(slot)?;
        let known = life.start..life.end.min(end);
        let close = last_where(table, slot.sid, Field::Close, known, |v| !v.is_nan())?;
        let session = |row| table.timeline.session(row).unwrap_or(self.session);
        Ok(close.map(|(row, close)| (session(row), close)))
    }

    /// A raw value of session `of` as seen now.
    pub(crate) fn seen(
        &self,
        slot: &Slot,
        field: Field,
        of: Session,
        value: f64,
    ) -> Result<f64, Error> {
        let factors = self.portal.factors_of(slot, self.adjust)?.within(of, self.session);
        let seen = factors.iter().rev().filter(|factor| factor.is_seen(self.session, self.now));
        Ok(value * seen.fold(1.0, |product, factor| product * factor.of(field)))
    }
}

/// Values of one asset, the newest last: lent where nothing needed adjusting, else owned.
#[derive(Debug, Clone, PartialEq)]
pub enum Window<'p> {
    /// The reader's own values.
    Lent(&'p [f64]),
    /// Values that had to be adjusted, filled or put together.
    Owned(Vec<f64>),
}

impl Deref for Window<'_> {
    type Target = [f64];

    #[inline]
    fn deref(&self) -> &[f64] {
        match self {
            Self::Lent(values) => values,
            Self::Owned(values) => values,
        }
    }
}

/// The first session whose close is not before `now`; the calendar's last where there is none.
fn session_at(calendar: &Calendar, now: Timestamp) -> Session {
    // A session may open the evening before its date and close the morning after.
    let mut index = calendar.index_at_or_before(now.date().plus_days(-2)).unwrap_or(0);
    while calendar.close_at(index).is_some_and(|close| close < now) {
        index += 1;
    }
    let sessions = calendar.sessions();
    let session = sessions.get(index).or_else(|| sessions.last());
    session.copied().unwrap_or_else(|| now.date())
}

/// The session of the last label known at `now`: the last that has closed, or the last of which a
/// minute has passed. Before the calendar begins it is a day in which nothing was alive.
fn last_known(calendar: &Calendar, now: Timestamp, clocking: Clocking) -> Session {
    let known = |index: usize| match clocking {
        Clocking::Daily => calendar.close_at(index),
        Clocking::Minute => calendar.open_at(index).map(|open| open.plus_minutes(1)),
    };
    let mut index = calendar.index_at_or_before(now.date().plus_days(1));
    while let Some(at) = index.filter(|&at| known(at).is_none_or(|known| known > now)) {
        index = at.checked_sub(1);
    }
    let session = index.and_then(|index| calendar.sessions().get(index));
    session.copied().unwrap_or(Session::from_days(i32::MIN))
}
