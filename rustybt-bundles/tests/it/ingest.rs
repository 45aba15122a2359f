//! Ingesting: what is added, replaced, kept, refused, and left alone when it fails.

use rustybt_bundles::{Error, EventCounts, Outcome};
use rustybt_data::{Action, Field, Frequency, Sid};

use crate::fixture::{Listed, Shop, at, dump, name, options};

fn two_assets() -> Listed {
    Listed::default()
        .daily("A", "2019-12-30", &["10 11 9 10.5 100", "10.5 12 10 11.25 200", "11 11 11 11 0"])
        .daily("B", "2020-01-02", &["5 5 5 5 1", "6 6.5 5.5 6 2"])
        .event("A", "2020-01-02", Action::Split { new: 2, old: 1 })
}

#[test]
fn a_first_ingest_is_reported_and_read_back() {
    let shop = Shop::new();
    let report = shop.ingest(&two_assets(), "2020-02-03T00:00Z").unwrap();
    assert_eq!(report.outcome.version(), 1);
    assert_eq!((report.assets, report.assets_new), (2, 2));
    assert_eq!((report.rows_read, report.rows_stored, report.rows_new), (5, 5, 5));
    assert_eq!((report.rejected, report.events.new, report.files_kept), (0, 1, 0));
    // Two years of bars, the assets, their symbols and the split.
    assert_eq!(report.files_written, 5);
    assert_eq!(shop.files().len(), 5);
    assert!(report.is_clean() && report.elapsed().is_zero());

    let bundle = shop.latest();
    let daily = bundle.daily().unwrap();
    assert_eq!(daily.sids(), [Sid(0), Sid(1)]);
    assert_eq!(daily.timeline().len(), 4);
    let run = daily.run(Field::Close, Sid(0), 0).unwrap();
    assert_eq!((run.first, run.values), (0, [10.5, 11.25, 11.0].as_slice()));
    let run = daily.run(Field::Volume, Sid(1), 3).unwrap();
    assert_eq!((run.first, run.values), (2, [1.0, 2.0].as_slice()));
    assert!(daily.run(Field::Close, Sid(1), 1).unwrap().values.is_empty());
    assert_eq!(bundle.adjustments().adjustments(Sid(0)).len(), 1);
    assert!(bundle.minute().is_none());
    // Nothing of the ingest itself is left.
    assert_eq!(std::fs::read_dir(shop.folder.path().join("staging")).unwrap().count(), 0);
}

#[test]
fn the_same_again_makes_no_version_and_no_file() {
    let shop = Shop::new();
    shop.ingest(&two_assets(), "2020-02-03T00:00Z").unwrap();
    let files = shop.files();
    let report = shop.ingest(&two_assets(), "2020-02-04T00:00Z").unwrap();
    assert_eq!(report.outcome, Outcome::Unchanged { version: 1 });
    assert_eq!((report.rows_stored, report.rows_new, report.rows_changed), (5, 0, 0));
    assert_eq!((report.files_written, report.files_kept), (0, 5));
    assert_eq!(shop.files(), files);
    assert_eq!(shop.store.versions(&name("us")).unwrap().len(), 1);
}

#[test]
fn a_part_of_what_is_there_changes_nothing_either() {
    let shop = Shop::new();
    shop.ingest(&two_assets(), "2020-02-03T00:00Z").unwrap();
    let part = Listed::default().daily("B", "2020-01-03", &["6 6.5 5.5 6 2"]);
    let report = shop.ingest(&part, "2020-02-04T00:00Z").unwrap();
    assert_eq!(report.outcome, Outcome::Unchanged { version: 1 });
}

