//! Lines over sessions.

use std::fmt::Write as _;

use rustybt_calendars::Session;

use super::scale::{Scale, date_marks, marks};
use super::{BOTTOM, Canvas, Format, HEIGHT, LEFT, RIGHT, TOP, colour};

/// Points of a line at most.
const POINTS: usize = 700;

/// A picture of lines over sessions.
pub(in super::super) struct Lines<'a> {
    pub(in super::super) label: &'a str,
    pub(in super::super) sessions: &'a [Session],
    pub(in super::super) drawn: Vec<Line>,
    /// The level that is drawn stronger.
    pub(in super::super) base: f64,
    pub(in super::super) format: Format,
}

/// One line; thin ones are drawn faintly, under the others.
pub(in super::super) struct Line {
    pub(in super::super) name: String,
    pub(in super::super) values: Vec<f64>,
    pub(in super::super) colour: String,
    pub(in super::super) thin: bool,
}

impl Line {
    pub(in super::super) fn new(name: impl Into<String>, values: &[f64], number: usize) -> Self {
        Self { name: name.into(), values: values.to_vec(), colour: colour(number), thin: false }
    }

    #[must_use]
    pub(in super::super) fn coloured(self, colour: String) -> Self {
        Self { colour, ..self }
    }

    #[must_use]
    pub(in super::super) fn thin(self) -> Self {
        Self { thin: true, ..self }
    }
}

impl Lines<'_> {
    pub(in super::super) fn svg(&self) -> String {
        let mut canvas = Canvas::new(HEIGHT, self.label);
        let values = self.drawn.iter().flat_map(|line| line.values.iter().copied());
        let levels = marks(values.chain([self.base]), 5);
        let ends = (levels.first().copied(), levels.last().copied());
        let y = Scale::new((ends.0.unwrap_or(0.0), ends.1.unwrap_or(1.0)), (BOTTOM, TOP));
        let last = self.sessions.len().saturating_sub(1) as f64;
        let x = Scale::new((0.0, last), (LEFT, RIGHT));
        canvas.levels(y, &levels, self.base, self.format);
        for (place, name) in date_marks(self.sessions) {
            let at = x.at(place as f64);
            if at < RIGHT - 20.0 {
                canvas.write((at, BOTTOM + 20.0), "middle", &name);
            }
        }
        for line in &self.drawn {
            let class = if line.thin { "thin" } else { "line" };
            let path = path(&line.values, x, y);
            canvas.add(format_args!(
                "<path class=\"{class}\" stroke=\"{}\" d=\"{path}\"/>",
                line.colour
            ));
        }
        canvas.legend(self.drawn.iter().map(|line| (line.name.as_str(), line.colour.clone())));
        canvas.finish()
    }
}

/// A path through the values that are there, broken where none is.
fn path(values: &[f64], x: Scale, y: Scale) -> String {
    let mut path = String::new();
    let mut drawing = false;
    // More points than the picture has places for make it large, not better.
    let step = values.len().div_ceil(POINTS).max(1);
    let last = values.len().saturating_sub(1);
    for (place, value) in values.iter().enumerate() {
        if !(last - place).is_multiple_of(step) {
            continue;
        }
        if !value.is_finite() {
            drawing = false;
            continue;
        }
        let sign = if drawing { 'L' } else { 'M' };
        // Writing to a string cannot fail.
        let _ = write!(path, "{sign}{:.1} {:.1}", x.at(place as f64), y.at(*value));
        drawing = true;
    }
    path
}
