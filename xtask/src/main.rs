//! Development tasks: `cargo xtask test` prepares what the tests need and runs them all.
//!
//! ```text
//! cargo xtask test     tests, doc tests and examples of the whole workspace, and one closing line
//! cargo xtask check    formatting and lints, as the continuous integration wants them
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to people")]

mod test;

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let task = std::env::args().nth(1);
    let done = match task.as_deref() {
        Some("test") => test::run(),
        Some("check") => check(),
        _ => {
            eprintln!("usage: cargo xtask test | check");
            return ExitCode::from(2);
        }
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Formatting and lints; a missing rustfmt or clippy is said and passed over.
fn check() -> bool {
    let steps: [(&str, &[&str]); 2] = [
        ("fmt", &["fmt", "--all", "--check"]),
        (
            "clippy",
            &["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"],
        ),
    ];
    steps.into_iter().all(|(component, arguments)| {
        if !succeeds(cargo().args([component, "--version"])) {
            println!("skipped: cargo {component} is not installed");
            return true;
        }
        succeeds(cargo().args(arguments))
    })
}

/// The cargo that runs this task.
fn cargo() -> Command {
    #[expect(clippy::disallowed_methods, reason = "cargo names itself in the environment")]
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
}

fn succeeds(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}
