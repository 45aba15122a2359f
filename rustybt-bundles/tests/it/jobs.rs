//! Every ingest is a job: what is known of it, how it is stopped, and how it goes on.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use rustybt_bundles::{
    Error, IngestOptions, JobError, JobFilter, JobState, Outcome, Phase, Stop, Store,
};
use rustybt_data::{
    Action, Delivery, Part, Selection, Source, SourceError, Stamp, Survey, TableSchema,
};

use crate::fixture::{Listed, Shop, at, day, name, options};
use crate::told_tables::Tables;
use crate::watched::{Then, Watched};

/// Daily and minute bars of some assets, with a split; some need more digits than others.
fn market() -> Listed {
    let mut market = Listed::default();
    for (symbol, price) in [("A", "10"), ("B", "20.5"), ("C", "30.25"), ("D", "40.125")] {
        let row: &'static str = format!("{price} {price} {price} {price} 100").leak();
        market = market.daily(symbol, "2020-12-28", &[row; 6]);
        market = market.minute(symbol, "2020-12-31T15:00Z", &[row; 9]);
    }
    market.event("B", "2020-12-30", Action::Split { new: 2, old: 1 })
}

fn one_worker(stop: Option<&Stop>) -> IngestOptions<'_> {
    IngestOptions { workers: 1, stop, ..options("2024-01-02T12:00Z") }
}

/// What the data files hold, whatever they are called.
fn contents(shop: &Shop) -> Vec<blake3::Hash> {
    let hash = |path| blake3::hash(&std::fs::read(path).unwrap());
    let mut hashes: Vec<_> = shop.files().iter().map(hash).collect();
    hashes.sort_by_key(|hash| *hash.as_bytes());
    hashes
}

fn staged(shop: &Shop) -> usize {
    let staging = shop.folder.path().join("staging");
    std::fs::read_dir(staging).map_or(0, Iterator::count)
}

fn only(store: &Store) -> rustybt_bundles::JobInfo {
    let mut jobs = store.jobs(&JobFilter::default()).unwrap();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs.remove(0)
}

#[test]
fn a_finished_ingest_is_a_job_that_is_done() {
    let shop = Shop::new();
    let clock = || Duration::from_secs(3);
    let options = IngestOptions { clock: Some(&clock), ..one_worker(None) };
    let told = Mutex::new(Vec::new());
    let source = Watched::new(market());
    let report = shop
        .store
        .ingest(&name("us"), &source, &options, &|progress| told.lock().unwrap().push(progress))
        .unwrap();
    let job = only(&shop.store);
    assert_eq!((job.id, job.id.number()), (report.job, 1));
    assert_eq!((job.state, job.bundle.as_str(), job.base_version), (JobState::Done, "us", None));
    assert_eq!(job.recipe.source, "watched");
    assert_eq!(job.recipe.calendar, "XNYS");
    assert_eq!(job.created, at("2024-01-02T12:00Z"));
    assert_eq!((job.progress.percent, job.progress.phase.as_str()), (100.0, "publish"));
    assert_eq!((job.progress.parts, job.progress.parts_total, job.progress.rows), (8, 8, 60));
    assert_eq!(job.report.unwrap()["version"], 1);
    assert_eq!((job.error, staged(&shop)), (None, 0));
    let told = told.into_inner().unwrap();
    assert!(told.iter().all(|progress| progress.job == Some(job.id)));
    assert!(told.iter().any(|progress| progress.phase == Phase::Fetch && progress.rows > 0));
    assert!(told.is_sorted_by(|a, b| a.percent() <= b.percent()), "{told:?}");

    let again = shop.ingest_with(&source, &one_worker(None)).unwrap();
    assert_eq!(again.outcome, Outcome::Unchanged { version: 1 });
    let jobs = shop.store.jobs(&JobFilter::default()).unwrap();
    assert_eq!(jobs.iter().map(|job| job.state).collect::<Vec<_>>(), [JobState::Done; 2]);
    assert_eq!(jobs[1].base_version, Some(1));
    assert!(jobs[0].id < jobs[1].id && jobs[0].fence < jobs[1].fence);
}

