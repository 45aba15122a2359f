//! [`Database`]: the few things the catalog asks of an SQL database, whichever it is.
//!
//! Statements are plain SQL in what SQLite and PostgreSQL have in common: placeholders `?1`, named
//! columns in every INSERT, `ON CONFLICT`, `TRUE` and `FALSE`, no `INSERT OR`, no `rowid`, sums cast
//! to BIGINT. They are text of the program (`&'static str`), so that nothing a user says can become
//! one: what users say travels as [`Value`]s.
//!
//! ```text
//! database.rows(sql, args![1, "x"])   every row        database.row(…)      the only row, or none
//! database.each(sql, args, |row| …)   without a Vec    database.execute(…)  rows changed
//! database.write(|session| …)         one transaction with the same four calls, all or nothing
//! database.read(|session| …)          one transaction that sees the database as it is at one moment
//! ```

#[cfg(feature = "postgres")]
mod bulk;
#[cfg(feature = "postgres")]
mod cell;
mod error;
mod lock;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
mod sqlite;
mod table;
#[cfg(feature = "postgres-tls")]
mod tls;
mod value;

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

pub use self::error::DatabaseError;
pub(crate) use self::lock::{LockServer, ServerLock};
pub(crate) use self::row::Row;
use self::sqlite::Sqlite;
pub(crate) use self::table::{Table, Take};
pub(crate) use self::value::{Value, args};
use crate::{Error, PostgresUrl};

/// How long a statement waits for others that write, in seconds.
const PATIENCE_SECONDS: u64 = 10;

/// An open database.
#[derive(Debug)]
pub(crate) struct Database {
    session: Session,
}

/// What can be asked within a transaction, and outside of one.
#[derive(Debug)]
pub(crate) struct Session {
    backend: Backend,
    /// What to call the database in errors; never with a password.
    name: Arc<str>,
}

#[derive(Debug)]
enum Backend {
    Sqlite(Sqlite),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Postgres>),
}

/// How often a transaction is run again that met others at the same rows.
const ATTEMPTS: usize = 5;

impl Database {
    /// Opens an SQLite file; makes it first where `create` says so.
    pub(crate) fn sqlite(path: &Path, create: bool) -> Result<Self, Error> {
        let name: Arc<str> = path.display().to_string().into();
        let sqlite = Sqlite::open(path, create).map_err(|error| failure("open", &name, error))?;
        Ok(Self { session: Session { backend: Backend::Sqlite(sqlite), name } })
    }

    /// A database of its own, which is gone when it is closed.
    pub(crate) fn memory() -> Result<Self, Error> {
        Self::sqlite(Path::new(":memory:"), true)
    }

    /// Connects to PostgreSQL; makes the schema first where `create` says so.
    pub(crate) fn postgres(url: &PostgresUrl, create: bool) -> Result<Self, Error> {
        let name: Arc<str> = url.to_string().into();
        #[cfg(feature = "postgres")]
        {
            let postgres = postgres::Postgres::open(url, create)
                .map_err(|error| failure("open", &name, error))?;
            Ok(Self { session: Session { backend: Backend::Postgres(Box::new(postgres)), name } })
        }
        #[cfg(not(feature = "postgres"))]
        {
            let _ = create;
            Err(failure("open", &name, DatabaseError::NoPostgres))
        }
    }

    /// Runs `work` in one transaction that no other writer interrupts. Whatever it changes becomes
    /// visible and durable together when it returns `Ok`; nothing does otherwise.
    ///
    /// `work` may be run again from its beginning where the database says that it has to be, so
    /// it changes nothing but the database.
    pub(crate) fn write<T>(&self, work: impl Fn(&Session) -> Result<T, Error>) -> Result<T, Error> {
        for _ in 1..ATTEMPTS {
            match self.attempt(&work) {
                Err(Error::Catalog { source, .. }) if source.is_retryable() => {}
                done => return done,
            }
        }
        self.attempt(&work)
    }

    /// Runs `work`, which only reads, on the database as it is at one moment, whatever others write
    /// meanwhile.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Session) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let session = &self.session;
        let fail = |error| session.failure("read", error);
        // Nothing was changed: it does not matter how the transaction ends.
        match &session.backend {
            Backend::Sqlite(sqlite) => {
                let _transaction = sqlite.begin_read().map_err(fail)?;
                work(session)
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => {
                let _transaction = postgres.begin_read().map_err(fail)?;
                work(session)
            }
        }
    }

