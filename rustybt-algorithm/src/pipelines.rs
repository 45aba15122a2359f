//! The pipelines of a run, computed a stretch of sessions at a time.
//!
//! A row of session N sees data up to N − 1, so computing ahead of the clock looks at nothing that
//! the strategy may not know: each day it is shown today's rows alone. How many sessions are computed
//! at once changes speed and memory, never a number.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustybt_calendars::{Calendar, Session};
use rustybt_data::DataPortal;
use rustybt_pipeline::{Engine, EquityLoader, Pipeline, PipelineOutput, RunOptions, TermCache};

use crate::Error;

/// Every pipeline of a run.
#[derive(Debug, Default)]
pub(crate) struct Pipelines {
    names: Vec<String>,
    /// `None` where no pipeline is attached.
    runner: Option<Runner>,
    /// The last session computed, and the rows of each pipeline.
    computed: Option<(Session, Vec<PipelineOutput>)>,
}

/// How the pipelines of a run are computed; nothing here changes a number.
#[derive(Debug, Clone)]
pub(crate) struct Computing {
    /// Sessions computed at once: at first, and from then on.
    pub(crate) chunks: (usize, usize),
    /// Where results are kept from run to run, and the name of the data.
    pub(crate) cache: Option<(Arc<TermCache>, Arc<str>)>,
}

#[derive(Debug)]
struct Runner {
    engine: Engine,
    calendar: Arc<Calendar>,
    pipelines: Vec<Pipeline>,
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
        computing: &Computing,
    ) -> Result<Self, Error> {
        if pipelines.is_empty() {
            return Ok(Self::default());
        }
        let calendar = portal.calendar().clone();
        let mut engine = Engine::new(Arc::new(EquityLoader::of(portal)?));
        if let Some((cache, data)) = &computing.cache {
            engine = engine.with_cache(Arc::clone(cache), Arc::clone(data));
        }
        let (names, pipelines) = pipelines.into_iter().unzip();
        let chunks = computing.chunks;
        let runner = Some(Runner { engine, calendar, pipelines, end, chunks });
        Ok(Self { names, runner, computed: None })
    }

    /// Computes every pipeline at least as far as a session, all of them at once.
    pub(crate) fn advance(&mut self, session: Session) -> Result<(), Error> {
        let Some(runner) = &self.runner else { return Ok(()) };
        let length = match &self.computed {
            Some((last, _)) if session <= *last => return Ok(()),
            Some(_) => runner.chunks.1,
            None => runner.chunks.0,
        };
        self.computed = Some(runner.run(session, length)?);
        Ok(())
    }

    /// The rows of a pipeline on a session that it was computed for.
    pub(crate) fn output(&self, name: &str, session: Session) -> Result<PipelineOutput, Error> {
        let place = self.names.iter().position(|known| known == name);
        let outputs = self.computed.as_ref().map(|(_, outputs)| outputs);
        let output = place.zip(outputs).and_then(|(place, outputs)| outputs.get(place));
        output.map(|output| output.on(session)).ok_or_else(|| Error::UnknownPipeline {
            name: name.to_owned(),
            attached: self.names.clone(),
        })
    }
}

impl Runner {
    /// Computes up to `length` sessions from `start` on, and says which was the last. What pipelines have in
    /// common is computed once.
    fn run(&self, start: Session, length: usize) -> Result<(Session, Vec<PipelineOutput>), Error> {
        let sessions = self.calendar.sessions_in_range(start, self.end);
        let last = sessions.get(length - 1).copied().unwrap_or(self.end);
        let pipelines: Vec<&Pipeline> = self.pipelines.iter().collect();
        let compute = |last| {
            self.engine
                .run_together(&pipelines, start, last, &RunOptions::default())
                .map(|outputs| (last, outputs))
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
