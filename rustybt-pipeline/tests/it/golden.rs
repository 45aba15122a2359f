//! Answers of zipline, and of a second implementation that takes every window apart by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustybt_calendars::{Session, calendar};
use rustybt_data::{
    Action, Adjustment, AdjustmentTable, Asset, AssetTable, Field, MemoryBars, Sid, TableValues,
    Timeline,
};
use rustybt_pipeline::{
    Column, Engine, EquityLoader, Frame, FrameLoader, Pipeline, PipelineOutput, RunOptions, parse,
};

use crate::market::{Market, Stock};

pub(crate) fn rows_of(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(',').collect())
}

/// The currencies of its assets.
const CURRENCIES: [&str; 8] = ["USD", "EUR", "GBP", "USD", "EUR", "EUR", "GBP", "USD"];

/// The market of `golden/bars.csv` and `golden/events.csv`.
pub(crate) fn zipline_market() -> EquityLoader {
    zipline_market_with(&[])
}

/// The same with mergers: asset, session and ratio.
fn zipline_market_with(mergers: &[(u32, &str, &str)]) -> EquityLoader {
    let xnys = calendar("XNYS").unwrap();
    let mut bars: BTreeMap<u32, Vec<(Session, [f64; 5])>> = BTreeMap::new();
    for row in rows_of(include_str!("golden/bars.csv")).skip(1) {
        let number = |i: usize| row[i].parse().unwrap_or(f64::NAN);
        let bar = [number(2), number(3), number(4), number(5), number(6)];
        bars.entry(row[0].parse().unwrap()).or_default().push((row[1].parse().unwrap(), bar));
    }
    let first = bars.values().map(|bars| bars[0].0).min().unwrap();
    let last = bars.values().map(|bars| bars[bars.len() - 1].0).max().unwrap();
    let timeline = Timeline::daily(Arc::clone(&xnys), first, last).unwrap();
    let mut reader = MemoryBars::builder(timeline.clone());
    let mut assets = Vec::new();
    for (sid, bars) in &bars {
        let columns: Vec<Vec<f64>> =
            (0..5).map(|i| bars.iter().map(|(_, bar)| bar[i]).collect()).collect();
        let named: Vec<(Field, &[f64])> =
            Field::OHLCV.into_iter().zip(columns.iter().map(Vec::as_slice)).collect();
        let (start, end) = (bars[0].0, bars[bars.len() - 1].0);
        reader = reader.series(Sid(*sid), timeline.row_of_session(start).unwrap(), &named).unwrap();
        let currency = CURRENCIES[*sid as usize].to_owned();
        let asset = Asset::equity(Sid(*sid), format!("A{sid}"), start, end);
        assets.push(Asset { currency, ..asset });
    }
    let events = rows_of(include_str!("golden/events.csv")).skip(1).map(|row| Adjustment {
        sid: Sid(row[1].parse().unwrap()),
        effective: row[2].parse().unwrap(),
        known: None,
        action: match row[0] {
            "split" => Action::Split { new: row[3].parse().unwrap(), old: row[4].parse().unwrap() },
            _ => Action::Dividend {
                amount: row[3].parse().unwrap(),
                currency: None,
                declared: None,
                record: None,
                pay: None,
            },
        },
    });
    let mergers = mergers.iter().map(|(sid, day, ratio)| Adjustment {
        sid: Sid(*sid),
        effective: day.parse().unwrap(),
        known: None,
        action: Action::Merger { ratio: ratio.parse().unwrap() },
    });
    let events = AdjustmentTable::new(events.chain(mergers));
    let assets = AssetTable::new(assets);
    EquityLoader::new(xnys, Arc::new(assets), Arc::new(events), Arc::new(reader.build())).unwrap()
}

