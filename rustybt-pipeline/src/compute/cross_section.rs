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
    values: Vec<f64>,
    places: Vec<u32>,
    results: Vec<T>,
    order: Order,
}

/// Computes `rows`, session by session: `apply` is given the numbers that are present and in the
/// mask, in the order of their assets, and nothing of the others. So a result does not depend on
/// which other assets the arrays of this run have columns for.
pub(super) fn compute<T: Copy + Default + Send + Sync>(
    input: &Panel<f64>,
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
            let Scratch { tile, values, places, results, order } = scratch;
            let numbers = input.by_session(task_rows.clone(), tile);
            for ((row, numbers), out) in
                task_rows.zip(numbers.chunks_exact(assets)).zip(out.chunks_exact_mut(assets))
            {
                gather(numbers, mask.and_then(|mask| flags_of(mask, row)), values, places);
                results.resize(values.len(), missing);
                apply(values, order, results);
                out.fill(missing);
                for (place, result) in places.iter().zip(&*results) {
                    if let Some(out) = out.get_mut(*place as usize) {
                        *out = *result;
                    }
                }
            }
        },
    );
    Panel { rows, assets, layout: Layout::BySession, values }
}

/// The flags of one session.
fn flags_of(mask: &Panel<bool>, row: usize) -> Option<&[bool]> {
    let first = (row - mask.rows.start) * mask.assets;
    mask.values.get(first..first + mask.assets)
}

/// Collects the numbers that are there and wanted, and where each stood.
fn gather(numbers: &[f64], mask: Option<&[bool]>, values: &mut Vec<f64>, places: &mut Vec<u32>) {
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
