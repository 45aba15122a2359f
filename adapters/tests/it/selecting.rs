//! Which files are taken, in which order, and what is told of the others.

use rustybt_data::{Frequency, Source};

use crate::fixture::{Folder, everything, faults, names, only, symbols};

#[test]
fn symbols_are_in_order_and_daily_comes_before_minute() {
    let folder = Folder::of(&["IBM", "AAA", "BRK.A", "AAPL", "BRK-B"]);
    folder.write("minute/AAPL.csv", "datetime,open,high,low,close,volume\n");
    let survey = folder.survey();
    assert_eq!(names(&survey), ["AAA", "AAPL", "BRK-B", "BRK.A", "IBM"]);
    let parts: Vec<_> = survey.parts.iter().map(|part| (part.name.as_str(), part.asset)).collect();
    assert_eq!(
        parts,
        [
            ("daily/AAA.csv", 0),
            ("daily/AAPL.csv", 1),
            ("minute/AAPL.csv", 1),
            ("daily/BRK-B.csv", 2),
            ("daily/BRK.A.csv", 3),
            ("daily/IBM.csv", 4),
        ]
    );
    assert!(survey.parts.iter().all(|part| part.bytes > 0));
    assert!(survey.assets.iter().all(|asset| asset.sid.is_none()));
    assert!(survey.rejected.is_empty() && survey.notes.is_empty());
}

#[test]
fn a_frequency_picks_a_folder() {
    let folder = Folder::of(&["AAA", "IBM"]);
    folder.write("minute/IBM.csv", "datetime,open,high,low,close,volume\n");
    let survey = folder.source().survey(&only(Frequency::MINUTE)).unwrap();
    assert_eq!(names(&survey), ["IBM"]);
    assert_eq!((survey.parts[0].name.as_str(), survey.parts[0].asset), ("minute/IBM.csv", 0));
    let (error, hint) = folder.refused(&only("1h".parse().unwrap()));
    assert_eq!(error, "`DIR` has no 1h bars; it has 1d and 1m");
    assert_eq!(
        hint.as_deref(),
        Some("other frequencies are made of these when the bundle is read")
    );
}

#[test]
fn symbols_may_be_written_otherwise() {
    let folder = Folder::of(&["AAPL", "BAC", "BRK.A"]);
    folder.write(
        "symbol_map.csv",
        "asset,through_date,symbol,exchange\nBAC,1998-09-30,NB,N\nBAC,2050-12-31,BAC,N\n",
    );
    let pick = |list: &[&str]| {
        let survey = folder.source().survey(&symbols(list)).unwrap();
        names(&survey).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(pick(&["brk-a", "AAPL"]), ["AAPL", "BRK.A"]);
    assert_eq!(pick(&["NB"]), ["BAC"]);
    assert_eq!(pick(&["NB", "BAC"]), ["BAC"]);
}

#[test]
fn zipline_minutes_are_named_for_their_close_in_utc() {
    let folder = Folder::of(&["A"]);
    folder
        .write("minute/A.csv", "date,open,high,low,close,volume\n2014-06-05 13:31:00,1,1,1,1,1\n");
    let path = folder.path().display().to_string();
    let options = [("path", path.as_str()), ("label", "close"), ("zone", "UTC")];
    let options = options.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let source = rustybt_adapters::open("csvdir", &options).unwrap();
    let survey = source.survey(&only(Frequency::MINUTE)).unwrap();
    let delivery = source.fetch(&survey.parts[0], &everything()).unwrap();
    assert_eq!(delivery.bars.stamps.text(0), "2014-06-05T13:30Z");
}

#[test]
fn unknown_symbols_name_their_neighbours() {
    let folder = Folder::of(&["AAPL", "IBM", "MSFT"]);
    let (error, hint) = folder.refused(&symbols(&["AAPL", "APPL", "TSLA"]));
    assert_eq!(error, "`DIR` has no `APPL` (did you mean AAPL?), `TSLA`");
    assert_eq!(
        hint.as_deref(),
        Some("there are 3 symbols; without `--symbols` all of them are taken")
    );
    let (error, _) = folder.refused(&symbols(&["../secret"]));
    assert_eq!(error, "`../secret` can be no symbol: it holds a path separator");
    let (error, _) = folder.refused(&symbols(&[".."]));
    assert_eq!(error, "`..` can be no symbol: it holds `..`, which leads out of the folder");
}

#[test]
fn what_is_not_read_is_told() {
    let folder = Folder::of(&["AAPL"]);
    for name in ["rates.csv", "README.md", "ticks/IBM.csv", ".hidden.csv"] {
        folder.write(name, "x");
    }
    for name in
        ["daily/notes.txt", "daily/AAPL.csv.bak", "daily/.AAPL.csv.swp", "daily/old/AAPL.csv"]
    {
        folder.write(name, "x");
    }
    let survey = folder.survey();
    assert_eq!(
        survey.notes,
        [
            "not read: daily/AAPL.csv.bak, daily/notes.txt, daily/old",
            "not read: README.md, rates.csv, ticks",
        ]
    );
    assert_eq!(names(&survey), ["AAPL"]);
}

#[test]
fn two_files_of_one_symbol_are_one_too_many() {
    let folder = Folder::of(&["AAPL"]);
    folder.write("daily/AAPL.csv.gz", "x");
    folder.write("splits.csv", "symbol,date,ratio\n");
    folder.write("splits.csv.gz", "x");
    let survey = folder.survey();
    assert_eq!(survey.parts.len(), 1);
    assert_eq!(
        faults(&survey.rejected),
        [
            "splits.csv.gz: `splits.csv` is read in its place; keep one of them",
            "daily/AAPL.csv.gz: `daily/AAPL.csv` has the same symbol; keep one of them",
        ]
    );
}

#[test]
fn names_that_are_no_symbols_are_refused_alone() {
    let folder = Folder::of(&["AAPL", "A\u{200b}B", "C..D", " "]);
    let survey = folder.survey();
    assert_eq!(names(&survey), ["AAPL"]);
    assert_eq!(
        faults(&survey.rejected),
        [
            "daily/ .csv: ` ` can be no symbol: it is empty",
            "daily/A\u{200b}B.csv: `A\u{200b}B` can be no symbol: it holds a character that cannot be seen",
            "daily/C..D.csv: `C..D` can be no symbol: it holds `..`, which leads out of the folder",
        ]
    );
    // They are no concern of one who asks for another symbol.
    assert!(folder.source().survey(&symbols(&["AAPL"])).unwrap().rejected.is_empty());
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_not_followed() {
    let folder = Folder::of(&["AAPL"]);
    let daily = folder.path().join("daily");
    std::os::unix::fs::symlink(daily.join("AAPL.csv"), daily.join("LINK.csv")).unwrap();
    let survey = folder.survey();
    assert_eq!(names(&survey), ["AAPL"]);
    assert_eq!(survey.notes, ["not read: daily/LINK.csv (a symbolic link)"]);
    // A file that became a link after the survey is no file any more.
    std::fs::remove_file(daily.join("AAPL.csv")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", daily.join("AAPL.csv")).unwrap();
    let delivery = folder.source().fetch(&survey.parts[0], &everything()).unwrap();
    assert_eq!(faults(&delivery.rejected), ["daily/AAPL.csv: it is no regular file"]);
}
