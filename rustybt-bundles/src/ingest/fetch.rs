//! Fetching: parts from several threads at once, each checked as it comes, and each file written
//! as soon as the last part that belongs to it is there.
//!
//! Daily bars wait for the other assets of their bucket, minute bars for nobody, so that memory
//! holds one bucket of daily bars and as many assets of minute bars as there are threads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::Scope;
use rustybt_calendars::{Direction, Session, Side};
use rustybt_data::{
    AssetRecord, Field, Frequency, Part, RawBars, Reason, Rejected, Selection, Sid, Source,
    SourceEvent, Stamps, ValidateContext, validate,
};

use super::chunk::{AssetBars, Bench, StagedChunk};
use super::cut::{scales, years};
use super::segment::{Counts, Merged};
use crate::Error;
use crate::catalog::TableState;
use crate::report::{Phase, Progress};
use crate::step::Step;
use crate::table::{BUCKET, Dataset, Placement, Scales};

/// What fetching needs to know.
#[derive(Clone, Copy)]
pub(super) struct Order<'a> {
    pub(super) source: &'a dyn Source,
    pub(super) selection: &'a Selection,
    pub(super) today: Session,
    pub(super) records: &'a [AssetRecord],
    /// One a record.
    pub(super) sids: &'a [Sid],
    pub(super) parts: &'a [Part],
    pub(super) head: &'a [TableState],
    pub(super) bench: Bench<'a>,
    pub(super) progress: &'a (dyn Fn(Progress) + Sync),
}

/// What became of one part.
#[derive(Debug, Default)]
pub(super) struct PartOutcome {
    pub(super) rows: u64,
    pub(super) stored: u64,
    pub(super) events: Vec<SourceEvent>,
    pub(super) rejected: Vec<Rejected>,
    pub(super) notes: Vec<String>,
    /// The sessions of its first and last bar.
    pub(super) seen: Option<(Session, Session)>,
    pub(super) missing_sessions: u64,
    pub(super) outside_hours: u64,
    pub(super) equal_duplicates: u64,
    pub(super) without_trades: u64,
}

/// What became of all of them.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// One a part, in order.
    pub(super) outcomes: Vec<PartOutcome>,
    /// In order of table, part and period.
    pub(super) staged: Vec<StagedChunk>,
    /// The catalog's numbers of the files that these take the place of.
    pub(super) replaced: BTreeSet<i64>,
    /// Files that were damaged and are written anew.
    pub(super) repaired: Vec<PathBuf>,
    /// The scales that each table of bars needs.
    pub(super) scales: Vec<(Dataset, Scales)>,
    pub(super) counts: Counts,
}

/// Fetches every part.
///
/// # Errors
///
/// The first error of a file, and the first of a source that says that trying again may help; the
/// others of a source are rejected parts.
pub(super) fn fetch(order: Order<'_>, pool: &rayon::ThreadPool) -> Result<Fetched, Error> {
    let fetch = Fetch::new(order)?;
    pool.scope(|scope| {
        for part in 0..order.parts.len() {
            let fetch = &fetch;
            scope.spawn(move |scope| fetch.guarded(|| fetch.part(part, scope)));
        }
    });
    fetch.finish()
}

struct Fetch<'a> {
    order: Order<'a>,
    groups: Vec<Group>,
    /// The group of each part.
    group_of: Vec<usize>,
    tables: Vec<TableScales>,
    outcomes: Mutex<Vec<PartOutcome>>,
    merged: Mutex<Merged>,
    failed: Mutex<Option<Error>>,
    stopped: AtomicBool,
    done: AtomicU64,
    bytes: AtomicU64,
    bytes_total: u64,
}

/// The parts that go into the same files.
struct Group {
    dataset: Dataset,
    /// The bucket or the sid.
    part: i64,
    waiting: AtomicUsize,
    gathered: Mutex<Vec<(usize, AssetBars)>>,
}

/// The scales that a table's bars were found to need so far.
struct TableScales {
    dataset: Dataset,
    price: AtomicU8,
    size: AtomicU8,
}

