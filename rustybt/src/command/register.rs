//! `rustybt register`: keeps how a bundle is made, so that it can be made again by its name.

use std::collections::BTreeMap;

use clap::Args;
use rustybt_bundles::{BundleName, Recipe};
use rustybt_calendars::calendar;

use super::Context;
use super::selection::SelectionArgs;
use crate::error::Error;
use crate::output::say;

/// See [`super::Command::Register`].
#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// The bundle: a-z, 0-9, - and _
    #[arg(value_name = "BUNDLE")]
    bundle: BundleName,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
}

/// Checks that the source can be opened, then keeps the recipe.
pub(super) fn run(args: &RegisterArgs, context: &Context) -> Result<(), Error> {
    let Some(source) = &args.selection.source else {
        return Err(Error::NoRecipe { bundle: args.bundle.to_string() });
    };
    let recipe = follow(&args.selection, new(source, context)?, context)?;
    rustybt_adapters::open(&recipe.source, &recipe.options)?;
    context.store_or_new()?.register(&args.bundle, &recipe)?;
    if context.quiet {
        return Ok(());
    }
    say(format_args!(
        "registered `{}`; `rustybt ingest {}` makes a version",
        args.bundle, args.bundle
    ))
}

/// A recipe that takes all of a source, on the calendar of the settings.
pub(super) fn new(source: &str, context: &Context) -> Result<Recipe, Error> {
    Ok(Recipe {
        source: source.to_owned(),
        options: BTreeMap::new(),
        symbols: None,
        start: None,
        end: None,
        frequency: None,
        calendar: calendar(&context.settings.calendar.value)?.name().to_owned(),
    })
}

/// A recipe, changed where flags say so.
pub(super) fn follow(
    selection: &SelectionArgs,
    mut recipe: Recipe,
    context: &Context,
) -> Result<Recipe, Error> {
    for (key, value) in selection.options()? {
        // A recipe is followed from other folders, too.
        let absolute = if key == "path" { std::path::absolute(&value).ok() } else { None };
        let value = absolute.map_or(value, |path| path.to_string_lossy().into_owned());
        recipe.options.insert(key, value);
    }
    recipe.symbols = selection.symbols(&context.presets()?)?.or(recipe.symbols);
    recipe.start = selection.start.or(recipe.start);
    recipe.end = selection.end.or(recipe.end);
    recipe.frequency = selection.frequency.or(recipe.frequency);
    if let (Some(start), Some(end)) = (recipe.start, recipe.end)
        && end < start
    {
        return Err(Error::Backwards { start, end });
    }
    if let Some(name) = &selection.calendar {
        calendar(name)?.name().clone_into(&mut recipe.calendar);
    }
    Ok(recipe)
}
