//! What a line may ask.

use std::fmt;

use rustybt_data::{AdjustMode, Frequency, RollAdjustment, RollStyle};
use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer};
use serde_json::Value;

use super::asset_name::AssetName;
use super::refusal::Refusal;
use crate::moment::Moment;

/// `{"op":"history", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) assets: Vec<AssetName>,
    #[serde(default = "close")]
    pub(super) fields: Vec<String>,
    #[serde(deserialize_with = "moment")]
    pub(super) at: Moment,
    #[serde(deserialize_with = "count")]
    pub(super) bars: usize,
    #[serde(default = "daily")]
    pub(super) frequency: Frequency,
    #[serde(default, deserialize_with = "mode")]
    pub(super) adjust: Option<AdjustMode>,
    #[serde(default)]
    pub(super) exact: bool,
    #[serde(default)]
    pub(super) partial: bool,
    #[serde(default)]
    pub(super) currency: Option<String>,
}

/// `{"op":"bars", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BarsRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) assets: Vec<AssetName>,
    #[serde(default = "ohlcv")]
    pub(super) fields: Vec<String>,
    #[serde(deserialize_with = "moment")]
    pub(super) start: Moment,
    #[serde(deserialize_with = "moment")]
    pub(super) end: Moment,
    #[serde(default = "daily")]
    pub(super) frequency: Frequency,
    #[serde(default, deserialize_with = "mode")]
    pub(super) adjust: Option<AdjustMode>,
    /// As of when prices are adjusted; `end` where it is not said.
    #[serde(default, deserialize_with = "optional_moment")]
    pub(super) perspective: Option<Moment>,
    #[serde(default)]
    pub(super) exact: bool,
    #[serde(default)]
    pub(super) partial: bool,
    #[serde(default)]
    pub(super) currency: Option<String>,
}

/// `{"op":"adjustments", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdjustmentsRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) asset: AssetName,
    #[serde(default = "close_name", deserialize_with = "parsed")]
    pub(super) field: rustybt_data::Quote,
    #[serde(deserialize_with = "moment")]
    pub(super) from: Moment,
    #[serde(deserialize_with = "moment")]
    pub(super) perspective: Moment,
    #[serde(default, deserialize_with = "mode")]
    pub(super) adjust: Option<AdjustMode>,
}

/// `{"op":"continuous", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContinuousRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) root: String,
    #[serde(default)]
    pub(super) offset: usize,
    #[serde(default, deserialize_with = "parsed")]
    pub(super) roll: RollStyle,
    /// `null` is none.
    #[serde(default, deserialize_with = "adjustment")]
    pub(super) adjustment: RollAdjustment,
    #[serde(default = "close")]
    pub(super) fields: Vec<String>,
    #[serde(deserialize_with = "moment")]
    pub(super) at: Moment,
    #[serde(deserialize_with = "count")]
    pub(super) bars: usize,
    #[serde(default = "daily")]
    pub(super) frequency: Frequency,
}

/// `{"op":"chain", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChainRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) root: String,
    #[serde(default)]
    pub(super) offset: usize,
    #[serde(default, deserialize_with = "parsed")]
    pub(super) roll: RollStyle,
    #[serde(deserialize_with = "moment")]
    pub(super) at: Moment,
}

/// `{"op":"fx", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FxRequest {
    #[serde(rename = "op")]
    _op: String,
    #[serde(default)]
    pub(super) rate: Option<String>,
    pub(super) quote: String,
    pub(super) bases: Vec<String>,
    pub(super) dates: Vec<rustybt_calendars::Session>,
    #[serde(default)]
    pub(super) max_age_days: Option<u32>,
}

/// `{"op":"differences", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DifferencesRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) assets: Vec<AssetName>,
    pub(super) start: rustybt_calendars::Session,
    pub(super) end: rustybt_calendars::Session,
}

/// `{"op":"current", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CurrentRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) assets: Vec<AssetName>,
    #[serde(default = "price")]
    pub(super) fields: Vec<String>,
    #[serde(deserialize_with = "moment")]
    pub(super) at: Moment,
    #[serde(default)]
    pub(super) exact: bool,
}

/// `{"op":"adjusted_value", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValueRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) asset: AssetName,
    #[serde(default = "close_name", deserialize_with = "parsed")]
    pub(super) field: rustybt_data::Quote,
    #[serde(deserialize_with = "moment")]
    pub(super) at: Moment,
    #[serde(deserialize_with = "moment")]
    pub(super) perspective: Moment,
    #[serde(default, deserialize_with = "mode")]
    pub(super) adjust: Option<AdjustMode>,
}

/// `{"op":"can_trade", …}`, `{"op":"is_stale", …}`, `{"op":"last_traded", …}`, `{"op":"splits", …}` and `{"op":"dividends", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StateRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) assets: Vec<AssetName>,
    #[serde(deserialize_with = "moment")]
    pub(super) at: Moment,
}

/// `{"op":"table", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) table: String,
    #[serde(default)]
    pub(super) assets: Option<Vec<AssetName>>,
    #[serde(default, deserialize_with = "optional_moment")]
    pub(super) start: Option<Moment>,
    #[serde(default, deserialize_with = "optional_moment")]
    pub(super) end: Option<Moment>,
    #[serde(default, deserialize_with = "optional_moment")]
    pub(super) known_at: Option<Moment>,
    #[serde(default)]
    pub(super) columns: Option<Vec<String>>,
    #[serde(default, deserialize_with = "optional_count")]
    pub(super) limit: Option<usize>,
    #[serde(default)]
    pub(super) exact: bool,
}

