//! [`Bundle`]: one version of a bundle, opened to be read.

use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use rustybt_calendars::{Calendar, Direction, Side, Timestamp};
use rustybt_data::{
    AdjustmentReader, AdjustmentTable, AssetFinder, AssetTable, BarReader, DataPortal, Field,
    FuturesTable, FxRates, PortalParts, TableQuery, TableReader, TradeBars,
};

use crate::catalog::TableState;
use crate::format::Column;
use crate::layout::Layout;
use crate::reader::{PanelBars, SeriesBars, StoredTable, adjustments, assets};
use crate::table::Dataset;
use crate::verified::Verified;
use crate::{BundleName, Error, VersionInfo};

/// One version of a bundle.
///
/// It stays as it is when it is opened: what is ingested later changes nothing here, and the version
/// is not dropped for as long as this, or a reader taken from it, lives. It holds no connection, and is
/// cheap to clone.
#[derive(Debug, Clone)]
pub struct Bundle {
    name: BundleName,
    version: VersionInfo,
    calendar: Arc<Calendar>,
    finder: Arc<AssetTable>,
    adjustments: Arc<AdjustmentTable>,
    daily: Option<Arc<PanelBars>>,
    minute: Option<Arc<SeriesBars>>,
    tables: Arc<Vec<Arc<StoredTable>>>,
}

/// A table of a bundle, as a list of them shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// Its columns, the asset's among them.
    pub columns: usize,
    /// Its rows.
    pub rows: u64,
    /// The stamp of its first row; `None` where rows have none.
    pub first: Option<Timestamp>,
    /// The stamp of its last row, to the microsecond.
    pub last: Option<Timestamp>,
    /// Its files.
    pub files: usize,
    /// Their size.
    pub bytes: u64,
}

impl Bundle {
    pub(crate) fn open(
        name: BundleName,
        version: VersionInfo,
        calendar: Arc<Calendar>,
        states: Vec<TableState>,
        files: &Arc<Verified>,
        layout: &Layout,
    ) -> Result<Self, Error> {
        let tables = Tables { files, states: &states };
        let (assets, events) = rayon::join(|| tables.assets(), || tables.events());
        let (finder, adjustments) = (Arc::new(assets?), Arc::new(events?));
        // A table may have thousands of files: its readers share what the catalog says of them.
        let states: Vec<Arc<TableState>> = states.into_iter().map(Arc::new).collect();
        let all = states.iter().map(|state| StoredTable::new(Arc::clone(state), Arc::clone(files)));
        let tables = Arc::new(all.map(Arc::new).collect::<Vec<_>>());
        let (mut daily, mut minute) = (None, None);
        for state in states {
            match state.dataset {
                Dataset::MINUTE => {
                    minute = SeriesBars::new(state, &calendar, Arc::clone(files), layout.clone())?;
                }
                Dataset::Bars(_) => {
                    daily = PanelBars::new(state, &calendar, Arc::clone(files), layout.clone())?;
                }
                _ => {}
            }
        }
        let daily = daily.map(Arc::new);
        Ok(Self { name, version, calendar, finder, adjustments, daily, minute, tables })
    }

    /// The bundle's name.
    pub fn name(&self) -> &BundleName {
        &self.name
    }

    /// Which version this is.
    pub fn version(&self) -> &VersionInfo {
        &self.version
    }

    /// The calendar of the bundle.
    pub fn calendar(&self) -> &Arc<Calendar> {
        &self.calendar
    }

    /// Who is who.
    pub fn finder(&self) -> Arc<dyn AssetFinder> {
        Arc::clone(&self.finder) as _
    }

    /// Splits, dividends and mergers.
    pub fn adjustments(&self) -> Arc<dyn AdjustmentReader> {
        Arc::clone(&self.adjustments) as _
    }

    /// Daily bars, where there are any.
    pub fn daily(&self) -> Option<Arc<dyn BarReader>> {
        self.daily.clone().map(|bars| bars as _)
    }

    /// Minute bars, where there are any.
    pub fn minute(&self) -> Option<Arc<dyn BarReader>> {
        self.minute.clone().map(|bars| bars as _)
    }

    /// A table by its name: one beyond bars, such as `trades`, or any other of the version.
    ///
    /// # Errors
    ///
    /// [`Error::NoTable`], which names those there are.
    pub fn table(&self, name: &str) -> Result<Arc<dyn TableReader>, Error> {
        match self.tables.iter().find(|table| table.schema().name == name) {
            Some(table) => Ok(Arc::clone(table) as _),
            None => Err(Error::NoTable {
                bundle: self.name.clone(),
                table: name.to_owned(),
                known: self.tables().into_iter().map(|table| table.name).collect(),
            }),
        }
    }

    /// Every table of the version, by name.
    pub fn tables(&self) -> Vec<TableInfo> {
        let instant = |nanos: i128| {
            let held = nanos.clamp(i64::MIN.into(), i64::MAX.into());
            i64::try_from(held).ok().map(Timestamp::from_nanos)
        };
        let info = |table: &Arc<StoredTable>| TableInfo {
            name: table.schema().name.clone(),
            columns: table.schema().columns.len() + usize::from(table.schema().per_asset),
            rows: table.rows(),
            first: table.span().and_then(|span| instant(span.0)),
            last: table.span().and_then(|span| instant(span.1)).map(|at| table.last_stamp(at)),
            files: table.files(),
            bytes: table.bytes(),
        };
        let mut tables: Vec<TableInfo> = self.tables.iter().map(info).collect();
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        tables
    }

