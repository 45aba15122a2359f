//! The columns of a table in a snapshot.

use super::Publication;
use super::args;
use crate::Error;
use crate::format::ColumnSpec;

impl Publication<'_> {
    /// Adds a column; `late` where there are files that have none of it.
    pub(super) fn add_column(
        &self,
        table: i64,
        id: i64,
        column: &ColumnSpec,
        late: bool,
    ) -> Result<(), Error> {
        self.session.execute(
            "INSERT INTO ducklake_column(column_id, begin_snapshot, table_id, column_order, \
             column_name, column_type, default_value, nulls_allowed, default_value_type, \
             default_value_dialect) VALUES (?1, ?2, ?3, ?1, ?4, ?5, 'NULL', TRUE, 'literal', 'duckdb')",
            args![id, self.snapshot, table, &*column.name, column.kind.ducklake()],
        )?;
        self.session.execute(
            "INSERT INTO ducklake_table_column_stats(table_id, column_id, contains_null) \
             VALUES (?1, ?2, ?3)",
            args![table, id, late],
        )?;
        Ok(())
    }

    /// Adds the columns that a table got with this snapshot; says whether it got any.
    pub(super) fn add_columns(
        &mut self,
        table: i64,
        columns: &[ColumnSpec],
        known: usize,
    ) -> Result<bool, Error> {
        let new = (1_i64..).zip(columns).skip(known);
        let mut added = false;
        for (id, column) in new {
            added = true;
            self.add_column(table, id, column, true)?;
        }
        if added {
            self.session.execute(
                "INSERT INTO ducklake_schema_versions(begin_snapshot, schema_version, table_id) \
                 VALUES (?1, ?2, ?3)",
                args![self.snapshot, self.schema_version + 1, table],
            )?;
            self.changes.push(format!("altered_table:{table}"));
        }
        Ok(added)
    }
}
