//! From files to answers: CSV files, a bundle, a look back, a pipeline, a strategy.
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! It runs offline, in a temporary folder, and checks what comes out.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::fs;
use std::sync::Arc;

use rustybt::data::{Selection, Synthetic, SyntheticConfig};
use rustybt::pipeline::{CustomFactor, EquityPricing, SimpleMovingAverage};
use rustybt::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;

    // 1. Twenty assets as CSV files; yours may come from anywhere.
    let market = Synthetic::new(SyntheticConfig { assets: 20, ..SyntheticConfig::default() })?;
    let daily = folder.path().join("prices/daily");
    fs::create_dir_all(&daily)?;
    for asset in 0..market.len() {
        let csv = market.daily_csv(asset).ok_or("no such asset")?;
        fs::write(daily.join(format!("{}.csv", market.symbol(asset))), csv)?;
    }

    // 2. Into a bundle: one ingest, one version.
    let prices = folder.path().join("prices").display().to_string();
    let source = rustybt::adapters::open("csvdir", &[("path".to_owned(), prices)].into())?;
    let store = Store::open_or_create(&folder.path().join("data"))?;
    let name: BundleName = "demo".parse()?;
    let selection = Selection {
        symbols: None,
        start: None,
        end: None,
        frequency: None,
        calendar: calendar("XNYS")?,
    };
    let options = IngestOptions::new(selection, "2024-01-02T12:00Z".parse()?);
    let report = store.ingest(&name, source.as_ref(), &options, &|_| {})?;
    println!(
        "{} bars of {} assets in version {}",
        report.rows_stored,
        report.assets,
        report.outcome.version()
    );
    assert_eq!((report.assets, report.rejected), (20, 0));

    // 3. A look back, as things were known before an open: the newest bar is yesterday's.
    let portal = Arc::new(store.bundle(&name, At::Latest)?.portal()?);
    let (first, today) = ("2019-01-02".parse()?, "2020-07-01".parse()?);
    let data = portal.at(portal.calendar().open(today)?, Clocking::Daily);
    let mut assets = portal.finder().assets().iter().rev();
    let asset =
        assets.find(|asset| asset.is_alive(first) && asset.is_alive(today)).ok_or("none alive")?;
    let closes = data.window(asset.sid, Field::Close, 20)?;
    let traded: Vec<f64> = closes.iter().copied().filter(|close| !close.is_nan()).collect();
    let mean = traded.iter().sum::<f64>() / traded.len() as f64;
    println!("{}: mean of 20 closes before {today} {mean:.4}", asset.symbol);

    // 4. A pipeline over all assets: its row of today knows the same bars.
    let sma = SimpleMovingAverage::new(20)?.on([EquityPricing::CLOSE])?;
    let pipeline = Pipeline::new().with("sma_20", sma);
    let engine = Engine::new(Arc::new(EquityLoader::of(&portal)?));
    let output = engine.run(&pipeline, today, today, &RunOptions::default())?;
    let row = output.sids().iter().position(|sid| *sid == asset.sid).ok_or("no row")?;
    let average = output.numbers("sma_20")?[row];
    println!("{} assets on {today}; {} has {average:.4}", output.len(), asset.symbol);
    assert!((average - mean).abs() < 1e-9, "{average} is not {mean}");

    // 5. A strategy: everything in one asset, from the first day on.
    let sid = asset.sid;
    let mut buy_and_hold =
        |ctx: &mut Context<'_>, data: &BarData<'_>| -> Result<(), rustybt::algorithm::Error> {
            if ctx.portfolio().amount(sid) == 0.0 && data.can_trade(sid)? {
                ctx.order_target_percent(sid, 0.9)?;
            }
            Ok(())
        };
    let config = RunConfig::new(portal.clone(), first, today);
    let performance = run(&mut buy_and_hold, &config)?;
    println!("buy and hold: {:.2} of {:.2}", performance.final_value(), performance.capital());
    assert!(!performance.transactions().is_empty());
    Ok(())
}
