//! Last half year's winners among what trades most, held in equal parts and chosen anew each month.
//!
//! ```text
//! cargo run --release --example momentum_pipeline
//! ```
//!
//! A pipeline ranks the whole market every day; on the first session of each month the strategy
//! reads today's rows, sells what is no longer among them and buys what is. A row of today knows
//! the data up to yesterday, and the example proves it: before each open it works out every return
//! again, from the bars that are known then.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::collections::BTreeMap;

use rustybt::algorithm::Error;
use rustybt::data::{Synthetic, SyntheticConfig};
use rustybt::pipeline::{AverageDollarVolume, EquityPricing, Rank, Returns};
use rustybt::prelude::*;

/// Assets held at a time.
const HELD: usize = 5;
/// Sessions over which a return is measured, both ends counted.
const WINDOW: usize = 126;
/// The part of the portfolio that is invested; the rest pays for what moves before orders fill.
const INVESTED: f64 = 0.95;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let market = Synthetic::new(SyntheticConfig {
        assets: 60,
        start: "2015-01-02".parse()?,
        end: "2019-12-31".parse()?,
        ..SyntheticConfig::default()
    })?;
    let config = RunConfig::new(market.portal()?, "2016-01-04".parse()?, "2019-12-31".parse()?);

    let mut strategy = Momentum::default();
    let result = run(&mut strategy, &config)?;
    println!("{} sessions, {} trades", result.sessions().len(), result.transactions().len());
    println!("rows checked against the bars: {}", strategy.checked);
    println!(
        "total return {:.1} %, Sharpe {:.2}, deepest fall {:.1} %",
        100.0 * result.total_return(),
        result.sharpe(),
        100.0 * result.max_drawdown(),
    );
    let picture = std::env::temp_dir().join("momentum_pipeline.svg");
    std::fs::write(&picture, result.to_svg("Momentum of sixty assets"))?;
    println!("the equity curve is in {}", picture.display());

    // Forty-eight months, each with a choice; every row of it was checked.
    assert_eq!(strategy.months, 48);
    assert!(strategy.checked > 900 * HELD);
    assert!(result.transactions().len() > 48);
    // What is held was chosen, and it is never far from what was meant to be invested.
    for row in result.sessions() {
        assert!(row.positions.iter().all(|position| position.amount > 0.0));
        assert!(row.leverage < 1.05, "{}: {}", row.session, row.leverage);
    }
    // However many sessions of the pipeline are computed at once, nothing changes.
    let chunked = run(&mut Momentum::default(), &config.with_pipeline_chunks(1, 13))?;
    assert_eq!(chunked, result);
    println!("the same run with the pipeline in other stretches gives the same result");
    Ok(())
}

#[derive(Default)]
struct Momentum {
    months: usize,
    checked: usize,
}

impl Algorithm for Momentum {
    fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Result<(), Error> {
        let prices = [EquityPricing::CLOSE, EquityPricing::VOLUME];
        let liquid = Factor::custom(AverageDollarVolume::new(20)?, prices)?.top(30, None);
        let momentum = Factor::custom(Returns::new(WINDOW)?, [EquityPricing::CLOSE])?;
        let pipeline = Pipeline::new()
            .with("momentum", momentum.clone())
            .with("rank", momentum.rank(Rank::descending(), Some(&liquid)))
            .screen(momentum.top(HELD, Some(&liquid)));
        setup.attach_pipeline(pipeline, "winners")?;
        setup.schedule_function(Self::rebalance, DateRule::month_start(0), TimeRule::market_open())
    }

    /// Works out again what the pipeline says.
    fn before_trading_start(
        &mut self,
        ctx: &mut Context<'_>,
        data: &BarData<'_>,
    ) -> Result<(), Error> {
        let winners = ctx.pipeline_output("winners")?;
        for (&sid, &momentum) in winners.sids().iter().zip(winners.numbers("momentum")?) {
            let closes = data.window(sid, Field::Close, WINDOW)?;
            if let (Some(first), Some(last)) = (closes.first(), closes.last()) {
                assert!(
                    (momentum - (last / first - 1.0)).abs() < 1e-12,
                    "{sid} on {}",
                    ctx.session()
                );
                self.checked += 1;
            }
        }
        Ok(())
    }
}

impl Momentum {
    fn rebalance(&mut self, ctx: &mut Context<'_>, data: &BarData<'_>) -> Result<(), Error> {
        let winners = ctx.pipeline_output("winners")?;
        let mut targets: BTreeMap<Sid, f64> =
            ctx.portfolio().positions().map(|position| (position.sid, 0.0)).collect();
        for &sid in winners.sids() {
            targets.insert(sid, INVESTED / HELD as f64);
        }
        for (sid, part) in targets {
            if data.can_trade(sid)? {
                ctx.order_target_percent(sid, part)?;
            }
        }
        ctx.record("winners", winners.len() as f64);
        self.months += 1;
        Ok(())
    }
}
