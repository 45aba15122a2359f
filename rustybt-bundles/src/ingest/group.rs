//! The parts that go into the same files: rows wait here until the last of them is there.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustybt_data::{Field, MAX_SCALE, RawBars, Sid};

use super::budget::Permit;
use super::chunk::AssetBars;
use super::fetch::lock;
use super::segment::Merged;
use super::spill::{Aside, Spill, SpillFile};
use crate::Error;
use crate::table::Dataset;

/// The parts of one bucket of assets, or of one asset.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) dataset: Dataset,
    /// The bucket or the sid.
    pub(super) part: i64,
    /// Its parts.
    pub(super) members: Vec<usize>,
    /// What tells them, and what they belong to.
    pub(super) told: String,
    state: Mutex<State>,
    writing: Mutex<Writing>,
}

/// How far the files of a group are.
#[derive(Debug, Default)]
struct Writing {
    /// An earlier run of the job has left all of them.
    taken: bool,
    /// Years that are not written yet.
    years: usize,
    merged: Merged,
}

#[derive(Debug)]
struct State {
    /// Parts that are not there yet, and threads that are writing rows of the group to disk.
    waiting: usize,
    held: Held,
}

/// What there is of a group so far.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) gathered: Vec<Gathered>,
    pub(super) aside: Aside,
}

/// The checked rows of one part, in memory.
#[derive(Debug)]
pub(super) struct Gathered {
    /// The part.
    pub(super) at: usize,
    pub(super) asset: AssetBars,
    pub(super) permit: Permit,
}

/// A part of a group, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) sid: Sid,
    /// The part.
    pub(super) at: usize,
    pub(super) symbol: String,
}

impl Member {
    /// No scale holds all numbers of a column.
    pub(super) fn too_many_digits(&self, table: Dataset, field: Field) -> Error {
        Error::TooManyDigits {
            table: table.name().to_owned(),
            symbol: self.symbol.clone(),
            column: field.name(),
            scale: MAX_SCALE,
        }
    }
}

impl Group {
    pub(super) fn new(dataset: Dataset, part: i64, members: Vec<usize>, told: String) -> Self {
        let state = Mutex::new(State { waiting: members.len(), held: Held::default() });
        Self { dataset, part, members, told, state, writing: Mutex::default() }
    }

    /// Its files are there already.
    pub(super) fn take(&self) {
        lock(&self.writing).taken = true;
    }

    /// Whether its files were there already.
    pub(super) fn is_taken(&self) -> bool {
        lock(&self.writing).taken
    }

    /// Its files are of so many years.
    pub(super) fn begin_writing(&self, years: usize) {
        lock(&self.writing).years = years;
    }

    /// A year is written; what became of all of them if it was the last.
    pub(super) fn written(&self, merged: Merged) -> Option<Merged> {
        let mut writing = lock(&self.writing);
        writing.merged.add(merged);
        writing.years = writing.years.saturating_sub(1);
        (writing.years == 0).then(|| std::mem::take(&mut writing.merged))
    }

    /// Keeps the rows of a part in memory, where anybody may put them aside.
    pub(super) fn gather(&self, mut gathered: Gathered) {
        let mut state = self.state();
        gathered.permit.gather(true);
        state.held.gathered.push(gathered);
    }

    /// Writes rows of a part to disk.
    pub(super) fn put_aside(
        &self,
        spill: Spill<'_>,
        member: &Member,
        bars: &RawBars,
        checked: bool,
    ) -> Result<(), Error> {
        let mut file = spill.file()?;
        file.add(member, bars, checked)?;
        self.state().held.aside.add(file);
        Ok(())
    }

    /// Whether rows of a part are on disk.
    pub(super) fn has_aside(&self, member: &Member) -> bool {
        self.state().held.aside.has(member)
    }

    /// Forgets the rows of a part that are on disk.
    pub(super) fn forget(&self, member: &Member) {
        self.state().held.aside.forget(member);
    }

    /// The bytes of the rows that are gathered.
    pub(super) fn gathered_bytes(&self) -> u64 {
        self.state().held.gathered.iter().map(|gathered| gathered.permit.bytes()).sum()
    }

    /// Writes all rows that are in memory to disk, which gives their memory back.
    ///
    /// Returns everything there is where the last part came meanwhile.
    pub(super) fn spill(&self, spill: Spill<'_>) -> Result<Option<Held>, Error> {
        let gathered = {
            let mut state = self.state();
            if state.held.gathered.is_empty() {
                return Ok(None);
            }
            state.waiting += 1;
            let mut gathered = std::mem::take(&mut state.held.gathered);
            for one in &mut gathered {
                one.permit.gather(false);
            }
            gathered
        };
        let file = write(spill, gathered)?;
        self.state().held.aside.add(file);
        Ok(self.done())
    }

    /// One part is done; everything there is if it was the last. That is for nobody else to spill.
    pub(super) fn done(&self) -> Option<Held> {
        let mut state = self.state();
        state.waiting -= 1;
        if state.waiting > 0 {
            return None;
        }
        let mut held = std::mem::take(&mut state.held);
        for one in &mut held.gathered {
            one.permit.gather(false);
        }
        Some(held)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What a thread that died has left behind is whole: it is only ever pushed to or taken.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Puts aside what is in memory, where other rows are on disk.
    pub(super) fn settle(&mut self, spill: Spill<'_>) -> Result<(), Error> {
        if !self.aside.is_empty() && !self.gathered.is_empty() {
            self.aside.add(write(spill, std::mem::take(&mut self.gathered))?);
        }
        Ok(())
    }
}

fn write(spill: Spill<'_>, gathered: Vec<Gathered>) -> Result<SpillFile<'_>, Error> {
    let mut file = spill.file()?;
    for Gathered { at, asset, permit } in gathered {
        let AssetBars { sid, symbol, bars } = asset;
        file.add(&Member { sid, at, symbol }, &bars, true)?;
        drop((bars, permit));
    }
    Ok(file)
}

/// Assets sorted by sid, each once a layer: the first parts of all of them, then the second.
pub(super) fn layers(assets: Vec<AssetBars>) -> Vec<Vec<AssetBars>> {
    let mut layers: Vec<Vec<AssetBars>> = Vec::new();
    let mut previous = None;
    let mut depth = 0;
    for asset in assets {
        depth = if previous == Some(asset.sid) { depth + 1 } else { 0 };
        previous = Some(asset.sid);
        if layers.len() <= depth {
            layers.push(Vec::new());
        }
        if let Some(layer) = layers.get_mut(depth) {
            layer.push(asset);
        }
    }
    layers
}
