//! `trading_index`: sessions cut into periods.

use std::time::Duration;

use rustybt_calendars::{Calendar, Edge, Side, TradingIndex};
use serde_json::{Value, json};

use super::super::refusal::Refusal;
use super::arguments::{Arguments, Parameter};
use super::list;

/// The parameters, in order.
const NAMES: [&str; 12] = [
    "start",
    "end",
    "period",
    "intervals",
    "closed",
    "force_close",
    "force_break_close",
    "force",
    "curtail_overlaps",
    "ignore_breaks",
    "align",
    "align_pm",
];

/// Points as instants, intervals as pairs of instants, whole days as dates.
pub(super) fn ask(calendar: &Calendar, args: &Arguments<'_>) -> Result<Option<Value>, Refusal> {
    if args.method != "trading_index" {
        return Ok(None);
    }
    args.allow(&NAMES)?;
    let (start, end) = (edge(args, 0)?, edge(args, 1)?);
    let period: Period = args.parse(at(2), "a period such as 5min, 1h, 30s or 1D")?;
    if period.0 == DAY {
        let (Edge::Session(start), Edge::Session(end)) = (start, end) else {
            return Err(args.refuse(at(0), "dates, since the period is a day"));
        };
        calendar.require_date(start)?;
        calendar.require_date(end)?;
        return Ok(Some(list(calendar.sessions_in_range(start, end))));
    }
    let closed = args.side(at(4), Side::Left)?;
    let intervals = args.flag(at(3))?.unwrap_or(true);
    if intervals && matches!(closed, Side::Both | Side::Neither) {
        return Err(args.refuse(at(4), "left or right, since intervals are asked for"));
    }
    let force = args.flag(at(7))?;
    let force_or = |position| -> Result<bool, Refusal> {
        Ok(force.or(args.flag(at(position))?).unwrap_or_default())
    };
    let mut index = TradingIndex::every(period.0)?
        .closed(closed)
        .force_close(force_or(5)?)
        .force_break_close(force_or(6)?)
        .curtail_overlaps(args.flag(at(8))?.unwrap_or_default())
        .breaks(args.ignore_breaks(at(9))?);
    if args.get(at(10)).is_some() {
        index = index.align(alignment(args, 10)?)?;
    }
    index = match args.get(at(11)) {
        None | Some(Value::Bool(true)) => index,
        Some(Value::Bool(false)) => index.align_pm(1)?,
        Some(_) => index.align_pm(alignment(args, 11)?)?,
    };
    Ok(Some(if intervals {
        let intervals = index.intervals(calendar, start, end)?;
        list(intervals.iter().map(|interval| json!([interval.left, interval.right])))
    } else {
        list(index.points(calendar, start, end)?)
    }))
}

const DAY: Duration = Duration::from_hours(24);

fn at(position: usize) -> Parameter {
    Parameter(position, NAMES[position])
}

fn edge(args: &Arguments<'_>, position: usize) -> Result<Edge, Refusal> {
    let session = args.session(at(position)).map(Edge::Session);
    session
        .or_else(|_| args.instant(at(position)).map(Edge::Instant))
        .map_err(|_| args.refuse(at(position), "a date, or an instant such as 2020-03-09T13:30Z"))
}

fn alignment(args: &Arguments<'_>, position: usize) -> Result<i32, Refusal> {
    let text = args.get(at(position)).and_then(Value::as_str);
    let signed = text.map(|text| (text.starts_with('-'), text.trim_start_matches('-')));
    let minutes = signed.and_then(|(negative, text)| {
        let seconds = text.parse::<Period>().ok()?.0.as_secs();
        let minutes = i32::try_from(seconds / 60).ok().filter(|_| seconds % 60 == 0)?;
        Some(if negative { -minutes } else { minutes })
    });
    minutes.ok_or_else(|| args.refuse(at(position), "minutes such as 15min or -5min"))
}

/// A length of time: a number and `D`, `h`, `min`, `s` or `ms`.
struct Period(Duration);

impl std::str::FromStr for Period {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or(())?;
        let (number, unit) = text.split_at(digits);
        let millis = match unit {
            "D" | "d" => 86_400_000,
            "h" | "H" => 3_600_000,
            "min" | "T" | "m" => 60_000,
            "s" | "S" => 1_000,
            "ms" => 1,
            _ => return Err(()),
        };
        let number = if number.is_empty() { 1 } else { number.parse::<u64>().map_err(|_| ())? };
        number.checked_mul(millis).map(|millis| Self(Duration::from_millis(millis))).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_a_number_and_a_unit() {
        let seconds = |text: &str| text.parse::<Period>().map(|period| period.0.as_secs());
        assert_eq!(seconds("5min"), Ok(300));
        assert_eq!(seconds("5T"), Ok(300));
        assert_eq!(seconds("1D"), Ok(86_400));
        assert_eq!(seconds("h"), Ok(3_600));
        for wrong in ["", "5", "5 min", "-5min", "99999999999999999999h"] {
            assert_eq!(seconds(wrong), Err(()), "{wrong}");
        }
    }
}
