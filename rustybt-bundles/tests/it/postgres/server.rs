//! A server of PostgreSQL that the tests share. It ends with them.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::python;

/// A server and the means to stop it.
pub(crate) struct Server {
    pub(super) url: String,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    _child: Child,
}

impl Server {
    /// A server of one's own; says `skipped: …` where there is none to be had.
    pub(super) fn start() -> Option<Self> {
        let python = python::servers()?;
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/python/postgres_server.py");
        let mut child = Command::new(python)
            .args(["-B".as_ref(), script.as_os_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut server = Self { url: String::new(), orders, answers, _child: child };
        server.url = server.answer();
        if server.url.is_empty() {
            println!("skipped: the PostgreSQL server does not start here");
            return None;
        }
        Some(server)
    }

    /// Ends the server as a crash would, or starts it again.
    pub(super) fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
        assert_eq!(self.answer(), "done");
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// A catalog that nobody else has.
    pub(crate) fn catalog(&self) -> String {
        format!("{}&schema=s{}", self.url, uuid::Uuid::new_v4().simple())
    }
}

/// The server that every test uses that does not stop it.
pub(crate) fn shared() -> Option<MutexGuard<'static, Server>> {
    static SERVER: OnceLock<Option<Mutex<Server>>> = OnceLock::new();
    let server = SERVER.get_or_init(|| Server::start().map(Mutex::new));
    if server.is_none() {
        println!("skipped: there is no PostgreSQL server");
    }
    server.as_ref().map(|server| server.lock().unwrap_or_else(PoisonError::into_inner))
}
