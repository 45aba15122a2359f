//! Who may publish: the fence of a bundle, and the files that an ingest has said it will place.

use super::Catalog;
use super::database::{Session, args};
use crate::{BundleName, Error};

/// What an ingest claims while it is at work, and what it loses when it is taken for dead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim<'a> {
    /// Its name: that of its staging folder.
    pub(crate) job: &'a str,
    /// The number it drew; `None` for one that took no lock.
    pub(crate) fence: Option<u64>,
    /// Files that it placed below `data/`.
    pub(crate) files: u64,
}

impl Claim<'_> {
    /// Gives the claim up, in the transaction that publishes; refuses where it was lost before.
    pub(super) fn redeem(
        self,
        session: &Session,
        name: &BundleName,
        bundle: i64,
    ) -> Result<(), Error> {
        let sql = "SELECT fence FROM rbt_bundle WHERE bundle_id = ?1";
        let fence = session.only(sql, args![bundle])?.int(0)? as u64;
        let sql = "DELETE FROM rbt_staged WHERE job_id = ?1";
        let known = session.execute(sql, args![self.job])?;
        if self.fence.is_some_and(|drawn| drawn != fence) || known != self.files {
            return Err(Error::Fenced { name: name.clone() });
        }
        Ok(())
    }
}

impl Catalog {
    /// Draws the next number of a bundle's fence: whoever drew one before cannot publish any more.
    pub(crate) fn draw_fence(&self, bundle: i64) -> Result<u64, Error> {
        self.database.write(|session| {
            let sql = "UPDATE rbt_bundle SET fence = fence + 1 WHERE bundle_id = ?1";
            session.execute(sql, args![bundle])?;
            let sql = "SELECT fence FROM rbt_bundle WHERE bundle_id = ?1";
            Ok(session.only(sql, args![bundle])?.int(0)? as u64)
        })
    }

    /// Writes down which files a job is about to place: their paths below the root, with `/`, and
    /// their lengths.
    pub(crate) fn announce(&self, job: &str, files: &[(String, u64)]) -> Result<(), Error> {
        self.database.write(|session| {
            for (path, bytes) in files {
                let sql = "INSERT INTO rbt_staged(job_id, path, bytes) VALUES (?1, ?2, ?3)";
                session.execute(sql, args![job, path.as_str(), *bytes as i64])?;
            }
            Ok(())
        })
    }

    /// Takes from a job what it announced and did not publish: from now on it cannot publish. The
    /// files, which stay known under another name until they are [forgotten](Self::forget).
    ///
    /// A commit that failed while it was synced may lie in the log all the same, and be found there
    /// after a power cut. This one is written over it.
    pub(crate) fn seize(&self, job: &str) -> Result<Vec<String>, Error> {
        let seized = seized(job);
        self.database.write(|session| {
            let sql = "UPDATE rbt_staged SET job_id = ?2 WHERE job_id = ?1";
            session.execute(sql, args![job, seized.as_str()])?;
            let sql = "SELECT path FROM rbt_staged WHERE job_id = ?1 ORDER BY path";
            let rows = session.rows(sql, args![seized.as_str()])?;
            rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
        })
    }

    /// Jobs that announced files and did not publish them.
    pub(crate) fn announcing(&self) -> Result<Vec<String>, Error> {
        let sql = "SELECT DISTINCT job_id FROM rbt_staged";
        let rows = self.database.rows(sql, args![])?;
        rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
    }

    /// Forgets what was seized of a job: it is gone.
    pub(crate) fn forget(&self, job: &str) -> Result<(), Error> {
        self.database.execute("DELETE FROM rbt_staged WHERE job_id = ?1", args![seized(job)])?;
        Ok(())
    }

    /// Whether a job may be resumed, so that what it staged is still wanted.
    pub(crate) fn is_resumable(&self, job: &str) -> Result<bool, Error> {
        let sql = "SELECT state FROM rbt_job WHERE job_id = ?1";
        let Some(row) = self.database.row(sql, args![job])? else { return Ok(false) };
        Ok(!matches!(row.text(0)?, "done" | "cancelled" | "rejected"))
    }
}

/// The name under which a dead job's files are known.
fn seized(job: &str) -> String {
    if job.starts_with(DEAD) { job.to_owned() } else { format!("{DEAD}{job}") }
}

const DEAD: &str = "dead-";
