//! The op about tables: `{"op":"table", …}`.

use rustybt_bundles::Bundle;
use rustybt_data::{Sid, TableRows, TableValues};
use serde_json::{Value, json};

use super::asset_name::AssetName;
use super::refusal::Refusal;
use super::request::TableRequest;
use crate::command::table::{between, holder, last_instant};
use crate::moment::Moment;

/// `{"rows": N, "assets": […], "columns": {name: […]}}`; one value a row, one asset a row.
pub(super) fn answer(bundle: &Bundle, request: &TableRequest) -> Result<Value, Refusal> {
    let table = bundle
        .table(&request.table)
        .map_err(|error| Refusal::new("unknown_table", error.to_string()))?;
    let mut query = between(request.start, request.end);
    query.known_at = request.known_at.map(last_instant);
    query.limit = request.limit;
    query.columns.clone_from(&request.columns);
    if let Some(assets) = &request.assets {
        let day = request.end.map(Moment::date);
        let sids = assets.iter().map(|asset| match asset {
            AssetName::Sid(sid) => Ok(Sid(*sid)),
            AssetName::Symbol(symbol) => Ok(holder(bundle, symbol, day)?),
            AssetName::Series(_) => Err(Refusal::new(
                "bad_request",
                "a table has rows of assets, not of series of contracts".to_owned(),
            )),
        });
        query.sids = Some(sids.collect::<Result<_, Refusal>>()?);
    }
    let rows = table.scan(&query)?;
    let assets: Vec<Value> = rows.sids.iter().map(|sid| asset(bundle, *sid)).collect();
    Ok(json!({ "rows": rows.rows, "assets": assets, "columns": columns(&rows, request.exact) }))
}

/// An asset by its last symbol.
pub(super) fn asset(bundle: &Bundle, sid: Sid) -> Value {
    let symbol = bundle.finder().asset(sid).map(|asset| asset.symbol.clone());
    json!({ "sid": sid.0, "symbol": symbol })
}

/// `{name: […]}`, one value a row.
pub(super) fn columns(rows: &TableRows, exact: bool) -> Value {
    let column = |(name, values): &(String, TableValues)| {
        let cells = (0..rows.rows).map(|row| cell(values, row, exact));
        (name.clone(), Value::Array(cells.collect()))
    };
    Value::Object(rows.columns.iter().map(column).collect())
}

fn cell(values: &TableValues, row: usize, exact: bool) -> Value {
    if values.is_missing(row) {
        return Value::Null;
    }
    match values {
        TableValues::Decimal(values) if !exact => json!(values.f64(row)),
        TableValues::Decimal(values) => {
            json!(values.get(row).map(|value| value.normalize().to_string()))
        }
        TableValues::Float(values) => json!(values.get(row)),
        TableValues::Int(values) => json!(values.get(row)),
        TableValues::Bool(values) => json!(values.get(row)),
        _ => Value::String(values.text(row)),
    }
}
