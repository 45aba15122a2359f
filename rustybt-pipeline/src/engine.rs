//! The engine: from a pipeline and a range of sessions to rows.
//!
//! 1. **Range.** Both ends must be sessions of the loader's calendar, in order.
//! 2. **Graph.** The terms of the pipeline become one graph in which equal terms are one node; without
//!    a screen, every asset that lives is shown.
//! 3. **Plan.** Terms are put in an order in which each comes after what it needs. From the outputs
//!    back, a window of `w` rows asks its inputs for `w − 1` rows more than it has itself. How often
//!    each result will be asked for is counted.
//! 4. **Universe.** The assets that live somewhere in the range, look-back included, are the columns
//!    of every array, in ascending order of sid. An asset lives on session N if `start < N <= end`.
//! 5. **Terms.** In order, columns are loaded and terms computed; row N sees the data of sessions
//!    up to N − 1, adjusted as of N. A result is dropped when the last that needs it has taken it.
//! 6. **Screen.** It is computed first. The cells at which it holds are the rows, session by session,
//!    each by sid.
//! 7. **Columns.** The values of every output at those cells are collected as soon as it is computed.
//!    A run in chunks is these last four steps for each chunk, and the rows one after the other.
//!
//! Terms that do not need one another run in parallel, as many as there are threads; within a term,
//! assets do where it looks back over each alone, and sessions where it looks across them. Nothing computed depends on where a chunk or a task begins: the answer is the same, bit for
//! bit, in any chunks and on any number of threads.

use std::sync::Arc;

use rustybt_calendars::Session;

use crate::run::{Measured, Run};
use crate::{Error, Explanation, Loader, Pipeline, PipelineOutput, TermCache, Watch};

/// Runs pipelines over the columns of a loader.
#[derive(Debug, Clone)]
pub struct Engine {
    loader: Arc<dyn Loader>,
    cache: Option<Kept>,
}

/// Where results are kept, and the name of the data that they are of.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) cache: Arc<TermCache>,
    pub(crate) data: Arc<str>,
}

/// How a run is carried out; nothing here changes what it computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunOptions {
    /// Rows (sessions, or the bars within them) computed at a time; where not given, as many as are
    /// computed fast. Fewer need less memory.
    pub chunk: Option<usize>,
    /// Threads; those of the current rayon pool where not given.
    pub threads: Option<usize>,
    /// Bytes that the results held at once may take; chunks are made short enough. The outputs
    /// themselves come on top, and so does what the loader holds.
    pub max_memory: Option<u64>,
}

impl Engine {
    /// An engine over the columns of `loader`.
    pub fn new(loader: Arc<dyn Loader>) -> Self {
        Self { loader, cache: None }
    }

    /// The same, keeping results in a cache that other engines may have too.
    ///
    /// `data` names all that the loader gives, to the last value: a bundle and its version, say, and the tables
    /// beside it. Where any of it changes, so must the name; nothing else ever makes a result stale.
    #[must_use]
    pub fn with_cache(self, cache: Arc<TermCache>, data: impl Into<Arc<str>>) -> Self {
        Self { cache: Some(Kept { cache, data: data.into() }), ..self }
    }

    /// Computes a pipeline for every session from `start` to `end`, both included.
    ///
    /// # Errors
    ///
    /// [`Error::NotASession`], [`Error::Backwards`], [`Error::LookBack`] where the data begin too
    /// late for the longest window, [`Error::NoAssets`], [`Error::UnknownColumn`],
    /// [`Error::UnknownSymbol`], [`Error::Zero`] for options of zero, [`Error::Domain`] for data of another
    /// market, [`Error::Data`] where the data cannot be read.
    pub fn run(
        &self,
        pipeline: &Pipeline,
        start: Session,
        end: Session,
        options: &RunOptions,
    ) -> Result<PipelineOutput, Error> {
        self.run_watched(pipeline, start, end, options, &())
    }

    /// The same, while somebody looks on, who may tell it to stop.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); [`Error::Cancelled`] where it was told to stop.
    pub fn run_watched(
        &self,
        pipeline: &Pipeline,
        start: Session,
        end: Session,
        options: &RunOptions,
        watch: &dyn Watch,
    ) -> Result<PipelineOutput, Error> {
        self.run_measured(pipeline, start, end, options, watch).map(|(output, _)| output)
    }

