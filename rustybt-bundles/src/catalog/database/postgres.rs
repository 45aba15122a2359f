//! PostgreSQL: a catalog that several machines share.
//!
//! Writers take one advisory lock after another, so that of two that publish the second sees what
//! the first has published. A connection that was lost is made again by the next call, but never
//! within a transaction: what was done before would be missing.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use postgres::config::SslMode;
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use postgres::{Client, Config, NoTls, Statement};

use super::cell::{Argument, Cell as Received};
#[cfg(feature = "postgres-tls")]
use super::tls::Tls;
use super::{DatabaseError, PATIENCE_SECONDS, Row, Value};
use crate::PostgresUrl;

pub(super) const HAS_TABLE: &str =
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?1";

/// Whether anything of a catalog is there.
pub(super) const HAS_ANY: &str = "
    SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
      AND (tablename LIKE 'ducklake\\_%' OR tablename LIKE 'rbt\\_%') LIMIT 1";

/// The size of a catalog.
pub(super) const BYTES: &str = "
    SELECT CAST(COALESCE(SUM(pg_total_relation_size(c.oid)), 0) AS BIGINT) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind = 'r'
      AND (c.relname LIKE 'ducklake\\_%' OR c.relname LIKE 'rbt\\_%')";

/// What every connection is told. A writer that hangs loses its transaction, and with it the lock.
const SETTINGS: &str = "SET TimeZone = 'UTC'; SET lock_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '60s'; SET synchronous_commit = on; \
     SET client_min_messages = warning";

/// A connection, made when it is first needed.
pub(super) struct Postgres {
    config: Config,
    /// Encrypts, where the address asks for it.
    tls: Option<Tls>,
    pub(super) schema: String,
    /// What to call it in errors.
    name: Arc<str>,
    /// The lock of all writers of this schema.
    lock: i64,
    open: RefCell<Option<Open>>,
    /// Whether a transaction is under way.
    within: Cell<bool>,
}

pub(super) struct Open {
    pub(super) client: Client,
    prepared: HashMap<&'static str, Statement>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The configuration knows the password.
        f.debug_struct("Postgres").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Postgres {
    /// A connection that is made when it is first needed.
    pub(super) fn new(url: &PostgresUrl) -> Result<Self, DatabaseError> {
        let mut config: Config = url.parameters().parse().map_err(|_| DatabaseError::BadUrl)?;
        let tls = match config.get_ssl_mode() {
            SslMode::Require => Some(Tls::new(url.authorities())?),
            _ => None,
        };
        if config.get_application_name().is_none() {
            config.application_name("rustybt");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(std::time::Duration::from_secs(PATIENCE_SECONDS));
        }
        let schema = url.schema().to_owned();
        let (lock, name) = (advisory(&schema, ""), url.to_string().into());
        let (open, within) = (RefCell::new(None), Cell::new(false));
        Ok(Self { config, tls, schema, name, lock, open, within })
    }

    /// Connects; makes the schema first where `create` says so.
    pub(super) fn open(url: &PostgresUrl, create: bool) -> Result<Self, DatabaseError> {
        let this = Self::new(url)?;
        if create {
            let exists = "SELECT nspname FROM pg_namespace WHERE nspname = ?1";
            let mut found = false;
            let row = Row::new("".into());
            this.each(exists, &[Value::from(this.schema.as_str())], row, &mut |_| {
                found = true;
                true
            })?;
            if !found {
                // Of two programs that find none at the same time, the second finds it here.
                let transaction = this.begin()?;
                let sql = format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(&this.schema));
                this.with(|open| open.client.batch_execute(&sql))?;
                transaction.commit()?;
            }
        } else {
            this.with(|_| Ok(()))?;
        }
        Ok(this)
    }

    pub(super) fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// The number of the lock of something.
    pub(super) fn key(&self, of: &str) -> i64 {
        advisory(&self.schema, of)
    }

