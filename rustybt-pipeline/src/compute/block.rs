//! Windowed terms with a block form: asset by asset, many windows at once.

use std::ops::Range;

use rayon::prelude::*;

use super::Source;
use crate::factor::{Block, BlockForm};
use crate::panel::{Layout, Panel};
use crate::restate::Restatements;
use crate::universe::Universe;

/// One asset's values of an input, from position `first` on, and what restates them.
struct Input<'a> {
    first: usize,
    values: &'a [f64],
    restatements: Option<&'a Restatements>,
}

/// Computes `rows`, asset by asset; missing where the asset does not live or `mask` does not hold.
pub(super) fn compute(
    form: &dyn BlockForm,
    window: usize,
    sources: &[Source<'_>],
    mask: Option<&Panel<bool>>,
    universe: &Universe,
    rows: Range<usize>,
) -> Panel<f64> {
    let mut values = vec![0.0; rows.len() * universe.len()];
    values.par_chunks_exact_mut(rows.len()).enumerate().for_each_init(
        Vec::new,
        |restated, (asset, out)| {
            let life = universe.life(asset, &rows);
            let (start, end) = (life.start - rows.start, life.end - rows.start);
            if let Some(before) = out.get_mut(..start) {
                before.fill(f64::NAN);
            }
            if let Some(after) = out.get_mut(end..) {
                after.fill(f64::NAN);
            }
            let Some(out) = out.get_mut(start..end) else { return };
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
                })
                .collect();
            one_asset(form, window, &inputs, life.clone(), restated, out);
            if let Some(mask) = mask {
                for (row, value) in life.zip(out) {
                    if !mask.get(row, asset) {
                        *value = f64::NAN;
                    }
                }
            }
        },
    );
    Panel { rows, assets: universe.len(), layout: Layout::ByAsset, values }
}

/// Computes `rows` of one asset, stretch by stretch: within one, all windows see the same past.
fn one_asset(
    form: &dyn BlockForm,
    window: usize,
    inputs: &[Input<'_>],
    rows: Range<usize>,
    restated: &mut Vec<Vec<f64>>,
    out: &mut [f64],
) {
    restated.resize_with(inputs.len(), Vec::new);
    let (mut row, mut out) = (rows.start, out);
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
        let (now, later) = out.split_at_mut(end - row);
        if touched {
            for ((raw, input), copy) in raw.zip(inputs).zip(restated.iter_mut()) {
                copy.clear();
                copy.extend_from_slice(raw);
                if let Some(restatements) = input.restatements {
                    restatements.restate(row, seen.clone(), copy);
                }
            }
            let series: Vec<&[f64]> = restated.iter().map(Vec::as_slice).collect();
            form.compute_block(&Block { origin: seen.start, inputs: &series }, now);
        } else {
            let series: Vec<&[f64]> = raw.collect();
            form.compute_block(&Block { origin: seen.start, inputs: &series }, now);
        }
        out = later;
        row = end;
    }
}
