//! The words, the contracts and the serving layer of `RustyBT`.
//!
//! * **Words**: [`Sid`] and [`Asset`] say who, [`Field`] and [`Quote`] what, [`Frequency`] how
//!   long, [`Timeline`] when, [`Exact`] and [`RawBars`] how much, to the last digit.
//! * **Contracts**: a [`Source`] brings data in; a [`BarReader`], an [`AssetFinder`] and an
//!   [`AdjustmentReader`] give it out.
//!
//! This crate is pure and synchronous: it opens no file and no socket, and reads no clock.

mod adjust;
mod asset;
mod bars;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod exact;
mod field;
mod finder;
mod frame;
#[cfg(feature = "polars")]
mod frames;
mod frequency;
mod history;
mod lookback;
mod memory;
mod portal;
mod reader;
mod resample;
mod session_bars;
mod sid_index;
mod source;
mod synthetic;
mod timeline;
mod validate;
mod view;

pub use adjust::{
    Action, AdjustMode, Adjustment, AdjustmentReader, AdjustmentTable, Factor, Factors,
};
pub use asset::{Asset, AssetClass, Sid, SymbolSpan};
pub use bars::{RawBars, Stamps};
pub use error::{DecimalFault, Error};
pub use exact::{Exact, ExactColumn, MAX_MANTISSA, MAX_SCALE, rescale, to_f64};
pub use field::{Field, Quote};
pub use finder::{AssetFinder, AssetTable};
pub use frame::BarFrame;
pub use frequency::{Frequency, Unit};
pub use history::{History, HistoryQuery};
pub use memory::{MemoryBars, MemoryBarsBuilder};
pub use portal::{DataPortal, PortalParts};
pub use reader::{BarReader, BarReaderExt, Run};
pub use resample::{merge_bars, merge_exact, merged};
pub use session_bars::SessionBars;
pub use sid_index::SidIndex;
pub use source::{
    AssetRecord, Delivery, Part, Reason, Rejected, Selection, Source, SourceError, SourceEvent,
    Survey,
};
pub use synthetic::{Synthetic, SyntheticAsset, SyntheticConfig};
pub use timeline::Timeline;
pub use validate::{ValidateContext, Verdict, validate};
pub use view::{BarData, Clocking, Window};
