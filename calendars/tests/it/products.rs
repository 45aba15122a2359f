//! Calendars of products, bonds and currencies against small tables recorded with `pandas_market_calendars`, and
//! what they add: phases, maintenance.

use rustybt_calendars::{Breaks, Calendar, Session, Side, calendar};

/// The calendars that are no exchange's.
pub(crate) const NAMES: [&str; 10] = [
    "CME_Crypto",
    "CME_Energy",
    "CME_Equity",
    "CME_FX",
    "CME_Grains",
    "CME_Rate",
    "FX",
    "SIFMA_JP",
    "SIFMA_UK",
    "SIFMA_US",
];

/// Dates on which the recorded table is another, on purpose; each file says why.
const DIFFERENCES: [(&str, &[&str]); 3] = [
    ("CME_Rate", &["2022-06-20", "2023-06-19", "2024-06-19", "2025-06-19", "2026-06-19"]),
    ("CME_Grains", &["2022-06-20", "2023-06-19", "2024-06-19", "2025-06-19", "2026-06-19"]),
    (
        "SIFMA_UK",
        &[
            "2011-04-29",
            "2012-06-04",
            "2012-06-05",
            "2020-05-04",
            "2020-05-08",
            "2022-09-19",
            "2023-05-08",
        ],
    ),
];

/// `2019-07-04 12:00` for a half day, `2019-12-25 -` for a closure, weekends left out.
fn unusual(calendar: &Calendar, first: Session, last: Session) -> Vec<String> {
    let mut rows = Vec::new();
    for date in (first.days()..=last.days()).map(Session::from_days) {
        if (date.days() + 3).rem_euclid(7) > 4 {
            continue;
        }
        let usual = calendar.regular_hours(date).close;
        match calendar.close(date) {
            Err(_) => rows.push(format!("{date} -")),
            Ok(close) => {
                let local =
                    close.datetime().with_timezone(&calendar.zone()).format("%H:%M").to_string();
                if local != format!("{:02}:{:02}", usual / 60, usual % 60) {
                    rows.push(format!("{date} {local}"));
                }
            }
        }
    }
    rows
}

#[test]
fn products_keep_the_holidays_and_half_days_of_their_tables() {
    for (name, table) in [
        ("CME_Crypto", include_str!("products/cme_crypto.txt")),
        ("CME_Energy", include_str!("products/cme_energy.txt")),
        ("CME_Equity", include_str!("products/cme_equity.txt")),
        ("CME_FX", include_str!("products/cme_fx.txt")),
        ("CME_Grains", include_str!("products/cme_grains.txt")),
        ("CME_Rate", include_str!("products/cme_rate.txt")),
        ("SIFMA_UK", include_str!("products/sifma_uk.txt")),
        ("SIFMA_US", include_str!("products/sifma_us.txt")),
    ] {
        let calendar = calendar(name).unwrap();
        let known =
            DIFFERENCES.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, dates)| dates);
        // Half days of grains are not in the table at all.
        let compared = |row: &&str| {
            let half_day_of_grains = name == "CME_Grains" && row.ends_with(" 12:05");
            !(known.contains(&&row[..10]) || half_day_of_grains)
        };
        let expected: Vec<&str> =
            table.lines().filter(|row| !row.starts_with('#')).filter(compared).collect();
        let first = calendar.verified().unwrap().0;
        let found = unusual(&calendar, first, "2026-12-31".parse().unwrap());
        let found: Vec<&str> = found.iter().map(String::as_str).filter(compared).collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn the_daily_halt_lies_between_sessions() {
    let crypto = calendar("CME_Crypto").unwrap();
    let open = |at: &str| crypto.is_open_at(at.parse().unwrap(), Side::Left, Breaks::Closed);
    assert!(
        open("2024-03-06T21:59:59Z") && !open("2024-03-06T22:30Z") && open("2024-03-06T23:00Z")
    );
    assert!(!open("2024-03-09T18:00Z"), "Saturday");
}

#[test]
fn currencies_trade_from_sunday_to_friday_at_five_in_new_york() {
    let fx = calendar("FOREX").unwrap();
    let at = |text: &str| text.parse().unwrap();
    // In winter at 22:00, in summer at 21:00 UTC.
    assert_eq!(fx.next_open(at("2024-01-06T12:00Z")).unwrap(), at("2024-01-07T22:00Z"));
    assert_eq!(fx.previous_close(at("2024-07-06T12:00Z")).unwrap(), at("2024-07-05T21:00Z"));
    assert!(fx.is_trading_minute(at("2024-07-03T21:00Z"), Side::Left));
    assert_eq!(fx.sides().len(), 2);
}

#[test]
fn a_market_without_end_may_pause_for_maintenance() {
    let coin = Calendar::from_toml(
        "coin.toml",
        "name = \"COIN\"\nextend = \"24/7\"\n[[hours]]\nweekdays = \"Wed\"\nbreaks = [[\"06:00\", \"06:30\"], [\"18:00\", \"18:05\"]]\n",
    )
    .unwrap();
    let wednesday = "2024-03-06".parse().unwrap();
    assert_eq!(coin.session_minutes(wednesday, Side::Left).unwrap().len(), 1440 - 35);
    assert_eq!(coin.session_minutes(wednesday.plus_days(1), Side::Left).unwrap().len(), 1440);
    assert!(coin.is_break_minute("2024-03-06T06:29Z".parse().unwrap(), Side::Left));
}

#[test]
fn phases_follow_half_days() {
    let spans = |calendar: &str, date: &str| -> Vec<String> {
        let calendar = calendar_of(calendar);
        let phases = calendar.phases(date.parse().unwrap()).unwrap();
        let clock = |at: rustybt_calendars::Timestamp| {
            at.datetime().with_timezone(&calendar.zone()).format("%H:%M").to_string()
        };
        phases
            .iter()
            .map(|it| format!("{} {}-{}", it.name, clock(it.start), clock(it.end)))
            .collect()
    };
    assert_eq!(
        spans("XNYS", "2024-07-02"),
        ["pre-market 04:00-09:30", "regular 09:30-16:00", "post-market 16:00-20:00"]
    );
    assert_eq!(
        spans("XNYS", "2024-07-03"),
        ["pre-market 04:00-09:30", "regular 09:30-13:00", "post-market 13:00-17:00"]
    );
    assert_eq!(spans("XHKG", "2024-07-03"), ["regular 09:30-12:00", "regular 13:00-16:00"]);
    let xnys = calendar_of("XNYS");
    let at = |text: &str| xnys.phase_at(text.parse().unwrap()).map(|(_, name)| name);
    assert_eq!(at("2024-07-03T18:30Z"), Some("post-market"));
    assert_eq!(at("2024-07-03T21:30Z"), None);
    assert_eq!(at("2024-07-03T08:00Z"), Some("pre-market"));
}

fn calendar_of(name: &str) -> std::sync::Arc<Calendar> {
    calendar(name).unwrap()
}
