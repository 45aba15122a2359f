//! A factor of one's own: Kaufman's efficiency ratio, tried by hand, then run in a pipeline.
//!
//! ```text
//! cargo run --example write_a_factor
//! ```
//!
//! Over the changes in a window of closes, the ratio is how far the price got divided by how far it
//! walked: 1 for a straight line, near 0 for noise. (P. J. Kaufman, *Smarter Trading*, 1995.)

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::sync::Arc;

use rustybt::data::{Synthetic, SyntheticConfig};
use rustybt::ndarray::{ArrayViewMut1, array};
use rustybt::pipeline::{BoundColumn, CustomFactor, EquityPricing, Windows};
use rustybt::prelude::*;

/// `|last − first| / Σ|change|` over a window of closes; `NaN` where nothing moved.
#[derive(Debug, PartialEq, Eq, Hash)]
struct EfficiencyRatio {
    window: usize,
}

impl CustomFactor for EfficiencyRatio {
    fn name(&self) -> &'static str {
        "EfficiencyRatio"
    }

    fn window_length(&self) -> usize {
        self.window
    }

    fn inputs(&self) -> Vec<BoundColumn> {
        vec![EquityPricing::CLOSE]
    }

    /// A ratio of prices does not move with splits: later windows may look at it again.
    fn window_safe(&self) -> bool {
        true
    }

    fn compute(&self, windows: &Windows<'_>, mut out: ArrayViewMut1<'_, f64>) {
        for (closes, ratio) in windows[0].columns().into_iter().zip(&mut out) {
            *ratio = efficiency(&closes.to_vec());
        }
    }
}

fn efficiency(closes: &[f64]) -> f64 {
    let walked: f64 = closes.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum();
    (closes[closes.len() - 1] - closes[0]).abs() / walked
}

fn main() -> Result<(), Box<dyn Error>> {
    by_hand()?;

    let market = Synthetic::new(SyntheticConfig { assets: 40, ..SyntheticConfig::default() })?;
    let portal = market.portal()?;
    let ratio = EfficiencyRatio { window: 21 }.factor()?;
    let straightest = ratio.top(5, None);
    let pipeline = Pipeline::new().with("efficiency", ratio).screen(straightest);

    let loader = EquityLoader::of(&portal)?;
    let engine = Engine::new(Arc::new(loader));
    let (start, end) = ("2016-03-01".parse()?, "2016-03-31".parse()?);
    let output = engine.run(&pipeline, start, end, &RunOptions::default())?;

    // A row of a session sees the bars before it: exactly what a strategy sees at its open.
    let column = output.numbers("efficiency")?;
    for ((&session, &sid), &value) in output.sessions().iter().zip(output.sids()).zip(column) {
        let open = portal.calendar().open(session)?;
        let seen = portal.at(open, Clocking::Daily).window(sid, Field::Close, 21)?;
        let expected = efficiency(&seen);
        assert!((value - expected).abs() <= 1e-12, "{session} {sid}: {value} is not {expected}");
    }
    println!("{} rows of the five straightest assets agree with history", column.len());
    Ok(())
}

/// Up 2, down 1, up 2: got 3 far, walked 5. Straight down: 1.
fn by_hand() -> Result<(), Box<dyn Error>> {
    let closes = array![[10.0, 9.0], [12.0, 8.0], [11.0, 7.0], [13.0, 5.0]];
    let mut out = array![f64::NAN, f64::NAN];
    let inputs = [closes.view()];
    let windows = Windows::new("2024-01-08".parse()?, &[Sid(0), Sid(1)], &inputs);
    EfficiencyRatio { window: 4 }.compute(&windows, out.view_mut());
    assert_eq!(out, array![0.6, 1.0]);
    Ok(())
}
