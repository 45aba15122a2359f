//! Series of contracts, as a view sees them.

use std::collections::BTreeSet;

use rustybt_calendars::{Direction, Side, Timestamp};

use super::roll::{Roll, RollFinder};
use super::{ContinuousFuture, Contract, RollAdjustment};
use crate::lookback::last_where;
use crate::{
    AdjustMode, BarData, BarReaderExt, Error, Field, Frequency, History, HistoryQuery, Quote, Sid,
};

/// The last bars of a series of contracts.
#[derive(Debug, Clone)]
pub struct ContinuousHistory {
    labels: Vec<Timestamp>,
    frequency: Frequency,
    contracts: Vec<Option<Sid>>,
    quotes: Vec<Quote>,
    values: Vec<Vec<f64>>,
}

impl ContinuousHistory {
    /// The label of each bar, as of a [`History`].
    pub fn labels(&self) -> &[Timestamp] {
        &self.labels
    }

    /// Which bars these are.
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// The contract of each bar; `None` where the chain does not reach that far.
    pub fn contracts(&self) -> &[Option<Sid>] {
        &self.contracts
    }

    /// The values of a column, the newest last.
    ///
    /// # Errors
    ///
    /// [`Error::NotAsked`] for a column that was not asked for.
    pub fn series(&self, quote: impl Into<Quote>) -> Result<&[f64], Error> {
        let quote = quote.into();
        let place = self.quotes.iter().position(|&known| known == quote);
        let values = place.and_then(|place| self.values.get(place)).map(Vec::as_slice);
        values.ok_or(Error::NotAsked { quote, sid: None })
    }
}

impl BarData<'_> {
    /// The contract that a series consists of today; `None` where its chain does not reach that far
    /// yet.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoot`], and as [`BarReader::run`](crate::BarReader::run) for volumes.
    pub fn current_contract(&self, future: &ContinuousFuture) -> Result<Option<Sid>, Error> {
        let chain = self.chain(future)?;
        Ok(self.center(future)?.and_then(|place| chain.get(place)).map(|contract| contract.sid))
    }

    /// The contract that a series consists of today, and those after it that have begun.
    ///
    /// # Errors
    ///
    /// As [`current_contract`](Self::current_contract).
    pub fn current_chain(&self, future: &ContinuousFuture) -> Result<Vec<Sid>, Error> {
        let Some(center) = self.center(future)? else { return Ok(Vec::new()) };
        let contracts = self.chain(future)?.iter().skip(center);
        let begun = contracts.filter(|contract| contract.start <= self.session);
        Ok(begun.map(|contract| contract.sid).collect())
    }

    /// The last bars of a series of contracts.
    ///
    /// Each bar is that of the contract in front on its session; prices before a roll are brought to
    /// the level of those after it by the contracts' last closes before the roll. Volumes are left
    /// alone. `price` is carried forward, over rolls too.
    ///
    /// # Errors
    ///
    /// As [`history`](Self::history); [`Error::UnknownRoot`]; [`Error::NoBars`] for bars of several
    /// sessions, in which a roll may lie.
    pub fn continuous(
        &self,
        future: &ContinuousFuture,
        quotes: &[Quote],
        bars: usize,
        frequency: Frequency,
    ) -> Result<ContinuousHistory, Error> {
        let chain = self.chain(future)?;
        if !frequency.is_intraday() && frequency != Frequency::DAILY {
            let available = vec![Frequency::MINUTE, Frequency::DAILY];
            return Err(Error::NoBars { frequency, available });
        }
        let query = HistoryQuery::new(&[]).bars(bars).frequency(frequency);
        let window = self.history(&query)?;
        let places = self.places(&window)?;
        let (Some(&start), Some(&end)) = (places.first(), places.last()) else {
            return Err(Error::NoBarsAsked);
        };
        let rolls = self.finder(future, chain).rolls(start, end)?;
        let pieces = pieces(&rolls, &places);
        let contract = |place: usize| chain.get(place + future.offset);
        let contracts: Vec<Option<&Contract>> = pieces.iter().map(|&at| contract(at)).collect();
        let used: BTreeSet<Sid> = contracts.iter().flatten().map(|contract| contract.sid).collect();
        let used: Vec<Sid> = used.into_iter().collect();
        let levels = match future.adjustment {
            RollAdjustment::None => Vec::new(),
            _ => self.levels(&rolls, frequency, contract)?,
        };
        // What is carried forward is carried after it was levelled.
        let mut wanted = vec![Quote::CLOSE];
        wanted.extend(quotes.iter().filter(|quote| **quote != Quote::CLOSE));
        let query = HistoryQuery::new(&used).bars(bars).frequency(frequency);
        let raw = self.history(&query.fields(&wanted).adjust(AdjustMode::None))?;
        let rows = Rows { raw: &raw, contracts: &contracts, places: &places };
        let mut values = Vec::with_capacity(quotes.len());
        for &quote in quotes {
            let mut column = match quote {
                Quote::Price => rows.column(Quote::CLOSE)?,
                quote @ Quote::Field(_) => rows.column(quote)?,
            };
            if let (Quote::Price, Some(first)) = (quote, column.first_mut())
                && first.is_nan()
            {
                *first = rows.column(Quote::Price)?.first().copied().unwrap_or(f64::NAN);
            }
            if quote.field().is_price() {
                rows.level(&mut column, &levels, future.adjustment);
            }
            if quote == Quote::Price {
                carry(&mut column);
            }
            values.push(column);
        }
        Ok(ContinuousHistory {
            labels: window.labels().to_vec(),
            frequency,
            contracts: contracts.iter().map(|c| c.map(|contract| contract.sid)).collect(),
            quotes: quotes.to_vec(),
            values,
        })
    }

    fn chain(&self, future: &ContinuousFuture) -> Result<&[Contract], Error> {
        self.portal.futures().chain(&future.root)
    }

    /// The place in the chain of the contract at the series' offset.
    fn center(&self, future: &ContinuousFuture) -> Result<Option<usize>, Error> {
        let chain = self.chain(future)?;
        let Some(today) = self.calendar().session_index(self.session) else { return Ok(None) };
        let place = self.finder(future, chain).front(today)? + future.offset;
        let begun = chain.get(place).is_some_and(|contract| contract.start <= self.session);
        Ok(begun.then_some(place))
    }

    fn finder<'c>(
        &'c self,
        future: &ContinuousFuture,
        chain: &'c [Contract],
    ) -> RollFinder<'c, impl Fn(&Contract, usize) -> Result<f64, Error> + 'c> {
        let daily = &self.portal.daily;
        let volume = move |contract: &Contract, at: usize| {
            let row = self.calendar().session_at(at);
            let row = row.and_then(|session| daily.timeline.row_of_session(session));
            let slot = self.portal.slot(contract.sid).ok();
            let known =
                |row: &usize| *row < self.days && slot.is_some_and(|slot| slot.daily.contains(row));
            match row.filter(known) {
                Some(row) => daily.reader.value(Field::Volume, contract.sid, row),
                None => Ok(0.0),
            }
        };
        RollFinder { chain, calendar: self.calendar(), style: future.roll, volume }
    }

    /// The session of each bar, by its place among the calendar's.
    fn places(&self, window: &History) -> Result<Vec<usize>, Error> {
        let calendar = self.calendar();
        let is_intraday = window.frequency().is_intraday();
        let mut places = Vec::with_capacity(window.opens().len());
        for &open in window.opens() {
            let session = if is_intraday {
                calendar.minute_to_session(open, Direction::None, Side::Left)?
            } else {
                open.date()
            };
            places.push(calendar.require(session)?);
        }
        Ok(places)
    }

    /// The sessions of rolls, and the closes of the two contracts at the end of the one before.
    fn levels<'c>(
        &self,
        rolls: &[Roll],
        frequency: Frequency,
        contract: impl Fn(usize) -> Option<&'c Contract>,
    ) -> Result<Vec<Level>, Error> {
        let mut levels = Vec::new();
        for pair in rolls.windows(2) {
            let [(front, Some(at)), (back, _)] = pair else { continue };
            let Some((front, back)) = contract(*front).zip(contract(*back)) else { continue };
            let front = self.close_before(front.sid, *at, frequency)?;
            let back = self.close_before(back.sid, *at, frequency)?;
            // Where one of them never traded there is nothing to compare.
            levels.extend(front.zip(back).map(|(front, back)| Level { at: *at, front, back }));
        }
        Ok(levels)
    }

    /// The close of the last bar with a volume before a session.
    fn close_before(
        &self,
        sid: Sid,
        at: usize,
        frequency: Frequency,
    ) -> Result<Option<f64>, Error> {
        let table = self.portal.table_for(frequency)?;
        let slot = self.portal.slot(sid)?;
        let life = if frequency.is_intraday() { &slot.minute } else { &slot.daily };
        let first = self.calendar().session_at(at);
        let end = first.map_or(life.end, |session| {
            table.timeline.rows_between(session, session).start.min(life.end)
        });
        let rows = life.start..end.max(life.start);
        let traded = last_where(table, sid, Field::Volume, rows, |volume| volume != 0.0)?;
        let Some((row, _)) = traded else { return Ok(None) };
        Ok(Some(table.reader.value(Field::Close, sid, row)?).filter(|close| !close.is_nan()))
    }
}

