//! Calendar files that somebody damaged: each is read or refused with a place, none makes the reader panic.

use proptest::prelude::*;
use rustybt_calendars::{Calendar, Error};

/// Files that use, together, every kind of entry.
const FILES: [&str; 4] = [
    include_str!("../../data/exchange/xnys.toml"),
    include_str!("../../data/exchange/xhkg.toml"),
    include_str!("../../data/exchange/xsgo.toml"),
    include_str!("../../data/exchange/xbda.toml"),
];

/// What is put in the place of a word: values at the edges, and words that mean something elsewhere.
const WORDS: [&str; 30] = [
    "",
    "0",
    "-1",
    "2147483647",
    "-2147483648",
    "9999999999999",
    "\"\"",
    "[]",
    "{}",
    "true",
    "1.5",
    "=",
    "[[rule]]",
    "[[dates]]",
    "[[hours]]",
    "\"2024-02-30\"",
    "\"9999-12-31\"",
    "\"0001-01-01\"",
    "\"24:00\"",
    "\"23:59 +1d\"",
    "\"every Fri\"",
    "\"easter+2147483647\"",
    "\"chinese 13-31\"",
    "\"last session to 12-31\"",
    "\"first session from 01-01\"",
    "\"orthodox-easter-366\"",
    "\"Sat-1 Sat+1\"",
    "\"session\"",
    "\"Mon-Mon\"",
    "\"every 1 from 1\"",
];

/// The file with fewer years, so that thousands of it can be read, and one word replaced, dropped or doubled.
fn damaged() -> impl Strategy<Value = String> {
    let file = proptest::sample::select(FILES.to_vec());
    let word = proptest::sample::select(WORDS.to_vec());
    (file, word, any::<proptest::sample::Index>(), 0..4_u8).prop_map(|(file, word, place, how)| {
        let bounds = file.find("bounds = [").unwrap();
        let end = bounds + file[bounds..].find('\n').unwrap();
        let file =
            format!("{}bounds = [\"2019-01-01\", \"2021-12-31\"]{}", &file[..bounds], &file[end..]);
        let words: Vec<&str> = file.split_inclusive([' ', '\n']).collect();
        let place = place.index(words.len());
        let (before, after) = (words[..place].concat(), words[place + 1..].concat());
        let old = words[place];
        match how {
            0 => format!("{before}{after}"),
            1 => format!("{before}{old}{old}{after}"),
            _ => format!("{before}{word}{}{after}", &old[old.len() - 1..]),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn a_damaged_file_is_read_or_refused_with_its_place(text in damaged()) {
        match Calendar::from_toml("damaged.toml", &text) {
            Ok(calendar) => prop_assert!(!calendar.sessions().is_empty()),
            Err(Error::InvalidFile { file, line, problem, .. }) => {
                prop_assert_eq!(file, "damaged.toml");
                prop_assert!((1..=text.lines().count() + 1).contains(&line), "line {}: {}", line, problem);
                prop_assert!(!problem.is_empty());
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
