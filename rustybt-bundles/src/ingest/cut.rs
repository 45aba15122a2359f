//! Cutting: the rows of some assets that lie in a stretch of time, as a block.

use std::ops::Range;

use chrono::Datelike;
use rustybt_calendars::Session;
use rustybt_data::{Field, RawBars, Stamps};

use super::chunk::{AssetBars, too_many_digits};
use crate::Error;
use crate::block::{Block, Overflow};
use crate::block_column::extend;
use crate::decimals::{Needs, Scales};
use crate::table::Dataset;

/// The years that bars lie in.
pub(super) fn years(bars: &RawBars) -> Range<i32> {
    let (first, last) = match &bars.stamps {
        Stamps::Sessions(days) => (days.first().copied(), days.last().copied()),
        Stamps::Instants(at) => (at.first().map(|at| at.date()), at.last().map(|at| at.date())),
    };
    match (first, last) {
        (Some(first), Some(last)) => first.date().year()..last.date().year() + 1,
        _ => 0..0,
    }
}

/// The digits that some bars need.
pub(super) fn needs(bars: &RawBars) -> Needs {
    let mut needs = Needs::default();
    for (field, column) in &bars.columns {
        needs.add(*field, column.digits());
        if Field::OPTIONAL.contains(field) && (0..column.len()).any(|row| column.get(row).is_some())
        {
            needs.has(*field);
        }
    }
    needs
}

/// The stamps of a year, in the unit of a table.
pub(super) fn year(dataset: Dataset, year: i64) -> Range<i64> {
    let day = |year: i64| {
        let year = i32::try_from(year).unwrap_or(i32::MAX);
        let first = Session::from_ymd(year, 1, 1).unwrap_or(Session::from_days(i32::MAX));
        if dataset.is_intraday() { first.midnight().micros() } else { first.days().into() }
    };
    day(year)..day(year.saturating_add(1))
}

/// The rows with these stamps, of assets in ascending order of sid.
pub(super) fn cut(
    dataset: Dataset,
    assets: &[AssetBars],
    stamps: &Range<i64>,
    scales: Scales,
) -> Result<Block, Error> {
    let ranges: Vec<Range<usize>> = assets
        .iter()
        .map(|asset| match &asset.bars.stamps {
            Stamps::Sessions(days) => {
                let before = |end: i64| days.partition_point(|day| i64::from(day.days()) < end);
                before(stamps.start)..before(stamps.end)
            }
            Stamps::Instants(at) => {
                let before = |end: i64| at.partition_point(|at| at.micros() < end);
                before(stamps.start)..before(stamps.end)
            }
        })
        .collect();
    let rows = ranges.iter().map(Range::len).sum();
    let mut block = Block::with_capacity(scales, rows);
    for (asset, range) in assets.iter().zip(ranges) {
        append(dataset, &mut block, asset, range)?;
    }
    Ok(block)
}

fn append(
    dataset: Dataset,
    block: &mut Block,
    asset: &AssetBars,
    range: Range<usize>,
) -> Result<(), Error> {
    block.sids.resize(block.sids.len() + range.len(), asset.sid.0.into());
    match &asset.bars.stamps {
        Stamps::Sessions(days) => {
            let days = days.get(range.clone()).unwrap_or_default();
            block.stamps.extend(days.iter().map(|day| i64::from(day.days())));
        }
        Stamps::Instants(at) => {
            let at = at.get(range.clone()).unwrap_or_default();
            block.stamps.extend(at.iter().map(|at| at.micros()));
        }
    }
    for (field, to) in block.scales.fields().zip(&mut block.fields) {
        let Some(column) = asset.bars.column(field) else {
            range.clone().for_each(|_| to.push_missing());
            continue;
        };
        let decimals = block.scales.of(field);
        if !extend(to, column, range.clone(), decimals) {
            let overflow = Overflow { sid: asset.sid, field, scale: decimals.scale };
            return Err(too_many_digits(dataset, &asset.symbol, overflow));
        }
    }
    Ok(())
}
