//! What happened to an asset, and what it does to earlier values, as seen from a view.

use rustybt_calendars::{Session, Timestamp};

use super::BarData;
use crate::{Action, Adjustment, Error, Exact, Field, Quote, Sid};

impl<'p> BarData<'p> {
    /// What a raw value of an earlier session is multiplied by as seen now: the product of the
    /// factors of the events after it, up to today, that are known.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSid`], and as [`BarReader::run`](crate::BarReader::run) for the closes that
    /// events take.
    pub fn adjustment(&self, sid: Sid, field: Field, of: Session) -> Result<f64, Error> {
        self.seen(self.portal.slot(sid)?, field, of, 1.0)
    }

    /// What [`current`](Self::current) was at an earlier instant, in units of now.
    ///
    /// # Errors
    ///
    /// As [`current`](Self::current); [`Error::NotKnown`] for an instant after now.
    pub fn adjusted_value(
        &self,
        sid: Sid,
        quote: impl Into<Quote>,
        at: Timestamp,
    ) -> Result<f64, Error> {
        if at > self.now {
            return Err(Error::NotKnown { at, now: self.now });
        }
        let quote = quote.into();
        let past = self.portal.at(at, self.clocking).adjusted(crate::AdjustMode::None);
        let slot = self.portal.slot(sid)?;
        let value = past.current(sid, quote)?;
        let of = match quote {
            Quote::Price => past.last_close(slot, past.rows)?.map(|(session, _)| session),
            Quote::Field(_) => None,
        };
        self.seen(slot, quote.field(), of.unwrap_or(past.last), value)
    }

    /// What happened to an asset after a session and up to today, as far as it is known, in the
    /// order of the days from which it acts.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSid`].
    pub fn events(&self, sid: Sid, after: Session) -> Result<Vec<&'p Adjustment>, Error> {
        let slot = self.portal.slot(sid)?;
        let acts = |event: &Adjustment| {
            let index = self.calendar().index_at_or_after(event.effective)?;
            self.calendar().sessions().get(index).copied()
        };
        let events = self.portal.adjustments().adjustments(slot.sid).iter();
        let seen = events.filter(|event| {
            acts(event).is_some_and(|from| after < from && from <= self.session)
                && event.known.is_none_or(|known| known <= self.now)
        });
        Ok(seen.collect())
    }

    /// The assets among these that split today, with the factor of earlier prices: `old / new`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSid`].
    pub fn splits(&self, sids: &[Sid]) -> Result<Vec<(Sid, f64)>, Error> {
        self.today(sids, |action| match action {
            Action::Split { new, old } => Some(*old as f64 / *new as f64),
            _ => None,
        })
    }

    /// The assets among these that trade without a cash dividend from today on, with what is paid
    /// for a unit.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSid`].
    pub fn dividends(&self, sids: &[Sid]) -> Result<Vec<(Sid, Exact)>, Error> {
        self.today(sids, |action| match action {
            Action::Dividend { amount, .. } => Some(*amount),
            _ => None,
        })
    }

    fn today<T>(
        &self,
        sids: &[Sid],
        pick: impl Fn(&Action) -> Option<T>,
    ) -> Result<Vec<(Sid, T)>, Error> {
        let yesterday = self.calendar().previous_session(self.session);
        let yesterday = yesterday.unwrap_or(self.session.plus_days(-1));
        let mut found = Vec::new();
        for &sid in sids {
            let events = self.events(sid, yesterday)?;
            found.extend(events.iter().filter_map(|event| Some((sid, pick(&event.action)?))));
        }
        Ok(found)
    }
}
