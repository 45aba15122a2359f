//! Which bars a history shows, and of which stored rows they are made.

use std::ops::Range;

use rustybt_calendars::{Session, Side, Timestamp};

use crate::lookback::{Lookback, known_of, too_short};
use crate::portal::{Slot, Table};
use crate::resample::{merge_bars, merge_exact, weigh};
use crate::{
    BarData, Clocking, Error, ExactColumn, Field, Frequency, FxTable, HistoryQuery, Quote, Timeline,
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
    /// The rates into the currency that is asked for, and that currency.
    fx: Option<(&'a FxTable, &'a str)>,
    /// Bars of another frequency than the stored one, and the rows of them that are shown.
    coarser: Option<(Timeline, Range<usize>)>,
}

impl<'a, 'p> Shown<'a, 'p> {
    /// The last bars that are known.
    pub(super) fn last(
        data: &'a BarData<'p>,
        query: &HistoryQuery<'a>,
        frequency: Frequency,
    ) -> Result<Self, Error> {
        let (known, shown) = Self::known(data, query, frequency)?;
        let short = |known| too_short(shown.table, frequency, data.now, query.bars, known);
        let Some((bars, _)) = &shown.coarser else {
            if query.bars == 0 || query.bars > known {
                return Err(short(known));
            }
            return Ok(shown.cut(known - query.bars..known, known));
        };
        let begun = |row: usize| row < bars.len() && shown.has_begun(row, known);
        let mut end = bars.known_rows(data.now);
        while end > 0 && !begun(end - 1) {
            end -= 1;
        }
        if query.partial && begun(end) {
            end += 1;
        }
        if query.bars == 0 || query.bars > end {
            return Err(short(end));
        }
        Ok(shown.cut(end - query.bars..end, known))
    }

