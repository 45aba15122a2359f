//! What a view in daily bars sees.

use rustybt_calendars::Timestamp;
use rustybt_data::{
    Action, AdjustMode, BarData, Clocking, DataPortal, Error, Field, Frequency, HistoryQuery,
    MemoryBars, Quote, Sid, Window,
};

use crate::market::{
    NAN, assert_same, at, closes, daily_from, day, dividend, event, exact, portal, split,
};

/// Two weeks of June 2014. A trades on all days but the third, the fifth and the ninth and splits
/// two for one on the sixth. B lists on the fourth day and dies after the seventh.
fn fortnight() -> DataPortal {
    let bars = MemoryBars::builder(daily_from("2014-06-02", "2014-06-13"));
    let bars = closes(bars, 0, 0, &[10.0, 11.0, NAN, 13.0, NAN, 7.0, 7.5, 8.0, NAN, 9.0]);
    let bars = closes(bars, 1, 3, &[20.0, 21.0, 22.0, 23.0]).build();
    let lives = [("2014-06-02", "2014-06-13"), ("2014-06-05", "2014-06-10")];
    portal(&lives, Some(bars), None, vec![split(0, "2014-06-09", 2, 1)])
}

fn on<'p>(portal: &'p DataPortal, session: &str) -> BarData<'p> {
    portal.at_session(day(session)).unwrap()
}

fn history(data: &BarData<'_>, quote: Quote, bars: usize) -> Vec<Vec<f64>> {
    let sids = [Sid(0), Sid(1)];
    let history = data.history(&HistoryQuery::new(&sids).fields(&[quote]).bars(bars)).unwrap();
    assert_eq!(history.array(quote).unwrap().dim(), (bars, 2));
    sids.map(|sid| history.series(quote, sid).unwrap().to_vec()).to_vec()
}

#[test]
fn a_bar_is_seen_from_its_close_on() {
    let portal = fortnight();
    let open = portal.at(at("2014-06-03T19:59:59.999999999Z"), Clocking::Daily);
    assert_eq!(open.current(Sid(0), Field::Close).unwrap(), 10.0);
    let closed = portal.at(at("2014-06-03T20:00Z"), Clocking::Daily);
    assert_eq!(closed.current(Sid(0), Field::Close).unwrap(), 11.0);
    assert_eq!((open.session(), closed.session()), (day("2014-06-03"), day("2014-06-03")));
    let evening = portal.at(at("2014-06-03T20:01Z"), Clocking::Daily);
    assert_eq!(evening.session(), day("2014-06-04"));
}

#[test]
fn before_the_open_the_bar_before_is_seen_as_of_today() {
    let portal = fortnight();
    let morning = portal.at(at("2014-06-09T12:45Z"), Clocking::Daily);
    assert!(morning.current(Sid(0), Field::Close).unwrap().is_nan(), "no bar on Friday");
    assert_eq!(morning.current(Sid(0), Quote::Price).unwrap(), 6.5, "Thursday's, split");
    assert_same(&history(&morning, Quote::CLOSE, 3)[0], &[NAN, 6.5, NAN]);
    assert_same(&history(&morning, Quote::VOLUME, 3)[0], &[0.0, 200.0, 0.0]);
    assert_eq!(morning.adjusted(AdjustMode::None).current(Sid(0), Quote::Price).unwrap(), 13.0);
    let friday = portal.at(at("2014-06-06T12:45Z"), Clocking::Daily);
    assert_eq!(friday.current(Sid(0), Field::Close).unwrap(), 13.0);
    assert_eq!(friday.current(Sid(0), Field::High).unwrap(), 14.0);
}

#[test]
fn price_is_carried_forward_and_adjusted() {
    let portal = fortnight();
    let data = on(&portal, "2014-06-09");
    assert_same(&history(&data, Quote::CLOSE, 5)[0], &[5.5, NAN, 6.5, NAN, 7.0]);
    assert_same(&history(&data, Quote::Price, 5)[0], &[5.5, 5.5, 6.5, 6.5, 7.0]);
    // The first row is filled from before the window.
    assert_same(&history(&data, Quote::Price, 4)[0], &[5.5, 6.5, 6.5, 7.0]);
    assert_same(&data.window(Sid(0), Quote::Price, 4).unwrap(), &[5.5, 6.5, 6.5, 7.0]);
    let data = on(&portal, "2014-06-12");
    assert_same(&history(&data, Quote::Price, 1)[0], &[8.0]);
    assert_eq!(data.current(Sid(0), Quote::Price).unwrap(), 8.0);
    assert!(data.current(Sid(0), Field::Open).unwrap().is_nan());
    assert_eq!(data.current(Sid(0), Field::Volume).unwrap(), 0.0);
}

