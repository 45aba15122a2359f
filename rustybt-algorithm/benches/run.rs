//! How long a whole run takes.
//!
//! `daily`: one asset, two moving averages over eight years. `hold`: fifty assets held for eight
//! years, which is the account alone. `minutes`: one asset for ten sessions of minutes.

#![allow(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

use std::sync::Arc;

use divan::Bencher;
use rustybt_algorithm::{Context, Error, RunConfig, run};
use rustybt_data::{BarData, Clocking, DataPortal, Quote, Sid, Synthetic, SyntheticConfig};

fn main() {
    divan::main();
}

fn portal(assets: usize, minute_assets: usize) -> Arc<DataPortal> {
    let config =
        SyntheticConfig { assets, minute_assets, minute_days: 10, ..SyntheticConfig::default() };
    Arc::new(Synthetic::new(config).unwrap().portal().unwrap())
}

#[divan::bench]
fn daily(bencher: Bencher<'_, '_>) {
    let config =
        RunConfig::new(portal(1, 0), "2014-06-02".parse().unwrap(), "2022-12-28".parse().unwrap());
    bencher.bench_local(|| {
        let mut strategy = |ctx: &mut Context<'_>, data: &BarData<'_>| -> Result<(), Error> {
            let mean = |bars: usize| {
                data.window(Sid(0), Quote::Price, bars).map(|w| w.iter().sum::<f64>() / bars as f64)
            };
            let invested = if mean(100)? > mean(300)? { 0.9 } else { 0.0 };
            if ctx.open_orders(Sid(0)).next().is_none() {
                ctx.order_target_percent(Sid(0), invested)?;
            }
            Ok(())
        };
        let result = run(&mut strategy, &config).unwrap();
        assert!(result.sessions().len() > 2_100);
        result
    });
}

#[divan::bench]
fn hold(bencher: Bencher<'_, '_>) {
    let config =
        RunConfig::new(portal(50, 0), "2014-06-02".parse().unwrap(), "2022-12-28".parse().unwrap());
    bencher.bench_local(|| {
        let mut strategy = |ctx: &mut Context<'_>, data: &BarData<'_>| -> Result<(), Error> {
            for sid in (0..50).map(Sid) {
                if ctx.portfolio().amount(sid) == 0.0 && data.can_trade(sid)? {
                    ctx.order(sid, 10.0)?;
                }
            }
            Ok(())
        };
        let result = run(&mut strategy, &config).unwrap();
        assert!(result.sessions().iter().any(|row| row.positions.len() > 30));
        result
    });
}

#[divan::bench]
fn minutes(bencher: Bencher<'_, '_>) {
    let config =
        RunConfig::new(portal(1, 1), "2022-12-15".parse().unwrap(), "2022-12-28".parse().unwrap())
            .with_clocking(Clocking::Minute);
    bencher.bench_local(|| {
        let mut strategy = |ctx: &mut Context<'_>, data: &BarData<'_>| -> Result<(), Error> {
            if data.current(Sid(0), Quote::Price)? > 0.0 && ctx.portfolio().amount(Sid(0)) < 900.0 {
                ctx.order(Sid(0), 1.0)?;
            }
            Ok(())
        };
        let result = run(&mut strategy, &config).unwrap();
        assert!(!result.transactions().is_empty());
        result
    });
}
