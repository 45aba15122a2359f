//! [`Counters`]: how often a cache had what was asked for.

use std::ops::{AddAssign, Index, IndexMut};
use std::sync::atomic::{AtomicU64, Ordering};

/// A cache among the others: the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Memory,
    Disk,
    Redis,
}

impl Level {
    pub(crate) const ALL: [Self; 3] = [Self::Memory, Self::Disk, Self::Redis];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::Redis => "redis",
        }
    }
}

/// What can be counted of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Hit,
    Miss,
    Eviction,
    Failure,
}

/// How often each event happened at a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counted(pub(crate) [u64; 4]);

impl Index<Event> for Counted {
    type Output = u64;

    fn index(&self, event: Event) -> &u64 {
        &self.0[event as usize]
    }
}

impl IndexMut<Event> for Counted {
    fn index_mut(&mut self, event: Event) -> &mut u64 {
        &mut self.0[event as usize]
    }
}

impl AddAssign for Counted {
    fn add_assign(&mut self, other: Self) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum = sum.saturating_add(more);
        }
    }
}

/// Counts of every level, added to by many threads.
#[derive(Debug, Default)]
pub(crate) struct Counters([[AtomicU64; 4]; 3]);

impl Counters {
    pub(crate) fn add(&self, level: Level, event: Event, count: u64) {
        self.0[level as usize][event as usize].fetch_add(count, Ordering::Relaxed);
    }

    /// Takes what was counted, and begins anew.
    pub(crate) fn take(&self) -> [Counted; 3] {
        let taken = |level: &[AtomicU64; 4]| {
            Counted([0, 1, 2, 3].map(|event: usize| level[event].swap(0, Ordering::Relaxed)))
        };
        [0, 1, 2].map(|level: usize| taken(&self.0[level]))
    }

    /// Gives back what was taken and could not be written down.
    pub(crate) fn put_back(&self, counted: &[Counted; 3]) {
        for (own, level) in self.0.iter().zip(counted) {
            for (own, count) in own.iter().zip(level.0) {
                own.fetch_add(count, Ordering::Relaxed);
            }
        }
    }
}
