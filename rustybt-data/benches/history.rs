//! How long the questions take that a strategy asks most: `cargo bench -p rustybt-data`.

use std::hint::black_box;
use std::sync::LazyLock;

use divan::{Bencher, counter::ItemsCount};
use rustybt_data::{
    AdjustMode, AssetClass, BarData, DataPortal, Frequency, HistoryQuery, Quote, RawBars, Sid,
    Synthetic, SyntheticConfig, ValidateContext, Window, validate,
};

fn main() {
    divan::main();
}

/// Five hundred assets, ten years.
static MARKET: LazyLock<(Synthetic, DataPortal)> = LazyLock::new(|| {
    let market = Synthetic::new(SyntheticConfig::default()).expect("the default market");
    let portal = market.portal().expect("it fits into memory");
    (market, portal)
});

fn data() -> BarData<'static> {
    let (market, portal) = &*MARKET;
    portal.at_session(market.sessions()[1800]).expect("a session")
}

/// Assets that traded in the middle of the market, in no order.
fn alive() -> Vec<Sid> {
    let data = data();
    let sids = (0..500).map(|i| Sid(i * 263 % 500));
    sids.filter(|&sid| data.current(sid, Quote::CLOSE).is_ok_and(|close| close > 0.0)).collect()
}

#[divan::bench]
fn pin(bencher: Bencher<'_, '_>) {
    let (market, portal) = &*MARKET;
    let session = market.sessions()[1800];
    bencher.bench(|| {
        let data = portal.at_session(black_box(session)).expect("a session");
        assert_eq!(data.session(), session);
        data
    });
}

#[divan::bench(args = ["close", "price"])]
fn current(bencher: Bencher<'_, '_>, quote: &str) {
    let (data, sids) = (data(), alive());
    let quote: Quote = quote.parse().expect("a quote");
    bencher.counter(ItemsCount::new(sids.len())).bench(|| {
        let mut sum = 0.0;
        for &sid in &sids {
            sum += data.current(sid, black_box(quote)).expect("a known asset");
        }
        assert!(sum > 0.0);
        sum
    });
}

/// Twenty closes, lent: nothing is adjusted.
#[divan::bench]
fn window_20_raw(bencher: Bencher<'_, '_>) {
    let (data, mut sids) = (data().adjusted(AdjustMode::None), alive());
    // A window that begins before the asset did is put together.
    sids.retain(|&sid| matches!(data.window(sid, Quote::CLOSE, 20), Ok(Window::Lent(_))));
    assert!(sids.len() > 400);
    bencher.counter(ItemsCount::new(sids.len())).bench(|| {
        for &sid in &sids {
            let window = data.window(sid, Quote::CLOSE, black_box(20)).expect("twenty bars");
            assert!(matches!(window, Window::Lent(values) if values.len() == 20));
        }
    });
}

/// Twenty closes as of now, of the assets without an event in them.
#[divan::bench]
fn window_20_without_events(bencher: Bencher<'_, '_>) {
    let (data, mut sids) = (data(), alive());
    sids.retain(|&sid| matches!(data.window(sid, Quote::CLOSE, 20), Ok(Window::Lent(_))));
    assert!(sids.len() > 100);
    bencher.counter(ItemsCount::new(sids.len())).bench(|| {
        for &sid in &sids {
            let window = data.window(sid, Quote::CLOSE, black_box(20)).expect("twenty bars");
            assert!(matches!(window, Window::Lent(_)));
        }
    });
}

/// Twenty closes as of now, of the assets with an event in them.
#[divan::bench]
fn window_20_adjusted(bencher: Bencher<'_, '_>) {
    let (data, mut sids) = (data(), alive());
    sids.retain(|&sid| matches!(data.window(sid, Quote::CLOSE, 20), Ok(Window::Owned(_))));
    assert!(sids.len() > 10);
    bencher.counter(ItemsCount::new(sids.len())).bench(|| {
        for &sid in &sids {
            let window = data.window(sid, Quote::CLOSE, black_box(20)).expect("twenty bars");
            assert_eq!(window.len(), 20);
        }
    });
}

/// Five hundred assets by a year of closes, copied out.
#[divan::bench(args = [AdjustMode::None, AdjustMode::AsOf])]
fn history_500_by_252(bencher: Bencher<'_, '_>, mode: AdjustMode) {
    let data = data();
    let sids: Vec<Sid> = (0..500).map(Sid).collect();
    let query = HistoryQuery::new(&sids).fields(&[Quote::CLOSE]).bars(252).adjust(mode);
    bencher.bench(|| {
        let history = data.history(black_box(&query)).expect("a year of bars");
        let array = history.array(Quote::CLOSE).expect("what was asked for");
        assert_eq!(array.dim(), (252, 500));
        history
    });
}

#[divan::bench]
fn validate_ten_years(bencher: Bencher<'_, '_>) {
    let (market, _) = &*MARKET;
    let asset = market.asset(0).expect("an asset");
    let context = ValidateContext {
        origin: "A00000.csv",
        symbol: "A00000",
        class: AssetClass::Equity,
        calendar: market.calendar(),
        frequency: Frequency::DAILY,
        today: market.sessions()[2517],
    };
    let mut bars: RawBars = asset.daily;
    bencher.counter(ItemsCount::new(bars.len())).bench_local(|| {
        let verdict = validate(black_box(&mut bars), &context);
        assert!(verdict.rejected.is_empty());
    });
}

/// One asset of the market, ten years.
#[divan::bench]
fn synthetic_asset(bencher: Bencher<'_, '_>) {
    let (market, _) = &*MARKET;
    bencher.bench(|| {
        let asset = market.asset(black_box(0)).expect("an asset");
        assert!(asset.daily.len() > 100);
        asset
    });
}
