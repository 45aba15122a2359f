//! Working days between a session and an event.

use ndarray::ArrayViewMut1;
use rustybt_calendars::Session;

use super::{CustomFactor, Windows};
use crate::Parameters;

/// Working days since the last event: Monday to Friday, without regard to holidays.
///
/// From the date of the event, included, to the session, not included; negative where the event is
/// yet to come, and missing where there is none.
///
/// * **Input** a column of times: the date of the last event. **Output** days.
///
/// # Source
///
/// zipline's `BusinessDaysSincePreviousEvent`, that is NumPy's `busday_count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BusinessDaysSincePreviousEvent;

/// Working days until the next event: Monday to Friday, without regard to holidays.
///
/// From the session, included, to the date of the event, not included; negative where the event is
/// past, and missing where there is none.
///
/// * **Input** a column of times: the date of the next event. **Output** days.
///
/// # Source
///
/// zipline's `BusinessDaysUntilNextEvent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BusinessDaysUntilNextEvent;

impl CustomFactor for BusinessDaysSincePreviousEvent {
    fn name(&self) -> &'static str {
        "BusinessDaysSincePreviousEvent"
    }

    fn window_length(&self) -> usize {
        1
    }

    fn arity(&self) -> Option<usize> {
        Some(1)
    }

    fn parameters(&self) -> Option<Parameters> {
        Some(Parameters::new())
    }

    fn compute(&self, windows: &Windows<'_>, out: ArrayViewMut1<'_, f64>) {
        days(windows, out, between);
    }
}

impl CustomFactor for BusinessDaysUntilNextEvent {
    fn name(&self) -> &'static str {
        "BusinessDaysUntilNextEvent"
    }

    fn window_length(&self) -> usize {
        1
    }

    fn arity(&self) -> Option<usize> {
        Some(1)
    }

    fn parameters(&self) -> Option<Parameters> {
        Some(Parameters::new())
    }

    fn compute(&self, windows: &Windows<'_>, out: ArrayViewMut1<'_, f64>) {
        days(windows, out, |event, today| between(today, event));
    }
}

const MICROS_A_DAY: f64 = 86_400e6;

fn days(windows: &Windows<'_>, mut out: ArrayViewMut1<'_, f64>, count: impl Fn(i64, i64) -> i64) {
    let today: Session = windows.session();
    let today = i64::from(today.days());
    for (event, out) in windows.iter().flatten().zip(&mut out) {
        if !event.is_nan() {
            *out = count((event / MICROS_A_DAY).floor() as i64, today) as f64;
        }
    }
}

/// Working days from `start`, included, to `end`, not included. Backwards, those after `end` up to
/// `start`, as a negative number.
fn between(start: i64, end: i64) -> i64 {
    if start > end {
        return -(weekdays_before(start + 1) - weekdays_before(end + 1));
    }
    weekdays_before(end) - weekdays_before(start)
}

/// Working days from Monday 1969-12-29 to a day, not included.
fn weekdays_before(day: i64) -> i64 {
    let day = day + 3;
    day.div_euclid(7) * 5 + day.rem_euclid(7).min(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(start: &str, end: &str) -> i64 {
        let day = |text: &str| i64::from(text.parse::<Session>().unwrap().days());
        between(day(start), day(end))
    }

    #[test]
    fn days_as_numpy_counts_them() {
        assert_eq!(count("2014-06-06", "2014-06-09"), 1);
        assert_eq!(count("2014-06-07", "2014-06-09"), 0);
        assert_eq!(count("2014-06-02", "2014-06-16"), 10);
        assert_eq!(count("2014-06-09", "2014-06-06"), -1);
        assert_eq!(count("2014-06-09", "2014-06-07"), -1);
        assert_eq!(count("2014-06-08", "2014-06-07"), 0);
        assert_eq!(count("1965-01-04", "1965-01-11"), 5);
    }
}
