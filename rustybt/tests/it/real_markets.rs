//! Real minutes and trades, where there are some: what is made of them is what it should be.
//!
//! The expected numbers are made here, from the text of the files and by other means: sums of whole
//! numbers, and products of ratios; or they are the vendor's own days and hours.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::program::{Program, shared};

/// A folder of real data beside that of the stocks.
fn real(what: &str, folder: &str) -> Option<PathBuf> {
    Some(shared(what)?.join("..").join(folder))
}

/// The cells of a packed CSV file, without its header.
fn cells(path: &Path) -> Vec<Vec<String>> {
    let mut text = String::new();
    GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn ingest(program: &Program, calendar: &str) {
    let path = format!("path={}", program.path("in").display());
    let asked = ["ingest", "real", "--source", "csvdir", "--opt", &path, "--calendar", calendar];
    let ran = program.run(&asked);
    assert_eq!(ran.code, 0, "{ran:?}");
}

fn ask(program: &Program, question: &Value) -> Value {
    let answer = program.run_with(&["query", "real"], question.to_string(), &[]).done();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert!(answer.get("error").is_none(), "{question} {answer}");
    answer
}

/// A decimal as a whole number of 10⁻⁸, of which sums are exact.
fn units(text: &str) -> i128 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{part:0<8}");
    digits.parse().unwrap()
}

/// Open, high, low, close and volume of bars, by what they lie under.
type Bars = BTreeMap<String, [i128; 5]>;

/// Puts a bar, or a trade as a bar of its own, to those under the same name.
fn merge(bars: &mut Bars, name: String, [open, high, low, close, volume]: [i128; 5]) {
    let bar = bars.entry(name).or_insert([open, high, low, close, 0]);
    *bar = [bar[0], bar[1].max(high), bar[2].min(low), close, bar[4] + volume];
}

/// The bars of an exact answer that are there.
fn answered(answer: &Value) -> Bars {
    let index = answer["index"].as_array().unwrap();
    let fields = ["open", "high", "low", "close", "volume"];
    let bars = index.iter().enumerate().filter_map(|(row, label)| {
        let value = |field: &str| answer["fields"][field][row][0].as_str().map(units);
        let bar = fields.map(value);
        Some((label.as_str().unwrap().to_owned(), [bar[0]?, bar[1]?, bar[2]?, bar[3]?, bar[4]?]))
    });
    bars.collect()
}

