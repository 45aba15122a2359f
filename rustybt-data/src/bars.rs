//! Bars of one asset exactly as a source delivers them.

use rustybt_calendars::{Session, Timestamp};
use serde::{Deserialize, Serialize};

use crate::mantissas::without;
use crate::{ExactColumn, Field};

/// When each bar of a table opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Counts", from = "Counts")]
pub enum Stamps {
    /// Daily bars: the session.
    Sessions(Vec<Session>),
    /// Intraday bars: the instant at which the bar opens.
    Instants(Vec<Timestamp>),
}

impl Stamps {
    /// The number of bars.
    pub fn len(&self) -> usize {
        match self {
            Self::Sessions(sessions) => sessions.len(),
            Self::Instants(instants) => instants.len(),
        }
    }

    /// Whether there are no bars.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One stamp as text; empty where there is no such row.
    pub fn text(&self, row: usize) -> String {
        match self {
            Self::Sessions(sessions) => sessions.get(row).map(ToString::to_string),
            Self::Instants(instants) => instants.get(row).map(ToString::to_string),
        }
        .unwrap_or_default()
    }
}

/// Bars of one asset, exact, in the order in which the source gave them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawBars {
    /// When each bar opens.
    pub stamps: Stamps,
    /// The columns, one exact decimal a bar; every source gives at least [`Field::OHLCV`].
    pub columns: Vec<(Field, ExactColumn)>,
    /// The line of the source that each bar came from, to name it when it is refused; empty where
    /// the source has no lines.
    pub lines: Vec<u32>,
}

impl RawBars {
    /// The number of bars.
    pub fn len(&self) -> usize {
        self.stamps.len()
    }

    /// Whether there are no bars.
    pub fn is_empty(&self) -> bool {
        self.stamps.is_empty()
    }

    /// One column.
    pub fn column(&self, field: Field) -> Option<&ExactColumn> {
        self.columns.iter().find(|(name, _)| *name == field).map(|(_, column)| column)
    }

    /// Appends the bars of another piece of the same table. A column that only one of them has is
    /// missing in the rows of the other.
    ///
    /// # Errors
    ///
    /// The column of which no scale holds all values in twenty-eight digits, or whose stamps are of
    /// another kind: the bars are of no use then.
    pub fn append(&mut self, other: Self) -> Result<(), Field> {
        let (rows, all) = (self.len(), self.len() + other.len());
        match (&mut self.stamps, other.stamps) {
            (Stamps::Sessions(to), Stamps::Sessions(mut from)) => to.append(&mut from),
            (Stamps::Instants(to), Stamps::Instants(mut from)) => to.append(&mut from),
            (to, from) if to.is_empty() => *to = from,
            (_, from) if from.is_empty() => {}
            _ => return Err(Field::Open),
        }
        for (field, column) in other.columns {
            if !self.columns.iter().any(|(name, _)| *name == field) {
                let mut missing = ExactColumn::default();
                missing.mantissas_mut().resize(rows);
                self.columns.push((field, missing));
            }
            if let Some((_, to)) = self.columns.iter_mut().find(|(name, _)| *name == field) {
                to.append(column).map_err(|_| field)?;
            }
        }
        for (_, column) in &mut self.columns {
            column.mantissas_mut().resize(all);
        }
        self.lines.extend(other.lines);
        Ok(())
    }

    /// Takes out rows, named in ascending order.
    pub fn remove(&mut self, rows: &[usize]) {
        if rows.is_empty() {
            return;
        }
        match &mut self.stamps {
            Stamps::Sessions(sessions) => without(sessions, rows),
            Stamps::Instants(instants) => without(instants, rows),
        }
        for (_, column) in &mut self.columns {
            column.mantissas_mut().remove(rows);
        }
        without(&mut self.lines, rows);
    }
}

/// Stamps as they are written down: days and nanoseconds since 1970, which are short and quick.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Counts {
    Days(Vec<i32>),
    Nanos(Vec<i64>),
}

impl From<Stamps> for Counts {
    fn from(stamps: Stamps) -> Self {
        match stamps {
            Stamps::Sessions(days) => Self::Days(days.iter().map(|day| day.days()).collect()),
            Stamps::Instants(at) => Self::Nanos(at.iter().map(|at| at.nanos()).collect()),
        }
    }
}

impl From<Counts> for Stamps {
    fn from(counts: Counts) -> Self {
        match counts {
            Counts::Days(days) => {
                Self::Sessions(days.into_iter().map(Session::from_days).collect())
            }
            Counts::Nanos(at) => {
                Self::Instants(at.into_iter().map(Timestamp::from_nanos).collect())
            }
        }
    }
}
