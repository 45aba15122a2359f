//! What a pipeline gives out: one row for each session and asset that its screen lets through.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::Sid;

use crate::Error;
use crate::panel::Panel;
use crate::term::{Dtype, Term};
use crate::workspace::Value;

/// The rows of a pipeline, ordered by session and then by sid.
#[derive(Debug, Clone, PartialEq)]
pub struct PipelineOutput {
    sessions: Vec<Session>,
    /// Where rows are bars within sessions.
    instants: Option<Vec<Timestamp>>,
    sids: Vec<Sid>,
    columns: Vec<(String, Column)>,
}

/// The values of one output column, one a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Of a factor; `NaN` where missing.
    Numbers(Vec<f64>),
    /// Of a filter.
    Flags(Vec<bool>),
    /// Of a classifier of whole numbers; `None` where missing. Bins have −1 there, as in zipline.
    Integers(Vec<Option<i64>>),
    /// Of a classifier of texts; `None` where missing.
    Texts(Vec<Option<Arc<str>>>),
    /// Of a factor of times; `None` where missing.
    Times(Vec<Option<Timestamp>>),
}

impl Column {
    /// The number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Flags(flags) => flags.len(),
            Self::Integers(labels) => labels.len(),
            Self::Texts(labels) => labels.len(),
            Self::Times(times) => times.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Numbers(_) => "numbers",
            Self::Flags(_) => "flags",
            Self::Integers(_) => "integers",
            Self::Texts(_) => "texts",
            Self::Times(_) => "times",
        }
    }

    fn is_not(&self, name: &str, expected: &'static str) -> Error {
        Error::Kind { name: name.to_owned(), found: self.kind(), expected }
    }

    /// A column without rows.
    pub(crate) const fn empty(dtype: Dtype) -> Self {
        match dtype {
            Dtype::Number => Self::Numbers(Vec::new()),
            Dtype::Flag => Self::Flags(Vec::new()),
            Dtype::Integer => Self::Integers(Vec::new()),
            Dtype::Text => Self::Texts(Vec::new()),
            Dtype::Time => Self::Times(Vec::new()),
        }
    }

    /// The values of a computed term at some cells.
    pub(crate) fn of(term: &Term, value: &Value<'_>, cells: &[Cell]) -> Self {
        match value {
            Value::Flag(panel) => Self::Flags(gather(panel, cells)),
            Value::Label(panel, Some(words)) => {
                let labels = gather(panel, cells);
                Self::Texts(labels.into_iter().map(|label| words.text(label).cloned()).collect())
            }
            Value::Label(panel, None) => {
                let missing = term.missing_label();
                let label = |label: f64| if label.is_nan() { missing } else { Some(label as i64) };
                Self::Integers(gather(panel, cells).into_iter().map(label).collect())
            }
            Value::Number(panel) if term.dtype() == Dtype::Time => {
                let time =
                    |time: f64| (!time.is_nan()).then(|| Timestamp::from_micros(time as i64));
                Self::Times(gather(panel, cells).into_iter().map(time).collect())
            }
            Value::Number(panel) => Self::Numbers(gather(panel, cells)),
            Value::Column(..) | Value::Parts(_) => Self::empty(term.dtype()),
        }
    }

    fn part(&self, rows: &Range<usize>) -> Self {
        match self {
            Self::Numbers(values) => Self::Numbers(part(values, rows)),
            Self::Flags(values) => Self::Flags(part(values, rows)),
            Self::Integers(values) => Self::Integers(part(values, rows)),
            Self::Texts(values) => Self::Texts(part(values, rows)),
            Self::Times(values) => Self::Times(part(values, rows)),
        }
    }

    fn extend(&mut self, more: Self) {
        match (self, more) {
            (Self::Numbers(all), Self::Numbers(more)) => extend(all, more),
            (Self::Flags(all), Self::Flags(more)) => extend(all, more),
            (Self::Integers(all), Self::Integers(more)) => extend(all, more),
            (Self::Texts(all), Self::Texts(more)) => extend(all, more),
            (Self::Times(all), Self::Times(more)) => extend(all, more),
            _ => unreachable!("a term has the same type in every chunk"),
        }
    }
}

impl PipelineOutput {
    /// An output without rows.
    pub(crate) fn empty(columns: impl IntoIterator<Item = (String, Column)>) -> Self {
        let columns = columns.into_iter().collect();
        Self { sessions: Vec::new(), instants: None, sids: Vec::new(), columns }
    }

