//! [`Table`]: named columns of one kind each, all of the same length.

use std::fmt;
use std::sync::Arc;

use rustybt_calendars::{Session, Timestamp};

use super::number::shortest;

/// Rows to give away.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Table {
    columns: Vec<Column>,
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    /// Its name, the header of a file.
    pub(crate) name: String,
    /// One value a row.
    pub(crate) values: Values,
}

/// The values of a column. A missing value is `None`, or `NaN` among numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// Words.
    Text(Vec<Option<Arc<str>>>),
    /// Whole numbers.
    Integer(Vec<Option<i64>>),
    /// Numbers.
    Number(Vec<f64>),
    /// Yes or no.
    Flag(Vec<Option<bool>>),
    /// Dates.
    Date(Vec<Option<Session>>),
    /// Instants.
    Instant(Vec<Option<Timestamp>>),
    /// Decimals as they were written.
    Decimal(Vec<Option<String>>),
}

/// One value of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'a> {
    Missing,
    Text(&'a str),
    Integer(i64),
    Number(f64),
    Flag(bool),
    Date(Session),
    Instant(Timestamp),
    Decimal(&'a str),
}

impl fmt::Display for Cell<'_> {
    /// The cell for the eyes; `·` where it is missing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("·"),
            Self::Text(text) | Self::Decimal(text) => f.write_str(text),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{}", shortest(*value)),
            Self::Flag(value) => write!(f, "{value}"),
            Self::Date(value) => write!(f, "{value}"),
            Self::Instant(value) => write!(f, "{value}"),
        }
    }
}

impl Table {
    /// An empty table.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a column.
    #[must_use]
    pub(crate) fn with(mut self, name: impl Into<String>, values: Values) -> Self {
        self.columns.push(Column { name: name.into(), values });
        self
    }

    /// Adds a column of words.
    #[must_use]
    pub(crate) fn with_text<T: Into<Arc<str>>>(
        self,
        name: impl Into<String>,
        texts: impl IntoIterator<Item = T>,
    ) -> Self {
        self.with(name, Values::Text(texts.into_iter().map(|text| Some(text.into())).collect()))
    }

    /// These rows, then those of another table with the same columns.
    #[must_use]
    pub(crate) fn followed_by(mut self, more: Self) -> Self {
        if self.columns.is_empty() {
            return more;
        }
        for (column, more) in self.columns.iter_mut().zip(more.columns) {
            column.values.append(more.values);
        }
        self
    }

    /// The columns, in order.
    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.columns.iter().map(|column| column.values.len()).min().unwrap_or(0)
    }
}

impl Values {
    /// The number of values.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Integer(values) => values.len(),
            Self::Number(values) => values.len(),
            Self::Flag(values) => values.len(),
            Self::Date(values) => values.len(),
            Self::Instant(values) => values.len(),
            Self::Decimal(values) => values.len(),
        }
    }

    /// Appends values of the same kind; of another kind, nothing.
    fn append(&mut self, more: Self) {
        match (self, more) {
            (Self::Text(values), Self::Text(more)) => values.extend(more),
            (Self::Integer(values), Self::Integer(more)) => values.extend(more),
            (Self::Number(values), Self::Number(more)) => values.extend(more),
            (Self::Flag(values), Self::Flag(more)) => values.extend(more),
            (Self::Date(values), Self::Date(more)) => values.extend(more),
            (Self::Instant(values), Self::Instant(more)) => values.extend(more),
            (Self::Decimal(values), Self::Decimal(more)) => values.extend(more),
            _ => {}
        }
    }

    /// The value of a row; missing beyond the last.
    pub(crate) fn cell(&self, row: usize) -> Cell<'_> {
        fn of<'a, T>(
            values: &'a [Option<T>],
            row: usize,
            make: impl Fn(&'a T) -> Cell<'a>,
        ) -> Cell<'a> {
            values.get(row).and_then(Option::as_ref).map_or(Cell::Missing, make)
        }
        match self {
            Self::Text(values) => of(values, row, |text| Cell::Text(text)),
            Self::Integer(values) => of(values, row, |value| Cell::Integer(*value)),
            Self::Number(values) => match values.get(row) {
                Some(value) if !value.is_nan() => Cell::Number(*value),
                _ => Cell::Missing,
            },
            Self::Flag(values) => of(values, row, |value| Cell::Flag(*value)),
            Self::Date(values) => of(values, row, |value| Cell::Date(*value)),
            Self::Instant(values) => of(values, row, |value| Cell::Instant(*value)),
            Self::Decimal(values) => of(values, row, |text| Cell::Decimal(text)),
        }
    }

    /// Whether people want the column aligned to the right.
    pub(crate) fn is_numeric(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Number(_) | Self::Decimal(_))
    }
}
