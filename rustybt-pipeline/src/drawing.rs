//! The graph of a pipeline as a picture: layers from left to right.

use std::fmt::Write;

use crate::graph::Graph;
use crate::term::{Dtype, Op};

const LAYER: usize = 220;
const LINE: usize = 56;
const WIDTH: usize = 170;
const HEIGHT: usize = 34;

/// An SVG picture: columns on the left, outputs on the right; dashed lines are masks.
pub(crate) fn svg(graph: &Graph) -> String {
    let layers = layers(graph);
    let outputs = layers.iter().max().map_or(0, |deepest| deepest + 1);
    let mut filled: Vec<usize> = vec![0; outputs + 1];
    let mut place = |layer: usize| {
        let line = filled.get(layer).copied().unwrap_or_default();
        if let Some(count) = filled.get_mut(layer) {
            *count += 1;
        }
        (20 + layer * LAYER, 20 + line * LINE)
    };
    let places: Vec<(usize, usize)> = layers.iter().map(|layer| place(*layer)).collect();
    let mut body = String::new();
    let mut lines = String::new();
    for (number, &(x, y)) in places.iter().enumerate() {
        let term = graph.term(number);
        let fill = match (term.op(), term.dtype()) {
            (Op::Column(_), _) => "#dbe9f6",
            (_, Dtype::Number | Dtype::Time) => "#f4f4f4",
            (_, Dtype::Flag) => "#fdebd0",
            (_, Dtype::Integer | Dtype::Text) => "#eadcf4",
        };
        draw_box(&mut body, x, y, fill, &graph.label(number));
        let needs = graph.needs(number);
        let masks = needs.mask.iter().map(|mask| (mask, true));
        for (need, dashed) in needs.inputs.iter().map(|input| (input, false)).chain(masks) {
            if let Some(from) = places.get(*need) {
                draw_line(&mut lines, *from, (x, y), dashed);
            }
        }
    }
    let columns = graph.columns().iter().map(|(name, number)| (name.as_str(), *number, false));
    let screens = graph.screens().map(|screen| ("screen", screen, true));
    for (name, number, dashed) in columns.chain(screens) {
        let (x, y) = place(outputs);
        draw_box(&mut body, x, y, "#e3f4e1", name);
        if let Some(from) = places.get(number) {
            draw_line(&mut lines, *from, (x, y), dashed);
        }
    }
    let (width, height) =
        (20 + (outputs + 1) * LAYER, 20 + filled.iter().max().copied().unwrap_or(0) * LINE);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{lines}{body}</svg>\n"
    )
}

/// How far from the columns each term stands: one further than the furthest thing it needs.
fn layers(graph: &Graph) -> Vec<usize> {
    let mut layers = vec![0; graph.len()];
    for number in graph.order() {
        let needs = graph.needs(number);
        let deepest =
            needs.inputs.iter().chain(&needs.mask).filter_map(|need| layers.get(*need)).max();
        let layer = deepest.map_or(0, |layer| layer + 1);
        if let Some(place) = layers.get_mut(number) {
            *place = layer;
        }
    }
    layers
}

fn draw_box(svg: &mut String, x: usize, y: usize, fill: &str, label: &str) {
    let shown: String = if label.chars().count() > 26 {
        label.chars().take(25).chain(['…']).collect()
    } else {
        label.to_owned()
    };
    let (title, shown) = (escape(label), escape(&shown));
    let (middle, base) = (x + WIDTH / 2, y + HEIGHT / 2 + 4);
    let _ = writeln!(
        svg,
        "<g><title>{title}</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\" \
         fill=\"{fill}\" stroke=\"#555\"/><text x=\"{middle}\" y=\"{base}\" text-anchor=\"middle\">{shown}</text></g>"
    );
}

fn draw_line(svg: &mut String, from: (usize, usize), to: (usize, usize), dashed: bool) {
    let (x1, y1) = (from.0 + WIDTH, from.1 + HEIGHT / 2);
    let (x2, y2) = (to.0, to.1 + HEIGHT / 2);
    let bend = usize::midpoint(x1, x2);
    let dash = if dashed { " stroke-dasharray=\"4 3\"" } else { "" };
    let _ = writeln!(
        svg,
        "<path d=\"M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#888\"{dash}/>"
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use crate::{EquityPricing, Pipeline};

    #[test]
    fn a_picture_shows_every_term_and_escapes_text() {
        let close = EquityPricing::CLOSE.latest();
        let pipeline = Pipeline::new().with("a<b", &close * 2.0).screen(close.lt(5.0));
        let svg = pipeline.graph_svg();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        for text in ["EquityPricing.close", "latest", "* 2", "&lt; 5", "a&lt;b", "screen"] {
            assert!(svg.contains(&format!(">{text}</text>")), "no {text} in {svg}");
        }
    }
}
