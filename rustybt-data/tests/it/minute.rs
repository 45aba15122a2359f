//! What a view in minute bars sees.

use rustybt_data::{
    AdjustMode, Clocking, DataPortal, Exact, Field, Frequency, HistoryQuery, MemoryBars, Quote,
    Sid, Timeline,
};

use crate::market::{NAN, assert_same, at, closes, daily_from, day, portal, split, xnys};

/// Minutes of Tuesday 3 and Wednesday 4 June 2014: A trades in some of the first minutes of each
/// day and in the last one of Tuesday; it splits two for one on Wednesday. B has no minutes.
fn minutes() -> MemoryBars {
    let timeline = Timeline::minutes(xnys(), day("2014-06-03"), day("2014-06-04")).unwrap();
    let mut close = vec![NAN; 394];
    close[0] = 20.0;
    close[2] = 21.0;
    close[389] = 22.0;
    close[391] = 11.0;
    close[393] = 12.0;
    closes(MemoryBars::builder(timeline), 0, 0, &close).build()
}

fn days() -> MemoryBars {
    let bars = MemoryBars::builder(daily_from("2014-06-02", "2014-06-05"));
    let bars = closes(bars, 0, 0, &[19.0, 22.5, 12.5, 13.0]);
    closes(bars, 1, 0, &[5.0, 6.0, 7.0, 8.0]).build()
}

fn both() -> DataPortal {
    let lives = [("2014-06-02", "2014-06-05"), ("2014-06-02", "2014-06-05")];
    portal(&lives, Some(days()), Some(minutes()), vec![split(0, "2014-06-04", 2, 1)])
}

#[test]
fn a_minute_is_seen_from_its_close_on() {
    let portal = both();
    for (now, close, price, volume) in [
        ("2014-06-03T13:30:59Z", NAN, 9.5 * 2.0, 0.0),
        ("2014-06-03T13:31Z", 20.0, 20.0, 100.0),
        ("2014-06-03T13:32Z", NAN, 20.0, 0.0),
        ("2014-06-03T13:33Z", 21.0, 21.0, 100.0),
        ("2014-06-03T20:00Z", 22.0, 22.0, 100.0),
        ("2014-06-04T12:45Z", 11.0, 11.0, 200.0), // Tuesday's last minute as of Wednesday
        ("2014-06-04T13:31Z", NAN, 11.0, 0.0),
        ("2014-06-04T13:32Z", 11.0, 11.0, 100.0),
    ] {
        let data = portal.at(at(now), Clocking::Minute);
        let current = |quote| data.current(Sid(0), quote).unwrap();
        let found = [current(Quote::CLOSE), current(Quote::VOLUME)];
        assert_same(&found, &[close, volume]);
        if now > "2014-06-03T13:31Z" {
            assert_same(&[current(Quote::Price)], &[price]);
        }
    }
}

#[test]
fn today_is_made_of_the_minutes_so_far() {
    let portal = both();
    let data = portal.at(at("2014-06-03T13:33Z"), Clocking::Minute);
    let query = HistoryQuery::new(&[Sid(0), Sid(1)]).frequency(Frequency::DAILY).bars(2);
    let quotes = [Quote::OPEN, Quote::HIGH, Quote::LOW, Quote::CLOSE, Quote::VOLUME, Quote::Price];
    let history = data.history(&query.fields(&quotes)).unwrap();
    assert_eq!(history.labels(), [at("2014-06-02T00:00Z"), at("2014-06-03T00:00Z")]);
    for (quote, today) in quotes.into_iter().zip([19.5, 22.0, 19.0, 21.0, 200.0, 21.0]) {
        assert_eq!(history.series(quote, Sid(0)).unwrap()[1], today, "{quote}");
    }
    // B has no minutes and the day is not over.
    assert_same(history.series(Quote::CLOSE, Sid(1)).unwrap(), &[5.0, NAN]);
    assert_same(history.series(Quote::Price, Sid(1)).unwrap(), &[5.0, 5.0]);
    // At the close it is still made of the minutes; B's stored day is known then.
    let data = portal.at(at("2014-06-03T20:00Z"), Clocking::Minute);
    let history = data.history(&query.fields(&[Quote::CLOSE])).unwrap();
    assert_same(history.series(Quote::CLOSE, Sid(0)).unwrap(), &[19.0, 22.0]);
    assert_same(history.series(Quote::CLOSE, Sid(1)).unwrap(), &[5.0, 6.0]);
    // On a day without a single minute the stored bar counts, but only when the day is over.
    let data = portal.at(at("2014-06-05T13:31Z"), Clocking::Minute);
    let history = data.history(&query.fields(&[Quote::CLOSE]).bars(1)).unwrap();
    assert_eq!(history.labels(), [at("2014-06-04T00:00Z")], "the minutes end on Wednesday");
    // In the morning the newest day is yesterday, as of today.
    let data = portal.at(at("2014-06-04T12:45Z"), Clocking::Minute);
    let history = data.history(&query.fields(&[Quote::CLOSE])).unwrap();
    assert_same(history.series(Quote::CLOSE, Sid(0)).unwrap(), &[9.5, 11.0]);
    // Before the first trade of today its price is yesterday's.
    let data = portal.at(at("2014-06-04T13:31Z"), Clocking::Minute);
    let history = data.history(&query.bars(1)).unwrap();
    assert_same(history.series(Quote::Price, Sid(0)).unwrap(), &[11.25]);
}

