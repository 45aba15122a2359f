//! Bundles by name, and their recipes.

use rusqlite::{OptionalExtension, params};

use super::Catalog;
use crate::{BundleName, Error, Recipe};

/// A bundle as the catalog knows it.
#[derive(Debug, Clone)]
pub(crate) struct BundleRow {
    pub(crate) id: i64,
    pub(crate) name: BundleName,
    pub(crate) calendar: String,
    pub(crate) head: Option<u64>,
}

impl Catalog {
    /// Every bundle, by name.
    pub(crate) fn bundles(&self) -> Result<Vec<BundleName>, Error> {
        let fail = self.failing("read");
        let mut statement =
            self.connection.prepare("SELECT name FROM rbt_bundle ORDER BY name").map_err(&fail)?;
        let names = statement.query_map([], |row| row.get::<_, String>(0)).map_err(&fail)?;
        names.map(|name| BundleName::new(&name.map_err(&fail)?)).collect()
    }

    /// A bundle, where there is one of that name.
    pub(crate) fn find_bundle(&self, name: &BundleName) -> Result<Option<BundleRow>, Error> {
        let sql = "SELECT bundle_id, calendar, head_version FROM rbt_bundle WHERE name = ?1";
        self.connection
            .query_row(sql, params![name.as_str()], |row| {
                Ok(BundleRow {
                    id: row.get(0)?,
                    name: name.clone(),
                    calendar: row.get(1)?,
                    head: row.get::<_, Option<i64>>(2)?.map(|head| head as u64),
                })
            })
            .optional()
            .map_err(self.failing("read"))
    }

    /// A bundle that must be there.
    pub(crate) fn bundle(&self, name: &BundleName) -> Result<BundleRow, Error> {
        match self.find_bundle(name)? {
            Some(bundle) => Ok(bundle),
            None => Err(Error::UnknownBundle { name: name.clone(), known: self.bundles()? }),
        }
    }

    /// A bundle, made now where there is none; it keeps its calendar for ever.
    pub(crate) fn make_bundle(
        &self,
        name: &BundleName,
        calendar: &str,
    ) -> Result<BundleRow, Error> {
        self.connection
            .execute(
                "INSERT INTO rbt_bundle(name, calendar) VALUES (?1, ?2) ON CONFLICT(name) DO NOTHING",
                params![name.as_str(), calendar],
            )
            .map_err(self.failing("write"))?;
        let bundle = self.bundle(name)?;
        if bundle.calendar == calendar {
            Ok(bundle)
        } else {
            let (has, asked) = (bundle.calendar, calendar.to_owned());
            Err(Error::OtherCalendar { name: name.clone(), has, asked })
        }
    }

    /// Forgets a bundle that never had a version nor a recipe: what a failed first ingest leaves.
    pub(crate) fn drop_empty_bundle(&self, id: i64) -> Result<(), Error> {
        self.connection
            .execute(
                "DELETE FROM rbt_bundle WHERE bundle_id = ?1 AND head_version IS NULL \
                 AND config_json IS NULL",
                params![id],
            )
            .map_err(self.failing("write"))?;
        Ok(())
    }

    pub(crate) fn set_recipe(&self, bundle: &BundleRow, recipe: &Recipe) -> Result<(), Error> {
        let json = serde_json::to_string(recipe).expect("a recipe is text and maps of text");
        self.connection
            .execute(
                "UPDATE rbt_bundle SET config_json = ?2 WHERE bundle_id = ?1",
                params![bundle.id, json],
            )
            .map_err(self.failing("write"))?;
        Ok(())
    }

    pub(crate) fn recipe(&self, bundle: &BundleRow) -> Result<Option<Recipe>, Error> {
        let sql = "SELECT config_json FROM rbt_bundle WHERE bundle_id = ?1";
        let json: Option<String> = self
            .connection
            .query_row(sql, params![bundle.id], |row| row.get(0))
            .map_err(self.failing("read"))?;
        json.map(|json| {
            serde_json::from_str(&json).map_err(|error| {
                Error::corrupt(&self.path, format!("the recipe of `{}`: {error}", bundle.name))
            })
        })
        .transpose()
    }
}
