//! [`ContinuousFuture`]: which contracts a series is made of, and how they are joined.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// When a series passes from a contract to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RollStyle {
    /// In the session in which positions in it are closed.
    Calendar,
    /// In the session after the next one traded more.
    #[default]
    Volume,
}

/// How prices before a roll are brought to the level of those after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RollAdjustment {
    /// They are multiplied by the ratio of the two contracts' closes.
    #[default]
    Mul,
    /// The difference of the two closes is added to them.
    Add,
    /// Not at all.
    None,
}

/// A series of contracts on something, one after another.
///
/// ```
/// use rustybt_data::{ContinuousFuture, RollStyle};
///
/// let second = ContinuousFuture { offset: 1, ..ContinuousFuture::new("ES") };
/// assert_eq!(second.roll, RollStyle::Volume);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContinuousFuture {
    /// What the contracts are on.
    pub root: String,
    /// 0 for the contract that is traded now, 1 for the one after it, and so on.
    pub offset: usize,
    /// When the next contract takes over.
    pub roll: RollStyle,
    /// What happens to earlier prices then.
    pub adjustment: RollAdjustment,
}

impl ContinuousFuture {
    /// The contract that is traded most, earlier prices multiplied: zipline's default.
    pub fn new(root: impl Into<String>) -> Self {
        Self {
            root: root.into(),
            offset: 0,
            roll: RollStyle::default(),
            adjustment: RollAdjustment::default(),
        }
    }
}

impl RollStyle {
    /// The name: `calendar` or `volume`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calendar => "calendar",
            Self::Volume => "volume",
        }
    }
}

impl RollAdjustment {
    /// The name: `mul`, `add` or `none`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mul => "mul",
            Self::Add => "add",
            Self::None => "none",
        }
    }
}

impl fmt::Display for RollStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for RollAdjustment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RollStyle {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Calendar, Self::Volume]
            .into_iter()
            .find(|style| style.name() == text)
            .ok_or_else(|| Error::BadRoll { text: text.to_owned(), known: "calendar and volume" })
    }
}

impl FromStr for RollAdjustment {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = [Self::Mul, Self::Add, Self::None];
        known
            .into_iter()
            .find(|way| way.name() == text)
            .ok_or_else(|| Error::BadRoll { text: text.to_owned(), known: "mul, add and none" })
    }
}
