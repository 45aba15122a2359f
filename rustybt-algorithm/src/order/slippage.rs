//! How much of an order a bar can take, and at what price.

use std::fmt::Debug;

use super::{Lot, Order, TradedBar};

/// What a bar gives an order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Execution {
    /// Price of one unit.
    pub price: f64,
    /// Units, never negative.
    pub amount: f64,
}

/// Decides the price and the size of a fill.
///
/// # Contract
///
/// * It is asked only about bars that traded, with orders that want to trade at the bar's close.
/// * `taken` units of the bar went to earlier orders; the answer leaves those alone.
/// * `None`, or an amount of zero, leaves the order open for the next bar.
/// * The same question gives the same answer.
pub trait Slippage: Debug + Send + Sync {
    /// What this bar gives this order.
    fn execute(&self, order: &Order, bar: &TradedBar, taken: f64, lot: Lot) -> Option<Execution>;
}

/// Fills against a share of a bar's volume; the price moves with the square of the share taken.
///
/// With `s` the share of the bar's volume that orders have taken, this fill included, and at most
/// the limit: `price = close * (1 ± impact * s²)`, plus for a buy and minus for a sale.
///
/// ```
/// use rustybt_algorithm::VolumeShareSlippage;
///
/// // A hundredth of the volume moves the price by 0.1 * 0.01², a thousandth of a percent.
/// let model = VolumeShareSlippage::default();
/// assert_eq!(model.impact_of(0.01), 0.1 * 0.01 * 0.01);
/// assert_eq!(model.impact_of(1.0), model.impact_of(0.025)); // no share beyond the limit
/// ```
///
/// # Source
///
/// zipline's `VolumeShareSlippage`, with the same defaults.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VolumeShareSlippage {
    /// The largest part of a bar's volume that is filled; `0.025` by default.
    pub volume_limit: f64,
    /// The relative move of the price when the whole volume is taken; `0.1` by default.
    pub price_impact: f64,
}

impl Default for VolumeShareSlippage {
    fn default() -> Self {
        Self { volume_limit: 0.025, price_impact: 0.1 }
    }
}

impl VolumeShareSlippage {
    /// The relative move of the price for a share of the volume.
    pub fn impact_of(&self, share: f64) -> f64 {
        let share = share.min(self.volume_limit);
        self.price_impact * share * share
    }
}

impl Slippage for VolumeShareSlippage {
    fn execute(&self, order: &Order, bar: &TradedBar, taken: f64, lot: Lot) -> Option<Execution> {
        let amount = available(order, self.volume_limit * bar.volume - taken, lot)?;
        let share = ((taken + amount) / bar.volume).min(self.volume_limit);
        // In zipline's order of operations, so that prices agree to the last bit.
        let impact = share * share * (self.price_impact * order.direction()) * bar.close;
        Some(Execution { price: bar.close + impact, amount })
    }
}

/// Fills against a share of a bar's volume, at a fixed fraction of the price.
///
/// `price = close * (1 ± points / 10 000)`.
///
/// # Source
///
/// zipline's `FixedBasisPointsSlippage`, with the same defaults: five points, a tenth of the volume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedBasisPoints {
    /// Hundredths of a percent.
    pub points: f64,
    /// The largest part of a bar's volume that is filled.
    pub volume_limit: f64,
}

impl Default for FixedBasisPoints {
    fn default() -> Self {
        Self { points: 5.0, volume_limit: 0.1 }
    }
}

impl Slippage for FixedBasisPoints {
    fn execute(&self, order: &Order, bar: &TradedBar, taken: f64, lot: Lot) -> Option<Execution> {
        let room = lot.truncate(self.volume_limit * bar.volume) - taken;
        let amount = available(order, room, lot)?;
        let price = bar.close + bar.close * (self.points / 10_000.0 * order.direction());
        Some(Execution { price, amount })
    }
}

/// Fills everything at the close of the next bar that trades, however little it traded.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NoSlippage;

impl Slippage for NoSlippage {
    fn execute(&self, order: &Order, bar: &TradedBar, _: f64, _: Lot) -> Option<Execution> {
        Some(Execution { price: bar.close, amount: order.open_amount().abs() })
    }
}

/// The units of an order that fit into `room`; `None` where not even one lot does.
fn available(order: &Order, room: f64, lot: Lot) -> Option<f64> {
    let open = order.open_amount().abs();
    let amount = if open <= room { open } else { lot.truncate(room) };
    (amount > 0.0).then_some(amount)
}

#[cfg(test)]
mod tests {
    use rustybt_calendars::Timestamp;
    use rustybt_data::Sid;

    use super::*;
    use crate::order::{OrderId, Style};

    fn order(amount: f64) -> Order {
        Order::new(OrderId(0), Sid(0), amount, Style::Market, Timestamp::from_minutes(0))
    }

    fn bar(close: f64, volume: f64) -> TradedBar {
        TradedBar { at: Timestamp::from_minutes(1), close, volume }
    }

    #[test]
    fn a_share_of_the_volume_moves_the_price_by_its_square() {
        let model = VolumeShareSlippage::default();
        // 500 of 100,000: share 0.005, impact 0.1 * 0.000025 = 0.0000025 of 200 = 0.0005.
        let bought = model.execute(&order(500.0), &bar(200.0, 100_000.0), 0.0, Lot::WHOLE).unwrap();
        assert_eq!(bought.amount, 500.0);
        assert!((bought.price - 200.0005).abs() < 1e-12);
        let sold = model.execute(&order(-500.0), &bar(200.0, 100_000.0), 0.0, Lot::WHOLE).unwrap();
        assert!((sold.price - 199.9995).abs() < 1e-12);
    }

    #[test]
    fn less_than_one_lot_of_room_is_no_fill() {
        let model = VolumeShareSlippage::default();
        assert_eq!(model.execute(&order(5.0), &bar(10.0, 39.0), 0.0, Lot::WHOLE), None);
        assert_eq!(
            model.execute(&order(5.0), &bar(10.0, 40.0), 0.0, Lot::WHOLE).unwrap().amount,
            1.0
        );
        assert_eq!(model.execute(&order(5.0), &bar(10.0, 40.0), 1.0, Lot::WHOLE), None);
        let coin = model.execute(&order(5.0), &bar(10.0, 39.0), 0.0, Lot::COIN).unwrap();
        assert_eq!(coin.amount, 0.975);
    }

    #[test]
    fn basis_points_and_none() {
        let fixed = FixedBasisPoints::default();
        let filled = fixed.execute(&order(-30.0), &bar(100.0, 205.0), 0.0, Lot::WHOLE).unwrap();
        assert_eq!((filled.amount, filled.price), (20.0, 99.95));
        let all = NoSlippage.execute(&order(-30.0), &bar(100.0, 1.0), 0.0, Lot::WHOLE).unwrap();
        assert_eq!((all.amount, all.price), (30.0, 100.0));
    }
}