    /// Puts in place the rows of a column; columns come in the order of the pipeline.
    pub(crate) fn extend(
        &mut self,
        rows: impl Iterator<Item = (Session, Option<Timestamp>, Sid)>,
        columns: impl IntoIterator<Item = Column>,
    ) {
        for (session, instant, sid) in rows {
            self.sessions.push(session);
            self.sids.push(sid);
            if let Some(instant) = instant {
                self.instants.get_or_insert_default().push(instant);
            }
        }
        for ((_, column), more) in self.columns.iter_mut().zip(columns) {
            column.extend(more);
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether the screen let nothing through.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// The session of each row.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The moment of each row, the opening of its bar; `None` where rows are sessions, and where there are none.
    pub fn instants(&self) -> Option<&[Timestamp]> {
        self.instants.as_deref()
    }

    /// The asset of each row.
    pub fn sids(&self) -> &[Sid] {
        &self.sids
    }

    /// The columns and their names, in the order of the pipeline.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.columns.iter().map(|(name, column)| (name.as_str(), column))
    }

    /// The values of a column.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownOutput`] where there is no such column.
    pub fn column(&self, name: &str) -> Result<&Column, Error> {
        let found = self.columns.iter().find(|(known, _)| known == name);
        found.map(|(_, column)| column).ok_or_else(|| Error::UnknownOutput {
            name: name.to_owned(),
            known: self.columns.iter().map(|(name, _)| name.clone()).collect(),
        })
    }

    /// The values of a factor's column.
    ///
    /// # Errors
    ///
    /// As [`column`](Self::column); [`Error::Kind`] where it holds flags.
    pub fn numbers(&self, name: &str) -> Result<&[f64], Error> {
        match self.column(name)? {
            Column::Numbers(numbers) => Ok(numbers),
            other => Err(other.is_not(name, "numbers")),
        }
    }

    /// The values of a filter's column.
    ///
    /// # Errors
    ///
    /// As [`column`](Self::column); [`Error::Kind`] where it holds numbers.
    pub fn flags(&self, name: &str) -> Result<&[bool], Error> {
        match self.column(name)? {
            Column::Flags(flags) => Ok(flags),
            other => Err(other.is_not(name, "flags")),
        }
    }

    /// The values of a column of whole-number labels.
    ///
    /// # Errors
    ///
    /// As [`column`](Self::column); [`Error::Kind`] where it holds something else.
    pub fn integers(&self, name: &str) -> Result<&[Option<i64>], Error> {
        match self.column(name)? {
            Column::Integers(labels) => Ok(labels),
            other => Err(other.is_not(name, "integers")),
        }
    }

    /// The values of a column of text labels.
    ///
    /// # Errors
    ///
    /// As [`column`](Self::column); [`Error::Kind`] where it holds something else.
    pub fn texts(&self, name: &str) -> Result<&[Option<Arc<str>>], Error> {
        match self.column(name)? {
            Column::Texts(labels) => Ok(labels),
            other => Err(other.is_not(name, "texts")),
        }
    }

    /// The values of a column of times.
    ///
    /// # Errors
    ///
    /// As [`column`](Self::column); [`Error::Kind`] where it holds something else.
    pub fn times(&self, name: &str) -> Result<&[Option<Timestamp>], Error> {
        match self.column(name)? {
            Column::Times(times) => Ok(times),
            other => Err(other.is_not(name, "times")),
        }
    }

    /// The positions of the rows of a session; empty where it has none.
    pub fn rows_of(&self, session: Session) -> Range<usize> {
        let start = self.sessions.partition_point(|known| *known < session);
        start..self.sessions.partition_point(|known| *known <= session)
    }

    /// The rows of one session, as an output of their own.
    #[must_use]
    pub fn on(&self, session: Session) -> Self {
        self.cut(&self.rows_of(session))
    }

    /// The rows of one moment, as an output of their own; none where rows are sessions.
    #[must_use]
    pub fn at(&self, instant: Timestamp) -> Self {
        let instants = self.instants.as_deref().unwrap_or_default();
        let start = instants.partition_point(|known| *known < instant);
        self.cut(&(start..instants.partition_point(|known| *known <= instant)))
    }

    fn cut(&self, rows: &Range<usize>) -> Self {
        let columns = self.columns.iter().map(|(name, column)| (name.clone(), column.part(rows)));
        Self {
            sessions: part(&self.sessions, rows),
            instants: self.instants.as_ref().map(|instants| part(instants, rows)),
            sids: part(&self.sids, rows),
            columns: columns.collect(),
        }
    }

    /// The rows as a Polars frame: `date` (the moment, where rows are bars within sessions), `sid`, and the
    /// columns of the pipeline.
    ///
    /// # Errors
    ///
    /// [`Error::Frame`] where Polars refuses, for instance a column named `date`.
    #[cfg(feature = "polars")]
    pub fn to_polars(&self) -> Result<polars::prelude::DataFrame, Error> {
        use polars::prelude::{DataFrame, DataType, IntoColumn, NamedFrom, Series, TimeUnit};
        let refused =
            |error: polars::prelude::PolarsError| Error::Frame { reason: error.to_string() };
        let sids: Vec<u32> = self.sids.iter().map(|sid| sid.0).collect();
        let instant = DataType::Datetime(TimeUnit::Microseconds, None);
        let date = match &self.instants {
            None => {
                let days: Vec<i32> = self.sessions.iter().map(|session| session.days()).collect();
                Series::new("date".into(), days).cast(&DataType::Date)
            }
            Some(instants) => {
                let micros: Vec<i64> = instants.iter().map(|at| at.micros()).collect();
                Series::new("date".into(), micros).cast(&instant)
            }
        };
        let date = date.map_err(refused)?;
        let mut columns = vec![date.into_column(), Series::new("sid".into(), sids).into_column()];
        for (name, column) in &self.columns {
            let name = name.as_str().into();
            columns.push(match column {
                Column::Numbers(numbers) => Series::new(name, numbers).into_column(),
                Column::Flags(flags) => Series::new(name, flags).into_column(),
                Column::Integers(labels) => Series::new(name, labels).into_column(),
                Column::Texts(labels) => {
                    let labels: Vec<Option<&str>> = labels.iter().map(Option::as_deref).collect();
                    Series::new(name, labels).into_column()
                }
                Column::Times(times) => {
                    let micros = |time: &Option<Timestamp>| time.map(Timestamp::micros);
                    let micros: Vec<Option<i64>> = times.iter().map(micros).collect();
                    Series::new(name, micros).cast(&instant).map_err(refused)?.into_column()
                }
            });
        }
        DataFrame::new(self.len(), columns).map_err(refused)
    }
}

/// Appends, without copying where there was nothing yet.
fn extend<T>(all: &mut Vec<T>, mut more: Vec<T>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.append(&mut more);
    }
}

