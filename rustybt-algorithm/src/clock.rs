//! The moments of a run, in order.

use rustybt_calendars::{Calendar, Session, Side, Timestamp};
use rustybt_data::Clocking;

use crate::Error;

/// How long before the open `before_trading_start` is called, in minutes: 08:45 in New York.
const BEFORE_OPEN: i64 = 45;

/// What happens at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// A session begins: splits and dividends are booked. At midnight UTC of its date.
    SessionStart,
    /// The strategy prepares: 45 minutes before the open, or at the close of the session before
    /// where that is later.
    BeforeTradingStart,
    /// A bar has closed.
    Bar,
    /// The session is over.
    SessionEnd,
}

/// A moment of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tick {
    /// The session it belongs to.
    pub session: Session,
    /// The instant.
    pub at: Timestamp,
    /// What happens.
    pub event: Event,
}

/// The sessions and bars of a run, in order.
///
/// ```
/// use rustybt_algorithm::{Clock, Event};
/// use rustybt_calendars::calendar;
/// use rustybt_data::Clocking;
///
/// let xnys = calendar("XNYS")?;
/// let day = "2020-03-09".parse()?; // summer time: New York is four hours behind
/// let clock = Clock::new(&xnys, day, day, Clocking::Daily)?;
/// let ticks: Vec<_> = clock.ticks().map(|tick| (tick.event, tick.at.to_string())).collect();
/// assert_eq!(ticks[1], (Event::BeforeTradingStart, "2020-03-09T12:45Z".to_owned()));
/// assert_eq!(ticks[2], (Event::Bar, "2020-03-09T20:00Z".to_owned()));
/// assert_eq!(ticks.len(), 4);
/// assert_eq!(Clock::new(&xnys, day, day, Clocking::Minute)?.ticks().count(), 3 + 390);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Clock<'c> {
    calendar: &'c Calendar,
    sessions: &'c [Session],
    clocking: Clocking,
}

impl<'c> Clock<'c> {
    /// A clock from one session to another, both included.
    ///
    /// # Errors
    ///
    /// [`Error::NotASession`] for a date that is none, [`Error::Backwards`] for an end before the
    /// start.
    pub fn new(
        calendar: &'c Calendar,
        start: Session,
        end: Session,
        clocking: Clocking,
    ) -> Result<Self, Error> {
        for (which, date) in [("start", start), ("end", end)] {
            if !calendar.is_session(date) {
                return Err(not_a_session(calendar, which, date));
            }
        }
        if start > end {
            return Err(Error::Backwards { start, end });
        }
        Ok(Self { calendar, sessions: calendar.sessions_in_range(start, end), clocking })
    }

    /// The sessions of the run.
    pub const fn sessions(&self) -> &'c [Session] {
        self.sessions
    }

    /// Every moment of the run, in order.
    pub fn ticks(self) -> impl Iterator<Item = Tick> + use<'c> {
        self.sessions.iter().flat_map(move |&session| self.day(session))
    }

    fn day(self, session: Session) -> impl Iterator<Item = Tick> + use<'c> {
        let calendar = self.calendar;
        // The sessions come from the calendar, so it knows their hours.
        let open = calendar.open(session).unwrap_or_else(|_| session.midnight());
        let close = calendar.close(session).unwrap_or_else(|_| session.midnight());
        let previous = calendar.previous_session(session).and_then(|day| calendar.close(day));
        let before = open.plus_minutes(-BEFORE_OPEN);
        let before = previous.map_or(before, |closed| before.max(closed));
        let daily = (self.clocking == Clocking::Daily).then_some(close);
        let minutes = (self.clocking == Clocking::Minute)
            .then(|| calendar.session_minutes(session, Side::Left).ok())
            .flatten()
            .into_iter()
            .flatten()
            .map(|opens| opens.plus_minutes(1));
        let tick = move |event| move |at| Tick { session, at, event };
        std::iter::once(session.midnight())
            .map(tick(Event::SessionStart))
            .chain(std::iter::once(before).map(tick(Event::BeforeTradingStart)))
            .chain(daily.into_iter().chain(minutes).map(tick(Event::Bar)))
            .chain(std::iter::once(close).map(tick(Event::SessionEnd)))
    }
}

fn not_a_session(calendar: &Calendar, end: &'static str, date: Session) -> Error {
    let sessions = calendar.sessions();
    let near = |index: Option<usize>| index.and_then(|index| sessions.get(index).copied());
    Error::NotASession {
        end,
        date,
        calendar: calendar.name().to_owned(),
        before: near(calendar.index_at_or_before(date)),
        after: near(calendar.index_at_or_after(date)),
    }
}

#[cfg(test)]
mod tests {
    use rustybt_calendars::calendar;

    use super::*;

    #[test]
    fn days_without_a_pause_between_them() {
        let always = calendar("24/7").unwrap();
        let (start, end) = ("2020-03-09".parse().unwrap(), "2020-03-10".parse().unwrap());
        let clock = Clock::new(&always, start, end, Clocking::Daily).unwrap();
        let moments: Vec<String> = clock
            .ticks()
            .filter(|tick| tick.event != Event::SessionStart)
            .map(|t| t.at.to_string())
            .collect();
        // Nothing of the day before is unknown when the day is prepared, and nothing of the day known.
        assert_eq!(
            moments,
            [
                "2020-03-09T00:00Z",
                "2020-03-10T00:00Z",
                "2020-03-10T00:00Z",
                "2020-03-10T00:00Z",
                "2020-03-11T00:00Z",
                "2020-03-11T00:00Z"
            ]
        );
    }

    #[test]
    fn minutes_skip_lunch_and_end_early() {
        let bars = |name: &str, day: &str| {
            let calendar = calendar(name).unwrap();
            let day = day.parse().unwrap();
            let clock = Clock::new(&calendar, day, day, Clocking::Minute).unwrap();
            clock
                .ticks()
                .filter(|t| t.event == Event::Bar)
                .map(|t| t.at.to_string())
                .collect::<Vec<_>>()
        };
        let hong_kong = bars("XHKG", "2020-03-09");
        assert_eq!(hong_kong.len(), 330);
        assert_eq!(&hong_kong[149..151], ["2020-03-09T04:00Z", "2020-03-09T05:01Z"]);
        let half = bars("XNYS", "2019-11-29");
        assert_eq!(
            (half.len(), half[0].as_str(), half[209].as_str()),
            (210, "2019-11-29T14:31Z", "2019-11-29T18:00Z")
        );
    }

    #[test]
    fn a_date_that_is_no_session_is_refused_with_its_neighbours() {
        let xnys = calendar("XNYS").unwrap();
        let (saturday, monday) = ("2020-03-07".parse().unwrap(), "2020-03-09".parse().unwrap());
        let error = Clock::new(&xnys, saturday, monday, Clocking::Daily).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the start of the run, 2020-03-07, is no session of XNYS; the nearest are 2020-03-06 and 2020-03-09"
        );
        let friday = "2020-03-06".parse().unwrap();
        assert!(matches!(
            Clock::new(&xnys, monday, friday, Clocking::Daily),
            Err(Error::Backwards { .. })
        ));
    }
}
