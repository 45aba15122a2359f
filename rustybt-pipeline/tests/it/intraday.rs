//! Pipelines whose rows are bars within sessions, on calendars of every kind: the laws, and answers by hand.

use std::sync::Arc;

use ndarray::Axis as Direction;
use rustybt_calendars::{Session, Timestamp, calendar};
use rustybt_data::{
    Action, Adjustment, AdjustmentTable, Asset, AssetTable, BarReader, DataPortal, Field,
    Frequency, MemoryBars, PortalParts, ResampledBars, Sid, TableValues, Timeline,
};
use rustybt_pipeline::{
    Axis, BoundColumn, Column, ColumnKind, CustomFactor, Domain, Engine, EquityLoader,
    EquityPricing, Error, Factor, Frame, FrameLoader, IntradayLoader, Loader, Pipeline,
    PipelineOutput, RunOptions, SimpleMovingAverage, parse::parse,
};

/// Some assets with bars of one frequency, splits and dividends, on any calendar.
struct Hours {
    bars: Timeline,
    /// Closes by asset, one a bar.
    closes: Vec<Vec<f64>>,
    events: Vec<Adjustment>,
}

const ASSETS: u32 = 5;

impl Hours {
    fn new(name: &str, frequency: &str) -> Self {
        let (start, end) = ("2014-06-02".parse().unwrap(), "2014-07-11".parse().unwrap());
        let frequency: Frequency = frequency.parse().unwrap();
        let bars = Timeline::new(calendar(name).unwrap(), frequency, start, end).unwrap();
        let close = |asset: u32, row: usize| {
            let wave = (row as f64 * 0.7 + f64::from(asset)).sin() * 3.0;
            let missing = (row + 3 * asset as usize).is_multiple_of(17);
            if missing { f64::NAN } else { 50.0 + 10.0 * f64::from(asset) + wave }
        };
        let closes = (0..ASSETS)
            .map(|asset| (0..bars.len()).map(|row| close(asset, row)).collect())
            .collect();
        let event = |sid: u32, date: &str, known: Option<&str>, action: Action| Adjustment {
            sid: Sid(sid),
            effective: date.parse().unwrap(),
            known: known.map(|known| known.parse().unwrap()),
            action,
        };
        let amount = "0.75".parse().unwrap();
        let dividend =
            Action::Dividend { amount, currency: None, declared: None, record: None, pay: None };
        let events = vec![
            event(0, "2014-06-18", None, Action::Split { new: 4, old: 1 }),
            event(1, "2014-06-19", None, dividend),
            // Took effect in the morning, was told in the afternoon.
            event(2, "2014-06-25", Some("2014-06-25T17:10Z"), Action::Split { new: 2, old: 1 }),
        ];
        Self { bars, closes, events }
    }

    /// A loader of what was known when `rows` bars had passed.
    fn loader(&self, rows: usize) -> EquityLoader {
        let known = self.bars.known_at(rows.saturating_sub(1)).unwrap();
        let today = self.bars.session(rows.min(self.bars.len() - 1)).unwrap();
        let mut bars = MemoryBars::builder(self.bars.clone());
        for (sid, closes) in (0..).map(Sid).zip(&self.closes) {
            let closes = &closes[..rows];
            let volume: Vec<f64> =
                closes.iter().map(|close| if close.is_nan() { 0.0 } else { 100.0 }).collect();
            let named = [
                (Field::High, closes),
                (Field::Low, closes),
                (Field::Close, closes),
                (Field::Volume, &volume),
            ];
            bars = bars.series(sid, 0, &named).unwrap();
        }
        let is_known = |event: &&Adjustment| {
            event.effective <= today && event.known.is_none_or(|at| at <= known)
        };
        let events: Vec<Adjustment> = self.events.iter().filter(is_known).cloned().collect();
        let sessions = self.bars.sessions();
        let assets = (0..ASSETS).map(|sid| {
            let late = if sid == 3 { 6 } else { 0 };
            Asset::equity(Sid(sid), format!("S{sid}"), sessions[late], sessions[sessions.len() - 1])
        });
        let bars: Arc<dyn BarReader> = Arc::new(bars.build());
        let daily = Arc::new(ResampledBars::new(Arc::clone(&bars), Frequency::DAILY).unwrap());
        EquityLoader::with_bars(
            Arc::clone(self.bars.calendar()),
            Arc::new(AssetTable::new(assets.collect())),
            Arc::new(AdjustmentTable::new(events)),
            daily,
            bars,
        )
        .unwrap()
    }

