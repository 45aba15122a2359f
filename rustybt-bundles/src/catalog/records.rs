//! Tables with a schema of their own: what the catalog keeps of their columns.

use std::sync::Arc;

use rustybt_data::TableSchema;

use super::Catalog;
use super::database::{Session, args};
use crate::Error;
use crate::format::{Bound, ColumnSpec, Kind};
use crate::records::RecordState;

impl Catalog {
    /// The schema and the columns of a table at a snapshot.
    pub(super) fn record_state(
        &self,
        session: &Session,
        table: i64,
        snapshot: u64,
        schema: &str,
    ) -> Result<RecordState, Error> {
        let schema: TableSchema = serde_json::from_str(schema).map_err(|error| {
            self.corrupt(format!("the schema of table {table} is none: {error}"))
        })?;
        let (mut columns, mut largest, mut empty) = (Vec::new(), Vec::new(), Vec::new());
        session.each(COLUMNS, args![table, snapshot], |row| {
            let (name, kind) = (row.text(0)?.to_owned(), row.text(1)?);
            let kind = Kind::from_ducklake(kind).ok_or_else(|| {
                self.corrupt(format!("column `{name}` has the unknown type {kind}"))
            })?;
            let bound = |at| -> Result<Option<u128>, Error> {
                Ok(row.optional_text(at)?.and_then(|text| magnitude(kind, text)))
            };
            let (low, high) = (bound(2)?, bound(3)?);
            // Of doubles, NaN has no bounds.
            empty.push(row.optional_text(2)?.is_none() && kind != Kind::Double);
            largest.push(low.max(high));
            columns.push(ColumnSpec::new(name, kind));
            Ok(())
        })?;
        Ok(RecordState { schema: Arc::new(schema), columns, largest, empty })
    }
}

const COLUMNS: &str = "
    SELECT c.column_name, c.column_type, s.min_value, s.max_value
    FROM ducklake_column c
    LEFT JOIN ducklake_table_column_stats s
      ON s.table_id = c.table_id AND s.column_id = c.column_id
    WHERE c.table_id = ?1 AND c.begin_snapshot <= ?2
      AND (c.end_snapshot IS NULL OR c.end_snapshot > ?2)
    ORDER BY c.column_id";

/// The magnitude of a number at the edge of a column, as its mantissa.
fn magnitude(kind: Kind, text: &str) -> Option<u128> {
    match Bound::parse(kind, text)? {
        Bound::Number(value) => Some(value.unsigned_abs().into()),
        Bound::Wide(value) => Some(value.unsigned_abs()),
        _ => None,
    }
}
