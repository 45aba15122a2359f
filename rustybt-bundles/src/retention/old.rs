//! [`Old`]: which versions are old enough to go.

use rustybt_calendars::Timestamp;

use crate::catalog::Candidate;

/// Which versions are old enough to go: those for which everything holds that is said here.
///
/// Where nothing is said, none is. Whatever is said, the newest version of a bundle stays, as do
/// pinned ones and those that somebody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Old {
    /// It is not among so many newest ones.
    pub keep_last: Option<u64>,
    /// It was made before this moment.
    pub before: Option<Timestamp>,
    /// It was made after this moment.
    pub after: Option<Timestamp>,
}

impl Old {
    /// Whether nothing is said, so that no version is old.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Those of some versions, oldest first, that are old.
    pub(crate) fn among<'a>(&self, versions: &'a [Candidate]) -> Vec<&'a Candidate> {
        if self.is_nothing() {
            return Vec::new();
        }
        let recent = self.keep_last.map_or(0, |keep| usize::try_from(keep).unwrap_or(usize::MAX));
        let others = versions.len().saturating_sub(recent);
        versions
            .iter()
            .take(others)
            .filter(|it| self.before.is_none_or(|before| it.created < before))
            .filter(|it| self.after.is_none_or(|after| it.created > after))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(old: Old) -> Vec<u64> {
        let versions: Vec<Candidate> = [(1, 10), (2, 20), (4, 30), (5, 40)]
            .map(|(version, second)| Candidate {
                version,
                snapshot: version,
                created: Timestamp::from_seconds(second),
                pins: Vec::new(),
            })
            .into();
        old.among(&versions).into_iter().map(|it| it.version).collect()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    const NONE: [u64; 0] = [];

    #[test]
    fn every_condition_narrows() {
        let all = Old::default();
        assert_eq!(chosen(all), NONE);
        assert_eq!(chosen(Old { keep_last: Some(2), ..all }), [1, 2]);
        assert_eq!(chosen(Old { keep_last: Some(0), ..all }), [1, 2, 4, 5]);
        assert_eq!(chosen(Old { keep_last: Some(u64::MAX), ..all }), NONE);
        assert_eq!(chosen(Old { before: Some(at(30)), ..all }), [1, 2]);
        assert_eq!(chosen(Old { after: Some(at(20)), ..all }), [4, 5]);
        assert_eq!(chosen(Old { after: Some(at(10)), before: Some(at(40)), ..all }), [2, 4]);
        assert_eq!(
            chosen(Old { after: Some(at(20)), before: Some(at(20)), keep_last: None }),
            NONE
        );
        assert_eq!(
            chosen(Old { after: Some(at(40)), before: Some(at(10)), keep_last: None }),
            NONE
        );
        assert_eq!(chosen(Old { keep_last: Some(3), before: Some(at(99)), after: None }), [1]);
    }
}
