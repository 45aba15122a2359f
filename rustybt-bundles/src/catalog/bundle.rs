//! Bundles by name, and their recipes.

use super::Catalog;
use super::database::{Session, args};
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
        let rows = self.database.rows("SELECT name FROM rbt_bundle ORDER BY name", args![])?;
        let mut names: Vec<BundleName> =
            rows.iter().map(|row| BundleName::new(row.text(0)?)).collect::<Result<_, _>>()?;
        // Databases have their own ideas of what comes first.
        names.sort();
        Ok(names)
    }

    /// A bundle, where there is one of that name.
    pub(crate) fn find_bundle(&self, name: &BundleName) -> Result<Option<BundleRow>, Error> {
        find(&self.database, name)
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
        let bundle = match self.find_bundle(name)? {
            Some(bundle) => bundle,
            None => self.database.write(|session| {
                // Others may make it or take it away at the same time, but not from here on.
                // A number that a job of a bundle long gone still speaks of is not given again.
                let sql = "INSERT INTO rbt_bundle(bundle_id, name, calendar) \
                     SELECT coalesce(max(id), 0) + 1, ?1, ?2 FROM (SELECT bundle_id AS id \
                     FROM rbt_bundle UNION ALL SELECT bundle_id FROM rbt_job) AS given WHERE TRUE \
                     ON CONFLICT(name) DO NOTHING";
                session.execute(sql, args![name.as_str(), calendar])?;
                let bundle = find(session, name)?;
                bundle.ok_or_else(|| self.corrupt(format!("the bundle `{name}` cannot be made")))
            })?,
        };
        if bundle.calendar == calendar {
            Ok(bundle)
        } else {
            let (has, asked) = (bundle.calendar, calendar.to_owned());
            Err(Error::OtherCalendar { name: name.clone(), has, asked })
        }
    }

    /// Lets the next version of a bundle without any have this number: that of a catalog that is
    /// made again.
    pub(crate) fn continue_at(&self, bundle: i64, version: u64) -> Result<(), Error> {
        let head = i64::try_from(version).ok().filter(|&version| version > 1);
        let sql = "UPDATE rbt_bundle SET head_version = ?2 WHERE bundle_id = ?1";
        self.database.execute(sql, args![bundle, head.map(|version| version - 1)])?;
        Ok(())
    }

    /// Forgets a bundle that never had a version nor a recipe: what a failed first ingest leaves.
    pub(crate) fn drop_empty_bundle(&self, id: i64) -> Result<(), Error> {
        let sql = "DELETE FROM rbt_bundle WHERE bundle_id = ?1 AND head_version IS NULL \
                   AND config_json IS NULL";
        self.database.write(|session| session.execute(sql, args![id]))?;
        Ok(())
    }

    pub(crate) fn set_recipe(&self, bundle: &BundleRow, recipe: &Recipe) -> Result<(), Error> {
        let json = serde_json::to_string(recipe).expect("a recipe is text and maps of text");
        let sql = "UPDATE rbt_bundle SET config_json = ?2 WHERE bundle_id = ?1";
        self.database.execute(sql, args![bundle.id, json])?;
        Ok(())
    }

    pub(crate) fn recipe(&self, bundle: &BundleRow) -> Result<Option<Recipe>, Error> {
        let sql = "SELECT config_json FROM rbt_bundle WHERE bundle_id = ?1";
        let row = self.database.only(sql, args![bundle.id])?;
        let Some(json) = row.optional_text(0)? else { return Ok(None) };
        serde_json::from_str(json)
            .map(Some)
            .map_err(|error| self.corrupt(format!("the recipe of `{}`: {error}", bundle.name)))
    }
}

fn find(session: &Session, name: &BundleName) -> Result<Option<BundleRow>, Error> {
    let sql = "SELECT bundle_id, calendar, head_version FROM rbt_bundle WHERE name = ?1";
    let Some(row) = session.row(sql, args![name.as_str()])? else { return Ok(None) };
    Ok(Some(BundleRow {
        id: row.int(0)?,
        name: name.clone(),
        calendar: row.text(1)?.to_owned(),
        head: row.optional_int(2)?.map(|head| head as u64),
    }))
}
