//! Input that cannot be used, and what is said of it.

use rustybt_adapters::{CsvDir, CsvDirOptions};
use rustybt_data::{Part, Source};

use crate::fixture::{BAR, Folder, HEAD, everything, faults, only};

#[test]
fn folders_that_are_none() {
    let folder = Folder::new(&[("file.csv", "x")]);
    let open = |name: &str| {
        let error = CsvDir::open(&CsvDirOptions::new(folder.path().join(name))).unwrap_err();
        let text = error.to_string().replace(&folder.path().display().to_string(), "DIR");
        (text, error.hint().unwrap())
    };
    assert_eq!(
        open("nowhere"),
        (
            "there is no folder `DIR/nowhere`".to_owned(),
            "the option `path` names a folder that holds `daily/SYMBOL.csv` or `minute/SYMBOL.csv`"
                .to_owned()
        )
    );
    assert_eq!(
        open("file.csv"),
        (
            "`DIR/file.csv` is a file, not a folder".to_owned(),
            "give the folder above `daily` or `minute`, and pick symbols by `--symbols`".to_owned()
        )
    );
}

#[test]
fn folders_without_bars() {
    let empty = Folder::new(&[]);
    assert_eq!(
        empty.refused(&everything()).0,
        "`DIR` has neither a folder `daily` nor a folder `minute`; it holds nothing"
    );
    let loose = Folder::new(&[("AAPL.csv", "x"), ("IBM.csv", "x"), ("daily", "a file")]);
    let (error, hint) = loose.refused(&everything());
    assert_eq!(
        error,
        "`DIR` has neither a folder `daily` nor a folder `minute`; it holds AAPL.csv, IBM.csv, daily"
    );
    assert!(hint.unwrap().ends_with("daily/SYMBOL.csv`"));
    let bare = Folder::new(&[("daily/README.txt", "x"), ("minute/.hidden.csv", "x")]);
    let (error, hint) = bare.refused(&everything());
    assert_eq!(error, "there is no CSV file in `DIR/daily` or `DIR/minute`");
    assert_eq!(
        hint.as_deref(),
        Some("files are named SYMBOL.csv, or SYMBOL.csv.gz, .bz2, .xz or .zst")
    );
    let daily = Folder::of(&["AAPL"]);
    assert_eq!(
        daily.refused(&only(rustybt_data::Frequency::MINUTE)).0,
        "`DIR` has no 1m bars; it has 1d"
    );
    let within = CsvDir::open(&CsvDirOptions::new(daily.path().join("daily"))).unwrap();
    let error = within.survey(&everything()).unwrap_err();
    assert_eq!(error.hint(), Some("give the folder above it"));
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::of(&["AAPL"]);
    let survey = folder.survey();
    let lock = |name: &str, mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.path().join(name), permissions).unwrap();
    };
    lock("daily/AAPL.csv", 0o000);
    if std::fs::read(folder.path().join("daily/AAPL.csv")).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    let error = folder.source().fetch(&survey.parts[0], &everything()).unwrap_err();
    assert_eq!(folder.named(&error), "no permission to read `DIR/daily/AAPL.csv`");
    assert_eq!(
        error.hint(),
        Some("let this user read files and list folders there: `chmod -R u+rX`")
    );
    lock("daily", 0o000);
    let (error, _) = folder.refused(&everything());
    lock("daily", 0o700);
    assert_eq!(error, "no permission to list `DIR/daily`");
}

#[test]
fn files_of_no_use_are_rejected_alone() {
    let folder = Folder::new(&[
        ("daily/EMPTY.csv", ""),
        ("daily/GOOD.csv", &format!("{HEAD}{BAR}")),
        ("daily/HEADLESS.csv", BAR),
        ("daily/ZIPPED.csv.gz", "this is no gzip"),
    ]);
    let found: Vec<String> = folder
        .fetch(&everything())
        .iter()
        .flat_map(|delivery| faults(&delivery.rejected))
        .collect();
    assert_eq!(
        found,
        [
            "daily/EMPTY.csv: the file holds no rows",
            "daily/HEADLESS.csv: it has no column `open`, `high`, `low`, `close`, `volume`; its columns \
             are `2014-06-09`, `92.7`, `93.88`, `91.75`, `93.7`, `75414997`; its first line must name \
             the columns",
            "daily/ZIPPED.csv.gz: its name ends in .gz but it is not gzip",
        ]
    );
    assert_eq!(folder.fetch(&everything()).iter().map(|d| d.bars.len()).sum::<usize>(), 1);
}

#[test]
fn parts_of_others_are_refused() {
    let folder = Folder::of(&["AAPL"]);
    folder.write("splits.csv", "symbol,date,ratio\n");
    let survey = folder.survey();
    for name in
        ["splits.csv", "../daily/AAPL.csv", "daily/../splits.csv", "minute/AAPL.csv", "daily/x"]
    {
        let part = Part { name: name.to_owned(), ..survey.parts[0].clone() };
        let error = folder.source().fetch(&part, &everything()).unwrap_err();
        assert_eq!(error.to_string(), format!("`{name}` is no part of the source `csvdir`"));
    }
    std::fs::remove_file(folder.path().join("daily/AAPL.csv")).unwrap();
    let error = folder.source().fetch(&survey.parts[0], &everything()).unwrap_err();
    assert_eq!(folder.named(&error), "cannot read `DIR/daily/AAPL.csv`");
}
