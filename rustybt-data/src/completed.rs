//! Daily bars, completed by days made of minutes where an asset has minutes alone.

use std::ops::Range;
use std::sync::Arc;

use crate::{
    BarReader, Error, ExactColumn, Field, Frequency, ResampledBars, Run, Sid, SidIndex, Timeline,
};

/// A [`BarReader`] of the days of two readers: the daily bars of the assets that have some, and the
/// days that the minutes of all others make.
///
/// It covers the sessions of both. The daily bars are lent as they are.
#[derive(Debug)]
pub struct CompletedDays {
    timeline: Timeline,
    daily: Part,
    made: Part,
    has_daily: SidIndex,
    sids: Vec<Sid>,
    fields: Vec<Field>,
}

/// A reader of days, and the row that its first one has among all.
#[derive(Debug)]
struct Part {
    reader: Arc<dyn BarReader>,
    first: usize,
}

impl CompletedDays {
    /// These daily bars, and days of these minutes of every other asset.
    ///
    /// # Errors
    ///
    /// [`Error::OtherFrequency`] where daily bars are none, or minutes do not lie within sessions;
    /// [`Error::OtherCalendar`] where the two lie on different calendars.
    pub fn new(daily: Arc<dyn BarReader>, minute: Arc<dyn BarReader>) -> Result<Self, Error> {
        let (days, minutes) = (daily.timeline(), minute.timeline());
        if days.frequency() != Frequency::DAILY {
            let found = days.frequency();
            return Err(Error::OtherFrequency { expected: "daily bars", found });
        }
        if !minutes.frequency().is_intraday() {
            let found = minutes.frequency();
            return Err(Error::OtherFrequency { expected: "bars within sessions", found });
        }
        if days.calendar().name() != minutes.calendar().name() {
            return Err(Error::OtherCalendar {
                frequency: minutes.frequency(),
                found: minutes.calendar().name().to_owned(),
                expected: days.calendar().name().to_owned(),
            });
        }
        let edges = |timeline: &Timeline| {
            let sessions = timeline.sessions();
            sessions.first().copied().zip(sessions.last().copied())
        };
        let timeline = match edges(days).zip(edges(minutes)) {
            Some(((a, b), (c, d))) => {
                Timeline::daily(Arc::clone(days.calendar()), a.min(c), b.max(d))?
            }
            None => days.clone(),
        };
        let place = |reader: Arc<dyn BarReader>| {
            let first = reader.timeline().sessions().first();
            let first = first.and_then(|&first| timeline.row_of_session(first)).unwrap_or(0);
            Part { reader, first }
        };
        let mut sids: Vec<Sid> = daily.sids().iter().chain(minute.sids()).copied().collect();
        sids.sort_unstable();
        sids.dedup();
        let has = |field: &Field| [&daily, &minute].iter().any(|r| r.fields().contains(field));
        let fields = Field::ALL.into_iter().filter(has).collect();
        let has_daily = SidIndex::new(daily.sids().iter().copied());
        let made = place(Arc::new(ResampledBars::days(minute)));
        Ok(Self { daily: place(daily), made, has_daily, sids, fields, timeline })
    }

    /// Whether there are minutes of an asset that has no daily bars.
    pub(crate) fn is_needed(daily: &dyn BarReader, minute: &dyn BarReader) -> bool {
        let known = daily.sids();
        minute.sids().iter().any(|sid| known.binary_search(sid).is_err())
    }

    /// Whose days an asset's are.
    fn part(&self, sid: Sid) -> Result<&Part, Error> {
        if self.has_daily.position(sid).is_some() {
            Ok(&self.daily)
        } else if self.sids.binary_search(&sid).is_ok() {
            Ok(&self.made)
        } else {
            Err(Error::UnknownSid { sid, largest: self.sids.last().copied() })
        }
    }

    fn out_of_range(&self, rows: Range<usize>) -> Error {
        Error::OutOfRange {
            start: rows.start,
            end: rows.end,
            rows: self.timeline.len(),
            frequency: self.timeline.frequency(),
        }
    }

    fn check(&self, field: Field) -> Result<(), Error> {
        if self.fields.contains(&field) {
            return Ok(());
        }
        Err(Error::NoField { field, frequency: self.timeline.frequency() })
    }
}

impl Part {
    /// Whether it tells a field at all.
    fn tells(&self, field: Field) -> bool {
        self.reader.fields().contains(&field)
    }

    /// Its own row of a row of all.
    fn row(&self, row: usize) -> Option<usize> {
        let own = row.checked_sub(self.first)?;
        (own < self.reader.timeline().len()).then_some(own)
    }
}

impl BarReader for CompletedDays {
    fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    fn sids(&self) -> &[Sid] {
        &self.sids
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    #[inline]
    fn run(&self, field: Field, sid: Sid, row: usize) -> Result<Run<'_>, Error> {
        let part = self.part(sid)?;
        self.check(field)?;
        match part.row(row).filter(|_| part.tells(field)) {
            Some(own) => {
                let run = part.reader.run(field, sid, own)?;
                Ok(Run { first: run.first + part.first, values: run.values })
            }
            None if row < self.timeline.len() => Ok(Run::empty(row)),
            None => Err(self.out_of_range(row..row + 1)),
        }
    }

    fn exact(&self, field: Field, sid: Sid, rows: Range<usize>) -> Result<ExactColumn, Error> {
        let part = self.part(sid)?;
        self.check(field)?;
        if rows.start > rows.end || rows.end > self.timeline.len() {
            return Err(self.out_of_range(rows));
        }
        let past = part.first + part.reader.timeline().len();
        let (start, end) = (rows.start.max(part.first), rows.end.min(past));
        let mut column = ExactColumn::default();
        if start < end && part.tells(field) {
            column = part.reader.exact(field, sid, start - part.first..end - part.first)?;
            column.mantissas_mut().prepend_missing(start - rows.start);
        }
        column.mantissas_mut().resize(rows.len());
        Ok(column)
    }
}
