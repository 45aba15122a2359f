//! What can be set, and where each value came from: default < file < environment < flag.

mod cache;
mod count;
mod file;
mod memory;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rustybt_bundles::CatalogUrl;

pub(crate) use self::cache::CacheSettings;
pub(crate) use self::count::{Bytes, Sessions, Threads};
use self::file::ConfigFile;
pub(crate) use self::memory::Memory;
use crate::environment;
use crate::error::Error;
use crate::output::Format;
use crate::progress::ProgressMode;

/// Every setting of the program, resolved.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The configuration file: the one named, or `config.yaml` in the data folder.
    pub(crate) config: Setting<PathBuf>,
    /// Where bundles are kept.
    pub(crate) data_dir: Setting<PathBuf>,
    /// Where the catalog is; `None` for a file in the data folder.
    pub(crate) catalog: Setting<Option<CatalogUrl>>,
    /// How large the tiles may be that `clean` leaves; `None` for as large as they are.
    pub(crate) tiles_max_bytes: Setting<Option<Bytes>>,
    /// How much is kept in caches, and where.
    pub(crate) cache: CacheSettings,
    /// The folder of the user's own calendars; `None` for `calendars` in the data folder, if there.
    pub(crate) calendars: Setting<Option<PathBuf>>,
    /// The calendar of a bundle that is told none.
    pub(crate) calendar: Setting<String>,
    /// How many threads parse during an ingest.
    pub(crate) workers: Setting<Threads>,
    /// The memory that an ingest may take.
    pub(crate) memory: Setting<Memory>,
    /// How many threads a pipeline runs on.
    pub(crate) threads: Setting<Threads>,
    /// How many sessions a pipeline computes at a time; `None` for all at once.
    pub(crate) chunk: Setting<Option<Sessions>>,
    /// The form of lists and data; `None` for a table on a terminal and CSV elsewhere.
    pub(crate) format: Setting<Option<Format>>,
    /// How long work reports on itself; `None` for a bar on a terminal and nothing elsewhere.
    pub(crate) progress: Setting<Option<ProgressMode>>,
}

/// A value and where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Setting<T> {
    /// The value that counts.
    pub(crate) value: T,
    /// The one that said so.
    pub(crate) origin: Origin,
}

/// Who said what a setting is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// An environment variable.
    Environment(&'static str),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// What the command line says of the settings.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    /// `--config`.
    pub(crate) config: Option<PathBuf>,
    /// `--data-dir`.
    pub(crate) data_dir: Option<PathBuf>,
    /// `--catalog`.
    pub(crate) catalog: Option<CatalogUrl>,
    /// `--calendar`.
    pub(crate) calendar: Option<String>,
    /// `--workers`.
    pub(crate) workers: Option<Threads>,
    /// `--memory`.
    pub(crate) memory: Option<Memory>,
    /// `--threads`.
    pub(crate) threads: Option<Threads>,
    /// `--chunk`.
    pub(crate) chunk: Option<Sessions>,
    /// `--format`.
    pub(crate) format: Option<Format>,
    /// `--progress`.
    pub(crate) progress: Option<ProgressMode>,
}

impl Settings {
    /// Joins flags, environment and configuration file.
    pub(crate) fn resolve(flags: Flags) -> Result<Self, Error> {
        let variable = environment::variable;
        let before_file = flag(flags.data_dir, "--data-dir").or_else(|| {
            Some(environment("RUSTYBT_DATA_DIR", PathBuf::from(variable("RUSTYBT_DATA_DIR")?)))
        });
        let named = flag(flags.config, "--config").or_else(|| {
            Some(environment("RUSTYBT_CONFIG", PathBuf::from(variable("RUSTYBT_CONFIG")?)))
        });
        let config = match (named, &before_file) {
            (Some(named), _) => named,
            (None, Some(folder)) => in_folder(&folder.value),
            (None, None) => in_folder(&default_data_dir()?),
        };
        let must_exist = config.origin != Origin::Default;
        let path = config.value.clone();
        let file = ConfigFile::read(&path, must_exist)?;
        let layers = Layers { path: &path };
        Ok(Self {
            data_dir: match before_file {
                Some(setting) => setting,
                None => match file.data.root_dir {
                    Some(folder) => layers.file(below_home(folder)),
                    None => Setting { value: default_data_dir()?, origin: Origin::Default },
                },
            },
            catalog: layers.pick_optional(
                flag(flags.catalog, "--catalog"),
                "RUSTYBT_CATALOG",
                file.data.catalog.map(CatalogUrl::from),
            )?,
            tiles_max_bytes: layers.pick_optional(
                None,
                "RUSTYBT_TILES_MAX_BYTES",
                file.data.tiles_max_bytes,
            )?,
            cache: CacheSettings::resolve(file.cache, &layers)?,
            calendars: layers.pick_optional(
                None,
                "RUSTYBT_CALENDARS",
                file.data.calendars.map(below_home),
            )?,
            calendar: layers.pick(
                flag(flags.calendar, "--calendar"),
                "RUSTYBT_CALENDAR",
                file.ingest.calendar,
                "XNYS".to_owned(),
            )?,
            workers: layers.pick(
                flag(flags.workers, "--workers"),
                "RUSTYBT_WORKERS",
                file.ingest.workers,
                Threads::at_most(environment::cores()),
            )?,
            memory: layers.pick(
                flag(flags.memory, "--memory"),
                "RUSTYBT_MEMORY",
                file.ingest.memory,
                Memory::default(),
            )?,
            threads: layers.pick(
                flag(flags.threads, "--threads"),
                "RUSTYBT_THREADS",
                file.pipeline.threads,
                Threads::at_most(environment::cores()),
            )?,
            chunk: layers.pick_optional(
                flag(flags.chunk, "--chunk"),
                "RUSTYBT_CHUNK",
                file.pipeline.chunk,
            )?,
            format: layers.pick_optional(
                flag(flags.format, "--format"),
                "RUSTYBT_FORMAT",
                file.output.format,
            )?,
            progress: layers.pick_optional(
                flag(flags.progress, "--progress"),
                "RUSTYBT_PROGRESS",
                file.output.progress,
            )?,
            config,
        })
    }

