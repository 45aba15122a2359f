//! Jobs: their rows, and the points they can be resumed from.

use rustybt_calendars::Timestamp;

use super::Catalog;
use super::database::{Row, Session, args};
use crate::job::{JobId, JobInfo, JobProgress, JobState, Owner};
use crate::{BundleName, Error, JobError, Recipe};

/// A job that is about to begin.
#[derive(Debug)]
pub(crate) struct NewJob<'a> {
    pub(crate) bundle: i64,
    pub(crate) name: &'a BundleName,
    /// Without secrets.
    pub(crate) recipe: &'a Recipe,
    pub(crate) base: Option<u64>,
    /// Its number among the writers of the bundle; `None` where it took no lock.
    pub(crate) fence: Option<u64>,
    pub(crate) owner: Owner,
    pub(crate) now: Timestamp,
}

/// A job that was begun, and its number among the writers of its bundle.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begun {
    pub(crate) id: JobId,
    pub(crate) fence: u64,
}

impl Begun {
    /// Writes down that the job is done, unless somebody called it off.
    pub(super) fn done(self, session: &Session, now: Timestamp) -> Result<(), Error> {
        let changed = session.execute(
            "UPDATE rbt_job SET state = 'done', finished_us = ?3 \
             WHERE job_id = ?1 AND fence = ?2 AND state = 'running'",
            args![self.id.to_string(), self.fence, now.micros()],
        )?;
        if changed == 0 { Err(Error::Job(JobError::Cancelled { job: self.id })) } else { Ok(()) }
    }
}

/// How a job ended.
#[derive(Debug)]
pub(crate) struct End<'a> {
    pub(crate) state: JobState,
    pub(crate) now: Timestamp,
    pub(crate) progress: &'a JobProgress,
    pub(crate) report: Option<String>,
    pub(crate) error: Option<String>,
}

const COLUMNS: &str = "SELECT job_id, bundle_id, bundle_name, params_json, state, base_version, \
    fence, owner_pid, owner_host, created_us, updated_us, finished_us, progress_json, report_json, \
    error FROM rbt_job";

impl Catalog {
    /// The number of the job that was created last; 0 where there is none.
    pub(crate) fn last_job(&self) -> Result<u64, Error> {
        last(&self.database)
    }

    /// Writes down that a job begins; `None` where another one has its number.
    pub(crate) fn create_job(&self, id: JobId, new: &NewJob<'_>) -> Result<Option<Begun>, Error> {
        let (recipe, fence) = (json(new.recipe)?, new.fence.unwrap_or(0));
        self.database.write(|session| {
            if last(session)? >= id.number() {
                return Ok(None);
            }
            session.execute(
                "INSERT INTO rbt_job(job_id, bundle_id, bundle_name, source, params_json, state, \
                 base_version, fence, owner_pid, owner_host, created_us, updated_us) \
                 VALUES (?1, ?2, ?3, ?4, ?5, 'running', ?6, ?7, ?8, ?9, ?10, ?10)",
                args![
                    id.to_string(),
                    new.bundle,
                    new.name.as_str(),
                    new.recipe.source.as_str(),
                    recipe.as_str(),
                    new.base,
                    fence,
                    new.owner.pid,
                    new.owner.host.as_str(),
                    new.now.micros(),
                ],
            )?;
            Ok(Some(Begun { id, fence }))
        })
    }

    /// Writes down that a job goes on, from a version and in a process that may be others.
    pub(crate) fn reopen_job(&self, job: JobId, new: &NewJob<'_>) -> Result<Begun, Error> {
        let fence = new.fence.unwrap_or(0);
        self.database.write(|session| {
            let changed = session.execute(
                "UPDATE rbt_job SET state = 'running', base_version = ?2, fence = ?3, \
                 owner_pid = ?4, owner_host = ?5, updated_us = ?6, bundle_id = ?7, \
                 finished_us = NULL, report_json = NULL, error = NULL \
                 WHERE job_id = ?1 AND state IN ('interrupted', 'failed')",
                args![
                    job.to_string(),
                    new.base,
                    fence,
                    new.owner.pid,
                    new.owner.host.as_str(),
                    new.now.micros(),
                    new.bundle,
                ],
            )?;
            if changed == 0 {
                // Somebody called it off, or goes on with it.
                return Err(Error::Job(JobError::UnknownJob { text: job.to_string() }));
            }
            Ok(Begun { id: job, fence })
        })
    }

