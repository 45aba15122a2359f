//! Bars in memory: the reader that everything is tested with.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::{
    BarReader, Error, Exact, ExactColumn, Field, RawBars, Run, Sid, SidIndex, Stamps, Timeline,
};

/// A [`BarReader`] of bars in memory.
///
/// Each asset's values lie side by side, one `f64` a row from its first bar to its last, and its
/// exact decimals beside them.
///
/// ```
/// use rustybt_calendars::calendar;
/// use rustybt_data::{BarReaderExt, Field, MemoryBars, Sid, Timeline};
///
/// let week = Timeline::daily(calendar("XNYS")?, "2014-06-02".parse()?, "2014-06-06".parse()?)?;
/// let bars = MemoryBars::builder(week)
///     .series(Sid(0), 1, &[(Field::Close, &[637.54, 644.82]), (Field::Volume, &[73e6, 83e6])])?
///     .build();
/// assert_eq!(bars.value(Field::Close, Sid(0), 2)?, 644.82); // Wednesday
/// assert!(bars.value(Field::Close, Sid(0), 0)?.is_nan()); // Monday has no bar
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct MemoryBars {
    timeline: Timeline,
    sids: Vec<Sid>,
    index: SidIndex,
    /// One an asset, in the order of `sids`.
    series: Vec<Series>,
    fields: Vec<Field>,
}

/// The bars of one asset from the row of its first to the row of its last.
#[derive(Debug, Clone, Default)]
struct Series {
    first: usize,
    /// In the order of [`Field::ALL`]; those that no bar has are empty.
    columns: [Column; 8],
}

#[derive(Debug, Clone, Default)]
struct Column {
    values: Vec<f64>,
    /// As ingested; `None` where the asset came as `f64`.
    exact: Option<ExactColumn>,
}

/// Collects assets into [`MemoryBars`].
#[derive(Debug, Clone)]
pub struct MemoryBarsBuilder {
    timeline: Timeline,
    series: BTreeMap<Sid, Series>,
}

impl MemoryBars {
    /// Starts with no assets.
    pub fn builder(timeline: Timeline) -> MemoryBarsBuilder {
        MemoryBarsBuilder { timeline, series: BTreeMap::new() }
    }

    /// Lays the bars of each asset on a timeline; see [`MemoryBarsBuilder::bars`].
    pub fn new<'a>(
        timeline: Timeline,
        assets: impl IntoIterator<Item = (Sid, &'a RawBars)>,
    ) -> Self {
        let mut builder = Self::builder(timeline);
        for (sid, bars) in assets {
            builder = builder.bars(sid, bars);
        }
        builder.build()
    }

    fn series(&self, sid: Sid) -> Result<&Series, Error> {
        self.index
            .position(sid)
            .and_then(|slot| self.series.get(slot))
            .ok_or_else(|| Error::UnknownSid { sid, largest: self.index.largest() })
    }

    #[cold]
    fn no_field(&self, field: Field) -> Error {
        Error::NoField { field, frequency: self.timeline.frequency() }
    }

    #[cold]
    fn out_of_range(&self, rows: Range<usize>) -> Error {
        Error::OutOfRange {
            start: rows.start,
            end: rows.end,
            rows: self.timeline.len(),
            frequency: self.timeline.frequency(),
        }
    }
}