impl<'a> Fetch<'a> {
    fn new(order: Order<'a>) -> Result<Self, Error> {
        let mut waiting: BTreeMap<(&str, i64), (Dataset, usize)> = BTreeMap::new();
        let mut keys = Vec::with_capacity(order.parts.len());
        for part in order.parts {
            if part.frequency != Frequency::DAILY && part.frequency != Frequency::MINUTE {
                let (part, frequency) = (part.name.clone(), part.frequency);
                return Err(Error::UnkeptFrequency { part, frequency });
            }
            let dataset = Dataset::Bars(part.frequency);
            let Some(&sid) = order.sids.get(part.asset) else {
                return Err(Error::BadSurvey {
                    source_name: order.source.name().to_owned(),
                    detail: format!("`{}` belongs to no asset", part.name),
                });
            };
            let number = match dataset.placement() {
                Placement::Panel => sid.0 / BUCKET,
                Placement::Series | Placement::Whole => sid.0,
            };
            let key = (dataset.name(), i64::from(number));
            waiting.entry(key).or_insert((dataset, 0)).1 += 1;
            keys.push(key);
        }
        let order_of: BTreeMap<_, usize> = waiting.keys().copied().zip(0..).collect();
        let group_of = keys.iter().filter_map(|key| order_of.get(key).copied()).collect();
        let groups = waiting
            .into_iter()
            .map(|((_, part), (dataset, count))| Group {
                dataset,
                part,
                waiting: AtomicUsize::new(count),
                gathered: Mutex::default(),
            })
            .collect();
        let tables = [Dataset::DAILY, Dataset::MINUTE].map(|dataset| {
            let head = order.head.iter().find(|table| table.dataset == dataset);
            let scales = head.map(|table| table.scales).unwrap_or_default();
            TableScales {
                dataset,
                price: AtomicU8::new(scales.price),
                size: AtomicU8::new(scales.size),
            }
        });
        let mut outcomes = Vec::new();
        outcomes.resize_with(order.parts.len(), PartOutcome::default);
        Ok(Self {
            order,
            groups,
            group_of,
            tables: tables.into(),
            outcomes: Mutex::new(outcomes),
            merged: Mutex::default(),
            failed: Mutex::default(),
            stopped: AtomicBool::new(false),
            done: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            bytes_total: order.parts.iter().map(|part| part.bytes).sum(),
        })
    }

    /// Runs a piece of work unless another has failed; keeps the first error.
    fn guarded(&self, work: impl FnOnce() -> Result<(), Error>) {
        if self.stopped.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = work() {
            self.stopped.store(true, Ordering::Relaxed);
            lock(&self.failed).get_or_insert(error);
        }
    }

    /// Fetches and checks one part; writes its group where it was the last that was missing.
    fn part<'s>(&'s self, at: usize, scope: &Scope<'s>) -> Result<(), Error> {
        let (Some(part), Some(&group)) = (self.order.parts.get(at), self.group_of.get(at)) else {
            return Ok(());
        };
        let (outcome, bars) = self.fetch_and_check(part)?;
        if let Some(place) = lock(&self.outcomes).get_mut(at) {
            *place = outcome;
        }
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = self.bytes.fetch_add(part.bytes, Ordering::Relaxed) + part.bytes;
        (self.order.progress)(Progress {
            phase: Phase::Fetch,
            done,
            total: self.order.parts.len() as u64,
            bytes,
            bytes_total: self.bytes_total,
        });
        let Some(group) = self.groups.get(group) else { return Ok(()) };
        if let Some(bars) = bars {
            lock(&group.gathered).push((at, bars));
        }
        if group.waiting.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.flush(group, scope);
        }
        Ok(())
    }

    fn fetch_and_check(&self, part: &Part) -> Result<(PartOutcome, Option<AssetBars>), Error> {
        let Order { source, selection, records, sids, .. } = self.order;
        let (Some(record), Some(&sid)) = (records.get(part.asset), sids.get(part.asset)) else {
            return Ok((PartOutcome::default(), None));
        };
        self.order.bench.staging.reached(Step::FetchPage);
        let delivery = match source.fetch(part, selection) {
            Ok(delivery) => delivery,
            Err(error) if error.is_transient() => {
                return Err(Error::Fetch { part: part.name.clone(), source: error });
            }
            Err(error) => {
                let rejected = Rejected {
                    origin: part.name.clone(),
                    line: None,
                    symbol: record.symbol.clone(),
                    reason: Reason::BadFile { detail: chain(&error) },
                    text: String::new(),
                };
                let rejected = vec![rejected];
                return Ok((PartOutcome { rejected, ..PartOutcome::default() }, None));
            }
        };
        let mut bars = delivery.bars;
        check_shape(&bars, part, source.name())?;
        let calendar = &selection.calendar;
        let verdict = validate(
            &mut bars,
            &ValidateContext {
                origin: &part.name,
                symbol: &record.symbol,
                class: record.class,
                calendar,
                frequency: part.frequency,
                today: self.order.today,
            },
        );
        let mut rejected = delivery.rejected;
        rejected.extend(verdict.rejected);
        let session = |at, direction| calendar.minute_to_session(at, direction, Side::Left).ok();
        let seen = match &bars.stamps {
            Stamps::Sessions(days) => days.first().copied().zip(days.last().copied()),
            Stamps::Instants(at) => at.first().zip(at.last()).map(|(&first, &last)| {
                let first_session = session(first, Direction::Next).unwrap_or(first.date());
                let last_session = session(last, Direction::Previous).unwrap_or(last.date());
                (first_session.min(last_session), last_session)
            }),
        };
        let outcome = PartOutcome {
            rows: delivery.rows,
            stored: bars.len() as u64,
            events: delivery.events,
            rejected,
            notes: delivery.notes,
            seen,
            missing_sessions: verdict.missing_sessions.len() as u64,
            outside_hours: verdict.outside_hours,
            equal_duplicates: verdict.equal_duplicates,
            without_trades: verdict.without_trades,
        };
        if bars.is_empty() {
            return Ok((outcome, None));
        }
        // The lines have done their work: from here on memory is what counts.
        bars.lines = Vec::new();
        if let Some(table) = self.table(part.frequency) {
            table.grow(scales(&bars));
        }
        Ok((outcome, Some(AssetBars { sid, symbol: record.symbol.clone(), bars })))
    }

    /// Writes the files of a group, its years side by side.
    fn flush<'s>(&'s self, group: &'s Group, scope: &Scope<'s>) {
        let mut gathered = std::mem::take(&mut *lock(&group.gathered));
        gathered.sort_by_key(|(at, asset)| (asset.sid, *at));
        let assets: Vec<AssetBars> = gathered.into_iter().map(|(_, asset)| asset).collect();
        let spans = || assets.iter().map(|asset| years(&asset.bars));
        let (first, last) =
            (spans().map(|span| span.start).min(), spans().map(|span| span.end).max());
        let (Some(first), Some(last)) = (first, last) else { return };
        let assets: Arc<[Vec<AssetBars>]> = layers(assets).into();
        for year in first..last {
            let assets = Arc::clone(&assets);
            scope.spawn(move |_| self.guarded(|| self.chunk(group, &assets, year.into())));
        }
    }

    /// Writes one year's files. Where an asset came in several parts, they are taken in one after another.
    fn chunk(&self, group: &Group, layers: &[Vec<AssetBars>], year: i64) -> Result<(), Error> {
        let Order { head, bench, .. } = self.order;
        let head = head.iter().find(|table| table.dataset == group.dataset);
        let scales = self.table_of(group.dataset).map(TableScales::get).unwrap_or_default();
        let place = (group.part, year);
        let merged = bench.segments(group.dataset, layers, place, scales, head)?;
        lock(&self.merged).add(merged);
        Ok(())
    }

    fn table(&self, frequency: Frequency) -> Option<&TableScales> {
        self.table_of(Dataset::Bars(frequency))
    }

    fn table_of(&self, dataset: Dataset) -> Option<&TableScales> {
        self.tables.iter().find(|table| table.dataset == dataset)
    }

    fn finish(self) -> Result<Fetched, Error> {
        if let Some(error) = self.failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let merged = self.merged.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Merged { mut staged, ended, mut repaired, counts } = merged;
        staged.sort_by_key(|staged| {
            let chunk = &staged.chunk;
            (staged.dataset.name(), chunk.part, chunk.period, chunk.segment)
        });
        repaired.sort();
        Ok(Fetched {
            outcomes: self.outcomes.into_inner().unwrap_or_else(PoisonError::into_inner),
            staged,
            scales: self.tables.iter().map(|table| (table.dataset, table.get())).collect(),
            replaced: ended.into_iter().collect(),
            repaired,
            counts,
        })
    }
}

