//! Frames from named columns, as files and data frames have them.

use std::collections::BTreeMap;

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{AssetFinder, Sid, TableValues};

use super::frame::{Frame, day_of};
use crate::Error;

/// The names of the column that says which date a row is of, the first that is there.
const DATE: [&str; 3] = ["date", "ts", "event_date"];

impl Frame {
    /// The table of these columns, and how many rows were left out.
    ///
    /// `date` (or `ts`, or `event_date`) is a date or an instant, `sid` a whole number, `symbol` a text: the
    /// symbol that an asset had on the date. `known_at` is an instant; a date there means the end of that
    /// day in UTC. Without `sid` and `symbol` a row is of every asset. Rows without a date and those of
    /// assets that `finder` does not know are left out.
    ///
    /// ```
    /// use rustybt_data::{Synthetic, SyntheticConfig, TableValues};
    /// use rustybt_pipeline::Frame;
    ///
    /// let market = Synthetic::new(SyntheticConfig { assets: 3, ..SyntheticConfig::default() })?;
    /// let portal = market.portal()?;
    /// let (asset, date) = (&portal.finder().assets()[1], "2016-03-01".parse()?);
    /// let (frame, left_out) = Frame::of_columns(
    ///     "News",
    ///     vec![
    ///         ("date".into(), TableValues::Date(vec![Some(date), Some(date)])),
    ///         ("symbol".into(), TableValues::Text(vec![Some(asset.symbol_at(date).into()), None])),
    ///         ("score".into(), TableValues::Float(vec![Some(0.5), None])),
    ///     ],
    ///     portal.finder().as_ref(),
    /// )?;
    /// assert_eq!((frame.columns().len(), left_out), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NotDated`] without such a date, [`Error::ColumnKind`] for a `sid`, a `symbol` or a `known_at` of
    /// another type, [`Error::FrameRows`] for columns of several lengths.
    pub fn of_columns(
        name: &str,
        columns: Vec<(String, TableValues)>,
        finder: &dyn AssetFinder,
    ) -> Result<(Self, usize), Error> {
        let find = |wanted: &str| columns.iter().find(|(own, _)| own == wanted);
        let dates = DATE.into_iter().find_map(find);
        let dates = dates.and_then(|(_, values)| days(values));
        let Some(dates) = dates else { return Err(Error::NotDated { dataset: name.to_owned() }) };
        let sids = match (find("sid"), find("symbol")) {
            (Some((_, TableValues::Int(sids))), _) => {
                let sid = |sid: &Option<i64>| sid.and_then(|sid| u32::try_from(sid).ok()).map(Sid);
                Some(sids.iter().map(sid).collect())
            }
            (Some((own, values)), _) => return Err(kind(name, own, values, "whole numbers")),
            (None, Some((_, TableValues::Text(symbols)))) => {
                Some(looked_up(symbols, &dates, finder))
            }
            (None, Some((own, values))) => return Err(kind(name, own, values, "texts")),
            (None, None) => None,
        };
        let known = match find("known_at") {
            None => None,
            Some((own, values)) => match instants(values) {
                Some(known) => Some(known),
                None => return Err(kind(name, own, values, "instants")),
            },
        };
        for (own, values) in &columns {
            if values.len() != dates.len() {
                let (column, found, expected) =
                    (format!("{name}.{own}"), values.len(), dates.len());
                return Err(Error::FrameRows { column, found, expected });
            }
        }
        let of_asset = |row: usize| {
            sids.as_ref()
                .is_none_or(|sids: &Vec<Option<Sid>>| sids.get(row).is_some_and(Option::is_some))
        };
        let is_dated = |row: &usize| dates.get(*row).is_some_and(Option::is_some);
        let kept: Vec<usize> =
            (0..dates.len()).filter(|row| is_dated(row) && of_asset(*row)).collect();
        let left_out = dates.len() - kept.len();
        let own_sids = sids.unwrap_or_default();
        let mut frame = Self::new(name, picked(&own_sids, &kept), picked(&dates, &kept))?;
        if let Some(known) = known {
            let at = |row: &usize| known.get(*row).copied().flatten();
            frame = frame.known(kept.iter().map(at).collect())?;
        }
        for (own, values) in columns {
            if !DATE.contains(&own.as_str())
                && !["sid", "symbol", "known_at"].contains(&own.as_str())
            {
                let values = if left_out > 0 { of_rows(&values, &kept) } else { values };
                frame = frame.with(&own, values)?;
            }
        }
        Ok((frame, left_out))
    }
}

/// The values of the rows that are kept, all of which have one.
fn picked<T: Copy>(values: &[Option<T>], kept: &[usize]) -> Vec<T> {
    kept.iter().filter_map(|row| values.get(*row).copied().flatten()).collect()
}

/// The values of some rows; decimals become numbers.
fn of_rows(values: &TableValues, rows: &[usize]) -> TableValues {
    fn each<T: Clone>(values: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
        rows.iter().map(|row| values.get(*row).cloned().flatten()).collect()
    }
    match values {
        TableValues::Decimal(own) => {
            TableValues::Float(rows.iter().map(|row| own.f64(*row)).collect())
        }
        TableValues::Float(own) => TableValues::Float(each(own, rows)),
        TableValues::Int(own) => TableValues::Int(each(own, rows)),
        TableValues::Bool(own) => TableValues::Bool(each(own, rows)),
        TableValues::Text(own) => TableValues::Text(each(own, rows)),
        TableValues::Date(own) => TableValues::Date(each(own, rows)),
        TableValues::Instant(own) => TableValues::Instant(each(own, rows)),
        TableValues::Nanos(own) => TableValues::Nanos(each(own, rows)),
        // A type of a later version: nothing that a frame could take.
        other => other.clone(),
    }
}

fn kind(dataset: &str, column: &str, values: &TableValues, expected: &'static str) -> Error {
    let column = format!("{dataset}.{column}");
    Error::ColumnKind { column, found: values.kind().name(), expected }
}

fn days(values: &TableValues) -> Option<Vec<Option<Session>>> {
    match values {
        TableValues::Date(dates) => Some(dates.clone()),
        TableValues::Instant(times) | TableValues::Nanos(times) => {
            Some(times.iter().map(|time| time.map(day_of)).collect())
        }
        _ => None,
    }
}

fn instants(values: &TableValues) -> Option<Vec<Option<Timestamp>>> {
    match values {
        TableValues::Date(dates) => {
            Some(dates.iter().map(|date| date.map(|date| date.plus_days(1).midnight())).collect())
        }
        TableValues::Instant(times) | TableValues::Nanos(times) => Some(times.clone()),
        _ => None,
    }
}

/// Who had each symbol on its date.
fn looked_up<'a>(
    symbols: &'a [Option<String>],
    dates: &[Option<Session>],
    finder: &dyn AssetFinder,
) -> Vec<Option<Sid>> {
    let mut known: BTreeMap<(&'a str, Session), Option<Sid>> = BTreeMap::new();
    let sid = |(symbol, date): (&'a Option<String>, &Option<Session>)| {
        let (symbol, date) = (symbol.as_deref()?, (*date)?);
        *known.entry((symbol, date)).or_insert_with(|| finder.lookup(symbol, date).ok())
    };
    symbols.iter().zip(dates).map(sid).collect()
}