#[test]
fn outside_its_life_an_asset_is_missing() {
    let portal = fortnight();
    let data = on(&portal, "2014-06-12");
    assert_same(&history(&data, Quote::Price, 7)[1], &[NAN, 20.0, 21.0, 22.0, 23.0, NAN, NAN][..]);
    assert_same(&history(&data, Quote::VOLUME, 3)[1], &[100.0, 0.0, 0.0]);
    for quote in [Quote::Price, Quote::CLOSE] {
        assert!(data.current(Sid(1), quote).unwrap().is_nan());
        assert!(on(&portal, "2014-06-04").current(Sid(1), quote).unwrap().is_nan());
    }
    assert_eq!(data.last_traded(Sid(1)).unwrap(), Some(at("2014-06-10T00:00Z")));
    assert_eq!(on(&portal, "2014-06-04").last_traded(Sid(1)).unwrap(), None);
}

#[test]
fn can_trade_and_is_stale() {
    let portal = fortnight();
    for (session, sid, trade, stale) in [
        ("2014-06-03", 0, true, false),
        ("2014-06-04", 0, true, true),
        ("2014-06-04", 1, false, false),
        ("2014-06-10", 1, true, false),
        ("2014-06-11", 1, false, false),
    ] {
        let data = on(&portal, session);
        let found = (data.can_trade(Sid(sid)).unwrap(), data.is_stale(Sid(sid)).unwrap());
        assert_eq!(found, (trade, stale), "{session} sid {sid}");
    }
    // On the morning of its first day there is no price yet.
    let morning = portal.at(at("2014-06-05T12:45Z"), Clocking::Daily);
    assert!(!morning.can_trade(Sid(1)).unwrap());
}

#[test]
fn nothing_is_known_before_the_data_and_little_after() {
    let portal = fortnight();
    let before = portal.at(at("2014-05-30T20:00Z"), Clocking::Daily);
    assert!(before.current(Sid(0), Quote::Price).unwrap().is_nan());
    assert!(!before.can_trade(Sid(0)).unwrap() && !before.is_stale(Sid(0)).unwrap());
    assert_eq!(
        before.history(&HistoryQuery::new(&[Sid(0)])).unwrap_err().to_string(),
        "nothing is known at 2014-05-30T20:00Z: the first bar is known at 2014-06-02T20:00Z"
    );
    let error = on(&portal, "2014-06-04").window(Sid(0), Quote::CLOSE, 4).unwrap_err().to_string();
    assert_eq!(
        error,
        "4 bars of 1d ending at 2014-06-04T20:00Z begin before the first label of the data, \
         2014-06-02T00:00Z; at most 3 are there"
    );
    for extreme in [Timestamp::MIN, Timestamp::MAX] {
        for clocking in [Clocking::Daily, Clocking::Minute] {
            let data = portal.at(extreme, clocking);
            assert!(!data.can_trade(Sid(0)).unwrap(), "{data:?}");
            assert!(data.history(&HistoryQuery::new(&[]).bars(usize::MAX)).is_err());
        }
    }
    // Long after, nothing is current; a history ends at the last bar, and its labels say so.
    let after = portal.at(at("2015-01-05T21:00Z"), Clocking::Daily);
    assert!(after.current(Sid(0), Quote::Price).unwrap().is_nan());
    assert!(!after.can_trade(Sid(0)).unwrap());
    let history = after.history(&HistoryQuery::new(&[Sid(0)]).bars(2)).unwrap();
    assert_eq!(history.labels(), [at("2014-06-12T00:00Z"), at("2014-06-13T00:00Z")]);
}

#[test]
fn what_is_not_there_is_refused() {
    let portal = fortnight();
    let data = on(&portal, "2014-06-04");
    let unknown = data.current(Sid(2), Quote::Price).unwrap_err().to_string();
    assert_eq!(unknown, "no asset has sid 2; the largest known is 1");
    assert!(matches!(data.window(Sid(0), Quote::CLOSE, 0), Err(Error::NoBarsAsked)));
    let minutes = HistoryQuery::new(&[Sid(0)]).frequency(Frequency::MINUTE);
    let error = data.history(&minutes).unwrap_err().to_string();
    assert_eq!(error, "there are no 1m bars here; there are: 1d");
    let minute = portal.at(at("2014-06-04T20:00Z"), Clocking::Minute);
    assert!(matches!(minute.current(Sid(0), Quote::Price), Err(Error::NoBars { .. })));
    let history = data.history(&HistoryQuery::new(&[Sid(0)])).unwrap();
    assert!(matches!(history.array(Quote::OPEN), Err(Error::NotAsked { sid: None, .. })));
    assert!(matches!(history.series(Quote::Price, Sid(1)), Err(Error::NotAsked { .. })));
    assert!(matches!(history.exact(Quote::Price, Sid(0)), Err(Error::NotExact { .. })));
    assert!(portal.at_session(day("2014-06-07")).is_err());
    assert_eq!(
        data.lookup("b").unwrap_err().to_string().split(';').next(),
        Some("no asset has the symbol `b` as of 2014-06-04")
    );
}