    /// Begins a transaction, when no other writer is in one.
    pub(super) fn begin(&self) -> Result<Transaction<'_>, DatabaseError> {
        let lock = self.lock;
        // Read committed: every statement after the lock sees what the last writer left.
        let sql = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_catalog.pg_advisory_xact_lock({lock})"
        );
        if let Err(error) = self.again(|open| open.client.batch_execute(&sql)) {
            if !matches!(error, DatabaseError::Lost | DatabaseError::Connect(_)) {
                // The lock was not to be had in time, but the transaction had begun.
                let _ = self.with(|open| open.client.batch_execute("ROLLBACK"));
            }
            return Err(error);
        }
        self.within.set(true);
        Ok(Transaction { postgres: self, done: false })
    }

    /// Begins a transaction that only reads, and sees what was there at one moment.
    pub(super) fn begin_read(&self) -> Result<Transaction<'_>, DatabaseError> {
        let sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        self.again(|open| open.client.batch_execute(sql))?;
        self.within.set(true);
        Ok(Transaction { postgres: self, done: false })
    }

    /// Hands every row to `take`, until it says `false`.
    pub(super) fn each(
        &self,
        sql: &'static str,
        args: &[Value],
        mut row: Row,
        take: &mut dyn FnMut(&Row) -> bool,
    ) -> Result<(), DatabaseError> {
        self.with_rows(sql, args, |found| {
            row.cells.resize(found.len(), Value::Null);
            for (column, cell) in row.cells.iter_mut().enumerate() {
                found
                    .get::<_, Received<'_>>(column)
                    .fill(cell)
                    .map_err(|found| DatabaseError::Kind { column, found })?;
            }
            Ok(take(&row))
        })
    }

    pub(super) fn execute(&self, sql: &'static str, args: &[Value]) -> Result<u64, DatabaseError> {
        self.with(|open| {
            let statement = open.prepare(sql)?;
            let args: Vec<Argument<'_>> = args.iter().map(Argument).collect();
            let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|arg| arg as _).collect();
            open.client.execute(&statement, &args)
        })
    }

    pub(super) fn batch(&self, sql: &str) -> Result<(), DatabaseError> {
        // The types that SQLite spells in its own way.
        let sql = sql.replace(" BLOB", " BYTEA");
        self.with(|open| open.client.batch_execute(&sql))
    }

    /// Runs a query for what it does to the session: it may be run twice.
    pub(super) fn ask(&self, sql: &str) -> Result<(), DatabaseError> {
        self.again(|open| open.client.batch_execute(sql))
    }

    fn with_rows(
        &self,
        sql: &'static str,
        args: &[Value],
        mut take: impl FnMut(&postgres::Row) -> Result<bool, DatabaseError>,
    ) -> Result<(), DatabaseError> {
        let mut taken = Ok(());
        let handed = Cell::new(false);
        let mut query = |open: &mut Open| {
            let statement = open.prepare(sql)?;
            let mut rows = open.client.query_raw(&statement, args.iter().map(Argument))?;
            while let Some(found) = rows.next()? {
                handed.set(true);
                match take(&found) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        taken = Err(error);
                        break;
                    }
                }
            }
            Ok(())
        };
        let old = self.is_open();
        match self.with(&mut query) {
            // Nobody has seen a row yet.
            Err(DatabaseError::Lost) if old && !self.within.get() && !handed.get() => {
                self.with(&mut query)?;
            }
            done => done?,
        }
        taken
    }

    fn is_open(&self) -> bool {
        self.open.borrow().is_some()
    }

    /// As [`with`](Self::with), for what may be done twice: where a connection from before turns out
    /// to be lost, it is done on a new one.
    fn again<T>(
        &self,
        mut work: impl FnMut(&mut Open) -> Result<T, postgres::Error>,
    ) -> Result<T, DatabaseError> {
        let old = self.is_open();
        match self.with(&mut work) {
            Err(DatabaseError::Lost) if old && !self.within.get() => self.with(work),
            done => done,
        }
    }

    /// Runs something on the connection, made again where it was lost.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&mut Open) -> Result<T, postgres::Error>,
    ) -> Result<T, DatabaseError> {
        let mut slot = self.open.borrow_mut();
        if slot.as_ref().is_some_and(|open| open.client.is_closed()) {
            *slot = None;
        }
        if slot.is_none() && self.within.get() {
            return Err(DatabaseError::Lost);
        }
        let open = match &mut *slot {
            Some(open) => open,
            none => none.insert(self.connect()?),
        };
        let error = match work(open) {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        if error.is_closed() || open.client.is_closed() || ended(&error) {
            *slot = None;
            return Err(DatabaseError::Lost);
        }
        Err(DatabaseError::Postgres(error))
    }

    fn connect(&self) -> Result<Open, DatabaseError> {
        let connected = match &self.tls {
            Some(tls) => tls.connect(&self.config),
            None => self.config.connect(NoTls),
        };
        let mut client = connected.map_err(DatabaseError::Connect)?;
        let path = format!("{SETTINGS}; SET search_path = {}", quoted(&self.schema));
        client.batch_execute(&path).map_err(DatabaseError::Postgres)?;
        Ok(Open { client, prepared: HashMap::new() })
    }
}

/// A program without encryption.
#[cfg(not(feature = "postgres-tls"))]
enum Tls {}

#[cfg(not(feature = "postgres-tls"))]
impl Tls {
    fn new(_: Option<&std::path::Path>) -> Result<Self, DatabaseError> {
        Err(DatabaseError::NoTls)
    }

    fn connect(&self, _: &Config) -> Result<Client, postgres::Error> {
        match *self {}
    }
}

impl Open {
    pub(super) fn prepare(&mut self, sql: &'static str) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&numbered(sql))?;
        self.prepared.insert(sql, statement.clone());
        Ok(statement)
    }
}

/// A transaction; dropped without [`commit`](Self::commit), it leaves nothing.
pub(super) struct Transaction<'a> {
    postgres: &'a Postgres,
    done: bool,
}

impl Transaction<'_> {
    pub(super) fn commit(mut self) -> Result<(), DatabaseError> {
        let committed = self.postgres.with(|open| open.client.batch_execute("COMMIT"));
        self.done = committed.is_ok();
        committed
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.done {
            // Where the connection is lost, the server rolls back by itself.
            let _ = self.postgres.with(|open| open.client.batch_execute("ROLLBACK"));
        }
        self.postgres.within.set(false);
    }
}

/// Placeholders as PostgreSQL writes them.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

/// A name that may be anything.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The number of an advisory lock. They are one for a whole database, so the schema is part of it.
fn advisory(schema: &str, of: &str) -> i64 {
    let hash = blake3::hash(format!("rustybt\0{schema}\0{of}").as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
    i64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// Whether the server ended the connection: it stops, or somebody told it to.
fn ended(error: &postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        ]
        .contains(code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_placeholders_are_those_of_postgres() {
        assert_eq!(numbered("SELECT ?1 WHERE a = ?12"), "SELECT $1 WHERE a = $12");
        assert_eq!(quoted("a\"; DROP"), "\"a\"\"; DROP\"");
        assert_ne!(advisory("a", "b"), advisory("ab", ""));
    }
}
