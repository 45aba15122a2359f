//! From an identifier to a position, without hashing.

use crate::Sid;

/// Finds the position of a sid in an ascending list of sids.
///
/// Sids are mostly dense, so that one load answers; where they are scattered, a binary search does.
///
/// ```
/// use rustybt_data::{Sid, SidIndex};
///
/// let index = SidIndex::new([Sid(3), Sid(7), Sid(4_000_000_000)]);
/// assert_eq!(index.position(Sid(7)), Some(1));
/// assert_eq!(index.position(Sid(4)), None);
/// ```
#[derive(Debug, Clone)]
pub struct SidIndex(Form);

#[derive(Debug, Clone)]
enum Form {
    /// The position at each sid, [`NOWHERE`] where there is none.
    Dense(Vec<u32>),
    Scattered(Vec<Sid>),
}

const NOWHERE: u32 = u32::MAX;

impl SidIndex {
    /// An index of these sids, which ascend.
    pub fn new(sids: impl IntoIterator<Item = Sid>) -> Self {
        let sids: Vec<Sid> = sids.into_iter().collect();
        let room = sids.last().map_or(0, |last| last.index() + 1);
        // Four bytes a sid up to the largest: worth it while most of them are used.
        if room > 16 * sids.len() + 4096 {
            return Self(Form::Scattered(sids));
        }
        let mut positions = vec![NOWHERE; room];
        for (position, sid) in (0_u32..).zip(&sids) {
            if let Some(place) = positions.get_mut(sid.index()) {
                *place = position;
            }
        }
        Self(Form::Dense(positions))
    }

    /// The position of a sid in the list.
    #[inline]
    pub fn position(&self, sid: Sid) -> Option<usize> {
        match &self.0 {
            Form::Dense(positions) => match positions.get(sid.index()) {
                Some(&position) if position != NOWHERE => Some(position as usize),
                _ => None,
            },
            Form::Scattered(sids) => sids.binary_search(&sid).ok(),
        }
    }

    /// The largest sid.
    pub fn largest(&self) -> Option<Sid> {
        match &self.0 {
            Form::Dense(positions) => positions.len().checked_sub(1).map(|last| Sid(last as u32)),
            Form::Scattered(sids) => sids.last().copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_and_scattered_agree() {
        let dense: Vec<Sid> = (0..5000).filter(|i| i % 3 != 0).map(Sid).collect();
        let scattered: Vec<Sid> = dense.iter().map(|sid| Sid(sid.0 * 800_000)).collect();
        for sids in [&dense, &scattered, &Vec::new()] {
            let index = SidIndex::new(sids.iter().copied());
            for (position, &sid) in sids.iter().enumerate() {
                assert_eq!(index.position(sid), Some(position));
                assert_eq!(
                    index.position(Sid(sid.0 + 1)),
                    sids.binary_search(&Sid(sid.0 + 1)).ok()
                );
            }
            assert_eq!(index.largest(), sids.last().copied());
        }
    }
}
