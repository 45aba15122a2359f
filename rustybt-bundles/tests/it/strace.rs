//! Death and errors at system calls, those of SQLite among them: `strace` kills an ingest at its
//! n-th write, sync, rename or removal, or has the call fail.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::child::{DONE, FAILED, command, run, sweep, was_killed};
use crate::invariants::check_invariants;
use crate::kill::{expected, goes_on, newest, root};

const CALLS: [&str; 9] = [
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "unlink",
    "unlinkat",
    "ftruncate",
    "mkdir",
];

/// An ingest under strace, with these arguments of its own.
fn traced(root: &Path, arguments: &[String]) -> Option<ExitStatus> {
    let child = command(root, "ingest:2", "");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq"]).args(arguments).arg("--").arg(child.get_program());
    strace.args(child.get_args());
    for (name, value) in child.get_envs() {
        strace.env(name, value.unwrap_or_default());
    }
    strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    strace.status().ok()
}

/// How often one thread makes each call, at most: strace counts by thread.
fn counted(root: &Path, log: &Path) -> Option<BTreeMap<&'static str, usize>> {
    let calls: Vec<String> = CALLS.iter().map(|call| format!("?{call}")).collect();
    let trace = format!("trace={}", calls.join(","));
    let log_to = log.display().to_string();
    let status = traced(root, &["-e".into(), trace, "-o".into(), log_to])?;
    if status.code() != Some(DONE) {
        return None;
    }
    let mut counts: BTreeMap<(&str, &'static str), usize> = BTreeMap::new();
    let log = std::fs::read_to_string(log).unwrap();
    for line in log.lines() {
        let (thread, call) = line.split_once(' ')?;
        for known in CALLS {
            if call.trim_start().strip_prefix(known).is_some_and(|rest| rest.starts_with('(')) {
                *counts.entry((thread, known)).or_default() += 1;
            }
        }
    }
    let mut most = BTreeMap::new();
    for ((_, call), count) in counts {
        let most = most.entry(call).or_insert(0);
        *most = count.max(*most);
    }
    Some(most)
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-r").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}

#[test]
fn an_ingest_may_die_or_fail_at_any_system_call() {
    let expected = expected();
    let (_folder, before) = root();
    assert_eq!(run(&before, "ingest:1", "").code(), Some(DONE));
    let fresh = || {
        let (folder, root): (_, PathBuf) = root();
        copy(&before, &root);
        (folder, root)
    };
    let (folder, root) = fresh();
    let log = tempfile::NamedTempFile::new().unwrap();
    let Some(counts) = counted(&root, log.path()) else {
        println!("skipped: death at system calls (strace is not installed, or may not trace)");
        return;
    };
    drop(folder);
    // How many places of each call are tried.
    let sample = if sweep().is_some() { usize::MAX } else { 4 };
    let (mut killed, mut failed) = (0, 0);
    for (call, most) in counts {
        let step = most.div_ceil(sample).max(1);
        for at in (1..=most).step_by(step) {
            for what in ["signal=KILL", "error=EIO", "error=ENOSPC"] {
                let is_kill = what == "signal=KILL";
                if !is_kill && (at / step) % 2 == 1 && sample != usize::MAX {
                    continue;
                }
                let (_folder, root) = fresh();
                let inject = format!("inject={call}:{what}:when={at}");
                let quiet = format!("trace={call}");
                let arguments = ["-e", &quiet, "-e", &inject, "-o", "/dev/null"];
                let status = traced(&root, &arguments.map(str::to_owned)).unwrap();
                if was_killed(status) {
                    killed += 1;
                    goes_on(&root, 2, at % 2 == 1, &expected);
                } else {
                    failed += usize::from(!is_kill);
                    let found = newest(&check_invariants(&root), &expected);
                    match status.code() {
                        Some(DONE) => assert_eq!(found, 2, "{inject}: it was acknowledged"),
                        // 101 is the test program's own: it could not say that it began.
                        Some(FAILED | 101) => {
                            assert_eq!(goes_on(&root, 2, at % 2 == 1, &expected), found);
                        }
                        other => panic!("{inject}: {other:?}"),
                    }
                }
            }
        }
    }
    println!("{killed} times killed, {failed} calls failed");
    assert!(killed > 10 && failed > 10);
}