    fn attempt<T>(&self, work: impl Fn(&Session) -> Result<T, Error>) -> Result<T, Error> {
        let session = &self.session;
        let fail = |error| session.failure("write", error);
        // A transaction that is dropped on the way out, by an error or a panic, rolls back.
        match &session.backend {
            Backend::Sqlite(sqlite) => {
                let transaction = sqlite.begin().map_err(fail)?;
                let done = work(session)?;
                transaction.commit().map_err(|error| fail(error.into()))?;
                Ok(done)
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => {
                let transaction = postgres.begin().map_err(fail)?;
                let done = work(session)?;
                transaction.commit().map_err(fail)?;
                Ok(done)
            }
        }
    }
}

impl Deref for Database {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl Session {
    /// What the database is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Hands every row to `take`. The row is the same one, filled again: nothing is allocated for it.
    pub(crate) fn each(
        &self,
        sql: &'static str,
        args: &[Value],
        mut take: impl FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut failed = None;
        let mut take = |row: &Row| match take(row) {
            Ok(()) => true,
            Err(error) => {
                failed = Some(error);
                false
            }
        };
        let row = Row::new(Arc::clone(&self.name));
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.each(sql, args, row, &mut take),
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => postgres.each(sql, args, row, &mut take),
        }
        .map_err(|error| self.failure("read", error))?;
        failed.map_or(Ok(()), Err)
    }

    /// Every row.
    pub(crate) fn rows(&self, sql: &'static str, args: &[Value]) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        self.each(sql, args, |row| {
            rows.push(row.clone());
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row; `None` where there is none.
    pub(crate) fn row(&self, sql: &'static str, args: &[Value]) -> Result<Option<Row>, Error> {
        let mut found = None;
        self.each(sql, args, |row| {
            found.get_or_insert_with(|| row.clone());
            Ok(())
        })?;
        Ok(found)
    }

    /// The first row, of a query that always has one.
    pub(crate) fn only(&self, sql: &'static str, args: &[Value]) -> Result<Row, Error> {
        self.row(sql, args)?
            .ok_or_else(|| Error::corrupt(self.name(), "a row that must be there is missing"))
    }

    /// Runs a statement that changes rows, and counts them.
    pub(crate) fn execute(&self, sql: &'static str, args: &[Value]) -> Result<u64, Error> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.execute(sql, args),
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => postgres.execute(sql, args),
        }
        .map_err(|error| self.failure("write", error))
    }

