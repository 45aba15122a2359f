//! Which bundle, and which of its versions: what every reading command is told.

use std::str::FromStr;

use clap::Args;
use rustybt_bundles::{At, Bundle, BundleName, PinName};
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{BarData, BarReaderExt, Clocking, DataPortal, Field, Frequency, Sid};

use super::Context;
use crate::error::Error;
use crate::moment::Moment;

/// A bundle, and how old a version of it is wanted.
#[derive(Debug, Clone, Args)]
pub(crate) struct BundleArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    pub(crate) bundle: BundleName,
    #[command(flatten)]
    pub(crate) version: VersionArgs,
}

/// How old a version is wanted.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct VersionArgs {
    /// Read this version of the bundle: a number, or a pin's name [default: the latest]
    #[arg(long = "version", value_name = "VERSION", conflicts_with = "as_of")]
    pub(crate) name: Option<VersionName>,
    /// Read the version that was the latest at this moment, or at the end of this date
    #[arg(long, value_name = "MOMENT")]
    pub(crate) as_of: Option<Moment>,
}

/// What a version is called: its number, a pin, or `latest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum VersionName {
    /// The newest.
    Latest,
    /// Its number.
    Number(u64),
    /// The name of a pin.
    Pin(PinName),
}

impl VersionName {
    /// The version that is meant.
    pub(crate) fn at(&self) -> At {
        match self {
            Self::Latest => At::Latest,
            Self::Number(number) => At::Version(*number),
            Self::Pin(name) => At::Pin(name.clone()),
        }
    }
}

impl FromStr for VersionName {
    type Err = rustybt_bundles::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == PinName::LATEST {
            return Ok(Self::Latest);
        }
        match text.parse() {
            Ok(number) => Ok(Self::Number(number)),
            Err(_) => PinName::new(text).map(Self::Pin),
        }
    }
}

/// A version of a bundle, open.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) portal: DataPortal,
}

impl VersionArgs {
    /// Opens this version of a bundle to look at its bars.
    pub(crate) fn open(&self, bundle: &BundleName, context: &Context) -> Result<Opened, Error> {
        Ok(Opened { portal: self.bundle(bundle, context)?.portal()? })
    }

    /// Opens this version of a bundle.
    pub(crate) fn bundle(&self, bundle: &BundleName, context: &Context) -> Result<Bundle, Error> {
        Ok(context.store()?.bundle(bundle, self.at())?)
    }

    fn at(&self) -> At {
        match (&self.name, self.as_of) {
            (Some(name), _) => name.at(),
            (None, Some(Moment::Instant(at))) => At::AsOf(at),
            (None, Some(Moment::Session(date))) => {
                At::AsOf(date.plus_days(1).midnight().plus_nanos(-1))
            }
            (None, None) => At::Latest,
        }
    }
}

impl BundleArgs {
    /// Opens the version that was asked for.
    pub(crate) fn open(&self, context: &Context) -> Result<Opened, Error> {
        self.version.open(&self.bundle, context)
    }

    /// Opens the version that was asked for, with or without bars.
    pub(crate) fn bundle(&self, context: &Context) -> Result<Bundle, Error> {
        self.version.bundle(&self.bundle, context)
    }
}

impl Opened {
    /// The data as of a moment in whole days: a session means its close.
    pub(crate) fn days(&self, moment: Moment) -> Result<BarData<'_>, rustybt_data::Error> {
        let now = match moment {
            Moment::Session(session) => self.portal.calendar().close(session)?,
            Moment::Instant(now) => now,
        };
        Ok(self.portal.at(now, Clocking::Daily))
    }

    /// The data as of a moment, to look at these assets in bars of a frequency.
    ///
    /// An instant within a session sees that day's bar so far, where one of the assets has minute
    /// bars of it by then; else it sees the days that are over.
    pub(crate) fn at(
        &self,
        moment: Moment,
        frequency: Frequency,
        sids: &[Sid],
    ) -> Result<BarData<'_>, rustybt_data::Error> {
        let days = self.days(moment)?;
        let in_minutes = match moment {
            _ if frequency.is_intraday() => true,
            Moment::Session(_) => false,
            Moment::Instant(_) => self.has_minutes(&days, sids)?,
        };
        Ok(if in_minutes { self.portal.at(days.now(), Clocking::Minute) } else { days })
    }

    /// Whether one of these assets has a minute bar of the session that is going on.
    fn has_minutes(&self, days: &BarData<'_>, sids: &[Sid]) -> Result<bool, rustybt_data::Error> {
        let Some(minute) = self.portal.minute() else { return Ok(false) };
        let timeline = minute.timeline();
        let Some(today) = timeline.rows_of_session(days.session()) else { return Ok(false) };
        let passed = today.start..today.end.min(timeline.known_rows(days.now())).max(today.start);
        let mut closes = vec![f64::NAN; passed.len()];
        for sid in sids.iter().filter(|sid| minute.sids().binary_search(sid).is_ok()) {
            minute.copy(Field::Close, *sid, passed.clone(), &mut closes)?;
            if closes.iter().any(|close| !close.is_nan()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A label as people read it: a date for daily bars, an instant for the others.
pub(crate) fn label(label: Timestamp, frequency: Frequency) -> String {
    if frequency.is_intraday() { label.to_string() } else { Session::to_string(&label.date()) }
}
