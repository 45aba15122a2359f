//! One reader of several: each asset is asked of the reader that has it.

use std::ops::Range;
use std::sync::Arc;

use crate::{
    AssetClass, AssetFinder, BarReader, Error, ExactColumn, Field, ReindexedBars, Run, Sid,
    SidIndex, Timeline,
};

/// A [`BarReader`] that hands each asset to one of several readers, such as one for each class of
/// assets.
///
/// Readers on other calendars, or of other sessions, are laid on the timeline of the whole.
#[derive(Debug)]
pub struct DispatchedBars {
    timeline: Timeline,
    readers: Vec<Arc<dyn BarReader>>,
    fields: Vec<Field>,
    sids: Vec<Sid>,
    index: SidIndex,
    /// Which reader has each asset, in the order of `sids`.
    owners: Vec<usize>,
}

impl DispatchedBars {
    /// These readers on one timeline; an asset that several of them have is asked of the first.
    ///
    /// # Errors
    ///
    /// [`Error::OtherFrequency`] where a reader has another frequency than the timeline.
    pub fn new(
        timeline: Timeline,
        readers: impl IntoIterator<Item = Arc<dyn BarReader>>,
    ) -> Result<Self, Error> {
        Self::choosing(timeline, readers.into_iter().map(|reader| (reader, None)), |_| true)
    }

    /// A reader for each class of assets: a reader is asked of the assets of its class alone.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn by_class(
        timeline: Timeline,
        finder: &dyn AssetFinder,
        readers: impl IntoIterator<Item = (AssetClass, Arc<dyn BarReader>)>,
    ) -> Result<Self, Error> {
        let readers = readers.into_iter().map(|(class, reader)| (reader, Some(class)));
        Self::choosing(timeline, readers, |(sid, class)| {
            class.is_none_or(|class| finder.asset(sid).is_some_and(|asset| asset.class == class))
        })
    }

    fn choosing(
        timeline: Timeline,
        readers: impl Iterator<Item = (Arc<dyn BarReader>, Option<AssetClass>)>,
        wants: impl Fn((Sid, Option<AssetClass>)) -> bool,
    ) -> Result<Self, Error> {
        let mut kept: Vec<Arc<dyn BarReader>> = Vec::new();
        let mut owned: Vec<(Sid, usize)> = Vec::new();
        for (reader, class) in readers {
            let place = kept.len();
            let sids = reader.sids().iter().filter(|sid| wants((**sid, class)));
            owned.extend(sids.map(|&sid| (sid, place)));
            kept.push(if same(reader.timeline(), &timeline) {
                reader
            } else {
                Arc::new(ReindexedBars::new(reader, timeline.clone())?)
            });
        }
        owned.sort_unstable();
        owned.dedup_by_key(|(sid, _)| *sid);
        let (sids, owners): (Vec<Sid>, Vec<usize>) = owned.into_iter().unzip();
        let has = |field: &Field| {
            !kept.is_empty() && kept.iter().all(|reader| reader.fields().contains(field))
        };
        let fields = Field::ALL.into_iter().filter(has).collect();
        let index = SidIndex::new(sids.iter().copied());
        Ok(Self { timeline, readers: kept, fields, sids, index, owners })
    }

    fn owner(&self, field: Field, sid: Sid) -> Result<&dyn BarReader, Error> {
        if !self.fields.contains(&field) {
            return Err(Error::NoField { field, frequency: self.timeline.frequency() });
        }
        let owner = self.index.position(sid).and_then(|slot| self.owners.get(slot));
        let owner = owner.and_then(|&owner| self.readers.get(owner));
        owner
            .map(AsRef::as_ref)
            .ok_or_else(|| Error::UnknownSid { sid, largest: self.index.largest() })
    }
}

impl BarReader for DispatchedBars {
    fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    fn sids(&self) -> &[Sid] {
        &self.sids
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn run(&self, field: Field, sid: Sid, row: usize) -> Result<Run<'_>, Error> {
        self.owner(field, sid)?.run(field, sid, row)
    }

    fn exact(&self, field: Field, sid: Sid, rows: Range<usize>) -> Result<ExactColumn, Error> {
        self.owner(field, sid)?.exact(field, sid, rows)
    }
}

/// Whether two timelines have the same labels.
fn same(one: &Timeline, other: &Timeline) -> bool {
    one.frequency() == other.frequency()
        && one.calendar().name() == other.calendar().name()
        && one.sessions() == other.sessions()
}