    /// Every job, in the order in which they were created.
    pub(crate) fn jobs(&self) -> Result<Vec<JobInfo>, Error> {
        let mut jobs = Vec::new();
        self.database.each(COLUMNS, args![], |row| {
            jobs.push(job(row)?);
            Ok(())
        })?;
        jobs.sort_by_key(|job: &JobInfo| job.id);
        Ok(jobs)
    }

    /// Writes down that a job that says it is running is not: its process is gone.
    pub(crate) fn job_is_dead(&self, job: &JobInfo) -> Result<(), Error> {
        self.database.execute(
            "UPDATE rbt_job SET state = 'interrupted' \
             WHERE job_id = ?1 AND fence = ?2 AND state = 'running'",
            args![job.id.to_string(), job.fence],
        )?;
        Ok(())
    }

    /// Writes down how far a job is, and gives the state it has: another than running, if somebody
    /// called it off. `None` where it is not there any more.
    pub(crate) fn tick_job(
        &self,
        begun: Begun,
        progress: &JobProgress,
        now: Timestamp,
    ) -> Result<Option<JobState>, Error> {
        let progress = json(progress)?;
        let id = begun.id.to_string();
        self.database.execute(
            "UPDATE rbt_job SET progress_json = ?3, updated_us = ?4 \
             WHERE job_id = ?1 AND fence = ?2 AND state = 'running'",
            args![id.as_str(), begun.fence, progress, now.micros()],
        )?;
        let sql = "SELECT state FROM rbt_job WHERE job_id = ?1 AND fence = ?2";
        let row = self.database.row(sql, args![id, begun.fence])?;
        row.map(|row| state(row.text(0)?)).transpose()
    }

    /// Writes down how a job ended. A job that was called off meanwhile stays that, and one that
    /// has published is done.
    ///
    /// The points to resume from go where it cannot be resumed, and where `full` says so.
    pub(crate) fn end_job(
        &self,
        begun: Begun,
        end: &End<'_>,
        full: bool,
    ) -> Result<JobState, Error> {
        let progress = json(end.progress)?;
        let id = begun.id.to_string();
        let finished = (!matches!(end.state, JobState::Interrupted)).then(|| end.now.micros());
        self.database.write(|session| {
            session.execute(
                "UPDATE rbt_job SET state = ?3, finished_us = ?4 \
                 WHERE job_id = ?1 AND fence = ?2 AND state = 'running'",
                args![id.as_str(), begun.fence, end.state.name(), finished],
            )?;
            session.execute(
                "UPDATE rbt_job SET updated_us = ?3, progress_json = ?4, report_json = ?5, \
                 error = ?6 WHERE job_id = ?1 AND fence = ?2",
                args![
                    id.as_str(),
                    begun.fence,
                    end.now.micros(),
                    progress.as_str(),
                    end.report.clone(),
                    end.error.clone(),
                ],
            )?;
            let sql = "SELECT state FROM rbt_job WHERE job_id = ?1";
            let ended = match session.row(sql, args![id.as_str()])? {
                Some(row) => state(row.text(0)?)?,
                None => end.state,
            };
            if !ended.is_resumable() || full {
                forget(session, &id)?;
            }
            Ok(ended)
        })
    }

    /// Writes down that a job is called off, unless it has ended; gives whether it had not.
    pub(crate) fn cancel_job(&self, job: JobId, now: Timestamp) -> Result<bool, Error> {
        let changed = self.database.execute(
            "UPDATE rbt_job SET state = 'cancelled', updated_us = ?2, finished_us = ?2 \
             WHERE job_id = ?1 AND state IN ('running', 'interrupted', 'failed')",
            args![job.to_string(), now.micros()],
        )?;
        Ok(changed > 0)
    }

