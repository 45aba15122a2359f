//! Windowed terms with a block form: asset by asset, many windows at once.

use std::ops::Range;

use rayon::prelude::*;

use super::Source;
use crate::factor::{Block, BlockForm};
use crate::panel::Panel;
use crate::restate::Restatements;
use crate::universe::Universe;

/// One asset's values of an input, from position `first` on, and what restates them.
struct Input<'a> {
    first: usize,
    values: &'a [f64],
    restatements: Option<&'a Restatements>,
}

/// A formula and how much of it there is.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    pub(super) form: &'a dyn BlockForm,
    pub(super) window: usize,
    pub(super) outputs: usize,
}

/// Computes `rows`, asset by asset; missing where the asset does not live or `mask` does not hold.
///
/// With several outputs, all rows of an asset's first output come before those of its second.
pub(super) fn compute(
    shape: Shape<'_>,
    sources: &[Source<'_>],
    mask: Option<&Panel<bool>>,
    universe: &Universe,
    rows: Range<usize>,
) -> Vec<f64> {
    let mut values = vec![0.0; shape.outputs * rows.len() * universe.len()];
    values.par_chunks_exact_mut(shape.outputs * rows.len()).enumerate().for_each_init(
        Vec::new,
        |restated, (asset, out)| {
            let life = universe.life(asset, &rows);
            let (start, end) = (life.start - rows.start, life.end - rows.start);
            let mut parts: Vec<&mut [f64]> = out
                .chunks_exact_mut(rows.len())
                .map(|part| {
                    let (before, rest) = part.split_at_mut(start);
                    let (alive, after) = rest.split_at_mut(end - start);
                    before.fill(f64::NAN);
                    after.fill(f64::NAN);
                    alive
                })
                .collect();
            let mut buffers = vec![Vec::new(); sources.len()];
            let inputs: Vec<Input<'_>> = sources
                .iter()
                .zip(&mut buffers)
                .map(|(source, buffer)| match source {
                    Source::Column(first, series) => {
                        let series = &series[asset];
                        let restatements =
                            Some(&*series.restatements).filter(|known| !known.is_empty());
                        Input { first: *first, values: &series.values, restatements }
                    }
                    Source::Panel(panel) => Input {
                        first: panel.rows.start,
                        values: panel.of_asset(asset, panel.rows.clone(), buffer),
                        restatements: None,
                    },
                    Source::Flags(panel) => {
                        let flag = |row| if panel.get(row, asset) { 1.0 } else { 0.0 };
                        buffer.extend(panel.rows.clone().map(flag));
                        Input { first: panel.rows.start, values: buffer, restatements: None }
                    }
                })
                .collect();
            one_asset(shape, &inputs, life.clone(), restated, &mut parts);
            if let Some(mask) = mask {
                for (at, row) in life.enumerate() {
                    if !mask.get(row, asset) {
                        parts
                            .iter_mut()
                            .filter_map(|part| part.get_mut(at))
                            .for_each(|value| *value = f64::NAN);
                    }
                }
            }
        },
    );
    values
}

/// Computes `rows` of one asset, stretch by stretch: within one, all windows see the same past.
fn one_asset(
    shape: Shape<'_>,
    inputs: &[Input<'_>],
    rows: Range<usize>,
    restated: &mut Vec<Vec<f64>>,
    parts: &mut [&mut [f64]],
) {
    let Shape { form, window, outputs } = shape;
    restated.resize_with(inputs.len(), Vec::new);
    let mut joined = Vec::new();
    let mut row = rows.start;
    while row < rows.end {
        let (mut touched, mut end) = (false, rows.end);
        for restatements in inputs.iter().filter_map(|input| input.restatements) {
            let (touches, until) = restatements.stretch(row, window);
            touched |= touches;
            end = end.min(until);
        }
        let seen = row + 1 - window..end;
        let raw = inputs.iter().map(|input| {
            let range = seen.start.wrapping_sub(input.first)..seen.end - input.first;
            input.values.get(range).unwrap_or_default()
        });
        let series: Vec<&[f64]> = if touched {
            for ((raw, input), copy) in raw.zip(inputs).zip(restated.iter_mut()) {
                copy.clear();
                copy.extend_from_slice(raw);
                if let Some(restatements) = input.restatements {
                    restatements.restate(row, seen.clone(), copy);
                }
            }
            restated.iter().map(Vec::as_slice).collect()
        } else {
            raw.collect()
        };
        let block = Block { origin: seen.start, inputs: &series };
        let now = row - rows.start..end - rows.start;
        if let [part] = parts {
            if let Some(out) = part.get_mut(now) {
                form.compute_block(&block, out);
            }
        } else {
            joined.clear();
            joined.resize(outputs * now.len(), f64::NAN);
            form.compute_block(&block, &mut joined);
            for (part, found) in parts.iter_mut().zip(joined.chunks_exact(now.len())) {
                if let Some(out) = part.get_mut(now.clone()) {
                    out.copy_from_slice(found);
                }
            }
        }
        row = end;
    }
}
