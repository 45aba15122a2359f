//! The versions of the store: which this program reads, and how an older one becomes the newest.
//!
//! A new store is made as format 1 and migrated like an old one: there is one way to the newest
//! tables, and every test takes it. A migration is one transaction. Programs that have the store
//! open meanwhile go on: columns are only added, with defaults.

use super::database::{Database, Session, args};
use crate::Error;

/// The version of our own tables and of the files that this program writes.
pub(super) const STORE_FORMAT: i64 = 2;

/// What leads from a format to the next: `STEPS[0]` from 1 to 2.
const STEPS: [&str; 1] = [include_str!("format_2.sql")];

/// Adds up the files of versions that were not added up yet.
pub(super) const SUMS: &str = include_str!("sums.sql");

/// Brings the store to [`STORE_FORMAT`]; does nothing where it is there already.
pub(super) fn migrate(database: &Database) -> Result<(), Error> {
    if format(database)? == STORE_FORMAT {
        return Ok(());
    }
    // Somebody else may be doing the same: what counts is the format found inside.
    database.write(bring_up)
}

/// Brings the store to [`STORE_FORMAT`], in a transaction that was begun.
pub(super) fn bring_up(session: &Session) -> Result<(), Error> {
    for from in format(session)?..STORE_FORMAT {
        if let Some(step) = STEPS.get(from as usize - 1) {
            session.batch(step)?;
        }
    }
    session.batch(SUMS)?;
    let sql = "UPDATE rbt_meta SET value = ?1 WHERE key = 'store_format'";
    session.execute(sql, args![STORE_FORMAT.to_string()])?;
    Ok(())
}

/// The format of the store, which this program can read or bring up to date.
fn format(session: &Session) -> Result<i64, Error> {
    let sql = "SELECT value FROM rbt_meta WHERE key = 'store_format'";
    let row = if session.has_table("rbt_meta")? { session.row(sql, args![])? } else { None };
    let found = row.as_ref().map_or(Ok("nothing"), |row| row.text(0))?;
    match found.parse() {
        Ok(format @ 1..=STORE_FORMAT) => Ok(format),
        _ => Err(Error::UnknownFormat {
            catalog: session.name().to_owned(),
            key: "store format",
            found: found.to_owned(),
            known: "1 and 2",
        }),
    }
}
