//! Giving lists and data away: one table of typed columns, written in the form asked for.
//!
//! | form | who reads it |
//! |---|---|
//! | `table` | people; the form on a terminal |
//! | `csv` | other programs; the form everywhere else |
//! | `json` | an array of objects, a row a line |
//! | `parquet` | data frames |
//!
//! Numbers are the shortest text that reads back as the same bits, so equal bits give equal text.

mod csv;
mod json;
mod number;
mod parquet;
mod pretty;
mod table;

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};
use serde::Deserialize;

pub(crate) use self::number::shortest;
pub(crate) use self::table::{Table, Values};
use crate::environment;
use crate::error::Error;

/// The form of lists and data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Aligned columns for people
    Table,
    /// Comma-separated values with a header
    Csv,
    /// An array of objects, a row a line
    Json,
    /// Apache Parquet
    Parquet,
}

impl Format {
    /// The form a file's name asks for.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "parquet" => Some(Self::Parquet),
            "txt" => Some(Self::Table),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Parquet => "parquet",
        })
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        <Self as ValueEnum>::from_str(text, false)
            .map_err(|_| "known are table, csv, json and parquet".to_owned())
    }
}

/// Where and in which form a command gives its rows.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct OutputArgs {
    /// The form of the rows; a table on a terminal, CSV elsewhere, or what the name of --out says
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: Option<Format>,
    /// Write the rows into this file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) out: Option<PathBuf>,
}

/// Writes a table as asked: to a file, or to stdout.
pub(crate) fn give(table: &Table, out: Option<&Path>, wanted: Option<Format>) -> Result<(), Error> {
    let Some(path) = out else {
        let terminal = environment::stdout_is_terminal();
        let format = wanted.unwrap_or(if terminal { Format::Table } else { Format::Csv });
        if format == Format::Parquet && terminal {
            return Err(Error::BinaryOnTerminal);
        }
        let mut stdout = BufWriter::with_capacity(1 << 16, std::io::stdout());
        write(table, format, &mut stdout, Error::Stdout)?;
        return stdout.flush().map_err(Error::Stdout);
    };
    let format =
        Format::of_file(path).filter(|_| wanted.is_none()).or(wanted).unwrap_or(Format::Csv);
    let refused = |source| Error::Io { action: "write", path: path.to_owned(), source };
    let mut file = BufWriter::with_capacity(1 << 16, File::create(path).map_err(refused)?);
    write(table, format, &mut file, refused)?;
    file.flush().map_err(refused)
}

/// Whether rows go to stdout as a table.
pub(crate) fn is_for_people(output: &OutputArgs, wanted: Option<Format>) -> bool {
    let table = wanted.map_or_else(environment::stdout_is_terminal, |it| it == Format::Table);
    table && output.out.is_none()
}

/// Gives a report: text for people, unless JSON is asked for.
///
/// A report has no columns, so that the other forms mean text, too; quiet leaves out the text.
pub(crate) fn report(
    output: &OutputArgs,
    wanted: Option<Format>,
    text: impl FnOnce() -> String,
    object: impl FnOnce() -> serde_json::Value,
    quiet: bool,
) -> Result<(), Error> {
    let named = output.out.as_deref().and_then(Format::of_file);
    let json = wanted.or(named) == Some(Format::Json);
    let content = if json { object().to_string() } else { text() };
    match &output.out {
        Some(path) => std::fs::write(path, format!("{content}\n")).map_err(|source| Error::Io {
            action: "write",
            path: path.clone(),
            source,
        }),
        None if quiet && !json => Ok(()),
        None => say(content),
    }
}

/// Says on stderr what people should know of what they were given.
pub(crate) fn note(text: impl fmt::Display) {
    // That nobody listens there is no reason to fail.
    let _ = writeln!(std::io::stderr().lock(), "note: {text}");
}

/// Prints a line or a page of plain text on stdout.
pub(crate) fn say(text: impl fmt::Display) -> Result<(), Error> {
    writeln!(std::io::stdout().lock(), "{text}").map_err(Error::Stdout)
}

fn write(
    table: &Table,
    format: Format,
    out: &mut (impl Write + Send),
    refused: impl Fn(std::io::Error) -> Error,
) -> Result<(), Error> {
    match format {
        Format::Table => pretty::write(table, out).map_err(refused),
        Format::Csv => csv::write(table, out).map_err(refused),
        Format::Json => json::write(table, out).map_err(refused),
        Format::Parquet => parquet::write(table, out),
    }
}
