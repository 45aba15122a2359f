//! Tables of sources near by: what is staged when an ingest is interrupted is not read again.

use rustybt_bundles::{Error, IngestOptions, JobError, JobFilter, Stop};
use rustybt_data::{Stamp, TableSchema};

use crate::fixture::{Shop, options};
use crate::told_tables::Tables;
use crate::watched::{Then, Watched};

/// Trades of three assets, one of them in two parts, and a table of all of them; numbers that need
/// more digits come later, and some rows are no good.
fn market() -> Tables {
    let trades = |price: &str, id: u32| -> &'static str {
        format!(
            "ts,price,size,side,id
            2013-10-07T13:30:00.000000001Z,{price},283,buy,{id}
            2013-10-07T13:30:00.000000001Z,1,1,buy,{id}
            2013-11-07T13:30Z,{price},-1,,9
            2013-11-08T13:30Z,{price},1,,{id}"
        )
        .leak()
    };
    let schema = TableSchema::trades();
    let deep = TableSchema::user("deep", Stamp::Date, true).unwrap();
    let rates = "date,symbol,depth,signal:float
        2013-10-07,A,79228162514264337593543.50335,0.1
        2013-10-08,C,1,NaN";
    Tables::default()
        .with(&schema, Some("A"), trades("181.5", 1))
        .with(&schema, Some("B"), trades("0.00000812", 1))
        .with(&schema, Some("C"), trades("12345678901.25", 1))
        .with(&schema, Some("A"), trades("181.25", 2))
        .with(&deep, None, rates)
}

fn one_worker(stop: Option<&Stop>) -> IngestOptions<'_> {
    IngestOptions { workers: 1, stop, ..options("2024-01-02T12:00Z") }
}

fn contents(shop: &Shop) -> Vec<blake3::Hash> {
    let hash = |path| blake3::hash(&std::fs::read(path).unwrap());
    let mut hashes: Vec<_> = shop.files().iter().map(hash).collect();
    hashes.sort_by_key(|hash| *hash.as_bytes());
    hashes
}

fn near(then: Then<'_>, at: usize) -> Watched<'_, Tables> {
    Watched { dear: false, ..Watched::new(market()).then(at, then) }
}

#[test]
fn what_was_staged_is_not_read_again_and_the_hashes_are_the_same() {
    let whole = Shop::new();
    let expected = whole.ingest_with(&near(Then::Nothing, 0), &one_worker(None)).unwrap();
    assert_eq!((expected.rows_new, expected.rejected), (2 + 2 + 2 + 2 + 2, 8));
    // In order: the table of all, then A in two parts, B, C. Stopped at the n-th of these, so many
    // were staged.
    for (stop_at, staged) in [(0, 1), (1, 1), (2, 3), (3, 4)] {
        let (shop, stop) = (Shop::new(), Stop::new());
        let first = near(Then::Stop(&stop), stop_at);
        let error = shop.ingest_with(&first, &one_worker(Some(&stop))).unwrap_err();
        assert!(matches!(error, Error::Job(JobError::Interrupted { .. })), "{error}");
        let job = shop.store.jobs(&JobFilter::default()).unwrap()[0].id;
        let second = near(Then::Nothing, 0);
        let report = shop.store.resume(job, &second, &one_worker(None), &|_| {}).unwrap();
        assert_eq!(second.fetched().len(), 5 - staged, "stopped at {stop_at}");
        assert_eq!(contents(&shop), contents(&whole), "stopped at {stop_at}");
        assert_eq!(report.rejected_kinds, expected.rejected_kinds, "stopped at {stop_at}");
        let counts = (report.rows_read, report.rows_stored, report.rows_new);
        assert_eq!(counts, (expected.rows_read, expected.rows_stored, expected.rows_new));
        assert!(shop.store.verify(None).unwrap().is_sound());
    }
}
