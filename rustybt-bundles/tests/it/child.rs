//! An ingest in a process of its own, which may be killed: this very test program, started again.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use rustybt_bundles::vfs::{Entry, NewFile, OsFs, Step, StoredFile, Vfs};
use rustybt_bundles::{At, CleanOptions, Error, IngestReport, Locking, Old, Store, StoreOptions};
use rustybt_data::{Delivery, Part, Selection, Source, SourceError, Survey};

use crate::fixture::{Listed, name, options};

/// What the process is to do, as the variables of its environment.
const ROOT: &str = "RUSTYBT_TEST_ROOT";
const TASK: &str = "RUSTYBT_TEST_TASK";
const MARK: &str = "RUSTYBT_TEST_MARK";

/// How wide to sweep, where somebody has the time: `RUSTYBT_SWEEP=200`.
pub(crate) fn sweep() -> Option<u64> {
    variable("RUSTYBT_SWEEP").and_then(|width| width.parse().ok())
}

#[expect(
    clippy::disallowed_methods,
    reason = "how one process of a test tells another one its task"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The process did what it was told, and its ingest is acknowledged.
pub(crate) const DONE: i32 = 40;
/// Its ingest failed with an error.
pub(crate) const FAILED: i32 = 41;
/// Its ingest was refused because another writer came after it.
pub(crate) const FENCED: i32 = 42;

/// The market as it is told the first and the second time: in the second, one year has more days
/// and one value is another, one is as it was, and one asset is new.
pub(crate) fn market(telling: u32) -> Listed {
    let day = ["10 12 9 11 100", "11 13 10 12.5 200", "12 12 12 12 0", "12 14 11 13 50"];
    let first = Listed::default()
        .daily("A", "2019-12-30", &day)
        .daily("B", "2020-12-30", &day)
        .minute("M", "2020-01-02T14:30Z", &["3 4 2 3 10", "3 3 3 3 1"]);
    if telling == 1 {
        return first;
    }
    first.daily("C", "2020-06-01", &day[..2]).daily("B2", "2021-01-04", &["7 8 6 7.25 70"])
}

pub(crate) fn moment(telling: u32) -> String {
    format!("2022-01-0{telling}T00:00Z")
}

/// Ingests a telling into `us`; the version that then has it.
pub(crate) fn tell(store: &Store, telling: u32) -> Result<u64, Error> {
    tell_of(store, telling, &market(telling)).map(|report| report.outcome.version())
}

fn tell_of(store: &Store, telling: u32, source: &dyn Source) -> Result<IngestReport, Error> {
    let mut options = options(&moment(telling));
    options.workers = 1;
    store.ingest(&name("us"), source, &options, &|_| {})
}

/// A source whose last part is long in coming.
#[derive(Debug)]
struct Slow(Listed);

impl Source for Slow {
    fn name(&self) -> &str {
        self.0.name()
    }
    fn survey(&self, selection: &Selection) -> Result<Survey, SourceError> {
        self.0.survey(selection)
    }
    fn fetch(&self, part: &Part, selection: &Selection) -> Result<Delivery, SourceError> {
        if part.name.ends_with("/B2") {
            std::thread::sleep(Duration::from_millis(2500));
        }
        self.0.fetch(part, selection)
    }
}

/// Drops every version but the newest, and deletes at once what those alone had.
pub(crate) fn clean(store: &Store) -> Result<(), Error> {
    let old = Old { keep_last: Some(1), ..Old::default() };
    let mut options = CleanOptions::new(old, moment(9).parse().unwrap());
    options.grace = Duration::ZERO;
    store.clean(None, &options).map(|_| ())
}

/// The command of a process with a task: `ingest:TELLING`, `clean`, `read:VERSION` or `many:FIRST:COUNT`;
/// what becomes of it at which step is `kill:STEP:HIT`, `stop:STEP:HIT` or `wait:STEP:HIT`.
pub(crate) fn command(root: &Path, task: &str, mark: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["child::a_process_of_its_own", "--exact", "--ignored", "--nocapture"])
        .args(["--test-threads", "1", "-q"])
        .env(ROOT, root)
        .env(TASK, task)
        .env(MARK, mark)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit());
    command
}

/// Runs a task to its end.
pub(crate) fn run(root: &Path, task: &str, mark: &str) -> ExitStatus {
    command(root, task, mark).status().unwrap()
}

pub(crate) fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(9)
}