    /// The bars that are known and lie between two instants.
    pub(super) fn between(
        data: &'a BarData<'p>,
        query: &HistoryQuery<'a>,
        frequency: Frequency,
        (start, end): (Timestamp, Timestamp),
    ) -> Result<Self, Error> {
        let (known, shown) = Self::known(data, query, frequency)?;
        // Before the first minute there are no bars of them.
        let first = shown.table.timeline.label(0).filter(|_| !shown.is_daily);
        let start = first.map_or(start, |first| start.max(first));
        let (bars, _) = shown.bars();
        let open = |row: usize| {
            if frequency.is_intraday() {
                bars.label(row)
            } else {
                bars.session(row).and_then(|day| data.calendar().open(day).ok())
            }
        };
        let mut past = bars.known_rows(end.min(data.now));
        while past > 0 && !shown.has_begun(past - 1, known) {
            past -= 1;
        }
        let goes_on = past < bars.len() && shown.has_begun(past, known);
        if query.partial && goes_on && open(past).is_some_and(|open| open < end) {
            past += 1;
        }
        let (mut low, mut high) = (0, past);
        while low < high {
            let middle = low + (high - low) / 2;
            if open(middle).is_some_and(|open| open < start) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(shown.cut(low..past, known))
    }

    /// All bars of a frequency, and how many stored rows are known.
    fn known(
        data: &'a BarData<'p>,
        query: &HistoryQuery<'a>,
        frequency: Frequency,
    ) -> Result<(usize, Self), Error> {
        let portal = data.portal;
        let is_daily = !frequency.is_intraday();
        let table = portal.table_for(frequency)?;
        let timeline = &table.all;
        let today = data.today.filter(|_| is_daily);
        let known = match (is_daily, data.clocking) {
            (true, _) => today.map_or(data.days, |row| row + 1),
            (false, Clocking::Minute) => known_of(data, table, data.rows),
            (false, Clocking::Daily) => known_of(data, table, table.timeline.known_rows(data.now)),
        };
        let own = timeline.frequency();
        let is_own =
            own == frequency || own.minutes().is_some_and(|own| frequency.minutes() == Some(own));
        let coarser = (!is_own).then(|| (portal.resampled(timeline, frequency), 0..0));
        let fx = match query.currency {
            Some(currency) => Some((portal.fx().usual()?, currency)),
            None => None,
        };
        Ok((known, Self { data, table, timeline, is_daily, stored: 0..known, today, fx, coarser }))
    }

    /// Whether a stored row of a bar is known.
    fn has_begun(&self, row: usize, known: usize) -> bool {
        match &self.coarser {
            Some((bars, _)) => bars.rows_under(row, self.timeline).start < known,
            None => row < known,
        }
    }

    /// Only these bars, of which no more than the `known` stored rows are read.
    fn cut(self, rows: Range<usize>, known: usize) -> Self {
        let Some((bars, _)) = self.coarser else {
            let today = self.today.filter(|today| rows.contains(today));
            return Self { stored: rows, today, ..self };
        };
        let under = |row: usize| bars.rows_under(row, self.timeline);
        let first = under(rows.start).start;
        let past = if rows.is_empty() { first } else { under(rows.end - 1).end.min(known) };
        let today = self.today.filter(|today| (first..past).contains(today));
        Self { stored: first..past, today, coarser: Some((bars, rows)), ..self }
    }

    /// How many bars are shown.
    pub(super) fn len(&self) -> usize {
        self.bars().1.len()
    }

    /// Appends one value a bar.
    pub(super) fn extend(
        &self,
        slot: &Slot,
        quote: Quote,
        out: &mut Vec<f64>,
    ) -> Result<(), Error> {
        let Some((bars, rows)) = &self.coarser else { return self.rows(slot, quote, out) };
        let mut values = Vec::with_capacity(self.stored.len());
        self.rows(slot, quote, &mut values)?;
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

    /// Appends one value a stored row.
    fn rows(&self, slot: &Slot, quote: Quote, out: &mut Vec<f64>) -> Result<(), Error> {
        let start = out.len();
        self.lookback(slot).extend(slot, quote, out)?;
        let is_money = quote.field().is_price() || quote.field() == Field::QuoteVolume;
        let Some((rates, currency)) = self.fx.filter(|_| is_money) else { return Ok(()) };
        let own = &self.data.asset(slot.sid)?.currency;
        if own == currency {
            return Ok(());
        }
        let (mut date, mut rate) = (None, 1.0);
        for (row, value) in self.stored.clone().zip(out.get_mut(start..).unwrap_or_default()) {
            let session = self.timeline.session(row).unwrap_or(self.data.session);
            if date != Some(session) {
                date = Some(session);
                // The rate of a day is not known before the day is over.
                let is_over = self.is_daily
                    && self.timeline.known_at(row).is_some_and(|at| at <= self.data.now);
                let on = if is_over { session } else { session.plus_days(-1) };
                rate = rates.on(own, currency, on);
            }
            *value *= rate;
        }
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
        let label = |row| {
            if timeline.frequency().is_intraday() {
                timeline.known_at(row)
            } else {
                timeline.last_session(row).map(Session::midnight)
            }
        };
        rows.filter_map(label).collect()
    }

    /// Whether the last bar is still going on.
    pub(super) fn is_partial(&self) -> bool {
        let (timeline, rows) = self.bars();
        let last = rows.end.checked_sub(1).filter(|_| !rows.is_empty());
        last.is_some_and(|last| timeline.known_at(last).is_none_or(|at| at > self.data.now))
    }

    /// The openings of single minutes, which need not be found one by one.
    fn minutes(&self) -> Option<Vec<Timestamp>> {
        let (timeline, rows) = self.bars();
        let single = timeline.frequency().minutes() == Some(1);
        let last = rows.end.checked_sub(1).filter(|_| single && !rows.is_empty())?;
        let (first, last) = timeline.label(rows.start).zip(timeline.label(last))?;
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
            lead: self.table.lead,
            rows: self.stored.clone(),
            today: self.today,
        }
    }
}
