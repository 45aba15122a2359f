//! `parquet`: plain Parquet files, partitioned the way Hive does it or not at all.
//!
//! ```text
//! DIR/symbol=AAPL/year=2024/x.parquet      the symbol is told by the folder,
//! DIR/year=2024/month=1/x.parquet          by a column `symbol`,
//! DIR/AAPL.parquet                         or by the name of the file
//! DIR/assets.csv  DIR/splits.parquet  …    beside them the companion files of `csvdir`
//! ```
//!
//! Every file that has bars is a part. Rows are read as those of a CSV file are, so that decimals
//! stay exact and doubles are taken for the shortest decimals that read back as the same.

mod columns;
mod folder;
mod options;
mod rows;

use std::path::PathBuf;

use rustybt_data::{
    AssetClass, Delivery, Frequency, Part, Reason, Selection, Source, SourceError, Survey,
};

use self::folder::BarsFolder;
pub use self::options::ParquetOptions;
use crate::Error;
use crate::descriptor::Descriptor;
use crate::file::compression::{self, Fault, LARGEST};
use crate::file::csvdir::{BarFormat, check_folder, parse_bars, refused, survey, written};

/// What the adapter says of itself.
pub(crate) static PARQUET: Descriptor = Descriptor {
    name: NAME,
    summary: "Parquet files of bars, in folders such as symbol=AAPL/year=2024 or in one",
    docs: "https://parquet.apache.org/docs/",
    classes: &AssetClass::ALL,
    frequencies: &[Frequency::DAILY, Frequency::MINUTE],
    credentials: &[],
    limits: "files of up to 4 GiB each",
    streams: false,
    options: &options::SPECS,
    open: |options| Ok(Box::new(ParquetDir::open(&ParquetOptions::parse(options)?)?)),
};

const NAME: &str = "parquet";

/// What stands between a file and a symbol in the name of a part.
const OF: &str = "@";

/// A folder of Parquet files as a source of bars.
#[derive(Debug, Clone)]
pub struct ParquetDir {
    options: ParquetOptions,
}

impl ParquetDir {
    /// The folder that `options` name; it must be there.
    ///
    /// # Errors
    ///
    /// [`Error::NoFolder`], [`Error::NotAFolder`] and [`Error::NoPermission`].
    pub fn open(options: &ParquetOptions) -> Result<Self, Error> {
        check_folder(options.files.path())?;
        Ok(Self { options: options.clone() })
    }

    /// The file of a part, and whose rows of it are meant where it has those of several.
    fn locate<'p>(&self, part: &'p str) -> Result<(PathBuf, Option<&'p str>), Error> {
        let split = part.rsplit_once(OF).filter(|(file, _)| folder::is_parquet(file));
        let (file, symbol) = split.map_or((part, None), |(file, symbol)| (file, Some(symbol)));
        let inside = |step: &str| !matches!(step, "" | "." | "..") && !step.contains('\\');
        if !folder::is_parquet(file) || !file.split('/').all(inside) {
            return Err(Error::ForeignPart { adapter: NAME, name: part.to_owned() });
        }
        Ok((self.options.files.path().join(file), symbol))
    }
}

impl Source for ParquetDir {
    fn name(&self) -> &str {
        NAME
    }

    fn is_dear(&self) -> bool {
        false
    }

    fn identity(&self, part: &Part) -> Option<String> {
        written(&self.locate(&part.name).ok()?.0)
    }

    fn survey(&self, selection: &Selection) -> Result<Survey, SourceError> {
        let BarsFolder { folder, venues } = BarsFolder::list(&self.options, selection)?;
        let surveyed =
            survey::of_folder(folder, &self.options.files, selection, |name, record| {
                let venue = venues.get(name).filter(|venue| !venue.is_empty());
                record.exchange = venue.cloned().or(record.exchange.take());
            })?;
        Ok(surveyed.survey)
    }

    fn fetch(&self, part: &Part, selection: &Selection) -> Result<Delivery, SourceError> {
        let (path, symbol) = self.locate(&part.name)?;
        let told = folder::told(&part.name);
        let format = BarFormat {
            origin: &part.name,
            symbol: symbol.or(told.symbol.as_deref()).unwrap_or(&part.name),
            asset: part.asset,
            frequency: part.frequency,
            label: self.options.files.label(),
            zone: self.options.files.zone(),
            selection,
        };
        let bytes = match compression::read(&path, LARGEST) {
            Ok(bytes) => bytes,
            Err(Fault::Io(source)) => return Err(Error::io("read", &path, source).into()),
            Err(Fault::Content(detail)) => {
                return Ok(refused(&format, Reason::BadFile { detail }));
            }
        };
        match rows::as_csv(bytes, &self.options.columns, symbol, told.date.as_deref()) {
            Ok(text) => Ok(parse_bars(&text, &format)),
            Err(reason) => Ok(refused(&format, reason)),
        }
    }
}
