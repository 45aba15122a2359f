//! The memory of an ingest: how many bytes of rows may be on their way at once.
//!
//! Whoever is about to hold rows takes a [`Permit`] for them first. Bytes are held in one of three
//! ways:
//!
//! 1. by a thread that fetches: it waited *before* it took them, and never waits while it has them;
//!    where a part proves larger than it looked, the permit grows without waiting;
//! 2. gathered: the rows of a group whose other parts are not there yet. They belong to no thread,
//!    and whoever waits may write them to disk;
//! 3. on their way into a file: encoding waits for no memory either.
//!
//! So no wait is for ever. When all threads wait, nothing is held in the first way; what is held in
//! the third comes to its end by itself; and if that were not enough, the one that waits is told to
//! spill what is gathered, which frees the second. Once nothing is held at all, any wish is granted,
//! so that a part larger than the whole budget goes through alone.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// So many bytes at once.
#[derive(Debug, Clone)]
pub(super) struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    capacity: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    used: u64,
    /// What of it is gathered.
    gathered: u64,
    closed: bool,
}

/// What becomes of a wish for memory.
#[derive(Debug)]
pub(super) enum Room {
    /// It is granted.
    Granted(Permit),
    /// It cannot be granted while so much is gathered: spill, and ask again.
    Crowded,
    /// The ingest has failed; nothing more is to be done.
    Closed,
}

/// Bytes that are held; they are given back when it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    budget: Budget,
    bytes: u64,
    gathered: bool,
}

impl Budget {
    pub(super) fn new(capacity: u64) -> Self {
        let (state, changed) = (Mutex::default(), Condvar::new());
        Self(Arc::new(Inner { capacity: capacity.max(1), state, changed }))
    }

    /// The bytes of rows in an ingest that may take so much memory: the rest is for the program
    /// itself, for what is not counted, and for what the allocator keeps.
    pub(super) fn of_rows(memory: u64) -> Self {
        Self::new(memory / 8 * 5)
    }

    pub(super) fn capacity(&self) -> u64 {
        self.0.capacity
    }

    /// Waits for so many bytes, or for as many as there are.
    pub(super) fn acquire(&self, bytes: u64) -> Room {
        let bytes = bytes.min(self.0.capacity);
        let mut state = self.state();
        loop {
            if state.closed {
                return Room::Closed;
            }
            if state.used + bytes <= self.0.capacity || state.used == 0 {
                state.used += bytes;
                return Room::Granted(Permit { budget: self.clone(), bytes, gathered: false });
            }
            // Everything else is given back without anybody's help.
            if state.gathered > 0 && state.gathered + bytes > self.0.capacity {
                return Room::Crowded;
            }
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes bytes without waiting, even if there are too few.
    pub(super) fn take(&self, bytes: u64) -> Permit {
        self.state().used += bytes;
        Permit { budget: self.clone(), bytes, gathered: false }
    }

    /// Ends every wait, now and later.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.0.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Two sums and a flag: whole at any moment.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Corrects an estimate; never waits.
    pub(super) fn set(&mut self, bytes: u64) {
        self.change(|state, permit| {
            state.used = state.used + bytes - permit.bytes;
            if permit.gathered {
                state.gathered = state.gathered + bytes - permit.bytes;
            }
            permit.bytes = bytes;
        });
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Says whether the rows wait for others of their group.
    pub(super) fn gather(&mut self, gathered: bool) {
        self.change(|state, permit| {
            if permit.gathered != gathered {
                permit.gathered = gathered;
                state.gathered = if gathered {
                    state.gathered + permit.bytes
                } else {
                    state.gathered - permit.bytes
                };
            }
        });
    }

    fn change(&mut self, change: impl FnOnce(&mut State, &mut Self)) {
        let budget = self.budget.clone();
        change(&mut budget.state(), self);
        budget.0.changed.notify_all();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.gather(false);
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn granted(room: Room) -> Permit {
        match room {
            Room::Granted(permit) => permit,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_wish_beyond_everything_is_granted_alone() {
        let budget = Budget::new(100);
        assert_eq!(granted(budget.acquire(1_000)).bytes(), 100);
        let mut first = granted(budget.acquire(60));
        first.gather(true);
        assert!(matches!(budget.acquire(60), Room::Crowded));
        assert_eq!(granted(budget.acquire(40)).bytes(), 40);
        first.set(101);
        assert_eq!(budget.state().used, 101);
        first.gather(false);
        drop(first);
        assert_eq!(budget.state().used, 0);
        budget.close();
        assert!(matches!(budget.acquire(1), Room::Closed));
    }

    #[test]
    fn waiting_ends_when_bytes_come_back() {
        let budget = Budget::new(10);
        let (held, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|threads| {
            for bytes in [3, 10, 7, 1, 25, 4, 10, 6] {
                let (budget, held, most) = (&budget, &held, &most);
                threads.spawn(move || {
                    for _ in 0..200 {
                        let permit = granted(budget.acquire(bytes));
                        let now = held.fetch_add(permit.bytes(), Ordering::SeqCst) + permit.bytes();
                        most.fetch_max(now, Ordering::SeqCst);
                        held.fetch_sub(permit.bytes(), Ordering::SeqCst);
                        drop(permit);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 10);
        assert_eq!(budget.state().used, 0);
    }
}
