//! The op about exchange rates: `{"op":"fx", …}`.

use rustybt_bundles::Bundle;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::request::FxRequest;

/// `{"rate": …, "quote": …, "dates": […], "bases": […], "rates": [[…], …]}`; rows are dates,
/// columns bases.
pub(super) fn answer(bundle: &Bundle, request: &FxRequest) -> Result<Value, Refusal> {
    let store = |error: rustybt_bundles::Error| Refusal::new("store", error.to_string());
    let mut rates = bundle.fx().map_err(store)?;
    if let Some(days) = request.max_age_days {
        rates = rates.at_most_days_old(days);
    }
    let table = match &request.rate {
        Some(name) => rates.named(name)?,
        None => rates.usual()?,
    };
    let bases: Vec<&str> = request.bases.iter().map(String::as_str).collect();
    let values = table.on_all(&bases, &request.quote, &request.dates);
    let rows: Vec<Vec<f64>> = values.rows().into_iter().map(|row| row.to_vec()).collect();
    Ok(json!({
        "rate": request.rate,
        "quote": request.quote,
        "dates": request.dates,
        "bases": request.bases,
        "rates": rows,
    }))
}
