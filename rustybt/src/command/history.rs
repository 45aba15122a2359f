//! `rustybt history`: one look back, as a table.

use std::collections::BTreeSet;

use clap::Args;
use rustybt_data::{AdjustMode, BarData, Exact, Frequency, History, HistoryQuery, Quote, Sid};

use super::Context;
use super::bundle::BundleArgs;
use crate::error::Error;
use crate::moment::Moment;
use crate::output::{OutputArgs, Table, Values};

/// See [`super::Command::History`].
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    /// The symbols, as of --at
    #[arg(value_name = "SYMBOL", required = true)]
    symbols: Vec<String>,
    /// A session, meaning its close, or an instant such as 2014-06-10T15:30Z
    #[arg(long, value_name = "MOMENT")]
    at: Moment,
    /// How many bars to look back
    #[arg(long, value_name = "N")]
    bars: usize,
    /// The frequency of the bars: 1m, 5m, 2h, 1d, 1w, 1M or any other number of these units
    #[arg(long, value_name = "FREQUENCY", default_value = "1d")]
    frequency: Frequency,
    /// open, high, low, close, volume or price; where bars have them, trades, vwap and
    /// `quote_volume`; may be given several times
    #[arg(long = "field", value_name = "FIELD", default_value = "close")]
    fields: Vec<Quote>,
    /// How prices are adjusted: as-of, total-return, split or none [default: as-of; with --exact none]
    #[arg(long, value_name = "MODE")]
    adjust: Option<AdjustMode>,
    /// Give decimals exactly as they were ingested
    #[arg(long)]
    exact: bool,
    /// Let the last bar be the one that is still going on
    #[arg(long)]
    partial: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// One field: `date` and a column a symbol. Several: `date`, `sid`, `symbol` and a column a field.
pub(super) fn run(args: &HistoryArgs, context: &Context) -> Result<(), Error> {
    twice("symbol", args.symbols.iter())?;
    twice("field", args.fields.iter().map(|quote| quote.name()))?;
    let opened = args.bundle.open(context)?;
    let days = opened.days(args.at)?;
    let sids: Vec<Sid> =
        args.symbols.iter().map(|symbol| days.lookup(symbol)).collect::<Result<_, _>>()?;
    let data = opened.at(args.at, args.frequency, &sids)?;
    let mut query = HistoryQuery::new(&sids)
        .fields(&args.fields)
        .bars(args.bars)
        .frequency(args.frequency)
        .adjust(args.adjust.unwrap_or(how(args.exact)));
    if args.exact {
        query = query.exact();
    }
    if args.partial {
        query = query.partial();
    }
    let history = data.history(&query)?;
    let table = if let [quote] = args.fields.as_slice() {
        wide(args, &history, *quote)?
    } else {
        long(args, &history, &names(&data, &sids)?)?
    };
    context.give(&table, &args.output)
}

/// Refuses two columns of one name.
fn twice<T: AsRef<str>>(what: &'static str, names: impl Iterator<Item = T>) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for name in names {
        let name = name.as_ref().to_owned();
        if seen.contains(&name) {
            return Err(Error::Twice { what, name });
        }
        seen.insert(name);
    }
    Ok(())
}

/// How values are adjusted where nobody says: exact ones are those that were ingested.
pub(super) fn how(exact: bool) -> AdjustMode {
    if exact { AdjustMode::None } else { AdjustMode::AsOf }
}

fn wide(args: &HistoryArgs, history: &History, quote: Quote) -> Result<Table, Error> {
    let mut table = Table::new().with("date", labels(history));
    for (&sid, symbol) in history.sids().iter().zip(&args.symbols) {
        table = table.with(symbol, values(history, quote, sid, args.exact)?);
    }
    Ok(table)
}

fn long(args: &HistoryArgs, history: &History, names: &[String]) -> Result<Table, Error> {
    let mut table = Table::new();
    for (&sid, name) in history.sids().iter().zip(names) {
        let rows = history.labels().len();
        let mut block = Table::new()
            .with("date", labels(history))
            .with("sid", Values::Integer(vec![Some(i64::from(sid.0)); rows]))
            .with_text("symbol", vec![name.as_str(); rows]);
        for &quote in &args.fields {
            block = block.with(quote.name(), values(history, quote, sid, args.exact)?);
        }
        table = table.followed_by(block);
    }
    Ok(table)
}

fn labels(history: &History) -> Values {
    let labels = history.labels().iter();
    if history.frequency().is_intraday() {
        Values::Instant(labels.copied().map(Some).collect())
    } else {
        Values::Date(labels.map(|label| Some(label.date())).collect())
    }
}

fn values(history: &History, quote: Quote, sid: Sid, exact: bool) -> Result<Values, Error> {
    if !exact {
        return Ok(Values::Number(history.series(quote, sid)?.to_vec()));
    }
    let column = history.exact(quote, sid)?;
    Ok(Values::Decimal((0..column.len()).map(|row| column.get(row).map(plain)).collect()))
}

/// The symbols that assets have as of a view.
pub(super) fn names(data: &BarData<'_>, sids: &[Sid]) -> Result<Vec<String>, rustybt_data::Error> {
    sids.iter().map(|&sid| Ok(data.asset(sid)?.symbol_at(data.session()).to_owned())).collect()
}

/// A decimal without zeros behind its last digit: a column is stored at one scale.
pub(super) fn plain(value: Exact) -> String {
    value.normalized().to_string()
}
