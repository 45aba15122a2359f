//! [`apart`]: the threads that build tiles, apart from those that ask for them.
//!
//! Whoever asks for a tile that is being built waits for it, and holds up a thread. If that thread
//! belonged to the pool that builds, it could have been given the question while it waited for a part of
//! its own tile, and would wait for itself for ever. So tiles are built in a pool of their own, whose
//! threads ask for none, and whoever waits for it does nothing else meanwhile.

use std::sync::OnceLock;
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Does some work in the pool of builders.
pub(crate) fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let named = |number| format!("rustybt-tiles-{number}");
    let pool = POOL.get_or_init(|| ThreadPoolBuilder::new().thread_name(named).build().ok());
    let Some(pool) = pool else {
        // No thread may be started: the one there is does everything, alone.
        return work();
    };
    if rayon::current_thread_index().is_none() {
        return pool.install(work);
    }
    // A thread of another pool would do that one's work while it waits.
    thread::scope(|scope| match scope.spawn(|| pool.install(work)).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use rayon::prelude::*;

    use super::*;

    #[test]
    fn threads_that_wait_for_each_other_get_there() {
        let building = Mutex::new(0);
        let wanted = 64;
        (0..wanted).into_par_iter().for_each(|_| {
            let mut built = building.lock().unwrap();
            *built += apart(|| (0..1000).into_par_iter().map(|_| 1).sum::<usize>());
        });
        assert_eq!(*building.lock().unwrap(), wanted * 1000);
    }
}
