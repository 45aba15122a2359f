//! `rustybt table`: the tables of a bundle, and the rows of one.

use clap::Args;
use rustybt_bundles::{Bundle, TableInfo};
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{Asset, Sid, TableQuery, TableRows, TableValues};

use super::Context;
use super::bundle::BundleArgs;
use crate::error::Error;
use crate::moment::Moment;
use crate::output::{OutputArgs, Table, Values};

/// See [`super::Command::Table`].
#[derive(Debug, Args)]
pub(crate) struct TableArgs {
    #[command(flatten)]
    bundle: BundleArgs,
    /// The table, such as trades or fundamentals; without it, the list of them
    #[arg(value_name = "NAME")]
    table: Option<String>,
    /// Only rows of these symbols, as of --end or their last holders
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    symbols: Vec<String>,
    /// Nothing before this date, in UTC, or instant
    #[arg(long, value_name = "MOMENT")]
    start: Option<Moment>,
    /// Nothing after this date, in UTC, or instant
    #[arg(long, value_name = "MOMENT")]
    end: Option<Moment>,
    /// Only rows that were known at this instant, or at the end of this date in UTC
    #[arg(long, value_name = "MOMENT")]
    known_at: Option<Moment>,
    /// These columns, in this order
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// At most so many rows
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Give decimals exactly as they were ingested
    #[arg(long)]
    exact: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// The list: `name`, `rows`, `columns`, `from`, `to`, `files`, `bytes`. Rows: `sid`, `symbol`, and
/// the table's columns.
pub(super) fn run(args: &TableArgs, context: &Context) -> Result<(), Error> {
    let bundle = args.bundle.bundle(context)?;
    let Some(name) = &args.table else {
        return context.give(&list(&bundle.tables()), &args.output);
    };
    let table = bundle.table(name)?;
    let mut query = between(args.start, args.end);
    query.known_at = args.known_at.map(last_instant);
    query.limit = args.limit;
    query.columns.clone_from(&args.columns);
    if !args.symbols.is_empty() {
        let day = args.end.map(Moment::date);
        let sids = args.symbols.iter().map(|symbol| holder(&bundle, symbol, day));
        query.sids = Some(sids.collect::<Result<_, _>>()?);
    }
    let rows = table.scan(&query)?;
    context.give(&given(&bundle, rows, args.exact), &args.output)
}

fn list(tables: &[TableInfo]) -> Table {
    let number = |of: fn(&TableInfo) -> u64| {
        Values::Integer(tables.iter().map(|table| i64::try_from(of(table)).ok()).collect())
    };
    Table::new()
        .with_text("name", tables.iter().map(|table| table.name.as_str()))
        .with("rows", number(|table| table.rows))
        .with("columns", number(|table| table.columns as u64))
        .with("from", Values::Instant(tables.iter().map(|table| table.first).collect()))
        .with("to", Values::Instant(tables.iter().map(|table| table.last).collect()))
        .with("files", number(|table| table.files as u64))
        .with("bytes", number(|table| table.bytes))
}

/// A query of the rows of whole dates, or between instants.
pub(super) fn between(start: Option<Moment>, end: Option<Moment>) -> TableQuery {
    let start = start.map(|start| match start {
        Moment::Session(date) => date.midnight(),
        Moment::Instant(at) => at,
    });
    TableQuery { start, end: end.map(last_instant), ..TableQuery::default() }
}

/// An instant, or the last one of a date in UTC.
pub(super) fn last_instant(moment: Moment) -> Timestamp {
    match moment {
        Moment::Session(date) => date.plus_days(1).midnight().plus_nanos(-1),
        Moment::Instant(at) => at,
    }
}

/// Who held a symbol on a day; without a day, or where nobody held it then, who held it last.
pub(super) fn holder(
    bundle: &Bundle,
    symbol: &str,
    day: Option<Session>,
) -> Result<Sid, rustybt_data::Error> {
    let finder = bundle.finder();
    let last = finder.assets().iter().map(|asset| asset.end).max();
    let day = day.or(last).unwrap_or(Session::from_days(0));
    finder.lookup(symbol, day).or_else(|error| {
        let held = |asset: &&Asset| {
            asset.symbols.iter().any(|span| span.symbol.eq_ignore_ascii_case(symbol))
        };
        let holders = finder.assets().iter().filter(held);
        holders.max_by_key(|asset| asset.end).map(|asset| asset.sid).ok_or(error)
    })
}

/// Rows to give: decimals as numbers, or exactly.
fn given(bundle: &Bundle, rows: TableRows, exact: bool) -> Table {
    let mut table = Table::new();
    if !rows.sids.is_empty() {
        let finder = bundle.finder();
        let symbol = |sid: &Sid| finder.asset(*sid).map(|asset| asset.symbol.as_str().into());
        table = table
            .with("sid", Values::Integer(rows.sids.iter().map(|sid| Some(sid.0.into())).collect()))
            .with("symbol", Values::Text(rows.sids.iter().map(symbol).collect()));
    }
    let own = !rows.sids.is_empty();
    for (name, values) in rows.columns {
        // A column of this name that a table has itself: it has no other place to go.
        let name = if own && name == "symbol" { "symbol_".to_owned() } else { name };
        table = table.with(name, columns(values, exact));
    }
    table
}

fn columns(values: TableValues, exact: bool) -> Values {
    match values {
        TableValues::Decimal(values) if exact => Values::Decimal(
            (0..values.len())
                .map(|row| values.get(row).map(|value| value.normalize().to_string()))
                .collect(),
        ),
        TableValues::Decimal(values) => {
            let number = |row| values.f64(row).unwrap_or(f64::NAN);
            Values::Number((0..values.len()).map(number).collect())
        }
        TableValues::Float(values) => {
            Values::Number(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
        }
        TableValues::Int(values) => Values::Integer(values),
        TableValues::Bool(values) => Values::Flag(values),
        TableValues::Text(values) => {
            Values::Text(values.into_iter().map(|text| text.map(Into::into)).collect())
        }
        TableValues::Date(values) => Values::Date(values),
        TableValues::Instant(values) | TableValues::Nanos(values) => Values::Instant(values),
        other => Values::Text((0..other.len()).map(|row| Some(other.text(row).into())).collect()),
    }
}
