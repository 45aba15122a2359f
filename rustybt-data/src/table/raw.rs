//! [`RawTable`]: rows as a source delivers them.

use serde::{Deserialize, Serialize};

use super::TableValues;
use super::values::keep;

/// Whose rows they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subjects {
    /// Nobody's: the table is not one of assets.
    Nobody,
    /// All of the part's asset.
    One,
    /// Each of its own, as an index into [`Survey::assets`](crate::Survey::assets).
    Each(Vec<usize>),
}

/// Rows of a table, in the order in which the source gave them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RawTable {
    /// Whose they are.
    pub subjects: Subjects,
    /// The columns by name, one value a row. A column of the schema that is not here is missing
    /// in every row.
    pub columns: Vec<(String, TableValues)>,
    /// The line of the source that each row came from; empty where it has no lines.
    pub lines: Vec<u32>,
}

impl RawTable {
    /// The number of rows.
    pub fn len(&self) -> usize {
        match &self.subjects {
            Subjects::Each(assets) => assets.len(),
            Subjects::Nobody | Subjects::One => {
                self.columns.first().map_or(0, |(_, values)| values.len())
            }
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&TableValues> {
        self.columns.iter().find(|(own, _)| own == name).map(|(_, values)| values)
    }

    /// A row as text, its cells in the order of the columns, decimals without zeros at their end:
    /// it does not depend on the other rows.
    pub fn text(&self, row: usize) -> String {
        let cells: Vec<String> = self.columns.iter().map(|(_, values)| values.plain(row)).collect();
        cells.join(",")
    }

    /// Takes out rows, named in ascending order.
    pub fn remove(&mut self, rows: &[usize]) {
        if rows.is_empty() {
            return;
        }
        if let Subjects::Each(assets) = &mut self.subjects {
            keep(assets, rows);
        }
        for (_, values) in &mut self.columns {
            values.remove(rows);
        }
        keep(&mut self.lines, rows);
    }
}
