//! Windowed terms without a block form: session by session, a window of every asset in the mask.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ArrayViewMut1, s};
use rayon::prelude::*;
use rustybt_data::Sid;

use super::Source;
use crate::Axis;
use crate::factor::{CustomFactor, Windows};
use crate::panel::Panel;
use crate::universe::Universe;

/// Sessions computed by one task.
const SESSIONS: usize = 64;

/// Computes `rows`, session by session; missing where `mask` does not hold.
///
/// With several outputs, all assets of a session's first output come before those of its second.
pub(super) fn compute(
    custom: &dyn CustomFactor,
    sources: &[Source<'_>],
    mask: &Panel<bool>,
    universe: &Universe,
    axis: &Axis,
    rows: Range<usize>,
) -> Vec<f64> {
    let assets = universe.len();
    let outputs = custom.outputs().len().max(1);
    let line = outputs * assets;
    let mut values = vec![0.0; rows.len() * line];
    values.par_chunks_mut(SESSIONS * line).enumerate().for_each(|(task, out)| {
        let first = rows.start + task * SESSIONS;
        let end = first + out.len() / line;
        let mut view = View::new(custom.window_length(), sources, end);
        for (row, out) in (first..end).zip(out.chunks_exact_mut(line)) {
            out.fill(f64::NAN);
            view.show(row, mask);
            let Some(session) = axis.session(row) else { continue };
            if view.assets.is_empty() {
                continue;
            }
            let sids: Vec<Sid> = view
                .assets
                .iter()
                .filter_map(|asset| universe.sids().get(*asset))
                .copied()
                .collect();
            let mut computed = vec![f64::NAN; outputs * sids.len()];
            let windows = view.windows(row);
            let opens = axis.opens(row);
            let windows = Windows { session, opens, sids: &sids, inputs: &windows };
            custom.compute(&windows, ArrayViewMut1::from(&mut computed[..]));
            for (out, computed) in
                out.chunks_exact_mut(assets).zip(computed.chunks_exact(sids.len()))
            {
                for (asset, value) in view.assets.iter().zip(computed) {
                    if let Some(place) = out.get_mut(*asset) {
                        *place = *value;
                    }
                }
            }
        }
    });
    values
}

/// The windows of one session after the other, restated as each sees the past.
///
/// Every value is a function of its row, its asset and the session looking, never of the session
/// that the view began with.
struct View<'a> {
    window: usize,
    sources: &'a [Source<'a>],
    /// One past the last row that will be shown.
    end: usize,
    /// Row of the first line of the arrays.
    first: usize,
    /// The assets shown, one a column.
    assets: Vec<usize>,
    /// For each input, the rows `first..end` of the assets shown.
    arrays: Vec<Array2<f64>>,
    buffer: Vec<f64>,
}

impl<'a> View<'a> {
    fn new(window: usize, sources: &'a [Source<'a>], end: usize) -> Self {
        Self {
            window,
            sources,
            end,
            first: 0,
            assets: Vec::new(),
            arrays: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// Makes ready for the windows that end at `row`.
    fn show(&mut self, row: usize, mask: &Panel<bool>) {
        let shown = (0..mask.assets).filter(|asset| mask.get(row, *asset));
        if self.arrays.is_empty() || !shown.clone().eq(self.assets.iter().copied()) {
            self.assets = shown.collect();
            self.first = row + 1 - self.window;
            let shape = (self.end - self.first, self.assets.len());
            self.arrays = self.sources.iter().map(|_| Array2::zeros(shape)).collect();
            for column in 0..self.assets.len() {
                for input in 0..self.sources.len() {
                    self.fill(input, column, row);
                }
            }
            return;
        }
        // What became known with this session changes the past of an asset, and of it alone.
        for input in 0..self.sources.len() {
            let Source::Column(_, series) = self.sources[input] else { continue };
            for column in 0..self.assets.len() {
                let restatements = &series[self.assets[column]].restatements;
                if restatements.next_seen(row - 1) == Some(row) {
                    self.fill(input, column, row);
                }
            }
        }
    }

    /// Writes one asset's values of one input as seen from `row`.
    fn fill(&mut self, input: usize, column: usize, row: usize) {
        let (asset, rows) = (self.assets[column], self.first..self.end);
        let place = self.arrays[input].column_mut(column);
        match self.sources[input] {
            Source::Column(first, series) => {
                let series = &series[asset];
                let values = series.values.get(rows.start - first..rows.end - first);
                self.buffer.clear();
                self.buffer.extend_from_slice(values.unwrap_or_default());
                series.restatements.restate(row, rows, &mut self.buffer);
                place.into_iter().zip(&self.buffer).for_each(|(place, value)| *place = *value);
            }
            Source::Panel(panel) => {
                let values = panel.of_asset(asset, rows, &mut self.buffer);
                place.into_iter().zip(values).for_each(|(place, value)| *place = *value);
            }
            Source::Flags(panel) => {
                let flag = |row| if panel.get(row, asset) { 1.0 } else { 0.0 };
                place.into_iter().zip(rows).for_each(|(place, row)| *place = flag(row));
            }
        }
    }

    /// One `(window, assets)` array for each input, the newest row being `row`.
    fn windows(&self, row: usize) -> Vec<ArrayView2<'_, f64>> {
        let end = row + 1 - self.first;
        self.arrays.iter().map(|array| array.slice(s![end - self.window..end, ..])).collect()
    }
}
