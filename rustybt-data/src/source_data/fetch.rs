//! All parts of a survey, several at once, through the rules of an ingest.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustybt_calendars::Session;

use crate::{
    Delivery, Frequency, RawBars, RawTable, Reason, Rejected, Selection, Source, SourceError,
    SourceEvent, Survey, TableDelivery, TablePart, ValidateContext, check_rows, validate,
};

/// What all parts held.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// The bars of each asset, by its place in the survey.
    pub(super) bars: BTreeMap<(usize, Frequency), RawBars>,
    pub(super) events: Vec<SourceEvent>,
    pub(super) tables: Vec<(TablePart, RawTable)>,
    pub(super) rejected: Vec<Rejected>,
    pub(super) notes: Vec<String>,
}

/// One part's.
enum Arrived {
    Bars(Delivery),
    Rows(TableDelivery),
}

pub(super) fn all(
    source: &dyn Source,
    selection: &Selection,
    survey: &Survey,
    today: Session,
) -> Result<Fetched, SourceError> {
    let mut fetched = Fetched::default();
    let arrived = in_parallel(source, selection, survey)?;
    let mut origins: BTreeMap<(usize, Frequency), &str> = BTreeMap::new();
    let mut tables = survey.tables.iter();
    for (at, arrived) in arrived.into_iter().enumerate() {
        match arrived {
            Arrived::Bars(delivery) => {
                let Some(part) = survey.parts.get(at) else { continue };
                fetched.events.extend(delivery.events);
                fetched.rejected.extend(delivery.rejected);
                fetched.notes.extend(delivery.notes);
                let key = (part.asset, part.frequency);
                origins.entry(key).or_insert(&part.name);
                match fetched.bars.get_mut(&key) {
                    None => drop(fetched.bars.insert(key, delivery.bars)),
                    Some(bars) => {
                        if let Err(field) = bars.append(delivery.bars) {
                            fetched.rejected.push(unfit(&part.name, field.name()));
                        }
                    }
                }
            }
            Arrived::Rows(delivery) => {
                let Some(part) = tables.next() else { continue };
                let mut table = delivery.table;
                fetched.rejected.extend(delivery.rejected);
                fetched.notes.extend(delivery.notes);
                let symbol = part.asset.and_then(|asset| survey.assets.get(asset));
                let symbol = symbol.map(|asset| asset.symbol.clone()).unwrap_or_default();
                let name = |_| symbol.clone();
                let refused = check_rows(&part.schema, &mut table, today, &part.name, &name);
                fetched.rejected.extend(refused);
                fetched.tables.push((part.clone(), table));
            }
        }
    }
    for ((asset, frequency), bars) in &mut fetched.bars {
        let record = survey.assets.get(*asset);
        let context = ValidateContext {
            origin: origins.get(&(*asset, *frequency)).copied().unwrap_or_default(),
            symbol: record.map_or("", |record| record.symbol.as_str()),
            class: record.map(|record| record.class).unwrap_or_default(),
            calendar: &selection.calendar,
            frequency: *frequency,
            today,
        };
        fetched.rejected.extend(validate(bars, &context).rejected);
        bars.lines = Vec::new();
    }
    Ok(fetched)
}

/// The bars of one part that have no place beside those of another.
fn unfit(origin: &str, column: &str) -> Rejected {
    let detail = format!("its `{column}` has no scale in common with that of the files before");
    Rejected {
        origin: origin.to_owned(),
        line: None,
        symbol: String::new(),
        reason: Reason::BadFile { detail },
        text: String::new(),
    }
}

/// The deliveries of all parts, bars before tables, in the order of the survey.
fn in_parallel(
    source: &dyn Source,
    selection: &Selection,
    survey: &Survey,
) -> Result<Vec<Arrived>, SourceError> {
    let all = survey.parts.len() + survey.tables.len();
    let fetch = |at: usize| {
        if let Some(part) = survey.parts.get(at) {
            return Some(source.fetch(part, selection).map(Arrived::Bars));
        }
        let part = survey.tables.get(at - survey.parts.len())?;
        Some(source.fetch_table(part, selection).map(Arrived::Rows))
    };
    let threads = source.limits().fetches.or_else(|| thread::available_parallelism().ok());
    let threads = threads.map_or(1, NonZeroUsize::get).min(all);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            match fetch(at) {
                None => return Ok(done),
                Some(arrived) => done.push((at, arrived?)),
            }
        }
    };
    let mut done = Vec::with_capacity(all);
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        done.extend(work()?);
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(())
    })?;
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, arrived)| arrived).collect())
}
