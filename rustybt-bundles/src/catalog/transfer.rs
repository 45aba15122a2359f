//! A catalog copied table by table into another database, whichever the two are.
//!
//! It is read in one transaction, as it is at one moment, and written in one: whoever opens the copy
//! finds all of it, or none. What another program keeps beside our tables is not copied.

use std::sync::OnceLock;

use super::database::{Database, Session, Table, args};
use super::{create, migrate};
use crate::Error;

/// Fills a database that holds no catalog with what another one holds.
pub(super) fn transfer(from: &Database, to: &Database) -> Result<(), Error> {
    put_in_place(from, to).map(drop)
}

/// Puts a catalog in the place of the one that a server has; the schema that the earlier one is in
/// now, if there was one.
pub(super) fn put_in_place(from: &Database, to: &Database) -> Result<Option<String>, Error> {
    create::check(from)?;
    migrate::migrate(from)?;
    let tables = tables()?;
    from.read(|source| {
        to.write(|target| {
            let aside = target.put_aside("before_restore")?;
            create::make(target)?;
            migrate::bring_up(target)?;
            copy(tables, source, target)?;
            Ok(aside)
        })
    })
}

fn copy(tables: &'static [Table], source: &Session, target: &Session) -> Result<(), Error> {
    // What refers to others was made after them.
    for table in tables.iter().rev() {
        target.execute(&table.clear, args![])?;
    }
    tables.iter().try_for_each(|table| {
        target.load(table, &mut |add| source.each(&table.select, args![], add))
    })
}

/// Every table of a catalog of the newest format, in the order in which they are made.
fn tables() -> Result<&'static [Table], Error> {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    if let Some(tables) = TABLES.get() {
        return Ok(tables);
    }
    let empty = Database::memory()?;
    create::create(&empty)?;
    migrate::migrate(&empty)?;
    let columns = empty.rows(
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' ORDER BY m.rowid, c.cid",
        args![],
    )?;
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for row in &columns {
        let (table, column) = (row.text(0)?, row.text(1)?.to_owned());
        match found.last_mut() {
            Some((last, columns)) if last == table => columns.push(column),
            _ => found.push((table.to_owned(), vec![column])),
        }
    }
    let found = found.iter().map(|(name, columns)| Table::new(name, columns)).collect();
    Ok(TABLES.get_or_init(|| found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_every_table_arrives() {
        let from = Database::memory().unwrap();
        create::create(&from).unwrap();
        migrate::migrate(&from).unwrap();
        for sql in [
            "INSERT INTO rbt_bundle(bundle_id, name, calendar, config_json) \
             VALUES (7, 'us', 'XNYS', '{\"a\": \"?1\"}')",
            "INSERT INTO rbt_pin(bundle_id, name, version, note, created_us) \
             VALUES (7, 'prod', 1, NULL, -5)",
            "INSERT INTO rbt_job(job_id, bundle_name, source, params_json, state, created_us, \
             updated_us) VALUES ('j', 'us', 's', '{}', 'done', 1, 2)",
            "INSERT INTO rbt_job_chunk(job_id, key, body) VALUES ('j', 'k', x'00ff')",
            "DELETE FROM ducklake_metadata WHERE key = 'created_by'",
        ] {
            from.execute(sql, args![]).unwrap();
        }
        let to = Database::memory().unwrap();
        transfer(&from, &to).unwrap();
        let tables = tables().unwrap();
        assert!(tables.len() > 35, "{}", tables.len());
        let mut rows = 0;
        for table in tables {
            let all = |database: &Database| {
                let found = database.rows(&table.select, args![]).unwrap();
                let mut found: Vec<String> = found.iter().map(|row| format!("{row:?}")).collect();
                found.sort();
                found
            };
            rows += all(&from).len();
            assert_eq!(all(&from), all(&to), "{}", table.select);
        }
        assert!(rows > 8, "{rows}");
    }

    #[test]
    fn what_is_no_catalog_is_not_copied() {
        let (from, to) = (Database::memory().unwrap(), Database::memory().unwrap());
        from.batch("CREATE TABLE ducklake_metadata(key TEXT, value TEXT, scope TEXT)").unwrap();
        let refused = transfer(&from, &to).unwrap_err();
        assert!(matches!(refused, Error::UnknownFormat { .. }), "{refused}");
        assert!(!to.has_table("ducklake_metadata").unwrap());
    }
}
