//! A table of months whose cells are coloured by their number.

use std::collections::BTreeMap;

use super::super::Month;
use super::{Canvas, LEFT, RIGHT, plain};

/// The mean of each month, a year a row.
pub(in super::super) struct Heat<'a> {
    pub(in super::super) label: &'a str,
    pub(in super::super) months: &'a [Month],
}

const ROW: f64 = 26.0;
const HEAD: f64 = 24.0;
const NAMES: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Heat<'_> {
    pub(in super::super) fn svg(&self) -> String {
        let mut years: BTreeMap<&str, Vec<(usize, f64)>> = BTreeMap::new();
        for month in self.months {
            let Some((year, number)) = month.month.split_once('-') else { continue };
            let number = number.parse::<usize>().unwrap_or(1).saturating_sub(1);
            years.entry(year).or_default().push((number, month.mean));
        }
        let mut canvas = Canvas::new(HEAD + ROW * years.len() as f64 + 6.0, self.label);
        let width = (RIGHT - LEFT) / 12.0;
        for (number, name) in NAMES.iter().enumerate() {
            canvas.write((LEFT + width * (number as f64 + 0.5), 16.0), "middle", name);
        }
        let sizes = self.months.iter().map(|month| month.mean.abs());
        let most = sizes.filter(|size| size.is_finite()).fold(0.0, f64::max);
        for (row, (year, months)) in years.iter().enumerate() {
            let y = HEAD + ROW * row as f64;
            canvas.write((LEFT - 10.0, y + 17.0), "end", year);
            for (number, mean) in months {
                let x = LEFT + width * *number as f64;
                if !mean.is_finite() {
                    continue;
                }
                let colour = if *mean < 0.0 { "#cf4b52" } else { "#2e7cc8" };
                let depth = if most > 0.0 { 0.08 + 0.72 * mean.abs() / most } else { 0.08 };
                canvas.add(format_args!(
                    "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"3\" \
                     fill=\"{colour}\" fill-opacity=\"{depth:.2}\"/>",
                    x + 1.0,
                    y + 1.0,
                    width - 2.0,
                    ROW - 2.0,
                ));
                canvas.add(format_args!(
                    "<text class=\"told\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                    x + width / 2.0,
                    y + 17.0,
                    plain(*mean)
                ));
            }
        }
        canvas.finish()
    }
}
