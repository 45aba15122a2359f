//! What makes a bar impossible: the rules that every ingest puts bars through.
//!
//! | rule | a bar is refused |
//! |---|---|
//! | date | before 1900, more than a day ahead of today, or beyond the calendar |
//! | session | daily, on a day that is no session |
//! | grid | intraday, not on a whole minute |
//! | prices | some there and others not; zero or less, for an equity |
//! | range | high below, or low above, another of its prices |
//! | volume | missing or below zero; or not zero in a bar without prices |
//! | stamp | a second one at the same stamp with other values |
//!
//! Prices are compared as the integers they are stored as; there is no tolerance. A bar whose four
//! prices are all missing, without volume, is a session without trades and is kept. Equal
//! duplicates are dropped and counted. Intraday bars outside regular hours are kept and counted.

mod row;

use rustybt_calendars::{Calendar, Session, Timestamp};

use self::row::{Rows, reorder, text};
use crate::{AssetClass, Frequency, RawBars, Reason, Rejected, Stamps};

/// What the rules must know about some bars beside the bars.
#[derive(Debug, Clone, Copy)]
pub struct ValidateContext<'a> {
    /// Where the bars stood: a file or an address.
    pub origin: &'a str,
    /// The asset's symbol.
    pub symbol: &'a str,
    /// What kind of thing the asset is.
    pub class: AssetClass,
    /// The calendar of the bundle.
    pub calendar: &'a Calendar,
    /// The frequency of the bars.
    pub frequency: Frequency,
    /// Today, in UTC.
    pub today: Session,
}

/// What the rules found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// The bars that were refused, in the order of their stamps.
    pub rejected: Vec<Rejected>,
    /// Bars dropped because an equal one came first.
    pub equal_duplicates: u64,
    /// Intraday bars outside regular hours; they are kept.
    pub outside_hours: u64,
    /// Bars that say that nothing was traded; they are kept.
    pub without_trades: u64,
    /// Sessions between the first bar and the last that have none.
    pub missing_sessions: Vec<Session>,
}

/// Sorts bars by their stamps and takes out those that break a rule.
///
/// Bars that are sorted and good are only read.
///
/// ```
/// use rustybt_calendars::calendar;
/// use rustybt_data::*;
///
/// let column = |text: &str| {
///     let mut column = ExactColumn::default();
///     for value in text.split(' ') {
///         column.push(value.parse().ok())?;
///     }
///     Ok::<_, DecimalFault>(column)
/// };
/// let mut bars = RawBars {
///     stamps: Stamps::Sessions(vec!["2014-06-06".parse()?, "2014-06-09".parse()?]),
///     columns: vec![
///         (Field::Open, column("649.9 92.7")?),
///         (Field::High, column("651.26 93.88")?),
///         (Field::Low, column("644.47 91.75")?),
///         (Field::Close, column("645.57 937")?), // a point too few
///         (Field::Volume, column("87 75")?),
///     ],
///     lines: vec![2, 3],
/// };
/// let xnys = calendar("XNYS")?;
/// let verdict = validate(&mut bars, &ValidateContext {
///     origin: "AAPL.csv",
///     symbol: "AAPL",
///     class: AssetClass::Equity,
///     calendar: &xnys,
///     frequency: Frequency::DAILY,
///     today: "2014-06-10".parse()?,
/// });
/// assert_eq!(bars.len(), 1);
/// let rejected = &verdict.rejected[0];
/// assert_eq!(rejected.line, Some(3));
/// assert_eq!(rejected.reason.to_string(), "high 93.88 is below close 937.00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn validate(bars: &mut RawBars, context: &ValidateContext<'_>) -> Verdict {
    validate_after(&mut Reached::default(), bars, context)
}

/// How far the bars of an asset have been checked: what the next stretch of them must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached(Option<usize>);

/// Does as [`validate`] with a stretch of an asset's bars that follows the one before.
///
/// Where all bars with the same stamp are in one stretch and the stretches ascend, the verdicts of
/// all of them one after another are that of all bars together.
pub fn validate_after(
    reached: &mut Reached,
    bars: &mut RawBars,
    context: &ValidateContext<'_>,
) -> Verdict {
    reorder(bars);
    let mut verdict = Verdict::default();
    let mut refused: Vec<(usize, Option<Reason>)> = Vec::new();
    {
        let rows = Rows::new(bars, context.class);
        let mut days = Days::new(context, *reached);
        let mut previous = None;
        for row in 0..bars.len() {
            match judge(bars, &rows, &mut days, row, previous, &mut verdict) {
                Judgement::Keep => previous = Some(row),
                Judgement::Drop => refused.push((row, None)),
                Judgement::Refuse(reason) => refused.push((row, Some(*reason))),
            }
        }
        *reached = Reached(days.reached);
    }
    if !refused.is_empty() {
        for (row, reason) in &mut refused {
            match reason.take() {
                None => verdict.equal_duplicates += 1,
                Some(reason) => verdict.rejected.push(Rejected {
                    origin: context.origin.to_owned(),
                    line: bars.lines.get(*row).copied(),
                    symbol: context.symbol.to_owned(),
                    reason,
                    text: text(bars, *row),
                }),
            }
        }
        let gone: Vec<usize> = refused.iter().map(|(row, _)| *row).collect();
        bars.remove(&gone);
    }
    verdict
}

