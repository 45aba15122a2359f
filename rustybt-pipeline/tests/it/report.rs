//! Reports on factors: alphalens's answers, and what may never be seen.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustybt_calendars::{Session, calendar};
use rustybt_data::{
    Action, Adjustment, AdjustmentTable, Asset, AssetTable, Field, MemoryBars, Sid, TableValues,
    Timeline,
};
use rustybt_pipeline::report::{FactorReport, ForwardReturns, Price, ReportOptions};
use rustybt_pipeline::{
    Engine, EquityLoader, Error, Frame, FrameLoader, Loader, Pipeline, PipelineOutput, RunOptions,
    parse,
};

struct Row {
    day: Session,
    sid: Sid,
    price: f64,
    factor: f64,
    group: String,
}

fn rows() -> Vec<Row> {
    let rows = include_str!("golden/report.csv").lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        Row {
            day: cells[0].parse().unwrap(),
            sid: Sid(cells[1].parse().unwrap()),
            price: cells[2].parse().unwrap(),
            factor: cells[3].parse().unwrap_or(f64::NAN),
            group: cells[4].to_owned(),
        }
    });
    rows.collect()
}

/// The market of `golden/report.csv`: opens are closes, asset 2 splits, asset 6 pays.
fn loader(rows: &[Row]) -> Arc<dyn Loader> {
    let xnys = calendar("XNYS").unwrap();
    let mut sessions: Vec<Session> = rows.iter().map(|row| row.day).collect();
    sessions.sort_unstable();
    sessions.dedup();
    let (first, last) = (sessions[0], sessions[sessions.len() - 1]);
    let timeline = Timeline::daily(Arc::clone(&xnys), first, last).unwrap();
    assert_eq!(timeline.sessions(), sessions);
    let mut by_asset: BTreeMap<Sid, Vec<(Session, f64)>> = BTreeMap::new();
    for row in rows {
        by_asset.entry(row.sid).or_default().push((row.day, row.price));
    }
    let mut bars = MemoryBars::builder(timeline.clone());
    let mut assets = Vec::new();
    for (sid, prices) in by_asset {
        let column: Vec<f64> = prices.iter().map(|(_, price)| *price).collect();
        let volume = vec![100.0; column.len()];
        let named: Vec<(Field, &[f64])> = Field::OHLCV
            .into_iter()
            .map(|field| (field, if field.is_price() { &column[..] } else { &volume[..] }))
            .collect();
        let (start, end) = (prices[0].0, prices[prices.len() - 1].0);
        bars = bars.series(sid, timeline.row_of_session(start).unwrap(), &named).unwrap();
        assets.push(Asset::equity(sid, format!("A{sid}"), start, end));
    }
    let event = |sid: u32, row: usize, action: Action| Adjustment {
        sid: Sid(sid),
        effective: sessions[row],
        known: None,
        action,
    };
    let dividend = Action::Dividend {
        amount: "1.5".parse().unwrap(),
        currency: None,
        declared: None,
        record: None,
        pay: None,
    };
    let events = AdjustmentTable::new(vec![
        event(2, 25, Action::Split { new: 2, old: 1 }),
        event(6, 31, dividend),
    ]);
    let finder = Arc::new(AssetTable::new(assets));
    let base = EquityLoader::new(xnys, finder, Arc::new(events), Arc::new(bars.build())).unwrap();
    let frame = Frame::new(
        "Given",
        rows.iter().map(|row| row.sid).collect(),
        rows.iter().map(|row| row.day).collect(),
    )
    .unwrap()
    .with("factor", TableValues::Float(rows.iter().map(|row| Some(row.factor)).collect()))
    .unwrap()
    .with("group", TableValues::Text(rows.iter().map(|r| Some(r.group.as_str().into())).collect()))
    .unwrap();
    Arc::new(FrameLoader::new(Arc::new(base), &[frame]))
}

/// The factor and its groups, as a pipeline gives them.
fn output(loader: &Arc<dyn Loader>, rows: &[Row]) -> PipelineOutput {
    let columns: Vec<_> = loader.columns();
    let text = "Pipeline(columns={\"factor\": Given.factor.latest, \"group\": Given.group.latest})";
    let pipeline: Pipeline = parse::parse_with(text, "given.pipe", &columns).unwrap();
    let (first, last) = (rows[0].day, rows[rows.len() - 1].day);
    // A row of the first session would show the bar before it.
    let start = loader.calendar().sessions()[loader.calendar().session_index(first).unwrap() + 1];
    Engine::new(Arc::clone(loader)).run(&pipeline, start, last, &RunOptions::default()).unwrap()
}

const PERIODS: [usize; 3] = [1, 3, 7];

fn reported(neutral: bool) -> FactorReport {
    let rows = rows();
    let loader = loader(&rows);
    let output = output(&loader, &rows);
    let forward = ForwardReturns::of(&*loader, &output, &PERIODS, Price::Open).unwrap();
    let options = ReportOptions {
        quantiles: if neutral { 2 } else { 4 },
        group: Some("group".to_owned()),
        neutral,
    };
    FactorReport::new(&*loader, &output, "factor", &forward, &options).unwrap()
}

