//! Corporate actions of assets that have their sids.

use crate::{
    Action, Adjustment, AssetFinder, AssetRecord, AssetTable, Reason, Rejected, Sid, SourceEvent,
};

/// The events with the sids of their assets, each once. What cannot be one goes to `rejected`.
pub(super) fn resolved(
    events: Vec<SourceEvent>,
    records: &[AssetRecord],
    sids: &[Sid],
    finder: &AssetTable,
    rejected: &mut Vec<Rejected>,
) -> Vec<Adjustment> {
    let known = |at: usize| sids.get(at).copied().filter(|sid| finder.asset(*sid).is_some());
    let symbol = |at: usize| records.get(at).map(|asset| asset.symbol.clone()).unwrap_or_default();
    let mut kept: Vec<Adjustment> = Vec::with_capacity(events.len());
    for event in events {
        let fault = match &event.action {
            Action::Split { new, old } | Action::Rights { new, old, .. }
                if *new == 0 || *old == 0 =>
            {
                let detail = format!("{} of {new} for {old} cannot be", event.action.kind());
                Some(Reason::BadAction { detail })
            }
            Action::StockDividend { payment, .. } | Action::SpinOff { payment, .. }
                if known(payment.index()).is_none() =>
            {
                Some(Reason::NoBars { symbol: symbol(payment.index()) })
            }
            _ => None,
        };
        let (sid, reason) = match (known(event.asset), fault) {
            (Some(sid), None) => (sid, None),
            (sid, fault) => {
                let none = Reason::NoBars { symbol: symbol(event.asset) };
                (sid.unwrap_or(Sid(0)), Some(fault.unwrap_or(none)))
            }
        };
        let text = format!("{} on {}", event.action.kind(), event.effective);
        if let Some(reason) = reason {
            let (origin, symbol) = (event.action.kind().to_owned(), symbol(event.asset));
            rejected.push(Rejected { origin, line: None, symbol, reason, text });
            continue;
        }
        let mut action = event.action;
        if let Action::StockDividend { payment, .. } | Action::SpinOff { payment, .. } = &mut action
        {
            *payment = known(payment.index()).unwrap_or(*payment);
        }
        let (effective, known) = (event.effective, event.known);
        let event = Adjustment { sid, effective, known, action };
        if !kept.contains(&event) {
            kept.push(event);
        }
    }
    kept
}
