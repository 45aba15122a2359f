//! When a bar opens, from its cell: sessions of daily bars, instants of minute bars.
//!
//! Bars stand in order of time, so most of a stamp is that of the row before: a month's first day,
//! or a day's offset from UTC, is worked out once and kept until the text changes.

use chrono::{LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use rustybt_calendars::{Calendar, Session, Timestamp};
use rustybt_data::{Reason, Selection, Stamps};

use crate::file::csv::number::eight;
use crate::file::csv::stamp;
use crate::file::csv::table::{DATE, bad_cell, midnight};

const DAY: i64 = 86_400_000_000_000;

/// Reads the stamps of one file.
pub(super) trait Stamper {
    /// What a stamp is.
    type Stamp: Copy;

    /// Reads the usual form in the midst of a line: the stamp, and where the text goes on.
    fn plain(&mut self, text: &[u8], at: usize) -> Option<(Self::Stamp, usize)>;

    /// Reads any form that is known from a cell of its own.
    fn read(&mut self, cell: &[u8], column: &str) -> Result<Self::Stamp, Reason>;

    /// Whether the user wants bars of that time.
    fn wants(&self, stamp: Self::Stamp) -> bool;

    /// The date that an event in the row happens on.
    fn date(stamp: Self::Stamp) -> Session;

    /// Stamps as a table has them.
    fn stamps(stamps: Vec<Self::Stamp>) -> Stamps;
}

/// Dates of daily bars.
#[derive(Debug)]
pub(super) struct Days {
    /// The text `YYYY-MM-` last seen, its first day and the number of its days.
    month: u64,
    first: Session,
    length: u8,
    from: Option<Session>,
    to: Option<Session>,
}

impl Days {
    pub(super) fn new(selection: &Selection) -> Self {
        Self {
            month: 0,
            first: Session::from_days(0),
            length: 0,
            from: selection.start,
            to: selection.end,
        }
    }

    #[cold]
    fn turn_to(&mut self, month: u64) -> Option<()> {
        let [y0, y1, y2, y3, dash, m0, m1, end] = month.to_le_bytes();
        let day = |d0, d1| Session::parse_ascii(&[y0, y1, y2, y3, dash, m0, m1, end, d0, d1]);
        self.first = day(b'0', b'1')?;
        let lengths = [(b'3', b'1', 31), (b'3', b'0', 30), (b'2', b'9', 29), (b'2', b'8', 28)];
        self.length = lengths.into_iter().find(|(d0, d1, _)| day(*d0, *d1).is_some())?.2;
        self.month = month;
        Some(())
    }
}

impl Stamper for Days {
    type Stamp = Session;

    #[inline]
    fn plain(&mut self, text: &[u8], at: usize) -> Option<(Session, usize)> {
        let month = eight(text, at)?;
        if month != self.month {
            self.turn_to(month)?;
        }
        let (tens, ones) =
            (text.get(at + 8)?.wrapping_sub(b'0'), text.get(at + 9)?.wrapping_sub(b'0'));
        if tens > 3 || ones > 9 {
            return None;
        }
        let day = 10 * tens + ones;
        (1..=self.length)
            .contains(&day)
            .then(|| (self.first.plus_days(i32::from(day) - 1), at + 10))
    }

    fn read(&mut self, cell: &[u8], column: &str) -> Result<Session, Reason> {
        midnight(cell).ok_or_else(|| bad_cell(column, &String::from_utf8_lossy(cell), DATE))
    }

    #[inline]
    fn wants(&self, stamp: Session) -> bool {
        self.from.is_none_or(|from| from <= stamp) && self.to.is_none_or(|to| stamp <= to)
    }

    fn date(stamp: Session) -> Session {
        stamp
    }

    fn stamps(stamps: Vec<Session>) -> Stamps {
        Stamps::Sessions(stamps)
    }
}

/// Instants of minute bars.
#[derive(Debug)]
pub(super) struct Instants {
    zone: Tz,
    /// From the time written to that at which the bar opens, in nanoseconds.
    shift: i64,
    /// The text `YYYY-MM-DD` last seen, and what it stands for.
    day: Option<(u64, u16)>,
    date: Session,
    /// What the zone's clock is ahead of UTC by all that day; `None` where it changes then.
    ahead: Option<i64>,
    from: Timestamp,
    before: Timestamp,
}

impl Instants {
    /// `shift` is added to the time written, in nanoseconds.
    pub(super) fn new(selection: &Selection, zone: Tz, shift: i64) -> Self {
        let calendar = &selection.calendar;
        let begin = |date| begin_of(date, calendar);
        Self {
            zone,
            shift,
            day: None,
            date: Session::from_days(0),
            ahead: None,
            from: selection.start.map_or(Timestamp::MIN, begin),
            before: selection.end.map_or(Timestamp::MAX, |end| begin(end.plus_days(1))),
        }
    }

    #[cold]
    fn turn_to(&mut self, day: (u64, u16), text: &[u8]) -> Option<()> {
        let (date, 10) = stamp::date(text)? else {
            return None;
        };
        if !is_representable(date) {
            return None;
        }
        self.day = Some(day);
        self.date = date;
        let (start, end) = (self.ahead_at(date, 0), self.ahead_at(date.plus_days(1), 0));
        self.ahead = start.ok().filter(|ahead| end == Ok(*ahead));
        Some(())
    }

    /// What the zone's clock is ahead of UTC by, when it shows that time.
    fn ahead_at(&self, date: Session, clock: i64) -> Result<i64, &'static str> {
        let shown: NaiveDateTime = date.date().into();
        match self.zone.offset_from_local_datetime(&(shown + TimeDelta::nanoseconds(clock))) {
            LocalResult::Single(offset) => {
                Ok(i64::from(offset.fix().local_minus_utc()) * 1_000_000_000)
            }
            LocalResult::Ambiguous(..) => Err(
                "time that the exchange's clock shows only once; write it with an offset from UTC",
            ),
            LocalResult::None => {
                Err("time that the exchange's clock shows; it was put forward over it")
            }
        }
    }

    fn instant(&self, date: Session, clock: i64, ahead: i64) -> Timestamp {
        Timestamp::from_nanos(i64::from(date.days()) * DAY + clock - ahead).plus_nanos(self.shift)
    }
}

