//! Each kind of mistake in a calendar file: what it is called, on which line it is found, and what would work.

use rustybt_calendars::{Calendar, Error, Fault};

const HEAD: &str = r#"name = "TEST"
zone = "Europe/Rome"
week = "Mon-Fri"
bounds = ["2020-01-01", "2026-12-31"]
[[hours]]
open = "09:00"
close = "17:00"
breaks = [["12:00", "13:00"]]
"#;

/// The fault, its line counted from the line after [`HEAD`], and its message.
fn fault(entries: &str) -> (Fault, usize, String) {
    match Calendar::from_toml("test.toml", &format!("{HEAD}{entries}")) {
        Err(Error::InvalidFile { file, line, fault, problem, .. }) => {
            assert_eq!(file, "test.toml");
            (fault, line.saturating_sub(8), problem)
        }
        other => panic!("{entries}: {other:?}"),
    }
}

#[test]
fn every_kind_of_mistake_is_told_with_its_line() {
    let eve = "[[rule]]\nlabel = \"Eve\"\non = \"12-24\"\n";
    for (entries, kind, line, expected) in [
        ("[[rule]]\nlabel = \"Eve\"\non = 24\n", Fault::Syntax, 3, ""),
        ("[[rule]]\nlabel = \"Eve\n", Fault::Syntax, 2, "string"),
        ("[[rule]]\nlabel = \"Eve\"\n", Fault::Syntax, 1, "missing field `on`"),
        (
            "[[rule]]\nlabel = \"Eve\"\no = \"12-24\"\n",
            Fault::UnknownKey,
            3,
            "did you mean `on` or `to`?",
        ),
        (
            "[[rule]]\nlabel = \"Eve\"\non = \"12-24\"\nform = 2021\n",
            Fault::UnknownKey,
            4,
            "did you mean `from`?",
        ),
        ("[[date]]\nlabel = \"Eve\"\n", Fault::UnknownKey, 1, "did you mean `dates`?"),
        (
            "[[rule]]\nlabel = \"Eve\"\non = \"12-24\"\neffect = { closes = \"12:00\" }\n",
            Fault::UnknownKey,
            4,
            "did you mean `close`?",
        ),
        (
            "[[rule]]\nlabel = \"Feast\"\n\non = \"table turkey/eid-al-fitir\"\n",
            Fault::UnknownName,
            4,
            "`turkey/eid-al-fitr`",
        ),
        (
            "[[rule]]\nlabel = \"Eve\"\nroll = \"Sta-1\"\non = \"12-24\"\n",
            Fault::Unreadable,
            3,
            "did you mean `Sat`?",
        ),
        (
            "[[rule]]\nlabel = \"Eve\"\non = \"12-24\"\nweekdays = \"Mon-Fir\"\n",
            Fault::Unreadable,
            4,
            "did you mean `Fri`?",
        ),
        (
            "[[rule]]\nlabel = \"Eve\"\non = \"12-24\"\neffect = { close = \"12.00\" }\n",
            Fault::Unreadable,
            4,
            "a form like `09:30`",
        ),
        (
            "[[rule]]\nlabel = \"Easter\"\non = \"ester-2\"\n",
            Fault::Unreadable,
            3,
            "did you mean `easter`?",
        ),
        (
            "[[rule]]\nlabel = \"Eve\"\non = \"12-24\"\nfrom = 2024\nto = 2021\n",
            Fault::EmptyRange,
            4,
            "after its end",
        ),
        (
            "[[hours]]\nfrom = \"2024-01-01\"\nto = \"2021-01-01\"\nopen = \"10:00\"\n",
            Fault::EmptyRange,
            2,
            "after its end",
        ),
        (
            "[[rule]]\nlabel = \"Eve\"\non = \"12-24\"\nfrom = 2030\n",
            Fault::NoEffect,
            1,
            "closes no day",
        ),
        (
            "[[rule]]\nlabel = \"Eve\"\non = \"12-24\"\nweekdays = \"Sat\"\neffect = { close = \"12:00\" }\n",
            Fault::NoEffect,
            1,
            "hours of no session",
        ),
        (
            "[[rule]]\nlabel = \"Eve\"\non = \"12-24\"\nto = 2022\nexcept = [2024]\n",
            Fault::NoEffect,
            5,
            "no date in 2024 to drop",
        ),
        (
            "[[hours]]\nfrom = \"2030-01-01\"\nopen = \"10:00\"\n",
            Fault::NoEffect,
            1,
            "hold on no session",
        ),
        (
            "[[hours]]\nweekdays = \"Sun\"\nopen = \"10:00\"\n",
            Fault::NoEffect,
            1,
            "hold on no session",
        ),
        ("[[dates]]\nlabel = \"Storm\"\non = []\n", Fault::NoEffect, 3, "names no date"),
        (
            "[[dates]]\nlabel = \"Storm\"\non = [\"2021-03-06\"]\n",
            Fault::Clash,
            3,
            "no trading day of its week",
        ),
        (
            &format!("{eve}[[dates]]\nlabel = \"Storm\"\non = [\"2021-12-24\"]\n"),
            Fault::Clash,
            6,
            "closed already, by `Eve`",
        ),
        (
            "[[dates]]\nlabel = \"Fair\"\non = [\"2021-03-05\"]\neffect = \"session\"\n",
            Fault::Clash,
            3,
            "a session already",
        ),
        (
            "[[dates]]\nlabel = \"Fog\"\non = [\"2021-03-05\"]\neffect = { close = \"12:00\" }\n\
             [[dates]]\nlabel = \"Snow\"\non = [\"2021-03-05\"]\neffect = { close = \"13:00\" }\n",
            Fault::Clash,
            7,
            "set already, by `Fog`",
        ),
        (
            "[[dates]]\nlabel = \"Storm\"\non = [\"2021-03-06\"]\neffect = { open = \"10:00\" }\n",
            Fault::NotASession,
            3,
            "which is no session",
        ),
        (
            "[[dates]]\nlabel = \"Storm\"\non = [\"2027-01-04\"]\n",
            Fault::OutOfBounds,
            3,
            "outside the bounds",
        ),
        (
            "[[hours]]\nfrom = \"2022-01-01\"\nopen = \"18:00\"\n",
            Fault::DisorderedHours,
            0,
            "do not follow one another",
        ),
        (
            "[[rule]]\nlabel = \"Eve\"\non = \"12-24\"\neffect = { close = \"08:00\" }\n",
            Fault::DisorderedHours,
            1,
            "on 2020-12-24 open, breaks and close",
        ),
    ] {
        let (found, at, problem) = fault(entries);
        assert_eq!((found, at), (kind, line), "{entries}{problem}");
        assert!(problem.contains(expected), "{entries}{problem}");
    }
}

