//! The `rustybt` program: the command line over the crates, and nothing else.
//!
//! Printing, environment variables, the clock and exit codes live here alone. Every command is one
//! file of `command/`: its arguments, then what it does.

mod arguments;
mod calendars;
mod command;
mod environment;
mod error;
mod interrupt;
mod moment;
mod output;
mod preset;
mod progress;
mod settings;
mod span;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
            // Help that nobody reads to its end is no failure.
            let _ = error.print();
            return code;
        }
    };
    interrupt::watch();
    match command::run(arguments) {
        Ok(code) => code,
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            error.report();
            error.exit_code()
        }
    }
}
