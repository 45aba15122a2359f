//! What an event does to earlier values: the formulas.
//!
//! | event | price | volume | mode |
//! |---|---|---|---|
//! | split, `k` new for one old | `1 / k` | `k` | all |
//! | merger | its ratio | 1 | as-of, total-return |
//! | cash dividend `D` | `1 - D / P` of the close before | 1 | as-of |
//! | cash dividend `D` | `X / (X + D)` of the close of the ex-date | 1 | total-return |
//! | dividend of `r` units of the asset itself | `1 / (1 + r)` | `1 + r` | total-return |
//! | dividend of `r` units of another asset, spin-off | `X / (X + r V)` of both closes of the ex-date | 1 | total-return |
//! | rights, `n` for `m` at `S` | `T / P`, `T = (m P + n S) / (m + n)`, where `S < P` | 1 | total-return |
//!
//! Sources: zipline's adjustment writer (as-of); the return factors of CRSP (total-return); the
//! theoretical ex-rights price as exchanges publish it.

use rustybt_calendars::{Calendar, Session};

use super::{Action, AdjustMode, Adjustment};
use crate::Sid;

/// How many sessions after the ex-date a first close is waited for.
const PATIENCE: usize = 60;

/// What an event does to values of sessions before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effect {
    pub(super) price: f64,
    pub(super) volume: f64,
    /// The session whose close it takes to know it; `None` where it is known before.
    pub(super) seen: Option<Session>,
}

/// What effects are computed from.
pub(super) struct Found<'a, C> {
    pub(super) calendar: &'a Calendar,
    /// The first session that is left alone.
    pub(super) before: Session,
    pub(super) close: &'a C,
}

impl<C: Fn(Sid, Session) -> f64> Found<'_, C> {
    /// The effect of an event beside others of its day: `Ok(None)` for none in this mode, `Err`
    /// where there should be one and cannot.
    pub(super) fn effect<'e>(
        &self,
        event: &Adjustment,
        mode: AdjustMode,
        same_day: impl Iterator<Item = &'e Adjustment>,
    ) -> Result<Option<Effect>, ()> {
        let sid = event.sid;
        let effect = match (&event.action, mode) {
            (_, AdjustMode::None) => return Ok(None),
            (Action::Split { new, old }, _) => units(*new as f64, *old as f64),
            (_, AdjustMode::Split) => return Ok(None),
            (Action::Merger { ratio }, _) => of_price(ratio.to_f64()),
            (Action::Dividend { amount, .. }, AdjustMode::AsOf) => {
                of_price(1.0 - amount.to_f64() / self.previous(sid))
            }
            (_, AdjustMode::AsOf) => return Ok(None),
            (Action::Dividend { amount, .. }, AdjustMode::TotalReturn) => {
                match self.given(sid, None) {
                    Some((seen, own, _)) => reinvested(seen, own, amount.to_f64()),
                    None => return Err(()),
                }
            }
            (Action::StockDividend { payment, ratio, .. }, AdjustMode::TotalReturn)
                if *payment == sid =>
            {
                units(1.0 + ratio.to_f64(), 1.0)
            }
            (Action::SpinOff { factor: Some(factor), .. }, AdjustMode::TotalReturn) => {
                of_price(factor.to_f64())
            }
            (
                Action::StockDividend { payment, ratio, .. }
                | Action::SpinOff { payment, ratio, .. },
                AdjustMode::TotalReturn,
            ) => match self.given(sid, Some(*payment)) {
                Some((seen, own, other)) => reinvested(seen, own, ratio.to_f64() * other),
                None => return Err(()),
            },
            (Action::Rights { new, old, price }, AdjustMode::TotalReturn) => {
                let (new, old, at) = (*new as f64, *old as f64, price.to_f64());
                // The price is of units after what was split on the same day.
                let split = same_day.filter_map(|other| match &other.action {
                    Action::Split { new, old } => Some(*old as f64 / *new as f64),
                    Action::StockDividend { payment, ratio, .. } if *payment == sid => {
                        Some(1.0 / (1.0 + ratio.to_f64()))
                    }
                    _ => None,
                });
                let previous = self.previous(sid) * split.product::<f64>();
                if at >= previous {
                    return Ok(None); // Nobody buys dearer than the market.
                }
                of_price((old * previous + new * at) / (old + new) / previous)
            }
        };
        let is_good = effect.price.is_finite() && effect.price > 0.0 && effect.volume.is_finite();
        if is_good { Ok(Some(effect)) } else { Err(()) }
    }

    /// The raw close of the session before.
    fn previous(&self, sid: Sid) -> f64 {
        let session = self.calendar.previous_session(self.before);
        session.map_or(f64::NAN, |session| (self.close)(sid, session))
    }

    /// The first session without what was given in which the asset, and the one that was given,
    /// have a close, and these closes.
    fn given(&self, sid: Sid, payment: Option<Sid>) -> Option<(Session, f64, f64)> {
        let first = self.calendar.session_index(self.before)?;
        let sessions = self.calendar.sessions().get(first..)?.iter().take(PATIENCE);
        sessions
            .map(|&session| {
                let other = payment.map_or(0.0, |payment| (self.close)(payment, session));
                (session, (self.close)(sid, session), other)
            })
            .find(|(_, own, other)| !own.is_nan() && !other.is_nan())
    }
}

/// So many units become so many new ones.
fn units(new: f64, old: f64) -> Effect {
    Effect { price: old / new, volume: new / old, seen: None }
}

fn of_price(price: f64) -> Effect {
    Effect { price, volume: 1.0, seen: None }
}

fn reinvested(seen: Session, close: f64, value: f64) -> Effect {
    Effect { price: close / (close + value), volume: 1.0, seen: Some(seen) }
}
