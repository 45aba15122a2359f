//! [`Bundle`]: one version of a bundle, opened to be read.

use std::sync::Arc;

use rayon::prelude::*;
use rustybt_calendars::Calendar;
use rustybt_data::{
    AdjustmentReader, AdjustmentTable, AssetFinder, AssetTable, BarReader, DataPortal, Field,
    PortalParts,
};

use crate::catalog::TableState;
use crate::format::Column;
use crate::layout::Layout;
use crate::reader::{PanelBars, SeriesBars, adjustments, assets};
use crate::table::Dataset;
use crate::verified::Verified;
use crate::{BundleName, Error, VersionInfo};

/// One version of a bundle.
///
/// It is pinned when it is opened: what is ingested later changes nothing here. It holds no
/// connection and no lock, and is cheap to clone.
#[derive(Debug, Clone)]
pub struct Bundle {
    name: BundleName,
    version: VersionInfo,
    calendar: Arc<Calendar>,
    finder: Arc<AssetTable>,
    adjustments: Arc<AdjustmentTable>,
    daily: Option<Arc<PanelBars>>,
    minute: Option<Arc<SeriesBars>>,
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
        let (daily, minute) = (daily.map(Arc::new), minute.map(Arc::new));
        Ok(Self { name, version, calendar, finder, adjustments, daily, minute })
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

    /// Everything of the version, served.
    ///
    /// # Errors
    ///
    /// As [`DataPortal::new`].
    pub fn portal(&self) -> Result<DataPortal, Error> {
        Ok(DataPortal::new(PortalParts {
            calendar: Arc::clone(&self.calendar),
            finder: self.finder(),
            adjustments: self.adjustments(),
            daily: self.daily(),
            minute: self.minute(),
        })?)
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
        for dataset in
            [Dataset::Splits, Dataset::Dividends, Dataset::Mergers, Dataset::StockDividends]
        {
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
