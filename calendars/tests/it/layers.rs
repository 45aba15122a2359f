//! Calendars over calendars: what extends another, overlays, other years, and the registry.

use rustybt_calendars::{
    Calendar, Error, ReasonKind, Session, all_names, calendar, calendar_covering, deregister,
    names, register, register_alias, register_files, resolve_alias,
};

fn date(text: &str) -> Session {
    text.parse().unwrap()
}

#[test]
fn what_extends_another_has_its_entries_and_its_own() {
    let text = "name = \"NIGHT\"\nextend = \"XNYS\"\ndrop = [\"Good Friday\"]\n\
        [[hours]]\nopen = \"18:00\"\nclose = \"22:00\"\n\
        [[rule]]\nlabel = \"Halloween\"\non = \"10-31\"\nsource = \"a book\"\n";
    let night = Calendar::from_toml("night.toml", text);
    // The half days of New York close before a night opens.
    let error = night.unwrap_err().to_string();
    assert!(error.starts_with("xnys.toml:"), "{error}");

    let text = text.replace("18:00", "09:00");
    let night = Calendar::from_toml("night.toml", &text).unwrap();
    assert_eq!((night.name(), night.aliases()), ("NIGHT", &[][..]));
    assert!(night.is_session(date("2024-03-29")), "Good Friday was dropped");
    assert_eq!(night.why(date("2024-12-25")), Some("Christmas Day"));
    assert_eq!(night.close(date("2024-12-26")).unwrap().to_string(), "2024-12-27T03:00Z");
    let reason = night.reason(date("2024-10-31")).unwrap();
    assert_eq!(
        (reason.kind, reason.label, reason.source),
        (ReasonKind::Closed, "Halloween", Some("a book"))
    );
}

#[test]
fn an_overlay_adds_removes_and_changes() {
    let xnys = calendar("XNYS").unwrap();
    let mine = xnys
        .overlaid(
            "mine.toml",
            "overlay = \"XNYS\"\n[[dates]]\nlabel = \"Storm\"\non = [\"2024-03-05\"]\nsource = \"radio\"\n\
             [[dates]]\nlabel = \"Trading after all\"\non = [\"2012-10-30\", \"2024-03-09\"]\neffect = \"session\"\n\
             [[dates]]\nlabel = \"Later lunch\"\non = [\"2019-11-29\"]\neffect = { close = \"14:30\" }\n\
             [[hours]]\nfrom = \"2025-01-01\"\nopen = \"10:00\"\n",
        )
        .unwrap();
    assert_eq!((mine.name(), mine.aliases()), (xnys.name(), xnys.aliases()));
    let reason = mine.reason(date("2024-03-05")).unwrap();
    assert_eq!((reason.label, reason.source), ("Storm", Some("radio")));
    assert_eq!(mine.reason(date("2012-10-30")).unwrap().kind, ReasonKind::Added);
    assert_eq!(mine.reason(date("2024-03-09")).unwrap().label, "Trading after all");
    assert_eq!(mine.close(date("2019-11-29")).unwrap().to_string(), "2019-11-29T19:30Z");
    assert_eq!(mine.why(date("2019-11-29")), Some("Later lunch"));
    assert_eq!(mine.open(date("2025-01-02")).unwrap().to_string(), "2025-01-02T15:00Z");
    // A second overlay overrules the first.
    let again = "overlay = \"XNYS\"\n[[dates]]\nlabel = \"No Saturday\"\non = [\"2024-03-09\"]\n";
    let again = mine.overlaid("again.toml", again).unwrap();
    assert_eq!(again.why(date("2024-03-09")), Some("No Saturday"));
    assert!(!again.is_session(date("2024-03-09")) && !again.is_session(date("2024-03-05")));
}

