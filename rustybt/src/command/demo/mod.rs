//! `rustybt demo`: everything once, offline, on the synthetic market, with a report to look at.
//!
//! A folder of CSV files becomes a bundle through the `csvdir` adapter, like anybody's files would;
//! then comes a look back across a split, a pipeline, a strategy on that pipeline, and a page.

mod report;
mod strategy;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use rustybt_algorithm::{Performance, RunConfig};
use rustybt_bundles::{At, BundleName, Locking, Recipe, Store};
use rustybt_calendars::Session;
use rustybt_data::{
    Action, AdjustMode, DataPortal, Field, HistoryQuery, Quote, Sid, Synthetic, SyntheticConfig,
};
use rustybt_pipeline::{Pipeline, RunOptions, parse};

use self::report::{Report, Section};
use self::strategy::MonthlyMomentum;
use super::ingest::{Work, count, ingest};
use super::{Context, pipeline};
use crate::error::Error;
use crate::output::{Table, Values, say};

/// The name of the bundle.
const BUNDLE: &str = "demo";
/// A calendar year of look-back is there from the third year on.
const WARM_UP: usize = 504;

/// See [`super::Command::Demo`].
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Leave the files, the bundle and the report in this folder
    #[arg(long, value_name = "DIR", default_value = "rustybt-demo")]
    out: PathBuf,
    /// How many assets the market has
    #[arg(long, value_name = "N", default_value_t = 200)]
    assets: usize,
}

/// Runs the tour, telling each step as it is done.
pub(super) fn run(args: &DemoArgs, context: &Context) -> Result<(), Error> {
    clear(&args.out)?;
    let mut report = Report::default();
    let mut tell = |section: Section| -> Result<(), Error> {
        if !context.quiet {
            say(section.summary())?;
        }
        report.push(section);
        Ok(())
    };

    let market =
        Synthetic::new(SyntheticConfig { assets: args.assets, ..SyntheticConfig::default() })?;
    tell(write(&market, &args.out.join("market"), context)?)?;
    let (portal, section) = take_in(&args.out, context)?;
    tell(section)?;
    let portal = Arc::new(portal);
    tell(look_back(&portal)?)?;

    let momentum = parse::parse(include_str!("momentum.pipe"), "momentum.pipe")?;
    let sessions = portal.daily().timeline().sessions().to_vec();
    let start = sessions.get(WARM_UP).or(sessions.last()).copied();
    let (Some(start), Some(&end)) = (start, sessions.last()) else { return Ok(()) };
    tell(rank(&portal, &momentum, start, end, context)?)?;
    tell(trade(&portal, momentum, start, end)?)?;

    let page = args.out.join("report.html");
    fs::write(&page, report.html("RustyBT: a tour")).map_err(refused("write", &page))?;
    if context.quiet {
        Ok(())
    } else {
        say(format_args!("everything is in {}; open {}", args.out.display(), page.display()))
    }
}

/// Takes away what an earlier tour left, and nothing else.
fn clear(out: &Path) -> Result<(), Error> {
    if out.join("report.html").exists() && out.join("data/catalog.sqlite").exists() {
        for folder in ["market", "data"] {
            let path = out.join(folder);
            fs::remove_dir_all(&path).map_err(refused("clear", &path))?;
        }
    }
    Ok(())
}

fn write(market: &Synthetic, folder: &Path, context: &Context) -> Result<Section, Error> {
    let began = Instant::now();
    let daily = folder.join("daily");
    fs::create_dir_all(&daily).map_err(refused("make the folder", &daily))?;
    let mut meter = context.meter();
    let mut bytes = 0;
    for asset in 0..market.len() {
        let Some(text) = market.daily_csv(asset) else { break };
        let path = daily.join(format!("{}.csv", market.symbol(asset)));
        bytes += text.len() as u64;
        fs::write(&path, text).map_err(refused("write", &path))?;
        meter.set("write", asset as u64 + 1, market.len() as u64);
    }
    let story = "A seeded market walks randomly for ten years, with splits, dividends, late listings, delistings \
                 and days without a trade. It is written as CSV files, one an asset.";
    Ok(Section::new("A market", story)
        .fact("assets", count(market.len() as u64))
        .fact("sessions", count(market.sessions().len() as u64))
        .fact("CSV", format!("{} bytes in {}", count(bytes), daily.display()))
        .fact("time", seconds(began)))
}