    /// The same, and what each term took: rows, bytes and, if `watch` has a [clock](Watch::now), time.
    ///
    /// # Errors
    ///
    /// As [`run_watched`](Self::run_watched).
    pub fn run_measured(
        &self,
        pipeline: &Pipeline,
        start: Session,
        end: Session,
        options: &RunOptions,
        watch: &dyn Watch,
    ) -> Result<(PipelineOutput, Explanation), Error> {
        let (mut outputs, explanation) = self.carry_out(&[pipeline], start, end, options, watch)?;
        // One pipeline has one output.
        let output = outputs.pop().unwrap_or_else(|| PipelineOutput::empty([]));
        Ok((output, explanation))
    }

    /// Computes several pipelines at once: what they have in common once, and an output for each, with the
    /// numbers that it has alone.
    ///
    /// Pipelines of different [domains](crate::Domain) have no universe in common and are run one domain
    /// after the other.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use rustybt_data::{Synthetic, SyntheticConfig};
    /// # use rustybt_pipeline::{CustomFactor, Engine, EquityLoader, Pipeline, Returns, RunOptions};
    /// # let market = Synthetic::new(SyntheticConfig { assets: 5, ..SyntheticConfig::default() })?;
    /// # let engine = Engine::new(Arc::new(EquityLoader::of(&market.portal()?)?));
    /// let returns = Returns::new(20)?.factor()?;
    /// let best = Pipeline::new().with("returns", returns.clone()).screen(returns.top(2, None));
    /// let worst = Pipeline::new().screen(returns.bottom(2, None));
    /// let day = "2016-03-01".parse()?;
    /// // The returns are computed once.
    /// let outputs = engine.run_together(&[&best, &worst], day, day, &RunOptions::default())?;
    /// assert_eq!(outputs[0], engine.run(&best, day, day, &RunOptions::default())?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), of any of them.
    pub fn run_together(
        &self,
        pipelines: &[&Pipeline],
        start: Session,
        end: Session,
        options: &RunOptions,
    ) -> Result<Vec<PipelineOutput>, Error> {
        let mut outputs: Vec<Option<PipelineOutput>> = pipelines.iter().map(|_| None).collect();
        for (first, pipeline) in pipelines.iter().enumerate() {
            if outputs.get(first).is_some_and(Option::is_some) {
                continue;
            }
            let alike = |place: &usize| {
                pipelines.get(*place).is_some_and(|other| other.domain() == pipeline.domain())
            };
            let places: Vec<usize> = (first..pipelines.len()).filter(alike).collect();
            let group: Vec<&Pipeline> =
                places.iter().filter_map(|place| pipelines.get(*place)).copied().collect();
            let (found, _) = self.carry_out(&group, start, end, options, &())?;
            for (place, output) in places.into_iter().zip(found) {
                if let Some(slot) = outputs.get_mut(place) {
                    *slot = Some(output);
                }
            }
        }
        Ok(outputs.into_iter().flatten().collect())
    }

    /// What a run would do, without doing it.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn explain(
        &self,
        pipeline: &Pipeline,
        start: Session,
        end: Session,
        options: &RunOptions,
    ) -> Result<Explanation, Error> {
        let run = Run::new(&*self.loader, self.cache.as_ref(), &[pipeline], start, end, options)?;
        Ok(run.explain(None))
    }

    /// Runs pipelines of one domain on the threads that were asked for.
    fn carry_out(
        &self,
        pipelines: &[&Pipeline],
        start: Session,
        end: Session,
        options: &RunOptions,
        watch: &dyn Watch,
    ) -> Result<(Vec<PipelineOutput>, Explanation), Error> {
        if options.chunk == Some(0) {
            return Err(Error::Zero { option: "chunk" });
        }
        let carry_out = || {
            let run = Run::new(&*self.loader, self.cache.as_ref(), pipelines, start, end, options)?;
            let mut measured = Measured::new(run.terms());
            let outputs = run.carry_out(watch, &mut measured)?;
            Ok((outputs, run.explain(Some(&measured))))
        };
        match options.threads {
            None => carry_out(),
            Some(0) => Err(Error::Zero { option: "threads" }),
            Some(threads) => rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .map_err(|error| Error::Threads { threads, reason: error.to_string() })?
                .install(carry_out),
        }
    }
}