#[test]
fn zipline_gives_the_same_answers() {
    let pipeline = parse::parse(include_str!("golden/zipline.pipe"), "zipline.pipe").unwrap();
    let mut rows = rows_of(include_str!("golden/zipline.csv"));
    let names = rows.next().unwrap();
    let rows: Vec<Vec<&str>> = rows.collect();
    let (start, end) = (rows[0][0].parse().unwrap(), rows[rows.len() - 1][0].parse().unwrap());
    let engine = Engine::new(Arc::new(zipline_market()));
    let output = engine.run(&pipeline, start, end, &RunOptions::default()).unwrap();

    assert_eq!(output.len(), rows.len());
    for (i, row) in rows.iter().enumerate() {
        assert_eq!(
            (output.sessions()[i].to_string(), output.sids()[i].to_string()),
            (row[0].into(), row[1].into())
        );
    }
    for (slot, name) in names.iter().enumerate().skip(2) {
        for (i, row) in rows.iter().enumerate() {
            let at = format!("{name} of {} on {}", row[1], row[0]);
            match output.column(name).unwrap() {
                Column::Flags(flags) => assert_eq!(flags[i], row[slot] == "1", "{at}"),
                Column::Numbers(numbers) => {
                    close(numbers[i], row[slot].parse().unwrap_or(f64::NAN), 1e-12, &at);
                }
                other => panic!("{at}: {other:?}"),
            }
        }
    }
    assert_eq!(output.columns().count(), names.len() - 2);
}

/// The table of `golden/table.csv`.
fn user_table() -> Frame {
    let rows: Vec<Vec<&str>> = rows_of(include_str!("golden/table.csv")).skip(1).collect();
    let text = |i: usize| rows.iter().map(move |row| Some(row[i]).filter(|text| !text.is_empty()));
    let dates = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    let sids = rows.iter().map(|row| Sid(row[1].parse().unwrap())).collect();
    let parsed = |i: usize| text(i).map(|text| text.map(|text| text.parse().unwrap())).collect();
    Frame::new("X", sids, dates)
        .and_then(|x| {
            x.with("sector", TableValues::Text(text(2).map(|t| t.map(str::to_owned)).collect()))
        })
        .and_then(|x| {
            x.with(
                "size",
                TableValues::Int(text(3).map(|t| t.map(|t| t.parse().unwrap())).collect()),
            )
        })
        .and_then(|x| {
            x.with(
                "score",
                TableValues::Float(text(4).map(|t| t.map(|t| t.parse().unwrap())).collect()),
            )
        })
        .and_then(|x| {
            x.with("flag", TableValues::Bool(text(5).map(|t| t.map(|t| t == "1")).collect()))
        })
        .and_then(|x| x.with("when", TableValues::Date(parsed(6))))
        .unwrap()
}

#[test]
fn zipline_gives_the_same_answers_for_every_term() {
    let table = user_table();
    let text = include_str!("golden/terms.pipe");
    let pipeline = parse::parse_with(text, "terms.pipe", &table.columns()).unwrap();
    let engine = Engine::new(Arc::new(FrameLoader::new(Arc::new(zipline_market()), &[table])));
    same_answers(&engine, &pipeline, include_str!("golden/terms.csv"));
}

#[test]
fn zipline_gives_the_same_answers_for_the_rest_of_its_terms() {
    let table = user_table();
    let text = include_str!("golden/more.pipe");
    let pipeline = parse::parse_with(text, "more.pipe", &table.columns()).unwrap();
    let mergers =
        [(7, "2015-03-27", "0.8125"), (5, "2015-05-15", "0.5"), (3, "2015-04-15", "0.9375")];
    let market = zipline_market_with(&mergers);
    let engine = Engine::new(Arc::new(FrameLoader::new(Arc::new(market), &[table])));
    // Its two runs are one here: where a run begins changes nothing.
    same_answers(&engine, &pipeline, include_str!("golden/more.csv"));
}

