//! Apple's seven-for-one split of 9 June 2014, on real bars where they are at hand.

use std::path::PathBuf;

use rustybt_data::{
    AdjustMode, ExactColumn, Field, HistoryQuery, MemoryBars, Quote, RawBars, Sid, Stamps,
};

use crate::market::{daily_from, day, exact, portal, split};

/// The folder of the shared data, where there is one.
#[expect(clippy::disallowed_methods, reason = "a test finds its data by the environment")]
fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("RUSTYBT_SHARED").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    named.or(Some(beside)).filter(|folder| folder.is_dir())
}

fn apple() -> Option<RawBars> {
    let file = shared()?.join("data/real/us-equities/daily/AAPL.csv");
    let text = std::fs::read_to_string(file).ok()?;
    let mut days = Vec::new();
    let mut columns = Field::OHLCV.map(|field| (field, ExactColumn::default()));
    for line in text.lines().skip(1) {
        let mut cells = line.split(',');
        days.push(day(cells.next()?));
        for ((_, column), cell) in columns.iter_mut().zip(cells) {
            column.push(Some(exact(cell))).unwrap();
        }
    }
    Some(RawBars { stamps: Stamps::Sessions(days), columns: columns.to_vec(), lines: Vec::new() })
}

#[test]
fn apple_split_seven_for_one() {
    let Some(bars) = apple() else {
        println!("skipped: no real daily bars of AAPL in the shared data");
        return;
    };
    let table = MemoryBars::new(daily_from("1998-01-02", "2021-03-31"), [(Sid(0), &bars)]);
    let events = vec![split(0, "2014-06-09", 7, 1)];
    let portal = portal(&[("1998-01-02", "2021-03-31")], Some(table), None, events);

    let close = |at: &str, mode| {
        let data = portal.at_session(day(at)).unwrap().adjusted(mode);
        data.window(Sid(0), Quote::CLOSE, 5).unwrap().to_vec()
    };
    let raw = close("2014-06-10", AdjustMode::None);
    let seen = close("2014-06-10", AdjustMode::AsOf);
    for row in 0..3 {
        assert!((seen[row] * 7.0 - raw[row]).abs() < 1e-9, "{seen:?} {raw:?}");
    }
    assert_eq!(seen[3..], raw[3..]);
    assert_eq!(close("2014-06-06", AdjustMode::AsOf), close("2014-06-06", AdjustMode::None));

    // Exactly what the file says.
    let data = portal.at_session(day("2014-06-10")).unwrap();
    let query = HistoryQuery::new(&[Sid(0)]).fields(&[Quote::CLOSE]).bars(5);
    let history = data.history(&query.adjust(AdjustMode::None).exact()).unwrap();
    let Stamps::Sessions(days) = &bars.stamps else { panic!("daily bars have sessions") };
    let row = days.binary_search(&day("2014-06-10")).unwrap();
    let stored = bars.column(Field::Close).unwrap();
    for back in 0..5 {
        let found = history.exact(Quote::CLOSE, Sid(0)).unwrap().get(4 - back);
        assert_eq!(found, stored.get(row - back));
    }
}
