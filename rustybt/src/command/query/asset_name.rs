//! [`AssetName`]: how a question names an asset.

use std::fmt;

use rustybt_data::{ContinuousFuture, RollAdjustment, RollStyle};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::request::{adjustment, parsed};

/// `"AAPL"`, `{"sid": 2}` or `{"root": "ES", "offset": 0, "roll": "volume"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AssetName {
    Symbol(String),
    Sid(u32),
    Series(ContinuousFuture),
}

/// A series of contracts by its name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeriesName {
    root: String,
    #[serde(default)]
    offset: usize,
    #[serde(default, deserialize_with = "parsed")]
    roll: RollStyle,
    #[serde(default, deserialize_with = "adjustment")]
    adjustment: RollAdjustment,
}

impl<'de> Deserialize<'de> for AssetName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl<'de> Visitor<'de> for Name {
            type Value = AssetName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an asset: a symbol, {\"sid\": 2} or {\"root\": \"ES\"}")
            }

            fn visit_str<E: de::Error>(self, symbol: &str) -> Result<AssetName, E> {
                Ok(AssetName::Symbol(symbol.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AssetName, A::Error> {
                let map = Map::deserialize(de::value::MapAccessDeserializer::new(map))?;
                if map.contains_key("root") {
                    let name: SeriesName =
                        serde_json::from_value(Value::Object(map)).map_err(de::Error::custom)?;
                    let SeriesName { root, offset, roll, adjustment } = name;
                    let series = ContinuousFuture { root, offset, roll, adjustment };
                    return Ok(AssetName::Series(series));
                }
                let Some(sid) = map.get("sid").filter(|_| map.len() == 1) else {
                    return Err(de::Error::invalid_type(de::Unexpected::Map, &self));
                };
                let number = sid.as_u64().and_then(|sid| u32::try_from(sid).ok());
                number.map(AssetName::Sid).ok_or_else(|| {
                    de::Error::custom(format_args!("{sid} is no sid: a whole number from 0 on"))
                })
            }
        }
        deserializer.deserialize_any(Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_a_symbol_a_sid_or_a_series() {
        let names: Vec<AssetName> = serde_json::from_str(
            r#"["AAPL", {"sid": 2}, {"root": "ES", "offset": 1, "adjustment": null}]"#,
        )
        .unwrap();
        let series = ContinuousFuture {
            offset: 1,
            adjustment: RollAdjustment::None,
            ..ContinuousFuture::new("ES")
        };
        let series = AssetName::Series(series);
        assert_eq!(names, [AssetName::Symbol("AAPL".into()), AssetName::Sid(2), series]);
        for bad in [
            r#"{"root": 1}"#,
            r#"{"root": "ES", "sid": 1}"#,
            "7",
            "null",
            "{}",
            r#"{"sid": -1}"#,
            r#"{"id": 2}"#,
            r#"{"sid": 1, "x": 2}"#,
        ] {
            assert!(serde_json::from_str::<AssetName>(bad).is_err(), "{bad}");
        }
    }
}