impl Stamper for Instants {
    type Stamp = Timestamp;

    #[inline]
    fn plain(&mut self, text: &[u8], at: usize) -> Option<(Timestamp, usize)> {
        let day = (eight(text, at)?, u16::from_le_bytes(*text.get(at + 8..)?.first_chunk::<2>()?));
        if self.day != Some(day) {
            self.turn_to(day, text.get(at..)?)?;
        }
        if !matches!(text.get(at + 10)?, b' ' | b'T') {
            return None;
        }
        let at = at + 11;
        let rest = text.get(at..)?;
        let (clock, length) = stamp::clock(rest)?;
        let at = at + length;
        let (ahead, length) = match rest.get(length)? {
            b'Z' | b'+' | b'-' => stamp::offset(rest.get(length..)?)?,
            _ => (self.ahead?, 0),
        };
        Some((self.instant(self.date, clock, ahead), at + length))
    }

    fn read(&mut self, cell: &[u8], column: &str) -> Result<Timestamp, Reason> {
        let bad = |expected| bad_cell(column, &String::from_utf8_lossy(cell), expected);
        let Some((date, clock, ahead)) = parts(cell) else {
            return Err(bad("date and time (write them YYYY-MM-DD HH:MM)"));
        };
        if !is_representable(date) {
            let year = |year, month, day| Session::from_ymd(year, month, day).unwrap_or(date);
            return Err(Reason::DateOutOfRange {
                date,
                first: year(FIRST_YEAR, 1, 1),
                last: year(LAST_YEAR, 12, 31),
            });
        }
        let ahead = match ahead {
            Some(ahead) => ahead,
            None => self.ahead_at(date, clock).map_err(bad)?,
        };
        Ok(self.instant(date, clock, ahead))
    }

    #[inline]
    fn wants(&self, stamp: Timestamp) -> bool {
        self.from <= stamp && stamp < self.before
    }

    fn date(stamp: Timestamp) -> Session {
        stamp.date()
    }

    fn stamps(stamps: Vec<Timestamp>) -> Stamps {
        Stamps::Instants(stamps)
    }
}

/// Nanoseconds reach a little further than these whole years on both sides.
const FIRST_YEAR: i32 = 1678;
const LAST_YEAR: i32 = 2261;

fn is_representable(date: Session) -> bool {
    use chrono::Datelike;
    (FIRST_YEAR..=LAST_YEAR).contains(&date.date().year())
}

/// Date, time of day and offset of a cell that holds nothing else.
fn parts(cell: &[u8]) -> Option<(Session, i64, Option<i64>)> {
    let (date, length) = stamp::date(cell)?;
    let [b' ' | b'T', rest @ ..] = cell.get(length..)? else {
        return None;
    };
    let (clock, length) = stamp::clock(rest)?;
    let zone = rest.get(length..)?.trim_ascii_start();
    if zone.is_empty() {
        return Some((date, clock, None));
    }
    let (ahead, length) = stamp::offset(zone)?;
    (length == zone.len()).then_some((date, clock, Some(ahead)))
}

