//! The equity curve and its drawdowns as one picture.
//!
//! The text of the picture is SVG, written here: two panels over one axis of dates, with round
//! numbers on the other axes. Nothing is measured, so every label has room by construction.

mod scale;

use std::fmt::Write as _;

use rustybt_calendars::Session;

use self::scale::{Scale, date_marks, money, percent, ratio, round_marks, short_percent};
use crate::Performance;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 560.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = WIDTH - 28.0;
/// Top and bottom of the equity panel.
const EQUITY: (f64, f64) = (108.0, 388.0);
/// Top and bottom of the drawdown panel.
const DRAWDOWN: (f64, f64) = (416.0, 516.0);

const INK: &str = "#1f2933";
const FAINT: &str = "#6b7785";
const GRID: &str = "#e4e8ed";
const BLUE: &str = "#1d5fa6";
const RED: &str = "#b83227";

/// Draws a result.
pub(crate) fn svg(performance: &Performance, title: &str) -> String {
    let mut picture = Picture::new(title, &summary(performance));
    let sessions: Vec<Session> = performance.sessions().iter().map(|row| row.session).collect();
    let (Some(&first), Some(&last)) = (sessions.first(), sessions.last()) else {
        picture.text(LEFT, EQUITY.0 + 24.0, "start", FAINT, "The run has no sessions.");
        return picture.finish();
    };
    let x = Scale::new((f64::from(first.days()), f64::from(last.days())), (LEFT, RIGHT));
    let (values, capital) = (performance.values(), performance.capital());
    let (low, high) = bounds(values.iter().copied().chain([capital]));
    let marks = round_marks(low, high, 6);
    let y = Scale::new((marks.low.min(low), marks.high.max(high)), (EQUITY.1, EQUITY.0));
    picture.dates(&x, first, last);
    picture.levels(&y, &marks.at, EQUITY, money);
    picture.line_at(y.at(capital));
    picture.curve(&points(&sessions, &values, x, y), BLUE, 1.6);

    let falls = performance.drawdowns();
    let (deepest, _) = bounds(falls.iter().copied().chain([0.0]));
    let marks = round_marks(deepest.min(-0.01), 0.0, 3);
    let y = Scale::new((marks.low.min(deepest), 0.0), (DRAWDOWN.1, DRAWDOWN.0));
    picture.levels(&y, &marks.at, DRAWDOWN, short_percent);
    picture.area(&points(&sessions, &falls, x, y), y.at(0.0), RED);
    picture.legend();
    picture.finish()
}

/// The line under the title.
fn summary(performance: &Performance) -> String {
    format!(
        "total {} · a year {} · volatility {} · Sharpe {} · deepest fall {}",
        percent(performance.total_return()),
        percent(performance.annual_return()),
        percent(performance.annual_volatility()),
        ratio(performance.sharpe()),
        percent(performance.max_drawdown()),
    )
}

fn points(sessions: &[Session], values: &[f64], x: Scale, y: Scale) -> Vec<(f64, f64)> {
    sessions
        .iter()
        .zip(values)
        .filter(|(_, value)| value.is_finite())
        .map(|(session, &value)| (x.at(f64::from(session.days())), y.at(value)))
        .collect()
}

/// The least and the greatest of some values.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

/// SVG being written. Writing to a string cannot fail.
struct Picture {
    text: String,
}

impl Picture {
    fn new(title: &str, summary: &str) -> Self {
        let mut picture = Self { text: String::new() };
        let _ = writeln!(
            picture.text,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" font-family="Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif" font-size="12" role="img"><title>{}</title>"#,
            escaped(title),
        );
        let _ = writeln!(picture.text, r##"<rect width="100%" height="100%" fill="#ffffff"/>"##);
        let _ = writeln!(
            picture.text,
            r#"<text x="{LEFT}" y="36" font-size="20" font-weight="600" fill="{INK}">{}</text>"#,
            escaped(title),
        );
        picture.text(LEFT, 60.0, "start", FAINT, summary);
        picture
    }

    fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, colour: &str, words: &str) {
        let words = escaped(words);
        let _ = writeln!(
            self.text,
            r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" fill="{colour}">{words}</text>"#,
        );
    }

    fn rule(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, more: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        let _ = writeln!(
            self.text,
            r#"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke="{colour}"{more}/>"#,
        );
    }

