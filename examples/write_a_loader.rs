//! A loader of one's own: a data set that is computed, beside the prices of another loader.
//!
//! ```text
//! cargo run --example write_a_loader
//! ```
//!
//! `Weather.degrees` is a number for each asset and day: here from a formula, in earnest from a service or a file of one's own.
//! The loader keeps the contract of `Loader`: a row is a session's position in the calendar and holds what was known before that
//! session opened, and nothing that comes later changes it.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::borrow::Cow;
use std::error::Error;
use std::ops::Range;
use std::sync::Arc;

use rustybt::calendars::Calendar;
use rustybt::data::{AssetFinder, Sid, Synthetic, SyntheticConfig};
use rustybt::pipeline::parse::parse_with;
use rustybt::pipeline::{
    BoundColumn, ColumnKind, Engine, EquityLoader, Error as PipelineError, Loader, Restatements,
    RunOptions, Series, Words,
};

/// The columns of another loader, and `Weather.degrees`.
#[derive(Debug)]
struct WithWeather {
    base: Arc<dyn Loader>,
    degrees: BoundColumn,
}

impl WithWeather {
    fn new(base: Arc<dyn Loader>) -> Self {
        Self { base, degrees: BoundColumn::of_kind("Weather", "degrees", ColumnKind::Number) }
    }

    /// What was measured at the asset's place on the day before a row's session; nothing on Mondays.
    fn measured(&self, sid: Sid, row: usize) -> f64 {
        let Some(day) = row.checked_sub(1).and_then(|row| self.calendar().session_at(row)) else {
            return f64::NAN;
        };
        let season = (f64::from(day.days()) / 365.25 * std::f64::consts::TAU).sin();
        if day.days() % 7 == 4 { f64::NAN } else { 10.0 + 12.0 * season + f64::from(sid.0 % 5) }
    }
}

impl Loader for WithWeather {
    fn calendar(&self) -> &Arc<Calendar> {
        self.base.calendar()
    }

    fn finder(&self) -> &dyn AssetFinder {
        self.base.finder()
    }

    fn first_row(&self) -> usize {
        self.base.first_row()
    }

    fn first_row_of(&self, column: &BoundColumn) -> usize {
        if *column == self.degrees { 1 } else { self.base.first_row_of(column) }
    }

    fn columns(&self) -> Vec<BoundColumn> {
        let mut columns = self.base.columns();
        columns.push(self.degrees.clone());
        columns
    }

    fn words(&self, column: &BoundColumn) -> Result<Words, PipelineError> {
        self.base.words(column)
    }

    fn load(
        &self,
        column: &BoundColumn,
        rows: Range<usize>,
        sids: &[Sid],
    ) -> Result<Vec<Series<'_>>, PipelineError> {
        if *column != self.degrees {
            return self.base.load(column, rows, sids);
        }
        let series = |sid: &Sid| Series {
            values: Cow::Owned(rows.clone().map(|row| self.measured(*sid, row)).collect()),
            // Nothing that becomes known later changes what was measured.
            restatements: Cow::Owned(Restatements::default()),
        };
        Ok(sids.iter().map(series).collect())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let market = Synthetic::new(SyntheticConfig { assets: 20, ..SyntheticConfig::default() })?;
    let prices = Arc::new(EquityLoader::of(&market.portal()?)?);
    let loader = Arc::new(WithWeather::new(prices));

    let file = "
        mild = SimpleMovingAverage(inputs=[Weather.degrees], window_length=5)
        Pipeline(
            columns={'mild': mild, 'rank': mild.rank(ascending=False), 'returns': Returns(window_length=6)},
            screen=mild.top(3),
        )
    ";
    let pipeline = parse_with(file, "weather.pipe", &loader.columns())?;
    let engine = Engine::new(loader);
    let (start, end) = ("2016-03-01".parse()?, "2016-03-31".parse()?);
    let output = engine.run(&pipeline, start, end, &RunOptions::default())?;

    let today = output.on(start);
    for (i, sid) in today.sids().iter().enumerate() {
        let of = |name: &str| today.numbers(name).map(|numbers| numbers[i]);
        println!(
            "{start}  {sid:>4}  {:6.2}  {:4.0}  {:8.5}",
            of("mild")?,
            of("rank")?,
            of("returns")?
        );
    }
    assert_eq!(today.len(), 3);

    // The law that every loader must keep: the rows do not depend on how the run is cut.
    let chunked = RunOptions { chunk: Some(1), ..RunOptions::default() };
    let again = engine.run(&pipeline, start, end, &chunked)?;
    assert_eq!(again.numbers("mild")?, output.numbers("mild")?);
    Ok(())
}
