//! Laws of adjusting, on the synthetic market.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use rustybt_data::{
    AdjustMode, AdjustmentTable, Clocking, DataPortal, HistoryQuery, PortalParts, Quote, Sid,
    Synthetic, SyntheticConfig,
};

static MARKET: LazyLock<(Synthetic, DataPortal)> = LazyLock::new(|| {
    let market =
        Synthetic::new(SyntheticConfig { seed: 3, assets: 24, ..SyntheticConfig::default() });
    let market = market.unwrap();
    let portal = market.portal().unwrap();
    (market, portal)
});

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #[test]
    fn the_last_value_is_never_adjusted(sid in 0..24_u32, row in 0..2500_usize) {
        let (market, portal) = &*MARKET;
        let data = portal.at_session(market.sessions()[row]).unwrap();
        for quote in [Quote::CLOSE, Quote::VOLUME, Quote::OPEN] {
            let raw = data.adjusted(AdjustMode::None).current(Sid(sid), quote).unwrap();
            for mode in AdjustMode::ALL {
                let seen = data.adjusted(mode).current(Sid(sid), quote).unwrap();
                prop_assert_eq!(seen.to_bits(), raw.to_bits());
                let window = data.adjusted(mode).window(Sid(sid), quote, 1).unwrap();
                prop_assert_eq!(window[0].to_bits(), raw.to_bits());
            }
        }
    }

    #[test]
    fn splits_keep_the_money_traded(sid in 0..24_u32, row in 400..2500_usize) {
        let (market, portal) = &*MARKET;
        let data = portal.at_session(market.sessions()[row]).unwrap();
        let money = |mode| {
            let data = data.adjusted(mode);
            let close = data.window(Sid(sid), Quote::CLOSE, 400).unwrap();
            let volume = data.window(Sid(sid), Quote::VOLUME, 400).unwrap();
            close.iter().zip(volume.iter()).map(|(c, v)| c * v).collect::<Vec<f64>>()
        };
        for (raw, seen) in money(AdjustMode::None).iter().zip(money(AdjustMode::Split)) {
            prop_assert!((raw - seen).abs() <= 1e-12 * raw.abs() || (raw.is_nan() && seen.is_nan()));
        }
    }

    #[test]
    fn a_window_is_a_history_is_one_value_after_another(
        sid in 0..24_u32, row in 60..2500_usize, bars in 1..60_usize,
    ) {
        let (market, portal) = &*MARKET;
        let data = portal.at_session(market.sessions()[row]).unwrap();
        for quote in [Quote::CLOSE, Quote::Price, Quote::VOLUME] {
            let window = data.window(Sid(sid), quote, bars).unwrap();
            let (sids, quotes) = ([Sid(sid)], [quote]);
            let query = HistoryQuery::new(&sids).fields(&quotes).bars(bars);
            let history = data.history(&query).unwrap();
            let series = history.series(quote, Sid(sid)).unwrap();
            prop_assert_eq!(bits(&window), bits(series));
            let last = data.current(Sid(sid), quote).unwrap();
            prop_assert_eq!(last.to_bits(), series[bars - 1].to_bits());
            // Each value is the raw one times the factors in between.
            let raw = data.adjusted(AdjustMode::None).window(Sid(sid), Quote::from(quote.field()), bars);
            let factors = portal.factors(Sid(sid), AdjustMode::AsOf).unwrap();
            for ((raw, seen), at) in raw.unwrap().iter().zip(series).zip(row + 1 - bars..) {
                let factor = factors.between(quote.field(), market.sessions()[at], data.session());
                prop_assert!(raw.is_nan() || (raw * factor).to_bits() == seen.to_bits());
            }
        }
    }

    #[test]
    fn many_at_once_are_what_each_is_alone(
        mut sids in prop::collection::vec(0..24_u32, 0..12), row in 0..2500_usize, hours in -40..40_i64,
    ) {
        let (market, portal) = &*MARKET;
        sids.push(7);
        let sids: Vec<Sid> = sids.into_iter().map(Sid).collect();
        let quotes = [Quote::Price, Quote::VOLUME, Quote::OPEN, Quote::CLOSE];
        // Between sessions and on days without one, too.
        let close = portal.at_session(market.sessions()[row]).unwrap().now();
        let data = portal.at(close.plus_minutes(60 * hours), Clocking::Daily);
        let many = data.current_many(&sids, &quotes).unwrap();
        prop_assert_eq!(many.dim(), (sids.len(), quotes.len()));
        for (line, &sid) in many.rows().into_iter().zip(&sids) {
            for (value, quote) in line.iter().zip(quotes) {
                let alone = data.current(sid, quote).unwrap();
                prop_assert_eq!(value.to_bits(), alone.to_bits(), "{:?} {:?}", sid, quote);
            }
        }
        prop_assert!(data.current_many(&[Sid(0), Sid(24)], &quotes).is_err());
    }

    #[test]
    fn the_order_of_events_does_not_matter(order in Just(()).prop_perturb(|(), mut rng| rng.next_u64())) {
        let (market, portal) = &*MARKET;
        let parts = market.parts().unwrap();
        let mut events: Vec<_> = (0..24).flat_map(|sid| parts.adjustments.adjustments(Sid(sid)).to_vec()).collect();
        events.sort_by_key(|event| (i64::from(event.effective.days()) * 7919 + i64::from(event.sid.0)).wrapping_mul(order as i64 | 1));
        let shuffled = DataPortal::new(PortalParts {
            adjustments: Arc::new(AdjustmentTable::new(events)),
            ..parts
        }).unwrap();
        let last = market.sessions()[2400];
        for sid in (0..24).map(Sid) {
            let window = |portal: &DataPortal| {
                bits(&portal.at_session(last).unwrap().window(sid, Quote::CLOSE, 2000).unwrap())
            };
            prop_assert_eq!(window(portal), window(&shuffled));
        }
    }
}

#[test]
fn answers_do_not_depend_on_what_was_asked_before() {
    let (market, _) = &*MARKET;
    let ask = |portal: &DataPortal, row: usize| {
        let data = portal.at_session(market.sessions()[row]).unwrap();
        let sids: Vec<Sid> = (0..24).map(Sid).collect();
        let history = data.history(&HistoryQuery::new(&sids).bars(30)).unwrap();
        bits(history.array(Quote::Price).unwrap().as_slice_memory_order().unwrap())
    };
    let rows: Vec<usize> = (100..2500).step_by(211).collect();
    let forwards = market.portal().unwrap();
    let forwards: Vec<_> = rows.iter().map(|&row| ask(&forwards, row)).collect();
    let backwards = market.portal().unwrap();
    let mut backwards: Vec<_> = rows.iter().rev().map(|&row| ask(&backwards, row)).collect();
    backwards.reverse();
    assert_eq!(forwards, backwards);
}