#[test]
fn new_rows_replace_and_old_rows_stay() {
    let shop = Shop::new();
    shop.ingest(&two_assets(), "2020-02-03T00:00Z").unwrap();
    let files = shop.files();
    let more = Listed::default()
        .daily("B", "2020-01-03", &["6 6.5 5.5 6.25 2", "7 7 7 7 3"])
        .daily("C", "2020-01-06", &["1 1 1 1 1"]);
    let report = shop.ingest(&more, "2020-02-04T00:00Z").unwrap();
    assert_eq!((report.rows_new, report.rows_changed), (2, 1));
    assert_eq!((report.assets, report.assets_new), (3, 1));
    // 2020 again and what comes after it, and the two tables of assets; 2019 and the split are shared.
    assert_eq!((report.files_written, report.files_kept), (4, 2));
    assert!(files.iter().all(|file| file.exists()), "a version's files stay");
    let text = dump(&shop.latest());
    assert!(text.contains("0 2019-12-30T00:00Z 10 11 9 10.5 100\n"), "{text}");
    assert!(text.contains("1 2020-01-02T00:00Z 5 5 5 5 1\n"), "{text}");
    assert!(text.contains("1 2020-01-03T00:00Z 6 6.5 5.5 6.25 2\n"), "{text}");
    assert!(text.contains("2 2020-01-06T00:00Z 1 1 1 1 1\n"), "{text}");
}

#[test]
fn more_digits_make_the_table_anew_and_old_versions_keep_theirs() {
    let shop = Shop::new();
    shop.ingest(&two_assets(), "2020-02-03T00:00Z").unwrap();
    let before = shop.latest();
    let fine = Listed::default().daily("C", "2021-01-04", &["0.00000812 1 0.000001 0.5 0.1"]);
    let report = shop.ingest(&fine, "2021-02-04T00:00Z").unwrap();
    assert_eq!(report.outcome.version(), 2);
    // Three years of bars, assets and symbols.
    assert_eq!((report.files_written, report.files_kept), (5, 1));
    let exact = |bundle: &rustybt_bundles::Bundle, sid| {
        bundle.daily().unwrap().exact(Field::Open, sid, 0..1).unwrap()
    };
    assert_eq!(
        (exact(&before, Sid(0)).scale(), exact(&before, Sid(0)).narrow()),
        (2, Some(&[1000][..]))
    );
    let after = shop.latest();
    assert_eq!(exact(&after, Sid(0)).narrow(), Some(&[1_000_000_000][..]));
    assert!(dump(&after).contains("2 2021-01-04T00:00Z 0.00000812 1 0.000001 0.5 0.1\n"));
    let first = shop.store.bundle(&name("us"), rustybt_bundles::At::Version(1)).unwrap();
    assert_eq!(dump(&first), dump(&before));
}

#[test]
fn files_written_before_a_finer_number_came_are_written_again() {
    // Whichever of the outer two is fetched first is written before the scale is known.
    let shop = Shop::new();
    let minutes = Listed::default()
        .minute("A", "2020-01-02T14:30Z", &["1 1 1 1 1"])
        .minute("B", "2020-01-02T14:30Z", &["1.125 1.125 1.125 1.125 0.5"])
        .minute("C", "2020-01-02T14:30Z", &["2 2 2 2 2"]);
    let mut options = options("2020-02-03T00:00Z");
    options.workers = 1;
    let report = shop.ingest_with(&minutes, &options).unwrap();
    assert_eq!(report.rows_new, 3);
    let minute = shop.latest().minute().unwrap();
    for (sid, mantissa) in [(0, 1000), (1, 1125), (2, 2000)] {
        let exact = minute.exact(Field::Close, Sid(sid), 0..1).unwrap();
        assert_eq!((exact.scale(), exact.narrow()), (3, Some(&[mantissa][..])));
    }
    // A later ingest of one asset has more digits still: all three files are written again.
    let finer =
        Listed::default().minute("B", "2020-01-02T14:31Z", &["1.0001 1.0001 1.0001 1.0001 1"]);
    let report = shop.ingest(&finer, "2020-02-04T00:00Z").unwrap();
    assert_eq!((report.rows_new, report.rows_changed), (1, 0));
    let exact = shop.latest().minute().unwrap().exact(Field::Close, Sid(2), 0..1).unwrap();
    assert_eq!((exact.scale(), exact.narrow()), (4, Some(&[20_000][..])));
    assert!(shop.store.verify(None).unwrap().is_sound());
}

