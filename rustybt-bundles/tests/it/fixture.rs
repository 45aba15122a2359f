//! A source in memory, and the few calls that every test makes.

use std::sync::Arc;

use rustybt_bundles::{
    At, Bundle, BundleName, Error, IngestOptions, IngestReport, Locking, Store, StoreOptions,
};
use rustybt_calendars::{Calendar, Session, Timestamp, calendar};
use rustybt_data::{
    AssetClass, AssetRecord, Delivery, ExactColumn, Field, Frequency, Part, RawBars, Selection,
    Source, SourceError, SourceEvent, Stamps, Survey,
};
use tempfile::TempDir;

pub(crate) fn day(text: &str) -> Session {
    text.parse().unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn name(text: &str) -> BundleName {
    text.parse().unwrap()
}

pub(crate) fn xnys() -> Arc<Calendar> {
    calendar("XNYS").unwrap()
}

/// One asset's bars of one frequency.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) symbol: &'static str,
    pub(crate) frequency: Frequency,
    pub(crate) bars: RawBars,
}

/// A source that is a list of tables.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listed {
    pub(crate) records: Vec<AssetRecord>,
    pub(crate) tables: Vec<Table>,
    pub(crate) events: Vec<SourceEvent>,
    /// The kinds of which these are all there are.
    pub(crate) full_lists: Vec<&'static str>,
    /// The part whose fetch fails, and whether trying again may help.
    pub(crate) broken: Option<(usize, bool)>,
}

impl Listed {
    /// Adds an asset with daily bars: one row of text `open high low close volume` a session.
    pub(crate) fn daily(mut self, symbol: &'static str, first: &str, rows: &[&str]) -> Self {
        self.record(symbol);
        let calendar = xnys();
        let from = calendar.index_at_or_after(day(first)).unwrap();
        let days = calendar.sessions()[from..from + rows.len()].to_vec();
        let bars = bars(Stamps::Sessions(days), rows);
        self.tables.push(Table { symbol, frequency: Frequency::DAILY, bars });
        self
    }

    /// Adds an asset with minute bars from an instant on, one a minute.
    pub(crate) fn minute(mut self, symbol: &'static str, first: &str, rows: &[&str]) -> Self {
        self.record(symbol);
        let instants = (0..rows.len()).map(|i| at(first).plus_minutes(i as i64)).collect();
        let bars = bars(Stamps::Instants(instants), rows);
        self.tables.push(Table { symbol, frequency: Frequency::MINUTE, bars });
        self
    }

    /// Makes an asset one of another class, which may have prices below zero.
    pub(crate) fn class(mut self, symbol: &str, class: AssetClass) -> Self {
        let record = self.records.iter_mut().find(|record| record.symbol == symbol).unwrap();
        record.class = class;
        self
    }

    pub(crate) fn event(
        mut self,
        symbol: &str,
        effective: &str,
        action: rustybt_data::Action,
    ) -> Self {
        let asset = self.records.iter().position(|record| record.symbol == symbol).unwrap();
        self.events.push(SourceEvent { asset, effective: day(effective), known: None, action });
        self
    }

    fn record(&mut self, symbol: &str) {
        if !self.records.iter().any(|record| record.symbol == symbol) {
            self.records.push(AssetRecord {
                symbol: symbol.to_owned(),
                class: AssetClass::Equity,
                ..AssetRecord::default()
            });
        }
    }
}

impl Source for Listed {
    fn name(&self) -> &'static str {
        "listed"
    }

    fn survey(&self, _: &Selection) -> Result<Survey, SourceError> {
        let parts = self
            .tables
            .iter()
            .enumerate()
            .map(|(at, table)| Part {
                name: format!("{at}/{}", table.symbol),
                asset: self.records.iter().position(|r| r.symbol == table.symbol).unwrap(),
                frequency: table.frequency,
                bytes: table.bars.len() as u64,
            })
            .collect();
        let (assets, events) = (self.records.clone(), self.events.clone());
        let full_lists = self.full_lists.clone();
        Ok(Survey { assets, parts, events, full_lists, ..Survey::default() })
    }

    fn fetch(&self, part: &Part, _: &Selection) -> Result<Delivery, SourceError> {
        let index: usize = part.name.split('/').next().unwrap().parse().unwrap();
        if let Some((broken, transient)) = self.broken
            && broken == index
        {
            let error = SourceError::new(std::io::Error::other("the line is down"));
            return Err(if transient { error.transient() } else { error });
        }
        let bars = self.tables[index].bars.clone();
        let rows = bars.len() as u64;
        Ok(Delivery { bars, events: Vec::new(), rejected: Vec::new(), notes: Vec::new(), rows })
    }
}