#[test]
fn minute_histories_cross_sessions() {
    let portal = both();
    let data = portal.at(at("2014-06-04T13:32Z"), Clocking::Minute);
    let history =
        data.history(&HistoryQuery::new(&[Sid(0)]).fields(&[Quote::CLOSE, Quote::Price]).bars(4));
    let history = history.unwrap();
    let labels =
        ["2014-06-03T19:59Z", "2014-06-03T20:00Z", "2014-06-04T13:31Z", "2014-06-04T13:32Z"];
    assert_eq!(history.labels(), labels.map(at));
    assert_same(history.series(Quote::CLOSE, Sid(0)).unwrap(), &[NAN, 11.0, NAN, 11.0]);
    assert_same(history.series(Quote::Price, Sid(0)).unwrap(), &[10.5, 11.0, 11.0, 11.0]);
    let window = data.window(Sid(0), Quote::Price, 4).unwrap();
    assert_same(&window, history.series(Quote::Price, Sid(0)).unwrap());
    // The days begin a session before the minutes do: until then no minute has a bar.
    let window = data.window(Sid(0), Quote::Price, 394).unwrap();
    assert_same(&window[..4], &[NAN, NAN, 10.0, 10.0]);
    let query = HistoryQuery::new(&[Sid(0)]).fields(&[Quote::VOLUME]).bars(394);
    let history = data.history(&query).unwrap();
    assert_eq!(history.labels()[1..3], ["2014-06-02T20:00Z", "2014-06-03T13:31Z"].map(at));
    assert_eq!(history.series(Quote::VOLUME, Sid(0)).unwrap()[..2], [0.0, 0.0]);
    let hours = data.history(&query.frequency("1h".parse().unwrap()).bars(8)).unwrap();
    assert_eq!(hours.labels()[0], at("2014-06-02T20:00Z"));
    let exact = query.adjust(AdjustMode::None).exact();
    let column = data.history(&exact).unwrap().exact(Quote::VOLUME, Sid(0)).unwrap().clone();
    assert_eq!((column.len(), column.get(1)), (394, None));
    let error = data.window(Sid(0), Quote::Price, 783).unwrap_err().to_string();
    assert!(error.contains("at most 782 are there"), "{error}");
    let before = portal.at(at("2014-06-03T13:30Z"), Clocking::Minute);
    assert!(before.window(Sid(0), Quote::Price, 1).is_err(), "no minute is known");
    // They end on Wednesday, the days on Thursday: its minutes are missing once it is over.
    let after = portal.at(at("2014-06-05T20:00Z"), Clocking::Minute);
    let query = HistoryQuery::new(&[Sid(0)]).fields(&[Quote::CLOSE, Quote::Price]).bars(391);
    let history = after.history(&query).unwrap();
    assert_eq!(history.labels()[0], at("2014-06-04T20:00Z"));
    assert_same(&history.series(Quote::CLOSE, Sid(0)).unwrap()[..2], &[NAN, NAN]);
    assert_same(&history.series(Quote::Price, Sid(0)).unwrap()[..2], &[12.0, 12.0]);
    assert_same(&after.window(Sid(0), Quote::Price, 391).unwrap(), &[12.0; 391]);
    let within = portal.at(at("2014-06-05T15:00Z"), Clocking::Minute);
    assert_eq!(within.history(&query).unwrap().labels()[390], at("2014-06-04T20:00Z"));
    let (start, end) = (at("2014-06-02T00:00Z"), at("2014-06-06T00:00Z"));
    let stored = after.between(&query, start, end).unwrap();
    assert_eq!(stored.labels().len(), 1170, "from the first minute there is");
    // Minutes can be asked for in daily clocking too.
    let data = portal.at_session(day("2014-06-03")).unwrap();
    let query =
        HistoryQuery::new(&[Sid(0)]).frequency(Frequency::MINUTE).fields(&[Quote::CLOSE]).bars(2);
    assert_same(data.history(&query).unwrap().series(Quote::CLOSE, Sid(0)).unwrap(), &[NAN, 22.0]);
}

#[test]
fn trading_needs_an_open_exchange() {
    let portal = both();
    for (now, trade, stale) in [
        ("2014-06-03T12:45Z", false, false),
        ("2014-06-03T13:31Z", true, false),
        ("2014-06-03T13:32Z", true, true),
        ("2014-06-03T20:00Z", true, false),
        ("2014-06-03T20:01Z", false, false),
        ("2014-06-04T12:45Z", false, false),
    ] {
        let data = portal.at(at(now), Clocking::Minute);
        let found = (data.can_trade(Sid(0)).unwrap(), data.is_stale(Sid(0)).unwrap());
        assert_eq!(found, (trade, stale), "{now}");
        assert!(!data.can_trade(Sid(1)).unwrap(), "B has no price in minutes");
    }
    let data = portal.at(at("2014-06-03T13:32Z"), Clocking::Minute);
    assert_eq!(data.last_traded(Sid(0)).unwrap(), Some(at("2014-06-03T13:31Z")));
}

#[test]
fn without_daily_bars_the_days_are_made_of_minutes() {
    let events = vec![split(0, "2014-06-04", 2, 1)];
    let portal = portal(&[("2014-06-03", "2014-06-04")], None, Some(minutes()), events);
    let data = portal.at_session(day("2014-06-04")).unwrap();
    let query =
        HistoryQuery::new(&[Sid(0)]).fields(&[Quote::OPEN, Quote::CLOSE, Quote::VOLUME]).bars(2);
    let history = data.history(&query).unwrap();
    assert_same(history.series(Quote::OPEN, Sid(0)).unwrap(), &[9.75, 10.5]);
    assert_same(history.series(Quote::CLOSE, Sid(0)).unwrap(), &[11.0, 12.0]);
    assert_same(history.series(Quote::VOLUME, Sid(0)).unwrap(), &[600.0, 200.0]);
    assert_eq!(data.current_exact(Sid(0), Field::Volume).unwrap().map(Exact::mantissa), Some(200));
}