#[test]
fn an_interrupted_job_goes_on_without_fetching_again() {
    let whole = Shop::new();
    let source = Watched::new(market());
    whole.ingest_with(&source, &one_worker(None)).unwrap();
    let (all, expected) = (source.fetched(), contents(&whole));
    for stop_at in 0..all.len() {
        let (shop, stop) = (Shop::new(), Stop::new());
        let first = Watched::new(market()).then(stop_at, Then::Stop(&stop));
        let error = shop.ingest_with(&first, &one_worker(Some(&stop))).unwrap_err();
        let job = only(&shop.store);
        assert!(
            matches!(error, Error::Job(JobError::Interrupted { job: id }) if id == job.id),
            "{error}"
        );
        assert_eq!((job.state, job.finished), (JobState::Interrupted, None));
        assert_eq!(shop.files().len(), 0);

        // Another process, as it were.
        let store = Store::open(shop.folder.path()).unwrap();
        let second = Watched::new(market());
        store.resume(job.id, &second, &one_worker(None), &|_| {}).unwrap();
        let mut fetched = [first.fetched(), second.fetched()].concat();
        fetched.sort();
        assert_eq!(fetched, all, "stopped at fetch {stop_at}");
        assert_eq!(contents(&shop), expected, "stopped at fetch {stop_at}");
        assert_eq!((only(&store).state, staged(&shop)), (JobState::Done, 0));
    }
}

#[test]
fn files_of_a_source_near_by_are_points_to_resume_from() {
    let whole = Shop::new();
    whole.ingest_with(&Watched::new(market()), &one_worker(None)).unwrap();
    for (stop_at, once) in [(0, 0), (1, 1), (3, 2), (5, 3), (6, 7), (7, 8)] {
        let (shop, stop) = (Shop::new(), Stop::new());
        let near = |then| Watched { dear: false, ..Watched::new(market()).then(stop_at, then) };
        let first = near(Then::Stop(&stop));
        shop.ingest_with(&first, &one_worker(Some(&stop))).unwrap_err();
        let second = near(Then::Nothing);
        let job = only(&shop.store).id;
        shop.store.resume(job, &second, &one_worker(None), &|_| {}).unwrap();
        // Of eight parts, the odd ones are minutes, a file each; the others share one, which is
        // there when the last of them is.
        let twice = first.fetched().len() + second.fetched().len() - 8;
        assert_eq!(first.fetched().len() - twice, once, "stopped at fetch {stop_at}");
        assert_eq!(contents(&shop), contents(&whole), "stopped at fetch {stop_at}");
        assert!(shop.store.verify(None).unwrap().damaged.is_empty());
    }
}

#[test]
fn a_staged_file_that_is_not_what_it_was_is_made_again() {
    let whole = Shop::new();
    whole.ingest_with(&Watched::new(market()), &one_worker(None)).unwrap();
    for damage in [&b""[..], b"PAR1 and nothing else"] {
        let (shop, stop) = (Shop::new(), Stop::new());
        let first = Watched::new(market()).then(7, Then::Stop(&stop));
        shop.ingest_with(&first, &one_worker(Some(&stop))).unwrap_err();
        let staged = walk(&shop.folder.path().join("staging"));
        for file in staged.iter().filter(|path| path.extension().is_some_and(|it| it == "parquet"))
        {
            if damage.is_empty() {
                std::fs::remove_file(file).unwrap();
            } else {
                std::fs::write(file, damage).unwrap();
            }
        }
        let second = Watched::new(market());
        let job = only(&shop.store).id;
        shop.store.resume(job, &second, &one_worker(None), &|_| {}).unwrap();
        assert_eq!(contents(&shop), contents(&whole));
        assert!(second.fetched().is_empty(), "the deliveries are there still");
    }
}