fn take_in(out: &Path, context: &Context) -> Result<(DataPortal, Section), Error> {
    let data = out.join("data");
    let path = std::path::absolute(out.join("market")).unwrap_or_else(|_| out.join("market"));
    let recipe = Recipe {
        source: "csvdir".to_owned(),
        options: [("path".to_owned(), path.to_string_lossy().into_owned())].into(),
        symbols: None,
        start: None,
        end: None,
        frequency: None,
        calendar: "XNYS".to_owned(),
    };
    let name: BundleName = BUNDLE.parse()?;
    let store = Store::open_or_create(&data)?;
    store.register(&name, &recipe)?;
    let source = rustybt_adapters::open(&recipe.source, &recipe.options)?;
    let work = Work { recipe: &recipe, locking: Locking::default(), job: None };
    let told = ingest(&store, &name, source.as_ref(), &work, context)?;
    let began = Instant::now();
    let portal = store.bundle(&name, At::Latest)?.portal()?;
    let opened = began.elapsed();
    let missing: u64 = told.gaps.iter().map(|gap| gap.sessions).sum();
    let story = "The files become a bundle: prices taken digit by digit, every row checked, stored as immutable \
                 Parquet in a DuckLake catalog, and published in one step.";
    let section = Section::new("A bundle", story)
        .fact("version", told.outcome.version().to_string())
        .fact("rows", count(told.rows_stored))
        .fact("corporate actions", count(told.events.brought()))
        .fact("in quarantine", count(told.rejected))
        .fact("sessions without a bar", count(missing))
        .fact("on disk", format!("{} bytes in {}", count(told.bytes), data.display()))
        .fact(
            "time",
            format!(
                "{:.3} s, {} rows/s",
                told.elapsed().as_secs_f64(),
                count(told.rows_per_second().unwrap_or(0.0) as u64),
            ),
        )
        .fact("opened in", format!("{:.2} ms", opened.as_secs_f64() * 1e3));
    Ok((portal, section))
}

/// A split with some sessions before it: whose, the session before, and the ex-date.
fn a_split(portal: &DataPortal) -> Option<(Sid, Session, Session, String)> {
    let sessions = portal.daily().timeline().sessions();
    portal.finder().assets().iter().find_map(|asset| {
        portal.adjustments().adjustments(asset.sid).iter().find_map(|event| {
            let Action::Split { new, old } = event.action else { return None };
            let at = sessions.iter().position(|session| *session == event.effective)?;
            let before = *sessions.get(at.checked_sub(1)?)?;
            (at >= 5 && asset.is_alive(event.effective) && asset.start.plus_days(10) < before)
                .then(|| (asset.sid, before, event.effective, format!("{new}-for-{old}")))
        })
    })
}

fn look_back(portal: &DataPortal) -> Result<Section, Error> {
    let story = "The same days of one asset, as they were seen on the eve of a split and on its day. Before, the \
                 prices are those that were paid; after, they are in new shares.";
    let mut section = Section::new("A look back across a split", story);
    if let Some((sid, before, day, ratio)) = a_split(portal) {
        let (eve, morrow) = (portal.at_session(before)?, portal.at_session(day)?);
        let closes = |mode| {
            HistoryQuery::new(std::slice::from_ref(&sid))
                .fields(&[Quote::CLOSE])
                .bars(5)
                .adjust(mode)
        };
        let seen = morrow.history(&closes(AdjustMode::AsOf))?;
        let paid = morrow.history(&closes(AdjustMode::None))?;
        let earlier = eve.window(sid, Field::Close, 4)?;
        let mut on_the_eve = earlier.to_vec();
        on_the_eve.push(f64::NAN);
        let table = Table::new()
            .with(
                "date",
                Values::Date(seen.labels().iter().map(|label| Some(label.date())).collect()),
            )
            .with("paid", Values::Number(paid.series(Quote::CLOSE, sid)?.to_vec()))
            .with(format!("seen on {before}"), Values::Number(on_the_eve))
            .with(
                format!("seen on {day}"),
                Values::Number(seen.series(Quote::CLOSE, sid)?.to_vec()),
            );
        let symbol =
            portal.finder().asset(sid).map_or_else(String::new, |asset| asset.symbol.clone());
        section = section.fact("split", format!("{symbol}, {ratio} on {day}")).table(table, 5);
    }
    let (call, calls) = time_of_a_window(portal)?;
    Ok(section
        .fact("history of 20 bars", format!("{call:.0} ns a call, over {} calls", count(calls))))
}