    fn session(&self, at: usize) -> Session {
        self.bars.sessions()[at]
    }

    fn run(
        &self,
        pipeline: &Pipeline,
        rows: usize,
        last: Session,
        options: RunOptions,
    ) -> PipelineOutput {
        let engine = Engine::new(Arc::new(self.loader(rows)));
        engine.run(pipeline, self.session(9), last, &options).unwrap()
    }
}

fn every_kind_of_term() -> Pipeline {
    let text = r"
close = EquityPricing.close
r = Returns(window_length=9)
liquid = AverageDollarVolume(window_length=11).top(4)
sma = SimpleMovingAverage(inputs=[close], window_length=13)
Pipeline(
    columns={
        'close': close.latest, 'volume': EquityPricing.volume.latest, 'sma': sma, 'rsi': RSI(),
        'rank': r.rank(mask=liquid), 'z': r.zscore(), 'ema': EMA(timeperiod=4), 'excess': r - r[symbol('S1')],
        'quartile': r.quartiles(), 'week': r.downsample('week_start'), 'calm': (r < 0.02) & liquid,
        'streak': All(inputs=[liquid], window_length=5), 'dev': StandardDeviation(inputs=[close], window_length=20),
    },
)";
    let crowd = Factor::from_fn("crowd", 7, [EquityPricing::CLOSE], |windows, mut out| {
        assert!(windows.opens().is_some());
        out.assign(&(&windows[0].sum_axis(Direction(0)) / windows.sids().len() as f64));
    });
    parse(text, "all.pipe").unwrap().with("crowd", crowd.unwrap())
}

fn assert_same(found: &PipelineOutput, expected: &PipelineOutput, what: &str) {
    assert_eq!(found.instants(), expected.instants(), "{what}");
    assert_eq!(found.sids(), expected.sids(), "{what}");
    for ((name, column), (_, other)) in found.columns().zip(expected.columns()) {
        match (column, other) {
            (Column::Numbers(a), Column::Numbers(b)) => {
                let bits = |all: &[f64]| all.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(a), bits(b), "{name}: {what}");
            }
            (a, b) => assert_eq!(a, b, "{name}: {what}"),
        }
    }
}

/// Calendars with early closes, with a break at noon, without an end to the day, and over night.
const MARKETS: [(&str, &str); 5] =
    [("XNYS", "1h"), ("XTKS", "30m"), ("24/7", "4h"), ("24/5", "2h"), ("CMES", "1h")];

#[test]
fn no_chunk_no_thread_and_nothing_later_changes_a_bit() {
    let pipeline = every_kind_of_term();
    for (name, frequency) in MARKETS {
        let market = Hours::new(name, frequency);
        let all = market.bars.len();
        let last = *market.bars.sessions().last().unwrap();
        let whole = market.run(&pipeline, all, last, RunOptions::default());
        assert!(whole.len() > 300, "{name}: {}", whole.len());
        for (chunk, threads) in [(Some(1), Some(2)), (Some(13), Some(1)), (Some(252), Some(2))] {
            let options = RunOptions { chunk, threads, ..RunOptions::default() };
            assert_same(
                &market.run(&pipeline, all, last, options),
                &whole,
                &format!("{name} {options:?}"),
            );
        }
        // Cut the data after any bar: the rows up to the opening of the next one stay.
        let from = market.bars.row_of_session(market.session(10)).unwrap();
        for rows in (from..all).step_by(all / 9) {
            let session = market.bars.session(rows).unwrap();
            let cut = market.run(&pipeline, rows, session, RunOptions::default());
            let until = market.bars.label(rows).unwrap();
            let instants: Vec<Timestamp> =
                whole.instants().unwrap().iter().copied().take_while(|at| *at <= until).collect();
            for at in instants.into_iter().rev().take(40) {
                assert_same(&cut.at(at), &whole.at(at), &format!("{name}: {at} of {rows} bars"));
            }
        }
    }
}

