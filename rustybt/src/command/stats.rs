//! `rustybt stats`: what takes how much space.

use clap::Args;
use rustybt_bundles::{BundleName, BundleStats, Stats, TableStats};
use serde_json::{Value, json};

use super::Context;
use super::ingest::{count, counted};
use crate::error::Error;
use crate::output::{self, OutputArgs, Table, Values};

/// See [`super::Command::Stats`].
#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    /// Only this bundle
    #[arg(value_name = "BUNDLE")]
    bundle: Option<BundleName>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Columns: `bundle`, `table`, `period`, `files`, `rows`, `bytes`, `csv_bytes`, `compression`; the
/// sums are said below them.
pub(super) fn run(args: &StatsArgs, context: &Context) -> Result<(), Error> {
    let stats = match (context.store_if_any()?, &args.bundle) {
        (Some(store), bundle) => store.stats(bundle.as_ref())?,
        (None, None) => Stats::default(),
        (None, Some(name)) => context.store()?.stats(Some(name))?,
    };
    let wanted = context.settings.format.value;
    let out = args.output.out.as_deref();
    let is_json = out.and_then(|out| out.extension()).is_some_and(|it| it == "json");
    if wanted == Some(output::Format::Json) || (wanted.is_none() && is_json) {
        return output::report(&args.output, wanted, String::new, || object(&stats), false);
    }
    context.give(&table(&stats), &args.output)?;
    if !context.quiet && output::is_for_people(&args.output, wanted) {
        for line in sums(&stats) {
            output::say(line)?;
        }
    }
    Ok(())
}

fn table(stats: &Stats) -> Table {
    let rows: Vec<(&BundleStats, &TableStats)> = stats
        .bundles
        .iter()
        .flat_map(|bundle| bundle.tables.iter().map(move |table| (bundle, table)))
        .collect();
    let number = |of: fn(&TableStats) -> u64| {
        Values::Integer(rows.iter().map(|(_, table)| i64::try_from(of(table)).ok()).collect())
    };
    let compression = |table: &TableStats| table.compression().map_or(f64::NAN, tenths);
    Table::new()
        .with_text("bundle", rows.iter().map(|(bundle, _)| bundle.name.as_str()))
        .with_text("table", rows.iter().map(|(_, table)| table.dataset.as_str()))
        .with("period", Values::Integer(rows.iter().map(|(_, table)| table.period).collect()))
        .with("files", number(|table| table.files))
        .with("rows", number(|table| table.rows))
        .with("bytes", number(|table| table.bytes))
        .with("csv_bytes", number(|table| table.csv_bytes))
        .with("compression", Values::Number(rows.iter().map(|(_, it)| compression(it)).collect()))
}

/// A sample says no more than that.
fn tenths(ratio: f64) -> f64 {
    (ratio * 10.0).round() / 10.0
}

fn sums(stats: &Stats) -> Vec<String> {
    let mut lines = vec![String::new()];
    for bundle in &stats.bundles {
        lines.push(format!(
            "{}: {} in {} ({} bytes); sharing saves {} bytes",
            bundle.name,
            counted(bundle.versions, "version"),
            counted(bundle.files, "file"),
            count(bundle.bytes),
            count(bundle.shared_bytes),
        ));
    }
    lines.push(format!(
        "catalog {} bytes, {} {} bytes, staging {} bytes, {} to be deleted {} bytes",
        count(stats.catalog_bytes),
        counted(stats.tiles, "tile"),
        count(stats.tiles_bytes),
        count(stats.staging_bytes),
        counted(stats.waiting_files, "file"),
        count(stats.waiting_bytes),
    ));
    lines
}

fn object(stats: &Stats) -> Value {
    let bundles: Vec<Value> = stats
        .bundles
        .iter()
        .map(|bundle| {
            let tables: Vec<Value> = bundle
                .tables
                .iter()
                .map(|table| {
                    json!({
                        "table": table.dataset, "period": table.period, "files": table.files,
                        "rows": table.rows, "bytes": table.bytes, "csv_bytes": table.csv_bytes,
                        "compression": table.compression(),
                    })
                })
                .collect();
            json!({
                "bundle": bundle.name, "versions": bundle.versions, "files": bundle.files,
                "bytes": bundle.bytes, "shared_bytes": bundle.shared_bytes, "tables": tables,
            })
        })
        .collect();
    json!({
        "bundles": bundles,
        "catalog_bytes": stats.catalog_bytes,
        "tiles": stats.tiles,
        "tiles_bytes": stats.tiles_bytes,
        "staging_bytes": stats.staging_bytes,
        "waiting_files": stats.waiting_files,
        "waiting_bytes": stats.waiting_bytes,
    })
}
