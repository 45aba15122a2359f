//! From values to places, and the round values worth a mark.

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

/// Round values around those given, 1, 2 or 5 times a power of ten apart, about `most` of them.
pub(super) fn marks(values: impl Iterator<Item = f64>, most: u32) -> Vec<f64> {
    let finite = values.filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (value.min(low), value.max(high))
    });
    let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
    let span = if high > low { high - low } else { (high.abs() * 0.1).max(1e-9) };
    let raw = span / f64::from(most);
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0].map(|m| m * power).into_iter().find(|step| *step >= raw);
    let step = step.unwrap_or(10.0 * power);
    let (from, to) = ((low / step).floor(), (high / step).ceil().max((low / step).floor() + 1.0));
    let count = (to - from).clamp(0.0, 100.0) as u32;
    (0..=count).map(|n| (from + f64::from(n)) * step).collect()
}

/// Positions of sessions worth a name, at most about eight: starts of years, or of months, or days.
pub(super) fn date_marks(sessions: &[Session]) -> Vec<(usize, String)> {
    let names: Vec<String> = sessions.iter().map(ToString::to_string).collect();
    let starts = |length: usize| -> Vec<(usize, String)> {
        let part = |name: &String| name.get(..length).unwrap_or_default().to_owned();
        let pairs = names.iter().zip(names.iter().skip(1)).zip(1..);
        let begun = pairs.filter(|((one, other), _)| part(one) != part(other));
        begun.map(|((_, name), place)| (place, part(name))).collect()
    };
    let (years, months) = (starts(4), starts(7));
    let all = if years.len() >= 3 {
        years
    } else if months.len() >= 2 {
        months
    } else {
        names.into_iter().enumerate().collect()
    };
    let step = all.len().div_ceil(8).max(1);
    all.into_iter().step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_hold_the_values() {
        let found = marks([0.013, -0.004].into_iter(), 5);
        assert!(found[0] <= -0.004 && *found.last().unwrap() >= 0.013 && found.len() <= 8);
        assert!(marks([f64::NAN].into_iter(), 5).len() > 1);
        assert!(marks([2.0, 2.0].into_iter(), 5).len() > 1);
    }

    #[test]
    fn dates_are_years_or_months() {
        let day = |text: &str| -> Session { text.parse().unwrap() };
        let sessions: Vec<Session> = (0..900).map(|n| day("2012-03-01").plus_days(n)).collect();
        let years: Vec<String> = date_marks(&sessions).into_iter().map(|(_, name)| name).collect();
        assert_eq!(years[0], "2012-04");
        assert!(date_marks(&sessions[..3]).len() == 3 && years.len() <= 8);
    }
}
