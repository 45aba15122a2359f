//! Closures and unusual hours as an iCalendar file (RFC 5545).

use std::fmt::Write;

use crate::calendar::Calendar;
use crate::reason::ReasonKind;
use crate::session::Session;
use crate::timestamp::Timestamp;

impl Calendar {
    /// The closures and the unusual sessions from `start` to `end`, both included, as an iCalendar file, one
    /// all-day event each. Weekends are left out.
    ///
    /// `stamp` is when the file was made, which the format wants of every event. Days outside the verified
    /// range are marked tentative. Lines end in CRLF and are folded at 75 bytes, as RFC 5545 has it.
    ///
    /// ```
    /// # use rustybt_calendars::calendar;
    /// let week = ("2019-11-25".parse()?, "2019-12-01".parse()?);
    /// let text = calendar("XNYS")?.to_icalendar(week.0, week.1, "2019-01-01T00:00Z".parse()?);
    /// assert!(text.contains("SUMMARY:XNYS closed: Thanksgiving Day\r\n"));
    /// assert!(text.contains("SUMMARY:XNYS closes 13:00: Day after Thanksgiving\r\n"));
    /// assert_eq!(text.matches("BEGIN:VEVENT").count(), 2);
    /// # Ok::<(), rustybt_calendars::Error>(())
    /// ```
    pub fn to_icalendar(&self, start: Session, end: Session, stamp: Timestamp) -> String {
        let mut text = String::new();
        line(&mut text, "BEGIN:VCALENDAR");
        line(&mut text, "VERSION:2.0");
        line(&mut text, "PRODID:-//rustybt//calendars//EN");
        line(&mut text, "CALSCALE:GREGORIAN");
        line(&mut text, &format!("X-WR-CALNAME:{}", escaped(self.name())));
        let (first, last) = self.built();
        let (start, end) = (start.max(first), end.min(last));
        for date in (start.days()..=end.days()).map(Session::from_days) {
            let Some(reason) = self.reason(date).filter(|it| it.kind != ReasonKind::Week) else {
                continue;
            };
            let what = self.in_words(date, reason.kind);
            line(&mut text, "BEGIN:VEVENT");
            let name = self.name().to_lowercase().replace(['/', '_'], "-");
            line(&mut text, &format!("UID:{}-{}@{name}.rustybt", compact(date), reason.kind));
            let at = stamp.to_string();
            let stamp: String = at.chars().filter(|c| !matches!(c, '-' | ':')).collect();
            let stamp = stamp.trim_end_matches('Z').split('.').next().unwrap_or_default();
            // Seconds are left out of a whole minute's text.
            let seconds = if stamp.len() < 15 { "00" } else { "" };
            line(&mut text, &format!("DTSTAMP:{stamp}{seconds}Z"));
            line(&mut text, &format!("DTSTART;VALUE=DATE:{}", compact(date)));
            line(&mut text, &format!("DTEND;VALUE=DATE:{}", compact(date.plus_days(1))));
            let summary = format!("{} {what}: {}", self.name(), reason.label);
            line(&mut text, &format!("SUMMARY:{}", escaped(&summary)));
            if let Some(source) = reason.source {
                line(&mut text, &format!("DESCRIPTION:{}", escaped(source)));
            }
            line(&mut text, &format!("CATEGORIES:{}", reason.kind));
            let status = if self.is_verified(date) { "CONFIRMED" } else { "TENTATIVE" };
            line(&mut text, &format!("STATUS:{status}"));
            line(&mut text, "TRANSP:TRANSPARENT");
            line(&mut text, "END:VEVENT");
        }
        line(&mut text, "END:VCALENDAR");
        text
    }

    /// What a kind of reason did to the date: `closed`, `closes 13:00`, `opens 10:30` …, in local time.
    pub fn in_words(&self, date: Session, kind: ReasonKind) -> String {
        let clock = |at: Option<Timestamp>| {
            at.map_or_else(String::new, |at| {
                at.datetime().with_timezone(&self.zone()).format("%H:%M").to_string()
            })
        };
        let (open, close) = (clock(self.open(date).ok()), clock(self.close(date).ok()));
        match kind {
            ReasonKind::Week | ReasonKind::Closed => "closed".to_owned(),
            ReasonKind::Added => "open".to_owned(),
            ReasonKind::LateOpen => format!("opens {open}"),
            ReasonKind::EarlyClose => format!("closes {close}"),
            ReasonKind::Hours => format!("open {open} to {close}"),
        }
    }
}

fn compact(date: Session) -> String {
    date.to_string().replace('-', "")
}

/// Text as RFC 5545 §3.3.11 wants it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Adds a line, folded so that none is longer than 75 bytes (RFC 5545 §3.1).
fn line(text: &mut String, line: &str) {
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > 75 {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(c);
        length += c.len_utf8();
    }
    let _ = write!(text, "\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_letters() {
        let mut text = String::new();
        line(&mut text, &"é".repeat(50));
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.len() <= 75));
        assert_eq!(text.replace("\r\n ", "").trim_end(), "é".repeat(50));
    }

    #[test]
    fn separators_are_escaped() {
        assert_eq!(escaped("a, b; c\\d\ne"), "a\\, b\\; c\\\\d\\ne");
    }
}
