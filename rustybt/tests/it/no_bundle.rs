//! What is read without a bundle is what a bundle of the same says.

use rustybt::adapters::{CsvDir, CsvDirOptions};
use rustybt::bundles::{At, Store};
use rustybt::calendars::Session;
use rustybt::data::{
    AdjustMode, DataPortal, Field, HistoryQuery, Quote, Selection, Sid, SourceData,
};

use crate::program::{Program, market};

/// All histories of a portal at some sessions, their missing values alike.
fn answers(portal: &DataPortal, sessions: &[Session]) -> Vec<String> {
    let sids: Vec<Sid> = portal.finder().assets().iter().map(|asset| asset.sid).collect();
    let quotes = [Field::OHLCV.map(Quote::Field).as_slice(), &[Quote::Price]].concat();
    let mut answers = vec![format!("{:?}", portal.finder().assets())];
    for &session in sessions {
        let data = portal.at_session(session).unwrap();
        for mode in [AdjustMode::None, AdjustMode::AsOf, AdjustMode::TotalReturn] {
            let query = HistoryQuery::new(&sids).fields(&quotes).bars(3).adjust(mode);
            answers.push(match data.history(&query) {
                Ok(history) => {
                    quotes.iter().map(|&q| history.array(q).unwrap().to_string()).collect()
                }
                Err(error) => error.to_string(),
            });
        }
    }
    answers
}

#[test]
fn a_folder_says_what_its_bundle_says() {
    let program = Program::with_market();
    let store = Store::open(&program.data_dir()).unwrap();
    let bundle = store.bundle(&"hand".parse().unwrap(), At::Latest).unwrap();
    let source = CsvDir::open(&CsvDirOptions::new(market())).unwrap();
    let selection = Selection {
        symbols: None,
        start: None,
        end: None,
        frequency: None,
        calendar: bundle.calendar().clone(),
    };
    let direct = SourceData::read(&source, &selection).unwrap();
    assert!(direct.rejected().is_empty(), "{:?}", direct.rejected());
    let (stored, direct) = (bundle.portal().unwrap(), direct.portal().unwrap());
    let sessions = stored.daily().timeline().sessions().to_vec();
    assert!(sessions.len() > 5);
    let (stored, direct) = (answers(&stored, &sessions), answers(&direct, &sessions));
    assert_eq!(stored, direct);
    assert!(stored.iter().any(|answer| answer.contains("104")), "the split is applied");
}
