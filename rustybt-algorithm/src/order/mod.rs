//! Orders, and the two models that decide what they cost: slippage and commission.

mod amount;
mod commission;
mod fill;
#[expect(clippy::module_inception, reason = "the file is named for the one idea it holds")]
mod order;
mod slippage;

pub use amount::Lot;
pub use commission::{Commission, PerDollar, PerShare, PerTrade};
pub(crate) use fill::fill;
pub use fill::{Cause, TradedBar, Transaction};
pub use order::{Order, OrderId, Status, Style};
pub use slippage::{Execution, FixedBasisPoints, NoSlippage, Slippage, VolumeShareSlippage};
