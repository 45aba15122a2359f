//! The ops about the newest bar: current, `can_trade`, `is_stale`, `last_traded`.

use rustybt_data::{BarData, Clocking, Error as DataError, Field, Frequency, Quote, Sid};
use serde_json::{Map, Value, json};

use super::asset_name::AssetName;
use super::bars::{Bars, named};
use super::refusal::Refusal;
use super::request::{CurrentRequest, StateRequest};
use crate::command::bundle::label;
use crate::command::history::plain;
use crate::moment::Moment;

/// An asset, and the data as it was known of it.
struct Look<'a> {
    data: BarData<'a>,
    /// Of a series of contracts the one in front; `None` where its chain does not reach that far.
    sid: Option<Sid>,
    /// What the contracts are on.
    root: Option<&'a str>,
}

/// `{"assets": […], "fields": {name: […]}}`, one value an asset.
pub(super) fn current(bars: &Bars<'_>, request: &CurrentRequest) -> Result<Value, Refusal> {
    let looks = looks(bars, request.at, &request.assets)?;
    let mut fields = Map::new();
    for name in &request.fields {
        let values: Result<Vec<Value>, Refusal> =
            looks.iter().map(|look| value(look, name, request.exact)).collect();
        fields.insert(name.clone(), Value::Array(values?));
    }
    Ok(json!({ "assets": described(&looks)?, "fields": fields }))
}

/// `{"assets": […], "can_trade": […]}`.
pub(super) fn can_trade(bars: &Bars<'_>, request: &StateRequest) -> Result<Value, Refusal> {
    let looks = looks(bars, request.at, &request.assets)?;
    let flags = flags(&looks, BarData::can_trade)?;
    Ok(json!({ "assets": described(&looks)?, "can_trade": flags }))
}

/// `{"assets": […], "is_stale": […]}`.
pub(super) fn is_stale(bars: &Bars<'_>, request: &StateRequest) -> Result<Value, Refusal> {
    let looks = looks(bars, request.at, &request.assets)?;
    let flags = flags(&looks, BarData::is_stale)?;
    Ok(json!({ "assets": described(&looks)?, "is_stale": flags }))
}

/// `{"assets": […], "last_traded": […]}`.
pub(super) fn last_traded(bars: &Bars<'_>, request: &StateRequest) -> Result<Value, Refusal> {
    let looks = looks(bars, request.at, &request.assets)?;
    let labels: Vec<Value> =
        looks.iter().map(|look| value(look, "last_traded", false)).collect::<Result<_, _>>()?;
    Ok(json!({ "assets": described(&looks)?, "last_traded": labels }))
}

/// Each asset with the data as it was known of it, whatever is asked about beside it.
fn looks<'a>(
    bars: &Bars<'a>,
    at: Moment,
    assets: &'a [AssetName],
) -> Result<Vec<Look<'a>>, Refusal> {
    let days = bars.days(at)?;
    let look = |asset: &'a AssetName| {
        let (sid, root) = match asset {
            AssetName::Series(series) => {
                (days.current_contract(series)?, Some(series.root.as_str()))
            }
            asset => (Some(named(&days, asset)?), None),
        };
        let data = sid.map_or(Ok(days), |sid| bars.of(at, sid))?;
        Ok(Look { data, sid, root })
    };
    assets.iter().map(look).collect()
}

fn flags<'a>(
    looks: &[Look<'a>],
    flag: impl Fn(&BarData<'a>, Sid) -> Result<bool, DataError>,
) -> Result<Vec<bool>, DataError> {
    looks.iter().map(|look| look.sid.map_or(Ok(false), |sid| flag(&look.data, sid))).collect()
}

fn described(looks: &[Look<'_>]) -> Result<Value, DataError> {
    let mut assets = Vec::with_capacity(looks.len());
    for look in looks {
        let mut asset = contract(look)?;
        if asset.is_null() {
            asset = json!({ "sid": null, "symbol": null });
        }
        if let (Some(asset), Some(root)) = (asset.as_object_mut(), look.root) {
            asset.insert("root".to_owned(), json!(root));
        }
        assets.push(asset);
    }
    Ok(Value::Array(assets))
}

fn contract(look: &Look<'_>) -> Result<Value, DataError> {
    let Some(sid) = look.sid else { return Ok(Value::Null) };
    let symbol = look.data.asset(sid)?.symbol_at(look.data.session());
    Ok(json!({ "sid": sid, "symbol": symbol }))
}

fn value(look: &Look<'_>, name: &str, exact: bool) -> Result<Value, Refusal> {
    let quote = match name {
        "sid" => return Ok(json!(look.sid)),
        // What is no series of contracts has none in front.
        "contract" => return Ok(look.root.map_or(Ok(Value::Null), |_| contract(look))?),
        "last_traded" => None,
        name => Some(name.parse::<Quote>().map_err(|_| unknown_field(name))?),
    };
    let (data, Some(sid)) = (&look.data, look.sid) else {
        let is_volume = quote == Some(Quote::VOLUME) && !exact;
        return Ok(if is_volume { Value::from(Field::Volume.missing()) } else { Value::Null });
    };
    match (quote, exact) {
        (None, _) => {
            let frequency = match data.clocking() {
                Clocking::Daily => Frequency::DAILY,
                Clocking::Minute => Frequency::MINUTE,
            };
            Ok(json!(data.last_traded(sid)?.map(|at| label(at, frequency))))
        }
        (Some(quote), false) => Ok(Value::from(data.current(sid, quote)?)),
        (Some(Quote::Field(field)), true) => Ok(json!(data.current_exact(sid, field)?.map(plain))),
        (Some(Quote::Price), true) => {
            Err(DataError::NotExact { what: "`price`".to_owned() }.into())
        }
    }
}

fn unknown_field(name: &str) -> Refusal {
    let known = "open, high, low, close, volume, price, last_traded, contract, sid and, where bars \
                 have them, trades, vwap and quote_volume";
    Refusal::new("bad_request", format!("`{name}` is no field; known are {known}"))
}
