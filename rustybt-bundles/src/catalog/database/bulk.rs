//! Whole tables of PostgreSQL at once: filled, or moved out of the way.

use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::cell::Argument;
use super::postgres::{Postgres, quoted};
use super::{DatabaseError, Table, Take};

/// Moves every table of a catalog into the schema that `rustybt.aside` names.
const MOVE: &str = "
    DO $$
    DECLARE it record;
    BEGIN
        FOR it IN
            SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = current_schema() AND c.relkind = 'r'
              AND (c.relname LIKE 'ducklake\\_%' OR c.relname LIKE 'rbt\\_%')
        LOOP
            EXECUTE format('ALTER TABLE %I SET SCHEMA %I', it.name, current_setting('rustybt.aside'));
        END LOOP;
    END
    $$";

impl Postgres {
    /// Adds the rows that `rows` hands over, unless it says `false` in the end.
    pub(super) fn load(
        &self,
        table: &'static Table,
        rows: &mut dyn FnMut(&mut Take<'_, DatabaseError>) -> bool,
    ) -> Result<(), DatabaseError> {
        self.with(|open| {
            let statement = open.prepare(&table.select)?;
            let types: Vec<Type> =
                statement.columns().iter().map(|column| column.type_().clone()).collect();
            let mut writer =
                BinaryCopyInWriter::new(open.client.copy_in(table.copy.as_str())?, &types);
            let mut failed = None;
            let complete = rows(&mut |row| {
                let cells: Vec<Argument<'_>> = row.cells.iter().map(Argument).collect();
                let cells: Vec<&(dyn ToSql + Sync)> = cells.iter().map(|cell| cell as _).collect();
                writer.write(&cells).map_err(|error| {
                    failed = Some(error);
                    DatabaseError::Lost
                })
            });
            match failed {
                Some(error) => Err(error),
                // Dropped, the writer tells the server to forget what it was sent.
                None if !complete => Ok(()),
                None => writer.finish().map(drop),
            }
        })
    }

    /// Moves the tables of the catalog into a new schema, and answers which.
    pub(super) fn put_aside(&self, why: &str) -> Result<String, DatabaseError> {
        // PostgreSQL cuts names after 63 bytes.
        let most = self.schema.floor_char_boundary(24);
        let schema = self.schema.get(..most).unwrap_or_default();
        let unique = Uuid::new_v4().simple().to_string();
        let unique = unique.get(..12).unwrap_or_default();
        let aside = format!("{schema}_{why}_{unique}");
        let literal = aside.replace('\'', "''");
        let sql = format!(
            "CREATE SCHEMA {}; SET LOCAL rustybt.aside = '{literal}'; {MOVE}",
            quoted(&aside)
        );
        self.with(|open| open.client.batch_execute(&sql))?;
        Ok(aside)
    }
}