#[test]
fn the_head_is_told_apart_from_the_entries() {
    for (from, to, kind, line, expected) in [
        ("Europe/Rome", "Europe/Roem", Fault::UnknownName, 2, "did you mean `Europe/Rome`?"),
        ("Mon-Fri", "Mon-Fir", Fault::Unreadable, 3, "did you mean `Fri`?"),
        ("2026-12-31", "2019-12-31", Fault::EmptyRange, 4, "after its end"),
        ("2026-12-31", "2126-12-31", Fault::OutOfBounds, 4, "too far"),
        (
            "\"Mon-Fri\"",
            "[{ week = \"Mon-Sat\", to = \"1998-12-06\" }, { week = \"Mon-Fri\" }]",
            Fault::NoEffect,
            3,
            "lies outside the bounds",
        ),
        ("week =", "weak =", Fault::UnknownKey, 3, "did you mean `week`?"),
        (
            "\"12:00\", \"13:00\"",
            "\"13:00\", \"12:00\"",
            Fault::DisorderedHours,
            5,
            "do not follow one another",
        ),
        (
            "\"17:00\"",
            "\"10:00 +1d\"",
            Fault::DisorderedHours,
            5,
            "before the session before has closed",
        ),
        ("Mon-Fri", "Sun", Fault::UnclearTime, 5, "the local clock skips"),
    ] {
        let text = HEAD
            .replacen(from, to, 1)
            .replace("09:00", if kind == Fault::UnclearTime { "02:30" } else { "09:00" });
        match Calendar::from_toml("test.toml", &text) {
            Err(Error::InvalidFile { line: at, fault, problem, .. }) => {
                assert_eq!((fault, at), (kind, line), "{to}: {problem}");
                assert!(problem.contains(expected), "{to}: {problem}");
            }
            other => panic!("{to}: {other:?}"),
        }
    }
}

#[test]
fn a_table_must_reach_as_far_as_the_file_says_it_is_verified() {
    let text = HEAD
        .replacen("bounds", "verified = [\"2020-01-01\", \"2099-12-31\"]\nbounds", 1)
        .replacen("2026", "2099", 1);
    let rule = "[[rule]]\nlabel = \"Feast\"\non = \"table turkey/eid-al-fitr\"\n";
    let Err(Error::InvalidFile { line, fault, problem, .. }) =
        Calendar::from_toml("test.toml", &format!("{text}{rule}"))
    else {
        panic!("it was read");
    };
    assert_eq!((fault, line), (Fault::TableTooShort, 12), "{problem}");
    assert!(problem.contains("its table is verified from"), "{problem}");
}
