//! [`LockServer`]: locks that a database server keeps, for machines that share no files.
//!
//! They are PostgreSQL's advisory locks of a session: however a program ends, its connection ends
//! too, and the server lets go of what it held. SQLite is for one machine, whose kernel keeps the
//! locks; then there is no server of locks.

use std::fmt;
use std::sync::Arc;

#[cfg(not(feature = "postgres"))]
use crate::{CatalogUrl, Error, Holder};

/// A connection that holds locks.
#[derive(Debug)]
pub(crate) struct LockServer {
    #[cfg(feature = "postgres")]
    postgres: std::sync::Mutex<super::postgres::Postgres>,
}

/// A lock. It is let go of when it is dropped.
pub(crate) struct ServerLock {
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "no server is ever asked"))]
    server: Arc<LockServer>,
    key: i64,
    shared: bool,
}

impl fmt::Debug for ServerLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerLock")
            .field("key", &self.key)
            .field("shared", &self.shared)
            .finish_non_exhaustive()
    }
}

#[cfg(not(feature = "postgres"))]
#[allow(clippy::unnecessary_wraps, clippy::unused_self, reason = "the calls are those of a server")]
impl LockServer {
    /// There is none without PostgreSQL.
    pub(crate) fn of(_: &CatalogUrl) -> Result<Option<Arc<Self>>, Error> {
        Ok(None)
    }

    pub(crate) fn try_exclusive(self: &Arc<Self>, _: &str) -> Result<Option<ServerLock>, Error> {
        Ok(Some(ServerLock { server: Arc::clone(self), key: 0, shared: false }))
    }

    pub(crate) fn shared(self: &Arc<Self>, _: &str) -> Result<ServerLock, Error> {
        Ok(ServerLock { server: Arc::clone(self), key: 0, shared: true })
    }

    pub(crate) fn tell(&self, _: &Holder) {}

    pub(crate) fn holder(&self, _: &str) -> Option<Holder> {
        None
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

    use super::super::postgres::Postgres;
    use super::super::{Row, args, failure};
    use super::{LockServer, ServerLock};
    use crate::{CatalogUrl, Error, Holder};

    impl LockServer {
        /// The server that keeps the locks of a catalog; it is asked when a lock is wanted.
        pub(crate) fn of(catalog: &CatalogUrl) -> Result<Option<Arc<Self>>, Error> {
            let CatalogUrl::Postgres(url) = catalog else { return Ok(None) };
            let postgres = Postgres::new(url)
                .map_err(|error| failure("open", &url.to_string().into(), error))?;
            Ok(Some(Arc::new(Self { postgres: Mutex::new(postgres) })))
        }

        /// Takes a lock that nobody else may hold; `None` where somebody does.
        pub(crate) fn try_exclusive(
            self: &Arc<Self>,
            of: &str,
        ) -> Result<Option<ServerLock>, Error> {
            let postgres = self.postgres();
            let key = postgres.key(of);
            let mut taken = false;
            let sql = "SELECT pg_catalog.pg_try_advisory_lock(?1)";
            postgres
                .each(sql, args![key], Row::new("".into()), &mut |row| {
                    taken = row.int(0).is_ok_and(|taken| taken != 0);
                    true
                })
                .map_err(|error| failure("lock", &postgres.name(), error))?;
            Ok(taken.then(|| ServerLock { server: Arc::clone(self), key, shared: false }))
        }

        /// Takes a lock that several may hold; waits while somebody holds it alone.
        pub(crate) fn shared(self: &Arc<Self>, of: &str) -> Result<ServerLock, Error> {
            let postgres = self.postgres();
            let key = postgres.key(of);
            postgres
                .ask(&format!("SELECT pg_catalog.pg_advisory_lock_shared({key})"))
                .map_err(|error| failure("lock", &postgres.name(), error))?;
            Ok(ServerLock { server: Arc::clone(self), key, shared: true })
        }

        /// Tells others who holds what is held here.
        pub(crate) fn tell(&self, holder: &Holder) {
            let mut name = format!("rustybt {} {} {}", holder.pid, holder.since, holder.host);
            // PostgreSQL cuts names there.
            name.truncate(name.floor_char_boundary(63));
            let sql = "SELECT pg_catalog.set_config('application_name', ?1, FALSE)";
            let row = Row::new("".into());
            let _ = self.postgres().each(sql, args![name], row, &mut |_| true);
        }

        /// Who holds a lock alone.
        pub(crate) fn holder(&self, of: &str) -> Option<Holder> {
            const HOLDER: &str = "
                SELECT a.application_name FROM pg_locks l
                JOIN pg_stat_activity a ON a.pid = l.pid
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND CAST(l.classid AS BIGINT) = ?1 AND CAST(l.objid AS BIGINT) = ?2";
            let postgres = self.postgres();
            let key = postgres.key(of) as u64;
            let mut holder = None;
            let row = Row::new("".into());
            postgres
                .each(HOLDER, args![key >> 32, key & 0xFFFF_FFFF], row, &mut |row| {
                    holder = row.text(0).ok().and_then(read);
                    true
                })
                .ok()?;
            holder
        }

        fn postgres(&self) -> MutexGuard<'_, Postgres> {
            self.postgres.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    /// Undoes [`LockServer::tell`].
    fn read(name: &str) -> Option<Holder> {
        let mut words = name.strip_prefix("rustybt ")?.splitn(3, ' ');
        let pid = words.next()?.parse().ok()?;
        let (since, host) = (words.next()?.to_owned(), words.next()?.to_owned());
        Some(Holder { pid, host, since, job: None })
    }

    impl Drop for ServerLock {
        fn drop(&mut self) {
            let (key, shared) = (self.key, if self.shared { "_shared" } else { "" });
            let sql = format!("SELECT pg_catalog.pg_advisory_unlock{shared}({key})");
            // Where the connection was lost, so was the lock.
            let _ = self.server.postgres().batch(&sql);
        }
    }
}