#[test]
fn tables_beyond_bars_are_not_fetched_again_either() {
    let trades = "ts,price,size,side,id
        2013-10-07T13:30:00.000000001Z,181.52,283,buy,1";
    let rates = "date,symbol,depth,signal:float
        2013-10-07,IBM,79228162514264337593543.50335,0.1
        2013-10-08,ABC,1,NaN";
    let deep = TableSchema::user("deep", Stamp::Date, true).unwrap();
    let market = Tables::default()
        .with(&TableSchema::trades(), Some("IBM"), trades)
        .with(&TableSchema::trades(), Some("ABC"), trades)
        .with(&deep, None, rates);
    let whole = Shop::new();
    whole.ingest_with(&Watched::new(market.clone()), &one_worker(None)).unwrap();
    for stop_at in 0..3 {
        let (shop, stop) = (Shop::new(), Stop::new());
        let first = Watched::new(market.clone()).then(stop_at, Then::Stop(&stop));
        let error = shop.ingest_with(&first, &one_worker(Some(&stop))).unwrap_err();
        assert!(matches!(error, Error::Job(JobError::Interrupted { .. })), "{error}");
        let second = Watched::new(market.clone());
        shop.store.resume(only(&shop.store).id, &second, &one_worker(None), &|_| {}).unwrap();
        assert_eq!(first.fetched().len() + second.fetched().len(), 3, "stopped at {stop_at}");
        assert_eq!(contents(&shop), contents(&whole), "stopped at {stop_at}");
    }
}

#[test]
fn a_newer_version_meanwhile_is_built_upon() {
    let (shop, stop) = (Shop::new(), Stop::new());
    let first = Watched::new(market()).then(5, Then::Stop(&stop));
    shop.ingest_with(&first, &one_worker(Some(&stop))).unwrap_err();
    let job = only(&shop.store).id;
    let other = Listed::default().daily("A", "2020-12-28", &["9 9 9 9 9"; 2]).daily(
        "Z",
        "2020-12-28",
        &["1.0625 2 1 2 5"; 3],
    );
    shop.ingest(&other, "2024-01-03T12:00Z").unwrap();
    let second = Watched::new(market());
    let report = shop.store.resume(job, &second, &one_worker(None), &|_| {}).unwrap();
    assert_eq!(report.outcome.version(), 2);
    // The same as if it had begun afterwards.
    let expected = Shop::new();
    expected.ingest(&other, "2024-01-03T12:00Z").unwrap();
    expected.ingest_with(&Watched::new(market()), &one_worker(None)).unwrap();
    assert_eq!(contents(&shop), contents(&expected));
    assert_eq!(first.fetched().len() + second.fetched().len(), 8);
}

#[test]
fn a_part_that_changed_meanwhile_is_fetched_again() {
    let (shop, stop) = (Shop::new(), Stop::new());
    let first = Watched::new(market()).then(7, Then::Stop(&stop));
    shop.ingest_with(&first, &one_worker(Some(&stop))).unwrap_err();
    let job = only(&shop.store).id;
    // One part has a row more; another asset comes first, so that every index is another one.
    let mut changed = Listed::default().daily("AA", "2020-12-28", &["5 5 5 5 5"]);
    let mut market = market();
    market.tables[2].bars = market.tables[2].bars.clone();
    changed.records.append(&mut market.records);
    changed.tables.append(&mut market.tables);
    let second = Watched::new(changed.clone());
    shop.store.resume(job, &second, &one_worker(None), &|_| {}).unwrap();
    let expected = Shop::new();
    expected.ingest_with(&Watched::new(changed), &one_worker(None)).unwrap();
    assert_eq!(contents(&shop), contents(&expected));
}

#[test]
fn a_panic_of_a_source_is_the_end_of_its_job_alone() {
    let shop = Shop::new();
    let settings = BTreeMap::from([("api_key".to_owned(), "canary-secret".to_owned())]);
    let options = IngestOptions { settings, ..one_worker(None) };
    let source = Watched::new(market()).then(3, Then::Panic);
    let error = shop.ingest_with(&source, &options).unwrap_err();
    assert_eq!(error.to_string(), "the ingest panicked: *** went wrong");
    let job = only(&shop.store);
    assert_eq!(job.state, JobState::Failed);
    assert_eq!(job.error.as_deref(), Some("the ingest panicked: *** went wrong"));
    // The store is whole, and the job can go on.
    let second = Watched::new(market());
    shop.store.resume(job.id, &second, &options, &|_| {}).unwrap();
    assert_eq!(only(&shop.store).state, JobState::Done);
    assert!(second.fetched().len() < 8);
    assert!(shop.store.verify(None).unwrap().damaged.is_empty());
}

