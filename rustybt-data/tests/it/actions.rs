//! Every kind of corporate action, in every mode, as seen from before and after.

use rustybt_data::{
    Action, AdjustMode, Adjustment, Clocking, DataPortal, Error, Field, MemoryBars, Quote, Sid,
    Timeline,
};

use crate::market::{
    NAN, assert_same, at, closes, daily_from, day, dividend, event, exact, portal, split, xnys,
};

const DAYS: [&str; 5] = ["2014-06-02", "2014-06-03", "2014-06-04", "2014-06-05", "2014-06-06"];

/// A closes at 100, 100, 50, 60, 60; B, which begins on Wednesday, at 10, 12, 11.
fn with(events: Vec<Adjustment>) -> DataPortal {
    let bars = MemoryBars::builder(daily_from(DAYS[0], DAYS[4]));
    let bars = closes(bars, 0, 0, &[100.0, 100.0, 50.0, 60.0, 60.0]);
    let bars = closes(bars, 1, 2, &[10.0, 12.0, 11.0]).build();
    portal(&[(DAYS[0], DAYS[4]), (DAYS[2], DAYS[4])], Some(bars), None, events)
}

/// The closes and volumes of A up to a day, in a mode.
fn seen(portal: &DataPortal, on: &str, mode: AdjustMode, bars: usize) -> (Vec<f64>, Vec<f64>) {
    let data = portal.at_session(day(on)).unwrap().adjusted(mode);
    let of = |quote| data.window(Sid(0), quote, bars).unwrap().to_vec();
    (of(Quote::CLOSE), of(Quote::VOLUME))
}

/// What the closes and volumes of Monday and Tuesday are multiplied by as seen on Thursday, by one
/// event of Wednesday, in each of the modes.
fn factors(action: Action) -> [(f64, f64); 4] {
    let portal = with(vec![event(0, DAYS[2], action)]);
    AdjustMode::ALL.map(|mode| {
        let (close, volume) = seen(&portal, DAYS[3], mode, 4);
        assert_eq!(close[2..], [50.0, 60.0], "what came after is left alone");
        let (price, size) = (close[0] / 100.0, volume[0] / 100.0);
        assert_same(&close[..2], &[price * 100.0; 2]);
        assert_same(&volume, &[size * 100.0, size * 100.0, 100.0, 100.0]);
        (price, size)
    })
}

const ALONE: (f64, f64) = (1.0, 1.0);

#[test]
fn each_kind_has_its_formula() {
    let split = (0.5, 2.0);
    assert_eq!(factors(Action::Split { new: 2, old: 1 }), [ALONE, split, split, split]);
    let merged = (0.75, 1.0);
    let merger = Action::Merger { ratio: exact("0.75") };
    assert_eq!(factors(merger), [ALONE, ALONE, merged, merged]);
    // 1 - 5/100 of the close before; 50/(50 + 5) of the close without it.
    let Adjustment { action: cash, .. } = dividend(0, DAYS[2], "5");
    assert_eq!(factors(cash), [ALONE, ALONE, (0.95, 1.0), (50.0 / 55.0, 1.0)]);
    let ratio = exact("0.25");
    let own = Action::StockDividend { payment: Sid(0), ratio, pay: None };
    assert_eq!(factors(own), [ALONE, ALONE, ALONE, (0.8, 1.25)]);
    // Half a unit of B, which closes at 10: 50/(50 + 5).
    let other = Action::StockDividend { payment: Sid(1), ratio: exact("0.5"), pay: None };
    assert_eq!(factors(other), [ALONE, ALONE, ALONE, (50.0 / 55.0, 1.0)]);
    let spin_off = |factor: Option<&str>| Action::SpinOff {
        payment: Sid(1),
        ratio: exact("0.5"),
        factor: factor.map(exact),
        pay: None,
    };
    assert_eq!(factors(spin_off(None)), [ALONE, ALONE, ALONE, (50.0 / 55.0, 1.0)]);
    assert_eq!(factors(spin_off(Some("0.875"))), [ALONE, ALONE, ALONE, (0.875, 1.0)]);
    // Three for one at 60: (100 + 3 * 60)/4 = 70.
    let rights = |price: &str| Action::Rights { new: 3, old: 1, price: exact(price) };
    assert_eq!(factors(rights("60")), [ALONE, ALONE, ALONE, (0.7, 1.0)]);
    assert_eq!(factors(rights("100")), [ALONE; 4], "nobody buys dearer than the market");
}

