//! [`Anchor`]: where in a year a rule begins, before anything moves it.

use crate::fault::{Fault, Problem};
use crate::hebrew::{Month, hebrew};
use crate::islamic::islamic;
use crate::lunar::Lunar;
use crate::month_day::MonthDay;
use crate::near::did_you_mean;
use crate::session::Session;
use crate::table::Feast;
use crate::{easter, sun};

/// The days of the week, Monday 0 to Sunday 6.
pub(crate) type Weekday = usize;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// One word of the `on` of a rule: it yields dates for a year, or, as a later step of a chain, one date
/// from another.
///
/// | written | means |
/// |---|---|
/// | `12-25` | that month and day; `02-29` in leap years only |
/// | `3 Mon from 01-01`, `last Mon to 05-31` | the third Monday on or after, the last on or before |
/// | `easter-2`, `orthodox-easter+1` | days from Easter Sunday |
/// | `chinese 08-15`, `korean 08-15` | month and day of the Chinese or the Korean calendar |
/// | `hebrew Nisan 15` | month and day of the Hebrew calendar; `Adar` is the second in a leap year |
/// | `islamic 10-01` | month and day of the tabular Islamic calendar, about the day observed |
/// | `table turkey/eid-al-fitr` | the dates of a named table |
/// | `qingming` | the solar term in April, `sun UTC+8 15` |
/// | `sun UTC+9 180` | the day, by that clock, on which the sun reaches that longitude: an equinox |
/// | `every Fri` | each Friday |
/// | `last session to 12-31`, `first session from 01-01` | resolved when the sessions are known |
/// | `last Fri to it` | in a chain: from the date of the step before |
///
/// Each may end in `+n` or `-n` days.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Anchor {
    kind: Kind,
    plus: i32,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    MonthDay(MonthDay),
    Nth { n: i32, weekday: Weekday, base: Base },
    Session { n: i32, base: MonthDay },
    Easter,
    OrthodoxEaster,
    Lunar(Lunar, MonthDay),
    Hebrew(Month, u32),
    Islamic(MonthDay),
    Table(&'static Feast),
    Sun { hours_east: i32, degrees: u32 },
    Every(Weekday),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Base {
    MonthDay(MonthDay),
    It,
}

impl Anchor {
    /// Reads one anchor; the error says what would work.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let (body, plus) = split_days(text);
        let words: Vec<&str> = body.split_whitespace().collect();
        let kind = match words[..] {
            ["easter"] => Kind::Easter,
            ["orthodox-easter"] => Kind::OrthodoxEaster,
            ["qingming"] => Kind::Sun { hours_east: 8, degrees: 15 },
            ["sun", clock, degrees] => {
                Kind::Sun { hours_east: parse_hours_east(clock)?, degrees: parse_degrees(degrees)? }
            }
            ["chinese", date] => Kind::Lunar(Lunar::Chinese, MonthDay::parse_any(date)?),
            ["korean", date] => Kind::Lunar(Lunar::Korean, MonthDay::parse_any(date)?),
            ["hebrew", month, day] => Kind::Hebrew(Month::parse(month)?, parse_day(day)?),
            ["islamic", date] => Kind::Islamic(MonthDay::parse_any(date)?),
            ["table", name] => {
                Kind::Table(Feast::named(name).map_err(|text| Fault::UnknownName.because(text))?)
            }
            ["every", weekday] => Kind::Every(parse_weekday(weekday)?),
            [n, "session", direction, base] => {
                Kind::Session { n: parse_count(n, direction)?, base: MonthDay::parse(base)? }
            }
            [n, weekday, direction, base] => Kind::Nth {
                n: parse_count(n, direction)?,
                weekday: parse_weekday(weekday)?,
                base: if base == "it" { Base::It } else { Base::MonthDay(MonthDay::parse(base)?) },
            },
            [date] if date.starts_with(|c: char| c.is_ascii_digit()) => {
                Kind::MonthDay(MonthDay::parse(date)?)
            }
            _ => return Err(no_anchor(text, &words).into()),
        };
        Ok(Self { kind, plus })
    }

    /// Whether it needs the sessions to be known.
    pub(crate) fn is_session_relative(&self) -> bool {
        matches!(self.kind, Kind::Session { .. })
    }

    /// Whether it goes on from the date of a step before.
    pub(crate) fn is_step(&self) -> bool {
        matches!(self.kind, Kind::Nth { base: Base::It, .. })
    }

    /// The dates for which it is known what happened, for a table that was announced; `None` for all others.
    pub(crate) fn verified(&self) -> Option<(Session, Session)> {
        match self.kind {
            Kind::Table(feast) => Some(feast.verified()),
            _ => None,
        }
    }

    /// Where the dates of a table can be read up; `None` for all others.
    pub(crate) fn source(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Table(feast) => Some(feast.source()),
            _ => None,
        }
    }

    /// Its dates in `year`, ascending; `sessions` are those known, none while closures are being worked out.
    pub(crate) fn dates(&self, year: i32, sessions: &[Session], out: &mut Vec<Session>) {
        let from = out.len();
        match &self.kind {
            Kind::MonthDay(date) => out.extend(date.of(year)),
            Kind::Nth { n, weekday, base: Base::MonthDay(base) } => {
                out.extend(base.of(year).map(|base| nth_weekday(base, *n, *weekday)));
            }
            Kind::Nth { base: Base::It, .. } => {}
            Kind::Session { n, base } => {
                out.extend(base.of(year).and_then(|base| nth_session(base, *n, sessions)));
            }
            Kind::Easter => out.extend(easter::western(year)),
            Kind::OrthodoxEaster => out.extend(easter::orthodox(year)),
            Kind::Lunar(lunar, date) => out.extend(lunar.date(year, date.month(), date.day())),
            Kind::Hebrew(month, day) => out.extend(hebrew(year, *month, *day)),
            Kind::Islamic(date) => out.extend(islamic(year, date.month(), date.day())),
            Kind::Table(feast) => feast.dates(year, out),
            Kind::Sun { hours_east, degrees } => {
                out.extend(sun::reaches(*degrees, year, f64::from(*hours_east)));
            }
            Kind::Every(weekday) => {
                let (first, next) =
                    (Session::from_ymd(year, 1, 1), Session::from_ymd(year + 1, 1, 1));
                if let (Some(first), Some(next)) = (first, next) {
                    let first = nth_weekday(first, 1, *weekday);
                    out.extend((first.days()..next.days()).step_by(7).map(Session::from_days));
                }
            }
        }
        for date in &mut out[from..] {
            *date = date.plus_days(self.plus);
        }
    }

    /// The date this step leads to from `it`; `it` plus days for an anchor that is no step.
    pub(crate) fn step(&self, it: Session) -> Session {
        let date = match self.kind {
            Kind::Nth { n, weekday, base: Base::It } => nth_weekday(it, n, weekday),
            _ => it,
        };
        date.plus_days(self.plus)
    }
}