#[test]
fn a_row_sees_the_bars_before_it_as_its_session_sees_them() {
    let market = Hours::new("XNYS", "1h");
    let sma = SimpleMovingAverage::new(5).unwrap().on([EquityPricing::CLOSE]).unwrap();
    let pipeline = Pipeline::new().with("close", EquityPricing::CLOSE.latest()).with("sma", sma);
    let last = *market.bars.sessions().last().unwrap();
    let output = market.run(&pipeline, market.bars.len(), last, RunOptions::default());
    let (close, sma) = (output.numbers("close").unwrap(), output.numbers("sma").unwrap());
    let ratio = |sid: u32, bar: Session, now: Timestamp| match sid {
        // The splits of the market, by hand.
        0 if bar < day("2014-06-18") && now >= instant("2014-06-18T13:30Z") => 0.25,
        2 if bar < day("2014-06-25") && now >= instant("2014-06-25T17:10Z") => 0.5,
        _ => 1.0,
    };
    let mut seen = 0;
    for (i, (at, sid)) in output.instants().unwrap().iter().zip(output.sids()).enumerate() {
        if sid.0 == 1 {
            continue;
        }
        let row = market.bars.row_of(*at).unwrap();
        let shown = |row: usize| {
            let raw = market.closes[sid.index()][row];
            raw * ratio(sid.0, market.bars.session(row).unwrap(), *at)
        };
        assert_eq!(close[i].to_bits(), shown(row - 1).to_bits(), "{sid} at {at}");
        let window: Vec<f64> = (row - 5..row).map(shown).filter(|x| !x.is_nan()).collect();
        let mean = window.iter().sum::<f64>() / window.len() as f64;
        assert!((sma[i] - mean).abs() < 1e-12 * mean, "{sid} at {at}: {} {mean}", sma[i]);
        seen += usize::from(ratio(sid.0, market.session(0), *at) != 1.0);
    }
    assert!(seen > 100);
    // The asset that is listed later has rows from its second bar on.
    let third = output.sids().iter().position(|sid| sid.0 == 3).unwrap();
    assert_eq!(output.sessions()[third], market.session(9));
}

