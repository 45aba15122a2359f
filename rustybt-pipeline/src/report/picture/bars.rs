//! Bars in groups.

use super::scale::{Scale, marks};
use super::{BOTTOM, Canvas, Format, HEIGHT, LEFT, RIGHT, TOP};

/// A picture of bars in groups, side by side.
pub(in super::super) struct Bars<'a> {
    pub(in super::super) label: &'a str,
    /// The names and colours of the bars of a group.
    pub(in super::super) names: Vec<(String, String)>,
    pub(in super::super) groups: Vec<Group>,
    pub(in super::super) format: Format,
}

/// The bars over one name.
pub(in super::super) struct Group {
    pub(in super::super) name: String,
    /// A height, and how far it may be off, which is drawn as a whisker.
    pub(in super::super) bars: Vec<(f64, f64)>,
}

impl Bars<'_> {
    pub(in super::super) fn svg(&self) -> String {
        let mut canvas = Canvas::new(HEIGHT, self.label);
        let ends = self.groups.iter().flat_map(|group| &group.bars).flat_map(|(height, off)| {
            let off = if off.is_finite() { *off } else { 0.0 };
            [height - off, height + off]
        });
        let levels = marks(ends.chain([0.0]), 5);
        let (low, high) = (levels.first().copied(), levels.last().copied());
        let y = Scale::new((low.unwrap_or(0.0), high.unwrap_or(1.0)), (BOTTOM, TOP));
        canvas.levels(y, &levels, 0.0, self.format);
        let room = (RIGHT - LEFT) / self.groups.len().max(1) as f64;
        let width = room * 0.76 / self.names.len().max(1) as f64;
        let step = (56.0 / room).ceil().max(1.0) as usize;
        for (number, group) in self.groups.iter().enumerate() {
            let from = LEFT + room * number as f64;
            if number % step == 0 {
                canvas.write((from + room / 2.0, BOTTOM + 20.0), "middle", &group.name);
            }
            for (place, ((height, off), (name, colour))) in
                group.bars.iter().zip(&self.names).enumerate()
            {
                if !height.is_finite() {
                    continue;
                }
                let x = from + room * 0.12 + width * place as f64;
                let (zero, end) = (y.at(0.0), y.at(*height));
                canvas.add(format_args!(
                    "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"1.5\" \
                     fill=\"{colour}\"><title>{} {}: {}</title></rect>",
                    x,
                    zero.min(end),
                    (width * 0.9).max(0.5),
                    (zero - end).abs().max(0.5),
                    super::escaped(&group.name),
                    super::escaped(name),
                    (self.format)(*height),
                ));
                if off.is_finite() && *off > 0.0 {
                    let middle = x + width * 0.45;
                    canvas.add(format_args!(
                        "<line class=\"whisker\" x1=\"{middle:.1}\" x2=\"{middle:.1}\" \
                         y1=\"{:.1}\" y2=\"{:.1}\"/>",
                        y.at(height - off),
                        y.at(height + off),
                    ));
                }
            }
        }
        if self.names.len() > 1 {
            let names = self.names.iter();
            canvas.legend(names.map(|(name, colour)| (name.as_str(), colour.clone())));
        }
        canvas.finish()
    }
}
