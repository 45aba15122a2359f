//! The pipelines of a run, computed a stretch of sessions at a time.
//!
//! A row of session N sees data up to N − 1, so computing ahead of the clock looks at nothing that
//! the strategy may not know: each day it is shown today's rows alone. How many sessions are computed
//! at once changes speed and memory, never a number.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustybt_calendars::{Calendar, Session};
use rustybt_data::DataPortal;
use rustybt_pipeline::{Engine, EquityLoader, Pipeline, PipelineOutput, RunOptions};

use crate::Error;

/// Every pipeline of a run.
#[derive(Debug, Default)]
pub(crate) struct Pipelines {
    attached: BTreeMap<String, Attached>,
    /// `None` where no pipeline is attached.
    runner: Option<Runner>,
}

/// A pipeline and the stretch of it that is computed.
#[derive(Debug)]
struct Attached {
    pipeline: Pipeline,
    /// The last session computed, and the rows.
    computed: Option<(Session, PipelineOutput)>,
}

#[derive(Debug)]
struct Runner {
    engine: Engine,
    calendar: Arc<Calendar>,
    /// The last session of the run.
    end: Session,
    /// Sessions computed at once: at first, and from then on.
    chunks: (usize, usize),
}

impl Pipelines {
    pub(crate) fn new(
        portal: &DataPortal,
        pipelines: BTreeMap<String, Pipeline>,
        end: Session,
        chunks: (usize, usize),
    ) -> Result<Self, Error> {
        if pipelines.is_empty() {
            return Ok(Self::default());
        }
        let calendar = portal.calendar().clone();
        let (finder, adjustments) = (portal.finder().clone(), portal.adjustments().clone());
        let loader =
            EquityLoader::new(calendar.clone(), finder, adjustments, portal.daily().clone())?;
        let runner = Runner { engine: Engine::new(Arc::new(loader)), calendar, end, chunks };
        let attached = pipelines
            .into_iter()
            .map(|(name, pipeline)| (name, Attached { pipeline, computed: None }))
            .collect();
        Ok(Self { attached, runner: Some(runner) })
    }

    /// Computes every pipeline at least as far as a session.
    pub(crate) fn advance(&mut self, session: Session) -> Result<(), Error> {
        let Some(runner) = &self.runner else { return Ok(()) };
        for attached in self.attached.values_mut() {
            let length = match &attached.computed {
                Some((last, _)) if session <= *last => continue,
                Some(_) => runner.chunks.1,
                None => runner.chunks.0,
            };
            attached.computed = Some(runner.run(&attached.pipeline, session, length)?);
        }
        Ok(())
    }

    /// The rows of a pipeline on a session that it was computed for.
    pub(crate) fn output(&self, name: &str, session: Session) -> Result<PipelineOutput, Error> {
        let attached = self.attached.get(name);
        let computed = attached.and_then(|attached| attached.computed.as_ref());
        computed.map(|(_, output)| output.on(session)).ok_or_else(|| Error::UnknownPipeline {
            name: name.to_owned(),
            attached: self.attached.keys().cloned().collect(),
        })
    }
}

impl Runner {
    /// Computes up to `length` sessions from `start` on, and says which was the last.
    fn run(
        &self,
        pipeline: &Pipeline,
        start: Session,
        length: usize,
    ) -> Result<(Session, PipelineOutput), Error> {
        let sessions = self.calendar.sessions_in_range(start, self.end);
        let last = sessions.get(length - 1).copied().unwrap_or(self.end);
        let compute = |last| {
            self.engine
                .run(pipeline, start, last, &RunOptions::default())
                .map(|output| (last, output))
        };
        match compute(last) {
            // A symbol or an asset that only appears later in the run is no mistake.
            Err(
                rustybt_pipeline::Error::UnknownSymbol { .. }
                | rustybt_pipeline::Error::NoAssets { .. },
            ) if last < self.end => Ok(compute(self.end)?),
            computed => Ok(computed?),
        }
    }
}