#[test]
fn mistakes_are_told_with_the_file_they_stand_in() {
    let refuse = |text: &str| {
        let error = Calendar::from_toml("mine.toml", text).unwrap_err();
        assert!(matches!(error, Error::InvalidFile { .. }), "{error:?}");
        error.to_string()
    };
    let error = refuse("overlay = \"XNYS\"\n[[dates]]\nlabel = \"Xmas\"\non = [\"2024-12-25\"]\n");
    assert_eq!(error, "mine.toml:4: `Xmas`: 2024-12-25 is closed already, by `Christmas Day`");
    let error = refuse("# mine\nextend = \"XNSY\"\nname = \"A\"\n");
    assert!(
        error.starts_with("mine.toml:2: no calendar is called `XNSY`; did you mean XNYS"),
        "{error}"
    );
    let error = refuse("overlay = \"XNYS\"\ndrop = [\"Easter\"]\n");
    assert_eq!(error, "mine.toml:2: there is no entry `Easter` to drop");
    let error = refuse("overlay = \"XNYS\"\nname = \"A\"\n");
    assert!(error.starts_with("mine.toml:1: an overlay has the names"), "{error}");
    let error = refuse("extend = \"A\"\nname = \"A\"\n");
    assert!(error.contains("extends itself"), "{error}");
    assert!(refuse("name = \"A\"\n").contains("missing field `zone`"));
}

#[test]
fn other_years_agree_with_the_own_ones_and_are_projections() {
    for name in names() {
        let own = calendar(name).unwrap();
        let wide = calendar_covering(name, own.first_session(), date("2075-06-30")).unwrap();
        assert_eq!(wide.built().1, date("2075-12-31"), "{name}");
        assert!(wide.is_verified(date("2075-06-30")) == own.verified().is_none(), "{name}");
        let shared = wide.sessions_in_range(own.first_session(), own.last_session());
        assert_eq!(shared, own.sessions(), "{name}");
        let offset = wide.session_index(own.first_session()).unwrap();
        for i in (0..own.sessions().len()).step_by(13) {
            assert_eq!(wide.open_at(offset + i), own.open_at(i), "{name}");
            assert_eq!(wide.close_at(offset + i), own.close_at(i), "{name}");
            assert_eq!(wide.why(own.sessions()[i]), own.why(own.sessions()[i]), "{name}");
        }
    }
    let ever = calendar_covering("XNYS", date("1700-01-01"), date("2261-12-31")).unwrap();
    assert_eq!(ever.why(date("2200-12-25")), Some("Christmas Day"));
    assert!(ever.is_session(date("1700-06-01")));
    for beyond in ["1600-01-01", "2262-01-01"] {
        let error = calendar_covering("XNYS", date(beyond), date(beyond)).unwrap_err();
        assert!(matches!(error, Error::DateOutOfBounds { .. }), "{error:?}");
    }
}

#[test]
fn calendars_are_registered_in_any_order_and_forgotten_again() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let own = "name = \"ZZ1\"\naliases = [\"ZZONE\"]\nzone = \"Europe/Rome\"\nweek = \"Mon\"\n\
        bounds = [\"2024-01-01\", \"2024-12-31\"]\n[[hours]]\nopen = \"08:00\"\nclose = \"12:00\"\n";
    let known = register_files([
        file("a.toml", "name = \"ZZ2\"\nextend = \"ZZ1\"\n"),
        file("b.toml", "overlay = \"ZZ1\"\n[[dates]]\nlabel = \"Fair\"\non = [\"2024-03-04\"]\n"),
        file("c.toml", own),
    ])
    .unwrap();
    assert_eq!(known.len(), 3);
    assert_eq!(calendar("zzone").unwrap().why(date("2024-03-04")), Some("Fair"));
    assert_eq!(calendar("ZZ2").unwrap().why(date("2024-03-04")), Some("Fair"));
    assert!(all_names().contains(&"ZZ2".to_owned()));
    assert_eq!(resolve_alias("zzone").as_deref(), Some("ZZ1"));

    register_alias("ZZTHREE", "ZZ2").unwrap();
    assert_eq!(calendar("zzthree").unwrap().name(), "ZZ2");
    let taken = register_alias("ZZONE", "ZZ2").unwrap_err();
    assert!(taken.to_string().starts_with("`ZZONE` is what ZZ1 is called already"), "{taken}");
    let taken = Calendar::from_toml("d.toml", &own.replace("ZZ1", "ZZ4")).map(register).unwrap();
    assert!(matches!(taken, Err(Error::NameTaken { .. })));

    let circle = [
        file("x.toml", "name = \"ZX\"\nextend = \"ZY\"\n"),
        file("y.toml", "name = \"ZY\"\nextend = \"ZX\"\n"),
    ];
    assert!(register_files(circle).unwrap_err().to_string().contains("no calendar is called `ZY`"));
    assert!(deregister("ZZ1") && deregister("ZZ2") && !deregister("ZZ2"));
    assert!(calendar("ZZONE").is_err());
}