fn day(date: &str) -> Session {
    date.parse().unwrap()
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn what_a_session_knows_is_shown_all_through_it() {
    let market = Hours::new("XNYS", "1h");
    let bars = market.loader(market.bars.len());
    let finder = AssetTable::new(bars.finder().assets().to_vec());
    let minutes: Arc<dyn BarReader> = {
        let mut all = MemoryBars::builder(market.bars.clone());
        for (sid, closes) in (0..).map(Sid).zip(&market.closes) {
            all = all.series(sid, 0, &[(Field::Close, closes)]).unwrap();
        }
        Arc::new(all.build())
    };
    let portal = DataPortal::new(PortalParts {
        calendar: Arc::clone(market.bars.calendar()),
        finder: Arc::new(finder),
        adjustments: Arc::new(AdjustmentTable::new(market.events.clone())),
        daily: None,
        minute: Some(minutes),
    })
    .unwrap();
    let dates = vec![market.session(12), market.session(14)];
    let frame = Frame::new("X", vec![Sid(1), Sid(1)], dates)
        .unwrap()
        .with("score", TableValues::Float(vec![Some(7.0), Some(9.0)]))
        .unwrap()
        .with("word", TableValues::Text(vec![Some("up".into()), Some("down".into())]))
        .unwrap();
    let daily = FrameLoader::new(Arc::new(EquityLoader::of(&portal).unwrap()), &[frame]);
    let hourly = EquityLoader::within(&portal, "1h".parse().unwrap()).unwrap();
    let engine = Engine::new(Arc::new(IntradayLoader::new(hourly, Arc::new(daily))));
    let score = BoundColumn::of_kind("X", "score", ColumnKind::Number);
    let word = BoundColumn::of_kind("X", "word", ColumnKind::Text);
    let pipeline = Pipeline::new()
        .with("score", score.latest())
        .with("word", word.latest_label().unwrap())
        .with("close", EquityPricing::CLOSE.latest());
    let (start, end) = (market.session(11), market.session(15));
    let whole = engine.run(&pipeline, start, end, &RunOptions::default()).unwrap();
    let short = RunOptions { chunk: Some(3), ..RunOptions::default() };
    assert_same(&engine.run(&pipeline, start, end, &short).unwrap(), &whole, "chunks of 3");
    for (i, (session, sid)) in whole.sessions().iter().zip(whole.sids()).enumerate() {
        let expected = match (sid.0, *session) {
            (1, session) if session == market.session(12) => (7.0, Some("up")),
            (1, session) if session == market.session(14) => (9.0, Some("down")),
            _ => (f64::NAN, None),
        };
        let found = whole.numbers("score").unwrap()[i];
        assert_eq!(found.to_bits(), expected.0.to_bits(), "{session} {sid}");
        assert_eq!(whole.texts("word").unwrap()[i].as_deref(), expected.1, "{session} {sid}");
    }
    assert!(EquityLoader::within(&portal, "1w".parse().unwrap()).is_err());
    let refused = EquityLoader::within(&portal, "30m".parse().unwrap()).unwrap_err();
    assert!(matches!(refused, rustybt_pipeline::Error::Data(_)), "{refused}");
}

#[test]
fn look_back_is_counted_in_bars() {
    let market = Hours::new("XNYS", "1h");
    let engine = Engine::new(Arc::new(market.loader(market.bars.len())));
    let sma = SimpleMovingAverage::new(40).unwrap().on([EquityPricing::CLOSE]).unwrap();
    let pipeline = Pipeline::new().with("sma", sma);
    let run = |day| engine.run(&pipeline, day, day, &RunOptions::default());
    assert_eq!(
        run(market.session(3)).unwrap_err().to_string(),
        "the pipeline needs 40 bars of data before 2014-06-05, and there are 21; \
         the earliest start that works is 2014-06-10"
    );
    assert!(run(market.session(6)).is_ok());
    let hours = Axis::new(calendar("XNYS").unwrap(), "1h".parse().unwrap()).unwrap();
    assert_eq!(hours.frequency().to_string(), "1h");
}

#[test]
fn a_pipeline_of_a_market_runs_on_its_data_alone() {
    let market = Hours::new("24/7", "4h");
    let engine = Engine::new(Arc::new(market.loader(market.bars.len())));
    let day = market.session(9);
    let run = |domain: Domain| {
        let pipeline = Pipeline::new().with("close", EquityPricing::CLOSE.latest()).of(domain);
        engine.run(&pipeline, day, day, &RunOptions::default()).map(|output| output.len())
    };
    // All five assets are equities.
    assert_eq!(run(Domain::equities("US", "24/7")).unwrap(), 6 * 5);
    assert!(matches!(run(Domain::CRYPTO), Err(Error::NoAssets { .. })));
    assert_eq!(
        run(Domain::named("JP_EQUITIES").unwrap()).unwrap_err().to_string(),
        "the pipeline is of JP_EQUITIES, on the calendar XTKS, and the data are on 24/7"
    );
}
