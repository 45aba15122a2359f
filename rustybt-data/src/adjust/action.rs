//! Splits, dividends and other corporate actions as events, and the contract for reading them.

use std::collections::BTreeMap;
use std::fmt::Debug;

use rustybt_calendars::{Session, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Exact, Sid};

/// What happened to an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// `old` units became `new` units: seven-for-one is `{ new: 7, old: 1 }`.
    ///
    /// Earlier prices are multiplied by `old / new`, earlier volumes by `new / old`.
    Split {
        /// Units held afterwards, for every `old`.
        new: u64,
        /// Units held before.
        old: u64,
    },
    /// Cash for every unit held at the end of the session before the ex-date.
    ///
    /// Earlier prices are multiplied by `1 - amount / close`, with the raw close of the session
    /// before the ex-date.
    Dividend {
        /// Cash for one unit, in `currency`.
        amount: Exact,
        /// The currency it is paid in; `None` for the asset's own.
        currency: Option<String>,
        /// The day it was announced.
        declared: Option<Session>,
        /// The day on which holders are written down.
        record: Option<Session>,
        /// The day it is paid; `None` where nobody told, and then the ex-date counts.
        pay: Option<Session>,
    },
    /// A merger or spin-off that multiplies earlier prices by `ratio` and leaves volume alone.
    Merger {
        /// The factor of earlier prices.
        ratio: Exact,
    },
    /// `ratio` units of an asset for every unit held.
    ///
    /// zipline leaves prices alone, and so does [`AdjustMode::AsOf`](crate::AdjustMode::AsOf).
    StockDividend {
        /// The asset that is paid out.
        payment: Sid,
        /// Units of it for one unit held.
        ratio: Exact,
        /// The day it is paid.
        pay: Option<Session>,
    },
    /// `ratio` units of a new asset for every unit held, split off from this one.
    SpinOff {
        /// The asset that was split off.
        payment: Sid,
        /// Units of it for one unit held.
        ratio: Exact,
        /// What earlier prices are to be multiplied by: the part of the value that stayed; `None`
        /// where nobody told.
        factor: Option<Exact>,
        /// The day it is given out.
        pay: Option<Session>,
    },
    /// Whoever holds `old` units may buy `new` more at `price`.
    ///
    /// Below the market's price that is worth something, and the price falls by it.
    Rights {
        /// Units that may be bought, for every `old`.
        new: u64,
        /// Units held.
        old: u64,
        /// The price of one new unit, in the asset's currency.
        price: Exact,
    },
}

impl Action {
    /// The name of its kind: `split`, `dividend`, `merger`, `stock dividend`, `spin-off` or `rights`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Split { .. } => "split",
            Self::Dividend { .. } => "dividend",
            Self::Merger { .. } => "merger",
            Self::StockDividend { .. } => "stock dividend",
            Self::SpinOff { .. } => "spin-off",
            Self::Rights { .. } => "rights",
        }
    }
}

/// An event in the life of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// Whose.
    pub sid: Sid,
    /// The first day on which the asset trades without what was given: the ex-date. A day that
    /// is no session acts on the next one.
    pub effective: Session,
    /// The moment from which it was known; `None` where nobody told, and then `effective` counts.
    pub known: Option<Timestamp>,
    /// What happened.
    pub action: Action,
}

/// Knows the corporate actions of a bundle.
///
/// # Contract
///
/// * The events of an asset are in the order of their effective dates; events of one date keep
///   the order in which they were ingested.
/// * An asset without events has an empty slice, known or not.
pub trait AdjustmentReader: Debug + Send + Sync {
    /// The events of one asset.
    fn adjustments(&self, sid: Sid) -> &[Adjustment];
}

/// Events in memory.
#[derive(Debug, Clone, Default)]
pub struct AdjustmentTable {
    by_sid: BTreeMap<Sid, Vec<Adjustment>>,
}

impl AdjustmentTable {
    /// A table of these events, in any order.
    pub fn new(events: impl IntoIterator<Item = Adjustment>) -> Self {
        let mut by_sid: BTreeMap<Sid, Vec<Adjustment>> = BTreeMap::new();
        for event in events {
            by_sid.entry(event.sid).or_default().push(event);
        }
        for events in by_sid.values_mut() {
            events.sort_by_key(|event| event.effective);
        }
        Self { by_sid }
    }

    /// Every event, by asset and date.
    pub fn iter(&self) -> impl Iterator<Item = &Adjustment> {
        self.by_sid.values().flatten()
    }
}

impl AdjustmentReader for AdjustmentTable {
    fn adjustments(&self, sid: Sid) -> &[Adjustment] {
        self.by_sid.get(&sid).map(Vec::as_slice).unwrap_or_default()
    }
}
