//! The families of computed dates against programs other than this one: `feasts.py` says which.

use rustybt_calendars::{Calendar, Session};

const FEASTS: &str = include_str!("feasts.csv");

/// The days closed by one rule, of a calendar that otherwise never rests.
fn closed(anchor: &str) -> Vec<String> {
    let text = format!(
        "name = \"TEST\"\nzone = \"UTC\"\nweek = \"Mon-Sun\"\nbounds = [\"1950-01-01\", \"2049-12-31\"]\n\
         [[hours]]\nopen = \"09:00\"\nclose = \"17:00\"\n[[rule]]\nlabel = \"Feast\"\non = \"{anchor}\"\n"
    );
    let calendar = Calendar::from_toml("test.toml", &text).unwrap();
    let (first, last): (Session, Session) =
        ("1950-01-01".parse().unwrap(), "2049-12-31".parse().unwrap());
    (first.days()..=last.days())
        .map(Session::from_days)
        .filter(|&date| !calendar.is_session(date))
        .map(|date| date.to_string())
        .collect()
}

#[test]
fn feasts_fall_as_other_programs_say() {
    let rows: Vec<_> = FEASTS.lines().skip(2).map(|line| line.split_once(',').unwrap()).collect();
    assert!(rows.len() >= 22, "{}", rows.len());
    for (anchor, dates) in rows {
        assert_eq!(closed(anchor).join(" "), dates, "{anchor}");
    }
}

#[test]
fn a_rule_from_a_table_says_where_its_dates_come_from() {
    let xist = rustybt_calendars::calendar("XIST").unwrap();
    let reason = xist.reason("2025-03-31".parse().unwrap()).unwrap();
    assert_eq!(reason.label, "Ramadan Feast, day 2");
    assert!(reason.source.unwrap().contains("exchange_calendars"), "{reason:?}");
}

/// What a table does not reach is projected, and said to be.
#[test]
fn feasts_beyond_a_table_are_projections() {
    let find = |name: &str, date: &str| {
        let date: Session = date.parse().unwrap();
        let calendar = rustybt_calendars::calendar(name).unwrap();
        let calendar = calendar.covering(date, date).unwrap();
        (calendar.why(date).map(str::to_owned), calendar.is_verified(date))
    };
    let feast = |label: &str| (Some(label.to_owned()), false);
    assert_eq!(find("XIST", "2030-02-04"), feast("Ramadan Feast, day 1"));
    assert_eq!(find("XTKS", "2040-03-20"), feast("Vernal Equinox Day"));
    assert_eq!(find("XTAE", "2100-10-13"), feast("Yom Kippur"));
    assert_eq!(find("XSHG", "2130-02-08"), feast("Spring Festival"));
    assert_eq!(find("XHKG", "2150-04-06"), feast("Ching Ming Festival"));
    let verified = find("XIST", "2026-03-20");
    assert_eq!(verified, (Some("Ramadan Feast, day 1".to_owned()), true));
}
