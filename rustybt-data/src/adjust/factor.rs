//! Events turned into factors of rows.
//!
//! A cash dividend becomes the factor `1 - amount / close`, with the raw close of the session
//! before the ex-date: the definition of zipline and of the vendors' "adjusted close"
//! (the worked example of 46.99, 48.30, 24.96, 24.53 in the tests).

use std::fmt;
use std::str::FromStr;

use rustybt_calendars::{Calendar, Session, Timestamp};

use super::{Action, Adjustment};
use crate::Field;

/// Which events a price is adjusted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AdjustMode {
    /// None: the prices that were paid.
    None,
    /// Splits only.
    Split,
    /// Splits, mergers and cash dividends, as of the moment of looking: zipline's.
    #[default]
    AsOf,
}

impl AdjustMode {
    /// The name: `none`, `split` or `as-of`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Split => "split",
            Self::AsOf => "as-of",
        }
    }
}

impl fmt::Display for AdjustMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for AdjustMode {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, crate::Error> {
        [Self::None, Self::Split, Self::AsOf]
            .into_iter()
            .find(|mode| mode.name() == text)
            .ok_or_else(|| crate::Error::BadAdjustMode { text: text.to_owned() })
    }
}

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
    /// `close` gives the raw close of a session, `NaN` where there is none. An event on a day
    /// that is no session acts on the next session. An event on or before `first`, the first
    /// session of the data, has nothing before it to act on and is left out. A dividend is
    /// refused where the close before it is missing or not above the amount.
    pub fn new(
        events: &[Adjustment],
        mode: AdjustMode,
        calendar: &Calendar,
        first: Session,
        close: impl Fn(Session) -> f64,
    ) -> Self {
        let mut factors = Self::default();
        for event in events {
            let Some(before) = session_from(calendar, event.effective) else { continue };
            if before <= first {
                continue;
            }
            let (price, volume) = match (&event.action, mode) {
                (_, AdjustMode::None)
                | (Action::StockDividend { .. } | Action::SpinOff { .. }, _) => continue,
                (Action::Split { new, old }, _) => {
                    (*old as f64 / *new as f64, *new as f64 / *old as f64)
                }
                (_, AdjustMode::Split) => continue,
                (Action::Merger { ratio }, AdjustMode::AsOf) => (ratio.to_f64(), 1.0),
                (Action::Dividend { amount, .. }, AdjustMode::AsOf) => {
                    let previous = calendar.previous_session(before).map_or(f64::NAN, &close);
                    (1.0 - amount.to_f64() / previous, 1.0)
                }
            };
            if price.is_finite() && price > 0.0 && volume.is_finite() {
                let from = event.known.and_then(|known| session_knowing(calendar, known));
                let from = from.map_or(before, |known| known.max(before));
                factors.list.push(Factor { before, from, known: event.known, price, volume });
            } else {
                factors.refused.push(event.clone());
            }
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
