//! [`Step`]: the named steps of everything that changes a store.

/// A point that an ingest, a compaction or a clean-up passes.
///
/// Each is told to [`Vfs::reached`](crate::vfs::Vfs::reached) *before* its effect, except those
/// whose name says otherwise. A process may die at every one of them: the tests enumerate
/// [`ALL`](Self::ALL) and kill one there, and a step that nothing reaches fails them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Step {
    /// The writer's lock of the bundle is about to be taken.
    LeaseFlock,
    /// The job is about to be written down.
    JobCreate,
    /// A part is about to be fetched from the source.
    FetchPage,
    /// A data file is about to be written below `staging/`.
    StageWrite,
    /// A data file was written in part. Reached by each file, between its halves.
    StageShort,
    /// A staged file is about to be synced.
    StageFsync,
    /// A staged file, whole, is about to get its name.
    StageRename,
    /// The staging folder is about to be synced.
    StageDirsync,
    /// What is staged is about to be written down as a point to resume from.
    JobChunk,
    /// What was fetched is about to be judged as a whole.
    Validate,
    /// The files that are about to be moved are about to be written down.
    PublishAnnounce,
    /// A staged file is about to be moved below `data/`.
    PublishLink,
    /// A folder below `data/` is about to be synced.
    PublishDirsync,
    /// The publishing transaction is about to begin.
    CommitBegin,
    /// The publishing transaction is about to be committed.
    CommitBefore,
    /// The version is published.
    CommitAfter,
    /// The staging folder is about to be removed.
    GcStaging,
    /// A file that a dead ingest left below `data/` is about to be removed.
    GcOrphan,
    /// The transaction that drops versions is about to be committed.
    GcExpire,
    /// A file that no version has any more is about to be deleted.
    GcUnlink,
    /// Files that are deleted are about to be forgotten.
    GcForget,
}

impl Step {
    /// Every step, in the order of an ingest.
    pub const ALL: &[Self] = &[
        Self::LeaseFlock,
        Self::JobCreate,
        Self::FetchPage,
        Self::StageWrite,
        Self::StageShort,
        Self::StageFsync,
        Self::StageRename,
        Self::StageDirsync,
        Self::JobChunk,
        Self::Validate,
        Self::PublishAnnounce,
        Self::PublishLink,
        Self::PublishDirsync,
        Self::CommitBegin,
        Self::CommitBefore,
        Self::CommitAfter,
        Self::GcStaging,
        Self::GcOrphan,
        Self::GcExpire,
        Self::GcUnlink,
        Self::GcForget,
    ];

    /// Its name: `stage.fsync`.
    pub fn name(self) -> &'static str {
        match self {
            Self::LeaseFlock => "lease.flock",
            Self::JobCreate => "job.create",
            Self::FetchPage => "fetch.page",
            Self::StageWrite => "stage.write",
            Self::StageShort => "stage.short",
            Self::StageFsync => "stage.fsync",
            Self::StageRename => "stage.rename",
            Self::StageDirsync => "stage.dirsync",
            Self::JobChunk => "job.chunk",
            Self::Validate => "validate",
            Self::PublishAnnounce => "publish.announce",
            Self::PublishLink => "publish.link",
            Self::PublishDirsync => "publish.dirsync",
            Self::CommitBegin => "commit.begin",
            Self::CommitBefore => "commit.before",
            Self::CommitAfter => "commit.after",
            Self::GcStaging => "gc.staging",
            Self::GcOrphan => "gc.orphan",
            Self::GcExpire => "gc.expire",
            Self::GcUnlink => "gc.unlink",
            Self::GcForget => "gc.forget",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_the_list_is_in_order() {
        let names: BTreeSet<_> = Step::ALL.iter().map(|step| step.name()).collect();
        assert_eq!(names.len(), Step::ALL.len());
        assert!(Step::ALL.is_sorted());
    }
}
