//! [`Origin`]: the files a calendar was worked out from.

use std::sync::Arc;

use crate::Error;
use crate::build::Builder;
use crate::calendar::Calendar;
use crate::facts::Facts;
use crate::file::Definition;
use crate::registry::files;
use crate::session::Session;
use crate::source::File as SourceFile;

impl Calendar {
    /// Builds a calendar from the text of a calendar file; `file` names it in errors.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidFile`] for anything that does not hold together, with the line and the entry.
    ///
    /// # Example
    ///
    /// ```
    /// use rustybt_calendars::Calendar;
    ///
    /// let market = Calendar::from_toml("market.toml", r#"
    ///     name = "MARKET"
    ///     zone = "Europe/Rome"
    ///     week = "Mon Wed Fri"
    ///     bounds = ["2024-01-01", "2024-12-31"]
    /// [[hours]]
    ///     open = "08:00"
    ///     close = "12:00"
    /// [[rule]]
    ///     label = "Easter Monday"
    ///     on = "easter+1"
    /// "#)?;
    /// assert_eq!(market.why("2024-04-01".parse()?), Some("Easter Monday"));
    /// assert_eq!(market.open("2024-04-03".parse()?)?.to_string(), "2024-04-03T06:00Z");
    /// # Ok::<(), rustybt_calendars::Error>(())
    /// ```
    pub fn from_toml(file: &str, text: &str) -> Result<Self, Error> {
        Self::from_files(files(file.to_owned().into(), text.to_owned().into())?)
    }

    /// This calendar with the entries of an overlay file over its own: closures and sessions added or
    /// removed, hours changed. The overlay's head says `overlay = "…"`, the name of what it is for.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidFile`], as [`from_toml`](Self::from_toml).
    ///
    /// # Example
    ///
    /// ```
    /// let xnys = rustybt_calendars::calendar("XNYS")?;
    /// let mine = xnys.overlaid("mine.toml", r#"
    ///     overlay = "XNYS"
    ///     source = "https://intranet.example/holidays"
    /// [[dates]]
    ///     label = "Our desk is closed"
    ///     on = ["2024-03-05"]
    /// [[dates]]
    ///     label = "We trade on Good Friday"
    ///     on = ["2024-03-29"]
    ///     effect = "session"
    /// [[dates]]
    ///     label = "Early dinner"
    ///     on = ["2024-03-06"]
    ///     effect = { close = "15:00" }
    /// "#)?;
    /// assert!(!mine.is_session("2024-03-05".parse()?) && mine.is_session("2024-03-29".parse()?));
    /// assert_eq!(mine.close("2024-03-06".parse()?)?.to_string(), "2024-03-06T20:00Z");
    /// let reason = mine.reason("2024-03-05".parse()?).unwrap();
    /// assert_eq!(reason.source, Some("https://intranet.example/holidays"));
    /// # Ok::<(), rustybt_calendars::Error>(())
    /// ```
    pub fn overlaid(&self, file: &str, text: &str) -> Result<Self, Error> {
        let mut files = self.origin.files.clone();
        files.push(SourceFile { name: file.to_owned().into(), text: text.to_owned().into() });
        Self::from_files(files)
    }

    /// Builds a calendar from its file and those it extends or overlays, which come before it.
    pub(crate) fn from_files(files: Vec<SourceFile>) -> Result<Self, Error> {
        let definition = Definition::parse(&files)?;
        let bounds = definition.bounds;
        let facts = Builder::new(&files, &definition, bounds, true).build()?;
        Ok(Self::new(facts, Arc::new(Origin { files, definition })))
    }
}

/// What a calendar was worked out from, kept so that it can be worked out for other years.
pub(crate) struct Origin {
    files: Vec<SourceFile>,
    pub(crate) definition: Definition,
}

impl Origin {
    /// Its files: what it extends first, overlays last.
    pub(crate) fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// What the calendar does from `first` to `last`, whole years, whatever its bounds say.
    pub(crate) fn facts(&self, first: Session, last: Session) -> Result<Facts, Error> {
        Builder::new(&self.files, &self.definition, (first, last), false).build()
    }
}
