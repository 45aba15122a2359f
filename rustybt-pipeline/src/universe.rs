//! Who takes part in a run: the assets alive somewhere in it, in ascending order of sid.

use std::ops::Range;

use rustybt_data::{Asset, Sid};

use crate::Axis;
use crate::panel::{Layout, Panel};

/// The columns of every array of a run, and when each of them lives.
#[derive(Debug)]
pub(crate) struct Universe {
    sids: Vec<Sid>,
    lives: Vec<Range<usize>>,
}

impl Universe {
    /// The assets that live on some row of `rows`.
    ///
    /// An asset lives on session N if `start < N <= end`: what is known before N opens is the session before
    /// it, so the first day of an asset has nothing to show yet. Of bars within sessions, it lives from its
    /// second bar on. Where there are `members`, nobody else lives.
    ///
    /// Those of `pinned` take part even where they do not live: somebody asks for their numbers.
    pub(crate) fn new(
        assets: &[Asset],
        axis: &Axis,
        rows: &Range<usize>,
        pinned: &[Sid],
        members: Option<&[Sid]>,
    ) -> Self {
        let (mut sids, mut lives) = (Vec::new(), Vec::new());
        for asset in assets {
            let is_member = members.is_none_or(|members| members.binary_search(&asset.sid).is_ok());
            let life = if is_member { axis.life(asset.start, asset.end) } else { 0..0 };
            let life = life.start.max(rows.start)..life.end.min(rows.end);
            if !life.is_empty() || pinned.contains(&asset.sid) {
                sids.push(asset.sid);
                lives.push(life);
            }
        }
        Self { sids, lives }
    }

    pub(crate) fn sids(&self) -> &[Sid] {
        &self.sids
    }

    pub(crate) fn len(&self) -> usize {
        self.sids.len()
    }

    /// The rows among `rows` on which an asset lives.
    pub(crate) fn life(&self, asset: usize, rows: &Range<usize>) -> Range<usize> {
        let life = self.lives.get(asset).cloned().unwrap_or_default();
        let start = life.start.clamp(rows.start, rows.end);
        start..life.end.clamp(start, rows.end)
    }

    /// Who lives on each of `rows`.
    pub(crate) fn exists(&self, rows: Range<usize>) -> Panel<bool> {
        let assets = self.len();
        let mut values = vec![false; rows.len() * assets];
        for (row, flags) in rows.clone().zip(values.chunks_exact_mut(assets)) {
            for (flag, life) in flags.iter_mut().zip(&self.lives) {
                *flag = life.contains(&row);
            }
        }
        Panel { rows, assets, layout: Layout::BySession, values }
    }
}
