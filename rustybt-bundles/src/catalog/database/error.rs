//! What a database says when it refuses.

/// Why a database refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// SQLite refused.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Postgres(postgres::Error),
    /// The server cannot be reached, or lets nobody in.
    #[cfg(feature = "postgres")]
    #[error("the server does not let anybody in")]
    Connect(#[source] postgres::Error),
    /// The connection was lost on the way.
    #[error("the connection to the server was lost")]
    Lost,
    /// An address that PostgreSQL cannot read. It is not shown, because it may hold a password.
    #[error(
        "this is no address of PostgreSQL; postgres://USER:PASSWORD@HOST/DATABASE would be one"
    )]
    BadUrl,
    /// An encrypted connection was asked for, of a program that cannot make one.
    #[error(
        "this program was built without encrypted connections, which the feature `postgres-tls` adds; \
         else let a tunnel encrypt, and drop `sslmode`"
    )]
    NoTls,
    /// What servers are to be trusted cannot be told.
    #[cfg(feature = "postgres-tls")]
    #[error("no server could be trusted: {reason}")]
    Tls {
        /// Why not.
        reason: String,
    },
    /// The program was built without a client for PostgreSQL.
    #[error("this program was built without PostgreSQL; the feature `postgres` adds it")]
    NoPostgres,
    /// A value of a kind that no catalog holds.
    #[error("column {column} of a row is {found}, which no catalog holds")]
    Kind {
        /// The column, from 0.
        column: usize,
        /// What it holds.
        found: String,
    },
}

impl DatabaseError {
    /// Whether the disk is full.
    pub(super) fn is_full(&self) -> bool {
        let full = rusqlite::ErrorCode::DiskFull;
        matches!(self, Self::Sqlite(error) if error.sqlite_error_code() == Some(full))
    }

    /// Whether the file is no database, or none any more.
    pub(super) fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let Self::Sqlite(error) = self else { return false };
        matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
    }

    /// Whether somebody else was writing for too long.
    pub(super) fn is_busy(&self) -> bool {
        match self {
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
            ),
            #[cfg(feature = "postgres")]
            Self::Postgres(error) => {
                error.code() == Some(&postgres::error::SqlState::LOCK_NOT_AVAILABLE)
            }
            _ => false,
        }
    }

    /// Whether the same transaction may succeed when it is run again from its beginning: others
    /// were at the same rows.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unused_self, reason = "SQLite has one writer at a time")
    )]
    pub(super) fn is_retryable(&self) -> bool {
        #[cfg(feature = "postgres")]
        if let Self::Postgres(error) = self {
            use postgres::error::SqlState;
            let again = [
                SqlState::T_R_SERIALIZATION_FAILURE,
                SqlState::T_R_DEADLOCK_DETECTED,
                // Somebody who knows nothing of our lock took the next snapshot: DuckDB does.
                SqlState::UNIQUE_VIOLATION,
            ];
            return error.code().is_some_and(|code| again.contains(code));
        }
        false
    }

    /// Whether the same call may succeed when it is made again.
    pub(crate) fn is_transient(&self) -> bool {
        #[cfg(feature = "postgres")]
        if matches!(self, Self::Connect(_)) {
            return true;
        }
        matches!(self, Self::Lost) || self.is_busy() || self.is_retryable()
    }
}