#[test]
fn numbers_that_fit_no_common_scale_are_refused_by_name() {
    let shop = Shop::new();
    let source = Listed::default()
        .daily("BIG", "2020-01-02", &["5 5 5 5 123456789012345678901234"])
        .daily("FINE", "2020-01-02", &["5 5 5 5 0.000001"]);
    let error = shop.ingest(&source, "2020-02-03T00:00Z").unwrap_err();
    let text = error.to_string();
    assert!(text.contains("`volume` of `BIG` in bars_1d") && text.contains("6 places"), "{text}");
    assert!(shop.files().is_empty());
}

#[test]
fn a_source_that_fails_midway_leaves_the_head_alone() {
    let shop = Shop::new();
    shop.ingest(&two_assets(), "2020-02-03T00:00Z").unwrap();
    let (files, text) = (shop.files(), dump(&shop.latest()));
    let mut broken = two_assets().daily("C", "2020-01-02", &["1 1 1 1 1"]);
    broken.tables[0].bars.stamps = rustybt_data::Stamps::Sessions(vec![
        "2018-01-02".parse().unwrap(),
        "2018-01-03".parse().unwrap(),
        "2018-01-04".parse().unwrap(),
    ]);
    broken.broken = Some((2, true));
    let error = shop.ingest(&broken, "2020-02-04T00:00Z").unwrap_err();
    assert!(error.is_transient());
    assert_eq!(error.to_string(), "`2/C` could not be fetched; nothing was ingested");
    assert_eq!(shop.files(), files);
    assert_eq!(dump(&shop.latest()), text);
    assert_eq!(shop.store.versions(&name("us")).unwrap().len(), 1);
    // What was fetched is kept for a while; it may be had again by then.
    let staged = || std::fs::read_dir(shop.folder.path().join("staging")).unwrap().count();
    assert_eq!(staged(), 1);
    let (now, no_time) = ("2020-02-05T00:00Z".parse().unwrap(), std::time::Duration::ZERO);
    assert_eq!(shop.store.clean_jobs(no_time, now).unwrap().len(), 2);
    assert_eq!(staged(), 0);
}

#[test]
fn a_part_that_cannot_be_read_is_quarantined_beside_the_others() {
    let shop = Shop::new();
    let mut source = two_assets();
    source.broken = Some((1, false));
    let report = shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    assert_eq!((report.rows_stored, report.assets), (3, 1));
    let kinds: Vec<_> = report.rejected_kinds.iter().map(|kind| (kind.kind, kind.count)).collect();
    assert_eq!(kinds, [("bad-file", 1)], "one bad file is one rejection");
    assert_eq!(report.rejected_kinds[0].rows[0].origin, "1/B");
}

#[test]
fn impossible_bars_are_quarantined_with_their_reason() {
    let shop = Shop::new();
    let source = Listed::default().daily(
        "A",
        "2020-01-02",
        &["5 5 5 5 1", "6 5 7 6 1", "5 5 5 5 1", "5 5 5 5 1", "-1 1 1 1 1"],
    );
    let report = shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    assert_eq!((report.rows_stored, report.rejected), (3, 2));
    assert!(!report.is_clean());
    assert_eq!(report.gaps[0].sessions, 1);
    // Ingesting it again finds the same quarantine.
    let again = shop.ingest(&source, "2020-02-04T00:00Z").unwrap();
    assert_eq!(again.outcome, Outcome::Unchanged { version: 1 });
}

#[test]
fn nothing_usable_is_an_error_and_leaves_no_bundle() {
    let shop = Shop::new();
    let source = Listed::default().daily("A", "2020-01-02", &["6 5 7 6 1"]);
    let error = shop.ingest(&source, "2020-02-03T00:00Z").unwrap_err();
    assert!(matches!(error, Error::NothingIngested { rejected: 2, .. }), "{error}");
    assert!(error.to_string().contains("high 5 is below"), "{error}");
    assert!(shop.store.bundles().unwrap().is_empty());
    let empty = Listed::default();
    assert!(matches!(
        shop.ingest(&empty, "2020-02-03T00:00Z"),
        Err(Error::NothingIngested { parts: 0, .. })
    ));
}

