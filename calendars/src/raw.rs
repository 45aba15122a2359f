//! The keys of a calendar file as they are written; [`file`](crate::file) gives them their meaning.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::session::Session;

/// Before and after all dates: what a period without a beginning or an end has.
pub(crate) const BEGINNING: Session = Session::from_days(i32::MIN);
pub(crate) const END: Session = Session::from_days(i32::MAX);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFile {
    /// Left out in an overlay, which has the name of what it overlays.
    pub(crate) name: Option<String>,
    /// The calendar that this one has all entries of, besides its own.
    #[serde(rename = "extend")]
    pub(crate) _extend: Option<String>,
    /// The calendar that these entries are for.
    pub(crate) overlay: Option<String>,
    /// Labels of entries of the calendar extended that do not hold here.
    #[serde(default)]
    pub(crate) drop: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    /// Where the facts can be read, for entries that do not say so themselves.
    pub(crate) source: Option<String>,
    pub(crate) zone: Option<Spanned<String>>,
    pub(crate) week: Option<Spanned<RawWeeks>>,
    pub(crate) bounds: Option<Spanned<[Session; 2]>>,
    pub(crate) verified: Option<Spanned<[Session; 2]>>,
    #[serde(default)]
    pub(crate) hours: Vec<Spanned<RawHours>>,
    #[serde(default)]
    pub(crate) phase: Vec<Spanned<RawPhase>>,
    #[serde(default)]
    pub(crate) rule: Vec<Spanned<RawRule>>,
    #[serde(default)]
    pub(crate) dates: Vec<Spanned<RawDates>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum RawWeeks {
    Always(String),
    Periods(Vec<RawWeek>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawWeek {
    pub(crate) week: String,
    pub(crate) from: Option<Session>,
    pub(crate) to: Option<Session>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHours {
    pub(crate) from: Option<Session>,
    pub(crate) to: Option<Session>,
    pub(crate) weekdays: Option<String>,
    pub(crate) season: Option<[String; 2]>,
    pub(crate) open: Option<String>,
    pub(crate) close: Option<String>,
    pub(crate) breaks: Option<Vec<[String; 2]>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPhase {
    pub(crate) name: String,
    /// A time of day, `open` or `close`.
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
    pub(crate) from: Option<Session>,
    pub(crate) to: Option<Session>,
    pub(crate) weekdays: Option<String>,
    pub(crate) when: Option<RawWhen>,
}

/// The sessions that an entry holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawWhen {
    EarlyClose,
    LateOpen,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRule {
    pub(crate) label: String,
    pub(crate) on: OneOrMany,
    pub(crate) roll: Option<String>,
    pub(crate) substitute: Option<RawSubstitute>,
    pub(crate) from: Option<Limit>,
    pub(crate) to: Option<Limit>,
    pub(crate) weekdays: Option<String>,
    pub(crate) years: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) except: Vec<i32>,
    #[serde(default, rename = "move")]
    pub(crate) moved: BTreeMap<String, Session>,
    pub(crate) effect: Option<RawEffect>,
    /// Where the fact can be read.
    pub(crate) source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSubstitute {
    pub(crate) busy: Vec<String>,
    pub(crate) from: Option<Limit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDates {
    pub(crate) label: String,
    pub(crate) on: Vec<String>,
    pub(crate) effect: Option<RawEffect>,
    /// Where the fact can be read.
    pub(crate) source: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// A year, meaning its first day in `from` and its last in `to`, or a date.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a year like 2013 or a date like \"2013-05-31\"")]
pub(crate) enum Limit {
    Year(i32),
    Date(Session),
}

pub(crate) enum RawEffect {
    Word(EffectWord),
    Hours(RawChange),
}

pub(crate) enum EffectWord {
    Closed,
    Session,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawChange {
    pub(crate) open: Option<String>,
    pub(crate) close: Option<String>,
    pub(crate) breaks: Option<Vec<[String; 2]>>,
    pub(crate) shift: Option<String>,
}

/// Reads a word or a table. An untagged enum would not say which key of the table is none.
impl<'de> Deserialize<'de> for RawEffect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordOrTable)
    }
}

struct WordOrTable;

impl<'de> Visitor<'de> for WordOrTable {
    type Value = RawEffect;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an effect: \"closed\", \"session\" or a table with open, close, breaks or shift",
        )
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<RawEffect, E> {
        match word {
            "closed" => Ok(RawEffect::Word(EffectWord::Closed)),
            "session" => Ok(RawEffect::Word(EffectWord::Session)),
            _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<RawEffect, A::Error> {
        RawChange::deserialize(MapAccessDeserializer::new(table)).map(RawEffect::Hours)
    }
}

impl OneOrMany {
    pub(crate) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(word) => vec![word],
            Self::Many(words) => words,
        }
    }
}

impl Limit {
    pub(crate) fn first(self) -> Session {
        match self {
            Self::Year(year) => Session::from_ymd(year, 1, 1).unwrap_or(END),
            Self::Date(date) => date,
        }
    }

    pub(crate) fn last(self) -> Session {
        match self {
            Self::Year(year) => Session::from_ymd(year, 12, 31).unwrap_or(BEGINNING),
            Self::Date(date) => date,
        }
    }
}
