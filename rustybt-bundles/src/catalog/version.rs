//! The versions of a bundle, and which one is meant.

use rustybt_calendars::Timestamp;

use super::database::{Row, args};
use super::{BundleRow, Catalog};
use crate::{At, Error, VersionInfo};

/// One row a version. The sums over its files are kept: they would take longer than all the rest.
const VERSIONS: &str = "
    SELECT version, parent_version, snapshot_id, created_us, data_from_us, data_to_us, assets,
           source_json, bar_rows, files, bytes, files_new, bytes_new
    FROM rbt_bundle_version
    WHERE bundle_id = ?1 AND state = 'committed' AND version BETWEEN ?2 AND ?3
    ORDER BY version";

impl Catalog {
    /// Every version of a bundle, oldest first.
    pub(crate) fn versions(&self, bundle: &BundleRow) -> Result<Vec<VersionInfo>, Error> {
        self.version_rows(bundle, None)
    }

    /// The version that is meant.
    pub(crate) fn version(&self, bundle: &BundleRow, at: &At) -> Result<VersionInfo, Error> {
        let newest = bundle.head.ok_or_else(|| Error::NotIngested { name: bundle.name.clone() })?;
        // The head is a number in a database without checksums: a wrong one would be an old answer.
        // Both are of one moment: somebody may have published since the bundle was looked up.
        let sql = "SELECT head_version, (SELECT max(version) FROM rbt_bundle_version v \
                   WHERE v.bundle_id = b.bundle_id) FROM rbt_bundle b WHERE bundle_id = ?1";
        let both = self.database.only(sql, args![bundle.id])?;
        if both.optional_int(0)? != both.optional_int(1)? {
            let detail = format!("the newest version of `{}` is not its head", bundle.name);
            return Err(self.corrupt(detail));
        }
        let number = match at {
            At::Latest => newest,
            At::Version(version) => *version,
            At::AsOf(as_of) => self.version_as_of(bundle, *as_of)?,
            At::Pin(name) => self.pinned(bundle, name)?,
        };
        let only = i64::try_from(number).unwrap_or(i64::MAX);
        match self.version_rows(bundle, Some(only))?.pop() {
            Some(version) => Ok(version),
            None => Err(self.no_version(bundle, number)?),
        }
    }

    /// The error that says which versions there are instead of one.
    pub(super) fn no_version(&self, bundle: &BundleRow, version: u64) -> Result<Error, Error> {
        let sql = "SELECT version FROM rbt_bundle_version \
                   WHERE bundle_id = ?1 AND state = 'committed' ORDER BY version";
        let rows = self.database.rows(sql, args![bundle.id])?;
        let known = rows.iter().map(|row| row.count(0)).collect::<Result<_, _>>()?;
        Ok(Error::NoVersion { name: bundle.name.clone(), version, known })
    }

    fn version_rows(
        &self,
        bundle: &BundleRow,
        only: Option<i64>,
    ) -> Result<Vec<VersionInfo>, Error> {
        let (from, to) = only.map_or((0, i64::MAX), |only| (only, only));
        let mut versions: Vec<VersionInfo> = Vec::new();
        self.database.each(VERSIONS, args![bundle.id, from, to], |row| {
            versions.push(read(row)?);
            Ok(())
        })?;
        for pin in self.pins(bundle)? {
            if let Some(version) = versions.iter_mut().find(|it| it.version == pin.version) {
                version.pins.push(pin.name);
            }
        }
        Ok(versions)
    }

    fn version_as_of(&self, bundle: &BundleRow, as_of: Timestamp) -> Result<u64, Error> {
        let sql = "SELECT max(version) FROM rbt_bundle_version \
                   WHERE bundle_id = ?1 AND created_us <= ?2";
        let found = self.database.only(sql, args![bundle.id, as_of.micros()])?;
        if let Some(version) = found.optional_int(0)? {
            return Ok(version as u64);
        }
        let sql = "SELECT min(created_us) FROM rbt_bundle_version WHERE bundle_id = ?1";
        let oldest = self.database.only(sql, args![bundle.id])?.int(0)?;
        let oldest = Timestamp::from_micros(oldest);
        Err(Error::NoVersionAsOf { name: bundle.name.clone(), as_of, oldest })
    }
}

fn read(row: &Row) -> Result<VersionInfo, Error> {
    let session = |at: usize| {
        let micros = row.optional_int(at)?;
        Ok::<_, Error>(micros.map(|micros| Timestamp::from_micros(micros).date()))
    };
    let source: serde_json::Value = serde_json::from_str(row.text(7)?).unwrap_or_default();
    Ok(VersionInfo {
        version: row.count(0)?,
        parent: row.optional_int(1)?.map(|parent| parent as u64),
        snapshot: row.count(2)?,
        created: Timestamp::from_micros(row.int(3)?),
        source: source.get("source").and_then(|name| name.as_str()).unwrap_or_default().to_owned(),
        first: session(4)?,
        last: session(5)?,
        assets: row.count(6)?,
        rows: row.count(8)?,
        files: row.count(9)?,
        bytes: row.count(10)?,
        files_new: row.count(11)?,
        bytes_new: row.count(12)?,
        pins: Vec::new(),
    })
}
