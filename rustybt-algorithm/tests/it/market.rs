//! Markets of a few bars, written down.

use std::sync::Arc;

use rustybt_calendars::{Session, calendar};
use rustybt_data::{
    Action, Adjustment, AdjustmentTable, Asset, AssetTable, DataPortal, Field, MemoryBars,
    PortalParts, Sid, Timeline,
};

/// A date.
pub(crate) fn day(text: &str) -> Session {
    text.parse().unwrap()
}

/// A week and a day from Monday, 2019-03-04: six sessions without a holiday.
pub(crate) const DAYS: [&str; 6] =
    ["2019-03-04", "2019-03-05", "2019-03-06", "2019-03-07", "2019-03-08", "2019-03-11"];

/// Daily bars on `XNYS` from 2019-03-04 on, given by close and volume from an asset's start on.
pub(crate) struct Market {
    timeline: Timeline,
    assets: Vec<Asset>,
    bars: Vec<(Sid, Vec<f64>, Vec<f64>)>,
    events: Vec<Adjustment>,
}

impl Market {
    pub(crate) fn until(end: &str) -> Self {
        let xnys = calendar("XNYS").unwrap();
        let timeline = Timeline::daily(xnys, day(DAYS[0]), day(end)).unwrap();
        Self { timeline, assets: Vec::new(), bars: Vec::new(), events: Vec::new() }
    }

    /// An equity that lives as long as it has bars; `NaN` is a session without a trade.
    pub(crate) fn with(self, symbol: &str, closes: &[f64], volume: f64) -> Self {
        let sessions = self.timeline.sessions();
        let sid = Sid(self.assets.len() as u32);
        let asset = Asset::equity(sid, symbol, sessions[0], sessions[closes.len() - 1]);
        let volumes = closes.iter().map(|c| if c.is_nan() { 0.0 } else { volume }).collect();
        self.with_asset(asset, closes.to_vec(), volumes)
    }

    pub(crate) fn with_asset(mut self, asset: Asset, closes: Vec<f64>, volumes: Vec<f64>) -> Self {
        self.bars.push((asset.sid, closes, volumes));
        self.assets.push(asset);
        self
    }

    pub(crate) fn event(mut self, sid: u32, effective: &str, action: Action) -> Self {
        self.events.push(Adjustment {
            sid: Sid(sid),
            effective: day(effective),
            known: None,
            action,
        });
        self
    }

    pub(crate) fn portal(&self) -> Arc<DataPortal> {
        let mut bars = MemoryBars::builder(self.timeline.clone());
        for ((sid, closes, volumes), asset) in self.bars.iter().zip(&self.assets) {
            let first = self.timeline.row_of_session(asset.start).unwrap();
            let columns: Vec<(Field, &[f64])> = Field::OHLCV
                .into_iter()
                .map(|f| (f, if f.is_price() { closes.as_slice() } else { volumes.as_slice() }))
                .collect();
            bars = bars.series(*sid, first, &columns).unwrap();
        }
        Arc::new(
            DataPortal::new(PortalParts {
                calendar: self.timeline.calendar().clone(),
                finder: Arc::new(AssetTable::new(self.assets.clone())),
                adjustments: Arc::new(AdjustmentTable::new(self.events.clone())),
                daily: Some(Arc::new(bars.build())),
                minute: None,
            })
            .unwrap(),
        )
    }
}

/// A cash dividend without a pay date.
pub(crate) fn dividend(amount: &str, pay: Option<&str>) -> Action {
    Action::Dividend {
        amount: amount.parse().unwrap(),
        currency: None,
        declared: None,
        record: None,
        pay: pay.map(day),
    }
}
