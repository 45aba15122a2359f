//! Corporate actions: from what sources tell to what the bundle keeps.

use std::collections::{BTreeMap, BTreeSet};

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{Action, Adjustment, Reason, Rejected, Sid, SourceEvent};

use crate::catalog::micros_up;
use crate::report::EventCounts;

/// What a source brought of corporate actions.
#[derive(Debug, Default)]
pub(super) struct Brought {
    pub(super) events: Vec<Adjustment>,
    /// The kinds of which these are all there are.
    pub(super) full_lists: Vec<&'static str>,
    /// From which session to which the source told of each asset.
    pub(super) days: BTreeMap<Sid, (Session, Session)>,
    /// Whose list of a kind is not full after all, because something in it was refused.
    pub(super) spoiled: BTreeSet<(Sid, &'static str)>,
}

/// The events of the bundle, and what became of them.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) events: Vec<Adjustment>,
    pub(super) counts: EventCounts,
    /// The new and the changed ones.
    pub(super) fresh: Vec<Adjustment>,
    /// Those that are no longer there, nor others in their place.
    pub(super) removed: Vec<Adjustment>,
}

impl Brought {
    /// Gives events their sids and takes them in.
    ///
    /// What cannot be an event, or belongs to an asset that the bundle does not have, goes to
    /// `rejected`; `sid` and `symbol` answer for an index into the survey's assets.
    pub(super) fn resolve(
        &mut self,
        events: Vec<SourceEvent>,
        origin: &str,
        sid: impl Fn(usize) -> Option<Sid>,
        symbol: impl Fn(usize) -> String,
        rejected: &mut Vec<Rejected>,
    ) {
        for event in events {
            let text = format!("{} on {}", event.action.kind(), event.effective);
            let own = sid(event.asset);
            let fault = match &event.action {
                _ if own.is_none() => Some(Reason::NoBars { symbol: symbol(event.asset) }),
                Action::Split { new, old } => unit_fault("a split", *new, *old),
                Action::Rights { new, old, .. } => unit_fault("rights", *new, *old),
                Action::StockDividend { payment, .. } | Action::SpinOff { payment, .. }
                    if sid(payment.index()).is_none() =>
                {
                    Some(Reason::NoBars { symbol: symbol(payment.index()) })
                }
                _ => None,
            };
            match (own, fault) {
                (Some(own), None) => {
                    let action = match event.action {
                        Action::StockDividend { payment, ratio, pay } => Action::StockDividend {
                            payment: sid(payment.index()).unwrap_or(payment),
                            ratio,
                            pay,
                        },
                        Action::SpinOff { payment, ratio, factor, pay } => Action::SpinOff {
                            payment: sid(payment.index()).unwrap_or(payment),
                            ratio,
                            factor,
                            pay,
                        },
                        action => action,
                    };
                    let (effective, known) = (event.effective, event.known);
                    self.events.push(Adjustment { sid: own, effective, known, action });
                }
                (own, reason) => {
                    self.spoiled.extend(own.map(|own| (own, event.action.kind())));
                    rejected.push(Rejected {
                        origin: origin.to_owned(),
                        line: None,
                        symbol: symbol(event.asset),
                        reason: reason.unwrap_or(Reason::NoBars { symbol: symbol(event.asset) }),
                        text,
                    });
                }
            }
        }
    }

    /// Brings the events into those the bundle has.
    ///
    /// All events of one kind, asset and day take the place of those of that kind, asset and day
    /// that were there. Where they are the full list of a kind, those of that kind that were there
    /// on other days of the asset's bars go as well. Nothing else is touched.
    pub(super) fn merge(self, known: Vec<Adjustment>) -> Merged {
        let mut groups: BTreeMap<(Sid, Session, &str), [Vec<Adjustment>; 2]> = BTreeMap::new();
        let events = known.into_iter().map(|event| (0, event));
        for (side, event) in events.chain(self.events.into_iter().map(|event| (1, event))) {
            let event = plain(event);
            let group =
                groups.entry((event.sid, event.effective, event.action.kind())).or_default();
            if let Some(side) = group.get_mut(side)
                && !side.contains(&event)
            {
                side.push(event);
            }
        }
        let mut merged = Merged::default();
        for ((sid, effective, kind), [known, new]) in groups {
            let told = |days: &(Session, Session)| days.0 <= effective && effective <= days.1;
            let gone = self.full_lists.contains(&kind)
                && self.days.get(&sid).is_some_and(told)
                && !self.spoiled.contains(&(sid, kind));
            if new.is_empty() && !gone {
                merged.events.extend(known);
                continue;
            }
            let other = |events: &[Adjustment], of: &[Adjustment]| -> Vec<Adjustment> {
                events.iter().filter(|event| !of.contains(event)).cloned().collect()
            };
            let (fresh, old) = (other(&new, &known), other(&known, &new));
            let changed = fresh.len().min(old.len());
            merged.counts.unchanged += (new.len() - fresh.len()) as u64;
            merged.counts.changed += changed as u64;
            merged.counts.new += (fresh.len() - changed) as u64;
            merged.counts.removed += (old.len() - changed) as u64;
            merged.removed.extend(old.into_iter().skip(changed));
            merged.fresh.extend(fresh);
            merged.events.extend(new);
        }
        merged
    }
}

fn unit_fault(what: &str, new: u64, old: u64) -> Option<Reason> {
    let fits = |units: u64| units > 0 && i64::try_from(units).is_ok();
    if fits(new) && fits(old) {
        return None;
    }
    Some(Reason::BadAction { detail: format!("{what} of {new} for {old} cannot be kept") })
}

/// An event as the tables give it back, so that what is the same compares as the same.
fn plain(mut event: Adjustment) -> Adjustment {
    event.known = event.known.map(|known| Timestamp::from_micros(micros_up(known)));
    match &mut event.action {
        Action::Dividend { amount, currency, .. } => {
            *amount = amount.normalized();
            *currency = currency.take().filter(|currency| !currency.is_empty());
        }
        Action::Merger { ratio } | Action::StockDividend { ratio, .. } => {
            *ratio = ratio.normalized();
        }
        Action::Rights { price, .. } => *price = price.normalized(),
        Action::SpinOff { ratio, factor, .. } => {
            *ratio = ratio.normalized();
            *factor = factor.map(rustybt_data::Exact::normalized);
        }
        _ => {}
    }
    event
}
