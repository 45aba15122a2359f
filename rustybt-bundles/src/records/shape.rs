//! [`Shape`]: the columns of a table and the types they need, as they grow.

use std::sync::Arc;

use rustybt_data::{RawTable, TableSchema};

use super::need::Need;
use super::set::RecordSet;
use crate::format::{ColumnSpec, Kind};

/// A table of a version: its schema, its columns, and how large their numbers are.
#[derive(Debug, Clone)]
pub(crate) struct RecordState {
    pub(crate) schema: Arc<TableSchema>,
    pub(crate) columns: Vec<ColumnSpec>,
    /// The largest magnitude that each column ever held, as its mantissa.
    pub(crate) largest: Vec<Option<u128>>,
    /// Whether each column never held anything.
    pub(crate) empty: Vec<bool>,
}

/// What changes in the columns of a table with a schema of its own.
#[derive(Debug, Clone)]
pub(crate) struct RecordColumns {
    pub(crate) schema: Arc<TableSchema>,
    /// All its columns.
    pub(crate) specs: Vec<ColumnSpec>,
    /// How many of them it has already; the others come after these.
    pub(crate) known: usize,
    /// What its files are sorted by.
    pub(crate) sort_key: String,
}

impl RecordColumns {
    /// The schema as the catalog keeps it.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self.schema.as_ref()).unwrap_or_default()
    }
}

/// Why rows do not fit a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// A column holds what the table's does not.
    Type { column: String, found: String, kept: String },
    /// A column's numbers need more than 28 digits.
    Digits { column: String },
}

/// The columns that a table needs.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) set: RecordSet,
    pub(crate) schema: Arc<TableSchema>,
    columns: Vec<(String, Need)>,
}

/// The column of the asset.
pub(crate) const SID: &str = "sid";

impl Shape {
    /// The shape of a table that is there, or of one without rows.
    pub(crate) fn new(
        set: RecordSet,
        schema: &Arc<TableSchema>,
        head: Option<&RecordState>,
    ) -> Self {
        let mut columns = Vec::new();
        match head {
            Some(head) => {
                let found = head.columns.iter().zip(&head.largest).zip(&head.empty);
                for ((spec, &largest), &empty) in found {
                    let declared = schema.column(&spec.name).map(|it| Need::of_type(it.kind));
                    let need = match declared {
                        Some(declared) if empty => declared,
                        None if empty && spec.name != SID => Need::Nothing,
                        _ => Need::of_kind(spec.kind, largest),
                    };
                    columns.push((spec.name.to_string(), need));
                }
            }
            None if set.per_asset => columns.push((SID.to_owned(), Need::Plain(Kind::Int))),
            None => {}
        }
        let mut shape = Self { set, schema: Arc::clone(schema), columns };
        for column in &schema.columns {
            shape.place(&column.name, Need::of_type(column.kind));
        }
        shape
    }

    /// Makes room for rows.
    ///
    /// # Errors
    ///
    /// [`Misfit`], and the shape is as it was.
    pub(crate) fn grow(&mut self, table: &RawTable) -> Result<(), Misfit> {
        let found = table.columns.iter();
        let found =
            found.map(|(name, values)| (name, Need::of_values(values), values.kind().name()));
        self.grow_by(found)
    }

    /// Makes room for what another shape of the table has room for.
    ///
    /// # Errors
    ///
    /// As [`grow`](Self::grow).
    pub(crate) fn join(&mut self, other: &[(String, Need)]) -> Result<(), Misfit> {
        self.grow_by(other.iter().map(|(name, need)| (name, *need, need.name())))
    }

    fn grow_by<'n>(
        &mut self,
        found: impl Iterator<Item = (&'n String, Need, &'static str)>,
    ) -> Result<(), Misfit> {
        let mut grown = self.clone();
        for (name, found, kind) in found {
            let at = grown.place(name, Need::Nothing);
            let Some((_, need)) = grown.columns.get_mut(at) else { continue };
            *need = need.and(found).ok_or_else(|| Misfit::Type {
                column: name.clone(),
                found: kind.to_owned(),
                kept: need.kind().map(Kind::ducklake).unwrap_or_default(),
            })?;
            if need.kind().is_none() {
                return Err(Misfit::Digits { column: name.clone() });
            }
        }
        *self = grown;
        Ok(())
    }

    /// The columns and what each must hold.
    pub(crate) fn needs(&self) -> &[(String, Need)] {
        &self.columns
    }

    /// The columns of a file.
    pub(crate) fn specs(&self) -> Vec<ColumnSpec> {
        self.columns
            .iter()
            .map(|(name, need)| {
                // What grows is checked as it grows.
                ColumnSpec::new(name.clone(), need.kind().unwrap_or(Kind::Text))
            })
            .collect()
    }

    /// The place of a column, made where it is not there.
    fn place(&mut self, name: &str, need: Need) -> usize {
        let found = self.columns.iter().position(|(known, _)| known == name);
        found.unwrap_or_else(|| {
            self.columns.push((name.to_owned(), need));
            self.columns.len() - 1
        })
    }
}
