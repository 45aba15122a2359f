//! The ops about futures: `{"op":"continuous", …}` and `{"op":"chain", …}`.

use rustybt_data::{BarData, ContinuousFuture, Error as DataError, Frequency, Quote, Sid};
use serde_json::{Map, Value, json};

use super::bars::Bars;
use super::refusal::Refusal;
use super::request::{ChainRequest, ContinuousRequest};
use crate::command::bundle::label;

/// `{"index": […], "contracts": […], "fields": {name: […]}}`, one value a bar. The field `sid` is
/// the contract's.
pub(super) fn continuous(bars: &Bars<'_>, request: &ContinuousRequest) -> Result<Value, Refusal> {
    let future = ContinuousFuture {
        root: request.root.clone(),
        offset: request.offset,
        roll: request.roll,
        adjustment: request.adjustment,
    };
    let chain = bars.portal().futures().chain(&request.root)?;
    let sids: Vec<Sid> = chain.iter().map(|contract| contract.sid).collect();
    let data = bars.at(request.at, request.frequency, &sids)?;
    let quotes: Vec<Quote> = request
        .fields
        .iter()
        .filter(|name| *name != "sid")
        .map(|name| name.parse())
        .collect::<Result<_, DataError>>()?;
    let history = data.continuous(&future, &quotes, request.bars, request.frequency)?;
    let mut fields = Map::new();
    for name in &request.fields {
        let values = match name.parse::<Quote>() {
            Ok(quote) => json!(history.series(quote)?),
            Err(_) => json!(history.contracts()),
        };
        fields.insert(name.clone(), values);
    }
    let index = history.labels().iter().map(|&at| label(at, request.frequency));
    let contracts: Result<Vec<Value>, Refusal> =
        history.contracts().iter().map(|sid| described(&data, *sid)).collect();
    Ok(json!({ "index": index.collect::<Vec<_>>(), "contracts": contracts?, "fields": fields }))
}

/// `{"contract": {"sid", "symbol"}, "chain": [{"sid", "symbol"}, …]}`.
pub(super) fn chain(bars: &Bars<'_>, request: &ChainRequest) -> Result<Value, Refusal> {
    let future = ContinuousFuture {
        offset: request.offset,
        roll: request.roll,
        ..ContinuousFuture::new(request.root.clone())
    };
    let data = bars.at(request.at, Frequency::DAILY, &[])?;
    let contract = described(&data, data.current_contract(&future)?)?;
    let chain: Result<Vec<Value>, Refusal> =
        data.current_chain(&future)?.into_iter().map(|sid| described(&data, Some(sid))).collect();
    Ok(json!({ "contract": contract, "chain": chain? }))
}

fn described(data: &BarData<'_>, sid: Option<Sid>) -> Result<Value, Refusal> {
    let Some(sid) = sid else { return Ok(Value::Null) };
    Ok(json!({ "sid": sid, "symbol": data.asset(sid)?.symbol_at(data.session()) }))
}
