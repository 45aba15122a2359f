//! Running the built program in a data folder of its own.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The program, with a folder for its data and one for what it reads.
pub(crate) struct Program {
    folder: TempDir,
}

/// What a run of the program left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// A program that has ingested the hand-made market as `hand`.
    pub(crate) fn with_market() -> Self {
        let program = Self::new();
        let market = market();
        let ran = program.ingest("hand", &market);
        assert_eq!(ran.code, 0, "{ran:?}");
        program
    }

    /// A folder beside the data.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the data is kept.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.path("data")
    }

    /// Writes a file beside the data.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "", &[])
    }

    /// Runs with text on stdin and variables in the environment, which is empty otherwise.
    pub(crate) fn run_with(
        &self,
        arguments: &[&str],
        input: impl AsRef<[u8]> + Sync,
        variables: &[(&str, &str)],
    ) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rustybt"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("RUSTYBT_DATA_DIR", self.data_dir())
            .envs(variables.iter().copied())
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let output = std::thread::scope(|scope| {
            // Answers are read while questions are written, or the two would wait for each other. A
            // program that ends without reading everything is no concern of the caller.
            let input = input.as_ref();
            scope.spawn(move || stdin.write_all(input));
            child.wait_with_output().unwrap()
        });
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Ingests a csvdir folder on XNYS.
    pub(crate) fn ingest(&self, bundle: &str, folder: &Path) -> Ran {
        self.ingest_with(bundle, folder, &[])
    }

    /// Ingests a folder of CSV files, with more arguments.
    pub(crate) fn ingest_with(&self, bundle: &str, folder: &Path, more: &[&str]) -> Ran {
        self.run(&[&csvdir(bundle, &format!("path={}", folder.display()))[..], more].concat())
    }

    /// Ingests one daily file, with that text, as the bundle `one`.
    pub(crate) fn ingest_file(&self, name: &str, text: &str) -> Ran {
        self.write(&format!("prices/daily/{name}"), text);
        self.ingest("one", &self.path("prices"))
    }
}

impl Ran {
    /// Asserts that the program did what it was asked, and gives what it printed.
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.stdout
    }
}

/// The arguments that ingest a folder of CSV files; `path` is `path=FOLDER`.
pub(crate) fn csvdir<'a>(bundle: &'a str, path: &'a str) -> [&'a str; 8] {
    ["ingest", bundle, "--source", "csvdir", "--opt", path, "--calendar", "XNYS"]
}

/// The hand-made market.
pub(crate) fn market() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/market")
}

/// The folder of real data, where there is one; else says what was skipped.
#[expect(clippy::disallowed_methods, reason = "the folder is named by who runs the tests")]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
pub(crate) fn shared(what: &str) -> Option<PathBuf> {
    let named = std::env::var_os("RUSTYBT_SHARED").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let found = named.into_iter().chain([beside]).map(|root| root.join("data/real/us-equities"));
    let found = found.into_iter().find(|folder| folder.is_dir());
    if found.is_none() {
        println!("skipped: {what}: no real market data");
    }
    found
}
