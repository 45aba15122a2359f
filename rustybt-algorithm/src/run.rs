//! A strategy, a portal and a span of sessions, run to a result.

use std::sync::Arc;

use rustybt_calendars::Session;
use rustybt_data::{Clocking, DataPortal};
use rustybt_pipeline::TermCache;

use crate::blotter::CancelPolicy;
use crate::clock::Clock;
use crate::engine::Engine;
use crate::order::{PerShare, VolumeShareSlippage};
use crate::performance::{Performance, SESSIONS_PER_YEAR};
use crate::pipelines::Computing;
use crate::setup::{Models, Setup};
use crate::{Algorithm, Error};

/// What a run runs on.
///
/// ```
/// use rustybt_algorithm::RunConfig;
/// use rustybt_data::{Clocking, Synthetic, SyntheticConfig};
///
/// let market = Synthetic::new(SyntheticConfig { assets: 2, ..SyntheticConfig::default() })?;
/// let config = RunConfig::new(market.portal()?, "2019-01-02".parse()?, "2019-12-31".parse()?)
///     .with_capital(1_000_000.0)
///     .with_clocking(Clocking::Minute);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct RunConfig {
    portal: Arc<DataPortal>,
    start: Session,
    end: Session,
    capital: f64,
    clocking: Clocking,
    computing: Computing,
    sessions_per_year: f64,
}

impl RunConfig {
    /// A run over the sessions from `start` to `end`, both included, in daily bars, with a capital
    /// of 100,000.
    pub fn new(portal: impl Into<Arc<DataPortal>>, start: Session, end: Session) -> Self {
        Self {
            portal: portal.into(),
            start,
            end,
            capital: 100_000.0,
            clocking: Clocking::Daily,
            computing: Computing { chunks: (5, 126), cache: None },
            sessions_per_year: SESSIONS_PER_YEAR,
        }
    }

    /// The money at the start, in the currency of the assets.
    #[must_use]
    pub fn with_capital(self, capital: f64) -> Self {
        Self { capital, ..self }
    }

    /// Which bars the strategy is called at.
    #[must_use]
    pub fn with_clocking(self, clocking: Clocking) -> Self {
        Self { clocking, ..self }
    }

    /// How many sessions of a pipeline are computed at once: first, and from then on. It changes
    /// speed and memory, never a number. By default 5 and 126.
    #[must_use]
    pub fn with_pipeline_chunks(self, first: usize, then: usize) -> Self {
        let computing = Computing { chunks: (first, then), ..self.computing };
        Self { computing, ..self }
    }

    /// Keeps what the terms of pipelines come to, for other runs with the same cache: a sweep over the
    /// parameters of a strategy computes its pipelines once. `data` names the data of the portal to the last
    /// value, as [`with_cache`](rustybt_pipeline::Engine::with_cache) asks for: a bundle and its version.
    #[must_use]
    pub fn with_term_cache(self, cache: Arc<TermCache>, data: impl Into<Arc<str>>) -> Self {
        let computing = Computing { cache: Some((cache, data.into())), ..self.computing };
        Self { computing, ..self }
    }

    /// How many sessions a year counts in annual figures: 252 by default, 365 for a market that
    /// never closes.
    #[must_use]
    pub fn with_sessions_per_year(self, sessions_per_year: f64) -> Self {
        Self { sessions_per_year, ..self }
    }

    /// The first session.
    pub fn start(&self) -> Session {
        self.start
    }

    /// The last session.
    pub fn end(&self) -> Session {
        self.end
    }
}

/// Runs a strategy and returns what came of it.
///
/// Orders are filled by [`VolumeShareSlippage`] and pay [`PerShare`] commission, both with their
/// defaults, unless the strategy sets other models. The same strategy on the same data gives the
/// same result, bit for bit.
///
/// # Errors
///
/// [`Error::NotASession`], [`Error::Backwards`], [`Error::Capital`] and [`Error::EmptyChunk`] for
/// a run that cannot be; whatever the strategy or the data fail with.
pub fn run<A: Algorithm>(algorithm: &mut A, config: &RunConfig) -> Result<Performance, Error> {
    let portal = &*config.portal;
    let clock = Clock::new(portal.calendar(), config.start, config.end, config.clocking)?;
    if !(config.capital.is_finite() && config.capital > 0.0) {
        return Err(Error::Capital { capital: config.capital });
    }
    if matches!(config.computing.chunks, (0, _) | (_, 0)) {
        return Err(Error::EmptyChunk);
    }
    let models = Models {
        slippage: Box::new(VolumeShareSlippage::default()),
        commission: Box::new(PerShare::default()),
        cancel: CancelPolicy::default(),
    };
    let mut setup = Setup::new(portal, config.start, config.end, models);
    algorithm.initialize(&mut setup)?;
    let mut engine =
        Engine::new(portal, config.clocking, config.capital, &config.computing, setup)?;
    for tick in clock.ticks() {
        engine.step(algorithm, tick)?;
    }
    let performance = engine.finish(config.capital, config.sessions_per_year);
    algorithm.analyze(&performance)?;
    Ok(performance)
}
