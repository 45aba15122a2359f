//! How long bars of other frequencies take: `cargo bench -p rustybt-data --bench frequency`.

use std::hint::black_box;
use std::sync::{Arc, LazyLock};

use divan::{Bencher, counter::ItemsCount};
use rustybt_calendars::calendar;
use rustybt_data::{
    AdjustmentTable, Asset, AssetTable, BarReader, BarReaderExt, Clocking, DataPortal, Field,
    HistoryQuery, MemoryBars, PortalParts, Quote, ResampledBars, Sid, Timeline,
};

fn main() {
    divan::main();
}

/// Ten years and a half of minutes of one asset: a little more than a million.
static MINUTES: LazyLock<Arc<MemoryBars>> = LazyLock::new(|| {
    let xnys = calendar("XNYS").expect("a shipped calendar");
    let (start, end) = ("2010-01-04".parse(), "2020-06-30".parse());
    let days = (start.expect("a date"), end.expect("a date"));
    let timeline = Timeline::minutes(xnys, days.0, days.1).expect("sessions");
    let close: Vec<f64> = (0..timeline.len()).map(|row| 100.0 + (row % 977) as f64).collect();
    let columns = Field::OHLCV.map(|field| (field, close.as_slice()));
    let bars = MemoryBars::builder(timeline).series(Sid(0), 0, &columns).expect("as many values");
    Arc::new(bars.build())
});

static PORTAL: LazyLock<DataPortal> = LazyLock::new(|| {
    let timeline = MINUTES.timeline();
    let (first, last) = (timeline.sessions()[0], timeline.sessions()[2600]);
    DataPortal::new(PortalParts {
        calendar: timeline.calendar().clone(),
        finder: Arc::new(AssetTable::new(vec![Asset::equity(Sid(0), "A", first, last)])),
        adjustments: Arc::new(AdjustmentTable::default()),
        daily: None,
        minute: Some(MINUTES.clone()),
    })
    .expect("parts that fit")
});

/// A million minutes to days, all five fields.
#[divan::bench(args = ["1d", "1h", "5m"])]
fn resample_a_million_minutes(bencher: Bencher<'_, '_>, frequency: &str) {
    let minutes = MINUTES.clone();
    bencher.counter(ItemsCount::new(minutes.timeline().len())).bench(|| {
        let bars = ResampledBars::new(minutes.clone(), frequency.parse().expect("a frequency"));
        let bars = bars.expect("made of minutes");
        let mut sum = 0.0;
        for field in Field::OHLCV {
            sum += bars.value(field, Sid(0), black_box(100)).expect("a row");
        }
        assert!(sum > 0.0);
        sum
    });
}

/// Twenty bars of one asset, made of minutes each time.
#[divan::bench(args = ["5m", "1h", "4h"])]
fn history_20(bencher: Bencher<'_, '_>, frequency: &str) {
    let frequency = frequency.parse().expect("a frequency");
    let now = "2019-06-12T17:01Z".parse().expect("an instant");
    let data = PORTAL.at(now, Clocking::Minute);
    let query = HistoryQuery::new(&[Sid(0)]).fields(&[Quote::CLOSE]).frequency(frequency);
    bencher.bench(|| {
        let history = data.history(black_box(&query.bars(20))).expect("twenty bars");
        assert_eq!(history.labels().len(), 20);
        history
    });
}
