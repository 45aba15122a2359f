//! A version read back: its assets, its corporate actions, its bars.

pub(crate) mod adjustments;
pub(crate) mod assets;
mod bars;
mod cell;
mod laid;
mod panel;
mod series;
mod table;

pub(crate) use self::panel::PanelBars;
pub(crate) use self::series::SeriesBars;
pub(crate) use self::table::StoredTable;
