//! How far a job is: gathered from what the ingest tells, and put into numbers for people.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{JobId, JobProgress};
use crate::report::{Phase, Progress};

/// The share of each phase in the whole, in percent.
const SHARES: [(Phase, f64); 4] =
    [(Phase::Survey, 2.0), (Phase::Fetch, 88.0), (Phase::Finish, 6.0), (Phase::Publish, 4.0)];

impl Progress {
    /// How much of the whole ingest is done, from 0 to 100.
    pub fn percent(&self) -> f64 {
        let before: f64 =
            SHARES.iter().filter(|(phase, _)| *phase < self.phase).map(|(_, share)| share).sum();
        let share = SHARES.iter().find(|(phase, _)| *phase == self.phase);
        let share = share.map_or(0.0, |(_, share)| *share);
        let by_bytes = self.phase == Phase::Fetch && self.bytes_total > 0;
        let (done, total) =
            if by_bytes { (self.bytes, self.bytes_total) } else { (self.done, self.total) };
        let part = if total == 0 { 0.0 } else { done.min(total) as f64 / total as f64 };
        before + share * part
    }

    /// How much longer it takes, if it goes on as in the `elapsed` time since it began; `None`
    /// before there is anything to go by.
    pub fn eta(&self, elapsed: Duration) -> Option<Duration> {
        let done = self.percent() / 100.0;
        let seconds = elapsed.as_secs_f64() * (1.0 - done) / done;
        // Before the first part is there, nobody knows.
        let known = self.phase > Phase::Survey && self.done > 0;
        Duration::try_from_secs_f64(seconds).ok().filter(|_| known || self.phase > Phase::Fetch)
    }

    /// Rows read in a second of the `elapsed` time; `None` where no time has passed.
    pub fn rows_per_second(&self, elapsed: Duration) -> Option<f64> {
        (!elapsed.is_zero()).then(|| self.rows as f64 / elapsed.as_secs_f64())
    }
}

/// What the ingest told last.
#[derive(Debug, Default)]
pub(crate) struct Told {
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    told: Option<Progress>,
    /// The same while it fetched: what later phases say nothing of.
    fetch: Option<Progress>,
}

impl Told {
    /// Takes what the ingest tells, and gives the same with the job's name and with what earlier
    /// phases counted.
    pub(crate) fn set(&self, job: JobId, progress: Progress) -> Progress {
        let mut last = self.last();
        let mut told = Progress { job: Some(job), ..progress };
        if told.phase == Phase::Fetch {
            // Threads tell in any order: what is further counts.
            if last.fetch.is_none_or(|fetch| fetch.done <= told.done) {
                last.fetch = Some(told);
            }
        } else if let Some(fetch) = last.fetch {
            (told.bytes, told.bytes_total) = (fetch.bytes, fetch.bytes_total);
            told.rows = fetch.rows;
        }
        let further =
            last.told.is_none_or(|last| (last.phase, last.done) <= (told.phase, told.done));
        if further {
            last.told = Some(told);
        }
        told
    }

    /// The progress as a job's row has it.
    pub(crate) fn get(&self, elapsed: Option<Duration>) -> JobProgress {
        let last = self.last();
        let Some(told) = last.told else { return JobProgress::default() };
        let (parts, parts_total) = last.fetch.map_or((0, 0), |fetch| (fetch.done, fetch.total));
        JobProgress {
            phase: told.phase.name().to_owned(),
            percent: told.percent(),
            parts,
            parts_total,
            bytes: told.bytes,
            bytes_total: told.bytes_total,
            rows: told.rows,
            rows_per_second: elapsed.and_then(|elapsed| told.rows_per_second(elapsed)),
            eta_seconds: elapsed.and_then(|elapsed| told.eta(elapsed)).map(|eta| eta.as_secs_f64()),
        }
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(phase: Phase, done: u64, total: u64) -> Progress {
        Progress { phase, done, total, ..Progress::default() }
    }

    #[test]
    fn shares_make_a_whole_and_never_go_back() {
        assert_eq!(SHARES.iter().map(|(_, share)| share).sum::<f64>(), 100.0);
        assert_eq!(SHARES.map(|(phase, _)| phase), Phase::ALL);
        let mut last = -1.0;
        for phase in Phase::ALL {
            for done in 0..=4 {
                let percent = at(phase, done, 4).percent();
                assert!(percent >= last, "{phase:?} {done}");
                last = percent;
            }
        }
        assert_eq!(last, 100.0);
        assert_eq!(at(Phase::Fetch, 0, 0).percent(), 2.0);
        let bytes = Progress { bytes: 3, bytes_total: 4, ..at(Phase::Fetch, 1, 100) };
        assert_eq!(bytes.percent(), 2.0 + 66.0);
    }

    #[test]
    fn later_phases_keep_what_was_counted() {
        let (job, told) = (JobId::new(1), Told::default());
        assert_eq!(told.get(None), JobProgress::default());
        told.set(job, Progress { rows: 70, bytes: 7, bytes_total: 9, ..at(Phase::Fetch, 2, 3) });
        // A slower thread has its say later.
        told.set(job, Progress { rows: 30, bytes: 3, bytes_total: 9, ..at(Phase::Fetch, 1, 3) });
        let progress = told.set(job, at(Phase::Finish, 0, 1));
        assert_eq!((progress.job, progress.rows, progress.bytes), (Some(job), 70, 7));
        let row = told.get(Some(Duration::from_secs(2)));
        assert_eq!(
            (row.phase.as_str(), row.parts, row.parts_total, row.rows),
            ("finish", 2, 3, 70)
        );
        assert_eq!(row.rows_per_second, Some(35.0));
    }

    #[test]
    fn the_rest_takes_as_long_as_it_took_so_far() {
        let minute = Duration::from_mins(1);
        assert_eq!(at(Phase::Survey, 0, 1).eta(minute), None);
        assert_eq!(at(Phase::Fetch, 0, 9).eta(minute), None);
        let eta = at(Phase::Fetch, 48, 88).eta(minute).unwrap();
        assert!((eta.as_secs_f64() - 60.0).abs() < 1e-9, "{eta:?}");
        assert_eq!(at(Phase::Publish, 1, 1).eta(minute), Some(Duration::ZERO));
        assert_eq!(at(Phase::Fetch, 1, 9).eta(Duration::ZERO), Some(Duration::ZERO));
    }
}