/// Runs a pipeline over the sessions of a file of answers, and compares with them.
pub(crate) fn same_answers(engine: &Engine, pipeline: &Pipeline, answers: &str) {
    let mut rows = rows_of(answers);
    let names = rows.next().unwrap();
    let rows: Vec<Vec<&str>> = rows.collect();
    let (start, end) = (rows[0][0].parse().unwrap(), rows[rows.len() - 1][0].parse().unwrap());
    for chunk in [None, Some(7)] {
        let options = RunOptions { chunk, ..RunOptions::default() };
        let output = engine.run(pipeline, start, end, &options).unwrap();
        let mut wrong = BTreeMap::new();
        for row in &rows {
            let (session, sid): (Session, u32) = (row[0].parse().unwrap(), row[1].parse().unwrap());
            let i = output.rows_of(session).find(|i| output.sids()[*i] == Sid(sid)).unwrap();
            for (slot, name) in names.iter().enumerate().skip(2) {
                let (found, same) = compare(output.column(name).unwrap(), i, row[slot]);
                if !same {
                    let place = format!("{session} {sid}: {found} is not {}", row[slot]);
                    wrong.entry(*name).or_insert_with(Vec::new).push(place);
                }
            }
        }
        assert!(
            wrong.is_empty(),
            "{:#?}",
            wrong.iter().map(|(n, w)| (n, w.len(), &w[0])).collect::<Vec<_>>()
        );
        assert_eq!(output.columns().count(), names.len() - 2);
    }
}

/// A value as text, and whether it is the one expected.
fn compare(column: &Column, i: usize, expected: &str) -> (String, bool) {
    let texts = |found: String| (found.clone(), found == expected);
    match column {
        Column::Flags(flags) => texts(u8::from(flags[i]).to_string()),
        Column::Integers(labels) => {
            // What zipline writes for a missing label where the block's first session misses none.
            let expected = expected.replace(&i64::MIN.to_string(), "-1");
            let found = labels[i].unwrap_or(-1).to_string();
            (found.clone(), found == expected)
        }
        Column::Texts(labels) => texts(labels[i].as_deref().unwrap_or("").to_owned()),
        Column::Times(times) => {
            let day = |time: rustybt_calendars::Timestamp| {
                Session::from_days(i32::try_from(time.seconds().div_euclid(86_400)).unwrap())
            };
            texts(times[i].map_or(String::new(), |time| day(time).to_string()))
        }
        Column::Numbers(numbers) => {
            let (found, expected) = (numbers[i], expected.parse().unwrap_or(f64::NAN));
            let same = found == expected
                || found.is_nan() && expected.is_nan()
                || (found - expected).abs() <= 1e-9 * expected.abs().max(1e-3);
            (found.to_string(), same)
        }
    }
}

/// Equal to a relative tolerance, or to an absolute one near zero, or both missing.
fn close(found: f64, expected: f64, tolerance: f64, at: &str) {
    let same = found == expected
        || found.is_nan() && expected.is_nan()
        || (found - expected).abs() <= tolerance * expected.abs().max(1.0);
    assert!(same, "{at}: {found} is not {expected}");
}

/// A window as zipline's documents tell it: the raw values of `w` sessions before `row`, each
/// multiplied by every event between its session and `row` that is known when `row` opens.
fn window(market: &Market, stock: &Stock, field: usize, row: usize, w: usize) -> Vec<f64> {
    let raw = |session: usize, field: usize| {
        let missing = if field == 4 { 0.0 } else { f64::NAN };
        session
            .checked_sub(stock.start)
            .and_then(|i| stock.bars.get(i))
            .map_or(missing, |bar| bar[field])
    };
    let open = market.calendar.open(market.session(row)).unwrap();
    (row - w..row)
        .map(|session| {
            let mut value = raw(session, field);
            for event in &stock.events {
                let known = event.known.is_none_or(|known| known <= open);
                let between = market.session(session) < event.effective
                    && event.effective <= market.session(row);
                if !(known && between) {
                    continue;
                }
                let effective = (0..market.sessions)
                    .find(|row| market.session(*row) == event.effective)
                    .unwrap();
                let (price, volume) = match &event.action {
                    Action::Split { new, old } => {
                        (*old as f64 / *new as f64, *new as f64 / *old as f64)
                    }
                    Action::Merger { ratio } => (ratio.to_f64(), 1.0),
                    Action::Dividend { amount, .. } => {
                        let ratio = 1.0 - amount.to_f64() / raw(effective - 1, 3);
                        (if ratio > 0.0 { ratio } else { 1.0 }, 1.0)
                    }
                    other => panic!("no such event here: {other:?}"),
                };
                value *= if field == 4 { volume } else { price };
            }
            value
        })
        .collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let present: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    present.iter().sum::<f64>() / present.len() as f64
}

