//! The ops about corporate actions: adjustments, `adjusted_value`, splits, dividends.

use rustybt_data::{Action, Adjustment};
use serde_json::{Value, json};

use super::bars::{Bars, named, sids};
use super::refusal::Refusal;
use super::request::{AdjustmentsRequest, StateRequest, ValueRequest};
use crate::command::history::plain;
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
            told.insert("factor".to_owned(), json!(seen.map(|f| f.of(request.field.field()))));
        }
        events.push(told);
    }
    let adjustment = data.adjustment(sid, request.field.field(), from)?;
    let symbol = data.asset(sid)?.symbol_at(data.session());
    Ok(json!({
        "asset": { "sid": sid, "symbol": symbol },
        "field": request.field.name(),
        "adjustment": adjustment,
        "events": events,
    }))
}

/// `{"asset": …, "field": …, "value": …}`: what a value was at a moment, in units of another.
pub(super) fn value(bars: &Bars<'_>, request: &ValueRequest) -> Result<Value, Refusal> {
    let (at, perspective) = (bars.over(request.at), bars.over(request.perspective));
    let data = bars.days(perspective)?.adjusted(request.adjust.unwrap_or_default());
    let sid = named(&data, &request.asset)?;
    let value = data.adjusted_value(sid, request.field, bars.days(at)?.now())?;
    let symbol = data.asset(sid)?.symbol_at(data.session());
    let asset = json!({ "sid": sid, "symbol": symbol });
    Ok(json!({ "asset": asset, "field": request.field.name(), "value": value }))
}

/// `{"splits": [{"sid", "symbol", "ratio"}, …]}`: those of the session, by asset.
pub(super) fn splits(bars: &Bars<'_>, request: &StateRequest) -> Result<Value, Refusal> {
    let data = bars.days(request.at)?;
    let mut splits = Vec::new();
    for (sid, ratio) in data.splits(&sids(&data, &request.assets)?)? {
        let symbol = data.asset(sid)?.symbol_at(data.session());
        splits.push(json!({ "sid": sid, "symbol": symbol, "ratio": ratio }));
    }
    Ok(json!({ "splits": splits }))
}

/// `{"dividends": [{"sid", "symbol", "amount"}, …]}`: those whose ex-date the session is, by asset.
pub(super) fn dividends(bars: &Bars<'_>, request: &StateRequest) -> Result<Value, Refusal> {
    let data = bars.days(request.at)?;
    let mut dividends = Vec::new();
    for (sid, amount) in data.dividends(&sids(&data, &request.assets)?)? {
        let symbol = data.asset(sid)?.symbol_at(data.session());
        dividends.push(json!({ "sid": sid, "symbol": symbol, "amount": plain(amount) }));
    }
    Ok(json!({ "dividends": dividends }))
}

/// An action as it was ingested: decimals as strings.
fn described(event: &Adjustment) -> Value {
    let kind = event.action.kind();
    match &event.action {
        Action::Split { new, old } => json!({ "kind": kind, "new": new, "old": old }),
        Action::Rights { new, old, price } => {
            json!({ "kind": kind, "new": new, "old": old, "price": plain(*price) })
        }
        Action::Dividend { amount, currency, declared, record, pay } => json!({
            "kind": kind,
            "amount": plain(*amount),
            "currency": currency,
            "declared_date": declared,
            "record_date": record,
            "pay_date": pay,
        }),
        Action::Merger { ratio } => json!({ "kind": kind, "ratio": plain(*ratio) }),
        Action::StockDividend { payment, ratio, pay }
        | Action::SpinOff { payment, ratio, pay, .. } => {
            json!({
                "kind": kind,
                "payment_sid": payment,
                "ratio": plain(*ratio),
                "pay_date": pay,
            })
        }
        _ => json!({ "kind": kind }),
    }
}
