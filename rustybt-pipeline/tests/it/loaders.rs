//! Events, estimates, restated tables and currencies, as zipline's loaders have them.

use std::sync::Arc;

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{Action, Adjustment, AdjustmentTable, FxRate, FxRates, Sid, TableValues};
use rustybt_pipeline::{
    Change, Engine, Error, Frame, FrameChange, FrameLoader, Pipeline, RunOptions, parse,
};

use crate::golden::{rows_of, same_answers, zipline_market};
use crate::laws::assert_same_bits;

/// The cells of one column of a file.
fn cells(text: &'static str, name: &str) -> Vec<Option<&'static str>> {
    let mut rows = rows_of(text);
    let slot = rows.next().unwrap().iter().position(|known| *known == name).unwrap();
    rows.map(|row| Some(row[slot]).filter(|cell| !cell.is_empty())).collect()
}

fn parsed<T: std::str::FromStr>(text: &'static str, name: &str) -> Vec<Option<T>> {
    let parse = |cell: &str| cell.parse().unwrap_or_else(|_| panic!("{name}: {cell}"));
    cells(text, name).into_iter().map(|cell| cell.map(parse)).collect()
}

fn all<T: std::str::FromStr>(text: &'static str, name: &str) -> Vec<T> {
    parsed(text, name).into_iter().map(Option::unwrap).collect()
}

fn frame(name: &str, text: &'static str) -> Frame {
    let sids = all::<u32>(text, "sid").into_iter().map(Sid).collect();
    Frame::new(name, sids, all(text, "date")).unwrap()
}

fn floats(text: &'static str, name: &str) -> TableValues {
    TableValues::Float(parsed(text, name))
}

/// When rows became known; never, from an instant on.
fn known(text: &'static str, before: Timestamp) -> Vec<Option<Timestamp>> {
    parsed(text, "known_at")
        .into_iter()
        .map(|known| known.filter(|known| *known < before))
        .collect()
}

fn events(before: Timestamp) -> Frame {
    let text = include_str!("golden/loader_events.csv");
    let firms = cells(text, "firm").into_iter().map(|firm| firm.map(str::to_owned)).collect();
    frame("Earnings", text)
        .known(known(text, before))
        .and_then(|frame| frame.with("eps", floats(text, "eps")))
        .and_then(|frame| frame.with("count", TableValues::Int(parsed(text, "count"))))
        .and_then(|frame| frame.with("firm", TableValues::Text(firms)))
        .and_then(|frame| frame.with("when", TableValues::Date(parsed(text, "when"))))
        .unwrap()
        .as_events()
}

fn estimates(name: &str, before: Timestamp) -> Frame {
    let text = include_str!("golden/loader_estimates.csv");
    let int = |column| TableValues::Int(parsed(text, column));
    frame(name, text)
        .known(known(text, before))
        .and_then(|frame| frame.with("fiscal_year", int("fiscal_year")))
        .and_then(|frame| frame.with("fiscal_quarter", int("fiscal_quarter")))
        .and_then(|frame| frame.with("eps", floats(text, "eps")))
        .and_then(|frame| frame.with("guess", floats(text, "guess")))
        .and_then(Frame::as_estimates)
        .unwrap()
}

/// The splits of `golden/events.csv`.
fn splits() -> AdjustmentTable {
    let rows = rows_of(include_str!("golden/events.csv")).skip(1);
    AdjustmentTable::new(rows.filter(|row| row[0] == "split").map(|row| Adjustment {
        sid: Sid(row[1].parse().unwrap()),
        effective: row[2].parse().unwrap(),
        known: None,
        action: Action::Split { new: row[3].parse().unwrap(), old: row[4].parse().unwrap() },
    }))
}

fn restated(before: Timestamp) -> Frame {
    let (text, changes) =
        (include_str!("golden/loader_own.csv"), include_str!("golden/loader_adjustments.csv"));
    let told = |day: &str| day.parse::<Session>().unwrap().midnight() < before;
    let rows = rows_of(changes).skip(1).filter(|row| told(row[5])).map(|row| {
        let value = row[2].parse().unwrap();
        FrameChange {
            sid: Sid(row[0].parse().unwrap()),
            change: match row[1] {
                "multiply" => Change::Multiply(value),
                "add" => Change::Add(value),
                _ => Change::Overwrite(value),
            },
            from: row[3].parse().ok(),
            to: row[4].parse().unwrap(),
            seen: row[5].parse().unwrap(),
        }
    });
    let dated = all::<Session>(text, "date").into_iter().zip(parsed(text, "score"));
    let scores = dated.map(|(day, score)| score.filter(|_| day.midnight() < before)).collect();
    frame("Own", text)
        .with("score", TableValues::Float(scores))
        .and_then(|frame| frame.restated("score", rows))
        .unwrap()
}

fn rates(before: Timestamp) -> FxRates {
    let rows = rows_of(include_str!("golden/loader_rates.csv")).skip(1);
    let told = |day: &str| day.parse::<Session>().unwrap().midnight() < before;
    FxRates::new(rows.filter(|row| told(row[0])).map(|row| FxRate {
        date: row[0].parse().unwrap(),
        base: row[1].to_owned(),
        quote: row[2].to_owned(),
        rate: "mid".to_owned(),
        value: row[3].parse().unwrap(),
    }))
}

/// The pipeline of `golden/loaders.pipe` over what was known before an instant.
fn loaders(before: Timestamp) -> (Engine, Pipeline) {
    let adjusted = estimates("Adjusted", before)
        .split_adjusted("guess", "2015-04-09".parse().unwrap(), &splits())
        .unwrap();
    let frames = [events(before), estimates("Estimates", before), adjusted, restated(before)];
    let columns: Vec<_> = frames.iter().flat_map(Frame::columns).collect();
    let file = include_str!("golden/loaders.pipe");
    let pipeline = parse::parse_with(file, "loaders.pipe", &columns).unwrap();
    let base = Arc::new(zipline_market().with_rates(rates(before)));
    (Engine::new(Arc::new(FrameLoader::new(base, &frames))), pipeline)
}

fn never() -> Timestamp {
    "2100-01-01T00:00Z".parse().unwrap()
}

#[test]
fn zipline_gives_the_same_answers_for_every_loader() {
    let (engine, pipeline) = loaders(never());
    same_answers(&engine, &pipeline, include_str!("golden/loaders.csv"));
}

#[test]
fn what_becomes_known_later_changes_nothing_and_neither_do_chunks() {
    let (engine, pipeline) = loaders(never());
    let day = |text: &str| text.parse::<Session>().unwrap();
    let (start, end) = (day("2015-03-03"), day("2015-06-09"));
    let whole = engine.run(&pipeline, start, end, &RunOptions::default()).unwrap();
    for chunk in [1, 13] {
        let options = RunOptions { chunk: Some(chunk), ..RunOptions::default() };
        let found = engine.run(&pipeline, start, end, &options).unwrap();
        assert_same_bits(&found, &whole, &format!("chunks of {chunk}"));
    }
    for last in ["2015-03-20", "2015-04-09", "2015-04-22", "2015-05-11"] {
        let (engine, _) = loaders(day(last).plus_days(1).midnight());
        let cut = engine.run(&pipeline, start, day(last), &RunOptions::default()).unwrap();
        for session in cut.sessions().iter().copied() {
            assert_same_bits(&cut.on(session), &whole.on(session), &format!("{session} of {last}"));
        }
    }
}

#[test]
fn tables_that_lack_what_they_need_are_refused() {
    let text = include_str!("golden/loader_events.csv");
    let firms = cells(text, "firm").into_iter().map(|firm| firm.map(str::to_owned)).collect();
    let frame = frame("X", text).with("firm", TableValues::Text(firms)).unwrap();
    let refused = |result: Result<Frame, Error>| result.map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        refused(frame.clone().as_estimates()),
        "`X` has no column `fiscal_year`, which estimates need; it has firm"
    );
    assert_eq!(refused(frame.restated("firm", [])), "`X.firm` holds texts, not numbers");
    let day = "2015-04-09".parse().unwrap();
    assert_eq!(
        refused(estimates("Y", never()).split_adjusted("esp", day, &splits())),
        "`Y` has no column `esp`, which splits need; it has fiscal_year, fiscal_quarter, eps, guess"
    );
}
