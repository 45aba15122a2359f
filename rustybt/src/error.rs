//! Why a command could not do what it was asked, and how the program says so.
//!
//! ```text
//! error: the bundle `us` cannot be opened
//! caused by: …
//! hint: …
//! ```

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use rustybt_calendars::Session;
use rustybt_data::SourceError;

use crate::interrupt::INTERRUPTED;

/// Everything the program itself refuses, and everything the crates below it do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The operating system refused.
    #[error("cannot {action} `{}`", path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    /// Stdout refused.
    #[error("cannot write to the standard output")]
    Stdout(#[source] std::io::Error),
    /// Stdin refused.
    #[error("cannot read the standard input")]
    Stdin(#[source] std::io::Error),
    /// No home folder, hence no default data folder.
    #[error("there is no home folder to keep data in")]
    NoHome,
    /// An environment variable that does not hold what it should.
    #[error("the environment variable {name} is `{value}`: {reason}")]
    BadVariable { name: &'static str, value: String, reason: String },
    /// A configuration file that is not one.
    #[error("the configuration file `{}` cannot be used: {reason}", path.display())]
    BadConfig { path: PathBuf, reason: String },
    /// `--opt` without an equals sign.
    #[error("`{text}` is no option: write key=value")]
    BadOption { text: String },
    /// A file where the folder of the data should be.
    #[error("`{}` is a file, not a folder to keep data in", path.display())]
    DataDirIsFile { path: PathBuf },
    /// An address where only a folder will do.
    #[error("`{url}` is an address, and a folder is wanted")]
    DataDirIsUrl { url: String },
    /// An address of no object store.
    #[cfg(feature = "object-store")]
    #[error("`{url}` cannot hold data")]
    BadDataUrl { url: String, source: std::io::Error },
    /// The same thing asked for twice, where only one can be meant.
    #[error("the {what} `{name}` is given twice")]
    Twice { what: &'static str, name: String },
    /// A range of dates that ends before it starts.
    #[error("the range ends at {end}, before it starts at {start}")]
    Backwards { start: Session, end: Session },
    /// A column of a pipeline that is called like one of those every pipeline has.
    #[error(
        "a pipeline's column cannot be called `{name}`: its rows have one of that name already"
    )]
    ColumnTaken { name: String },
    /// A table that cannot be read.
    #[error("{}:{line}: {detail}", .path.display())]
    BadTableFile { path: PathBuf, line: usize, detail: String },
    /// A table without lines that cannot be read.
    #[error("{}: {detail}", .path.display())]
    BadTableContent { path: PathBuf, detail: String },
    /// An option that says something of a table that nobody gave.
    #[error("{option} names `{table}`, and no table that it can be said of has that name")]
    NoSuchTable { option: &'static str, table: String },
    /// A moment that is neither a date nor an instant.
    #[error(
        "`{text}` is neither a date such as 2014-06-10 nor an instant such as 2014-06-10T20:00Z"
    )]
    BadMoment { text: String },
    /// Neither a recipe nor `--source`.
    #[error("nothing says where the bundle `{bundle}` comes from")]
    NoRecipe { bundle: String },
    /// No list of symbols has this name.
    #[error("there is no preset `{name}`; {}", listed(.known))]
    UnknownPreset { name: String, known: Vec<String>, folder: PathBuf },
    /// A job does not keep secrets, and nobody else knows this one.
    #[error("job {job} needs the option `{key}` again: jobs do not keep secrets")]
    SecretNeeded { job: String, key: String },
    /// Nothing says what is too old.
    #[error("no policy says what of the bundle `{bundle}` is too old")]
    NoPolicy { bundle: String },
    /// Nothing to run.
    #[error("a bundle, a pipeline file and a range of dates are needed")]
    NoPipeline,
    /// A report on nothing.
    #[error("the pipeline has no column of numbers to report on")]
    NoFactor,
    /// Parquet for the eyes.
    #[error("parquet is not for a terminal")]
    BinaryOnTerminal,
    /// Rows could not be written as Parquet.
    #[error("the rows cannot be written as parquet")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// An adapter cannot be opened.
    #[error(transparent)]
    Adapter(#[from] rustybt_adapters::Error),
    /// A source refused.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] rustybt_bundles::Error),
    /// The written form of a pipeline says nothing we understand.
    #[error("`{path}` is no written pipeline")]
    BadPipelineForm {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: rustybt_pipeline::Error,
    },
    /// A pipeline refused.
    #[error(transparent)]
    Pipeline(#[from] rustybt_pipeline::Error),
    /// A strategy refused.
    #[error(transparent)]
    Algorithm(#[from] rustybt_algorithm::Error),
    /// A calendar refused.
    #[error(transparent)]
    Calendar(#[from] rustybt_calendars::Error),
    /// The data layer refused.
    #[error(transparent)]
    Data(#[from] rustybt_data::Error),
}

impl Error {
    /// The code the program ends with: 2 for wrong usage, 1 for everything else.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::BadOption { .. }
            | Self::Twice { .. }
            | Self::Backwards { .. }
            | Self::BadMoment { .. }
            | Self::BadVariable { .. }
            | Self::NoPipeline
            | Self::BinaryOnTerminal => ExitCode::from(2),
            Self::Store(rustybt_bundles::Error::Job(rustybt_bundles::JobError::Interrupted {
                ..
            })) => ExitCode::from(INTERRUPTED),
            _ => ExitCode::FAILURE,
        }
    }

    /// Whether nobody listens any more, as when the output goes to `head`.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Stdout(error) if error.kind() == ErrorKind::BrokenPipe)
    }

    /// What would help, where we know.
    fn hint(&self) -> Option<String> {
        match self {
            Self::DataDirIsUrl { .. } if !cfg!(feature = "object-store") => {
                Some("this program was built for folders only; the feature `s3`, `gcs` or `azure` adds the others".into())
            }
            Self::NoHome | Self::DataDirIsFile { .. } | Self::DataDirIsUrl { .. } => {
                Some("name a folder with --data-dir or RUSTYBT_DATA_DIR".into())
            }
            Self::UnknownPreset { name, folder, .. } => Some(format!(
                "write its symbols into `{}`, one a line",
                folder.join(format!("{name}.txt")).display()
            )),
            Self::SecretNeeded { key, .. } => Some(format!("add --opt {key}=…")),
            Self::BinaryOnTerminal => Some("add --out FILE".into()),
            Self::NoFactor => {
                Some("a column of a factor is one, as in `columns={\"sma\": …}`".into())
            }
            Self::NoRecipe { bundle } => Some(format!(
                "give --source, or keep a recipe with `rustybt register {bundle} --source …`"
            )),
            Self::NoPolicy { bundle } => Some(format!(
                "give --dataset and --older-than, or keep a policy with `rustybt retain {bundle} \
                 --dataset bars_1m --older-than 2y --set`"
            )),
            Self::BadConfig { .. } => Some(
                "the keys are data.root_dir, data.catalog, data.tiles_max_bytes, data.calendars, \
                 cache.enabled, cache.dir, cache.disk_cache, cache.max_size_mb, cache.memory_mb, \
                 cache.policy, cache.ttl_seconds, cache.redis, cache.redis_ttl_seconds, \
                 ingest.calendar, ingest.workers, ingest.memory, pipeline.threads, pipeline.chunk, output.format and \
                 output.progress"
                    .into(),
            ),
            Self::ColumnTaken { .. } => Some("give it another name in `columns={…}`".into()),
            Self::Io { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
                Some("check who owns it, or name another place".into())
            }
            Self::Adapter(error) => error.hint(),
            Self::Data(error) | Self::Store(rustybt_bundles::Error::Data(error)) => error.hint(),
            Self::Store(error) => error.hint().map(str::to_owned),
            Self::Source(error) => error.hint().map(str::to_owned),
            _ => None,
        }
    }

    /// Says on stderr what went wrong, why, and what would help.
    pub(crate) fn report(&self) {
        let mut text = format!("error: {self}\n");
        let mut cause = self.source();
        let mut said = self.to_string();
        while let Some(error) = cause {
            let message = error.to_string();
            // A wrapper that passes its cause's words on would say everything twice.
            if message != said {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "caused by: {message}");
            }
            said = message;
            cause = error.source();
        }
        if let Some(hint) = self.hint() {
            let _ = writeln!(text, "hint: {hint}");
        }
        // Where even stderr refuses, the exit code is all that is left to say.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "there is none".into()
    } else {
        format!("there are: {}", names.join(", "))
    }
}
