//! The ops about what happens between bars: trades, quotes, funding, book.

use rustybt_bundles::Bundle;
use rustybt_calendars::Timestamp;
use rustybt_data::{Book, BookLevel, Error as DataError, KnownTables, Sid, TableQuery, TableRows};
use serde_json::{Value, json};

use super::asset_name::AssetName;
use super::refusal::Refusal;
use super::request::{BookRequest, TicksRequest};
use super::rows::{asset, columns};
use crate::moment::Moment;

/// `{"rows": N, "assets": […], "columns": {name: […]}}`; one value a row, one asset a row: the
/// newest rows of each asset, the newest last.
pub(super) fn rows(bundle: &Bundle, table: &str, request: &TicksRequest) -> Result<Value, Refusal> {
    let datasets = bundle.datasets();
    let known = KnownTables::new(&datasets, close(bundle, request.at)?);
    let start = request.start.map(|start| open(bundle, start)).transpose()?;
    let mut all: Option<TableRows> = None;
    for name in &request.assets {
        let sid = holder(bundle, request.at, name)?;
        let mut rows = match start {
            None => known.last(table, sid, request.count.unwrap_or(1))?,
            Some(start) => {
                let since = TableQuery::new().sids(&[sid]).between(start, known.now());
                known.scan(table, &since)?.last(request.count.unwrap_or(usize::MAX))
            }
        };
        if let Some(names) = &request.columns {
            rows = picked(rows, table, names)?;
        }
        match &mut all {
            None => all = Some(rows),
            Some(all) => all
                .append(rows)
                .map_err(|reason| DataError::BadDecimal { text: table.to_owned(), reason })?,
        }
    }
    let Some(rows) = all else {
        return Ok(json!({ "rows": 0, "assets": [], "columns": {} }));
    };
    let assets: Vec<Value> = rows.sids.iter().map(|sid| asset(bundle, *sid)).collect();
    Ok(json!({ "rows": rows.rows, "assets": assets, "columns": columns(&rows, request.exact) }))
}

/// `{"assets": […], "books": [{"ts", "seq", "bids": [[price, size], …], "asks": […]}, …]}`, one
/// book an asset; `null` where nothing is known of it.
pub(super) fn book(bundle: &Bundle, request: &BookRequest) -> Result<Value, Refusal> {
    let datasets = bundle.datasets();
    let known = KnownTables::new(&datasets, close(bundle, request.at)?);
    let (mut assets, mut books) = (Vec::new(), Vec::new());
    for name in &request.assets {
        let sid = holder(bundle, request.at, name)?;
        let book = known.book(sid, request.depth)?;
        assets.push(asset(bundle, sid));
        books.push(book.map(|book| described(&book, request.exact)));
    }
    Ok(json!({ "assets": assets, "books": books }))
}

fn described(book: &Book, exact: bool) -> Value {
    let side = |levels: &[BookLevel]| -> Vec<Value> {
        let cell = |number: &dyn ToString| {
            let text = number.to_string();
            if exact { Value::from(text) } else { json!(text.parse::<f64>().ok()) }
        };
        levels.iter().map(|level| json!([cell(&level.price), cell(&level.size)])).collect()
    };
    let (bids, asks) = (side(&book.bids), side(&book.asks));
    json!({ "ts": book.at.to_string(), "seq": book.seq, "bids": bids, "asks": asks })
}

/// The columns asked for, in that order.
fn picked(rows: TableRows, table: &str, names: &[String]) -> Result<TableRows, DataError> {
    let column = |name: &String| {
        let values = rows.column(name).ok_or_else(|| DataError::UnknownColumn {
            table: table.to_owned(),
            column: name.clone(),
            known: rows.columns.iter().map(|(name, _)| name.clone()).collect(),
        })?;
        Ok((name.clone(), values.clone()))
    };
    let columns = names.iter().map(column).collect::<Result<_, DataError>>()?;
    Ok(TableRows { columns, ..rows })
}

/// The asset that is meant on the day of a moment.
fn holder(bundle: &Bundle, at: Moment, name: &AssetName) -> Result<Sid, Refusal> {
    let finder = bundle.finder();
    match name {
        AssetName::Symbol(symbol) => Ok(finder.lookup(symbol, at.date())?),
        AssetName::Sid(sid) => {
            let largest = finder.assets().last().map(|asset| asset.sid);
            let asset = finder.asset(Sid(*sid)).map(|asset| asset.sid);
            Ok(asset.ok_or(DataError::UnknownSid { sid: Sid(*sid), largest })?)
        }
        AssetName::Series(series) => Err(Refusal::new(
            "bad_request",
            format!("the contracts on `{}` are several assets: name one of them", series.root),
        )),
    }
}

fn close(bundle: &Bundle, moment: Moment) -> Result<Timestamp, Refusal> {
    match moment {
        Moment::Session(session) => Ok(bundle.calendar().close(session)?),
        Moment::Instant(at) => Ok(at),
    }
}

fn open(bundle: &Bundle, moment: Moment) -> Result<Timestamp, Refusal> {
    match moment {
        Moment::Session(session) => Ok(bundle.calendar().open(session)?),
        Moment::Instant(at) => Ok(at),
    }
}
