//! Bars of any frequency, as a view sees them.

use std::sync::Arc;

use rustybt_calendars::Timestamp;
use rustybt_data::{
    AdjustMode, BarReader, Clocking, DataPortal, Error, Field, Frequency, HistoryQuery, MemoryBars,
    PortalParts, Quote, Sid, Timeline, merge_bars,
};

use crate::market::{NAN, assert_same, at, closes, daily_from, day, portal, split, xnys};

const A: [Sid; 1] = [Sid(0)];
const QUOTES: [Quote; 5] = [Quote::OPEN, Quote::HIGH, Quote::LOW, Quote::CLOSE, Quote::VOLUME];

/// Two days of minutes, the second one with an early close; every seventh minute is missing.
fn minutes() -> (Vec<f64>, MemoryBars) {
    let timeline = Timeline::minutes(xnys(), day("2019-11-27"), day("2019-11-29")).unwrap();
    let close: Vec<f64> =
        (0..600).map(|m| if m % 7 == 3 { NAN } else { f64::from(m * 37 % 101 + 5) }).collect();
    let bars = closes(MemoryBars::builder(timeline), 0, 0, &close).build();
    (close, bars)
}

fn in_minutes() -> (Vec<f64>, DataPortal) {
    let (close, bars) = minutes();
    let lives = [("2019-11-27", "2019-11-29")];
    (close, portal(&lives, None, Some(bars), vec![split(0, "2019-11-29", 2, 1)]))
}

#[test]
fn bars_within_a_session_are_made_of_its_minutes() {
    let (close, portal) = in_minutes();
    let data = portal.at(at("2019-11-29T17:45Z"), Clocking::Minute);
    let query = HistoryQuery::new(&A).fields(&QUOTES).frequency("1h".parse().unwrap());
    // 14:30 to 18:00: the fourth hour is half an hour, and not over.
    let history = data.history(&query.bars(4)).unwrap();
    let ends = ["2019-11-27T21:00Z", "2019-11-29T15:30Z", "2019-11-29T16:30Z", "2019-11-29T17:30Z"];
    assert_eq!(history.labels(), ends.map(at));
    let starts =
        ["2019-11-27T20:30Z", "2019-11-29T14:30Z", "2019-11-29T15:30Z", "2019-11-29T16:30Z"];
    assert_eq!(history.opens(), starts.map(at));
    assert!(!history.is_partial());
    for (bar, rows) in [360..390, 390..450, 450..510, 510..570].into_iter().enumerate() {
        let by = |off: f64| close[rows.clone()].iter().map(|c| c + off).collect::<Vec<f64>>();
        // Wednesday is seen from after the split.
        let price = if bar == 0 { 0.5 } else { 1.0 };
        let value = |field| history.series(field, Sid(0)).unwrap()[bar];
        assert_eq!(value(Field::Open), merge_bars(Field::Open, &by(-0.5)) * price);
        assert_eq!(value(Field::High), merge_bars(Field::High, &by(1.0)) * price);
        assert_eq!(value(Field::Low), merge_bars(Field::Low, &by(-1.0)) * price);
        assert_eq!(value(Field::Close), merge_bars(Field::Close, &by(0.0)) * price);
        let traded = by(0.0).iter().filter(|close| !close.is_nan()).count() as f64 * 100.0;
        assert_eq!(value(Field::Volume), traded / price);
    }
    // On request, the half hour so far.
    let partial = data.history(&query.bars(4).partial()).unwrap();
    assert!(partial.is_partial());
    assert_eq!(partial.labels()[..3], history.labels()[1..]);
    assert_eq!(partial.labels()[3], at("2019-11-29T18:00Z"));
    let last = |quote| partial.series(quote, Sid(0)).unwrap()[3];
    let so_far = &close[570..585];
    assert_eq!(last(Quote::CLOSE), merge_bars(Field::Close, so_far));
    assert_eq!(last(Quote::HIGH), merge_bars(Field::High, so_far) + 1.0);
    // At the end of an hour no other one has begun.
    let data = portal.at(at("2019-11-29T17:30Z"), Clocking::Minute);
    let whole = data.history(&query.bars(4).partial()).unwrap();
    assert!(!whole.is_partial());
    assert_eq!(whole.labels(), history.labels());
}

#[test]
fn exact_bars_are_those_that_were_ingested() {
    let (close, portal) = in_minutes();
    let data = portal.at(at("2019-11-29T18:00Z"), Clocking::Daily);
    let query = HistoryQuery::new(&A).fields(&QUOTES).frequency("4h".parse().unwrap()).bars(3);
    let history = data.history(&query.adjust(AdjustMode::None).exact()).unwrap();
    for (bar, rows) in [0..240, 240..390, 390..600].into_iter().enumerate() {
        let expected = merge_bars(Field::Close, &close[rows]);
        let exact = history.exact(Field::Close, Sid(0)).unwrap().get(bar).unwrap();
        assert_eq!(exact.to_f64(), expected);
        assert_eq!(history.series(Field::Close, Sid(0)).unwrap()[bar], expected);
    }
}

