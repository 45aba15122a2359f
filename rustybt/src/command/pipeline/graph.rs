//! `rustybt pipeline graph`: the terms of a pipeline as a graph, a drawing, or the form in which it is sent.

use std::fs;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rustybt_bundles::BundleName;
use rustybt_pipeline::{BoundColumn, Frame};

use super::read;
use super::tables::TableArgs;
use crate::command::Context;
use crate::command::bundle::VersionArgs;
use crate::error::Error;
use crate::output::say;

#[derive(Debug, Args)]
pub(super) struct PipelineGraph {
    /// The pipeline file, or its form in JSON where the name ends in `.json`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What is written to stdout
    #[arg(long, value_enum, default_value_t = GraphFormat::Dot)]
    format: GraphFormat,
    /// Write a drawing into this file, instead of anything to stdout
    #[arg(long, value_name = "OUT")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    tables: TableArgs,
    /// The bundle whose own tables the file names
    #[arg(long, value_name = "BUNDLE")]
    bundle: Option<BundleName>,
}

/// How a graph is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum GraphFormat {
    /// The language of Graphviz
    Dot,
    /// The form of docs/format.md, which `rustybt pipeline` runs, too
    Json,
}

/// Writes or draws the graph.
pub(super) fn draw(args: &PipelineGraph, context: &Context) -> Result<(), Error> {
    let frames = args.tables.frames(None)?;
    let mut columns: Vec<BoundColumn> = frames.iter().flat_map(Frame::columns).collect();
    if let Some(bundle) = &args.bundle {
        let bundle = VersionArgs::default().bundle(bundle, context)?;
        columns.extend(args.tables.columns(&bundle)?);
    }
    let pipeline = read(&args.file, &columns)?;
    match (&args.svg, args.format) {
        (None, GraphFormat::Dot) => say(pipeline.graph_dot().trim_end()),
        (None, GraphFormat::Json) => say(pipeline.to_json()?.trim_end()),
        (Some(path), _) => {
            let refused = |source| Error::Io { action: "write", path: path.clone(), source };
            fs::write(path, pipeline.graph_svg()).map_err(refused)
        }
    }
}