#[test]
fn closes_across_splits_are_what_the_ratios_make_of_them() {
    let Some(folder) = shared("AAPL, AIG and BAC across their splits") else { return };
    let program = Program::new();
    let ran = program.ingest_with("real", &folder, &["--frequency", "1d"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let events = |file: &str, symbol: &str| -> Vec<(String, f64)> {
        let text = read(file);
        let rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let own = rows.filter(|row| row[0] == symbol);
        own.map(|row| (row[1].to_owned(), row[2].parse().unwrap())).collect()
    };
    let mut compared = 0;
    for symbol in ["AAPL", "AIG", "BAC"] {
        let text = read(&format!("daily/{symbol}.csv"));
        let rows: Vec<(&str, f64)> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect::<Vec<_>>())
            .map(|row| (row[0], row[4].parse().unwrap()))
            .collect();
        let (splits, dividends) = (events("splits.csv", symbol), events("dividends.csv", symbol));
        for at in ["2004-12-31", "2009-07-01", "2014-06-09", "2020-12-31"] {
            let last = rows.iter().rposition(|(day, _)| *day <= at).unwrap();
            for (mode, with_dividends) in [("split", false), ("as-of", true)] {
                let question = json!({"op": "bars", "assets": [symbol], "start": rows[0].0, "end": at,
                                      "fields": ["close"], "adjust": mode});
                let answer = ask(&program, &question);
                let (index, closes) = (&answer["index"], &answer["fields"]["close"]);
                let mut factor = 1.0;
                let mut places: BTreeMap<&str, usize> = BTreeMap::new();
                for (place, label) in index.as_array().unwrap().iter().enumerate() {
                    places.insert(label.as_str().unwrap(), place);
                }
                // From the last day backwards: an event acts on the days before it.
                for row in (0..=last).rev() {
                    let (day, close) = rows[row];
                    let found = closes[places[day]][0].as_f64().unwrap();
                    let expected = close * factor;
                    // The file's ratios are rounded: a small fraction is meant within 1e-6.
                    let apart = (found - expected).abs() / expected;
                    assert!(apart < 5e-6, "{symbol} {day} as of {at}, {mode}: {found}, {expected}");
                    compared += 1;
                    let split = splits.iter().find(|(on, _)| on == day);
                    factor *= split.map_or(1.0, |(_, ratio)| *ratio);
                    let paid = dividends.iter().find(|(on, _)| on == day && with_dividends);
                    if let (Some((_, amount)), Some((_, before))) =
                        (paid, rows.get(row.wrapping_sub(1)))
                    {
                        factor *= 1.0 - amount / before;
                    }
                }
            }
        }
    }
    assert!(compared > 80_000, "{compared}");
}

#[test]
fn minutes_of_ibm_are_those_of_its_trades() {
    let Some(folder) = shared("IBM's trades and minutes") else { return };
    let program = Program::new();
    let trades = cells(&folder.join("ticks/IBM-20131007-trades.csv.gz"));
    let mut text = "datetime,price,size\n".to_owned();
    let mut expected = Bars::new();
    for row in &trades {
        writeln!(text, "{},{},{}", row[0], row[1], row[2]).unwrap();
        let (price, minute) = (units(&row[1]), &row[0][11..16]);
        if ("09:30".."16:00").contains(&minute) {
            merge(&mut expected, minute.to_owned(), [price, price, price, price, units(&row[2])]);
        }
    }
    program.write("in/trades/IBM.csv", &text);
    ingest(&program, "XNYS");
    let bars = |frequency: &str| {
        let fields = ["open", "high", "low", "close", "volume"];
        answered(&ask(
            &program,
            &json!({"op": "bars", "assets": ["IBM"], "start": "2013-10-07", "end": "2013-10-07",
                                        "frequency": frequency, "fields": fields, "exact": true}),
        ))
    };
    // New York is four hours behind in October.
    let local =
        |label: &str| format!("{:02}{}", label[11..13].parse::<u8>().unwrap() - 4, &label[13..16]);
    let found: Bars = bars("1m").into_iter().map(|(label, bar)| (local(&label), bar)).collect();
    assert_eq!(found.len(), 390);
    assert_eq!(found, expected);
    let mut day = Bars::new();
    for bar in expected.values() {
        merge(&mut day, "2013-10-07".to_owned(), *bar);
    }
    assert_eq!(bars("1d"), day);

    // The vendor's minutes leave small trades out of prices, and late ones out of two volumes.
    let minutes = cells(&folder.join("minute/IBM.csv.gz"));
    let (mut volumes, mut closes) = (0, 0);
    for row in minutes.iter().filter(|row| row[0].starts_with("2013-10-07")) {
        let Some(bar) = found.get(&row[0][11..16]) else { continue };
        let prices = [1, 2, 3, 4].map(|place| units(&row[place]));
        assert!(prices.iter().all(|price| (bar[2]..=bar[1]).contains(price)), "{row:?} {bar:?}");
        volumes += usize::from(bar[4] == units(&row[5]));
        closes += usize::from(bar[3] == prices[3]);
    }
    assert_eq!((volumes, closes), (388, 315));
}

#[test]
fn hours_of_the_euro_are_those_of_its_minutes() {
    let Some(folder) = real("hours of EURUSD", "forex/oanda") else { return };
    let program = Program::new();
    let (mut text, mut expected) =
        ("datetime,open,high,low,close,volume\n".to_owned(), Bars::new());
    for row in cells(&folder.join("minute/EURUSD.csv.gz")) {
        writeln!(text, "{}Z,{}", &row[0][..16], row[1..6].join(",")).unwrap();
        let values = [1, 2, 3, 4, 5].map(|place| units(&row[place]));
        merge(&mut expected, format!("{}T{}:00Z", &row[0][..10], &row[0][11..13]), values);
    }
    program.write("in/minute/EURUSD.csv", &text);
    ingest(&program, "FX");
    let fields = ["open", "high", "low", "close", "volume"];
    let question = |start, end| {
        json!({"op": "bars", "assets": ["EURUSD"], "start": start, "end": end, "frequency": "1h",
               "fields": fields, "exact": true})
    };
    let mut found = answered(&ask(&program, &question("2014-05-01T00:00Z", "2014-05-17T00:00Z")));
    found.extend(answered(&ask(&program, &question("2018-04-03T00:00Z", "2018-04-05T00:00Z"))));
    assert_eq!(found.len(), 312);
    assert_eq!(found, expected);
    // The vendor's hours close where its minutes do; they open with the price before.
    let hours = cells(&folder.join("hour/EURUSD.csv.gz"));
    let mut closes = 0;
    for row in &hours {
        let label = format!("{}T{}:00Z", &row[0][..10], &row[0][11..13]);
        if let Some(bar) = found.get(&label) {
            assert_eq!(bar[3], units(&row[4]), "{label}");
            closes += 1;
        }
    }
    assert_eq!(closes, 312);
}

#[test]
fn days_of_bitcoin_are_those_of_its_minutes() {
    let Some(folder) = real("days of BTCUSD", "crypto/coinbase") else { return };
    let program = Program::new();
    let mut text = "datetime,open,high,low,close,volume\n".to_owned();
    for row in cells(&folder.join("minute/BTCUSD.csv.gz")) {
        writeln!(text, "{}", row.join(",")).unwrap();
    }
    program.write("in/minute/BTCUSD.csv", &text);
    ingest(&program, "24/7");
    let fields = ["open", "high", "low", "close", "volume"];
    let bars = |frequency: &str| {
        answered(&ask(
            &program,
            &json!({"op": "bars", "assets": ["BTCUSD"], "start": "2016-10-07", "end": "2018-04-06",
                                        "frequency": frequency, "fields": fields, "exact": true}),
        ))
    };
    let found = bars("1d");
    let mut of_hours = Bars::new();
    for (hour, bar) in bars("1h") {
        merge(&mut of_hours, hour[..10].to_owned(), bar);
    }
    assert_eq!(found, of_hours);
    let days = fs::read_to_string(folder.join("daily/BTCUSD.csv")).unwrap();
    let mut compared = 0;
    for line in days.lines().skip(1) {
        let (day, values) = line.split_once(',').unwrap();
        let Some(bar) = found.get(day) else { continue };
        let values: Vec<i128> = values.split(',').map(units).collect();
        assert_eq!(bar[..], values[..], "{day}");
        compared += 1;
    }
    assert_eq!(compared, 9);
}
