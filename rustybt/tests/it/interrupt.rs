//! Ctrl-C in the middle of something.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::program::Program;

#[test]
fn ctrl_c_ends_with_130() {
    let program = Program::with_market();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rustybt"))
        .args(["query", "hand"])
        .env("RUSTYBT_DATA_DIR", program.data_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Once it answers, it waits for more.
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"{}\n").unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0; 9]).unwrap();
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "error: interrupted\n");
}