impl MemoryBarsBuilder {
    /// Adds an asset's bars, exact, each at the row of its stamp.
    ///
    /// Bars whose stamps the timeline does not have (days that are no sessions, minutes outside
    /// regular hours) are left out. Where a stamp comes twice, the later bar counts.
    #[must_use]
    pub fn bars(mut self, sid: Sid, bars: &RawBars) -> Self {
        let rows: Vec<Option<usize>> = match &bars.stamps {
            Stamps::Sessions(days) => {
                days.iter().map(|&day| self.timeline.row_of(day.midnight())).collect()
            }
            Stamps::Instants(opens) => opens.iter().map(|&at| self.timeline.row_of(at)).collect(),
        };
        let placed = rows.iter().flatten();
        let (Some(&first), Some(&last)) = (placed.clone().min(), placed.max()) else {
            self.series.insert(sid, Series::default());
            return self;
        };
        let mut series = Series { first, ..Series::default() };
        for (field, column) in Field::ALL.into_iter().zip(&mut series.columns) {
            if bars.column(field).is_none() && !Field::OHLCV.contains(&field) {
                continue;
            }
            let mut placed = vec![usize::MAX; last + 1 - first];
            column.values = vec![field.missing(); last + 1 - first];
            let Some(given) = bars.column(field) else { continue };
            for (row, bar) in rows.iter().zip(0..) {
                let Some(at) = row.map(|row| row - first) else { continue };
                let value = given.get(bar);
                if let (Some(from), Some(place)) = (placed.get_mut(at), column.values.get_mut(at)) {
                    *from = bar;
                    *place = value.map_or(field.missing(), Exact::to_f64);
                }
            }
            column.exact = Some(given.pick(&placed));
        }
        self.series.insert(sid, series);
        self
    }

    /// Adds an asset as columns of `f64` that begin at the row `first`; other columns are missing.
    ///
    /// Its exact values are the shortest decimals that give these numbers.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] where the columns differ in length, [`Error::OutOfRange`] where they leave
    /// the timeline.
    pub fn series(
        mut self,
        sid: Sid,
        first: usize,
        columns: &[(Field, &[f64])],
    ) -> Result<Self, Error> {
        let expected = columns.first().map_or(0, |(_, values)| values.len());
        let mut series = Series { first, ..Series::default() };
        for (field, column) in Field::ALL.into_iter().zip(&mut series.columns) {
            column.values = match columns.iter().find(|(name, _)| *name == field) {
                Some((_, values)) if values.len() == expected => values.to_vec(),
                Some((_, values)) => {
                    return Err(Error::Shape { what: field.name(), found: values.len(), expected });
                }
                None if Field::OHLCV.contains(&field) => vec![field.missing(); expected],
                None => Vec::new(),
            };
        }
        let end = first.saturating_add(expected);
        if end > self.timeline.len() {
            return Err(Error::OutOfRange {
                start: first,
                end,
                rows: self.timeline.len(),
                frequency: self.timeline.frequency(),
            });
        }
        self.series.insert(sid, series);
        Ok(self)
    }

    /// The reader.
    pub fn build(self) -> MemoryBars {
        let sids: Vec<Sid> = self.series.keys().copied().collect();
        let has = |field: &Field| {
            let mut columns = self.series.values().map(|series| series.columns.get(field.index()));
            Field::OHLCV.contains(field)
                || columns.any(|column| column.is_some_and(|column| !column.values.is_empty()))
        };
        let fields = Field::ALL.into_iter().filter(has).collect();
        MemoryBars {
            fields,
            timeline: self.timeline,
            index: SidIndex::new(sids.iter().copied()),
            sids,
            series: self.series.into_values().collect(),
        }
    }
}

impl BarReader for MemoryBars {
    fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    fn sids(&self) -> &[Sid] {
        &self.sids
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    #[inline]
    fn run(&self, field: Field, sid: Sid, row: usize) -> Result<Run<'_>, Error> {
        let series = self.series(sid)?;
        if field.index() >= Field::OHLCV.len() && !self.fields.contains(&field) {
            return Err(self.no_field(field));
        }
        let values = series.columns.get(field.index()).map_or(&[][..], |column| &column.values);
        if row < series.first + values.len() && row >= series.first {
            return Ok(Run { first: series.first, values });
        }
        if row < self.timeline.len() {
            Ok(Run::empty(row))
        } else {
            Err(self.out_of_range(row..row + 1))
        }
    }