    /// Builds the tiles of these fields of the daily bars now, so that the first question of a
    /// later program does not have to.
    ///
    /// Tiles that are there are only opened. Minute bars are left alone: theirs are built for the
    /// assets and years that are asked for.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] with the damaged file behind it.
    pub fn warm(&self, fields: &[Field]) -> Result<(), Error> {
        let Some(daily) = &self.daily else { return Ok(()) };
        let Some(&sid) = daily.sids().first() else { return Ok(()) };
        fields.par_iter().try_for_each(|&field| {
            daily.run(field, sid, 0)?;
            Ok(())
        })
    }

    /// The tiles that this version may have built.
    pub(crate) fn tiles(&self) -> Vec<PathBuf> {
        let daily = self.daily.iter().flat_map(|bars| bars.tiles());
        daily.chain(self.minute.iter().flat_map(|bars| bars.tiles())).collect()
    }

    /// Everything of the version, served.
    ///
    /// # Errors
    ///
    /// As [`DataPortal::new`].
    pub fn portal(&self) -> Result<DataPortal, Error> {
        let portal = DataPortal::new(PortalParts {
            calendar: Arc::clone(&self.calendar),
            finder: self.finder(),
            adjustments: self.adjustments(),
            daily: self.daily(),
            minute: self.minute().or(self.minutes_of_trades()?),
        })?;
        let portal = portal.with_futures(self.futures()?).with_fx(self.fx()?);
        Ok(portal.with_tables(self.datasets()))
    }

    /// The tables beyond bars and corporate actions: trades, quotes, books, funding, fundamentals and
    /// those of users.
    pub fn datasets(&self) -> Vec<Arc<dyn TableReader>> {
        let tables = self.tables.iter().filter(|table| table.is_dataset());
        tables.map(|table| Arc::clone(table) as _).collect()
    }

    /// The exchange rates; none where the bundle has no table of them.
    ///
    /// # Errors
    ///
    /// As [`TableReader::scan`].
    pub fn fx(&self) -> Result<FxRates, Error> {
        match self.tables.iter().find(|table| table.schema().name == "fx_rates") {
            Some(table) => Ok(FxRates::from_rows(&table.scan(&TableQuery::new())?)),
            None => Ok(FxRates::default()),
        }
    }

    /// Minutes made of the trades, where there are trades.
    fn minutes_of_trades(&self) -> Result<Option<Arc<dyn BarReader>>, Error> {
        let trades = self.tables.iter().find(|table| table.schema().name == "trades");
        let spanned = trades.and_then(|trades| Some((trades, trades.instants()?)));
        let Some((trades, (first, last))) = spanned else { return Ok(None) };
        let calendar = &self.calendar;
        let start = calendar.minute_to_session(first, Direction::Next, Side::Left);
        let end = calendar.minute_to_session(last, Direction::Previous, Side::Left);
        let (Ok(start), Ok(end)) = (start, end) else { return Ok(None) };
        if start > end {
            return Ok(None);
        }
        let (table, sids) = (Arc::clone(trades), trades.sids());
        Ok(Some(Arc::new(TradeBars::new(table, Arc::clone(calendar), (start, end), sids)?)))
    }

    /// The chains of futures contracts; none where the bundle has no table of them.
    ///
    /// # Errors
    ///
    /// As [`TableReader::scan`].
    pub fn futures(&self) -> Result<FuturesTable, Error> {
        let name = "futures_contracts";
        match self.tables.iter().find(|table| table.schema().name == name) {
            Some(table) => {
                let rows = table.scan(&TableQuery::new())?;
                Ok(FuturesTable::from_rows(&rows, self.finder.as_ref()))
            }
            None => Ok(FuturesTable::default()),
        }
    }
}

/// The small tables of a version.
pub(crate) struct Tables<'a> {
    pub(crate) files: &'a Verified,
    pub(crate) states: &'a [TableState],
}

impl Tables<'_> {
    /// The assets; none where there is no version.
    pub(crate) fn assets(&self) -> Result<AssetTable, Error> {
        let Some((state, columns)) = self.columns(Dataset::Assets)? else {
            return Ok(AssetTable::default());
        };
        let symbols = self.columns(Dataset::Symbols)?.map(|(_, columns)| columns);
        let found = assets::assets(&columns, &symbols.unwrap_or_default());
        Ok(AssetTable::new(found.ok_or_else(|| contradiction(state))?))
    }

    /// The corporate actions.
    pub(crate) fn events(&self) -> Result<AdjustmentTable, Error> {
        let mut events = Vec::new();
        for dataset in [
            Dataset::Splits,
            Dataset::Dividends,
            Dataset::Mergers,
            Dataset::StockDividends,
            Dataset::SpinOffs,
            Dataset::Rights,
        ] {
            if let Some((state, columns)) = self.columns(dataset)? {
                let found = adjustments::events(dataset, state.scales, &columns);
                events.extend(found.ok_or_else(|| contradiction(state))?);
            }
        }
        Ok(AdjustmentTable::new(events))
    }

    /// The columns of a small table; `None` where it is empty.
    fn columns(&self, dataset: Dataset) -> Result<Option<(&TableState, Vec<Column>)>, Error> {
        let Some(state) = self.states.iter().find(|state| state.dataset == dataset) else {
            return Ok(None);
        };
        let Some(chunk) = state.chunks.first() else { return Ok(None) };
        let columns = self.files.columns(chunk, dataset, state.scales)?;
        Ok(Some((state, columns)))
    }
}

/// The file is what was written, and yet it makes no sense.
fn contradiction(state: &TableState) -> Error {
    let path = state.chunks.first().map(|chunk| chunk.path.clone()).unwrap_or_default();
    Error::corrupt(path, format!("its rows are not those of `{}`", state.dataset.name()))
}
