//! Which contract is traded on which session.
//!
//! 1. The contract in front is the first that has not been closed yet.
//! 2. On a calendar roll it is replaced by the next one in the session in which it is closed.
//! 3. On a volume roll it is replaced on the session after the next one traded more; within seven
//!    sessions of its close, one such session is enough for good.
//! 4. A series is walked backwards from its end, contract by contract, to the last session on which
//!    the earlier contract was still in front.
//!
//! The volumes of a session count from the next session on, and nothing after the end of a series
//! counts at all: zipline's rule, but that zipline finds the contract of a session by a series that
//! reaches ninety sessions beyond it, and that it compares the volumes of contracts at an offset.

use rustybt_calendars::{Calendar, Session};

use super::{Contract, RollStyle};
use crate::Error;

/// Sessions before a contract's close within which it is not taken up again.
const GRACE: usize = 7;

/// A contract by its place in the chain, and the first session of the one after it, by its place
/// among the calendar's; `None` for the last of a series.
pub(super) type Roll = (usize, Option<usize>);

/// Finds rolls in a chain.
pub(super) struct RollFinder<'a, V> {
    pub(super) chain: &'a [Contract],
    pub(super) calendar: &'a Calendar,
    pub(super) style: RollStyle,
    /// The volume of a contract in the session at a place among the calendar's; 0 for none.
    pub(super) volume: V,
}

impl<V: Fn(&Contract, usize) -> Result<f64, Error>> RollFinder<'_, V> {
    /// The contract in front at a session.
    pub(super) fn front(&self, at: usize) -> Result<usize, Error> {
        let session = self.session(at);
        let open = self.chain.iter().position(|contract| contract.auto_close > session);
        let front = open.unwrap_or(self.chain.len().saturating_sub(1));
        match self.next_begun(front, at) {
            Some(back) => self.active(front, back, at),
            None => Ok(front),
        }
    }

    /// The contracts of a series from one session to another, the first one coming first.
    pub(super) fn rolls(&self, start: usize, end: usize) -> Result<Vec<Roll>, Error> {
        let front = self.front(end)?;
        let first = match self.next_begun(front, end) {
            Some(back) => self.active(front, back, end)?,
            None => front,
        };
        let mut rolls: Vec<Roll> = vec![(first, None)];
        let mut earlier = first.checked_sub(if first == front { 1 } else { 2 });
        let (mut session, mut back) = (end, first);
        while let Some(contract) = earlier.filter(|_| session > start) {
            while session > start {
                if self.active(contract, back, session - 1)? != back {
                    rolls.push((contract, Some(session)));
                    back = contract;
                    break;
                }
                session -= 1;
            }
            earlier = contract.checked_sub(1);
            if let Some(closed) = earlier.and_then(|before| self.closing(before)) {
                session = session.min(closed);
            }
        }
        rolls.reverse();
        Ok(rolls)
    }

    /// Which of two contracts is traded in a session.
    fn active(&self, front: usize, back: usize, at: usize) -> Result<usize, Error> {
        let contracts = self.chain.get(front).zip(self.chain.get(back));
        let Some((one, other)) = contracts else { return Ok(front) };
        let session = self.session(at);
        if self.style == RollStyle::Calendar {
            return Ok(if session < one.auto_close { front } else { back });
        }
        let Some(before) = at.checked_sub(1) else { return Ok(front) };
        let yesterday = self.session(before);
        let over = |contract: &Contract| session > contract.auto_close.min(contract.end);
        if over(one) || one.start > yesterday {
            return Ok(back);
        }
        if over(other) || other.start > yesterday {
            return Ok(front);
        }
        if self.leads(other, one, before)? {
            return Ok(back);
        }
        let closed = self.closing(front).unwrap_or(usize::MAX);
        let begun = self.calendar.index_at_or_after(other.start).unwrap_or(usize::MAX);
        let grace = closed.saturating_sub(GRACE).max(begun);
        if at >= grace {
            for day in grace..before {
                if self.leads(other, one, day)? {
                    return Ok(back);
                }
            }
        }
        Ok(front)
    }

    fn leads(&self, back: &Contract, front: &Contract, at: usize) -> Result<bool, Error> {
        Ok((self.volume)(back, at)? > (self.volume)(front, at)?)
    }

    /// The contract after another one, if it has begun.
    fn next_begun(&self, contract: usize, at: usize) -> Option<usize> {
        let session = self.session(at);
        let begun = |next: &Contract| next.start <= session;
        self.chain.get(contract + 1).is_some_and(begun).then_some(contract + 1)
    }

    /// The session in which positions in a contract are closed, or the first after that day.
    fn closing(&self, contract: usize) -> Option<usize> {
        self.calendar.index_at_or_after(self.chain.get(contract)?.auto_close)
    }

    fn session(&self, at: usize) -> Session {
        self.calendar.session_at(at).unwrap_or_else(|| self.calendar.last_session())
    }
}
