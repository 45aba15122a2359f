//! Ctrl-C: the program ends at once, with the exit code that says so.
//!
//! Nothing has to be undone: a version is there as a whole or not at all, whenever the program ends.

use std::io::Write;
use std::thread;

use signal_hook::consts::SIGINT;
use signal_hook::iterator::Signals;
use signal_hook::low_level::exit;

/// The exit code of what was interrupted.
const INTERRUPTED: i32 = 130;

/// Waits for Ctrl-C beside whatever the program does.
///
/// Where the system has no thread to spare, the program ends by the signal itself, as without.
pub(crate) fn watch() {
    let _ = thread::Builder::new().name("interrupt".to_owned()).spawn(|| {
        // Asked for here and not before: a signal that is caught and not waited for would do nothing.
        let Ok(mut signals) = Signals::new([SIGINT]) else { return };
        if signals.forever().next().is_some() {
            let _ = std::io::stderr().lock().write_all(b"error: interrupted\n");
            // Without the destructors that the other threads may still need.
            exit(INTERRUPTED);
        }
    });
}
