//! [`Reason`]: why a date is as it is.

use crate::calendar::Calendar;
use crate::session::Session;

/// Why a date is no session, or an unusual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason<'a> {
    /// What happened to the date.
    pub kind: ReasonKind,
    /// The label of the rule or notice, such as `Good Friday`.
    pub label: &'a str,
    /// Where that can be read, if the file says so.
    pub source: Option<&'a str>,
}

/// What a rule or notice did to a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReasonKind {
    /// The week leaves the day out.
    Week,
    /// A holiday, or a notice, closed it.
    Closed,
    /// It trades although its week leaves it out or a holiday falls on it: a working weekend.
    Added,
    /// It opens later than was regular then.
    LateOpen,
    /// It closes earlier than was regular then.
    EarlyClose,
    /// Its hours differ in another way.
    Hours,
}

impl ReasonKind {
    /// The kind as one word: `week`, `closed`, `added`, `late-open`, `early-close` or `hours`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Closed => "closed",
            Self::Added => "added",
            Self::LateOpen => "late-open",
            Self::EarlyClose => "early-close",
            Self::Hours => "hours",
        }
    }
}

impl std::fmt::Display for ReasonKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Calendar {
    /// Why `date` is closed or unusual: weekends, holidays, notices, working weekends, changed hours.
    ///
    /// `None` for an ordinary session, and outside the years the calendar is [built](Self::built) for.
    ///
    /// ```
    /// # use rustybt_calendars::{ReasonKind, calendar};
    /// let xnys = calendar("XNYS")?;
    /// let reason = |date: &str| xnys.reason(date.parse().unwrap());
    /// assert_eq!(reason("2012-10-29").map(|it| (it.kind, it.label)), Some((ReasonKind::Closed, "Hurricane Sandy")));
    /// assert_eq!(reason("2019-11-29").map(|it| it.kind), Some(ReasonKind::EarlyClose));
    /// assert_eq!(reason("2019-11-30").map(|it| (it.kind, it.label)), Some((ReasonKind::Week, "Saturday")));
    /// assert_eq!(reason("2019-12-02"), None);
    /// # Ok::<(), rustybt_calendars::Error>(())
    /// ```
    pub fn reason(&self, date: Session) -> Option<Reason<'_>> {
        let notes = &self.facts.notes;
        let Ok(position) = notes.binary_search_by_key(&date, |note| note.date) else {
            let (first, last) = self.facts.built;
            let left_out = (first..=last).contains(&date) && !self.is_session(date);
            let label = WEEKDAYS[(date.days().rem_euclid(7) + 3).rem_euclid(7) as usize];
            return left_out.then_some(Reason { kind: ReasonKind::Week, label, source: None });
        };
        let note = notes[position];
        let number = usize::from(note.label);
        let kind = match (self.is_session(date), note.late_open, note.early_close, note.added) {
            (false, ..) => ReasonKind::Closed,
            (_, true, ..) => ReasonKind::LateOpen,
            (_, _, true, _) => ReasonKind::EarlyClose,
            (_, _, _, true) => ReasonKind::Added,
            _ => ReasonKind::Hours,
        };
        let label = self.facts.labels.get(number)?;
        let source = self.facts.sources.get(number).and_then(Option::as_deref);
        Some(Reason { kind, label, source })
    }

    /// The label of the rule or notice that closed `date`, opened it, or changed its hours.
    ///
    /// `None` for an ordinary session and for a date its week leaves out; [`reason`](Self::reason) says more.
    pub fn why(&self, date: Session) -> Option<&str> {
        self.reason(date)
            .filter(|reason| reason.kind != ReasonKind::Week)
            .map(|reason| reason.label)
    }
}

const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