#[test]
fn windows_taken_apart_by_hand_give_the_same_answers() {
    let market = Market::small();
    let file = r#"
        close = EquityPricing.close
        Pipeline(columns={
            "close": close.latest,
            "volume": EquityPricing.volume.latest,
            "sma": SimpleMovingAverage(inputs=[close], window_length=20),
            "long": SimpleMovingAverage(inputs=[EquityPricing.high], window_length=60),
            "rsi": RSI(window_length=14),
            "returns": Returns(window_length=40),
            "daily": DailyReturns(),
            "adv": AverageDollarVolume(window_length=10),
        })
    "#;
    let pipeline = parse::parse(file, "hand.pipe").unwrap();
    let (calendar, finder, adjustments, daily) = market.parts();
    let loader = EquityLoader::new(calendar, finder, adjustments, daily).unwrap();
    let engine = Engine::new(Arc::new(loader));
    let (first, last) = (60, market.sessions - 1);
    let output = engine
        .run(&pipeline, market.session(first), market.session(last), &RunOptions::default())
        .unwrap();

    let mut i = 0;
    for row in first..=last {
        for stock in market.stocks.iter().filter(|stock| stock.start < row && row <= stock.end) {
            assert_eq!((output.sessions()[i], output.sids()[i]), (market.session(row), stock.sid));
            let window = |field, w| window(&market, stock, field, row, w);
            let same = |name: &str, expected: f64| {
                let at = format!("{name} of {} on {}", stock.symbol, market.session(row));
                close(output.numbers(name).unwrap()[i], expected, 1e-12, &at);
            };
            same("close", window(3, 1)[0]);
            same("volume", window(4, 1)[0]);
            same("sma", mean(window(3, 20).into_iter()));
            same("long", mean(window(1, 60).into_iter()));
            let changes: Vec<f64> =
                window(3, 14).windows(2).map(|pair| pair[1] - pair[0]).collect();
            let present = || changes.iter().copied().filter(|change| !change.is_nan());
            let (rise, fall) =
                (mean(present().map(|c| c.max(0.0))), mean(present().map(|c| -c.min(0.0))));
            same("rsi", 100.0 - 100.0 / (1.0 + rise / fall));
            let closes = window(3, 40);
            same("returns", (closes[39] - closes[0]) / closes[0]);
            let closes = window(3, 2);
            same("daily", (closes[1] - closes[0]) / closes[0]);
            let traded = window(3, 10).into_iter().zip(window(4, 10)).map(|(c, v)| c * v);
            same("adv", traded.filter(|money| !money.is_nan()).sum::<f64>() / 10.0);
            i += 1;
        }
    }
    assert_eq!(i, output.len());
    raw_bits_where_nothing_happened(&market, &output);
}

/// Where no event lies in the window, the latest close is the stored one, to the bit.
fn raw_bits_where_nothing_happened(market: &Market, output: &PipelineOutput) {
    let mut checked = 0;
    for (i, close) in output.numbers("close").unwrap().iter().enumerate() {
        let stock = market.stocks.iter().find(|stock| stock.sid == output.sids()[i]).unwrap();
        let row =
            (0..market.sessions).find(|row| market.session(*row) == output.sessions()[i]).unwrap();
        if stock.events.iter().all(|event| event.effective != output.sessions()[i]) {
            assert_eq!(close.to_bits(), stock.bars[row - 1 - stock.start][3].to_bits());
            checked += 1;
        }
    }
    assert!(checked > 1000, "only {checked} checked");
}
