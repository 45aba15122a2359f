//! Texts as numbers: each label of a run is the position of its text in a sorted list.

use std::sync::Arc;

/// The texts that labels stand for, sorted, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words(Arc<[Arc<str>]>);

impl Words {
    /// Texts in any order, as often as they like.
    pub fn new<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut words: Vec<Arc<str>> =
            texts.into_iter().map(|text| Arc::from(text.as_ref())).collect();
        words.sort_unstable();
        words.dedup();
        Self(words.into())
    }

    /// The text of a label; `None` where it is missing.
    pub fn text(&self, label: f64) -> Option<&Arc<str>> {
        if label >= 0.0 { self.0.get(label as usize) } else { None }
    }

    /// The label of a text; `NaN` where there is no such text.
    pub fn label(&self, text: &str) -> f64 {
        self.0.binary_search_by(|word| (**word).cmp(text)).map_or(f64::NAN, |at| at as f64)
    }

    /// Every text, in order of its label.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.iter()
    }

    /// The texts of both, and the labels that those of each become.
    pub(crate) fn joined(&self, other: &Self) -> (Self, [Vec<f64>; 2]) {
        if self == other {
            let same: Vec<f64> = (0..self.0.len()).map(|label| label as f64).collect();
            return (self.clone(), [same.clone(), same]);
        }
        let all = Self::new(self.iter().chain(other.iter()));
        let labels = [self, other].map(|words| words.iter().map(|word| all.label(word)).collect());
        (all, labels)
    }
}

/// The new label of an old one; missing stays missing.
pub(crate) fn renumbered(labels: &[f64], label: f64) -> f64 {
    if label >= 0.0 { labels.get(label as usize).copied().unwrap_or(f64::NAN) } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_and_joined() {
        let a = Words::new(["tech", "bank", "tech"]);
        assert_eq!((a.label("bank"), a.label("tech")), (0.0, 1.0));
        assert!(a.label("oil").is_nan() && a.text(f64::NAN).is_none() && a.text(2.0).is_none());
        let (all, [from_a, from_b]) = a.joined(&Words::new(["oil"]));
        assert_eq!(from_a, [0.0, 2.0]);
        assert_eq!(from_b, [1.0]);
        assert_eq!(all.text(renumbered(&from_a, 1.0)).map(|word| &**word), Some("tech"));
    }
}
