//! Real bars of seven stocks and funds, compared with a reader that takes no short cuts.

use std::path::PathBuf;

use rustybt_adapters::{CsvDir, CsvDirOptions};
use rustybt_data::{Action, Exact, Field, Source};

use crate::fixture::{everything, names};

/// The folder of real data, or why there is none.
fn folder() -> Result<PathBuf, String> {
    #[expect(clippy::disallowed_methods, reason = "a test asks where the data lies")]
    let named = std::env::var_os("RUSTYBT_SHARED").map(PathBuf::from);
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared"));
    let folder = named.unwrap_or(beside).join("data/real/us-equities");
    if folder.is_dir() { Ok(folder) } else { Err(format!("no real data at {}", folder.display())) }
}

#[test]
fn every_row_is_read_exactly() {
    let folder = match folder() {
        Ok(folder) => folder,
        Err(why) => return println!("skipped: {why}"),
    };
    let source = CsvDir::open(&CsvDirOptions::new(&folder)).unwrap();
    let selection = everything();
    let survey = source.survey(&selection).unwrap();
    assert_eq!(names(&survey), ["AAA", "AAPL", "AIG", "BAC", "EEM", "IBM", "IWM"]);
    let mut rows = 0;
    for part in survey.parts.iter().filter(|part| !part.frequency.is_intraday()) {
        let delivery = source.fetch(part, &selection).unwrap();
        assert!(delivery.rejected.is_empty() && delivery.notes.is_empty(), "{}", part.name);
        let text = std::fs::read_to_string(folder.join(&part.name)).unwrap();
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(delivery.bars.len(), lines.len(), "{}", part.name);
        for (row, line) in lines.iter().enumerate() {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(delivery.bars.stamps.text(row), cells[0], "{}", part.name);
            assert_eq!(delivery.bars.lines[row] as usize, row + 2);
            for (field, text) in Field::OHLCV.into_iter().zip(&cells[1..]) {
                let value = delivery.bars.column(field).and_then(|column| column.get(row));
                let written: Exact = text.parse().unwrap();
                assert_eq!(value.map(Exact::normalized), Some(written.normalized()), "{line}");
            }
            rows += 1;
        }
    }
    assert_eq!(rows, 35_256);
}

#[test]
fn minutes_are_read_exactly() {
    let folder = match folder() {
        Ok(folder) => folder,
        Err(why) => return println!("skipped: {why}"),
    };
    let source = CsvDir::open(&CsvDirOptions::new(&folder)).unwrap();
    let selection = everything();
    let survey = source.survey(&selection).unwrap();
    let part = survey.parts.iter().find(|part| part.name == "minute/AAPL.csv.gz").unwrap();
    let delivery = source.fetch(part, &selection).unwrap();
    assert!(delivery.rejected.is_empty());
    // 2014-06-05 04:15 in New York.
    assert_eq!(delivery.bars.stamps.text(0), "2014-06-05T08:15Z");
    let close = delivery.bars.column(Field::Close).and_then(|close| close.get(0)).unwrap();
    assert_eq!(close.normalized().to_string(), "644.8");
}

#[test]
fn what_happened_is_told() {
    let folder = match folder() {
        Ok(folder) => folder,
        Err(why) => return println!("skipped: {why}"),
    };
    let survey = CsvDir::open(&CsvDirOptions::new(folder)).unwrap().survey(&everything()).unwrap();
    let splits: Vec<(&str, String, u64, u64)> = survey
        .events
        .iter()
        .filter_map(|event| match event.action {
            Action::Split { new, old } => {
                let symbol = survey.assets[event.asset].symbol.as_str();
                Some((symbol, event.effective.to_string(), new, old))
            }
            _ => None,
        })
        .collect();
    let expected = [
        ("AAPL", "2000-06-21", 10_000_000, 5_000_011),
        ("AAPL", "2005-02-28", 5_000_000, 2_499_993),
        ("AAPL", "2014-06-09", 7, 1),
        ("AAPL", "2020-08-31", 4, 1),
        ("BAC", "2004-08-30", 2, 1),
        ("IBM", "1999-05-27", 2, 1),
        ("AIG", "1998-08-03", 2_000_000, 1_333_329),
        ("AIG", "1999-08-02", 2_000_000, 1_600_009),
        ("AIG", "2000-07-31", 200_000, 133_333),
        ("AIG", "2009-07-01", 1, 20),
        ("EEM", "2005-06-09", 3, 1),
        ("EEM", "2008-07-24", 3, 1),
        ("IWM", "2005-06-09", 2, 1),
    ];
    let expected = expected.map(|(symbol, day, new, old)| (symbol, day.to_owned(), new, old));
    assert_eq!(splits, expected);
    assert_eq!(survey.events.len(), 13 + 417);
    let bank = survey.assets.iter().find(|asset| asset.symbol == "BAC").unwrap();
    let spans: Vec<&str> = bank.symbols.iter().map(|span| span.symbol.as_str()).collect();
    assert_eq!(spans, ["NB", "BAC"]);
    assert!(survey.rejected.is_empty(), "{:?}", survey.rejected);
    assert_eq!(survey.notes.iter().filter(|note| note.contains("is taken for")).count(), 3);
}
