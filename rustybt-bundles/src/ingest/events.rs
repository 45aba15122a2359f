//! Corporate actions: from what sources tell to what the bundle keeps.

use std::collections::BTreeSet;

use rustybt_data::{Action, Adjustment, Reason, Rejected, Sid, SourceEvent};

/// Gives events their sids.
///
/// What cannot be an event, or belongs to an asset that the bundle does not have, goes to
/// `rejected`; `sid` and `symbol` answer for an index into the survey's assets.
pub(super) fn resolve(
    events: Vec<SourceEvent>,
    origin: &str,
    sid: impl Fn(usize) -> Option<Sid>,
    symbol: impl Fn(usize) -> String,
    rejected: &mut Vec<Rejected>,
) -> Vec<Adjustment> {
    let mut resolved = Vec::with_capacity(events.len());
    for event in events {
        let text = format!("{} on {}", event.action.kind(), event.effective);
        let fault = match &event.action {
            _ if sid(event.asset).is_none() => Some(Reason::NoBars { symbol: symbol(event.asset) }),
            Action::Split { new, old } => split_fault(*new, *old),
            Action::StockDividend { payment, .. } if sid(payment.index()).is_none() => {
                Some(Reason::NoBars { symbol: symbol(payment.index()) })
            }
            _ => None,
        };
        match (sid(event.asset), fault) {
            (Some(own), None) => {
                let action = match event.action {
                    Action::StockDividend { payment, ratio, pay } => Action::StockDividend {
                        payment: sid(payment.index()).unwrap_or(payment),
                        ratio,
                        pay,
                    },
                    action => action,
                };
                let (effective, known) = (event.effective, event.known);
                resolved.push(Adjustment { sid: own, effective, known, action });
            }
            (_, reason) => rejected.push(Rejected {
                origin: origin.to_owned(),
                line: None,
                symbol: symbol(event.asset),
                reason: reason.unwrap_or(Reason::NoBars { symbol: symbol(event.asset) }),
                text,
            }),
        }
    }
    resolved
}

fn split_fault(new: u64, old: u64) -> Option<Reason> {
    let fits = |units: u64| units > 0 && i64::try_from(units).is_ok();
    if fits(new) && fits(old) {
        return None;
    }
    Some(Reason::BadAction { detail: format!("a split of {new} for {old} cannot be kept") })
}

/// The events the bundle has, and the new ones.
///
/// All events of one kind, asset and day that an ingest brings replace those of that kind, asset
/// and day that were there; nothing else is touched.
pub(super) fn merge(known: Vec<Adjustment>, new: Vec<Adjustment>) -> Vec<Adjustment> {
    let key = |event: &Adjustment| (event.sid, event.effective, event.action.kind());
    let replaced: BTreeSet<_> = new.iter().map(key).collect();
    let mut merged: Vec<Adjustment> =
        known.into_iter().filter(|event| !replaced.contains(&key(event))).chain(new).collect();
    // Stable: events of one day keep their order. Equal ones are one.
    merged.sort_by_key(|event| (event.sid, event.effective, event.action.kind()));
    merged.dedup();
    merged
}
