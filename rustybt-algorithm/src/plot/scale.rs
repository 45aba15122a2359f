//! From values to places, and the round values worth a mark.

use chrono::{Datelike as _, NaiveDate};
use rustybt_calendars::Session;

/// Maps a range of values onto a range of places, straight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    value: (f64, f64),
    place: (f64, f64),
}

impl Scale {
    pub(super) fn new(value: (f64, f64), place: (f64, f64)) -> Self {
        Self { value, place }
    }

    /// The place of a value; the middle where the range is a single value.
    pub(super) fn at(&self, value: f64) -> f64 {
        let span = self.value.1 - self.value.0;
        let part = if span > 0.0 { (value - self.value.0) / span } else { 0.5 };
        self.place.0 + part * (self.place.1 - self.place.0)
    }
}

/// Round values from the last one not above `low` to the first one not below `high`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Marks {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) at: Vec<f64>,
}

/// At most about `most` marks, 1, 2 or 5 times a power of ten apart.
pub(super) fn round_marks(low: f64, high: f64, most: u8) -> Marks {
    let span = if high > low { high - low } else { (high.abs() * 0.1).max(1.0) };
    let raw = span / f64::from(most);
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|step| *step >= raw);
    let step = step.unwrap_or(10.0 * power);
    let (from, to) = ((low / step).floor(), (high / step).ceil());
    let count = (to - from).clamp(0.0, 100.0) as u32;
    let at: Vec<f64> = (0..=count).map(|n| (from + f64::from(n)) * step).collect();
    Marks { low: from * step, high: to * step, at }
}

/// The starts of years, quarters, months, or single days, whichever makes two to ten marks.
pub(super) fn date_marks(first: Session, last: Session) -> Vec<(Session, String)> {
    let days = last.days() - first.days();
    let months = days / 30;
    if months < 2 {
        let step = (days / 6).max(1);
        let marks = (0..=days / step).map(|n| first.plus_days(n * step));
        return marks.map(|day| (day, day.date().format("%-d %b %Y").to_string())).collect();
    }
    // Months between marks: round parts of a year, then whole years.
    let step = [1, 2, 3, 6, 12, 24, 60, 120, 240].into_iter().find(|step| months / step <= 9);
    let step = step.unwrap_or(600);
    let month_of = |day: Session| day.date().year() * 12 + day.date().month0() as i32;
    let from =
        (month_of(first) + step - i32::from(first.date().day() == 1)).div_euclid(step) * step;
    (from..=month_of(last))
        .step_by(step.unsigned_abs() as usize)
        .filter_map(|month| {
            let (year, month) = (month.div_euclid(12), month.rem_euclid(12).unsigned_abs() + 1);
            let day = NaiveDate::from_ymd_opt(year, month, 1)?;
            let form = if step < 12 { "%b %Y" } else { "%Y" };
            Some((Session::from_date(day), day.format(form).to_string()))
        })
        .collect()
}

/// Money in three or four digits: `950`, `12.5k`, `1.2M`.
pub(super) fn money(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        v if v >= 1e9 => (value / 1e9, "B"),
        v if v >= 1e6 => (value / 1e6, "M"),
        v if v >= 1e4 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    // Marks are round: two decimals are enough, and zeros behind the point say nothing.
    let text = format!("{scaled:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}{unit}")
}

/// A fraction in percent, to a tenth; a dash where there is none.
pub(super) fn percent(fraction: f64) -> String {
    if fraction.is_finite() { format!("{:.1} %", fraction * 100.0) } else { "–".to_owned() }
}

/// A round fraction in percent, without a tenth that is zero.
pub(super) fn short_percent(fraction: f64) -> String {
    percent(fraction).replace(".0 %", " %")
}

/// A ratio to a hundredth; a dash where there is none.
pub(super) fn ratio(value: f64) -> String {
    if value.is_finite() { format!("{value:.2}") } else { "–".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_cover_the_range() {
        let marks = round_marks(97_300.0, 342_000.0, 6);
        assert_eq!(
            marks.at,
            [50_000.0, 100_000.0, 150_000.0, 200_000.0, 250_000.0, 300_000.0, 350_000.0]
        );
        assert_eq!(round_marks(-0.23, 0.0, 3).at.len(), 4); // from -30 % to 0 %
        assert!(round_marks(5.0, 5.0, 6).at.contains(&5.0));
    }

    #[test]
    fn dates_fit_the_span() {
        let day = |text: &str| text.parse::<Session>().unwrap();
        let labels = |from, to| -> Vec<String> {
            date_marks(day(from), day(to)).into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(
            labels("2005-01-03", "2020-12-31"),
            ["2006", "2008", "2010", "2012", "2014", "2016", "2018", "2020"]
        );
        assert_eq!(
            labels("2019-01-02", "2019-06-28"),
            ["Feb 2019", "Mar 2019", "Apr 2019", "May 2019", "Jun 2019"]
        );
        assert_eq!(labels("2019-01-02", "2019-01-04"), ["2 Jan 2019", "3 Jan 2019", "4 Jan 2019"]);
        assert_eq!(labels("2019-01-02", "2019-01-02").len(), 1);
    }

    #[test]
    fn money_is_short() {
        let texts = [950.0, 12_500.0, 100_000.0, 1_200_000.0, 3e9, -40_000.0].map(money);
        assert_eq!(texts, ["950", "12.5k", "100k", "1.2M", "3B", "-40k"]);
    }
}