    /// Upright rules through both panels, with their dates below.
    fn dates(&mut self, x: &Scale, first: Session, last: Session) {
        for (day, label) in date_marks(first, last) {
            let at = x.at(f64::from(day.days()));
            for (top, bottom) in [EQUITY, DRAWDOWN] {
                self.rule((at, top), (at, bottom), GRID, "");
            }
            self.text(at, DRAWDOWN.1 + 20.0, "middle", FAINT, &label);
        }
    }

    /// Level rules through one panel, with their values on the left.
    fn levels(&mut self, y: &Scale, marks: &[f64], panel: (f64, f64), label: fn(f64) -> String) {
        for &mark in marks {
            let at = y.at(mark);
            self.rule((LEFT, at), (RIGHT, at), GRID, "");
            self.text(LEFT - 10.0, at + 4.0, "end", FAINT, &label(mark));
        }
        self.rule((LEFT, panel.1), (RIGHT, panel.1), FAINT, "");
    }

    /// The level of the capital.
    fn line_at(&mut self, y: f64) {
        self.rule((LEFT, y), (RIGHT, y), FAINT, r#" stroke-dasharray="5 4""#);
    }

    fn curve(&mut self, points: &[(f64, f64)], colour: &str, width: f64) {
        let path = path(points);
        let _ = writeln!(
            self.text,
            r#"<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>"#,
        );
    }

    fn area(&mut self, points: &[(f64, f64)], base: f64, colour: &str) {
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
        let path = path(points);
        let _ = writeln!(
            self.text,
            r#"<path d="{path} L{:.1} {base:.1} L{:.1} {base:.1} Z" fill="{colour}" fill-opacity="0.22"/>"#,
            last.0, first.0,
        );
        self.curve(points, colour, 1.1);
    }

    fn legend(&mut self) {
        let dashed = r#" stroke-dasharray="5 4""#;
        let wide = r#" stroke-width="2.4""#;
        let entries = [
            ("Portfolio value", BLUE, wide, 0.0),
            ("Capital at the start", FAINT, dashed, 150.0),
            ("Drawdown", RED, wide, 330.0),
        ];
        for (words, colour, more, from_left) in entries {
            let x = LEFT + from_left;
            self.rule((x, 83.0), (x + 22.0, 83.0), colour, more);
            self.text(x + 30.0, 87.0, "start", INK, words);
        }
    }
}

fn path(points: &[(f64, f64)]) -> String {
    let mut path = String::with_capacity(points.len() * 12);
    for (place, (x, y)) in points.iter().enumerate() {
        let _ = write!(path, "{}{x:.1} {y:.1}", if place == 0 { "M" } else { " L" });
    }
    path
}

fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::SessionResult;

    fn performance(values: &[f64]) -> Performance {
        let first: Session = "2019-01-02".parse().unwrap();
        let row = |(day, &value): (usize, &f64)| SessionResult {
            session: first.plus_days(day as i32),
            portfolio_value: value,
            cash: value,
            positions_value: 0.0,
            returns: if day == 0 { 0.0 } else { value / values[day - 1] - 1.0 },
            pnl: 0.0,
            capital_used: 0.0,
            income: 0.0,
            commission: 0.0,
            long_exposure: 0.0,
            short_exposure: 0.0,
            leverage: 0.0,
            orders: 0,
            transactions: 0,
            positions: Vec::new(),
        };
        Performance {
            capital: 100.0,
            sessions_per_year: 252.0,
            sessions: values.iter().enumerate().map(row).collect(),
            orders: Vec::new(),
            transactions: Vec::new(),
            recorded: BTreeMap::new(),
        }
    }

    #[test]
    fn every_session_is_a_point() {
        let picture = svg(&performance(&[100.0, 110.0, 99.0, 120.0]), "A & B <test>");
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
        assert!(picture.contains("A &amp; B &lt;test&gt;"));
        // The curve, the area and the area's edge: three moves, and three lines each to go on.
        assert_eq!(picture.matches("d=\"M").count(), 3);
        assert!(picture.contains("deepest fall -10.0 %"));
        assert!(!picture.contains("NaN") && !picture.contains("inf"));
    }

    #[test]
    fn little_to_draw_is_drawn_all_the_same() {
        assert!(svg(&performance(&[]), "").contains("no sessions"));
        let flat = svg(&performance(&[100.0]), "flat");
        assert!(!flat.contains("\"NaN") && !flat.contains("inf"), "{flat}");
    }
}