    /// Forgets a job, unless it is running.
    pub(crate) fn forget_job(&self, job: JobId) -> Result<(), Error> {
        let id = job.to_string();
        self.database.write(|session| {
            let sql = "SELECT state FROM rbt_job WHERE job_id = ?1 AND state <> 'running'";
            if session.row(sql, args![id.as_str()])?.is_some() {
                forget(session, &id)?;
                session.execute("DELETE FROM rbt_job WHERE job_id = ?1", args![id.as_str()])?;
            }
            Ok(())
        })
    }

    /// Adds points that a job can be resumed from, all at once.
    pub(crate) fn add_points(&self, job: JobId, points: &[(String, Vec<u8>)]) -> Result<(), Error> {
        let id = job.to_string();
        self.database.write(|session| {
            for (key, body) in points {
                session.execute(
                    "INSERT INTO rbt_job_chunk(job_id, key, body) VALUES (?1, ?2, ?3) \
                     ON CONFLICT (job_id, key) DO UPDATE SET body = excluded.body",
                    args![id.as_str(), key.as_str(), body.as_slice()],
                )?;
            }
            Ok(())
        })
    }

    /// The points that a job can be resumed from.
    pub(crate) fn points(&self, job: JobId) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let sql = "SELECT key, body FROM rbt_job_chunk WHERE job_id = ?1 ORDER BY key";
        let rows = self.database.rows(sql, args![job.to_string()])?;
        rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.blob(1)?.to_owned()))).collect()
    }

    /// Removes the points of a job that does not need them any more.
    pub(crate) fn forget_points(&self, job: JobId) -> Result<(), Error> {
        forget(&self.database, &job.to_string())
    }
}

fn last(session: &Session) -> Result<u64, Error> {
    let mut last = 0;
    session.each("SELECT job_id FROM rbt_job", args![], |row| {
        last = last.max(row.text(0)?.parse().map_or(0, JobId::number));
        Ok(())
    })?;
    Ok(last)
}

fn forget(session: &Session, id: &str) -> Result<(), Error> {
    session.execute("DELETE FROM rbt_job_chunk WHERE job_id = ?1", args![id])?;
    Ok(())
}

fn job(row: &Row) -> Result<JobInfo, Error> {
    let at = |column| -> Result<Option<Timestamp>, Error> {
        Ok(row.optional_int(column)?.map(Timestamp::from_micros))
    };
    let damaged = |what: &str| Error::corrupt("the catalog", format!("a job has {what}"));
    let recipe = serde_json::from_str(row.text(3)?).map_err(|_| damaged("no recipe"))?;
    let progress = row.optional_text(12)?.and_then(|text| serde_json::from_str(text).ok());
    Ok(JobInfo {
        id: row.text(0)?.parse()?,
        bundle: row.text(2)?.parse()?,
        recipe,
        state: state(row.text(4)?)?,
        base_version: row.optional_int(5)?.map(|version| version as u64),
        fence: row.optional_int(6)?.unwrap_or_default() as u64,
        owner: Owner {
            pid: row.optional_int(7)?.unwrap_or_default() as u32,
            host: row.optional_text(8)?.unwrap_or_default().to_owned(),
        },
        created: at(9)?.ok_or_else(|| damaged("no time"))?,
        updated: at(10)?.ok_or_else(|| damaged("no time"))?,
        finished: at(11)?,
        // What a newer program wrote, and we do not know, is only shown less of.
        progress: progress.unwrap_or_default(),
        report: row.optional_text(13)?.and_then(|text| serde_json::from_str(text).ok()),
        error: row.optional_text(14)?.map(str::to_owned),
    })
}

fn state(text: &str) -> Result<JobState, Error> {
    text.parse().map_err(|known| Error::corrupt("the catalog", format!("`{text}`: {known}")))
}

fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::corrupt("a job", error.to_string()))
}