    /// Each setting's name in the file, value and origin.
    pub(crate) fn rows(&self) -> Vec<Row> {
        fn or<T: fmt::Display>(value: Option<T>, otherwise: &str) -> String {
            value.map_or_else(|| otherwise.to_owned(), |value| value.to_string())
        }
        let file = self.config.value.display();
        let present = if self.config.value.exists() { "" } else { " (not there)" };
        let mut rows = vec![
            row("config", &self.config, format!("{file}{present}")),
            row("data.root_dir", &self.data_dir, self.data_dir.value.display().to_string()),
            // It shows itself without its password.
            row(
                "data.catalog",
                &self.catalog,
                or(self.catalog.value.as_ref(), "in the data folder"),
            ),
            row(
                "data.tiles_max_bytes",
                &self.tiles_max_bytes,
                or(self.tiles_max_bytes.value, "no limit"),
            ),
            row(
                "data.calendars",
                &self.calendars,
                or(
                    self.calendars.value.as_ref().map(|folder| folder.display()),
                    "calendars in the data folder, if there",
                ),
            ),
            row("ingest.calendar", &self.calendar, self.calendar.value.clone()),
            row("ingest.workers", &self.workers, self.workers.value.to_string()),
            row("ingest.memory", &self.memory, self.memory.value.to_string()),
            row("pipeline.threads", &self.threads, self.threads.value.to_string()),
            row("pipeline.chunk", &self.chunk, or(self.chunk.value, "all sessions at once")),
            row(
                "output.format",
                &self.format,
                or(self.format.value, "table on a terminal, else csv"),
            ),
            row(
                "output.progress",
                &self.progress,
                or(self.progress.value, "bar on a terminal, else none"),
            ),
        ];
        let place = rows.iter().position(|row| row.0 == "ingest.calendar").unwrap_or_default();
        rows.splice(place..place, self.cache.rows());
        rows
    }
}

/// A setting's name in the file, its value and its origin.
type Row = (&'static str, String, String);

fn row<T>(name: &'static str, of: &Setting<T>, text: String) -> Row {
    (name, text, of.origin.to_string())
}

/// The layers below the flags.
struct Layers<'a> {
    path: &'a Path,
}

impl Layers<'_> {
    fn file<T>(&self, value: T) -> Setting<T> {
        Setting { value, origin: Origin::File(self.path.to_owned()) }
    }

    fn find<T: FromStr>(
        &self,
        flag: Option<Setting<T>>,
        name: &'static str,
        file: Option<T>,
    ) -> Result<Option<Setting<T>>, Error>
    where
        T::Err: fmt::Display,
    {
        if let Some(flag) = flag {
            return Ok(Some(flag));
        }
        if let Some(text) = environment::variable(name) {
            return match text.parse() {
                Ok(value) => Ok(Some(environment(name, value))),
                Err(reason) => {
                    let reason = T::Err::to_string(&reason);
                    Err(Error::BadVariable { name, value: text, reason })
                }
            };
        }
        Ok(file.map(|value| self.file(value)))
    }

    fn pick<T: FromStr>(
        &self,
        flag: Option<Setting<T>>,
        name: &'static str,
        file: Option<T>,
        default: T,
    ) -> Result<Setting<T>, Error>
    where
        T::Err: fmt::Display,
    {
        let found = self.find(flag, name, file)?;
        Ok(found.unwrap_or(Setting { value: default, origin: Origin::Default }))
    }

    fn pick_optional<T: FromStr>(
        &self,
        flag: Option<Setting<T>>,
        name: &'static str,
        file: Option<T>,
    ) -> Result<Setting<Option<T>>, Error>
    where
        T::Err: fmt::Display,
    {
        Ok(match self.find(flag, name, file)? {
            Some(Setting { value, origin }) => Setting { value: Some(value), origin },
            None => Setting { value: None, origin: Origin::Default },
        })
    }
}

fn flag<T>(value: Option<T>, name: &'static str) -> Option<Setting<T>> {
    value.map(|value| Setting { value, origin: Origin::Flag(name) })
}

fn environment<T>(name: &'static str, value: T) -> Setting<T> {
    Setting { value, origin: Origin::Environment(name) }
}

fn in_folder(folder: &Path) -> Setting<PathBuf> {
    Setting { value: folder.join("config.yaml"), origin: Origin::Default }
}

fn default_data_dir() -> Result<PathBuf, Error> {
    environment::home().map(|home| home.join(".rustybt")).ok_or(Error::NoHome)
}

/// `~/x` as people write it in files.
fn below_home(folder: PathBuf) -> PathBuf {
    match (folder.strip_prefix("~"), environment::home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => folder,
    }
}
