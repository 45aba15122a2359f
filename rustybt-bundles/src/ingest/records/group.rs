//! The parts of a table that go into the same files: their rows wait here until the last of them is
//! there.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};

use serde::{Deserialize, Serialize};

use super::super::budget::Permit;
use super::super::fetch::lock;
use super::super::segment::Counts;
use super::super::stage::Staging;
use super::StagedRows;
use super::rows::{Rows, Run, RunFile};
use crate::Error;
use crate::format::ColumnSpec;
use crate::records::RecordSet;

/// A part and a period of a table.
pub(super) type Place = (i64, i64);

/// The parts of one asset, or of a whole table.
#[derive(Debug)]
pub(super) struct Group {
    /// The asset's sid, or 0.
    pub(super) number: i64,
    /// Its parts.
    pub(super) parts: Vec<usize>,
    /// The symbol of the asset.
    pub(super) symbol: String,
    /// What tells the parts, and what they belong to.
    pub(super) told: String,
    state: Mutex<State>,
    writing: Mutex<Writing>,
}

#[derive(Debug)]
struct State {
    /// Parts that are not there yet, and threads that are writing rows of the group to disk.
    waiting: usize,
    gathered: Vec<PartRows>,
}

/// How far the files of a group are.
#[derive(Debug, Default)]
struct Writing {
    /// An earlier run of the job has left all of them.
    taken: bool,
    /// Places that are not written yet.
    places: usize,
    files: Vec<PathBuf>,
    written: Written,
}

/// What became of the rows of a group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Written {
    #[serde(skip)]
    pub(super) staged: Vec<StagedRows>,
    pub(super) replaced: Vec<i64>,
    pub(super) repaired: Vec<PathBuf>,
    pub(super) counts: Counts,
}

impl Written {
    /// With what became of other rows.
    pub(super) fn add(&mut self, other: Self) {
        self.staged.extend(other.staged);
        self.replaced.extend(other.replaced);
        self.repaired.extend(other.repaired);
        self.counts.new += other.counts.new;
        self.counts.changed += other.counts.changed;
        self.counts.unchanged += other.counts.unchanged;
    }
}

/// The checked rows of one part.
#[derive(Debug)]
pub(super) struct PartRows {
    /// The part.
    pub(super) at: usize,
    /// The columns that its rows have by now.
    pub(super) specs: Vec<ColumnSpec>,
    /// Those in memory, by place, in the order in which they came; each sorted by stamp.
    pub(super) memory: BTreeMap<Place, Vec<Rows>>,
    /// Those on disk, which came before.
    pub(super) disk: Vec<(Place, Run)>,
    pub(super) files: Vec<PathBuf>,
    /// The memory that they hold.
    pub(super) permit: Permit,
}

impl PartRows {
    /// The bytes of its rows in memory.
    pub(super) fn memory(&self) -> u64 {
        self.memory.values().flatten().map(Rows::memory).sum()
    }

    /// Writes the rows in memory to disk. Their bytes are for the caller to give back.
    pub(super) fn put_aside(&mut self, staging: &Staging, set: RecordSet) -> Result<(), Error> {
        if self.memory.is_empty() {
            return Ok(());
        }
        let mut file = RunFile::begin(staging)?;
        for (place, rows) in std::mem::take(&mut self.memory) {
            let mut rows = rows.into_iter();
            let Some(mut all) = rows.next() else { continue };
            for later in rows {
                // What a part's columns are only grows, so that they hold all of it.
                match all.append(later, &self.specs) {
                    Some(both) => all = both,
                    None => return Err(Error::corrupt(staging.folder(), "rows do not fit")),
                }
            }
            self.disk.push((place, Run::Disk(file.add(set, &all.sorted(set))?)));
        }
        self.files.push(file.end());
        Ok(())
    }
}

impl Group {
    pub(super) fn new(number: i64, parts: Vec<usize>, symbol: String, told: String) -> Self {
        let state = State { waiting: parts.len(), gathered: Vec::new() };
        let (state, writing) = (Mutex::new(state), Mutex::default());
        Self { number, parts, symbol, told, state, writing }
    }

    /// Its files are there already.
    pub(super) fn take(&self) {
        lock(&self.writing).taken = true;
    }

    /// Whether its files were there already.
    pub(super) fn is_taken(&self) -> bool {
        lock(&self.writing).taken
    }

    /// Keeps the rows of a part, where anybody may put them aside.
    pub(super) fn gather(&self, mut rows: PartRows) {
        let mut state = self.state();
        rows.permit.gather(true);
        state.gathered.push(rows);
    }

    /// The bytes of the rows that are in memory.
    pub(super) fn gathered_bytes(&self) -> u64 {
        self.state().gathered.iter().map(|rows| rows.permit.bytes()).sum()
    }

    /// Writes all rows that are in memory to disk, which gives their memory back.
    ///
    /// Returns everything there is where the last part came meanwhile.
    pub(super) fn spill(
        &self,
        staging: &Staging,
        set: RecordSet,
    ) -> Result<Option<Vec<PartRows>>, Error> {
        let mut gathered = {
            let mut state = self.state();
            if state.gathered.iter().all(|rows| rows.permit.bytes() == 0) {
                return Ok(None);
            }
            state.waiting += 1;
            let mut gathered = std::mem::take(&mut state.gathered);
            for rows in &mut gathered {
                rows.permit.gather(false);
            }
            gathered
        };
        for rows in &mut gathered {
            rows.put_aside(staging, set)?;
            rows.permit.set(0);
        }
        self.state().gathered.append(&mut gathered);
        Ok(self.done())
    }

    /// One part is done; everything there is if it was the last. That is for nobody else to spill.
    pub(super) fn done(&self) -> Option<Vec<PartRows>> {
        let mut state = self.state();
        state.waiting -= 1;
        if state.waiting > 0 {
            return None;
        }
        let mut gathered = std::mem::take(&mut state.gathered);
        for rows in &mut gathered {
            rows.permit.gather(false);
        }
        // In the order of the source, whichever came first.
        gathered.sort_by_key(|rows| rows.at);
        Some(gathered)
    }

    /// Its files are of so many places; when they are written, these go.
    pub(super) fn begin_writing(&self, places: usize, files: Vec<PathBuf>) {
        let mut writing = lock(&self.writing);
        (writing.places, writing.files) = (places, files);
    }

    /// A place is written; what became of all of them if it was the last, and files that nobody
    /// needs any more.
    pub(super) fn written(&self, written: Written) -> Option<(Written, Vec<PathBuf>)> {
        let mut writing = lock(&self.writing);
        writing.written.add(written);
        writing.places = writing.places.saturating_sub(1);
        let files = |writing: &mut Writing| std::mem::take(&mut writing.files);
        (writing.places == 0).then(|| (std::mem::take(&mut writing.written), files(&mut writing)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}
