//! Which bundle, and which of its versions: what every reading command is told.

use std::str::FromStr;

use clap::Args;
use rustybt_bundles::{At, Bundle, BundleName, PinName};
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{BarData, BarReader, BarReaderExt, Clocking, DataPortal, Field, Frequency, Sid};

use super::Context;
use crate::error::Error;
use crate::moment::Moment;

/// An asset that has not traded in minutes for so many sessions is looked at in days.
const RECENT: usize = 10;

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
    /// An instant sees the minutes, and the bar of the day so far, where there are minutes of the
    /// session by then and one of the assets is looked at in minutes; else the days that are over.
    /// Before an open the session is the one before: its last minute, its day made of minutes.
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
            Moment::Instant(_) => self.in_minutes(days.now(), sids)?,
        };
        Ok(if in_minutes { self.portal.at(days.now(), Clocking::Minute) } else { days })
    }

    fn in_minutes(&self, now: Timestamp, sids: &[Sid]) -> Result<bool, rustybt_data::Error> {
        let Some(minute) = self.portal.minute() else { return Ok(false) };
        let data = self.portal.at(now, Clocking::Minute);
        let calendar = self.portal.calendar();
        let place = |day| calendar.index_at_or_before(day).unwrap_or(0);
        let is_recent = |at: Timestamp| place(at.date()) + RECENT >= place(data.last_session());
        let mut one = false;
        for &sid in sids.iter().filter(|sid| minute.sids().binary_search(sid).is_ok()) {
            // Who has not traded yet, or no longer lives, has no price in minutes or days; who has
            // long ceased to trade in minutes has one in days.
            let lives = data.asset(sid)?.is_alive(data.last_session());
            one |= !lives || data.last_traded(sid)?.is_none_or(is_recent);
        }
        Ok(one && self.has_minutes(minute.as_ref(), &data)?)
    }

    /// Whether any asset has a minute bar of the session that is going on, or of the one before: in
    /// the first minutes of a day nobody may have traded.
    fn has_minutes(
        &self,
        minute: &dyn BarReader,
        data: &BarData<'_>,
    ) -> Result<bool, rustybt_data::Error> {
        let timeline = minute.timeline();
        let Some(rows) = timeline.rows_of_session(data.last_session()) else { return Ok(false) };
        let before = self.portal.calendar().previous_session(data.last_session()).ok();
        let before = before.and_then(|session| timeline.rows_of_session(session));
        let start = before.map_or(rows.start, |rows| rows.start);
        let passed = start..rows.end.min(timeline.known_rows(data.now())).max(start);
        let mut closes = vec![f64::NAN; passed.len()];
        for &sid in minute.sids() {
            minute.copy(Field::Close, sid, passed.clone(), &mut closes)?;
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
