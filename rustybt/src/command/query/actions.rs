//! The op about corporate actions: `{"op":"adjustments", …}`.

use rustybt_data::{Action, Adjustment};
use serde_json::{Value, json};

use super::bars::{Bars, named};
use super::refusal::Refusal;
use super::request::AdjustmentsRequest;
use crate::moment::Moment;

/// `{"asset": …, "adjustment": …, "events": [{"kind", "effective", "known_at", "factor", …}, …]}`:
/// what a raw value of `from` is multiplied by as seen from `perspective`, and what for.
pub(super) fn answer(bars: &Bars<'_>, request: &AdjustmentsRequest) -> Result<Value, Refusal> {
    let perspective = bars.over(request.perspective);
    let mode = request.adjust.unwrap_or_default();
    let data = bars.days(perspective)?.adjusted(mode);
    let sid = named(&data, &request.asset)?;
    let from = match request.from {
        Moment::Session(day) => day,
        Moment::Instant(_) => bars.days(request.from)?.session(),
    };
    let mut events = Vec::new();
    for event in data.events(sid, from)? {
        let factors = bars.portal().factors_from(std::slice::from_ref(event), mode)?;
        let seen = factors.list.first().filter(|f| f.is_seen(data.session(), data.now()));
        let mut told = described(event);
        if let Some(told) = told.as_object_mut() {
            told.insert("effective".to_owned(), json!(event.effective));
            told.insert("known_at".to_owned(), json!(event.known.map(|at| at.to_string())));
            told.insert("factor".to_owned(), json!(seen.map(|f| f.of(request.field))));
        }
        events.push(told);
    }
    let adjustment = data.adjustment(sid, request.field, from)?;
    let symbol = data.asset(sid)?.symbol_at(data.session());
    Ok(json!({
        "asset": { "sid": sid, "symbol": symbol },
        "field": request.field,
        "adjustment": adjustment,
        "events": events,
    }))
}

/// An action as it was ingested: decimals as strings.
fn described(event: &Adjustment) -> Value {
    let kind = event.action.kind();
    match &event.action {
        Action::Split { new, old } => json!({ "kind": kind, "new": new, "old": old }),
        Action::Rights { new, old, price } => {
            json!({ "kind": kind, "new": new, "old": old, "price": price.to_string() })
        }
        Action::Dividend { amount, currency, declared, record, pay } => json!({
            "kind": kind,
            "amount": amount.to_string(),
            "currency": currency,
            "declared_date": declared,
            "record_date": record,
            "pay_date": pay,
        }),
        Action::Merger { ratio } => json!({ "kind": kind, "ratio": ratio.to_string() }),
        Action::StockDividend { payment, ratio, pay }
        | Action::SpinOff { payment, ratio, pay, .. } => {
            json!({
                "kind": kind,
                "payment_sid": payment,
                "ratio": ratio.to_string(),
                "pay_date": pay,
            })
        }
        _ => json!({ "kind": kind }),
    }
}
