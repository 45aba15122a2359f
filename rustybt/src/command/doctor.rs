//! `rustybt doctor`: what is wrong with the store, what it means, and what helps.

use std::process::ExitCode;

use clap::Args;
use rustybt_bundles::{Diagnosis, DoctorOptions, Finding, Remedy};
use serde_json::{Value, json};

use super::Context;
use super::ingest::counted;
use crate::environment;
use crate::error::Error;
use crate::output::{self, OutputArgs};

/// See [`super::Command::Doctor`].
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Repair what can be repaired safely; nothing that was ingested is removed
    #[arg(long)]
    repair: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Says what it found; the code is that of a failure where something is left to be done.
pub(super) fn run(args: &DoctorArgs, context: &Context) -> Result<ExitCode, Error> {
    let options = DoctorOptions { repair: args.repair, now: environment::now() };
    let (root, place) = context.place()?;
    let diagnosis = place.doctor(&root, options)?;
    output::report(
        &args.output,
        context.settings.format.value,
        || text(&diagnosis),
        || object(&diagnosis),
        context.quiet && diagnosis.is_healthy(),
    )?;
    Ok(if diagnosis.is_healthy() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text(diagnosis: &Diagnosis) -> String {
    let mut lines = vec![format!(
        "{}, {}, {} looked at: {}",
        counted(diagnosis.bundles, "bundle"),
        counted(diagnosis.versions, "version"),
        counted(diagnosis.files, "file"),
        match (diagnosis.findings.is_empty(), diagnosis.is_healthy()) {
            (true, _) => "nothing is wrong",
            (false, true) => "nothing is left to be done",
            (false, false) => "something has to be done",
        },
    )];
    for Finding { ailment, remedy } in &diagnosis.findings {
        let (word, what) = told(remedy);
        lines.push(format!("{ailment}\n    {word}: {what}"));
    }
    lines.join("\n")
}

/// A remedy as a word and what it is.
fn told(remedy: &Remedy) -> (&'static str, &str) {
    match remedy {
        Remedy::Done(what) => ("repaired", what),
        Remedy::Repair(what) => ("with --repair", what),
        Remedy::ByHand(what) => ("by hand", what),
        Remedy::None(what) => ("harmless", what),
    }
}

fn object(diagnosis: &Diagnosis) -> Value {
    let findings: Vec<Value> = diagnosis
        .findings
        .iter()
        .map(|Finding { ailment, remedy }| {
            let (word, what) = told(remedy);
            json!({ "finding": ailment.to_string(), "remedy": word, "what": what })
        })
        .collect();
    json!({
        "healthy": diagnosis.is_healthy(),
        "bundles": diagnosis.bundles,
        "versions": diagnosis.versions,
        "files": diagnosis.files,
        "findings": findings,
    })
}