fn part<T: Clone>(values: &[T], rows: &Range<usize>) -> Vec<T> {
    values.get(rows.clone()).unwrap_or_default().to_vec()
}

/// A place in a panel: a row and an asset.
pub(crate) type Cell = (usize, u32);

/// The cells at which a screen holds, session by session, each by asset.
pub(crate) fn shown(screen: &Panel<bool>, rows: &Range<usize>) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (row, flags) in rows.clone().zip(screen.by_session_lent(rows).chunks_exact(screen.assets)) {
        let shown = flags.iter().zip(0_u32..).filter(|(flag, _)| **flag);
        cells.extend(shown.map(|(_, asset)| (row, asset)));
    }
    cells
}

/// The values of a panel at some cells.
pub(crate) fn gather<T: Copy + Default + Send + Sync>(panel: &Panel<T>, cells: &[Cell]) -> Vec<T> {
    cells
        .par_iter()
        .with_min_len(4096)
        .map(|(row, asset)| panel.get(*row, *asset as usize))
        .collect()
}

#[cfg(all(test, feature = "polars"))]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_dates_sids_and_columns() {
        let output = PipelineOutput {
            sessions: vec![Session::from_ymd(2014, 6, 9).unwrap(); 2],
            instants: None,
            sids: vec![Sid(3), Sid(5)],
            columns: vec![
                ("x".into(), Column::Numbers(vec![1.5, f64::NAN])),
                ("y".into(), Column::Flags(vec![true, false])),
            ],
        };
        let frame = output.to_polars().unwrap();
        assert_eq!(frame.get_column_names(), ["date", "sid", "x", "y"]);
        assert_eq!(frame.column("date").unwrap().get(0).unwrap().to_string(), "2014-06-09");
        assert_eq!(frame.column("sid").unwrap().u32().unwrap().get(1), Some(5));
        let twice = PipelineOutput {
            columns: vec![("date".into(), Column::Flags(vec![true; 2]))],
            ..output
        };
        assert!(twice.to_polars().unwrap_err().to_string().contains("could not be made"));
    }
}
