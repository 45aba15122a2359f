//! The op about tables: `{"op":"table", …}`.

use rustybt_bundles::Bundle;
use rustybt_data::{Sid, TableValues};
use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::request::{AssetName, TableRequest};
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
            AssetName::Symbol(symbol) => holder(bundle, symbol, day),
        });
        query.sids = Some(sids.collect::<Result<_, _>>()?);
    }
    let rows = table.scan(&query)?;
    let finder = bundle.finder();
    let assets: Vec<Value> = rows
        .sids
        .iter()
        .map(|sid| {
            let symbol = finder.asset(*sid).map(|asset| asset.symbol.clone());
            json!({ "sid": sid.0, "symbol": symbol })
        })
        .collect();
    let mut columns = Map::new();
    for (name, values) in &rows.columns {
        let cells = (0..rows.rows).map(|row| cell(values, row, request.exact));
        columns.insert(name.clone(), Value::Array(cells.collect()));
    }
    Ok(json!({ "rows": rows.rows, "assets": assets, "columns": columns }))
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