#[test]
fn several_parts_of_one_asset_are_taken_in_one_after_another() {
    let shop = Shop::new();
    let source = Listed::default().daily("A", "2020-01-02", &["1 1 1 1 1", "2 2 2 2 2"]).daily(
        "A",
        "2020-01-03",
        &["3 3 3 3 3", "4 4 4 4 4"],
    );
    let report = shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    assert_eq!((report.rows_stored, report.rows_new, report.rows_superseded), (3, 3, 1));
    let daily = shop.latest().daily().unwrap();
    assert_eq!(daily.run(Field::Close, Sid(0), 0).unwrap().values, [1.0, 3.0, 4.0]);
}

#[test]
fn frequencies_that_bundles_do_not_keep_are_named() {
    let mut source = two_assets();
    source.tables[1].frequency = "1w".parse::<Frequency>().unwrap();
    let error = Shop::new().ingest(&source, "2020-02-03T00:00Z").unwrap_err();
    assert_eq!(error.to_string(), "`1/B` holds bars of 1w; bundles keep bars of 1d and 1m");
}

#[test]
fn a_bundle_keeps_its_calendar() {
    let shop = Shop::new();
    shop.ingest(&two_assets(), "2020-02-03T00:00Z").unwrap();
    let mut other = options("2020-02-04T00:00Z");
    other.selection.calendar = rustybt_calendars::calendar("24/7").unwrap();
    let error = shop.ingest_with(&two_assets(), &other).unwrap_err();
    assert!(matches!(error, Error::OtherCalendar { .. }), "{error}");
}

#[test]
fn events_are_added_and_those_of_a_day_replaced() {
    let dividend = |amount: &str| Action::Dividend {
        amount: amount.parse().unwrap(),
        currency: None,
        declared: None,
        record: None,
        pay: Some("2020-01-10".parse().unwrap()),
    };
    let shop = Shop::new();
    let base = two_assets().event("A", "2020-01-02", dividend("0.5"));
    shop.ingest(&base, "2020-02-03T00:00Z").unwrap();
    let mut more = Listed::default().daily("A", "2019-12-30", &["10 11 9 10.5 100"]);
    more = more
        .event("A", "2020-01-02", dividend("0.505"))
        .event("A", "2020-01-02", dividend("1"))
        .event("A", "2019-12-31", dividend("2"));
    let report = shop.ingest(&more, "2020-02-04T00:00Z").unwrap();
    let told = EventCounts { new: 2, changed: 1, removed: 0, unchanged: 0 };
    assert_eq!((report.events, report.rows_new), (told, 0));
    let bundle = shop.latest();
    let events = bundle.adjustments();
    let kinds: Vec<String> = events
        .adjustments(Sid(0))
        .iter()
        .map(|event| match &event.action {
            Action::Dividend { amount, .. } => {
                format!("{} {}", event.effective, amount.normalized())
            }
            other => format!("{} {}", event.effective, other.kind()),
        })
        .collect();
    assert_eq!(kinds, ["2019-12-31 2", "2020-01-02 split", "2020-01-02 0.505", "2020-01-02 1"]);
}

#[test]
fn progress_and_time_are_told() {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    let shop = Shop::new();
    let seen = Mutex::new(Vec::new());
    let ticks = AtomicU64::new(0);
    let clock = || Duration::from_secs(ticks.fetch_add(1, Ordering::Relaxed));
    let mut options = options("2020-02-03T00:00Z");
    options.clock = Some(&clock);
    let report = shop
        .store
        .ingest(&name("us"), &two_assets(), &options, &|progress| {
            seen.lock().unwrap().push(progress);
        })
        .unwrap();
    assert_eq!(report.seconds.len(), 4);
    assert_eq!(report.elapsed(), Duration::from_secs(4));
    assert_eq!(report.rows_per_second(), Some(1.25));
    let seen = seen.into_inner().unwrap();
    assert!(seen.iter().any(|p| p.done == 2 && p.total == 2 && p.bytes == p.bytes_total));
    assert_eq!(shop.latest().version().created, at("2020-02-03T00:00Z"));
}
