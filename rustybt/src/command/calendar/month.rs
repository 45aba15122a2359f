//! `rustybt calendar month`: a month as a wall calendar has it.

use std::fmt::Write;

use clap::Args;
use rustybt_calendars::{Calendar, ReasonKind, Session, calendar_covering};

use crate::environment;
use crate::error::Error;
use crate::output::say;

/// See [`super::CalendarCommand::Month`].
#[derive(Debug, Args)]
pub(crate) struct CalendarMonth {
    /// Name, alias or market code
    #[arg(value_name = "NAME")]
    name: String,
    /// The month; this one where none is given
    #[arg(value_name = "YYYY-MM", value_parser = first_of)]
    month: Option<Session>,
}

/// Weeks from Monday to Sunday, then what the marks mean, date by date.
pub(super) fn run(args: &CalendarMonth) -> Result<(), Error> {
    let day = args.month.unwrap_or_else(|| environment::now().date());
    let (first, last) = ends(day);
    let calendar = calendar_covering(&args.name, first, last)?;
    say(page(&calendar, first, last).trim_end())
}

fn first_of(text: &str) -> Result<Session, String> {
    format!("{text}-01").parse().map_err(|_| "expected a month like 2026-11".to_owned())
}

/// The first and the last day of the month that `day` lies in.
fn ends(day: Session) -> (Session, Session) {
    let month = |date: Session| date.to_string()[..7].to_owned();
    let mut first = day;
    while month(first.plus_days(-1)) == month(day) {
        first = first.plus_days(-1);
    }
    let mut last = day;
    while month(last.plus_days(1)) == month(day) {
        last = last.plus_days(1);
    }
    (first, last)
}

fn page(calendar: &Calendar, first: Session, last: Session) -> String {
    let mut page = format!(
        "{}  {}  {}\n\n  Mon  Tue  Wed  Thu  Fri  Sat  Sun\n",
        calendar.name(),
        first.date().format("%B %Y"),
        calendar.zone().name()
    );
    let mut notes = String::new();
    let weekday = |date: Session| (date.days() + 3).rem_euclid(7);
    page.push_str(&"     ".repeat(weekday(first).unsigned_abs() as usize));
    for date in (first.days()..=last.days()).map(Session::from_days) {
        let reason = calendar.reason(date);
        let mark = match reason.map(|reason| reason.kind) {
            None => ' ',
            Some(ReasonKind::Week) => '-',
            Some(ReasonKind::Closed) => 'x',
            Some(ReasonKind::Added) => '+',
            Some(_) => '*',
        };
        let day = date.date().format("%e").to_string();
        let _ = write!(page, "{day:>4}{mark}");
        if weekday(date) == 6 && date != last {
            page = page.trim_end_matches(' ').to_owned();
            page.push('\n');
        }
        if let Some(reason) = reason.filter(|reason| reason.kind != ReasonKind::Week) {
            let what = calendar.in_words(date, reason.kind);
            let _ = writeln!(notes, "{day:>4}{mark} {what:<13} {}", reason.label);
        }
    }
    let page = page.trim_end_matches(' ');
    let sessions = calendar.sessions_in_range(first, last).len();
    let mut page = format!("{page}\n\n{notes}");
    if !notes.is_empty() {
        page.push('\n');
    }
    let hours = calendar.regular_hours(last);
    let _ =
        writeln!(page, "{sessions} sessions, {hours}; - weekend, x closed, * other hours, + added");
    if !calendar.is_verified(first) || !calendar.is_verified(last) {
        page.push_str("a projection of its rules: nobody has checked this month\n");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_marked_and_explained() {
        let (first, last) = ends("2019-11-13".parse().unwrap());
        let calendar = calendar_covering("XNYS", first, last).unwrap();
        assert_eq!(
            page(&calendar, first, last),
            "XNYS  November 2019  America/New_York\n\
             \n  Mon  Tue  Wed  Thu  Fri  Sat  Sun\n\
             \x20                      1    2-   3-\n\
             \x20  4    5    6    7    8    9-  10-\n\
             \x20 11   12   13   14   15   16-  17-\n\
             \x20 18   19   20   21   22   23-  24-\n\
             \x20 25   26   27   28x  29*  30-\n\
             \n  28x closed        Thanksgiving Day\n\
             \x20 29* closes 13:00  Day after Thanksgiving\n\
             \n20 sessions, 09:30 to 16:00; - weekend, x closed, * other hours, + added\n"
        );
        assert!(first_of("2026-13").is_err() && first_of("2026-02").is_ok());
    }
}