    fn exact(&self, field: Field, sid: Sid, rows: Range<usize>) -> Result<ExactColumn, Error> {
        let series = self.series(sid)?;
        if rows.start > rows.end || rows.end > self.timeline.len() {
            return Err(self.out_of_range(rows));
        }
        let column = series.columns.get(field.index()).filter(|_| self.fields.contains(&field));
        let column = column.ok_or_else(|| self.no_field(field))?;
        let places = rows.map(|row| row.checked_sub(series.first));
        if let Some(exact) = &column.exact {
            let places: Vec<usize> = places.map(|at| at.unwrap_or(usize::MAX)).collect();
            return Ok(exact.pick(&places));
        }
        let mut exact = ExactColumn::default();
        for at in places {
            let value = at.and_then(|at| column.values.get(at)).filter(|value| !value.is_nan());
            let value = value.map(|value| value.to_string().parse()).transpose()?;
            exact.push(value).map_err(|reason| Error::BadDecimal {
                text: value.map_or_else(String::new, |value: Exact| value.to_string()),
                reason,
            })?;
        }
        Ok(exact)
    }
}

#[cfg(test)]
mod tests {
    use rustybt_calendars::{Session, calendar};

    use super::*;
    use crate::BarReaderExt;

    fn day(text: &str) -> Session {
        text.parse().unwrap()
    }

    fn week() -> Timeline {
        Timeline::daily(calendar("XNYS").unwrap(), day("2014-06-02"), day("2014-06-06")).unwrap()
    }

    fn column(values: &[Option<&str>]) -> ExactColumn {
        let mut column = ExactColumn::default();
        for value in values {
            column.push(value.map(|text| text.parse().unwrap())).unwrap();
        }
        column
    }

    fn raw() -> RawBars {
        let price = column(&[Some("644.82"), Some("637.5"), None, Some("1")]);
        let volume = column(&[Some("83"), Some("73"), Some("0"), Some("9")]);
        let mut columns: Vec<_> = Field::OHLCV[..4].iter().map(|&f| (f, price.clone())).collect();
        columns.push((Field::Volume, volume));
        // Out of order, one of them a Saturday.
        let days = ["2014-06-04", "2014-06-03", "2014-06-05", "2014-06-07"].map(day).to_vec();
        RawBars { stamps: Stamps::Sessions(days), columns, lines: Vec::new() }
    }

    #[test]
    fn bars_lie_at_the_rows_of_their_sessions() {
        let bars = MemoryBars::new(week(), [(Sid(4), &raw())]);
        let mut close = [0.0; 5];
        bars.copy(Field::Close, Sid(4), 0..5, &mut close).unwrap();
        assert_eq!(
            close.map(|v| if v.is_nan() { -1.0 } else { v }),
            [-1.0, 637.5, 644.82, -1.0, -1.0]
        );
        let mut volume = [9.0; 5];
        bars.copy(Field::Volume, Sid(4), 0..5, &mut volume).unwrap();
        assert_eq!(volume, [0.0, 73.0, 83.0, 0.0, 0.0]);
        let exact = bars.exact(Field::Close, Sid(4), 0..5).unwrap();
        assert_eq!(exact.get(2), Some("644.82".parse().unwrap()));
        assert_eq!((exact.get(0), exact.get(3), exact.len()), (None, None, 5));
    }

    #[test]
    fn floats_have_their_shortest_decimals() {
        let bars = MemoryBars::builder(week())
            .series(Sid(0), 3, &[(Field::Close, &[16.25, f64::NAN])])
            .unwrap()
            .build();
        let exact = bars.exact(Field::Close, Sid(0), 2..5).unwrap();
        assert_eq!([exact.get(0), exact.get(1), exact.get(2)], [None, "16.25".parse().ok(), None]);
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let bars = MemoryBars::new(week(), [(Sid(4), &raw())]);
        assert!(matches!(bars.run(Field::Close, Sid(5), 0), Err(Error::UnknownSid { .. })));
        assert!(matches!(bars.run(Field::Close, Sid(4), 5), Err(Error::OutOfRange { .. })));
        let builder = MemoryBars::builder(week());
        assert!(matches!(
            builder.clone().series(Sid(0), 4, &[(Field::Close, &[1.0, 2.0])]),
            Err(Error::OutOfRange { .. })
        ));
        assert!(matches!(
            builder.series(Sid(0), 0, &[(Field::Close, &[1.0, 2.0]), (Field::Open, &[1.0])]),
            Err(Error::Shape { .. })
        ));
    }
}