    /// Adds many rows to a table, those that `rows` hands to its argument.
    pub(crate) fn load(
        &self,
        table: &'static Table,
        rows: &mut dyn FnMut(&mut Take<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match &self.backend {
            Backend::Sqlite(_) => {
                rows(&mut |row| self.execute(&table.insert, &row.cells).map(drop))
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => {
                let mut handed = Ok(());
                let loaded = postgres.load(table, &mut |add| {
                    handed = rows(&mut |row| add(row).map_err(|e| self.failure("write", e)));
                    handed.is_ok()
                });
                loaded.map_err(|error| self.failure("write", error))?;
                handed
            }
        }
    }

    /// Moves the tables of a catalog on a server into a schema of their own, and answers which;
    /// `None` where there are none. A catalog in a file is moved with its file.
    pub(crate) fn put_aside(&self, why: &'static str) -> Result<Option<String>, Error> {
        match &self.backend {
            Backend::Sqlite(_) => {
                let _ = why;
                Ok(None)
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => {
                if self.row(postgres::HAS_ANY, args![])?.is_none() {
                    return Ok(None);
                }
                postgres.put_aside(why).map(Some).map_err(|error| self.failure("move", error))
            }
        }
    }

    /// The size of a catalog on a server; 0 of one in a file.
    pub(crate) fn server_bytes(&self) -> Result<u64, Error> {
        match &self.backend {
            Backend::Sqlite(_) => Ok(0),
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => self.only(postgres::BYTES, args![])?.count(0),
        }
    }

    /// Runs several statements without arguments, such as those that make tables.
    pub(crate) fn batch(&self, sql: &'static str) -> Result<(), Error> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.batch(sql),
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => postgres.batch(sql),
        }
        .map_err(|error| self.failure("write", error))
    }

    /// What the database finds wrong with its own structure; PostgreSQL looks after itself.
    pub(crate) fn damage(&self) -> Result<Option<String>, Error> {
        if self.is_shared() {
            return Ok(None);
        }
        match self.row("PRAGMA integrity_check(1)", args![]) {
            Ok(found) => {
                let said = found.as_ref().map(|row| row.text(0)).transpose()?.unwrap_or("nothing");
                Ok((said != "ok").then(|| said.to_owned()))
            }
            Err(error @ Error::CatalogBusy { .. }) => Err(error),
            Err(error) => Ok(Some(error.to_string())),
        }
    }

    /// Whether there is a table of this name.
    pub(crate) fn has_table(&self, name: &str) -> Result<bool, Error> {
        let sql = match &self.backend {
            Backend::Sqlite(_) => sqlite::HAS_TABLE,
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => postgres::HAS_TABLE,
        };
        Ok(self.row(sql, args![name])?.is_some())
    }

    /// Whether it is PostgreSQL, which several machines share.
    pub(crate) fn is_shared(&self) -> bool {
        !matches!(&self.backend, Backend::Sqlite(_))
    }

    fn failure(&self, action: &'static str, error: DatabaseError) -> Error {
        failure(action, &self.name, error)
    }
}

fn failure(action: &'static str, name: &Arc<str>, source: DatabaseError) -> Error {
    let catalog = name.to_string();
    if source.is_busy() {
        return Error::CatalogBusy { catalog, seconds: PATIENCE_SECONDS };
    }
    if source.is_full() {
        let (path, source) = (catalog.into(), std::io::ErrorKind::StorageFull.into());
        return Error::DiskFull { action, path, needed: None, free: None, source };
    }
    if source.is_damage() {
        return Error::corrupt(catalog, source.to_string());
    }
    Error::Catalog { action, catalog, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Database {
        Database::memory().unwrap()
    }

    #[test]
    fn values_of_every_kind_come_back() {
        let database = memory();
        database.batch("CREATE TABLE t(a BIGINT, b TEXT, c BLOB, d BIGINT)").unwrap();
        let insert = "INSERT INTO t(a, b, c, d) VALUES (?1, ?2, ?3, ?4)";
        let changed = database.execute(insert, args![7, "seven", [1_u8, 2], true]).unwrap();
        assert_eq!(changed, 1);
        database
            .execute(insert, args![None::<i64>, None::<String>, vec![0_u8; 0], -1_i64])
            .unwrap();
        let rows = database.rows("SELECT a, b, c, d FROM t ORDER BY d DESC", args![]).unwrap();
        assert_eq!((rows[0].int(0).unwrap(), rows[0].text(1).unwrap()), (7, "seven"));
        assert_eq!((rows[0].blob(2).unwrap(), rows[0].int(3).unwrap()), (&[1_u8, 2][..], 1));
        assert_eq!(rows[1].optional_int(0).unwrap(), None);
        assert_eq!(rows[1].optional_text(1).unwrap(), None);
        assert_eq!((rows[1].blob(2).unwrap(), rows[1].int(3).unwrap()), (&[][..], -1));
        let wrong = rows[0].int(1).unwrap_err().to_string();
        assert!(wrong.contains("column 1 of a row is text, not a number"), "{wrong}");
        assert!(database.has_table("t").unwrap());
        assert!(!database.has_table("T; --").unwrap());
    }

    #[test]
    fn a_transaction_is_all_or_nothing() {
        let database = memory();
        database.batch("CREATE TABLE t(a BIGINT)").unwrap();
        let count = || database.only("SELECT count(*) FROM t", args![]).unwrap().int(0).unwrap();
        let insert = |session: &Session| session.execute("INSERT INTO t(a) VALUES (1)", args![]);
        database.write(insert).unwrap();
        assert_eq!(count(), 1);
        let failed: Result<(), _> = database.write(|session| {
            insert(session)?;
            insert(session)?;
            Err(Error::corrupt("t", "no"))
        });
        assert!(failed.is_err());
        assert_eq!(count(), 1);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _: Result<(), Error> = database.write(|session| {
                insert(session)?;
                panic!("in the middle")
            });
        }));
        assert!(panicked.is_err());
        assert_eq!(count(), 1);
        database.write(insert).unwrap();
        assert_eq!(count(), 2);
    }
}