/// `{"op":"trades", …}`, `{"op":"quotes", …}` and `{"op":"funding", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TicksRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) assets: Vec<AssetName>,
    #[serde(deserialize_with = "moment")]
    pub(super) at: Moment,
    /// Nothing before this moment; a session means its open.
    #[serde(default, deserialize_with = "optional_moment")]
    pub(super) start: Option<Moment>,
    /// How many of each asset; one, or with `start` all of them.
    #[serde(default, deserialize_with = "optional_count")]
    pub(super) count: Option<usize>,
    #[serde(default)]
    pub(super) columns: Option<Vec<String>>,
    #[serde(default)]
    pub(super) exact: bool,
}

/// `{"op":"book", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BookRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) assets: Vec<AssetName>,
    #[serde(deserialize_with = "moment")]
    pub(super) at: Moment,
    #[serde(default = "ten", deserialize_with = "count")]
    pub(super) depth: usize,
    #[serde(default)]
    pub(super) exact: bool,
}

/// `{"op":"lookup", …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LookupRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) symbol: String,
    #[serde(deserialize_with = "moment")]
    pub(super) as_of: Moment,
}

/// `{"op":"calendar", …}`; `start` and `end` cut the calendar to its sessions between them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarRequest {
    #[serde(rename = "op")]
    _op: String,
    pub(super) name: String,
    pub(super) method: String,
    /// A list of values, or an object of values by name.
    #[serde(default)]
    pub(super) args: Value,
    #[serde(default)]
    pub(super) kwargs: Value,
    pub(super) side: Option<String>,
    pub(super) start: Option<rustybt_calendars::Session>,
    pub(super) end: Option<rustybt_calendars::Session>,
}

/// The fields of a question.
pub(super) fn read<T: DeserializeOwned>(question: Value) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(question).map_err(|error| {
        let place = error.path().to_string();
        let reason = error.into_inner();
        let message =
            if place == "." { reason.to_string() } else { format!("`{place}`: {reason}") };
        Refusal::new("bad_request", message)
    })
}

fn close() -> Vec<String> {
    vec!["close".to_owned()]
}

fn close_name() -> rustybt_data::Quote {
    rustybt_data::Quote::CLOSE
}

fn ohlcv() -> Vec<String> {
    rustybt_data::Field::OHLCV.map(|field| field.name().to_owned()).to_vec()
}

fn price() -> Vec<String> {
    vec!["price".to_owned()]
}

fn ten() -> usize {
    10
}

fn daily() -> Frequency {
    Frequency::DAILY
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
    parsed(deserializer)
}

fn optional_moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Moment>, D::Error> {
    moment(deserializer).map(Some)
}

fn optional_count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    count(deserializer).map(Some)
}

pub(super) fn parsed<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: std::str::FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

pub(super) fn adjustment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<RollAdjustment, D::Error> {
    match Option::<String>::deserialize(deserializer)? {
        Some(text) => text.parse().map_err(de::Error::custom),
        None => Ok(RollAdjustment::None),
    }
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
    count.filter(|&count| count > 0).ok_or_else(|| {
        de::Error::custom(format_args!("expected a whole number from 1 on, found {value}"))
    })
}

fn mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AdjustMode>, D::Error> {
    String::deserialize(deserializer)?.parse().map(Some).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_may_leave_out_what_has_a_default() {
        let asked: HistoryRequest = serde_json::from_str(
            r#"{"op":"history","assets":["AAPL"],"at":"2014-06-10","bars":5}"#,
        )
        .unwrap();
        assert_eq!(asked.fields, ["close"]);
        assert_eq!(asked.frequency, Frequency::DAILY);
        assert!(!asked.exact);
    }

    #[test]
    fn a_misspelt_key_is_refused_by_name() {
        let question = serde_json::json!({"op": "lookup", "symbol": "A", "asof": "2014-03-01"});
        let refusal = read::<LookupRequest>(question).unwrap_err();
        assert!(serde_json::to_string(&refusal).unwrap().contains("unknown field `asof`"));
    }

    #[test]
    fn a_refusal_names_the_field_and_what_would_work() {
        let refuse = |field: &str, value: Value| {
            let mut question = serde_json::json!({"op": "history", "assets": ["A"],
                "at": "2014-06-10", "bars": 5});
            question[field] = value;
            let refusal = read::<HistoryRequest>(question).unwrap_err();
            serde_json::to_value(&refusal).unwrap()["message"].as_str().unwrap().to_owned()
        };
        let whole = "`bars`: expected a whole number from 1 on, found ";
        assert_eq!(refuse("bars", 0.into()), format!("{whole}0"));
        assert_eq!(refuse("bars", (-1).into()), format!("{whole}-1"));
        assert_eq!(refuse("bars", "5".into()), format!("{whole}\"5\""));
        let sid = refuse("assets", serde_json::json!(["A", {"sid": -1}]));
        assert_eq!(sid, "`assets[1]`: -1 is no sid: a whole number from 0 on");
        assert!(refuse("at", 20_140_610.into()).starts_with("`at`: "));
        assert!(refuse("exact", "true".into()).starts_with("`exact`: "));
    }
}
