//! Flags over windows of flags.

use std::ops::Range;

use crate::filter::Streak;
use crate::panel::{Layout, Panel};

/// Whether enough of the last `window` flags hold. Counts are whole numbers: sliding them is exact.
pub(super) fn compute(
    streak: Streak,
    window: usize,
    input: &Panel<bool>,
    mask: Option<&Panel<bool>>,
    rows: Range<usize>,
) -> Panel<bool> {
    let assets = input.assets;
    let mut counts = vec![0_usize; assets];
    let mut values = vec![false; rows.len() * assets];
    let line = |row: usize| input.by_session_lent(&(row..row + 1));
    for row in rows.start + 1 - window..rows.start {
        counts.iter_mut().zip(line(row)).for_each(|(count, flag)| *count += usize::from(*flag));
    }
    for (row, out) in rows.clone().zip(values.chunks_exact_mut(assets)) {
        counts.iter_mut().zip(line(row)).for_each(|(count, flag)| *count += usize::from(*flag));
        for (out, count) in out.iter_mut().zip(&counts) {
            *out = streak.holds(*count, window);
        }
        let leaving = line(row + 1 - window);
        counts.iter_mut().zip(leaving).for_each(|(count, flag)| *count -= usize::from(*flag));
        if let Some(mask) = mask {
            let flags = mask.by_session_lent(&(row..row + 1));
            out.iter_mut().zip(flags).for_each(|(out, flag)| *out &= *flag);
        }
    }
    Panel { rows, assets, layout: Layout::BySession, values }
}