/// The instant from which on bars count as those of `date`: midnight of the exchange, or the
/// opening of that session where it opens on the evening before.
fn begin_of(date: Session, calendar: &Calendar) -> Timestamp {
    let midnight: NaiveDateTime = date.date().into();
    let zone = calendar.zone();
    let ahead = zone.offset_from_local_datetime(&midnight).earliest();
    // A clock that was put forward over midnight has the offset of the hour before.
    let ahead = ahead.unwrap_or_else(|| zone.offset_from_utc_datetime(&midnight));
    let midnight =
        date.midnight().plus_nanos(-i64::from(ahead.fix().local_minus_utc()) * 1_000_000_000);
    calendar.open(date).map_or(midnight, |open| open.min(midnight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(name: &str, start: Option<&str>, end: Option<&str>) -> Selection {
        Selection {
            symbols: None,
            start: start.map(|text| text.parse().unwrap()),
            end: end.map(|text| text.parse().unwrap()),
            frequency: None,
            calendar: rustybt_calendars::calendar(name).unwrap(),
        }
    }

    fn new_york() -> Instants {
        Instants::new(&selection("XNYS", None, None), chrono_tz::America::New_York, 0)
    }

    #[test]
    fn both_ways_of_reading_days_agree() {
        let mut days = Days::new(&selection("XNYS", None, None));
        for text in ["2000-02-28", "2000-02-29", "2014-06-09", "1999-12-31", "0000-01-01"] {
            let (plain, end) = days.plain(text.as_bytes(), 0).unwrap();
            assert_eq!((plain, end), (days.read(text.as_bytes(), "date").unwrap(), 10));
            assert_eq!(plain.to_string(), text);
        }
        for text in
            ["2001-02-29", "2014-06-31", "2014-06-00", "2014-06-3x", "2014-6-03x", "2014/06/09"]
        {
            assert_eq!(days.plain(text.as_bytes(), 0), None, "{text}");
        }
    }

    #[test]
    fn local_times_become_instants() {
        for (text, instant) in [
            ("2014-06-05 04:15:00.000", "2014-06-05T08:15Z"),
            ("2014-01-06 09:30", "2014-01-06T14:30Z"),
            ("2014-01-06T09:30Z", "2014-01-06T09:30Z"),
            ("2014-01-06 09:30:00-08:00", "2014-01-06T17:30Z"),
            // The clock is put forward at 02:00 and back at 02:00.
            ("2020-03-08 01:59", "2020-03-08T06:59Z"),
            ("2020-03-08 03:00", "2020-03-08T07:00Z"),
            ("2020-11-01 00:59", "2020-11-01T04:59Z"),
            ("2020-11-01 02:00", "2020-11-01T07:00Z"),
            ("2020-11-01 01:30-05:00", "2020-11-01T06:30Z"),
        ] {
            let mut stamps = new_york();
            let instant: Timestamp = instant.parse().unwrap();
            assert_eq!(stamps.read(text.as_bytes(), "t"), Ok(instant), "{text}");
            let line = format!("{text},1");
            if let Some(plain) = stamps.plain(line.as_bytes(), 0) {
                assert_eq!(plain, (instant, text.len()), "{text}");
            }
        }
        assert!(new_york().plain(b"2014-01-06 09:30,1", 0).is_some());
        assert_eq!(
            new_york().read(b"20140106 09:30", "t"),
            new_york().read(b"2014/01/06 09:30", "t")
        );
    }

    #[test]
    fn times_that_name_no_instant_say_so() {
        for (text, reason) in [
            (
                "2020-03-08 02:30",
                "`2020-03-08 02:30` in column `t` is no time that the exchange's clock shows; it was put forward over it",
            ),
            (
                "2020-11-01 01:30",
                "`2020-11-01 01:30` in column `t` is no time that the exchange's clock shows only once; write it with an offset from UTC",
            ),
            (
                "2020-11-01",
                "`2020-11-01` in column `t` is no date and time (write them YYYY-MM-DD HH:MM)",
            ),
            ("3014-06-09 09:30", "3014-06-09 lies outside 1678-01-01 to 2261-12-31"),
        ] {
            assert_eq!(new_york().read(text.as_bytes(), "t").unwrap_err().to_string(), reason);
            assert_eq!(new_york().plain(format!("{text},1").as_bytes(), 0), None, "{text}");
        }
    }

    #[test]
    fn a_day_is_wanted_from_its_first_bar_to_its_last() {
        let stamps = |name| {
            let selection = selection(name, Some("2020-03-09"), Some("2020-03-10"));
            let zone = selection.calendar.zone();
            Instants::new(&selection, zone, 0)
        };
        let wants = |stamps: &Instants, text: &str| stamps.wants(text.parse().unwrap());
        let shares = stamps("XNYS");
        assert!(wants(&shares, "2020-03-09T08:00Z") && wants(&shares, "2020-03-11T03:59Z"));
        assert!(!wants(&shares, "2020-03-09T03:59Z") && !wants(&shares, "2020-03-11T04:00Z"));
        // The session of Monday opens on Sunday at 17:00 in Chicago.
        let futures = stamps("CMES");
        assert!(wants(&futures, "2020-03-08T22:00Z") && !wants(&futures, "2020-03-08T21:59Z"));
        assert!(wants(&futures, "2020-03-10T21:59Z") && !wants(&futures, "2020-03-10T22:00Z"));
    }

    #[test]
    fn closes_are_moved_to_opens() {
        let mut stamps =
            Instants::new(&selection("XNYS", None, None), chrono_tz::UTC, -60_000_000_000);
        let opened: Timestamp = "2014-06-05T13:30Z".parse().unwrap();
        assert_eq!(stamps.read(b"2014-06-05 13:31", "t"), Ok(opened));
    }
}