impl TableScales {
    fn grow(&self, scales: Scales) {
        self.price.fetch_max(scales.price, Ordering::AcqRel);
        self.size.fetch_max(scales.size, Ordering::AcqRel);
    }

    fn get(&self) -> Scales {
        Scales {
            price: self.price.load(Ordering::Acquire),
            size: self.size.load(Ordering::Acquire),
        }
    }
}

/// Assets sorted by sid, each once a layer: the first parts of all of them, then the second.
fn layers(assets: Vec<AssetBars>) -> Vec<Vec<AssetBars>> {
    let mut layers: Vec<Vec<AssetBars>> = Vec::new();
    let mut previous = None;
    let mut depth = 0;
    for asset in assets {
        depth = if previous == Some(asset.sid) { depth + 1 } else { 0 };
        previous = Some(asset.sid);
        if layers.len() <= depth {
            layers.push(Vec::new());
        }
        if let Some(layer) = layers.get_mut(depth) {
            layer.push(asset);
        }
    }
    layers
}

/// Refuses columns that do not belong together.
fn check_shape(bars: &RawBars, part: &Part, source: &str) -> Result<(), Error> {
    let bad = |detail: String| {
        Err(Error::BadSurvey {
            source_name: source.to_owned(),
            detail: format!("`{}` {detail}", part.name),
        })
    };
    if matches!(bars.stamps, Stamps::Instants(_)) != part.frequency.is_intraday() {
        return bad(format!("has stamps that are not of {}", part.frequency));
    }
    for field in Field::OHLCV {
        match bars.column(field) {
            None => return bad(format!("has no column `{field}`")),
            Some(column) if column.len() != bars.len() => {
                let (found, rows) = (column.len(), bars.len());
                return bad(format!("has {found} values of `{field}` in {rows} bars"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a thread that died has left behind is whole: it is only ever pushed to or replaced.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
