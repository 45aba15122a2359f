//! SQLite: the catalog in one file, for one machine.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement, Transaction, TransactionBehavior};

use super::{DatabaseError, PATIENCE_SECONDS, Row, Value};

pub(super) const HAS_TABLE: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?1";

/// Statements that stay prepared; the catalog has fewer.
const PREPARED: usize = 128;

/// A connection.
#[derive(Debug)]
pub(super) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    pub(super) fn open(path: &Path, create: bool) -> Result<Self, DatabaseError> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        flags.set(OpenFlags::SQLITE_OPEN_CREATE, create);
        let connection = Connection::open_with_flags(path, flags)?;
        keep_a_log(&connection)?;
        connection.busy_timeout(Duration::from_secs(PATIENCE_SECONDS))?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        for (pragma, value) in [
            // An acknowledged version survives a power cut.
            ("synchronous", "FULL"),
            ("foreign_keys", "ON"),
            ("trusted_schema", "OFF"),
        ] {
            connection.pragma_update(None, pragma, value)?;
        }
        Ok(Self { connection })
    }

    /// Begins a transaction that writes. It takes the lock now: one that read first and wrote
    /// later could find that somebody else wrote in between, and no waiting would help.
    pub(super) fn begin(&self) -> Result<Transaction<'_>, DatabaseError> {
        let behaviour = TransactionBehavior::Immediate;
        Ok(Transaction::new_unchecked(&self.connection, behaviour)?)
    }

    /// Begins a transaction that only reads.
    pub(super) fn begin_read(&self) -> Result<Transaction<'_>, DatabaseError> {
        let behaviour = TransactionBehavior::Deferred;
        Ok(Transaction::new_unchecked(&self.connection, behaviour)?)
    }

    /// Hands every row to `take`, until it says `false`.
    pub(super) fn each(
        &self,
        sql: &str,
        args: &[Value],
        mut row: Row,
        take: &mut dyn FnMut(&Row) -> bool,
    ) -> Result<(), DatabaseError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        bind(&mut statement, args)?;
        row.cells.resize(statement.column_count(), Value::Null);
        let mut rows = statement.raw_query();
        while let Some(found) = rows.next()? {
            for (column, cell) in row.cells.iter_mut().enumerate() {
                fill(cell, column, found.get_ref(column)?)?;
            }
            if !take(&row) {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn execute(&self, sql: &str, args: &[Value]) -> Result<u64, DatabaseError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        bind(&mut statement, args)?;
        Ok(statement.raw_execute()? as u64)
    }

    pub(super) fn batch(&self, sql: &str) -> Result<(), DatabaseError> {
        // The types that only PostgreSQL has.
        let sql = sql.replace(" BOOLEAN", " BIGINT").replace(" UUID", " VARCHAR");
        Ok(self.connection.execute_batch(&sql.replace(" TIMESTAMPTZ", " VARCHAR"))?)
    }
}

/// Sets the journal to a write-ahead log.
///
/// The first to do so needs the file to itself. Where several want that at once SQLite lets none of
/// them wait, since each might wait for the others: so it is asked again, as patiently.
fn keep_a_log(connection: &Connection) -> Result<(), DatabaseError> {
    const PAUSE: Duration = Duration::from_millis(50);
    connection.busy_timeout(PAUSE)?;
    let mut tries = PATIENCE_SECONDS * 10;
    loop {
        let asked = connection.pragma_update(None, "journal_mode", "WAL");
        match asked.map_err(DatabaseError::from) {
            Err(error) if error.is_busy() && tries > 0 => {
                tries -= 1;
                std::thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
}

fn bind(statement: &mut Statement<'_>, args: &[Value]) -> Result<(), DatabaseError> {
    if statement.parameter_count() != args.len() {
        let wanted = statement.parameter_count();
        return Err(rusqlite::Error::InvalidParameterCount(args.len(), wanted).into());
    }
    for (at, value) in (1..).zip(args) {
        statement.raw_bind_parameter(at, value)?;
    }
    Ok(())
}

fn fill(cell: &mut Value, column: usize, found: ValueRef<'_>) -> Result<(), DatabaseError> {
    let wrong = |found: &str| DatabaseError::Kind { column, found: found.to_owned() };
    match found {
        ValueRef::Null => *cell = Value::Null,
        ValueRef::Integer(value) => cell.set_int(value),
        ValueRef::Text(value) => match std::str::from_utf8(value) {
            Ok(text) => cell.set_text(text),
            Err(_) => return Err(wrong("text that is not UTF-8")),
        },
        ValueRef::Blob(value) => cell.set_blob(value),
        ValueRef::Real(_) => return Err(wrong("a number with a point")),
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_who_make_a_catalog_at_once_get_one() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("catalog.sqlite");
            let gate = std::sync::Barrier::new(8);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        gate.wait();
                        let sqlite = Sqlite::open(&path, true).unwrap();
                        sqlite.batch("CREATE TABLE IF NOT EXISTS a (b BIGINT)").unwrap();
                    });
                }
            });
        }
    }
}
