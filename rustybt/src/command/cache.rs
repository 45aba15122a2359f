//! `rustybt cache`: what is kept to be read quicker, and of how much use it was.

use clap::{Args, Subcommand};
use rustybt_bundles::{Cleared, LevelStats};
use serde_json::json;

use super::Context;
use super::ingest::{count, counted};
use crate::error::Error;
use crate::output::{self, OutputArgs, Table, Values};

/// What to do with the caches.
#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// Every level: how full it is, how large it may get, how often it had what was asked for
    #[command(after_help = "Examples:\n  rustybt cache stats\n  rustybt cache stats --format json")]
    Stats(CacheStatsArgs),
    /// Delete what is kept on disk, and begin the counts anew; nothing but time is lost
    #[command(after_help = "Examples:\n  rustybt cache clear --dry-run\n  rustybt cache clear")]
    Clear(CacheClearArgs),
}

/// See [`CacheCommand::Stats`].
#[derive(Debug, Args)]
pub(crate) struct CacheStatsArgs {
    #[command(flatten)]
    output: OutputArgs,
}

/// See [`CacheCommand::Clear`].
#[derive(Debug, Args)]
pub(crate) struct CacheClearArgs {
    /// Say what would go, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl CacheCommand {
    pub(super) fn output(&self) -> &OutputArgs {
        match self {
            Self::Stats(args) => &args.output,
            Self::Clear(args) => &args.output,
        }
    }

    pub(super) fn run(&self, context: &Context) -> Result<(), Error> {
        match self {
            Self::Stats(args) => stats(args, context),
            Self::Clear(args) => clear(args, context),
        }
    }
}

/// Columns: `level`, `entries`, `bytes`, `limit`, `hits`, `misses`, `hit_rate`, `evictions`,
/// `failures`; a limit that is empty is none.
fn stats(args: &CacheStatsArgs, context: &Context) -> Result<(), Error> {
    let levels = context.store()?.cache_stats()?.levels;
    let number = |of: fn(&LevelStats) -> Option<u64>| {
        let cell = |level| of(level).and_then(|value| i64::try_from(value).ok());
        Values::Integer(levels.iter().map(cell).collect())
    };
    let rate = |level: &LevelStats| level.hit_rate().map_or(f64::NAN, rounded);
    let table = Table::new()
        .with_text("level", levels.iter().map(|level| level.name))
        .with("entries", number(|level| level.entries))
        .with("bytes", number(|level| level.bytes))
        .with("limit", number(|level| Some(level.limit)))
        .with("hits", number(|level| Some(level.hits)))
        .with("misses", number(|level| Some(level.misses)))
        .with("hit_rate", Values::Number(levels.iter().map(rate).collect()))
        .with("evictions", number(|level| Some(level.evictions)))
        .with("failures", number(|level| Some(level.failures)));
    context.give(&table, &args.output)
}

/// Four digits say enough.
fn rounded(rate: f64) -> f64 {
    (rate * 10_000.0).round() / 10_000.0
}

fn clear(args: &CacheClearArgs, context: &Context) -> Result<(), Error> {
    let cleared = context.store()?.clear_caches(args.dry_run)?;
    let text = |cleared: &Cleared| {
        let would = if cleared.dry_run { "would be " } else { "" };
        let (tiles, bytes) = (counted(cleared.tiles, "tile"), count(cleared.bytes));
        format!("{tiles} ({bytes} bytes) {would}deleted")
    };
    output::report(
        &args.output,
        context.settings.format.value,
        || text(&cleared),
        || json!({ "tiles": cleared.tiles, "bytes": cleared.bytes, "dry_run": cleared.dry_run }),
        context.quiet,
    )
}
