//! Which bars a history shows, and of which stored rows they are made.

use std::ops::Range;

use rustybt_calendars::{Session, Side, Timestamp};

use crate::lookback::{Lookback, too_short};
use crate::portal::{Slot, Table};
use crate::resample::{merge_bars, merge_exact, weigh};
use crate::{
    BarData, Clocking, Error, ExactColumn, Field, Frequency, HistoryQuery, Quote, Timeline,
};

/// The bars of a history.
pub(super) struct Shown<'a, 'p> {
    data: &'a BarData<'p>,
    table: &'a Table,
    /// The labels of the stored rows: the table's, or those that reach further.
    timeline: &'a Timeline,
    is_daily: bool,
    /// The stored rows, and today's where it is the last of them.
    stored: Range<usize>,
    today: Option<usize>,
    /// Bars of another frequency than the stored one, and the rows of them that are shown.
    coarser: Option<(Timeline, Range<usize>)>,
}

impl<'a, 'p> Shown<'a, 'p> {
    pub(super) fn new(
        data: &'a BarData<'p>,
        query: &HistoryQuery<'_>,
        frequency: Frequency,
    ) -> Result<Self, Error> {
        let portal = data.portal;
        let is_daily = !frequency.is_intraday();
        let table = portal.table_for(frequency)?;
        let timeline = if is_daily { &portal.days } else { &table.timeline };
        let today = data.today.filter(|_| is_daily);
        let known = match (is_daily, data.clocking) {
            (true, _) => today.map_or(data.days, |row| row + 1),
            (false, Clocking::Minute) => data.rows,
            (false, Clocking::Daily) => table.timeline.known_rows(data.now),
        };
        let own = timeline.frequency();
        if own == frequency || own.minutes().is_some_and(|own| frequency.minutes() == Some(own)) {
            if query.bars == 0 || query.bars > known {
                return Err(too_short(timeline, data.now, query.bars, known));
            }
            let stored = known - query.bars..known;
            return Ok(Self { data, table, timeline, is_daily, stored, today, coarser: None });
        }
        let bars = portal.resampled(timeline, frequency);
        let begun = |row: usize| bars.rows_under(row, timeline).start < known;
        let mut end = bars.known_rows(data.now);
        while end > 0 && !begun(end - 1) {
            end -= 1;
        }
        if query.partial && end < bars.len() && begun(end) {
            end += 1;
        }
        if query.bars == 0 || query.bars > end {
            return Err(too_short(&bars, data.now, query.bars, end));
        }
        let rows = end - query.bars..end;
        let first = bars.rows_under(rows.start, timeline).start;
        let past = bars.rows_under(end - 1, timeline).end.min(known);
        let today = today.filter(|&today| today < past);
        let coarser = Some((bars, rows));
        Ok(Self { data, table, timeline, is_daily, stored: first..past, today, coarser })
    }

    /// Appends one value a bar.
    pub(super) fn extend(
        &self,
        slot: &Slot,
        quote: Quote,
        out: &mut Vec<f64>,
    ) -> Result<(), Error> {
        let Some((bars, rows)) = &self.coarser else {
            return self.lookback(slot).extend(slot, quote, out);
        };
        let mut values = Vec::with_capacity(self.stored.len());
        self.lookback(slot).extend(slot, quote, &mut values)?;
        let mut volumes = Vec::new();
        if quote == Quote::Field(Field::Vwap) {
            self.lookback(slot).extend(slot, Quote::VOLUME, &mut volumes)?;
        }
        out.extend(rows.clone().map(|row| {
            let rows = self.within(bars, row);
            let part = values.get(rows.clone()).unwrap_or_default();
            match quote {
                // What was carried forward is there in every row.
                Quote::Price => part.last().copied().unwrap_or(f64::NAN),
                Quote::Field(Field::Vwap) => weigh(part, volumes.get(rows).unwrap_or_default()),
                Quote::Field(field) => merge_bars(field, part),
            }
        }));
        Ok(())
    }

    /// One value a bar, as ingested.
    pub(super) fn exact(&self, slot: &Slot, field: Field) -> Result<ExactColumn, Error> {
        let stored = self.lookback(slot).exact(slot, field)?;
        let Some((bars, rows)) = &self.coarser else { return Ok(stored) };
        let mut column = ExactColumn::with_capacity(rows.len());
        for row in rows.clone() {
            let part: Vec<usize> = self.within(bars, row).collect();
            let bar = merge_exact(field, &stored.pick(&part))?;
            column.push(bar).map_err(|reason| Error::BadDecimal {
                text: bar.map(|bar| bar.to_string()).unwrap_or_default(),
                reason,
            })?;
        }
        Ok(column)
    }

    /// When each bar opened: the session's midnight for bars of whole sessions.
    pub(super) fn opens(&self) -> Vec<Timestamp> {
        let (timeline, rows) = self.bars();
        if let Some(opens) = self.minutes() {
            return opens;
        }
        rows.filter_map(|row| timeline.label(row)).collect()
    }

    /// The labels that people know: a (last) session's midnight, the close of a bar within one.
    pub(super) fn labels(&self) -> Vec<Timestamp> {
        let (timeline, rows) = self.bars();
        if let Some(opens) = self.minutes() {
            return opens.into_iter().map(|open| open.plus_minutes(1)).collect();
        }
        let label = |row| match timeline.frequency().is_intraday() {
            true => timeline.known_at(row),
            false => timeline.last_session(row).map(Session::midnight),
        };
        rows.filter_map(label).collect()
    }

    /// Whether the last bar is still going on.
    pub(super) fn is_partial(&self) -> bool {
        let (timeline, rows) = self.bars();
        let known = rows.end.checked_sub(1).and_then(|last| timeline.known_at(last));
        known.is_none_or(|known| known > self.data.now)
    }

    /// The openings of single minutes, which need not be found one by one.
    fn minutes(&self) -> Option<Vec<Timestamp>> {
        let (timeline, rows) = self.bars();
        let single = timeline.frequency().minutes() == Some(1);
        let bounds = timeline.label(rows.start).zip(timeline.label(rows.end - 1));
        let (first, last) = bounds.filter(|_| single)?;
        Some(timeline.calendar().minutes_in_range(first, last, Side::Left).collect())
    }

    fn bars(&self) -> (&Timeline, Range<usize>) {
        match &self.coarser {
            Some((bars, rows)) => (bars, rows.clone()),
            None => (self.timeline, self.stored.clone()),
        }
    }

    /// The places of a bar's stored rows among all that are read.
    fn within(&self, bars: &Timeline, row: usize) -> Range<usize> {
        let rows = bars.rows_under(row, self.timeline);
        let place = |row: usize| row.clamp(self.stored.start, self.stored.end) - self.stored.start;
        place(rows.start)..place(rows.end)
    }

    fn lookback<'s>(&'s self, slot: &'s Slot) -> Lookback<'s, 'p> {
        Lookback {
            data: self.data,
            table: self.table,
            life: if self.is_daily { &slot.daily } else { &slot.minute },
            timeline: self.timeline,
            rows: self.stored.clone(),
            today: self.today,
        }
    }
}