/// What becomes of a bar.
enum Judgement {
    Keep,
    /// Equal to the bar before.
    Drop,
    Refuse(Box<Reason>),
}

#[inline]
fn judge(
    bars: &RawBars,
    rows: &Rows<'_>,
    days: &mut Days<'_>,
    row: usize,
    previous: Option<usize>,
    verdict: &mut Verdict,
) -> Judgement {
    let refuse = |reason| Judgement::Refuse(Box::new(reason));
    let place = match &bars.stamps {
        Stamps::Sessions(sessions) => sessions.get(row).map(|&day| days.session(day)),
        Stamps::Instants(instants) => instants.get(row).map(|&at| days.instant(at)),
    };
    let place = match place {
        Some(Ok(place)) => place,
        Some(Err(reason)) => return Judgement::Refuse(reason),
        None => return Judgement::Keep,
    };
    let without_trades = match rows.check(row) {
        Ok(without_trades) => without_trades,
        Err(reason) => return Judgement::Refuse(reason),
    };
    if let Some(first) = previous.filter(|&first| same_stamp(&bars.stamps, first, row)) {
        if bars.columns.iter().all(|(_, column)| column.get(first) == column.get(row)) {
            return Judgement::Drop;
        }
        let line = bars.lines.get(first).copied();
        return refuse(Reason::Duplicate { stamp: bars.stamps.text(row), first: line });
    }
    verdict.without_trades += u64::from(without_trades);
    match place {
        Some(index) => days.missed_before(index, &mut verdict.missing_sessions),
        None => verdict.outside_hours += 1,
    }
    Judgement::Keep
}

fn same_stamp(stamps: &Stamps, a: usize, b: usize) -> bool {
    match stamps {
        Stamps::Sessions(sessions) => sessions.get(a) == sessions.get(b),
        Stamps::Instants(instants) => instants.get(a) == instants.get(b),
    }
}

/// Finds the sessions of ascending stamps.
struct Days<'a> {
    calendar: &'a Calendar,
    first: Session,
    last: Session,
    /// The session of the last bar kept.
    reached: Option<usize>,
    /// The session that the last instant lay in, from its open to its close.
    open: Option<(usize, Timestamp, Timestamp)>,
}

impl<'a> Days<'a> {
    fn new(context: &ValidateContext<'a>, reached: Reached) -> Self {
        let calendar = context.calendar;
        let sessions = calendar.sessions();
        let earliest = Session::from_ymd(1900, 1, 1).unwrap_or(Session::from_days(-25_567));
        let latest = context.today.plus_days(1);
        Self {
            calendar,
            first: sessions.first().map_or(earliest, |&first| first.max(earliest)),
            last: sessions.last().map_or(latest, |&last| last.min(latest)),
            reached: reached.0,
            open: None,
        }
    }

    /// The position of a daily bar's session.
    #[inline]
    fn session(&self, day: Session) -> Result<Option<usize>, Box<Reason>> {
        match self.calendar.session_index(day) {
            Some(index) if day >= self.first && day <= self.last => Ok(Some(index)),
            _ => Err(Box::new(self.no_session(day))),
        }
    }

    /// The position of the session that an instant lies in; `None` outside regular hours.
    #[inline]
    fn instant(&mut self, at: Timestamp) -> Result<Option<usize>, Box<Reason>> {
        if !at.is_whole_minute() {
            return Err(Box::new(Reason::OffGrid { stamp: at.to_string() }));
        }
        if let Some((index, open, close)) = self.open
            && open <= at
            && at < close
        {
            return Ok(self.unless_in_break(index, at));
        }
        let day = at.date();
        if day < self.first || day > self.last {
            return Err(Box::new(self.no_session(day)));
        }
        // A session may open the evening before its date and close the morning after.
        let mut index = self.calendar.index_at_or_before(day.plus_days(1));
        while let Some(here) = index {
            let (Some(open), Some(close)) =
                (self.calendar.open_at(here), self.calendar.close_at(here))
            else {
                break;
            };
            if open <= at && at < close {
                self.open = Some((here, open, close));
                return Ok(self.unless_in_break(here, at));
            }
            if close <= at {
                break;
            }
            index = here.checked_sub(1);
        }
        Ok(None)
    }

    fn unless_in_break(&self, index: usize, at: Timestamp) -> Option<usize> {
        let breaks = self.calendar.breaks_at(index);
        let paused = breaks.iter().any(|&(from, to)| from <= at && at < to);
        (!paused).then_some(index)
    }

    /// Notes the sessions between the last bar and this one.
    #[inline]
    fn missed_before(&mut self, index: usize, missing: &mut Vec<Session>) {
        if let Some(reached) = self.reached
            && index > reached + 1
        {
            missing.extend(self.calendar.sessions().get(reached + 1..index).unwrap_or_default());
        }
        self.reached = Some(index);
    }

    #[cold]
    fn no_session(&self, date: Session) -> Reason {
        let calendar = self.calendar;
        if date < self.first || date > self.last {
            Reason::DateOutOfRange { date, first: self.first, last: self.last }
        } else {
            let why = calendar.why(date).map(str::to_owned);
            Reason::NotASession { date, calendar: calendar.name().to_owned(), why }
        }
    }
}

#[cfg(test)]
mod tests;
