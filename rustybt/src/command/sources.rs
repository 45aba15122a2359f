//! `rustybt sources`: the adapters that bring data in.

use clap::Args;
use rustybt_adapters::{Descriptor, sources};

use super::Context;
use crate::error::Error;
use crate::output::{OutputArgs, Table, Values, is_for_people, say};

/// See [`super::Command::Sources`].
#[derive(Debug, Args)]
pub(crate) struct SourcesArgs {
    /// Tell all about one adapter: its options and where its format is documented
    #[arg(value_name = "SOURCE")]
    name: Option<String>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Columns: `name`, `classes`, `frequencies`, `credentials`, `limits`, `streams`, `summary`; of one
/// adapter `option`, `required`, `meaning`.
pub(super) fn run(args: &SourcesArgs, context: &Context) -> Result<(), Error> {
    let Some(name) = &args.name else {
        return context.give(&listing(), &args.output);
    };
    let Some(adapter) = sources().find(|adapter| adapter.name == name) else {
        let known = sources().map(|adapter| adapter.name).collect();
        return Err(rustybt_adapters::Error::UnknownSource { name: name.clone(), known }.into());
    };
    // Rows for programs are rows and nothing else.
    if !context.quiet && is_for_people(&args.output, context.settings.format.value) {
        say(format_args!("{}: {}\n{}", adapter.name, adapter.summary, adapter.docs))?;
    }
    context.give(&options(adapter), &args.output)
}

fn listing() -> Table {
    let column = |of: fn(&Descriptor) -> String| sources().map(of);
    Table::new()
        .with_text("name", column(|adapter| adapter.name.to_owned()))
        .with_text("classes", column(|adapter| joined(adapter.classes)))
        .with_text("frequencies", column(|adapter| joined(adapter.frequencies)))
        .with_text("credentials", column(|adapter| joined(adapter.credentials)))
        .with_text("limits", column(|adapter| adapter.limits.to_owned()))
        .with("streams", Values::Flag(sources().map(|adapter| Some(adapter.streams)).collect()))
        .with_text("summary", column(|adapter| adapter.summary.to_owned()))
}

fn options(adapter: &Descriptor) -> Table {
    Table::new()
        .with_text("option", adapter.options.iter().map(|option| option.name))
        .with(
            "required",
            Values::Flag(adapter.options.iter().map(|option| Some(option.required)).collect()),
        )
        .with_text("meaning", adapter.options.iter().map(|option| option.help))
}

fn joined<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