/// Nanoseconds that a window of twenty closes takes, once everything is warm, and how many were taken.
fn time_of_a_window(portal: &DataPortal) -> Result<(f64, u64), Error> {
    let sessions = portal.daily().timeline().sessions();
    let Some(&middle) = sessions.get(sessions.len() / 2) else { return Ok((f64::NAN, 0)) };
    let data = portal.at_session(middle)?;
    let sids: Vec<Sid> = portal
        .finder()
        .assets()
        .iter()
        .filter(|asset| asset.is_alive(middle))
        .map(|asset| asset.sid)
        .collect();
    let rounds = 200_000 / sids.len().max(1);
    let mut began = Instant::now();
    for round in 0..=rounds {
        for &sid in &sids {
            black_box(data.window(sid, Field::Close, 20)?.last());
        }
        if round == 0 {
            began = Instant::now();
        }
    }
    let calls = (rounds * sids.len()) as u64;
    Ok((began.elapsed().as_nanos() as f64 / calls.max(1) as f64, calls))
}

fn rank(
    portal: &DataPortal,
    momentum: &Pipeline,
    start: Session,
    end: Session,
    context: &Context,
) -> Result<Section, Error> {
    let threads = Some(context.settings.threads.value.get());
    let began = Instant::now();
    let output = pipeline::compute(
        portal,
        momentum,
        start,
        end,
        &RunOptions { threads, ..RunOptions::default() },
    )?;
    let took = seconds(began);
    let table = pipeline::table(&output.on(end), portal.finder().as_ref());
    let story = "Moving average, relative strength and the rank of a year's return among the hundred most traded, \
                 for every session. The last session's first rows:";
    Ok(Section::new("A pipeline", story)
        .fact("sessions", format!("{start} to {end}"))
        .fact("rows", count(output.len() as u64))
        .fact("time", took)
        .table(table, 10)
        .picture(momentum.graph_svg()))
}

fn trade(
    portal: &Arc<DataPortal>,
    pipeline: Pipeline,
    start: Session,
    end: Session,
) -> Result<Section, Error> {
    let config = RunConfig::new(Arc::clone(portal), start, end).with_capital(1_000_000.0);
    let began = Instant::now();
    let performance = rustybt_algorithm::run(&mut MonthlyMomentum { pipeline }, &config)?;
    let took = seconds(began);
    let story = "On the first session of every month, the ten with the strongest momentum, in equal parts. Orders \
                 fill on the next bar, move the price, and pay a commission.";
    Ok(Section::new("A strategy", story)
        .fact(
            "final value",
            format!("{} of {}", count(performance.final_value() as u64), count(1_000_000)),
        )
        .fact("return a year", percent(performance.annual_return()))
        .fact("volatility", percent(performance.annual_volatility()))
        .fact("Sharpe ratio", format!("{:.2}", performance.sharpe()))
        .fact("deepest drawdown", percent(performance.max_drawdown()))
        .fact(
            "orders, fills",
            format!(
                "{}, {}",
                count(performance.orders().len() as u64),
                count(performance.transactions().len() as u64),
            ),
        )
        .fact("time", took)
        .picture(performance.to_svg("Monthly momentum"))
        .table(months(&performance), 12))
}

/// The last session of each month: its value and the return of the month.
fn months(performance: &Performance) -> Table {
    let mut days = Vec::new();
    let mut values = Vec::new();
    let mut returns = Vec::new();
    let mut before = performance.capital();
    let mut sessions = performance.sessions().iter().peekable();
    while let Some(today) = sessions.next() {
        let month = |session: Session| session.to_string().get(..7).map(str::to_owned);
        if sessions.peek().is_some_and(|next| month(next.session) == month(today.session)) {
            continue;
        }
        days.push(Some(today.session));
        values.push(today.portfolio_value);
        returns.push(today.portfolio_value / before - 1.0);
        before = today.portfolio_value;
    }
    Table::new()
        .with("month's end", Values::Date(days))
        .with("value", Values::Number(values))
        .with("return", Values::Number(returns))
}

fn percent(fraction: f64) -> String {
    format!("{:.1} %", fraction * 100.0)
}

fn seconds(began: Instant) -> String {
    format!("{:.3} s", began.elapsed().as_secs_f64())
}

fn refused<'a>(action: &'static str, path: &'a Path) -> impl Fn(std::io::Error) -> Error + use<'a> {
    move |source| Error::Io { action, path: path.to_owned(), source }
}