pub(crate) fn weekday(date: Session) -> Weekday {
    (date.days() + 3).rem_euclid(7) as usize // 1970-01-01 was a Thursday
}

pub(crate) fn parse_weekday(text: &str) -> Result<Weekday, String> {
    WEEKDAYS.iter().position(|name| *name == text).ok_or_else(|| {
        let near = did_you_mean(text, WEEKDAYS);
        format!("`{text}` is no day of the week; expected one of {}{near}", WEEKDAYS.join(", "))
    })
}

/// `Mon-Fri`, `Sun-Thu`, `Mon Wed Fri`: which of the seven days.
pub(crate) fn parse_weekdays(text: &str) -> Result<[bool; 7], String> {
    let mut days = [false; 7];
    for word in text.split_whitespace() {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let (mut day, last) = (parse_weekday(first)?, parse_weekday(last)?);
        days[day] = true;
        while day != last {
            day = (day + 1) % 7;
            days[day] = true;
        }
    }
    Ok(days)
}

/// Whole hours of a clock ahead of Greenwich: `UTC`, `UTC+9` or `UTC-4`.
fn parse_hours_east(text: &str) -> Result<i32, String> {
    let hours = match text.strip_prefix("UTC") {
        Some("") => Some(0),
        Some(hours) if hours.starts_with(['+', '-']) => hours.parse().ok(),
        _ => None,
    };
    hours.filter(|hours| (-12..=14).contains(hours)).ok_or_else(|| {
        format!("`{text}` is no clock; expected a form like `UTC`, `UTC+9` or `UTC-4`")
    })
}

