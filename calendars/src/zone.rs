//! From local clock time to UTC, for many times in order.
//!
//! A zone's offset changes about twice a year. Asking the zone data base for every open and close
//! would dominate the building of a calendar, so the spans of equal offset are found once.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

/// The offsets of one zone over a range of time.
pub(crate) struct Offsets {
    /// Where each span begins, in UTC minutes, and its offset in minutes; the first begins at `i64::MIN`.
    spans: Vec<(i64, i64)>,
    /// The span of the last time asked for.
    near: usize,
}

/// A local time that names no instant, or two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unclear {
    /// The clock was put forward over it.
    Skipped,
    /// The clock was put back over it.
    Repeated,
}

/// No zone changes its offset twice within this many minutes and changes it back.
const STRIDE: i64 = 28 * 1440;

impl Offsets {
    /// The spans of `zone` from `first` to `last`, in UTC minutes, and two days beyond.
    pub(crate) fn new(zone: Tz, first: i64, last: i64) -> Self {
        let offset = |minute: i64| {
            let at = DateTime::from_timestamp_nanos(minute.saturating_mul(60_000_000_000));
            let seconds = zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
            i64::from(seconds.div_euclid(60))
        };
        let (mut from, end) = (first - 2880, last + 2880);
        let mut current = offset(from);
        let mut spans = vec![(i64::MIN, current)];
        // Of the last two changes; most zones change forth and back at the same two.
        let mut times_of_day = [60, 60];
        while from < end {
            let to = from + STRIDE;
            let next = offset(to);
            if next == current {
                from = to;
                continue;
            }
            let (mut old, mut new) = (from, to);
            // Down to a day; then, most often, it is at the time of day of the change before the last.
            while new - old > 1440 {
                let middle = i64::midpoint(old, new);
                if offset(middle) == current {
                    old = middle;
                } else {
                    new = middle;
                }
            }
            let guess = old + (times_of_day[0] - old).rem_euclid(1440);
            if old < guess && guess < new {
                if offset(guess) == current {
                    old = guess;
                } else {
                    new = guess;
                    if offset(guess - 1) == current {
                        old = guess - 1;
                    }
                }
            }
            while new - old > 1 {
                let middle = i64::midpoint(old, new);
                if offset(middle) == current {
                    old = middle;
                } else {
                    new = middle;
                }
            }
            times_of_day = [times_of_day[1], new.rem_euclid(1440)];
            // Continue right behind the change, so that a second one in this stride is seen.
            current = offset(new);
            spans.push((new, current));
            from = new;
        }
        Self { spans, near: 0 }
    }

    /// The offset around the local minute `local`, and the local minute from which it may no longer hold;
    /// `None` within a day of a change. Quickest for times in order.
    pub(crate) fn steady(&mut self, local: i64) -> Option<(i64, i64)> {
        let last = self.spans.len() - 1;
        while self.near < last && self.spans[self.near + 1].0.saturating_add(1440) <= local {
            self.near += 1;
        }
        let (start, offset) = self.spans[self.near];
        let end = self.spans.get(self.near + 1).map_or(i64::MAX, |span| span.0);
        let (from, until) = (start.saturating_add(1440), end.saturating_sub(1440));
        (from <= local && local < until).then_some((offset, until))
    }

    /// The UTC minute at which the local clock shows `local`; quickest for times in order.
    pub(crate) fn utc(&mut self, local: i64) -> Result<i64, Unclear> {
        let (start, offset) = self.spans[self.near];
        let end = self.spans.get(self.near + 1).map_or(i64::MAX, |span| span.0);
        // Offsets are less than a day: well inside a span nothing can be skipped or repeated.
        if start.saturating_add(1440) <= local && local < end.saturating_sub(1440) {
            return Ok(local - offset);
        }
        self.near = self.spans.partition_point(|&(start, _)| start <= local) - 1;
        let mut found = None;
        for i in self.near.saturating_sub(1)..(self.near + 2).min(self.spans.len()) {
            let (start, offset) = self.spans[i];
            let end = self.spans.get(i + 1).map_or(i64::MAX, |span| span.0);
            let utc = local - offset;
            if (start..end).contains(&utc) {
                if found.is_some() {
                    return Err(Unclear::Repeated);
                }
                found = Some(utc);
            }
        }
        found.ok_or(Unclear::Skipped)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, NaiveDate, Utc};

    use super::*;

    #[test]
    fn every_half_hour_of_many_zones_agrees_with_the_zone_data_base() {
        let first = NaiveDate::from_ymd_opt(2015, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
        for zone in [
            "America/New_York",
            "Europe/London",
            "Australia/Lord_Howe",
            "Africa/Casablanca",
            "Asia/Kathmandu",
        ] {
            let zone: Tz = zone.parse().unwrap();
            let start = first.and_utc().timestamp() / 60;
            let mut offsets = Offsets::new(zone, start, start + 6 * 525_600);
            for half_hour in 0..6 * 17_520 {
                let local = first + Duration::minutes(30 * half_hour);
                let expected = match zone.from_local_datetime(&local) {
                    chrono::LocalResult::Single(at) => Ok(at.with_timezone(&Utc).timestamp() / 60),
                    chrono::LocalResult::Ambiguous(..) => Err(Unclear::Repeated),
                    chrono::LocalResult::None => Err(Unclear::Skipped),
                };
                assert_eq!(offsets.utc(start + 30 * half_hour), expected, "{zone} {local}");
                if let Some((offset, until)) = offsets.steady(start + 30 * half_hour) {
                    assert_eq!(expected, Ok(start + 30 * half_hour - offset), "{zone} {local}");
                    assert!(until > start + 30 * half_hour);
                }
            }
        }
    }
}