#[test]
fn several_events_of_one_day_multiply() {
    let rights = Action::Rights { new: 1, old: 1, price: exact("30") };
    let events = [event(0, DAYS[2], rights), split(0, DAYS[2], 2, 1), dividend(0, DAYS[2], "2")];
    // Two for one leaves 50; one more at 30 leaves 40; then 50/52.
    let expected = 100.0 * (50.0 / 52.0) * 0.5 * (40.0 / 50.0);
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let portal = with(order.map(|at| events[at].clone()).to_vec());
        let (close, volume) = seen(&portal, DAYS[3], AdjustMode::TotalReturn, 4);
        assert!((close[0] - expected).abs() < 1e-12 * expected, "{close:?}");
        assert_eq!(volume[0], 200.0);
    }
}

#[test]
fn a_return_is_what_a_holder_earned() {
    let portal = with(vec![dividend(0, DAYS[2], "5"), split(0, DAYS[3], 2, 1)]);
    let (close, _) = seen(&portal, DAYS[3], AdjustMode::TotalReturn, 4);
    // From 100 to 50 and five in cash; then two units of 60 for one of 50.
    assert!((close[2] / close[1] - 0.55).abs() < 1e-12);
    assert!((close[3] / close[2] - 2.4).abs() < 1e-12);
}

#[test]
fn what_takes_a_close_is_seen_from_that_close_on() {
    let spin_off = Action::SpinOff { payment: Sid(1), ratio: exact("1"), factor: None, pay: None };
    let minutes = Timeline::minutes(xnys(), day(DAYS[2]), day(DAYS[2])).unwrap();
    let minutes = closes(MemoryBars::builder(minutes), 0, 0, &[50.0; 390]).build();
    let days = MemoryBars::builder(daily_from(DAYS[0], DAYS[4]));
    let days = closes(days, 0, 0, &[100.0, 100.0, 50.0, 60.0, 60.0]);
    let days = closes(days, 1, 2, &[NAN, 12.0, 11.0]).build();
    let lives = [(DAYS[0], DAYS[4]), (DAYS[2], DAYS[4])];
    for (action, first, expected) in [
        (dividend(0, DAYS[2], "5").action, "2014-06-04T20:00Z", 100.0 * (50.0 / 55.0)),
        // B has no bar on Wednesday: its worth is known on Thursday, and so is A's price.
        (spin_off, "2014-06-05T20:00Z", 100.0 * (60.0 / 72.0)),
    ] {
        let events = vec![event(0, DAYS[2], action)];
        let portal = portal(&lives, Some(days.clone()), Some(minutes.clone()), events);
        let tuesday = |now| {
            let data = portal.at(now, Clocking::Daily).adjusted(AdjustMode::TotalReturn);
            data.adjusted_value(Sid(0), Quote::CLOSE, at("2014-06-03T20:00Z")).unwrap()
        };
        assert_eq!(tuesday(at(first).plus_nanos(-1)), 100.0);
        assert_eq!(tuesday(at(first)), expected);
    }
}

#[test]
fn an_event_that_was_taken_back_leaves_no_trace() {
    let events = vec![split(0, DAYS[1], 2, 1), dividend(0, DAYS[3], "1")];
    let mut more = events.clone();
    more.push(event(0, DAYS[2], Action::Rights { new: 1, old: 1, price: exact("10") }));
    let (before, changed) = (with(events.clone()), with(more.clone()));
    more.retain(|event| events.contains(event));
    let after = with(more);
    let bits = |portal: &DataPortal| -> Vec<u64> {
        seen(portal, DAYS[4], AdjustMode::TotalReturn, 5).0.iter().map(|v| v.to_bits()).collect()
    };
    assert_eq!(bits(&before), bits(&after));
    assert_ne!(bits(&before), bits(&changed));
}

