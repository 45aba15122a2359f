//! Filters: yes or no for each asset on each session.

mod pick;
mod static_assets;

pub(crate) use pick::Pick;
pub use static_assets::AssetName;

use crate::term::{Op, Term};

/// Yes or no for each asset on each session; always no for an asset that does not live.
///
/// Join filters by `&`, `|` and `!`; use them as a mask, or as the screen of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filter(Term);

impl From<Filter> for Term {
    fn from(filter: Filter) -> Self {
        filter.0
    }
}

impl Filter {
    pub(crate) fn of_term(term: Term) -> Self {
        Self(term)
    }

    /// The assets that live: `start < session <= end`. The screen and mask where none is given.
    pub fn exists() -> Self {
        Self(Term::exists())
    }

    /// These assets, on the sessions on which they live. A symbol names, on each session, the
    /// asset that had it then.
    pub fn assets(assets: impl IntoIterator<Item = AssetName>) -> Self {
        let op = Op::Assets(assets.into_iter().collect());
        Self(Term::new(op, Vec::new(), Some(Term::exists()), true))
    }

    pub(crate) fn mask_or_exists(mask: Option<&Self>) -> Term {
        mask.map_or_else(Term::exists, |mask| mask.0.clone())
    }
}
