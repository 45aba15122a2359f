//! Assets by their names.

use super::super::arguments::{Arguments, Given};
use super::super::error::Fault;
use super::super::value::Value;
use super::Builtin;
use crate::{AssetName, Filter};

pub(super) static ALL: &[Builtin] = &[
    Builtin { name: SYMBOLS, parameters: &[], call: |_| Ok(Value::List(Vec::new())) },
    Builtin { name: "StaticAssets", parameters: &["assets"], call: |a| assets(a, "assets") },
    Builtin { name: "StaticSids", parameters: &["sids"], call: |a| assets(a, "sids") },
    Builtin {
        name: "SingleAsset",
        parameters: &["asset"],
        call: |a| Ok(Value::Filter(Filter::single_asset(a.need_asset("asset")?))),
    },
    Builtin {
        name: "sid",
        parameters: &["sid"],
        call: |a| Ok(Value::Asset(sid(a.need_count("sid")?))),
    },
    Builtin {
        name: "symbol",
        parameters: &["symbol"],
        call: |a| {
            let given = a.need("symbol")?;
            Ok(Value::Asset(AssetName::Symbol(a.text("symbol", given)?)))
        },
    },
];

/// What takes as many symbols as there are.
pub(super) const SYMBOLS: &str = "symbols";

/// `symbols('AAPL', 'IBM')`: a list of assets.
pub(super) fn symbols(given: Vec<Given>) -> Result<Value, Fault> {
    let asset = |given: Given| match given.value {
        Value::Text(symbol) => Ok(Value::Asset(AssetName::Symbol(symbol))),
        other => Fault::new(given.at, format!("a symbol is a string, not {}", other.kind())),
    };
    given.into_iter().map(asset).collect::<Result<_, _>>().map(Value::List)
}

fn sid(number: usize) -> AssetName {
    // Counts are at most a thousand million, which fits.
    AssetName::Sid(rustybt_data::Sid(number as u32))
}

fn assets(arguments: &mut Arguments, name: &str) -> Result<Value, Fault> {
    let (Value::List(items), at) = arguments.need(name)? else {
        return Fault::new(
            arguments.at,
            format!("`{name}` is a list, as in `[symbol('AAPL'), sid(2)]`"),
        );
    };
    let mut names = Vec::with_capacity(items.len());
    for item in items {
        names.push(match item {
            Value::Asset(asset) => asset,
            Value::Number(_) if name == "sids" => sid(arguments.count(name, (item, at))?),
            other => {
                let kind = other.kind();
                return Fault::new(
                    at,
                    format!("`{name}` holds {kind}; write `symbol('AAPL')` or `sid(2)`"),
                );
            }
        });
    }
    Ok(Value::Filter(Filter::assets(names)))
}
