//! The truncation test: what is answered as of an instant does not change when everything later
//! is taken away.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{
    Action, AdjustMode, Adjustment, AdjustmentTable, Asset, AssetTable, BarData, BarReader,
    Clocking, DataPortal, ExactColumn, Frequency, HistoryQuery, MemoryBars, PortalParts, Quote,
    RawBars, Sid, Stamps, Synthetic, SyntheticAsset, SyntheticConfig, Timeline,
};

use crate::market::day;

const ASSETS: u32 = 10;
const QUOTES: [Quote; 6] =
    [Quote::OPEN, Quote::HIGH, Quote::LOW, Quote::CLOSE, Quote::VOLUME, Quote::Price];

struct Full {
    market: Synthetic,
    assets: Vec<SyntheticAsset>,
    events: Vec<Adjustment>,
    portal: DataPortal,
}

/// Two years, the last thirty sessions in minutes; some events became known late.
static FULL: LazyLock<Full> = LazyLock::new(|| {
    let config = SyntheticConfig {
        seed: 11,
        assets: ASSETS as usize,
        start: day("2013-01-02"),
        end: day("2014-12-31"),
        minute_assets: 7,
        minute_days: 30,
        ..SyntheticConfig::default()
    };
    let market = Synthetic::new(config).unwrap();
    let assets: Vec<_> = (0..ASSETS as usize).map(|number| market.asset(number).unwrap()).collect();
    let mut events = Vec::new();
    for (asset, number) in assets.iter().zip(0..) {
        for (effective, action) in &asset.events {
            let known = (events.len() % 3 == 0)
                .then(|| effective.plus_days(5).midnight().plus_minutes(15 * 60));
            events.push(Adjustment {
                sid: Sid(number),
                effective: *effective,
                known,
                action: action.clone(),
            });
        }
        // What is worth what others closed at; some within the minutes.
        if let Stamps::Sessions(days) = &asset.daily.stamps {
            let payment = Sid((number + 1) % ASSETS);
            let (ratio, price) = ("0.1".parse().unwrap(), "5".parse().unwrap());
            let actions = [
                Action::SpinOff { payment, ratio, factor: None, pay: None },
                Action::StockDividend { payment: Sid(number), ratio, pay: None },
                Action::Rights { new: 1, old: 4, price },
            ];
            for (back, action) in (0..).zip(actions) {
                let effective = days[days.len() - 7 - 31 * back];
                events.push(Adjustment { sid: Sid(number), effective, known: None, action });
            }
        }
        // A split inside the minutes, known in the middle of a session.
        let minutes = asset.minute.as_ref().map(|bars| asset.daily.len().min(bars.len()));
        if let (Some(_), Stamps::Sessions(days)) = (minutes, &asset.daily.stamps) {
            let effective = days[days.len() - 10];
            let known = Some(effective.midnight().plus_minutes(16 * 60 + 7));
            let action = Action::Split { new: 3, old: 2 };
            events.push(Adjustment { sid: Sid(number), effective, known, action });
        }
    }
    let portal = portal_until(&market, &assets, &events, None);
    Full { market, assets, events, portal }
});

/// A portal of everything, or of what there is at an instant.
fn portal_until(
    market: &Synthetic,
    assets: &[SyntheticAsset],
    events: &[Adjustment],
    now: Option<Timestamp>,
) -> DataPortal {
    let calendar = market.calendar().clone();
    let known = |at: Timestamp| now.is_none_or(|now| at <= now);
    let day_known = |day: &Session| known(calendar.close(*day).unwrap());
    let sessions = market.sessions();
    let until = |timestamp: Timestamp| {
        // The session that the instant lies in or, after hours, the last one.
        sessions.iter().rev().find(|&&day| calendar.open(day).unwrap() < timestamp).copied()
    };
    let last = now.and_then(until).unwrap_or(sessions[sessions.len() - 1]);
    let last_day =
        sessions.iter().rev().find(|&day| day_known(day)).copied().unwrap_or(sessions[0]);
    let start = sessions[0];
    let mut daily =
        MemoryBars::builder(Timeline::daily(calendar.clone(), start, last_day).unwrap());
    let from = sessions[sessions.len() - 60];
    let mut minute = (last >= from)
        .then(|| MemoryBars::builder(Timeline::minutes(calendar.clone(), from, last).unwrap()));
    let mut table = Vec::new();
    for (asset, number) in assets.iter().zip(0..) {
        let sid = Sid(number);
        if asset.start > last {
            continue;
        }
        daily = daily.bars(
            sid,
            &cut(&asset.daily, |stamp| match stamp {
                Stamp::Day(day) => day_known(&day),
                Stamp::At(_) => false,
            }),
        );
        minute = minute.map(|builder| match &asset.minute {
            None => builder,
            Some(bars) => builder.bars(
                sid,
                &cut(bars, |stamp| match stamp {
                    Stamp::Day(_) => false,
                    Stamp::At(open) => known(open.plus_minutes(1)),
                }),
            ),
        });
        table.push(Asset::equity(sid, asset.symbol.clone(), asset.start, asset.end.min(last)));
    }
    let events =
        events.iter().filter(|event| event.effective <= last && event.known.is_none_or(known));
    DataPortal::new(PortalParts {
        calendar: calendar.clone(),
        finder: Arc::new(AssetTable::new(table)),
        adjustments: Arc::new(AdjustmentTable::new(events.cloned())),
        daily: Some(Arc::new(daily.build())),
        minute: minute.map(|minute| Arc::new(minute.build()) as Arc<dyn BarReader>),
    })
    .unwrap()
}

