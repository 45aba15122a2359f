//! Terms of labels.

use std::collections::HashMap;
use std::ops::Range;

use super::cross_section::flags_of;
use super::elementwise;
use crate::classifier::{LabelTest, Relabel};
use crate::panel::{Layout, Panel};
use crate::words::{Words, renumbered};

/// The label 0 where the mask holds.
pub(super) fn everything(
    mask: Option<&Panel<bool>>,
    assets: usize,
    rows: Range<usize>,
) -> Panel<f64> {
    let label = |flag: &bool| if *flag { 0.0 } else { f64::NAN };
    let values = match mask {
        Some(mask) => mask.by_session_lent(&rows).iter().map(label).collect(),
        None => vec![0.0; rows.len() * assets],
    };
    Panel { rows, assets, layout: Layout::BySession, values }
}

/// Where something holds of the labels.
pub(super) fn test(
    test: &LabelTest,
    input: &Panel<f64>,
    words: Option<&Words>,
    mask: Option<&Panel<bool>>,
    rows: Range<usize>,
) -> Panel<bool> {
    match words {
        Some(words) => {
            let holds = test.of_words(words);
            elementwise::flags(&[input], mask, rows, |v| {
                v[0] >= 0.0 && holds.get(v[0] as usize).copied().unwrap_or(false)
            })
        }
        None => elementwise::flags(&[input], mask, rows, |v| test.of_integer(v[0])),
    }
}

/// Other texts in place of the labels'.
pub(super) fn relabel(
    relabel: &Relabel,
    input: &Panel<f64>,
    words: Option<&Words>,
    rows: Range<usize>,
) -> (Panel<f64>, Words) {
    let (words, labels) = relabel.apply(words.unwrap_or(&Words::default()));
    (elementwise::numbers(&[input], rows, |v| renumbered(&labels, v[0])), words)
}

/// A text where there is no label.
pub(super) fn filled(
    text: &str,
    input: &Panel<f64>,
    words: Option<&Words>,
    rows: Range<usize>,
) -> (Panel<f64>, Words) {
    let (words, [labels, fill]) = words.cloned().unwrap_or_default().joined(&Words::new([text]));
    let fill = fill.first().copied().unwrap_or(f64::NAN);
    let label = |v: [f64; 2]| if v[0].is_nan() { fill } else { renumbered(&labels, v[0]) };
    (elementwise::numbers(&[input], rows, label), words)
}

/// How many assets of the mask have each label.
pub(super) fn peer_count(
    input: &Panel<f64>,
    mask: Option<&Panel<bool>>,
    rows: Range<usize>,
) -> Panel<f64> {
    let assets = input.assets;
    let mut values = vec![f64::NAN; rows.len() * assets];
    let mut buffer = Vec::new();
    let labels = input.by_session(rows.clone(), &mut buffer);
    let mut counts: HashMap<u64, u32> = HashMap::new();
    for ((row, labels), out) in
        rows.clone().zip(labels.chunks_exact(assets)).zip(values.chunks_exact_mut(assets))
    {
        counts.clear();
        let flags = mask.and_then(|mask| flags_of(mask, row));
        let wanted = |place: usize| flags.is_none_or(|flags| flags.get(place) == Some(&true));
        let present = || labels.iter().enumerate().filter(|(at, l)| wanted(*at) && !l.is_nan());
        present().for_each(|(_, label)| *counts.entry((label + 0.0).to_bits()).or_default() += 1);
        for (place, label) in present() {
            let count = counts.get(&(label + 0.0).to_bits()).copied().unwrap_or_default();
            if let Some(out) = out.get_mut(place) {
                *out = f64::from(count);
            }
        }
    }
    Panel { rows, assets, layout: Layout::BySession, values }
}
