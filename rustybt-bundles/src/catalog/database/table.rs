//! [`Table`]: a table, and the statements that take all of it from one database to another.

use super::Row;
use crate::Error;

/// What takes rows, one after another, until it refuses one.
pub(crate) type Take<'a, E = Error> = dyn FnMut(&Row) -> Result<(), E> + 'a;

/// A table and its columns.
#[derive(Debug)]
pub(crate) struct Table {
    /// Every row.
    pub(crate) select: String,
    /// No row.
    pub(crate) clear: String,
    /// One row more.
    pub(super) insert: String,
    /// Many rows more, as PostgreSQL takes them.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite has no COPY"))]
    pub(super) copy: String,
}

impl Table {
    /// The names are those of the program's own tables: they become part of statements.
    pub(crate) fn new(name: &str, columns: &[String]) -> Self {
        let quoted: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
        let columns = quoted.join(", ");
        let places: Vec<String> = (1..=quoted.len()).map(|at| format!("?{at}")).collect();
        let places = places.join(", ");
        Self {
            select: format!("SELECT {columns} FROM {name}"),
            clear: format!("DELETE FROM {name}"),
            insert: format!("INSERT INTO {name}({columns}) VALUES ({places})"),
            copy: format!("COPY {name}({columns}) FROM STDIN (FORMAT binary)"),
        }
    }
}
