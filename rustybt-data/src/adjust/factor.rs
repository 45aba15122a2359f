//! Events turned into factors of rows.
//!
//! A cash dividend becomes the factor `1 - amount / close`, with the raw close of the session
//! before the ex-date: the definition of zipline and of the vendors' "adjusted close"
//! (the worked example of 46.99, 48.30, 24.96, 24.53 in the tests).

use rustybt_calendars::{Calendar, Session, Timestamp};

use super::effect::{Effect, Found};
use super::{AdjustMode, Adjustment};
use crate::{Field, Sid};

/// One event as it acts on values.
///
/// Values of sessions before `before` are multiplied, once the moment of looking has reached
/// session `from`. For nearly all events the two are the same session; an event that became known
/// late has a later `from`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factor {
    /// First session whose values are left alone.
    pub before: Session,
    /// First session from which the event is seen.
    pub from: Session,
    /// The moment from which the event was known; `None` where `from` says it all.
    pub known: Option<Timestamp>,
    /// What earlier prices are multiplied by.
    pub price: f64,
    /// What earlier volumes are multiplied by.
    pub volume: f64,
}

impl Factor {
    /// What earlier values of a field are multiplied by.
    pub const fn of(&self, field: Field) -> f64 {
        match field {
            // Neither the number of trades nor the money that changed hands is in units.
            Field::Trades | Field::QuoteVolume => 1.0,
            Field::Volume => self.volume,
            _ => self.price,
        }
    }

    /// Whether the event is seen at the instant `now` of session `seen`.
    ///
    /// `now` may lie before the session's close: an event that became known during the session
    /// is not seen in its morning.
    pub fn is_seen(&self, seen: Session, now: Timestamp) -> bool {
        self.before <= seen && self.known.is_none_or(|known| known <= now)
    }
}

/// The factors of one asset, in the order of their sessions, and the events that gave none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Factors {
    /// The factors, ascending by `before`.
    pub list: Vec<Factor>,
    /// Events that could not be applied: a dividend without a usable close before it.
    pub refused: Vec<Adjustment>,
}

impl Factors {
    /// Turns an asset's events into factors.
    ///
    /// `close` gives the asset's raw close of a session, `NaN` where there is none. An event on a
    /// day that is no session acts on the next session. An event on or before `first`, the first
    /// session of the data, has nothing before it to act on and is left out. A dividend is refused
    /// where the close before it is missing or not above the amount.
    ///
    /// What other assets were worth is not known here; see [`with_others`](Self::with_others).
    pub fn new(
        events: &[Adjustment],
        mode: AdjustMode,
        calendar: &Calendar,
        first: Session,
        close: impl Fn(Session) -> f64,
    ) -> Self {
        let own = events.first().map(|event| event.sid);
        let close = |sid, session| if Some(sid) == own { close(session) } else { f64::NAN };
        Self::with_others(events, mode, calendar, first, close)
    }

    /// The same with the closes of any asset, which tell what was given in other assets.
    ///
    /// Several events before one session act in the order of splits, dividends in the asset itself,
    /// rights and cash: a price in [`AdjustMode::TotalReturn`] means units after the split.
    pub fn with_others(
        events: &[Adjustment],
        mode: AdjustMode,
        calendar: &Calendar,
        first: Session,
        close: impl Fn(Sid, Session) -> f64,
    ) -> Self {
        let mut factors = Self::default();
        for (place, event) in events.iter().enumerate() {
            let Some(before) = session_from(calendar, event.effective) else { continue };
            if before <= first {
                continue;
            }
            let others = events.iter().enumerate().filter(|(other, _)| *other != place);
            let same_day = others
                .map(|(_, other)| other)
                .filter(|other| session_from(calendar, other.effective) == Some(before));
            let found = Found { calendar, before, close: &close };
            let effect = match found.effect(event, mode, same_day) {
                Ok(Some(effect)) => effect,
                Ok(None) => continue,
                Err(()) => {
                    factors.refused.push(event.clone());
                    continue;
                }
            };
            let Effect { price, volume, seen } = effect;
            let seen = seen.and_then(|session| calendar.close(session).ok());
            let known = event.known.max(seen);
            let from = known.and_then(|known| session_knowing(calendar, known));
            let from = from.map_or(before, |known| known.max(before));
            factors.list.push(Factor { before, from, known, price, volume });
        }
        factors.list.sort_by_key(|factor| factor.before);
        factors
    }

    /// Whether nothing is ever adjusted.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The factors that act on values of sessions up to and including `of`, seen from `seen` or
    /// later: those in between, ascending, known or not.
    pub fn within(&self, of: Session, seen: Session) -> &[Factor] {
        let start = self.list.partition_point(|factor| factor.before <= of);
        let later = self.list.get(start..).unwrap_or_default();
        // Those within are about to be read anyway: walking past them costs nothing.
        let within = later.iter().take_while(|factor| factor.before <= seen).count();
        later.get(..within).unwrap_or_default()
    }

    /// The product that turns a raw value of session `of` into its value as seen from the close
    /// of `seen`.
    ///
    /// Factors are multiplied from the latest to the earliest, so that a window can be adjusted
    /// from its end backwards and give the same bits.
    pub fn between(&self, field: Field, of: Session, seen: Session) -> f64 {
        self.within(of, seen)
            .iter()
            .rev()
            .filter(|factor| factor.from <= seen)
            .fold(1.0, |product, factor| product * factor.of(field))
    }
}

/// The first session on or after a date.
fn session_from(calendar: &Calendar, date: Session) -> Option<Session> {
    let index = calendar.index_at_or_after(date)?;
    calendar.sessions().get(index).copied()
}

/// The first session whose close is at or after an instant: the first from which it is known.
fn session_knowing(calendar: &Calendar, known: Timestamp) -> Option<Session> {
    let mut index = calendar.index_at_or_before(known.date()).unwrap_or(0);
    while calendar.close_at(index).is_some_and(|close| close < known) {
        index += 1;
    }
    calendar.sessions().get(index).copied()
}
