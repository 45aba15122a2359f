//! Pictures of a report: SVG that takes its colours from the page around it, so that they suit light and dark.

mod bars;
mod heat;
mod lines;
mod scale;

pub(super) use bars::{Bars, Group};
pub(super) use heat::Heat;
pub(super) use lines::{Line, Lines};

use std::fmt::Write as _;

use self::scale::Scale;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 280.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 706.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 248.0;

/// How a number on an axis is written.
pub(super) type Format = fn(f64) -> String;

/// An SVG picture being drawn.
struct Canvas {
    text: String,
}

impl Canvas {
    fn new(height: f64, label: &str) -> Self {
        let text = format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\" \
             xmlns=\"http://www.w3.org/2000/svg\">\n",
            escaped(label)
        );
        Self { text }
    }

    fn add(&mut self, element: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{element}");
    }

    /// Text at a place; `anchor` is `start`, `middle` or `end`.
    fn write(&mut self, (x, y): (f64, f64), anchor: &str, words: &str) {
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escaped(words)
        ));
    }

    /// Horizontal lines with their values; that of `base` is stronger.
    fn levels(&mut self, y: Scale, marks: &[f64], base: f64, format: Format) {
        for mark in marks {
            let at = y.at(*mark);
            let class = if (mark - base).abs() < 1e-12 { "base" } else { "grid" };
            self.add(format_args!(
                "<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>"
            ));
            self.write((LEFT - 8.0, at + 4.0), "end", &format(*mark));
        }
    }

    /// The names of colours, in a row at the top.
    fn legend<'a>(&mut self, names: impl Iterator<Item = (&'a str, String)>) {
        let mut x = LEFT;
        for (name, colour) in names {
            self.add(format_args!(
                "<rect x=\"{x:.1}\" y=\"9\" width=\"11\" height=\"11\" rx=\"2.5\" fill=\"{colour}\"/>"
            ));
            self.write((x + 16.0, 19.0), "start", name);
            x += 32.0 + 7.2 * name.chars().count() as f64;
        }
    }

    fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The colour of one of several things without an order.
pub(super) fn colour(number: usize) -> String {
    let colours = ["#3b82c4", "#e0983a", "#8a63b8", "#3fa373", "#d1596b", "#5fa8b8", "#9a8f3c"];
    colours.get(number % colours.len()).copied().unwrap_or("#3b82c4").to_owned()
}

/// The colour of one of `count` things in order, from a red one by grey to a blue one.
pub(super) fn shade(number: usize, count: usize) -> String {
    let part = number as f64 / count.saturating_sub(1).max(1) as f64;
    let (low, middle, high) = ([207.0, 75.0, 82.0], [148.0, 154.0, 164.0], [46.0, 124.0, 200.0]);
    let (from, to, part) =
        if part < 0.5 { (low, middle, part * 2.0) } else { (middle, high, part * 2.0 - 1.0) };
    let [r, g, b] = std::array::from_fn(|i: usize| {
        let side = |colour: [f64; 3]| colour.get(i).copied().unwrap_or_default();
        (side(from) + (side(to) - side(from)) * part).round() as u8
    });
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// `1.25 %`.
pub(super) fn percent(value: f64) -> String {
    let points = value * 100.0;
    let digits = match points.abs() {
        p if p >= 10.0 || p == 0.0 => 0,
        p if p >= 1.0 => 1,
        p if p >= 0.01 => 2,
        _ => 3,
    };
    signed(&format!("{points:.digits$}%"))
}

/// A plain number of two digits.
pub(super) fn plain(value: f64) -> String {
    signed(&format!("{value:.2}"))
}

/// With the sign of a minus, and none before a nothing.
pub(super) fn signed(number: &str) -> String {
    let digits = number.trim_start_matches('-');
    let nothing = !digits.contains(|c: char| c.is_ascii_digit() && c != '0');
    let minus = number.starts_with('-') && !nothing;
    format!("{}{digits}", if minus { "−" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_the_eyes() {
        assert_eq!([percent(0.123), percent(-0.0123), percent(0.00052)], ["12%", "−1.2%", "0.05%"]);
        assert_eq!([plain(-0.001), plain(-0.5)], ["0.00", "−0.50"]);
        assert_eq!((shade(0, 3).as_str(), shade(2, 3).as_str()), ("#cf4b52", "#2e7cc8"));
    }
}