/// The closes of two contracts before the session in which one takes over from the other.
struct Level {
    at: usize,
    front: f64,
    back: f64,
}

/// The bars of the contracts of a series.
struct Rows<'a> {
    raw: &'a History,
    contracts: &'a [Option<&'a Contract>],
    places: &'a [usize],
}

impl Rows<'_> {
    /// One value a bar, each of the bar's contract.
    fn column(&self, quote: Quote) -> Result<Vec<f64>, Error> {
        let array = self.raw.array(quote)?;
        let column = |sid: Sid| self.raw.sids().iter().position(|&known| known == sid);
        let values = self.contracts.iter().enumerate().map(|(row, contract)| {
            let place = contract.and_then(|contract| column(contract.sid));
            let value = place.and_then(|place| array.get((row, place)).copied());
            value.unwrap_or(quote.field().missing())
        });
        Ok(values.collect())
    }

    /// Brings prices before each roll to the level of those after it.
    fn level(&self, values: &mut [f64], levels: &[Level], how: RollAdjustment) {
        for level in levels {
            let before = self.places.partition_point(|&place| place < level.at);
            for value in values.iter_mut().take(before) {
                match how {
                    RollAdjustment::Mul => *value *= level.back / level.front,
                    RollAdjustment::Add => *value += level.back - level.front,
                    RollAdjustment::None => {}
                }
            }
        }
    }
}

/// Fills gaps with the last value before them.
fn carry(values: &mut [f64]) {
    let mut last = f64::NAN;
    for value in values {
        if value.is_nan() {
            *value = last;
        }
        last = *value;
    }
}

/// The place in the chain of the contract of each bar.
fn pieces(rolls: &[Roll], places: &[usize]) -> Vec<usize> {
    let contract = |place: &usize| {
        let piece = rolls.iter().find(|(_, until)| until.is_none_or(|until| *place < until));
        piece.or_else(|| rolls.last()).map_or(0, |&(contract, _)| contract)
    };
    places.iter().map(contract).collect()
}
