//! What earlier runs of the job have left is taken; what this one has is left for the next.

use super::fetch::{Fetch, lock};
use super::group::Group;
use super::points::{self, Point};
use super::scales::TableScales;
use super::segment::Merged;

impl Fetch<'_> {
    /// Takes every group of which an earlier run has left all files.
    pub(super) fn resume(&self) {
        let base = self.order.bench.origin.base();
        for group in &self.groups {
            let key = points::key(group.dataset, group.part);
            let Some(point) = self.order.points.take::<Point>(&key, &group.told, base) else {
                continue;
            };
            if point.outcomes.len() != group.members.len() {
                continue;
            }
            if let Some(table) = self.table(group.dataset) {
                table.grow(point.needs);
            }
            let (mut bytes, mut rows) = (0, 0);
            for (&at, outcome) in group.members.iter().zip(point.outcomes) {
                bytes += self.order.parts.get(at).map_or(0, |part| part.bytes);
                rows += outcome.rows;
                if let Some(place) = lock(&self.outcomes).get_mut(at) {
                    *place = outcome;
                }
            }
            lock(&self.merged).add(point.merged);
            group.take();
            self.order.tally.add(group.members.len() as u64, bytes, rows);
        }
    }

    /// One year of a group is written, or a group that has no year; leaves a point where it was
    /// the last.
    pub(super) fn written(&self, group: &Group, merged: Merged) {
        let Some(merged) = group.written(merged) else { return };
        let kept = |&at: &usize| {
            lock(&self.outcomes).get(at).is_none_or(|outcome| outcome.rejected.is_in_memory())
        };
        if !group.members.iter().all(kept) {
            // What was refused goes with this run: the parts are fetched again.
            lock(&self.merged).add(merged);
            return;
        }
        self.order.bench.staging.leave(points::key(group.dataset, group.part), || {
            let outcomes = lock(&self.outcomes);
            let outcome = |&at: &usize| outcomes.get(at).cloned().unwrap_or_default();
            Point {
                members: group.told.clone(),
                base: self.order.bench.origin.base(),
                needs: self.table(group.dataset).map(TableScales::needs).unwrap_or_default(),
                outcomes: group.members.iter().map(outcome).collect(),
                merged: merged.clone(),
            }
        });
        lock(&self.merged).add(merged);
    }
}
