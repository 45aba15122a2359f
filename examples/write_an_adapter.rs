//! A source of one's own: a description of what there is, and a parser for each part of it.
//!
//! ```text
//! cargo run --example write_an_adapter
//! ```
//!
//! A vendor sends end-of-day lines `SYMBOL|YYYYMMDD|open|high|low|close|volume`. The adapter turns
//! them into a [`Source`]; from there on everything is the same as for any other: a versioned
//! bundle, a quarantine for rows that cannot be used, adjusted history.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use rustybt::data::{
    AssetRecord, Delivery, Exact, ExactColumn, Part, RawBars, Reason, Rejected, Selection,
    SourceError, Stamps, Survey,
};
use rustybt::prelude::*;

const FEED: &str = "\
ASH|20240102|10.00|10.50|9.90|10.25|1200
ELM|20240102|99.1|101|98.75|100.5|800
ASH|20240103|10.30|10.40|10.05|10.10|900
ELM|20240103|100|100.25|oops|99|750
ASH|20240104|10.10|10.60|10.10|10.55|1500
ELM|20240104|99|102|98.5|101.25|1100
";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let store = Store::open_or_create(folder.path())?;
    let name: BundleName = "trees".parse()?;

    let selection = Selection {
        symbols: None,
        start: None,
        end: None,
        frequency: None,
        calendar: calendar("XNYS")?,
    };
    let options = IngestOptions::new(selection, "2024-01-05T12:00Z".parse()?);
    let report = store.ingest(&name, &PipeFeed { text: FEED }, &options, &|_| {})?;

    // Five bars are there; the line with `oops` is in quarantine, with its place and its reason.
    assert_eq!((report.rows_stored, report.rejected), (5, 1));
    let bad = &report.rejected_kinds[0].rows[0];
    println!("{}:{}: {}", bad.origin, bad.line.unwrap_or_default(), bad.reason);
    assert_eq!(
        (bad.line, bad.reason.to_string().as_str()),
        (Some(4), "`oops` in column `low` is no number")
    );

    // What was sent is what is there, digit by digit.
    let portal = store.bundle(&name, At::Latest)?.portal()?;
    let data = portal.at_session("2024-01-04".parse()?)?;
    let ash = data.lookup("ASH")?;
    assert_eq!(*data.window(ash, Field::Close, 3)?, [10.25, 10.10, 10.55]);
    let high = data.current_exact(ash, Field::High)?.ok_or("no bar")?;
    assert_eq!(high.normalized(), "10.6".parse()?);

    // The same feed again brings nothing new, and makes no version.
    let again = store.ingest(&name, &PipeFeed { text: FEED }, &options, &|_| {})?;
    assert_eq!((again.files_written, store.versions(&name)?.len()), (0, 1));
    println!("version {} holds {} bars", report.outcome.version(), report.rows_stored);
    Ok(())
}

/// A feed as text: one line a bar, all assets mixed.
#[derive(Debug)]
struct PipeFeed {
    text: &'static str,
}

impl PipeFeed {
    /// The lines of one asset with their numbers, counted from 1.
    fn lines<'a>(&self, symbol: &'a str) -> impl Iterator<Item = (u32, &'static str)> + use<'a> {
        let of = move |line: &&str| line.split('|').next() == Some(symbol);
        (1..).zip(self.text.lines()).filter(move |(_, line)| of(line))
    }

    /// The symbols in order of appearance.
    fn symbols(&self) -> Vec<String> {
        let mut symbols: Vec<String> = Vec::new();
        for symbol in self.text.lines().filter_map(|line| line.split('|').next()) {
            if !symbols.iter().any(|known| known == symbol) {
                symbols.push(symbol.to_owned());
            }
        }
        symbols
    }
}

impl Source for PipeFeed {
    fn name(&self) -> &'static str {
        "pipe-feed"
    }

    /// Which assets there are, and one part of work for each.
    fn survey(&self, selection: &Selection) -> Result<Survey, SourceError> {
        let wanted =
            |symbol: &String| selection.symbols.as_ref().is_none_or(|list| list.contains(symbol));
        let symbols: Vec<String> = self.symbols().into_iter().filter(wanted).collect();
        let record =
            |symbol: &String| AssetRecord { symbol: symbol.clone(), ..AssetRecord::default() };
        let part = |(asset, symbol): (usize, &String)| Part {
            name: symbol.clone(),
            asset,
            frequency: Frequency::DAILY,
            bytes: 0,
        };
        Ok(Survey {
            assets: symbols.iter().map(record).collect(),
            parts: symbols.iter().enumerate().map(part).collect(),
            ..Survey::default()
        })
    }

    /// The bars of one asset, exact; a line that cannot be read is handed over, not dropped.
    fn fetch(&self, part: &Part, _: &Selection) -> Result<Delivery, SourceError> {
        let mut sessions = Vec::new();
        let mut lines = Vec::new();
        let mut columns = [(); 5].map(|()| ExactColumn::default());
        let mut rejected = Vec::new();
        let mut rows = 0;
        for (number, line) in self.lines(&part.name) {
            rows += 1;
            match parse(line) {
                Ok((session, values)) => {
                    sessions.push(session);
                    lines.push(number);
                    for (column, value) in columns.iter_mut().zip(values) {
                        column
                            .push(Some(value))
                            .map_err(|fault| SourceError::new(std::io::Error::other(fault)))?;
                    }
                }
                Err(reason) => rejected.push(Rejected {
                    origin: "feed".to_owned(),
                    line: Some(number),
                    symbol: part.name.clone(),
                    reason,
                    text: line.to_owned(),
                }),
            }
        }
        let columns = Field::OHLCV.into_iter().zip(columns).collect();
        let bars = RawBars { stamps: Stamps::Sessions(sessions), columns, lines };
        Ok(Delivery { bars, events: Vec::new(), rejected, notes: Vec::new(), rows })
    }
}

/// One line: the session, and open, high, low, close and volume as exact decimals.
fn parse(line: &str) -> Result<(Session, [Exact; 5]), Reason> {
    let cells: Vec<&str> = line.split('|').collect();
    let [_, date, values @ ..] = cells.as_slice() else {
        return Err(Reason::Ragged { found: cells.len(), expected: 7 });
    };
    let bad = |column: &str, text: &str, expected| Reason::BadCell {
        column: column.to_owned(),
        text: text.to_owned(),
        expected,
    };
    let session = match date.as_bytes() {
        [year @ .., m0, m1, d0, d1] if year.len() == 4 => {
            let text = [year, b"-", &[*m0, *m1], b"-", &[*d0, *d1]].concat();
            Session::parse_ascii(&text)
        }
        _ => None,
    };
    let session = session.ok_or_else(|| bad("date", date, "date"))?;
    let values: &[&str; 5] =
        values.try_into().map_err(|_| Reason::Ragged { found: cells.len(), expected: 7 })?;
    let mut exact = [Exact::ZERO; 5];
    for ((place, text), field) in exact.iter_mut().zip(values).zip(Field::OHLCV) {
        *place = Exact::parse(text.as_bytes()).map_err(|_| bad(field.name(), text, "number"))?;
    }
    Ok((session, exact))
}