fn mean(values: &[f64]) -> f64 {
    let present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    present.iter().sum::<f64>() / present.len() as f64
}

/// The measures of a report, by the names of the golden file.
fn measures(report: &FactorReport, mode: &str) -> BTreeMap<(String, usize, String), f64> {
    let mut all = BTreeMap::new();
    let mut add = |measure: &str, period: usize, part: String, value: f64| {
        all.insert((format!("{mode}{measure}"), period, part), value);
    };
    add("rows", 0, String::new(), report.rows as f64);
    for period in &report.periods {
        let length = period.period;
        for ((day, ic), earned) in
            report.sessions.iter().zip(&period.coefficients).zip(&period.factor_returns)
        {
            add("ic", length, day.to_string(), *ic);
            add("factor_return", length, day.to_string(), *earned);
        }
        let info = &period.information;
        for (name, value) in [
            ("ic_mean", info.mean),
            ("ic_std", info.std),
            ("ic_ratio", info.ratio),
            ("ic_t", info.t),
            ("ic_p", info.p),
            ("ic_skew", info.skew),
            ("ic_kurtosis", info.kurtosis),
            ("alpha", period.alpha),
            ("beta", period.beta),
            ("spread", period.spread_mean),
            ("autocorrelation", mean(&period.autocorrelation)),
        ] {
            add(name, length, String::new(), value);
        }
        for month in &period.months {
            add("ic_month", length, month.month.clone(), month.mean);
        }
        for (quantile, shares) in period.quantiles.iter().zip(&period.turnover) {
            let part = quantile.quantile.to_string();
            add("mean", length, part.clone(), quantile.mean);
            add("error", length, part.clone(), quantile.std_error);
            add("turnover", length, part.clone(), mean(shares));
            add("growth", length, part, *quantile.growth.last().unwrap());
        }
        for (name, group) in report.groups.iter().zip(&period.groups) {
            add("ic_group", length, name.to_string(), group.information);
            for (mean, quantile) in group.quantiles.iter().zip(1..) {
                add("mean_group", length, format!("{name}/{quantile}"), *mean);
            }
        }
    }
    all
}

#[test]
fn alphalens_gives_the_same_answers() {
    let mut found = measures(&reported(false), "");
    found.extend(measures(&reported(true), "neutral_"));
    let mut wrong = Vec::new();
    let lines = include_str!("golden/report_expected.csv").lines();
    let lines = lines.filter(|line| !line.starts_with('#')).skip(1);
    let mut checked = 0;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let (period, expected): (usize, f64) =
            (cells[1].parse().unwrap(), cells[3].parse().unwrap());
        let tolerance = if cells[0].ends_with("ic_p") { 1e-6 } else { 1e-9 };
        let key = (cells[0].to_owned(), period, cells[2].to_owned());
        let value = found.get(&key).copied().unwrap_or(f64::NAN);
        let same = (value - expected).abs() <= tolerance * expected.abs().max(1e-3);
        if !same {
            wrong.push(format!("{line}: {value}"));
        }
        checked += 1;
    }
    assert!(wrong.is_empty(), "{} of {checked}: {:#?}", wrong.len(), &wrong[..wrong.len().min(30)]);
    assert!(checked > 700, "only {checked} checked");
}

#[test]
fn forward_returns_are_seen_from_the_end_of_their_window() {
    let rows = rows();
    let loader = loader(&rows);
    let output = output(&loader, &rows);
    let forward = ForwardReturns::of(&*loader, &output, &[7, 1, 7], Price::Close).unwrap();
    assert_eq!(forward.periods().collect::<Vec<_>>(), [1, 7]);
    let price = |sid: u32, day: Session| {
        rows.iter().find(|row| row.sid == Sid(sid) && row.day == day).map(|row| row.price)
    };
    let days: Vec<Session> = {
        let mut days: Vec<Session> = rows.iter().map(|row| row.day).collect();
        days.dedup();
        days
    };
    let over = |sid: u32, row: usize, period: usize| {
        let at = (0..output.len())
            .find(|i| output.sids()[*i] == Sid(sid) && output.sessions()[*i] == days[row]);
        forward.over(period).unwrap()[at.unwrap()]
    };
    let plain = |sid: u32, row: usize, period: usize| {
        price(sid, days[row + period]).unwrap() / price(sid, days[row]).unwrap() - 1.0
    };
    // Two for one on row 25, 1.5 paid on row 31.
    assert!((over(2, 24, 1) - (2.0 * (plain(2, 24, 1) + 1.0) - 1.0)).abs() < 1e-12);
    assert!((over(2, 25, 1) - plain(2, 25, 1)).abs() < 1e-12);
    let paid = 1.0 - 1.5 / price(6, days[30]).unwrap();
    assert!((over(6, 28, 7) - ((plain(6, 28, 7) + 1.0) / paid - 1.0)).abs() < 1e-12);
    // Asset 4 is listed until row 36: its last price is what is left of it.
    assert!((over(4, 33, 7) - plain(4, 33, 3)).abs() < 1e-12);
    assert_eq!(over(4, 36, 1), 0.0);
    // Beyond the data there is nothing.
    assert!(over(0, days.len() - 1, 1).is_nan() && over(0, days.len() - 7, 7).is_nan());
    assert!(!over(0, days.len() - 2, 1).is_nan());
}

