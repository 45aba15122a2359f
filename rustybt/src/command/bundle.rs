//! Which bundle, and which of its versions: what every reading command is told.

use clap::Args;
use rustybt_bundles::{At, BundleName};
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{BarData, Clocking, DataPortal, Frequency};

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
    /// Read this version of the bundle [default: the latest]
    #[arg(long = "version", value_name = "VERSION", conflicts_with = "as_of")]
    pub(crate) number: Option<u64>,
    /// Read the version that was the latest at this moment, or at the end of this date
    #[arg(long, value_name = "MOMENT")]
    pub(crate) as_of: Option<Moment>,
}

/// A version of a bundle, open.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) portal: DataPortal,
}

impl VersionArgs {
    /// Opens this version of a bundle.
    pub(crate) fn open(&self, bundle: &BundleName, context: &Context) -> Result<Opened, Error> {
        let portal = context.store()?.bundle(bundle, self.at())?.portal()?;
        Ok(Opened { portal })
    }

    fn at(&self) -> At {
        match (self.number, self.as_of) {
            (Some(number), _) => At::Version(number),
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
}

impl Opened {
    /// The data as of a moment.
    ///
    /// A session means its close. An instant inside a session that has minute bars sees that day's
    /// bar so far; without minute bars it sees the days that are over.
    pub(crate) fn at(
        &self,
        moment: Moment,
        frequency: Frequency,
    ) -> Result<BarData<'_>, rustybt_data::Error> {
        let calendar = self.portal.calendar();
        let (now, whole_days) = match moment {
            Moment::Session(session) => (calendar.close(session)?, true),
            Moment::Instant(now) => (now, !self.has_minutes(now)),
        };
        let daily = whole_days && !frequency.is_intraday();
        Ok(self.portal.at(now, if daily { Clocking::Daily } else { Clocking::Minute }))
    }

    /// Whether there are minute bars of the session that an instant lies in.
    fn has_minutes(&self, now: Timestamp) -> bool {
        let Some(minute) = self.portal.minute() else { return false };
        let daily = self.portal.at(now, Clocking::Daily);
        minute.timeline().row_of_session(daily.session()).is_some()
    }
}

/// A label as people read it: a date for daily bars, an instant for the others.
pub(crate) fn label(label: Timestamp, frequency: Frequency) -> String {
    if frequency.is_intraday() { label.to_string() } else { Session::to_string(&label.date()) }
}