#[test]
fn a_panic_in_any_thread_is_told_by_its_own_words() {
    for at in 0..8 {
        let shop = Shop::new();
        let source = Watched::new(market()).then(at, Then::Panic);
        let options = IngestOptions { workers: 4, ..one_worker(None) };
        let error = shop.ingest_with(&source, &options).unwrap_err();
        assert_eq!(error.to_string(), "the ingest panicked: canary-secret went wrong");
        assert_eq!(only(&shop.store).state, JobState::Failed);
        shop.ingest(&market(), "2024-01-02T12:00Z").unwrap();
    }
}

#[test]
fn what_cannot_be_had_for_now_keeps_nobody_from_fetching_the_others() {
    let shop = Shop::new();
    let first = Watched::new(market()).then(2, Then::Fail);
    let error = shop.ingest_with(&first, &one_worker(None)).unwrap_err();
    assert!(matches!(error, Error::Fetch { .. }), "{error}");
    assert_eq!((first.fetched().len(), shop.files().len()), (7, 0));
    let job = only(&shop.store);
    assert_eq!(job.state, JobState::Interrupted);
    assert_eq!(
        job.error.unwrap(),
        "`2/B` could not be fetched; nothing was ingested: GET /?key=canary-secret: no route"
    );
    let second = Watched::new(market());
    shop.store.resume(job.id, &second, &one_worker(None), &|_| {}).unwrap();
    assert_eq!(second.fetched(), ["2/B"]);
}

#[test]
fn no_secret_is_written_down_or_said() {
    let shop = Shop::new();
    let settings = [("Api-Token", "canary-secret"), ("url", "https://me:canary-secret@host/")];
    let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let options = IngestOptions { settings: settings.into(), ..one_worker(None) };
    let source = Watched::new(market()).then(3, Then::Fail);
    let error = shop.ingest_with(&source, &options).unwrap_err();
    let job = only(&shop.store);
    assert_eq!(job.state, JobState::Interrupted, "what may go well the next time is put off");
    let mut said = format!("{error:?} {error} {job:?}");
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        said.push_str(&error.to_string());
        cause = error.source();
    }
    assert!(said.contains("no route") && !said.contains("canary"), "{said}");
    drop(options);
    for entry in walk(shop.folder.path()) {
        let bytes = std::fs::read(&entry).unwrap();
        assert!(!bytes.windows(6).any(|at| at == b"canary"), "{}", entry.display());
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn a_cancelled_job_is_gone_for_good() {
    let (shop, stop) = (Shop::new(), Stop::new());
    let first = Watched::new(market()).then(3, Then::Stop(&stop));
    shop.ingest_with(&first, &one_worker(Some(&stop))).unwrap_err();
    let job = only(&shop.store).id;
    assert_eq!(staged(&shop), 1);
    shop.store.cancel(job, at("2024-01-02T13:00Z")).unwrap();
    let cancelled = only(&shop.store);
    assert_eq!((cancelled.state, staged(&shop)), (JobState::Cancelled, 0));
    assert_eq!(cancelled.finished, Some(at("2024-01-02T13:00Z")));
    let again = shop.store.cancel(job, at("2024-01-02T14:00Z")).unwrap_err();
    assert!(matches!(again, Error::Job(JobError::NotCancellable { .. })), "{again}");
    let resumed = shop.store.resume(job, &first, &one_worker(None), &|_| {}).unwrap_err();
    assert!(matches!(resumed, Error::Job(JobError::NotResumable { .. })), "{resumed}");
}

#[test]
fn a_running_job_ends_when_another_process_calls_it_off() {
    #[derive(Debug)]
    struct Slow(Listed, std::path::PathBuf);
    impl Source for Slow {
        fn name(&self) -> &'static str {
            "slow"
        }
        fn survey(&self, selection: &Selection) -> Result<Survey, SourceError> {
            self.0.survey(selection)
        }
        fn fetch(&self, part: &Part, selection: &Selection) -> Result<Delivery, SourceError> {
            let other = Store::open(&self.1).unwrap();
            let job = only(&other);
            if job.state == JobState::Running {
                other.cancel(job.id, at("2024-01-02T13:00Z")).unwrap();
            }
            std::thread::sleep(Duration::from_millis(400));
            self.0.fetch(part, selection)
        }
    }
    let shop = Shop::new();
    let source = Slow(market(), shop.folder.path().to_owned());
    let error = shop.ingest_with(&source, &one_worker(None)).unwrap_err();
    assert!(matches!(error, Error::Job(JobError::Cancelled { .. })), "{error}");
    assert_eq!((only(&shop.store).state, staged(&shop)), (JobState::Cancelled, 0));
}

