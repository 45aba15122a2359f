//! Where daily bars and the minutes of the same days do not agree.

use rustybt_calendars::Session;

use crate::resample::merged;
use crate::{BarReaderExt, DataPortal, Error, Field, Sid};

/// A value of a daily bar that is not what the minutes of its session make.
///
/// Often both are right: an auction may be part of the one and not of the other. Nothing decides
/// between them: days come from the daily bars, and so do weeks and months, everything shorter from
/// the minutes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The session.
    pub session: Session,
    /// What differs.
    pub field: Field,
    /// What the daily bar says; missing as in [`Field::missing`].
    pub daily: f64,
    /// What the minutes of the session make.
    pub minutes: f64,
}

impl DataPortal {
    /// Where an asset's daily bars differ from what its minutes make, in the sessions from `start`
    /// to `end` that both tables cover and both within the asset's life.
    ///
    /// Sessions of which one of them has no bar are not compared. Raw values are, and have to be
    /// equal; sums to nine digits.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSid`], and as [`BarReader::run`](crate::BarReader::run).
    pub fn differences(
        &self,
        sid: Sid,
        start: Session,
        end: Session,
    ) -> Result<Vec<Difference>, Error> {
        let slot = self.slot(sid)?;
        let (daily, minute) = (&self.daily, self.minute.as_ref());
        let Some(minute) = minute.filter(|_| !slot.daily.is_empty() && !slot.minute.is_empty())
        else {
            return Ok(Vec::new());
        };
        let has = |field: &&Field| {
            daily.reader.fields().contains(field) && minute.reader.fields().contains(field)
        };
        // A mean of means is not the mean to the last bit.
        let fields = Field::ALL.iter().filter(|field| **field != Field::Vwap).filter(has);
        let fields: Vec<Field> = fields.copied().collect();
        let rows = daily.timeline.rows_between(start.max(slot.start), end.min(slot.end));
        let mut found = Vec::new();
        for row in rows {
            let Some(session) = daily.timeline.session(row) else { continue };
            let Some(minutes) = minute.timeline.rows_of_session(session) else { continue };
            let read = |field| -> Result<(f64, f64), Error> {
                let rows = minutes.clone();
                let minutes = merged(minute.reader.as_ref(), field, sid, rows)?;
                Ok((daily.reader.value(field, sid, row)?, minutes))
            };
            let (day, made) = read(Field::Close)?;
            if day.is_nan() || made.is_nan() {
                continue;
            }
            for &field in &fields {
                let (daily, minutes) = read(field)?;
                let near = if field.is_price() { 0.0 } else { 1e-9 * daily.abs() };
                let same = (daily - minutes).abs() <= near || (daily.is_nan() && minutes.is_nan());
                if !same {
                    found.push(Difference { session, field, daily, minutes });
                }
            }
        }
        Ok(found)
    }
}