#[test]
fn exact_values_are_the_stored_ones() {
    let portal = fortnight();
    let data = on(&portal, "2014-06-10");
    let query =
        HistoryQuery::new(&[Sid(1), Sid(0)]).fields(&[Quote::CLOSE, Quote::VOLUME]).bars(4).exact();
    let history = data.history(&query.adjust(AdjustMode::None)).unwrap();
    let close = history.exact(Quote::CLOSE, Sid(0)).unwrap();
    let found: Vec<_> = (0..4).map(|row| close.get(row)).collect();
    assert_eq!(
        found,
        [Some(exact("13")), None, Some(exact("7")), Some(exact("7.5"))].map(|e| e.map(|e| {
            rustybt_data::Exact::new(e.mantissa_at(close.scale()).unwrap(), close.scale()).unwrap()
        }))
    );
    assert_eq!(history.series(Quote::CLOSE, Sid(0)).unwrap()[3], 7.5);
    assert!(matches!(data.history(&query), Err(Error::NotExact { .. })));
    let price = query.fields(&[Quote::Price]).adjust(AdjustMode::None);
    assert_eq!(
        data.history(&price).unwrap_err().to_string(),
        "`price` has no exact values: ask for stored fields, and for no adjusting"
    );
    assert_eq!(data.current_exact(Sid(0), Field::Close).unwrap().unwrap().to_f64(), 7.5);
    assert_eq!(on(&portal, "2014-06-04").current_exact(Sid(0), Field::Close).unwrap(), None);
}

#[test]
fn windows_without_events_are_lent() {
    let portal = fortnight();
    let lent = on(&portal, "2014-06-11").window(Sid(0), Quote::CLOSE, 3).unwrap();
    assert!(matches!(lent, Window::Lent(values) if values == [7.0, 7.5, 8.0]));
    let owned = on(&portal, "2014-06-11").window(Sid(0), Quote::CLOSE, 5).unwrap();
    assert!(matches!(owned, Window::Owned(_)));
    assert_same(&owned, &[6.5, NAN, 7.0, 7.5, 8.0]);
    let raw = on(&portal, "2014-06-11").adjusted(AdjustMode::None);
    assert!(matches!(raw.window(Sid(0), Quote::CLOSE, 5).unwrap(), Window::Lent(_)));
}

#[test]
fn an_event_is_seen_from_the_moment_it_is_known() {
    let bars = MemoryBars::builder(daily_from("2014-06-02", "2014-06-06"));
    let bars = closes(bars, 0, 0, &[10.0, 5.0, 5.0, 5.0, 5.0]).build();
    let mut late = split(0, "2014-06-03", 2, 1);
    late.known = Some(at("2014-06-05T15:00Z"));
    let portal = portal(&[("2014-06-02", "2014-06-06")], Some(bars), None, vec![late]);
    let first = |data: BarData<'_>, bars| data.window(Sid(0), Quote::CLOSE, bars).unwrap()[0];
    assert_eq!(first(on(&portal, "2014-06-04"), 3), 10.0);
    assert_eq!(first(portal.at(at("2014-06-05T14:59Z"), Clocking::Daily), 3), 10.0);
    assert_eq!(first(portal.at(at("2014-06-05T15:00Z"), Clocking::Daily), 3), 5.0);
    assert_eq!(first(on(&portal, "2014-06-05"), 4), 5.0);
}

#[test]
fn events_act_as_the_reference_says() {
    let bars = MemoryBars::builder(daily_from("2014-06-02", "2014-06-13"));
    let close = [10.0, 10.0, NAN, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0];
    let bars = closes(bars, 0, 0, &close).build();
    let merger = event(0, "2014-06-12", Action::Merger { ratio: exact("0.5") });
    let events = vec![
        dividend(0, "2014-06-02", "1"),  // nothing before it
        dividend(0, "2014-06-05", "1"),  // no close before it
        dividend(0, "2014-06-09", "11"), // more than the close
        split(0, "2014-06-07", 5, 1),    // a Saturday: acts on Monday
        merger,
    ];
    let portal = portal(&[("2014-06-02", "2014-06-13")], Some(bars), None, events);
    let factors = portal.factors(Sid(0), AdjustMode::AsOf).unwrap();
    assert_eq!(factors.refused.len(), 2);
    assert_eq!(factors.list.len(), 2);
    let data = on(&portal, "2014-06-12");
    assert_same(&data.window(Sid(0), Quote::CLOSE, 6).unwrap(), &[1.0, 1.0, 5.0, 5.0, 5.0, 10.0]);
    assert_same(
        &data.window(Sid(0), Quote::VOLUME, 6).unwrap(),
        &[500.0, 500.0, 100.0, 100.0, 100.0, 100.0],
    );
    let splits = data.adjusted(AdjustMode::Split);
    assert_same(
        &splits.window(Sid(0), Quote::CLOSE, 6).unwrap(),
        &[2.0, 2.0, 10.0, 10.0, 10.0, 10.0],
    );
}
