//! Servers for tests: programs beside this file that say where they are, obey, and end with whoever
//! started them.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::python;

/// A server. It ends when its stdin does, which is with this.
pub(crate) struct Serving {
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    _child: Child,
}

impl Serving {
    /// Starts one, and gives the line that it says first; nothing where it does not start.
    pub(crate) fn start(script: &str, arguments: &[&OsStr]) -> Option<(Self, String)> {
        let python = python::servers()?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/python").join(script);
        let mut child = Command::new(python)
            .args(["-B".as_ref(), script.as_os_str()])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut serving = Self { orders, answers, _child: child };
        let said = serving.line();
        (!said.is_empty()).then_some((serving, said))
    }

    /// Tells it something, and waits until it is done.
    #[cfg(feature = "postgres")]
    pub(crate) fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
        assert_eq!(self.line(), "done");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}
