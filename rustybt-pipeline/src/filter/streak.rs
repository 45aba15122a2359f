//! Flags over a window of flags.

/// How many of the sessions of a window must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Streak {
    /// Each of them.
    All,
    /// One of them.
    Any,
    /// So many of them.
    AtLeast(usize),
}

impl Streak {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Any => "Any",
            Self::AtLeast(_) => "AtLeastN",
        }
    }

    pub(crate) fn label(self, window: usize) -> String {
        match self {
            Self::AtLeast(n) => format!("AtLeastN({n} of {window})"),
            _ => format!("{}({window})", self.name()),
        }
    }

    /// Whether it holds of a window of which `count` sessions hold.
    pub(crate) const fn holds(self, count: usize, window: usize) -> bool {
        match self {
            Self::All => count == window,
            Self::Any => count > 0,
            Self::AtLeast(n) => count >= n,
        }
    }
}