enum Stamp {
    Day(Session),
    At(Timestamp),
}

fn cut(bars: &RawBars, keep: impl Fn(Stamp) -> bool) -> RawBars {
    let kept: Vec<usize> = (0..bars.len())
        .filter(|&row| match &bars.stamps {
            Stamps::Sessions(days) => keep(Stamp::Day(days[row])),
            Stamps::Instants(opens) => keep(Stamp::At(opens[row])),
        })
        .collect();
    let stamps = match &bars.stamps {
        Stamps::Sessions(days) => Stamps::Sessions(kept.iter().map(|&row| days[row]).collect()),
        Stamps::Instants(opens) => Stamps::Instants(kept.iter().map(|&row| opens[row]).collect()),
    };
    let columns = bars.columns.iter().map(|(field, column)| {
        let mantissas = kept.iter().map(|&row| column.narrow().unwrap()[row]).collect();
        (*field, ExactColumn::from_mantissas(column.scale(), mantissas).unwrap())
    });
    RawBars { stamps, columns: columns.collect(), lines: Vec::new() }
}

/// Everything that a view can be asked, as text that tells every bit.
fn answers(data: BarData<'_>, mode: AdjustMode, bars: usize, sids: &[Sid]) -> Vec<String> {
    let data = data.adjusted(mode);
    let bits = |value: f64| if value.is_nan() { 0 } else { value.to_bits() };
    let mut answers = Vec::new();
    let ask = HistoryQuery::new(sids).fields(&QUOTES);
    let few = ask.bars(1 + bars / 20);
    let other = |text: &str| few.frequency(text.parse().unwrap());
    for query in [
        ask.bars(bars).frequency(Frequency::DAILY),
        ask.bars(bars).frequency(Frequency::MINUTE),
        other("7m"),
        other("2h").partial(),
        other("1w"),
        other("1M").partial(),
        other("3d").partial(),
    ] {
        answers.push(match data.history(&query) {
            Ok(history) => {
                let values = QUOTES.iter().flat_map(|&quote| {
                    history.array(quote).unwrap().iter().map(|&v| bits(v)).collect::<Vec<u64>>()
                });
                format!("{:?} {:?}", history.labels(), values.collect::<Vec<u64>>())
            }
            // Its words may say what the data holds; an answer may not.
            Err(_) => "refused".to_owned(),
        });
    }
    for &sid in sids {
        for quote in QUOTES {
            let current = data.current(sid, quote).map(bits);
            let window = data.window(sid, quote, bars);
            let window = window.map(|w| w.iter().map(|&v| bits(v)).collect::<Vec<u64>>());
            answers.push(format!("{sid} {quote} {current:?} {window:?}"));
            answers.push(format!("{:?}", data.current_exact(sid, quote.field())));
        }
        let (trade, stale) = (data.can_trade(sid), data.is_stale(sid));
        answers.push(format!("{sid} {trade:?} {stale:?} {:?}", data.last_traded(sid)));
    }
    answers
}

fn compare(now: Timestamp, clocking: Clocking, mode: AdjustMode, bars: usize) {
    let full = &*FULL;
    let until = portal_until(&full.market, &full.assets, &full.events, Some(now));
    let sids: Vec<Sid> = until.finder().assets().iter().map(|asset| asset.sid).collect();
    let expected = answers(until.at(now, clocking), mode, bars, &sids);
    let found = answers(full.portal.at(now, clocking), mode, bars, &sids);
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "as of {now}, {clocking:?}, {mode}");
    }
    assert_eq!(found.len(), expected.len());
}

fn mode() -> impl Strategy<Value = AdjustMode> {
    prop::sample::select(AdjustMode::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn daily(row in 1..504_usize, mode in mode(), bars in 1..80_usize) {
        let session = FULL.market.sessions()[row];
        let close = FULL.market.calendar().close(session).unwrap();
        compare(close, Clocking::Daily, mode, bars);
    }

    #[test]
    fn minute(back in 1..29_usize, minute in 1..390_i64, mode in mode(), bars in 1..800_usize) {
        let sessions = FULL.market.sessions();
        let session = sessions[sessions.len() - back];
        let open = FULL.market.calendar().open(session).unwrap();
        let close = FULL.market.calendar().close(session).unwrap();
        compare(open.plus_minutes(minute).min(close), Clocking::Minute, mode, bars);
    }
}

#[test]
fn the_market_has_what_could_leak() {
    let full = &*FULL;
    assert!(
        full.events.len() > 30 && full.assets.iter().filter(|a| a.minute.is_some()).count() == 7
    );
    assert!(full.assets.iter().any(|asset| asset.end < full.market.sessions()[503]));
    assert_eq!(full.portal.finder().assets().len(), ASSETS as usize);
    assert_eq!(full.portal.minute().map(|minute| minute.sids().len()), Some(7));
}
