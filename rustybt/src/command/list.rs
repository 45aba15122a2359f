//! `rustybt bundles`, `versions` and `assets`: what there is.

use std::sync::Arc;

use clap::Args;
use rustybt_bundles::{At, BundleName, PinName, VersionInfo};
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::Asset;

use super::Context;
use super::bundle::VersionName;
use crate::error::Error;
use crate::output::{self, OutputArgs, Table, Values};

/// See [`super::Command::Bundles`].
#[derive(Debug, Args)]
pub(crate) struct BundlesArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// See [`super::Command::Versions`].
#[derive(Debug, Args)]
pub(crate) struct VersionsArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    bundle: BundleName,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// See [`super::Command::Assets`].
#[derive(Debug, Args)]
pub(crate) struct AssetsArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    bundle: BundleName,
    /// Read this version of the bundle: a number, or a pin's name [default: the latest]
    #[arg(long, value_name = "VERSION")]
    version: Option<VersionName>,
    /// Only the assets alive on this date, under the symbols they had then
    #[arg(long, value_name = "DATE")]
    as_of: Option<Session>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Columns: `bundle`, `source`, `calendar`, and those of its newest version.
pub(super) fn bundles(args: &BundlesArgs, context: &Context) -> Result<(), Error> {
    let Some(store) = context.store_if_any()? else {
        return context.give(&newest(&[], &[]), &args.output);
    };
    let names = store.bundles()?;
    let mut versions = Vec::with_capacity(names.len());
    for name in &names {
        versions.push(store.versions(name)?.pop());
    }
    context.give(&newest(&names, &versions), &args.output)
}

fn newest(names: &[BundleName], versions: &[Option<VersionInfo>]) -> Table {
    let number = |of: fn(&VersionInfo) -> u64| {
        Values::Integer(
            versions.iter().map(|v| v.as_ref().and_then(|v| i64::try_from(of(v)).ok())).collect(),
        )
    };
    let date = |of: fn(&VersionInfo) -> Option<Session>| {
        Values::Date(versions.iter().map(|v| v.as_ref().and_then(of)).collect())
    };
    Table::new()
        .with_text("bundle", names.iter().map(BundleName::as_str))
        .with("version", number(|version| version.version))
        .with(
            "created",
            Values::Instant(versions.iter().map(|v| v.as_ref().map(|v| v.created)).collect()),
        )
        .with("first", date(|version| version.first))
        .with("last", date(|version| version.last))
        .with("assets", number(|version| version.assets))
        .with("rows", number(|version| version.rows))
        .with("files", number(|version| version.files))
        .with("bytes", number(|version| version.bytes))
}

/// Columns: `version`, `created`, `source`, `first`, `last`, `assets`, `rows`, `files`,
/// `files_new`, `bytes`, `bytes_new`, `snapshot`, `pins`; oldest first. People get those that fit.
pub(super) fn versions(args: &VersionsArgs, context: &Context) -> Result<(), Error> {
    let versions = context.store()?.versions(&args.bundle)?;
    let number = |of: fn(&VersionInfo) -> u64| {
        Values::Integer(versions.iter().map(|version| i64::try_from(of(version)).ok()).collect())
    };
    if output::is_for_people(&args.output, context.settings.format.value) {
        let second = |version: &VersionInfo| Timestamp::from_seconds(version.created.seconds());
        let table = Table::new()
            .with("version", number(|version| version.version))
            .with("created", Values::Instant(versions.iter().map(second).map(Some).collect()))
            .with_text("source", versions.iter().map(|version| version.source.as_str()))
            .with("rows", number(|version| version.rows))
            .with("files", number(|version| version.files))
            .with("bytes_new", number(|version| version.bytes_new))
            .with("snapshot", number(|version| version.snapshot))
            .with("pins", Values::Text(versions.iter().map(pins).collect()));
        return context.give(&table, &args.output);
    }
    let table = Table::new()
        .with("version", number(|version| version.version))
        .with(
            "created",
            Values::Instant(versions.iter().map(|version| Some(version.created)).collect()),
        )
        .with_text("source", versions.iter().map(|version| version.source.as_str()))
        .with("first", Values::Date(versions.iter().map(|version| version.first).collect()))
        .with("last", Values::Date(versions.iter().map(|version| version.last).collect()))
        .with("assets", number(|version| version.assets))
        .with("rows", number(|version| version.rows))
        .with("files", number(|version| version.files))
        .with("files_new", number(|version| version.files_new))
        .with("bytes", number(|version| version.bytes))
        .with("bytes_new", number(|version| version.bytes_new))
        .with("snapshot", number(|version| version.snapshot))
        .with("pins", Values::Text(versions.iter().map(pins).collect()));
    context.give(&table, &args.output)
}

/// The names of a version, where it has any.
fn pins(version: &VersionInfo) -> Option<Arc<str>> {
    let names: Vec<&str> = version.pins.iter().map(PinName::as_str).collect();
    (!names.is_empty()).then(|| names.join(" ").into())
}

/// Columns: `sid`, `symbol`, `name`, `exchange`, `class`, `currency`, `start`, `end`.
pub(super) fn assets(args: &AssetsArgs, context: &Context) -> Result<(), Error> {
    let at = args.version.as_ref().map_or(At::Latest, VersionName::at);
    let finder = context.store()?.bundle(&args.bundle, at)?.finder();
    let assets: Vec<&Asset> = finder
        .assets()
        .iter()
        .filter(|asset| args.as_of.is_none_or(|day| asset.is_alive(day)))
        .collect();
    let symbol = |asset: &Asset| match args.as_of {
        Some(day) => asset.symbol_at(day).to_owned(),
        None => asset.symbol.clone(),
    };
    let table = Table::new()
        .with(
            "sid",
            Values::Integer(assets.iter().map(|asset| Some(i64::from(asset.sid.0))).collect()),
        )
        .with_text("symbol", assets.iter().map(|asset| symbol(asset)))
        .with_text("name", assets.iter().map(|asset| asset.name.as_str()))
        .with_text("exchange", assets.iter().map(|asset| asset.exchange.as_str()))
        .with_text("class", assets.iter().map(|asset| asset.class.name()))
        .with_text("currency", assets.iter().map(|asset| asset.currency.as_str()))
        .with("start", Values::Date(assets.iter().map(|asset| Some(asset.start)).collect()))
        .with("end", Values::Date(assets.iter().map(|asset| Some(asset.end)).collect()));
    context.give(&table, &args.output)
}
