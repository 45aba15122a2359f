//! `rustybt pin`: names for versions, which keep them.

use clap::{ArgGroup, Args};
use rustybt_bundles::{BundleName, Pin, PinName, Store};

use super::Context;
use super::bundle::VersionName;
use crate::environment;
use crate::error::Error;
use crate::output::{OutputArgs, Table, Values, say};

/// See [`super::Command::Pin`].
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").args(["version", "remove"]))]
pub(crate) struct PinArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    bundle: BundleName,
    /// The version: its number, another pin of it, or `latest`; without it, list the pins
    #[arg(value_name = "VERSION", requires = "name")]
    version: Option<VersionName>,
    /// The name to give it
    #[arg(value_name = "NAME")]
    name: Option<PinName>,
    /// What to remember about it
    #[arg(long, value_name = "TEXT", requires = "name")]
    note: Option<String>,
    /// Take the name from the version that has it
    #[arg(long = "move", requires = "name")]
    moving: bool,
    /// Take this name away
    #[arg(long, value_name = "NAME")]
    remove: Option<PinName>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Pins, unpins or lists; columns of the list: `name`, `version`, `created`, `note`.
pub(super) fn run(args: &PinArgs, context: &Context) -> Result<(), Error> {
    let store = context.store()?;
    if let Some(name) = &args.remove {
        let gone = store.unpin(&args.bundle, name)?;
        return tell(context, &format!("{name} no longer stands for version {}", gone.version));
    }
    let (Some(version), Some(name)) = (&args.version, &args.name) else {
        return list(&store, args, context);
    };
    let version = store.version(&args.bundle, &version.at())?.version;
    let (name, note) = (name.clone(), args.note.clone());
    let pin = Pin { name, version, note, created: environment::now() };
    if args.moving {
        store.move_pin(&args.bundle, &pin)?;
    } else {
        store.pin(&args.bundle, &pin)?;
    }
    tell(context, &format!("{} stands for version {version} of {}", pin.name, args.bundle))
}

fn tell(context: &Context, text: &str) -> Result<(), Error> {
    if context.quiet { Ok(()) } else { say(text) }
}

fn list(store: &Store, args: &PinArgs, context: &Context) -> Result<(), Error> {
    let pins = store.pins(&args.bundle)?;
    let table = Table::new()
        .with_text("name", pins.iter().map(|pin| pin.name.as_str()))
        .with(
            "version",
            Values::Integer(pins.iter().map(|pin| i64::try_from(pin.version).ok()).collect()),
        )
        .with("created", Values::Instant(pins.iter().map(|pin| Some(pin.created)).collect()))
        .with(
            "note",
            Values::Text(pins.iter().map(|pin| pin.note.as_deref().map(Into::into)).collect()),
        );
    context.give(&table, &args.output)
}
