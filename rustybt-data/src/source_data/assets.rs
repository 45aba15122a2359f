//! Which sids assets get, and when they lived.

use std::collections::{BTreeMap, BTreeSet};

use rustybt_calendars::{Calendar, Direction, Session, Side, Timestamp};

use crate::{
    Asset, AssetClass, AssetRecord, Error, RawTable, Sid, Stamps, Subjects, SymbolSpan, TablePart,
    TableValues,
};

/// The sids that records ask for, and for the others those after the largest of them, in order.
pub(super) fn sids(records: &[AssetRecord]) -> Result<Vec<Sid>, Error> {
    let mut taken = BTreeSet::new();
    for record in records {
        if let Some(sid) = record.sid
            && !taken.insert(sid)
        {
            return Err(Error::SidTaken { symbol: record.symbol.clone(), sid });
        }
    }
    // Wider than a sid, so that what comes after the largest is no sid and not one given twice.
    let mut next = taken.last().map_or(0, |sid| u64::from(sid.0) + 1);
    let give = |record: &AssetRecord| {
        if let Some(sid) = record.sid {
            return Ok(sid);
        }
        let none = |_| Error::NoSidLeft { symbol: record.symbol.clone() };
        let sid = u32::try_from(next).map_err(none)?;
        next += 1;
        Ok(Sid(sid))
    };
    records.iter().map(give).collect()
}

/// The sessions of the first and the last of some stamps that ascend.
pub(super) fn span(calendar: &Calendar, stamps: &Stamps) -> Option<(Session, Session)> {
    match stamps {
        Stamps::Sessions(days) => days.first().copied().zip(days.last().copied()),
        Stamps::Instants(at) => {
            let (first, last) = at.first().copied().zip(at.last().copied())?;
            let (first, last) = (
                session(calendar, first, Direction::Next),
                session(calendar, last, Direction::Previous),
            );
            Some((first.min(last), last))
        }
    }
}

fn session(calendar: &Calendar, at: Timestamp, direction: Direction) -> Session {
    calendar.minute_to_session(at, direction, Side::Left).unwrap_or(at.date())
}

/// When assets were seen: the sessions of their first and last bar or row.
pub(super) struct Lives<'a> {
    calendar: &'a Calendar,
    today: Session,
    seen: BTreeMap<usize, (Session, Session)>,
}

impl<'a> Lives<'a> {
    pub(super) fn new(calendar: &'a Calendar, today: Session) -> Self {
        Self { calendar, today, seen: BTreeMap::new() }
    }

    pub(super) fn see_bars(&mut self, asset: usize, stamps: &Stamps) {
        if let Some((first, last)) = span(self.calendar, stamps) {
            self.see(asset, first, last);
        }
    }

    /// Sees the rows of a table; those without a stamp, such as contracts, tell of no day.
    pub(super) fn see_rows(&mut self, part: &TablePart, table: &RawTable) {
        let stamp = part.schema.stamp.column().and_then(|name| table.column(name));
        for row in 0..table.len() {
            let asset = match &table.subjects {
                Subjects::Nobody => None,
                Subjects::One => part.asset,
                Subjects::Each(assets) => assets.get(row).copied(),
            };
            let day = match stamp {
                Some(TableValues::Date(days)) => days.get(row).copied().flatten(),
                Some(TableValues::Instant(at) | TableValues::Nanos(at)) => {
                    let at = at.get(row).copied().flatten();
                    at.map(|at| session(self.calendar, at, Direction::Previous))
                }
                _ => Some(self.today),
            };
            if let Some((asset, day)) = asset.zip(day.map(|day| day.min(self.today))) {
                self.see(asset, day, day);
            }
        }
    }

    fn see(&mut self, asset: usize, first: Session, last: Session) {
        let seen = self.seen.entry(asset).or_insert((first, last));
        *seen = (seen.0.min(first), seen.1.max(last));
    }

    /// The assets of which somebody tells when they lived.
    pub(super) fn assets(&self, records: &[AssetRecord], sids: &[Sid]) -> Vec<Asset> {
        let pairs = records.iter().zip(sids).enumerate();
        pairs.filter_map(|(at, (record, sid))| self.asset(at, record, *sid)).collect()
    }

    fn asset(&self, at: usize, record: &AssetRecord, sid: Sid) -> Option<Asset> {
        let seen = self.seen.get(&at);
        let start = record.start.or(seen.map(|seen| seen.0))?;
        let end = record.end.or(seen.map(|seen| seen.1))?.max(start);
        let mut symbols = record.symbols.clone();
        if symbols.is_empty() {
            let symbol = record.symbol.clone();
            symbols.push(SymbolSpan { symbol, from: start, to: end });
        }
        if let Some(first) = symbols.first_mut() {
            first.from = first.from.min(start);
        }
        if let Some(last) = symbols.last_mut() {
            last.to = last.to.max(end);
        }
        let told = |text: &Option<String>| text.clone().unwrap_or_default();
        let mut currency = told(&record.currency);
        if currency.is_empty() && record.class == AssetClass::Equity {
            "USD".clone_into(&mut currency);
        }
        Some(Asset {
            sid,
            symbol: symbols.last().map_or_else(String::new, |span| span.symbol.clone()),
            name: told(&record.name),
            exchange: told(&record.exchange),
            class: record.class,
            currency,
            start,
            end,
            auto_close: record.auto_close,
            symbols,
        })
    }
}