#[test]
fn what_cannot_be_reported_on_is_said() {
    let rows = rows();
    let loader = loader(&rows);
    let output = output(&loader, &rows);
    let forward = |periods: &[usize]| ForwardReturns::of(&*loader, &output, periods, Price::Open);
    assert!(matches!(forward(&[]), Err(Error::Periods)));
    assert!(matches!(forward(&[5, 0]), Err(Error::Periods)));
    let week = forward(&[5]).unwrap();
    let report = |factor: &str, options: &ReportOptions| {
        FactorReport::new(&*loader, &output, factor, &week, options).map_err(|e| e.to_string())
    };
    let default = ReportOptions::default();
    assert!(report("nothing", &default).unwrap_err().contains("`nothing`"));
    assert!(report("group", &default).unwrap_err().contains("holds texts, not numbers"));
    let one = ReportOptions { quantiles: 1, ..ReportOptions::default() };
    assert!(report("factor", &one).unwrap_err().contains("2 to 1000 quantiles"));
    let by_number = ReportOptions { group: Some("factor".into()), ..ReportOptions::default() };
    assert!(report("factor", &by_number).unwrap_err().contains("labels of groups"));
    let nowhere = ReportOptions { neutral: true, ..ReportOptions::default() };
    assert!(report("factor", &nowhere).unwrap_err().contains("neutral within"));
    let far = forward(&[1000]).unwrap();
    let none = FactorReport::new(&*loader, &output, "factor", &far, &default).unwrap_err();
    assert!(none.to_string().contains("shorten the periods"), "{none}");
}

#[test]
fn the_page_needs_nothing_beside_itself() {
    let page = reported(false).to_html("given.pipe of <us>");
    assert!(
        page.contains("given.pipe of &lt;us&gt;") && page.contains("prefers-color-scheme:dark")
    );
    for outside in ["<script", "<link", "src=", "@import", "url(", "NaN", "inf"] {
        assert!(!page.contains(outside), "{outside}");
    }
    // Every picture and every table is closed.
    for tag in ["svg", "figure", "table", "div", "text"] {
        let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
        assert_eq!(page.matches(&open).count(), page.matches(&close).count(), "{tag}");
    }
    assert!(page.matches("<svg").count() > 10);
}

#[test]
fn a_report_of_bars_within_sessions_is_over_bars() {
    use rustybt_data::{Synthetic, SyntheticConfig};
    use rustybt_pipeline::{CustomFactor, IntradayLoader, Returns};

    let config = SyntheticConfig {
        assets: 12,
        minute_assets: 12,
        minute_days: 15,
        ..SyntheticConfig::default()
    };
    let portal = Synthetic::new(config).unwrap().portal().unwrap();
    let daily = FrameLoader::new(Arc::new(EquityLoader::of(&portal).unwrap()), &[] as &[Frame]);
    let hourly = EquityLoader::within(&portal, "1h".parse().unwrap()).unwrap();
    let loader: Arc<dyn Loader> = Arc::new(IntradayLoader::new(hourly, Arc::new(daily)));
    let sessions = portal.minute().unwrap().timeline().sessions();
    let pipeline = Pipeline::new()
        .with("returns", Returns::new(4).unwrap().factor().unwrap())
        .with("open", rustybt_pipeline::EquityPricing::OPEN.latest());
    let (start, end) = (sessions[5], sessions[13]);
    let engine = Engine::new(Arc::clone(&loader));
    let output = engine.run(&pipeline, start, end, &RunOptions::default()).unwrap();
    let forward = ForwardReturns::of(&*loader, &output, &[1, 3], Price::Open).unwrap();
    // The row of a bar shows the open of the bar before: two rows on stands the open of the next one.
    let (instants, opens) = (output.instants().unwrap(), output.numbers("open").unwrap());
    let mut moments = instants.to_vec();
    moments.dedup();
    let mut checked = 0;
    for row in 0..output.len() {
        let at = moments.binary_search(&instants[row]).unwrap();
        let of = |moment: usize| {
            let found = (0..output.len()).find(|i| {
                instants[*i] == moments[moment] && output.sids()[*i] == output.sids()[row]
            });
            found.map_or(f64::NAN, |i| opens[i])
        };
        if at + 2 >= moments.len() {
            continue;
        }
        let (from, to) = (of(at + 1), of(at + 2));
        let found = forward.over(1).unwrap()[row];
        if (from + to).is_finite() {
            assert!((found - (to / from - 1.0)).abs() < 1e-12, "{row}: {found}");
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked}");
    let options = ReportOptions::default();
    let report = FactorReport::new(&*loader, &output, "returns", &forward, &options).unwrap();
    assert_eq!(report.periods[1].name, "3 bars");
    let moments = report.instants.as_ref().unwrap();
    assert!(
        moments.len() == report.sessions.len() && moments.windows(2).all(|two| two[0] < two[1])
    );
    assert!(report.to_html("hours").contains("3 bars"));
}
