//! Named columns of equal length: results on their way to people and files.

use std::fmt::Write as _;

use rustybt_calendars::{Session, Timestamp};

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Column {
    /// Dates.
    Sessions(Vec<Session>),
    /// Instants, UTC.
    Instants(Vec<Timestamp>),
    /// Numbers; `NaN` where there is none.
    Numbers(Vec<f64>),
    /// Whole numbers.
    Counts(Vec<u64>),
    /// Whole numbers, some of them missing.
    MaybeCounts(Vec<Option<u64>>),
    /// Words.
    Words(Vec<&'static str>),
}

impl Column {
    /// The number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Sessions(values) => values.len(),
            Self::Instants(values) => values.len(),
            Self::Numbers(values) => values.len(),
            Self::Counts(values) => values.len(),
            Self::MaybeCounts(values) => values.len(),
            Self::Words(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A value as text: numbers in their shortest form that reads back exactly, nothing for a
    /// missing one and for a row that is not there.
    pub fn text(&self, row: usize) -> String {
        match self {
            Self::Sessions(values) => values.get(row).map(ToString::to_string),
            Self::Instants(values) => values.get(row).map(ToString::to_string),
            Self::Numbers(values) => {
                values.get(row).filter(|value| !value.is_nan()).map(ToString::to_string)
            }
            Self::Counts(values) => values.get(row).map(ToString::to_string),
            Self::MaybeCounts(values) => values.get(row).and_then(|v| v.map(|v| v.to_string())),
            Self::Words(values) => values.get(row).map(ToString::to_string),
        }
        .unwrap_or_default()
    }
}

/// Named columns of equal length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    columns: Vec<(String, Column)>,
}

impl Table {
    pub(super) fn push(&mut self, name: impl Into<String>, column: Column) {
        self.columns.push((name.into(), column));
    }

    /// The columns with their names, in order.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&str, &Column)> {
        self.columns.iter().map(|(name, column)| (name.as_str(), column))
    }

    /// One column.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns().find(|(known, _)| *known == name).map(|(_, column)| column)
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// The table as CSV: a line of names, then one line a row. No value needs quotes, except a
    /// name that the strategy chose.
    pub fn to_csv(&self) -> String {
        let mut text = String::new();
        let names: Vec<String> = self.columns.iter().map(|(name, _)| quoted(name)).collect();
        text.push_str(&names.join(","));
        for row in 0..self.rows() {
            for (place, (_, column)) in self.columns.iter().enumerate() {
                text.push(if place == 0 { '\n' } else { ',' });
                // Writing to a string cannot fail.
                let _ = write!(text, "{}", column.text(row));
            }
        }
        text.push('\n');
        text
    }

    /// The table as a Polars frame; dates and instants have those types.
    ///
    /// # Errors
    ///
    /// Polars refuses two columns of one name.
    #[cfg(feature = "polars")]
    pub fn to_polars(&self) -> polars::prelude::PolarsResult<polars::prelude::DataFrame> {
        use polars::prelude::{
            DataFrame, DataType, IntoColumn as _, NamedFrom as _, Series, TimeUnit,
        };

        let columns = self
            .columns
            .iter()
            .map(|(name, column)| {
                let name = name.as_str().into();
                let series = match column {
                    Column::Sessions(values) => {
                        let days: Vec<i32> = values.iter().map(|day| day.days()).collect();
                        Series::new(name, days).cast(&DataType::Date)?
                    }
                    Column::Instants(values) => {
                        let nanos: Vec<i64> = values.iter().map(|at| at.nanos()).collect();
                        Series::new(name, nanos)
                            .cast(&DataType::Datetime(TimeUnit::Nanoseconds, None))?
                    }
                    Column::Numbers(values) => Series::new(name, values),
                    Column::Counts(values) => Series::new(name, values),
                    Column::MaybeCounts(values) => Series::new(name, values),
                    Column::Words(values) => Series::new(name, values),
                };
                Ok(series.into_column())
            })
            .collect::<polars::prelude::PolarsResult<Vec<_>>>()?;
        DataFrame::new(self.rows(), columns)
    }
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::default();
        table.push("session", Column::Sessions(vec!["2020-01-02".parse().unwrap()]));
        table.push("a, \"b\"", Column::Numbers(vec![0.1]));
        table.push("gone", Column::Numbers(vec![f64::NAN]));
        table.push("order", Column::MaybeCounts(vec![None]));
        table.push("status", Column::Words(vec!["open"]));
        table
    }

    #[test]
    fn csv() {
        let expected = "session,\"a, \"\"b\"\"\",gone,order,status\n2020-01-02,0.1,,,open\n";
        assert_eq!(table().to_csv(), expected);
        assert_eq!(Table::default().to_csv(), "\n");
    }

    #[cfg(feature = "polars")]
    #[test]
    fn frame() {
        let frame = table().to_polars().unwrap();
        assert_eq!(frame.shape(), (1, 5));
        assert_eq!(frame.column("session").unwrap().dtype(), &polars::prelude::DataType::Date);
    }
}
