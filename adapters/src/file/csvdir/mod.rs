//! `csvdir`: a folder of CSV files, zipline's own included.
//!
//! ```text
//! DIR/daily/SYMBOL.csv   DIR/minute/SYMBOL.csv      date|datetime,open,high,low,close,volume[,vwap,…]
//! DIR/assets.csv         DIR/symbol_map.csv         who is who
//! DIR/splits.csv         DIR/dividends.csv          what happened
//! DIR/mergers.csv        DIR/stock_dividends.csv    DIR/spin_offs.csv    DIR/rights.csv
//! DIR/trades/SYMBOL.csv  DIR/fundamentals.csv  …    tables beyond bars: see `table`
//! ```
//!
//! Every file may be Parquet instead: `daily/SYMBOL.parquet`.
//!
//! Surveying lists the folder and reads the companion files; fetching reads one file of bars. A
//! file that is no good is delivered as rejected and the others go on.

mod action;
mod assets;
mod bar_format;
mod bars;
mod column;
pub(in crate::file) mod folder;
mod header;
mod options;
mod pieces;
mod ratio;
mod roster;
mod stamper;
pub(in crate::file) mod survey;
pub(in crate::file) mod symbol;
mod symbol_map;
mod table;
mod tables;
mod values;
mod zipline;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rustybt_data::{
    AssetClass, Delivery, Frequency, Part, Reason, Selection, Source, SourceError, Survey,
    TableDelivery, TablePart,
};

pub use self::bar_format::BarFormat;
pub use self::bars::parse_bars;
pub(in crate::file) use self::bars::refused;
pub(in crate::file) use self::folder::check as check_folder;
use self::folder::{BAR_FOLDERS, table_stem};
pub use self::options::{CsvDirOptions, Label};
pub(in crate::file) use self::table::{BATCH, batches, cell_text, line};
use crate::Error;
use crate::descriptor::Descriptor;
use crate::file::compression::{self, Fault, LARGEST, Unpacked};

/// What the adapter says of itself.
pub(crate) static CSVDIR: Descriptor = Descriptor {
    name: NAME,
    summary: "a folder of CSV files, one for each symbol; zipline's csvdir as it is",
    docs: "https://zipline.ml4trading.io/bundles.html",
    classes: &AssetClass::ALL,
    frequencies: &[Frequency::DAILY, Frequency::MINUTE],
    credentials: &[],
    limits: "lines of 16 MiB; files of any size, packed or not",
    streams: false,
    options: &options::SPECS,
    open: |options| Ok(Box::new(CsvDir::open(&CsvDirOptions::parse(options)?)?)),
};

const NAME: &str = "csvdir";

/// A folder of CSV files as a source of daily and minute bars.
#[derive(Debug, Clone)]
pub struct CsvDir {
    options: CsvDirOptions,
}

impl CsvDir {
    /// The folder that `options` name; it must be there.
    ///
    /// # Errors
    ///
    /// [`Error::NoFolder`], [`Error::NotAFolder`], [`Error::NoPermission`], and [`Error::NoFile`]
    /// for the file of a dataset.
    pub fn open(options: &CsvDirOptions) -> Result<Self, Error> {
        folder::check(&options.path)?;
        for (name, file) in &options.datasets {
            if !file.is_file() && !options.path.join(file).is_file() {
                let option = format!("dataset.{name}");
                return Err(Error::NoFile { path: file.clone(), option });
            }
        }
        Ok(Self { options: options.clone() })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.options.path
    }

    /// The file of a part, and how it is to be read.
    fn format<'p>(
        &self,
        part: &'p Part,
        selection: &'p Selection,
    ) -> Result<(PathBuf, BarFormat<'p>), Error> {
        let (path, symbol) = self.locate(part)?;
        let format = BarFormat {
            origin: &part.name,
            symbol,
            asset: part.asset,
            frequency: part.frequency,
            label: self.options.label,
            zone: self.options.zone,
            selection,
        };
        Ok((path, format))
    }

    /// The file of a part, and the name of its asset's files.
    fn locate<'p>(&self, part: &'p Part) -> Result<(PathBuf, &'p str), Error> {
        let located = part.name.split_once('/').and_then(|(folder, file)| {
            let known = BAR_FOLDERS.contains(&(folder, part.frequency));
            let symbol =
                table_stem(file).filter(|symbol| known && symbol::check(symbol).is_ok())?;
            Some((self.options.path.join(folder).join(file), symbol))
        });
        located.ok_or_else(|| Error::ForeignPart { adapter: NAME, name: part.name.clone() })
    }
}

impl Source for CsvDir {
    fn name(&self) -> &str {
        NAME
    }

    fn is_dear(&self) -> bool {
        false
    }

    fn identity(&self, part: &Part) -> Option<String> {
        written(&self.locate(part).ok()?.0)
    }

    fn table_identity(&self, part: &TablePart) -> Option<String> {
        written(&tables::locate(&self.options, part).ok()?.0)
    }

    fn survey(&self, selection: &Selection) -> Result<Survey, SourceError> {
        Ok(survey::surveyed(&self.options, selection)?.survey)
    }

    fn fetch(&self, part: &Part, selection: &Selection) -> Result<Delivery, SourceError> {
        let (path, format) = self.format(part, selection)?;
        let refused = |detail| Ok(bars::refused(&format, Reason::BadFile { detail }));
        match check(&path).and_then(|()| compression::read(&path, LARGEST)) {
            Ok(bytes) => match table::text(&part.name, bytes) {
                Ok(text) => Ok(parse_bars(&text, &format)),
                Err(reason) => Ok(bars::refused(&format, reason)),
            },
            Err(Fault::Content(detail)) => refused(detail),
            Err(Fault::Io(source)) => Err(Error::io("read", &path, source).into()),
        }
    }

    fn fetch_table(
        &self,
        part: &TablePart,
        selection: &Selection,
    ) -> Result<TableDelivery, SourceError> {
        Ok(tables::fetch_whole(&self.options, part, selection)?)
    }

    fn fetch_table_in_pieces(
        &self,
        part: &TablePart,
        selection: &Selection,
        bytes: usize,
        take: &mut dyn FnMut(TableDelivery) -> ControlFlow<()>,
    ) -> Result<(), SourceError> {
        Ok(tables::fetch(&self.options, part, selection, bytes, take)?)
    }

    fn fetch_in_pieces(
        &self,
        part: &Part,
        selection: &Selection,
        bytes: usize,
        take: &mut dyn FnMut(Delivery) -> ControlFlow<()>,
    ) -> Result<(), SourceError> {
        if table::is_parquet(&part.name) {
            let _ = take(self.fetch(part, selection)?);
            return Ok(());
        }
        let (path, format) = self.format(part, selection)?;
        let text = check(&path).and_then(|()| Unpacked::open(&path));
        match text.and_then(|text| pieces::read(text, &format, bytes, take)) {
            Ok(()) => Ok(()),
            Err(Fault::Content(detail)) => Err(Error::BadFile { detail }.into()),
            Err(Fault::Io(source)) => Err(Error::io("read", &path, source).into()),
        }
    }
}

/// When a file was last written.
pub(in crate::file) fn written(path: &Path) -> Option<String> {
    let written = fs::metadata(path).ok()?.modified().ok()?;
    let since = written.duration_since(UNIX_EPOCH).ok()?;
    Some(since.as_nanos().to_string())
}

/// A pipe would keep us waiting for ever.
fn check(path: &Path) -> Result<(), Fault> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_file() => Ok(()),
        Ok(_) => Err(Fault::Content("it is no regular file".to_owned())),
        Err(error) => Err(Fault::Io(error)),
    }
}
