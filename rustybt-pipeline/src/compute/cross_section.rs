//! Terms over the assets of one session: ranks, scores, choices.

use std::ops::Range;

use rayon::prelude::*;

use crate::kernel::Order;
use crate::panel::{Layout, Panel};

/// Sessions computed by one task: few enough for their numbers to stay in the nearest caches.
const SESSIONS: usize = 16;

/// Memory of one task, used row after row.
#[derive(Default)]
struct Scratch<T> {
    tile: Vec<f64>,
    labels: Vec<f64>,
    groups: Groups,
    values: Vec<f64>,
    places: Vec<u32>,
    results: Vec<T>,
    order: Order,
}

/// Computes `rows`, session by session: `apply` is given the numbers that are present and in the
/// mask, in the order of their assets, and nothing of the others. So a result does not depend on
/// which other assets the arrays of this run have columns for.
///
/// With `groups`, it is given those of one label at a time; an asset without a label has no result.
pub(super) fn compute<T: Copy + Default + Send + Sync>(
    input: &Panel<f64>,
    groups: Option<&Panel<f64>>,
    mask: Option<&Panel<bool>>,
    rows: Range<usize>,
    missing: T,
    apply: impl Fn(&[f64], &mut Order, &mut [T]) + Sync,
) -> Panel<T> {
    let assets = input.assets;
    let mut values = vec![T::default(); rows.len() * assets];
    values.par_chunks_mut(SESSIONS * assets).enumerate().for_each_init(
        Scratch::default,
        |scratch, (task, out)| {
            let first = rows.start + task * SESSIONS;
            let task_rows = first..first + out.len() / assets;
            let Scratch { tile, labels, groups: dealt, values, places, results, order } = scratch;
            let numbers = input.by_session(task_rows.clone(), tile);
            let labels = groups.map(|groups| groups.by_session(task_rows.clone(), labels));
            for ((row, numbers), out) in task_rows
                .clone()
                .zip(numbers.chunks_exact(assets))
                .zip(out.chunks_exact_mut(assets))
            {
                gather(numbers, mask.and_then(|mask| flags_of(mask, row)), values, places);
                out.fill(missing);
                let mut give = |values: &[f64], places: &[u32], results: &mut Vec<T>| {
                    results.resize(values.len(), missing);
                    apply(values, order, results);
                    for (place, result) in places.iter().zip(&*results) {
                        if let Some(out) = out.get_mut(*place as usize) {
                            *out = *result;
                        }
                    }
                };
                let Some(labels) = labels else {
                    give(values, places, results);
                    continue;
                };
                let first = (row - task_rows.start) * assets;
                dealt.deal(labels.get(first..first + assets).unwrap_or_default(), values, places);
                for group in dealt.members.chunk_by(|a, b| a.0 == b.0) {
                    values.clear();
                    places.clear();
                    values.extend(group.iter().map(|(_, _, value)| *value));
                    places.extend(group.iter().map(|(_, place, _)| *place));
                    give(values, places, results);
                }
            }
        },
    );
    Panel { rows, assets, layout: Layout::BySession, values }
}

/// The assets of a session by label, then by place: label, place, number.
#[derive(Default)]
struct Groups {
    members: Vec<(u64, u32, f64)>,
}

impl Groups {
    /// Deals out the numbers of the assets at `places` that have a label.
    fn deal(&mut self, labels: &[f64], values: &[f64], places: &[u32]) {
        self.members.clear();
        let labelled = places.iter().zip(values).filter_map(|(place, value)| {
            let label = labels.get(*place as usize).filter(|label| !label.is_nan())?;
            Some(((label + 0.0).to_bits(), *place, *value))
        });
        self.members.extend(labelled);
        self.members.sort_unstable_by_key(|(label, place, _)| (*label, *place));
    }
}

/// The flags of one session.
pub(super) fn flags_of(mask: &Panel<bool>, row: usize) -> Option<&[bool]> {
    let first = (row - mask.rows.start) * mask.assets;
    mask.values.get(first..first + mask.assets)
}

/// Collects the numbers that are there and wanted, and where each stood.
pub(super) fn gather(
    numbers: &[f64],
    mask: Option<&[bool]>,
    values: &mut Vec<f64>,
    places: &mut Vec<u32>,
) {
    values.resize(numbers.len(), 0.0);
    places.resize(numbers.len(), 0);
    let mut found = 0;
    // Every number is written down, and kept or not: a branch on what nobody can foresee would
    // cost more.
    let mut take = |number: f64, place: u32, wanted: bool| {
        if let (Some(value), Some(at)) = (values.get_mut(found), places.get_mut(found)) {
            (*value, *at) = (number, place);
        }
        found += usize::from(wanted & !number.is_nan());
    };
    let numbered = numbers.iter().zip(0_u32..);
    match mask {
        Some(mask) => {
            for ((number, place), wanted) in numbered.zip(mask) {
                take(*number, place, *wanted);
            }
        }
        None => numbered.for_each(|(number, place)| take(*number, place, true)),
    }
    values.truncate(found);
    places.truncate(found);
}