#[test]
fn other_options_are_another_job() {
    let (shop, stop) = (Shop::new(), Stop::new());
    let first = Watched::new(market()).then(3, Then::Stop(&stop));
    shop.ingest_with(&first, &one_worker(Some(&stop))).unwrap_err();
    let job = only(&shop.store).id;
    let mut other = one_worker(None);
    other.selection.symbols = Some(vec!["A".to_owned()]);
    let error = shop.store.resume(job, &first, &other, &|_| {}).unwrap_err();
    assert!(matches!(error, Error::Job(JobError::OtherRecipe { what: "symbols", .. })), "{error}");
    let error = shop.store.resume(job, &market(), &one_worker(None), &|_| {}).unwrap_err();
    assert!(matches!(error, Error::Job(JobError::OtherRecipe { what: "source", .. })), "{error}");
    assert_eq!(only(&shop.store).state, JobState::Interrupted);
}

#[test]
fn names_may_be_short_but_not_ambiguous() {
    let shop = Shop::new();
    for _ in 0..11 {
        shop.ingest(&market(), "2024-01-02T12:00Z").unwrap();
    }
    let job = |text: &str| shop.store.job(text);
    let first = job("1").unwrap();
    assert_eq!(first.id.number(), 1);
    assert_eq!(job(&first.id.to_string()[..5]).unwrap().id, first.id);
    assert_eq!(job("11").unwrap().id.number(), 11);
    for text in ["12", "", "1-x", "x"] {
        let error = job(text).unwrap_err();
        assert!(matches!(error, Error::Job(JobError::UnknownJob { .. })), "{error}");
    }
}

#[test]
fn clocks_are_only_shown_to_people() {
    let shop = Shop::new();
    for now in ["2024-01-02T12:00Z", "1999-01-02T12:00Z", "2030-01-02T12:00Z", "2023-06-01T00:00Z"]
    {
        let options = IngestOptions { today: day("2024-01-02"), ..options(now) };
        shop.ingest_with(&market(), &options).unwrap();
    }
    let jobs = shop.store.jobs(&JobFilter::default()).unwrap();
    let numbers: Vec<u64> = jobs.iter().map(|job| job.id.number()).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    // The one of 2030 ended in the future: by this clock it has no age.
    let cleaned = shop.store.clean_jobs(Duration::from_hours(1), at("2024-01-02T12:30Z")).unwrap();
    let numbers: Vec<u64> = cleaned.iter().map(|job| job.id.number()).collect();
    assert_eq!(numbers, [2, 4]);
    let cleaned = shop.store.clean_jobs(Duration::ZERO, at("2024-01-02T12:30Z")).unwrap();
    assert_eq!(cleaned.len(), 1);
    assert_eq!(only(&shop.store).id.number(), 3);
    // Numbers go on.
    let options = IngestOptions { today: day("2024-01-02"), ..options("2000-01-01T00:00Z") };
    shop.ingest_with(&market(), &options).unwrap();
    assert!(shop.store.job("4").is_ok());
}

#[test]
fn nothing_usable_is_rejected() {
    let shop = Shop::new();
    let source = Listed::default().daily("A", "2020-12-28", &["-1 -1 -1 -1 5"]);
    let error = shop.ingest(&source, "2024-01-02T12:00Z").unwrap_err();
    assert!(matches!(error, Error::NothingIngested { .. }), "{error}");
    let job = only(&shop.store);
    assert_eq!((job.state, staged(&shop)), (JobState::Rejected, 0));
    assert!(job.error.unwrap().contains("not above zero"));
}
