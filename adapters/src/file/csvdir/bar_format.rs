//! What a file of bars does not say of itself.

use chrono_tz::Tz;
use rustybt_data::{Frequency, Selection};

use super::options::Label;

/// What must be known of a file of bars beside its bytes.
#[derive(Debug, Clone, Copy)]
pub struct BarFormat<'a> {
    /// The file's name, as messages give it.
    pub origin: &'a str,
    /// The asset's symbol, as messages give it.
    pub symbol: &'a str,
    /// The asset that events of the file are given to.
    pub asset: usize,
    /// Daily bars are stamped with dates, all others with instants.
    pub frequency: Frequency,
    /// Which end of its bar a minute is named for.
    pub label: Label,
    /// The zone of times without one; `None` for the calendar's.
    pub zone: Option<Tz>,
    /// Which bars are wanted, and the calendar they follow.
    pub selection: &'a Selection,
}
