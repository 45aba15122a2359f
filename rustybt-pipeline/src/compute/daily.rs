//! Terms of one value a session, or of the values of other sessions.

use std::ops::Range;

use super::cross_section::{flags_of, gather};
use crate::panel::{Layout, Panel};
use crate::transform::{Summary, residuals};

/// The same number everywhere.
pub(super) fn constant(value: f64, assets: usize, rows: Range<usize>) -> Panel<f64> {
    let values = vec![value; rows.len() * assets];
    Panel { rows, assets, layout: Layout::BySession, values }
}

/// The summary of each session, for every asset.
pub(super) fn summary(
    summary: Summary,
    input: &Panel<f64>,
    mask: Option<&Panel<bool>>,
    rows: Range<usize>,
) -> Panel<f64> {
    let assets = input.assets;
    let (mut buffer, mut present, mut places, mut scratch) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let numbers = input.by_session(rows.clone(), &mut buffer);
    let mut values = Vec::with_capacity(rows.len() * assets);
    for (row, numbers) in rows.clone().zip(numbers.chunks_exact(assets)) {
        gather(numbers, mask.and_then(|mask| flags_of(mask, row)), &mut present, &mut places);
        let number = summary.of(&present, &mut scratch);
        values.extend(std::iter::repeat_n(number, assets));
    }
    Panel { rows, assets, layout: Layout::BySession, values }
}

/// The values of the row that stands for each row.
pub(super) fn repeated<T: Copy + Default>(
    input: &Panel<T>,
    rows: Range<usize>,
    first: impl Fn(usize) -> usize,
) -> Panel<T> {
    let assets = input.assets;
    let mut values = Vec::with_capacity(rows.len() * assets);
    for row in rows.clone() {
        let source = first(row);
        values.extend((0..assets).map(|asset| input.get(source, asset)));
    }
    Panel { rows, assets, layout: Layout::BySession, values }
}

/// The first where the condition holds, else the second; `label` is told which it is.
pub(super) fn choose<T: Copy + Default>(
    condition: &Panel<bool>,
    then: &Panel<T>,
    otherwise: &Panel<T>,
    rows: Range<usize>,
    label: impl Fn(bool, T) -> T,
) -> Panel<T> {
    let assets = condition.assets;
    let mut values = Vec::with_capacity(rows.len() * assets);
    for (row, flags) in
        rows.clone().zip(condition.by_session_lent(&rows).chunks_exact(assets.max(1)))
    {
        for (asset, first) in flags.iter().enumerate() {
            let chosen = if *first { then } else { otherwise };
            values.push(label(*first, chosen.get(row, asset)));
        }
    }
    Panel { rows, assets, layout: Layout::BySession, values }
}

/// The residuals of the first input on the next `exposures`, within the labels of the last one.
pub(super) fn neutral(
    inputs: &[&Panel<f64>],
    exposures: usize,
    mask: Option<&Panel<bool>>,
    rows: Range<usize>,
) -> Panel<f64> {
    let assets = inputs.first().map_or(0, |input| input.assets);
    let mut values = vec![f64::NAN; rows.len() * assets];
    for (row, out) in rows.clone().zip(values.chunks_exact_mut(assets)) {
        let flags = mask.and_then(|mask| flags_of(mask, row));
        let wanted = |asset: usize| flags.is_none_or(|flags| flags.get(asset) == Some(&true));
        let mut members: Vec<(u64, usize)> = (0..assets)
            .filter(|asset| wanted(*asset))
            .filter(|asset| inputs.iter().all(|input| input.get(row, *asset).is_finite()))
            .map(|asset| {
                let label = inputs.get(exposures + 1).map_or(0.0, |input| input.get(row, asset));
                ((label + 0.0).to_bits(), asset)
            })
            .collect();
        members.sort_unstable();
        for group in members.chunk_by(|a, b| a.0 == b.0) {
            let of = |input: &Panel<f64>| -> Vec<f64> {
                group.iter().map(|(_, asset)| input.get(row, *asset)).collect()
            };
            let Some((first, others)) = inputs.split_first() else { continue };
            let x: Vec<Vec<f64>> = others.iter().take(exposures).map(|input| of(input)).collect();
            let mut rest = vec![f64::NAN; group.len()];
            residuals(&of(first), &x, &mut rest);
            for ((_, asset), rest) in group.iter().zip(rest) {
                if let Some(out) = out.get_mut(*asset) {
                    *out = rest;
                }
            }
        }
    }
    Panel { rows, assets, layout: Layout::BySession, values }
}