#[test]
fn what_happened_is_told_once_it_is_known() {
    let late = Adjustment {
        known: Some(at("2014-06-05T15:00Z")),
        ..event(0, DAYS[2], Action::Merger { ratio: exact("0.5") })
    };
    // Saturday acts on Monday, which the data does not reach.
    let portal = with(vec![
        late,
        split(0, DAYS[3], 2, 1),
        dividend(0, DAYS[3], "1"),
        split(0, "2014-06-07", 3, 1),
    ]);
    let data = |now: &str| portal.at(at(now), Clocking::Daily);
    let kinds = |now: &str, after: &str| -> Vec<&'static str> {
        let events = data(now).events(Sid(0), day(after)).unwrap();
        events.iter().map(|event| event.action.kind()).collect()
    };
    assert_eq!(kinds("2014-06-04T20:00Z", DAYS[0]), [""; 0]);
    assert_eq!(kinds("2014-06-05T14:59Z", DAYS[0]), ["split", "dividend"]);
    assert_eq!(kinds("2014-06-05T15:00Z", DAYS[0]), ["merger", "split", "dividend"]);
    assert_eq!(kinds("2014-06-05T15:00Z", DAYS[2]), ["split", "dividend"]);
    assert_eq!(kinds("2014-06-06T20:00Z", DAYS[3]), [""; 0]);
    let thursday = data("2014-06-05T13:00Z");
    assert_eq!(thursday.splits(&[Sid(1), Sid(0)]).unwrap(), [(Sid(0), 0.5)]);
    assert_eq!(thursday.dividends(&[Sid(0)]).unwrap(), [(Sid(0), exact("1"))]);
    assert_eq!(data("2014-06-06T13:00Z").splits(&[Sid(0)]).unwrap(), []);
    // Monday's close times what happened since, as far as it is known.
    let factor = |now| data(now).adjustment(Sid(0), Field::Close, day(DAYS[0])).unwrap();
    assert_eq!(factor("2014-06-04T20:00Z"), 1.0);
    assert_eq!(factor("2014-06-05T15:00Z"), (1.0 - 1.0 / 50.0) * 0.5 * 0.5);
    let volume = data("2014-06-06T20:00Z").adjustment(Sid(0), Field::Volume, day(DAYS[0]));
    assert_eq!(volume.unwrap(), 2.0);
}

#[test]
fn a_value_of_an_earlier_day_in_units_of_today() {
    let bars = MemoryBars::builder(daily_from(DAYS[0], DAYS[4]));
    let bars = closes(bars, 0, 0, &[100.0, NAN, 50.0, 60.0, 60.0]).build();
    let events = vec![split(0, DAYS[1], 2, 1), split(0, DAYS[2], 5, 1)];
    let portal = portal(&[(DAYS[0], DAYS[4])], Some(bars), None, events);
    let data = portal.at_session(day(DAYS[3])).unwrap();
    let value = |quote, day: &str| {
        data.adjusted_value(Sid(0), quote, at(&format!("{day}T20:00Z"))).unwrap()
    };
    assert_eq!(value(Quote::CLOSE, DAYS[0]), 10.0);
    assert_eq!(value(Quote::VOLUME, DAYS[0]), 1000.0);
    assert!(value(Quote::CLOSE, DAYS[1]).is_nan());
    assert_eq!(value(Quote::Price, DAYS[1]), 10.0, "Monday's close, carried over both splits");
    assert_eq!(value(Quote::CLOSE, DAYS[2]), 50.0);
    let later = data.adjusted_value(Sid(0), Quote::CLOSE, at("2014-06-06T20:00Z"));
    assert!(matches!(later, Err(Error::NotKnown { .. })));
}
