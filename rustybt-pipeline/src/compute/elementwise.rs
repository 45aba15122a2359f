//! Terms of one number or flag at a time.

use std::ops::Range;

use rayon::prelude::*;

use crate::panel::{Layout, Panel};

/// Sessions computed by one task.
const SESSIONS: usize = 32;

/// A function of the numbers of one or two factors.
///
/// Factors that lie asset by asset give one that does; else the result lies session by session.
pub(super) fn numbers(
    inputs: &[&Panel<f64>],
    rows: Range<usize>,
    apply: impl Fn([f64; 2]) -> f64 + Sync,
) -> Panel<f64> {
    if inputs.iter().all(|input| input.layout == Layout::ByAsset) {
        let assets = inputs.first().map_or(0, |input| input.assets);
        let mut values = vec![0.0; rows.len() * assets];
        values.par_chunks_exact_mut(rows.len()).enumerate().for_each(|(asset, out)| {
            let slices = inputs.iter().map(|input| input.of_asset_lent(asset, &rows));
            join(slices, out, &apply);
        });
        return Panel { rows, assets, layout: Layout::ByAsset, values };
    }
    by_session(inputs, rows, |slices, out, _| join(slices.iter().copied(), out, &apply))
}

/// A test of the numbers of one or two factors, joined with the mask.
pub(super) fn flags(
    inputs: &[&Panel<f64>],
    mask: Option<&Panel<bool>>,
    rows: Range<usize>,
    apply: impl Fn([f64; 2]) -> bool + Sync,
) -> Panel<bool> {
    by_session(inputs, rows, |slices, out, rows| {
        join(slices.iter().copied(), out, &apply);
        restrict(out, mask, rows);
    })
}

/// The numbers where the mask holds.
pub(super) fn masked(input: &Panel<f64>, mask: &Panel<bool>, rows: Range<usize>) -> Panel<f64> {
    by_session(&[input], rows, |slices, out, rows| {
        let flags = mask.by_session_lent(rows);
        for ((number, flag), out) in slices.iter().copied().flatten().zip(flags).zip(out) {
            *out = if *flag { *number } else { f64::NAN };
        }
    })
}

/// A function of one or two flags, joined with the mask.
pub(super) fn logic(
    inputs: &[&Panel<bool>],
    mask: Option<&Panel<bool>>,
    rows: Range<usize>,
    apply: impl Fn(bool, bool) -> bool,
) -> Panel<bool> {
    let slices: Vec<&[bool]> = inputs.iter().map(|input| input.by_session_lent(&rows)).collect();
    let assets = inputs.first().map_or(0, |input| input.assets);
    let mut values = vec![false; rows.len() * assets];
    match slices.as_slice() {
        [a, b] => {
            for ((a, b), out) in a.iter().zip(*b).zip(&mut values) {
                *out = apply(*a, *b);
            }
        }
        [a] => a.iter().zip(&mut values).for_each(|(a, out)| *out = apply(*a, false)),
        _ => {}
    }
    restrict(&mut values, mask, &rows);
    Panel { rows, assets, layout: Layout::BySession, values }
}

/// Fills a panel that lies session by session, some sessions a task.
fn by_session<T: Copy + Default + Send + Sync>(
    inputs: &[&Panel<f64>],
    rows: Range<usize>,
    fill: impl Fn(&[&[f64]], &mut [T], &Range<usize>) + Sync,
) -> Panel<T> {
    let assets = inputs.first().map_or(0, |input| input.assets);
    let mut values = vec![T::default(); rows.len() * assets];
    values.par_chunks_mut(SESSIONS * assets).enumerate().for_each_init(
        || vec![Vec::new(); inputs.len()],
        |buffers, (task, out)| {
            let first = rows.start + task * SESSIONS;
            let task_rows = first..first + out.len() / assets;
            let slices: Vec<&[f64]> = inputs
                .iter()
                .zip(buffers)
                .map(|(input, buffer)| input.by_session(task_rows.clone(), buffer))
                .collect();
            fill(&slices, out, &task_rows);
        },
    );
    Panel { rows, assets, layout: Layout::BySession, values }
}

fn join<'a, T>(
    mut slices: impl Iterator<Item = &'a [f64]>,
    out: &mut [T],
    apply: impl Fn([f64; 2]) -> T,
) {
    match (slices.next(), slices.next()) {
        (Some(a), Some(b)) => {
            for ((a, b), out) in a.iter().zip(b).zip(out) {
                *out = apply([*a, *b]);
            }
        }
        (Some(a), None) => a.iter().zip(out).for_each(|(a, out)| *out = apply([*a, f64::NAN])),
        (None, _) => {}
    }
}

fn restrict(out: &mut [bool], mask: Option<&Panel<bool>>, rows: &Range<usize>) {
    if let Some(mask) = mask {
        out.iter_mut().zip(mask.by_session_lent(rows)).for_each(|(out, flag)| *out &= *flag);
    }
}
