//! What a database says when it refuses.

/// Why a database refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// SQLite refused.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
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
    /// Whether somebody else was writing for too long.
    pub(super) fn is_busy(&self) -> bool {
        match self {
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
            ),
            Self::Kind { .. } => false,
        }
    }
}
