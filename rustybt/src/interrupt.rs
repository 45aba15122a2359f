//! Signals: how the program is told to stop, and how it stops.
//!
//! * Ctrl-C, SIGTERM or SIGHUP once: work that can be resumed stops fetching, keeps what it has and
//!   ends with exit code 130; everything else ends at once, with the same code.
//! * Twice: everything ends at once.
//!
//! Nothing has to be undone either way: a version is there as a whole or not at all, whenever the
//! program ends. A program started by `nohup` is not stopped by SIGHUP.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustybt_bundles::Stop;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::exit;

/// The exit code of what was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

/// Raised by the first signal.
static STOP: Stop = Stop::new();

/// How many pieces of work look at the flag.
static LOOKING: AtomicUsize = AtomicUsize::new(0);

/// Work that looks at the flag; while there is some, the first signal only raises it.
#[derive(Debug)]
pub(crate) struct Stoppable(());

impl Stoppable {
    /// From now on, until this is dropped.
    pub(crate) fn begin() -> Self {
        LOOKING.fetch_add(1, Ordering::AcqRel);
        Self(())
    }

    /// The flag.
    #[expect(clippy::unused_self, reason = "only while there is work that looks at it")]
    pub(crate) fn stop(&self) -> &'static Stop {
        &STOP
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        LOOKING.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Waits for signals beside whatever the program does.
///
/// Where the system has no thread to spare, the program ends by the signal itself, as without.
pub(crate) fn watch() {
    let _ = thread::Builder::new().name("interrupt".to_owned()).spawn(|| {
        // Asked for here and not before: a signal that is caught and not waited for would do nothing.
        let Ok(mut signals) = Signals::new(signals()) else { return };
        for _ in signals.forever() {
            if LOOKING.load(Ordering::Acquire) == 0 || STOP.is_raised() {
                let _ = std::io::stderr().lock().write_all(b"error: interrupted\n");
                // Without the destructors that the other threads may still need.
                exit(INTERRUPTED.into());
            }
            STOP.interrupt();
            let said = b"stopping; what was fetched is kept. Once more to stop at once\n";
            let _ = std::io::stderr().lock().write_all(said);
        }
    });
}

/// The signals to wait for.
fn signals() -> Vec<i32> {
    let mut signals = vec![SIGINT, SIGTERM];
    #[cfg(unix)]
    if !is_ignored(signal_hook::consts::SIGHUP) {
        signals.push(signal_hook::consts::SIGHUP);
    }
    signals
}

/// Whether whoever started the program wants a signal ignored, where the system tells.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    u32::try_from(signal - 1).is_ok_and(|bit| mask.checked_shr(bit).unwrap_or(0) & 1 == 1)
}
