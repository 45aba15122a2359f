//! Histories in another currency.

use rustybt_data::{
    AdjustMode, Clocking, Error, Field, FxRate, FxRates, HistoryQuery, MemoryBars, Quote, Sid,
    Timeline,
};

use crate::market::{NAN, assert_same, at, closes, daily_from, day, portal, split, xnys};

fn euros() -> FxRates {
    let rates = [("2014-05-30", 0.5), ("2014-06-03", 0.25), ("2014-06-04", 0.125)];
    FxRates::new(rates.map(|(date, value)| FxRate {
        date: day(date),
        base: "USD".to_owned(),
        quote: "EUR".to_owned(),
        rate: "mid".to_owned(),
        value,
    }))
}

#[test]
fn prices_are_converted_at_the_rate_of_their_day() {
    let bars = MemoryBars::builder(daily_from("2014-06-02", "2014-06-06"));
    let bars = closes(bars, 0, 0, &[16.0, 16.0, 8.0, NAN, 8.0]).build();
    let lives = [("2014-06-02", "2014-06-06")];
    let portal = portal(&lives, Some(bars), None, vec![split(0, "2014-06-04", 2, 1)]);
    let portal = portal.with_fx(euros());
    let data = portal.at_session(day("2014-06-05")).unwrap();
    let quotes = [Quote::CLOSE, Quote::Price, Quote::VOLUME];
    let query = HistoryQuery::new(&[Sid(0)]).fields(&quotes).bars(4).currency("EUR");
    let history = data.history(&query).unwrap();
    assert_same(history.series(Quote::CLOSE, Sid(0)).unwrap(), &[4.0, 2.0, 1.0, NAN]);
    assert_same(history.series(Quote::Price, Sid(0)).unwrap(), &[4.0, 2.0, 1.0, 1.0]);
    assert_same(history.series(Quote::VOLUME, Sid(0)).unwrap(), &[200.0, 200.0, 100.0, 0.0]);
    // Its own currency costs 1; one that nobody trades costs nothing known.
    let own = data.history(&query.currency("USD")).unwrap();
    assert_same(own.series(Quote::CLOSE, Sid(0)).unwrap(), &[8.0, 8.0, 8.0, NAN]);
    let none = data.history(&query.currency("SEK")).unwrap();
    assert_same(none.series(Quote::CLOSE, Sid(0)).unwrap(), &[NAN; 4]);
    // Days are converted before a week is made of them.
    let friday = portal.at_session(day("2014-06-06")).unwrap();
    let week = query.fields(&[Quote::HIGH]).bars(1).frequency("1w".parse().unwrap());
    let high = friday.history(&week.adjust(AdjustMode::None)).unwrap();
    assert_same(high.series(Field::High, Sid(0)).unwrap(), &[17.0 * 0.5]);
    let exact = query.fields(&[Quote::CLOSE]).adjust(AdjustMode::None).exact();
    assert!(matches!(data.history(&exact), Err(Error::NotExact { .. })));
    // Without rates there is nothing to convert with.
    let bare = portal.with_fx(FxRates::default());
    let data = bare.at_session(day("2014-06-05")).unwrap();
    assert!(matches!(data.history(&query), Err(Error::UnknownRate { .. })));
}

#[test]
fn the_rate_of_a_day_is_not_known_within_it() {
    let timeline = Timeline::minutes(xnys(), day("2014-06-03"), day("2014-06-04")).unwrap();
    let minutes = closes(MemoryBars::builder(timeline), 0, 0, &[8.0; 780]).build();
    let days = MemoryBars::builder(daily_from("2014-06-02", "2014-06-04"));
    let days = closes(days, 0, 0, &[8.0; 3]).build();
    let lives = [("2014-06-02", "2014-06-04")];
    let portal = portal(&lives, Some(days), Some(minutes), vec![]).with_fx(euros());
    let close = |now: &str, frequency: &str, bars| {
        let data = portal.at(at(now), Clocking::Minute);
        let query = HistoryQuery::new(&[Sid(0)]).fields(&[Quote::CLOSE]).bars(bars);
        let query = query.frequency(frequency.parse().unwrap()).currency("EUR");
        data.history(&query).unwrap().series(Quote::CLOSE, Sid(0)).unwrap().to_vec()
    };
    assert_eq!(close("2014-06-04T14:00Z", "1m", 2), [2.0, 2.0]);
    assert_eq!(close("2014-06-04T14:00Z", "1d", 3), [4.0, 2.0, 2.0]);
    assert_eq!(close("2014-06-04T20:00Z", "1d", 3), [4.0, 2.0, 1.0]);
    assert_eq!(close("2014-06-03T20:00Z", "4h", 2), [4.0, 4.0]);
}
