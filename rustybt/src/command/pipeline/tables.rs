//! The tables that a pipeline sees: those of files, and those of the bundle.

use std::path::PathBuf;

use clap::Args;
use rustybt_bundles::Bundle;
use rustybt_calendars::Session;
use rustybt_data::{DataPortal, TableQuery, TableSchema};
use rustybt_pipeline::{BoundColumn, Frame, Pipeline};

use super::dataset::{self, DatasetFile, Kind, OfColumn, TableOrFile};
use crate::error::Error;

/// The options of tables.
#[derive(Debug, Args)]
pub(crate) struct TableArgs {
    /// A table of yours, CSV, Parquet or Arrow: `date`, `symbol` or `sid`, and columns that the file calls
    /// `NAME.column`
    #[arg(long, value_name = "NAME=FILE")]
    dataset: Vec<DatasetFile>,
    /// A table of events: `NAME.next_column` and `NAME.previous_column`, and so for `date`; without a file, a
    /// table of the bundle
    #[arg(long, value_name = "NAME[=FILE]")]
    events: Vec<TableOrFile>,
    /// A table of estimates: `NAME.next(2).column` and `NAME.previous(2).column`; without a file, a table of
    /// the bundle
    #[arg(long, value_name = "NAME[=FILE]")]
    estimates: Vec<TableOrFile>,
    /// A column of estimates is adjusted for the splits up to a day
    #[arg(long, value_name = "NAME.COLUMN=DATE")]
    split_adjusted: Vec<OfColumn<Session>>,
    /// Corrections of a column of a table of yours: `sid`, `kind` (multiply, add, overwrite), `value`,
    /// `start_date`, `end_date`, `apply_date`
    #[arg(long, value_name = "NAME.COLUMN=FILE")]
    corrections: Vec<OfColumn<PathBuf>>,
    /// What a column of a table holds, where its cells do not tell
    #[arg(long, value_name = "NAME.COLUMN=TYPE")]
    dataset_type: Vec<OfColumn<Kind>>,
}

/// What the rows of a table of the bundle are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Values,
    Events,
    Estimates,
}

impl Taken {
    const ALL: [Self; 3] = [Self::Values, Self::Events, Self::Estimates];

    fn columns(self, schema: &TableSchema) -> Vec<BoundColumn> {
        match self {
            Self::Values => Frame::columns_of(&schema.name, schema),
            Self::Events => Frame::event_columns_of(&schema.name, schema),
            Self::Estimates => Frame::estimate_columns_of(&schema.name, schema),
        }
    }
}

impl TableArgs {
    /// The tables of the files.
    pub(super) fn frames(&self, portal: Option<&DataPortal>) -> Result<Vec<Frame>, Error> {
        let read = |file: &DatasetFile| {
            let finder = portal.map(|portal| portal.finder().as_ref());
            dataset::read(file, &self.dataset_type, finder)
        };
        let mut frames = Vec::with_capacity(self.dataset.len());
        for file in &self.dataset {
            let mut frame = read(file)?;
            for own in self.corrections.iter().filter(|own| own.table == file.name) {
                if let Some(portal) = portal {
                    let changes = dataset::changes(&own.value, portal.finder().as_ref())?;
                    frame = frame.restated(&own.column, changes)?;
                }
            }
            frames.push(frame);
        }
        for named in &self.events {
            if let TableOrFile::File(file) = named {
                frames.push(read(file)?.as_events());
            }
        }
        for named in &self.estimates {
            if let TableOrFile::File(file) = named {
                frames.push(self.adjusted(read(file)?.as_estimates()?, portal)?);
            }
        }
        for (option, table) in self
            .corrections
            .iter()
            .map(|own| ("--corrections", &own.table))
            .chain(self.split_adjusted.iter().map(|own| ("--split-adjusted", &own.table)))
        {
            let of_bundle = option == "--split-adjusted" && self.is_estimates(table);
            if !of_bundle && !frames.iter().any(|frame| frame.name() == table) {
                return Err(Error::NoSuchTable { option, table: table.clone() });
            }
        }
        Ok(frames)
    }

    /// The columns of the bundle's tables.
    pub(super) fn columns(&self, bundle: &Bundle) -> Result<Vec<BoundColumn>, Error> {
        for named in self.events.iter().chain(&self.estimates) {
            if let TableOrFile::Table(name) = named {
                bundle.table(name)?;
            }
        }
        let mut columns = Vec::new();
        for table in bundle.tables() {
            let table = bundle.table(&table.name)?;
            for taken in self.taken(&table.schema().name) {
                columns.extend(taken.columns(table.schema()));
            }
        }
        Ok(columns)
    }

    /// The tables of the bundle that a pipeline names, beside those of files; only they are read.
    pub(super) fn stored(
        &self,
        bundle: &Bundle,
        portal: &DataPortal,
        pipeline: &Pipeline,
        own: &[Frame],
    ) -> Result<Vec<Frame>, Error> {
        let mut frames = Vec::new();
        let inputs = pipeline.inputs();
        for table in bundle.tables() {
            if own.iter().any(|own| own.name() == table.name) {
                continue;
            }
            let table = bundle.table(&table.name)?;
            let name = &table.schema().name;
            let named = |taken: &Taken| {
                let columns = taken.columns(table.schema());
                inputs.iter().any(|input| columns.contains(input))
            };
            let wanted: Vec<Taken> = self.taken(name).filter(named).collect();
            if wanted.is_empty() {
                continue;
            }
            let frame = Frame::of_table(name, &table.scan(&TableQuery::new())?)?;
            for taken in wanted {
                frames.push(match taken {
                    Taken::Values => frame.clone(),
                    Taken::Events => frame.clone().as_events(),
                    Taken::Estimates => {
                        self.adjusted(frame.clone().as_estimates()?, Some(portal))?
                    }
                });
            }
        }
        Ok(frames)
    }

    /// What a table of the bundle is taken for: `events` and `estimates` are what they are called.
    fn taken(&self, name: &str) -> impl Iterator<Item = Taken> {
        let is_events = name == "events" || is_named(&self.events, name);
        let is_estimates = self.is_estimates(name);
        Taken::ALL.into_iter().filter(move |taken| match taken {
            Taken::Values => true,
            Taken::Events => is_events,
            Taken::Estimates => is_estimates,
        })
    }

    fn is_estimates(&self, name: &str) -> bool {
        name == "estimates" || is_named(&self.estimates, name)
    }

    /// Estimates with the columns that are adjusted for splits.
    fn adjusted(&self, mut frame: Frame, portal: Option<&DataPortal>) -> Result<Frame, Error> {
        let Some(portal) = portal else { return Ok(frame) };
        let name = frame.name().to_owned();
        for own in self.split_adjusted.iter().filter(|own| own.table == name) {
            let splits = portal.adjustments().as_ref();
            frame = frame.split_adjusted(&own.column, own.value, splits)?;
        }
        Ok(frame)
    }
}

fn is_named(tables: &[TableOrFile], name: &str) -> bool {
    tables.iter().any(|named| matches!(named, TableOrFile::Table(own) if own == name))
}