pub(crate) fn bars(stamps: Stamps, rows: &[&str]) -> RawBars {
    let mut columns = Field::OHLCV.map(|field| (field, ExactColumn::default()));
    for row in rows {
        for ((_, column), cell) in columns.iter_mut().zip(row.split(' ')) {
            let value = if cell == "-" { None } else { Some(cell.parse().unwrap()) };
            column.push(value).unwrap();
        }
    }
    RawBars { stamps, columns: columns.into(), lines: Vec::new() }
}

/// A store in a folder that goes away.
pub(crate) struct Shop {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    pub(crate) options: StoreOptions,
}

/// The server that every catalog lies on, where the tests run once more on PostgreSQL.
pub(crate) const SERVER: &str = "RUSTYBT_TEST_CATALOG";

/// How to open a store of its own: with its catalog on that server, or in its folder.
#[expect(clippy::disallowed_methods, reason = "the test that runs this one names the server")]
pub(crate) fn place() -> StoreOptions {
    match std::env::var(SERVER) {
        Ok(server) => {
            let unique = uuid::Uuid::new_v4().simple();
            StoreOptions::new().catalog(format!("{server}&schema=shop_{unique}"))
        }
        Err(_) => StoreOptions::new(),
    }
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap(), place())
    }

    pub(crate) fn at(folder: TempDir, options: StoreOptions) -> Self {
        let store = options.clone().create(true).open(folder.path()).unwrap();
        Self { folder, store, options }
    }

    /// The store, opened once more as another program would.
    pub(crate) fn open(&self) -> Store {
        self.options.clone().open(self.folder.path()).unwrap()
    }

    /// Ingests into `us` at an instant.
    pub(crate) fn ingest(&self, source: &dyn Source, now: &str) -> Result<IngestReport, Error> {
        self.ingest_with(source, &options(now))
    }

    pub(crate) fn ingest_with(
        &self,
        source: &dyn Source,
        options: &IngestOptions<'_>,
    ) -> Result<IngestReport, Error> {
        self.store.ingest(&name("us"), source, options, &|_| {})
    }

    pub(crate) fn latest(&self) -> Bundle {
        self.store.bundle(&name("us"), At::Latest).unwrap()
    }

    /// The folder, as programs are told it.
    pub(crate) fn root(&self) -> String {
        self.folder.path().to_str().unwrap().to_owned()
    }

    /// Every data file, sorted.
    pub(crate) fn files(&self) -> Vec<std::path::PathBuf> {
        files_below(&self.folder.path().join("data"))
    }

    pub(crate) fn tiles(&self) -> Vec<std::path::PathBuf> {
        let files = files_below(&self.folder.path().join("tiles"));
        files.into_iter().filter(|path| path.extension().is_some()).collect()
    }
}

pub(crate) fn options(now: &str) -> IngestOptions<'static> {
    let selection =
        Selection { symbols: None, start: None, end: None, frequency: None, calendar: xnys() };
    IngestOptions::new(selection, at(now))
}

/// Options of an ingest that takes no lock.
pub(crate) fn unlocked(now: &str) -> IngestOptions<'static> {
    let mut options = options(now);
    options.locking = Locking::Unlocked;
    options
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// Every bar of a bundle as text, in a form that does not depend on how it is stored.
pub(crate) fn dump(bundle: &Bundle) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for reader in [bundle.daily(), bundle.minute()].into_iter().flatten() {
        for &sid in reader.sids() {
            let columns = Field::OHLCV
                .map(|field| reader.exact(field, sid, 0..reader.timeline().len()).unwrap());
            for row in 0..reader.timeline().len() {
                let cells: Vec<String> = columns
                    .iter()
                    .map(|column| {
                        column.get(row).map_or("-".into(), |cell| cell.normalized().to_string())
                    })
                    .collect();
                if cells.iter().any(|cell| cell != "-") {
                    let label = reader.timeline().label(row).unwrap();
                    writeln!(text, "{sid} {label} {}", cells.join(" ")).unwrap();
                }
            }
        }
    }
    for asset in bundle.finder().assets() {
        writeln!(text, "{asset:?} {:?}", bundle.adjustments().adjustments(asset.sid)).unwrap();
    }
    text
}