/// A process that is ended when the test is.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(root: &Path, task: &str, mark: &str) -> Self {
        Self(command(root, task, mark).spawn().unwrap())
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = rustix::process::Pid::from_raw(self.0.id().cast_signed()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits until the kernel says that it is stopped.
    pub(crate) fn await_stop(&self) {
        let stat = format!("/proc/{}/stat", self.0.id());
        until("the process stops", || {
            let stat = std::fs::read_to_string(&stat).unwrap_or_default();
            stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('T'))
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until something is so; a minute at most.
pub(crate) fn until(what: &str, so: impl Fn() -> bool) {
    for _ in 0..6000 {
        if so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("waited in vain until {what}");
}

/// Where a process says that it came to where it waits.
pub(crate) fn flag(root: &Path, of: &str) -> PathBuf {
    root.join(format!("tiles/{of}.flag"))
}

pub(crate) fn raise(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "").unwrap();
}

/// The disk, but something happens to the process at a step.
#[derive(Debug)]
struct Marked {
    root: PathBuf,
    action: String,
    step: String,
    hit: u32,
    hits: Mutex<BTreeMap<&'static str, u32>>,
}

impl Marked {
    fn new(root: &Path, mark: &str) -> Self {
        let mut words = mark.split(':').map(str::to_owned);
        let mut word = || words.next().unwrap_or_default();
        let (action, step) = (word(), word());
        let hit = word().parse().unwrap_or(1);
        Self { root: root.to_owned(), action, step, hit, hits: Mutex::default() }
    }
}

impl Vfs for Marked {
    fn create_folder(&self, path: &Path) -> std::io::Result<()> {
        OsFs.create_folder(path)
    }
    fn create(&self, path: &Path) -> std::io::Result<Box<dyn NewFile>> {
        OsFs.create(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        OsFs.rename(from, to)
    }
    fn sync_folder(&self, path: &Path) -> std::io::Result<()> {
        OsFs.sync_folder(path)
    }
    fn remove_file(&self, path: &Path) -> std::io::Result<()> {
        OsFs.remove_file(path)
    }
    fn remove_folder(&self, path: &Path) -> std::io::Result<()> {
        OsFs.remove_folder(path)
    }
    fn list(&self, folder: &Path) -> std::io::Result<Vec<Entry>> {
        OsFs.list(folder)
    }
    fn folders(&self, folder: &Path) -> std::io::Result<Vec<PathBuf>> {
        OsFs.folders(folder)
    }
    fn open(&self, path: &Path) -> std::io::Result<Box<dyn StoredFile>> {
        OsFs.open(path)
    }
    fn is_shared(&self) -> bool {
        false
    }

    fn reached(&self, step: Step) {
        let hit = {
            let mut hits = self.hits.lock().unwrap();
            let hit = hits.entry(step.name()).or_insert(0);
            *hit += 1;
            *hit
        };
        if step.name() != self.step || hit != self.hit {
            return;
        }
        match self.action.as_str() {
            "kill" => signal_oneself(Signal::KILL),
            "stop" => signal_oneself(Signal::STOP),
            "wait" => {
                raise(&flag(&self.root, "there"));
                until("it may go on", || flag(&self.root, "go").exists());
            }
            other => panic!("no action {other}"),
        }
    }
}

/// It reaches every thread of the process, this one perhaps last: which must not go on meanwhile.
fn signal_oneself(signal: Signal) {
    kill_process(getpid(), signal).unwrap();
    std::thread::sleep(Duration::from_millis(100));
}

#[test]
#[ignore = "a task for a process of its own"]
fn a_process_of_its_own() {
    let (Some(root), Some(task)) = (variable(ROOT), variable(TASK)) else { return };
    let root = PathBuf::from(root);
    let marked = Marked::new(&root, &variable(MARK).unwrap_or_default());
    let open = || StoreOptions::new().create(true).vfs(Arc::new(marked)).open(&root);
    let mut words = task.split(':');
    let (verb, numbers) = (words.next().unwrap(), words);
    let numbers: Vec<u32> = numbers.map(|number| number.parse().unwrap()).collect();
    let done = match verb {
        "slowly" => open()
            .and_then(|store| tell_of(&store, numbers[0], &Slow(market(numbers[0]))))
            .map(|_| ()),
        "clean" => open().and_then(|store| clean(&store)),
        "ingest" => open().and_then(|store| tell(&store, numbers[0])).map(|_| ()),
        "read" => {
            let store = open().unwrap();
            let bundle = store.bundle(&name("us"), At::Version(numbers[0].into())).unwrap();
            raise(&flag(&root, "there"));
            until("it is killed", || flag(&root, "go").exists());
            drop(bundle);
            Ok(())
        }
        "many" => {
            let store = open().unwrap();
            (0..numbers[1]).try_for_each(|round| {
                let price = format!("5 9 1 {} 10", numbers[0] + 1);
                let symbol: &'static str = format!("W{}R{round}", numbers[0]).leak();
                let source = Listed::default().daily(symbol, "2020-01-02", &[&price]);
                let mut options = options("2022-01-01T00:00Z");
                options.workers = 1;
                options.locking = Locking::Wait(Duration::from_mins(2));
                store.ingest(&name("us"), &source, &options, &|_| {}).map(|_| ())
            })
        }
        other => panic!("no task {other}"),
    };
    // Without a word of the test program's own: it writes nothing that is counted.
    std::process::exit(match done {
        Ok(()) => DONE,
        Err(Error::Fenced { .. }) => FENCED,
        Err(error) => {
            eprintln!("{error:?}");
            FAILED
        }
    });
}