/// Three weeks of days: no bar on the second Tuesday, a split on the second Wednesday.
fn in_days() -> DataPortal {
    let close = [
        1.0, 2.0, 3.0, 4.0, 5.0, // 2 to 6 June 2014
        6.0, NAN, 4.0, 5.0, 6.0, // 9 to 13 June
        7.0, 8.0, 9.0, 10.0, 11.0,
    ];
    let bars = MemoryBars::builder(daily_from("2014-06-02", "2014-06-20"));
    let bars = closes(bars, 0, 0, &close).build();
    portal(&[("2014-06-02", "2014-06-20")], Some(bars), None, vec![split(0, "2014-06-11", 2, 1)])
}

#[test]
fn weeks_are_adjusted_before_they_are_made() {
    let portal = in_days();
    let data = portal.at_session(day("2014-06-13")).unwrap();
    let query = HistoryQuery::new(&A).fields(&QUOTES).frequency("1w".parse().unwrap()).bars(2);
    let history = data.history(&query).unwrap();
    assert_eq!(history.labels(), ["2014-06-06", "2014-06-13"].map(|d| day(d).midnight()));
    assert_eq!(history.opens(), ["2014-06-02", "2014-06-09"].map(|d| day(d).midnight()));
    let expected: [&[f64]; 5] =
        [&[0.25, 2.75], &[3.0, 7.0], &[0.0, 2.5], &[2.5, 6.0], &[1000.0, 500.0]];
    for (quote, expected) in QUOTES.into_iter().zip(expected) {
        assert_same(history.series(quote, Sid(0)).unwrap(), expected);
    }
    // The week of the 9th is not over on Thursday, and begins with what was known on Tuesday.
    let data = portal.at_session(day("2014-06-12")).unwrap();
    let history = data.history(&query.bars(1)).unwrap();
    assert_eq!(history.labels(), [day("2014-06-06").midnight()]);
    let data = portal.at_session(day("2014-06-10")).unwrap();
    let price = data.history(&query.fields(&[Quote::CLOSE, Quote::Price]).partial()).unwrap();
    assert!(price.is_partial());
    assert_same(price.series(Quote::Price, Sid(0)).unwrap(), &[5.0, 6.0]);
    assert_eq!(price.labels()[1], day("2014-06-13").midnight());
}

#[test]
fn days_and_months() {
    let portal = in_days();
    let data = portal.at_session(day("2014-06-20")).unwrap();
    let none = HistoryQuery::new(&A).fields(&[Quote::CLOSE]).adjust(AdjustMode::None);
    let threes = data.history(&none.frequency("3d".parse().unwrap()).bars(5)).unwrap();
    assert_same(threes.series(Quote::CLOSE, Sid(0)).unwrap(), &[3.0, 6.0, 5.0, 8.0, 11.0]);
    // June is not over.
    let month = none.frequency("1M".parse().unwrap()).bars(1);
    assert!(matches!(data.history(&month), Err(Error::BeforeData { .. })));
    let june = data.history(&month.fields(&[Quote::VOLUME]).partial()).unwrap();
    assert_same(june.series(Quote::VOLUME, Sid(0)).unwrap(), &[1400.0]);
}

#[test]
fn a_week_in_minutes_holds_the_day_so_far() {
    let (_, minute) = minutes();
    let days = MemoryBars::builder(daily_from("2019-11-25", "2019-11-29"));
    let days = closes(days, 0, 0, &[1000.0, 2.0, 3.0, 4.0]).build();
    let portal = portal(&[("2019-11-25", "2019-11-29")], Some(days), Some(minute), vec![]);
    let data = portal.at(at("2019-11-29T14:32Z"), Clocking::Minute);
    let query = HistoryQuery::new(&A).fields(&QUOTES).frequency("1w".parse().unwrap()).partial();
    let week = data.history(&query).unwrap();
    let value = |quote| week.series(quote, Sid(0)).unwrap()[0];
    // The first minutes of Friday are those from the 391st of the two days on.
    let two = [390.0, 391.0].map(|m: f64| m * 37.0 % 101.0 + 5.0);
    assert_eq!(value(Quote::OPEN), 999.5);
    assert_eq!(value(Quote::CLOSE), two[1]);
    assert_eq!(value(Quote::VOLUME), 500.0);
    // Once the day is over so is the week.
    let data = portal.at(at("2019-11-29T18:00Z"), Clocking::Minute);
    assert!(!data.history(&query).unwrap().is_partial());
}

