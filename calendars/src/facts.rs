//! [`Facts`]: what a calendar knows, before the tables that make it fast.

use std::ops::Range;

use chrono_tz::Tz;

use crate::session::Session;
use crate::timestamp::Timestamp;

/// Sessions with their hours and reasons. Never empty, ascending, aligned.
#[derive(Clone)]
pub(crate) struct Facts {
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) zone: Tz,
    pub(crate) verified: Option<(Session, Session)>,
    pub(crate) sessions: Vec<Session>,
    /// Minutes since 1970-01-01T00:00Z, one per session; so are `closes`.
    pub(crate) opens: Vec<i32>,
    pub(crate) closes: Vec<i32>,
    /// All breaks, in order, and for each session where its own begin: `break_start[i]..break_start[i + 1]`;
    /// empty if there are no breaks.
    pub(crate) breaks: Vec<(Timestamp, Timestamp)>,
    pub(crate) break_start: Vec<u32>,
    /// Dates that something closed, opened or changed, ascending, with what did.
    pub(crate) notes: Vec<Note>,
    /// The labels of rules and notices that notes refer to.
    pub(crate) labels: Vec<String>,
    /// Where the facts behind each label can be read.
    pub(crate) sources: Vec<Option<String>>,
    /// First and last date worked out.
    pub(crate) built: (Session, Session),
}

/// What happened to one date, and the label of what did it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Note {
    pub(crate) date: Session,
    pub(crate) label: u16,
    pub(crate) early_close: bool,
    pub(crate) late_open: bool,
    /// Whether a notice made it a session.
    pub(crate) added: bool,
}

impl Facts {
    pub(crate) fn breaks_of(&self, index: usize) -> &[(Timestamp, Timestamp)] {
        let start = |index| Some(*self.break_start.get(index)? as usize);
        match (start(index), start(index.saturating_add(1))) {
            (Some(from), Some(to)) => &self.breaks[from..to],
            _ => &[],
        }
    }

    /// How many breaks the sessions before position `index` have.
    pub(crate) fn breaks_before(&self, index: usize) -> u32 {
        self.break_start.get(index).copied().unwrap_or(0)
    }

    /// The sessions at the positions `range`, which is not empty, with all that belongs to them.
    pub(crate) fn part(&self, range: Range<usize>) -> Self {
        let sessions = self.sessions[range.clone()].to_vec();
        let starts = self.break_start.get(range.start..=range.end).unwrap_or_default();
        let (first_break, last_break) =
            (self.breaks_before(range.start), self.breaks_before(range.end));
        let dates = sessions[0]..=sessions[range.len() - 1];
        Self {
            opens: self.opens[range.clone()].to_vec(),
            closes: self.closes[range].to_vec(),
            breaks: self.breaks[first_break as usize..last_break as usize].to_vec(),
            break_start: starts.iter().map(|start| start - first_break).collect(),
            built: (*dates.start(), *dates.end()),
            notes: self.notes.iter().filter(|note| dates.contains(&note.date)).copied().collect(),
            sessions,
            ..self.clone()
        }
    }
}
