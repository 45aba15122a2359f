//! Assets named one by one.

use std::fmt;

use rustybt_data::Sid;

/// An asset as a person names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AssetName {
    /// By its identifier, which never changes.
    Sid(Sid),
    /// By a symbol: on each session, the asset that had it then.
    Symbol(String),
}

impl fmt::Display for AssetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sid(sid) => write!(f, "sid {sid}"),
            Self::Symbol(symbol) => f.write_str(symbol),
        }
    }
}