/// A longitude of the sun.
fn parse_degrees(text: &str) -> Result<u32, String> {
    let degrees = text.parse().ok().filter(|degrees| (0..360).contains(degrees));
    degrees.ok_or_else(|| format!("`{text}` is no longitude; expected 0 to 359"))
}

/// A day of a month, of any calendar.
fn parse_day(text: &str) -> Result<u32, String> {
    let day = text.parse().ok().filter(|day| (1..=31).contains(day));
    day.ok_or_else(|| format!("`{text}` is no day of a month; expected a number like `15`"))
}

/// What is said of text that is no anchor.
fn no_anchor(text: &str, words: &[&str]) -> String {
    let known = [
        "easter",
        "orthodox-easter",
        "qingming",
        "sun",
        "chinese",
        "korean",
        "hebrew",
        "islamic",
        "table",
        "every",
    ];
    let near = words.first().map_or(String::new(), |word| did_you_mean(word, known));
    format!(
        "`{text}` is no anchor; expected one like `12-25`, `3 Mon from 01-01`, `last Mon to 05-31`, \
         `easter-2`, `chinese 08-15`, `qingming`, `every Fri` or `last session to 12-31`{near}"
    )
}

/// The body before a trailing `+n` or `-n`, and that number of days. A `-` within `05-31` is none.
fn split_days(text: &str) -> (&str, i32) {
    let text = text.trim();
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (head, number) = text.split_at(text.len() - digits);
    let is_date = head.len() >= 3
        && head.as_bytes()[head.len() - 3..head.len() - 1].iter().all(u8::is_ascii_digit);
    let sign = match head.as_bytes().last() {
        Some(b'+') => 1,
        Some(b'-') if !is_date => -1,
        _ => return (text, 0),
    };
    match number.parse::<i32>() {
        Ok(days) => (head[..head.len() - 1].trim_end(), sign * days.min(366)),
        Err(_) => (text, 0),
    }
}

/// `3 … from` is 3, `last … to` and `1 … to` are −1.
fn parse_count(n: &str, direction: &str) -> Result<i32, String> {
    let count = match n {
        "first" | "last" => 1,
        _ => n.parse().ok().filter(|n| (1..=53).contains(n)).ok_or_else(|| {
            format!("`{n}` is no count; expected a number from 1, `first … from` or `last … to`")
        })?,
    };
    match (direction, n) {
        ("from", "last") | ("to", "first") => {}
        ("from", _) => return Ok(count),
        ("to", _) => return Ok(-count),
        _ => {}
    }
    Err(format!("`{n} … {direction}` is no direction; expected `first … from` or `last … to`"))
}

/// The n-th such weekday on or after `base`; on or before it when `n` is negative.
fn nth_weekday(base: Session, n: i32, wanted: Weekday) -> Session {
    let ahead = (wanted as i32 - weekday(base) as i32).rem_euclid(7);
    if n > 0 {
        base.plus_days(ahead + 7 * (n - 1))
    } else {
        base.plus_days((ahead - 7) % 7 + 7 * (n + 1))
    }
}