#[test]
fn what_cannot_be_made_is_refused() {
    let portal = in_days();
    let data = portal.at_session(day("2014-06-20")).unwrap();
    let hours = HistoryQuery::new(&A).frequency("1h".parse().unwrap());
    let error = data.history(&hours).unwrap_err().to_string();
    assert_eq!(error, "there are no 1h bars here; there are: 1d");
    let timeline =
        Timeline::new(xnys(), "5m".parse().unwrap(), day("2019-11-27"), day("2019-11-29"));
    let fives = closes(MemoryBars::builder(timeline.unwrap()), 0, 0, &[1.0; 120]).build();
    let full = rustybt_data::Synthetic::new(rustybt_data::SyntheticConfig::default()).unwrap();
    let parts = PortalParts {
        calendar: xnys(),
        finder: full.parts().unwrap().finder,
        adjustments: full.parts().unwrap().adjustments,
        daily: Some(Arc::new(fives.clone()) as Arc<dyn BarReader>),
        minute: None,
    };
    let error = DataPortal::new(parts.clone()).unwrap_err().to_string();
    assert_eq!(error, "daily bars were expected, these are bars of 5m");
    // As the finest bars there are they are as good as minutes.
    let minute = Some(Arc::new(fives) as Arc<dyn BarReader>);
    let portal = DataPortal::new(PortalParts { daily: None, minute, ..parts }).unwrap();
    let data = portal.at(at("2019-11-29T15:32Z"), Clocking::Minute);
    assert_eq!(data.current(Sid(0), Quote::CLOSE).unwrap(), 1.0);
    let history = |text: &str| {
        let frequency: Frequency = text.parse().unwrap();
        data.history(&HistoryQuery::new(&A).fields(&[Quote::VOLUME]).frequency(frequency).bars(2))
    };
    let history_of =
        |text| history(text).map(|h| h.series(Quote::VOLUME, Sid(0)).unwrap().to_vec());
    assert_eq!(history_of("15m").unwrap(), [300.0, 300.0]);
    assert_eq!(history_of("1d").unwrap(), [7800.0, 1200.0]);
    assert_eq!(
        history("1m").unwrap_err().to_string(),
        "there are no 1m bars here; there are: 5m, 1d"
    );
}

#[test]
fn bars_between_two_instants() {
    let (close, portal) = in_minutes();
    let data = portal.at(at("2019-11-29T18:00Z"), Clocking::Minute);
    let query = HistoryQuery::new(&A).fields(&[Quote::CLOSE]).frequency("1h".parse().unwrap());
    let between = |start, end| data.between(&query, at(start), at(end)).unwrap();
    let history = between("2019-11-27T20:00Z", "2019-11-29T16:59Z");
    let ends = ["2019-11-27T21:00Z", "2019-11-29T15:30Z", "2019-11-29T16:30Z"];
    assert_eq!(history.labels(), ends.map(at));
    let last = history.series(Quote::CLOSE, Sid(0)).unwrap()[2];
    assert_eq!(last, merge_bars(Field::Close, &close[450..510]));
    let none = between("2019-11-28T00:00Z", "2019-11-28T23:59Z");
    assert_eq!((none.labels().len(), none.series(Quote::CLOSE, Sid(0)).unwrap()), (0, &[][..]));
    // What is not known yet is not there, but the bar so far on request.
    let data = portal.at(at("2019-11-29T15:00Z"), Clocking::Minute);
    let (start, end) = (at("2019-11-29T14:30Z"), at("2019-11-29T18:00Z"));
    assert!(data.between(&query, start, end).unwrap().labels().is_empty());
    let so_far = data.between(&query.partial(), start, end).unwrap();
    assert_eq!(so_far.labels(), [at("2019-11-29T15:30Z")]);
    let so_far = so_far.series(Quote::CLOSE, Sid(0)).unwrap();
    assert_same(so_far, &[merge_bars(Field::Close, &close[390..420])]);
    let week = query.frequency("1w".parse().unwrap());
    let whole = data.between(&week, Timestamp::MIN, end).unwrap();
    assert!(whole.labels().is_empty(), "the week is not over");
}

#[test]
fn where_days_and_minutes_disagree_is_told() {
    let (close, minute) = minutes();
    let made = |rows: std::ops::Range<usize>| merge_bars(Field::Close, &close[rows]);
    let days = MemoryBars::builder(daily_from("2019-11-26", "2019-11-29"));
    let columns: [(Field, &[f64]); 2] =
        [(Field::Close, &[1.0, made(0..390), NAN]), (Field::Volume, &[5.0, 33_500.0, 0.0])];
    let days = days.series(Sid(0), 0, &columns).unwrap().build();
    let portal = portal(&[("2019-11-26", "2019-11-29")], Some(days), Some(minute), vec![]);
    let found = portal.differences(Sid(0), day("2019-11-01"), day("2019-12-31")).unwrap();
    let told: Vec<(String, Field)> =
        found.iter().map(|d| (d.session.to_string(), d.field)).collect();
    let expected = [
        ("2019-11-27", Field::Open),
        ("2019-11-27", Field::High),
        ("2019-11-27", Field::Low),
        ("2019-11-27", Field::Volume),
    ];
    assert_eq!(told, expected.map(|(day, field)| (day.to_owned(), field)));
    assert_eq!((found[3].daily, found[3].minutes), (33_500.0, 33_400.0));
}