/// The n-th session on or after `base`; on or before it when `n` is negative.
fn nth_session(base: Session, n: i32, sessions: &[Session]) -> Option<Session> {
    let index = if n > 0 {
        sessions.partition_point(|&s| s < base).checked_add(n as usize - 1)
    } else {
        sessions.partition_point(|&s| s <= base).checked_sub(n.unsigned_abs() as usize)
    };
    sessions.get(index?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(anchor: &str, year: i32) -> Vec<String> {
        let mut out = Vec::new();
        Anchor::parse(anchor).unwrap().dates(year, &[], &mut out);
        out.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn anchors_yield_the_dates_they_say() {
        assert_eq!(dates("12-25", 2026), ["2026-12-25"]);
        assert_eq!(dates("12-25+1", 2026), ["2026-12-26"]);
        assert_eq!(dates("12-25 -1", 2026), ["2026-12-24"]);
        assert_eq!(dates("02-29", 2023), [""; 0]);
        assert_eq!(dates("4 Thu from 11-01 +1", 2019), ["2019-11-29"]);
        assert_eq!(dates("last Mon to 05-31", 2021), ["2021-05-31"]);
        assert_eq!(dates("last Mon to 05-31", 2020), ["2020-05-25"]);
        assert_eq!(dates("2 Mon to 05-31", 2021), ["2021-05-24"]);
        assert_eq!(dates("1 Mon from 06-13", 1994), ["1994-06-13"]);
        assert_eq!(dates("easter-2", 2026), ["2026-04-03"]);
        assert_eq!(dates("orthodox-easter+1", 2026), ["2026-04-13"]);
        assert_eq!(dates("chinese 08-15 +1", 2025), ["2025-10-07"]);
        assert_eq!(dates("korean 01-01 -1", 2027), ["2027-02-06"]);
        assert_eq!(dates("hebrew Nisan 15 -1", 2026), ["2026-04-01"]);
        assert_eq!(dates("hebrew Tishri 10", 2026), ["2026-09-21"]);
        assert_eq!(dates("islamic 10-01 +1", 2000), ["2000-01-09", "2000-12-29"]);
        assert_eq!(dates("table turkey/eid-al-fitr +1", 2025), ["2025-03-31"]);
        assert_eq!(dates("qingming", 2026), ["2026-04-05"]);
        assert_eq!(dates("qingming", 2008), ["2008-04-04"]);
        assert_eq!(dates("sun UTC+9 180 -1", 2026), ["2026-09-22"]);
        assert_eq!(dates("sun UTC-4 90", 2024), ["2024-06-20"]);
        assert_eq!(dates("every Sun", 2023).len(), 53);
    }

    #[test]
    fn steps_and_sessions_follow_what_is_known() {
        let last_friday = Anchor::parse("last Fri to it").unwrap();
        assert!(last_friday.is_step());
        assert_eq!(last_friday.step("2021-05-31".parse().unwrap()).to_string(), "2021-05-28");

        let sessions: Vec<Session> =
            ["2020-12-29", "2020-12-30", "2021-01-04"].map(|d| d.parse().unwrap()).into();
        let mut out = Vec::new();
        Anchor::parse("last session to 12-31").unwrap().dates(2020, &sessions, &mut out);
        Anchor::parse("2 session to 12-31").unwrap().dates(2020, &sessions, &mut out);
        Anchor::parse("first session from 01-01").unwrap().dates(2021, &sessions, &mut out);
        Anchor::parse("first session from 01-01").unwrap().dates(2022, &sessions, &mut out);
        assert_eq!(format!("{out:?}"), "[2020-12-30, 2020-12-29, 2021-01-04]");
    }

    #[test]
    fn nonsense_is_refused_with_a_hint() {
        for (text, hint) in [
            ("", "expected one like"),
            ("christmas", "is no anchor"),
            ("ester-2", "did you mean `easter`?"),
            ("chines 08-15", "did you mean `chinese`?"),
            ("3 Mno from 05-31", "did you mean `Mon`?"),
            ("13-01", "month and day"),
            ("02-30", "no day `02-30`"),
            ("3 Mon after 01-01", "no direction"),
            ("last Mon from 05-31", "no direction"),
            ("0 Mon from 05-31", "no count"),
            ("3 Moon from 05-31", "day of the week"),
            ("easter-x", "did you mean `easter`?"),
            ("hebrew Nissan 15", "no Hebrew month"),
            ("hebrew Nisan 32", "no day of a month"),
            ("sun UTC+15 0", "no clock"),
            ("sun Tokyo 0", "no clock"),
            ("sun UTC+9 360", "no longitude"),
            ("table turkey/eid", "turkey/eid-al-fitr"),
            ("１2-25", "is no anchor"),
        ] {
            let error = Anchor::parse(text).unwrap_err().text;
            assert!(error.contains(hint), "{text}: {error}");
        }
    }

    #[test]
    fn weeks_are_read_as_runs_and_lists() {
        assert_eq!(parse_weekdays("Mon-Fri"), Ok([true, true, true, true, true, false, false]));
        assert_eq!(parse_weekdays("Sun-Thu"), Ok([true, true, true, true, false, false, true]));
        assert_eq!(parse_weekdays("Mon Wed"), Ok([true, false, true, false, false, false, false]));
        assert!(parse_weekdays("Mon-Fry").is_err());
    }
}
