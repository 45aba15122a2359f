//! What a factor was worth: how well it foretold what its assets earned afterwards.
//!
//! A report takes the rows of a pipeline, looks up what each asset earned over the sessions that follow
//! ([`ForwardReturns`]), and compares:
//!
//! | question | answer |
//! |---|---|
//! | does it foretell? | [information coefficient](Information): mean, deviation, ratio, t and p, by month, by group |
//! | what would it have earned? | a dollar-neutral portfolio weighted by it: returns, alpha and beta |
//! | is more better all along? | [mean returns by quantile](QuantileReturns), the spread of the highest over the lowest, their growth |
//! | what would it cost to follow? | turnover of each quantile, autocorrelation of ranks |
//!
//! ```
//! use std::sync::Arc;
//!
//! use rustybt_data::{Synthetic, SyntheticConfig};
//! use rustybt_pipeline::report::{FactorReport, ForwardReturns, Price, ReportOptions};
//! use rustybt_pipeline::{
//!     CustomFactor, Engine, EquityLoader, Pipeline, Returns, RunOptions,
//! };
//!
//! let market = Synthetic::new(SyntheticConfig { assets: 40, ..SyntheticConfig::default() })?;
//! let loader = Arc::new(EquityLoader::of(&market.portal()?)?);
//! let pipeline = Pipeline::new().with("momentum", Returns::new(60)?.factor()?);
//! let (start, end) = ("2016-03-01".parse()?, "2016-05-31".parse()?);
//! let output = Engine::new(loader.clone()).run(&pipeline, start, end, &RunOptions::default())?;
//!
//! let forward = ForwardReturns::of(&*loader, &output, &[1, 5], Price::Open)?;
//! let options = ReportOptions::default();
//! let report = FactorReport::new(&*loader, &output, "momentum", &forward, &options)?;
//! let week = &report.periods[1];
//! assert!(week.information.mean.abs() < 0.5 && week.quantiles.len() == 5);
//! assert!(report.to_html("us").contains("</svg>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Looking forward
//!
//! A pipeline never does. A report must, and keeps what it sees to itself: forward returns are a type of
//! their own that no pipeline takes.
//!
//! # Within sessions
//!
//! Where the rows of a pipeline are bars within sessions, so are the periods: the return of a row runs from the
//! open of its bar, over nights as they come.
//!
//! # Source
//!
//! The measures and their definitions are those that alphalens documents, and its answers (alphalens-reloaded
//! 0.5.1) are met; the information coefficient and its use are R. C. Grinold's and R. N. Kahn's, *Active Portfolio
//! Management*, 2nd edition, chapters 6, 10 and 12. What differs: the spread is that of two portfolios of one
//! each, where alphalens halves it since 0.5; equal numbers share a quantile, where it refuses them.

mod forward;
mod information;
mod page;
mod picture;
mod portfolio;
mod quantile;
mod sample;
mod turnover;

pub use forward::{ForwardReturns, Price};
pub use information::{Information, Month};
pub use quantile::{QuantileNumbers, QuantileReturns};
pub use sample::LeftOut;

use std::sync::Arc;

use rustybt_calendars::{Session, Timestamp};

use self::sample::Sample;
use crate::{Error, Loader, PipelineOutput};

/// Sessions in a year, where a rate is told of one.
const YEAR: f64 = 252.0;

/// What the rows of a report are.
#[derive(Debug, Clone, Copy)]
struct Rows {
    /// How many there are in a year.
    a_year: f64,
    within_sessions: bool,
}

/// How a report is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportOptions {
    /// Into how many quantiles the rows of a session are dealt.
    pub quantiles: usize,
    /// The column of the output that names the group of each row.
    pub group: Option<String>,
    /// Whether all is taken within groups: quantiles, weights, and what is above the mean.
    pub neutral: bool,
}

impl Default for ReportOptions {
    /// Five quantiles, no groups.
    fn default() -> Self {
        Self { quantiles: 5, group: None, neutral: false }
    }
}

/// Everything about one factor.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FactorReport {
    /// The column of the output.
    pub factor: String,
    /// Rows that it is about: those with a number, every forward return and a group where asked for.
    pub rows: usize,
    /// Rows that it is not about.
    pub left_out: LeftOut,
    /// The sessions with such rows; all lists by session are of these.
    pub sessions: Vec<Session>,
    /// What each quantile holds.
    pub held: Vec<QuantileNumbers>,
    /// The moments at which the rows open, where they are bars within sessions: one for each of `sessions`.
    pub instants: Option<Vec<Timestamp>>,
    /// The groups, in order; empty without groups.
    pub groups: Vec<Arc<str>>,
    /// What it foretold over each period, the shortest first.
    pub periods: Vec<PeriodReport>,
}

/// What a factor foretold over one period.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PeriodReport {
    /// Sessions that forward returns are over; bars, where rows are bars within sessions.
    pub period: usize,
    /// The period in words, as in `5 sessions`.
    pub name: String,
    /// The information coefficient of each session, `NaN` where nothing differs.
    pub coefficients: Vec<f64>,
    /// What the coefficients come to.
    pub information: Information,
    /// The coefficients by calendar month.
    pub months: Vec<Month>,
    /// The return of each session's portfolio weighted by the factor, over the period.
    pub factor_returns: Vec<f64>,
    /// What that portfolio earns a year beyond the mean of all assets.
    pub alpha: f64,
    /// How much of the mean of all assets it carries.
    pub beta: f64,
    /// What one becomes in that portfolio, reinvested each session.
    pub growth: Vec<f64>,
    /// The returns of each quantile.
    pub quantiles: Vec<QuantileReturns>,
    /// The highest quantile's return less the lowest one's, by session.
    pub spread: Vec<f64>,
    /// The mean of the spread.
    pub spread_mean: f64,
    /// The standard error of that mean.
    pub spread_error: f64,
    /// For each quantile and session, the share of its assets that were not in it a period before.
    pub turnover: Vec<Vec<f64>>,
    /// The correlation of each session's ranks with those of a period before.
    pub autocorrelation: Vec<f64>,
    /// What it foretold within each group, in the order of the groups.
    pub groups: Vec<GroupReport>,
}

/// What a factor foretold within one group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupReport {
    /// The mean information coefficient across the assets of the group.
    pub information: f64,
    /// The mean return of each quantile, above the mean of all assets (of the group, where neutral).
    pub quantiles: Vec<f64>,
}

impl FactorReport {
    /// Of a column of numbers of `output`, and the forward returns of its rows; `loader` is the one that the
    /// pipeline ran on.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for fewer than two quantiles, or forward returns of another output;
    /// [`Error::UnknownOutput`], [`Error::Kind`] for columns that are not there or hold something else;
    /// [`Error::NothingToReport`] where no row has all it needs.
    pub fn new(
        loader: &dyn Loader,
        output: &PipelineOutput,
        factor: &str,
        forward: &ForwardReturns,
        options: &ReportOptions,
    ) -> Result<Self, Error> {
        let refused = |expected, found: String| {
            Err(Error::Parameter { term: "report".to_owned(), expected, found })
        };
        if !(2..=1000).contains(&options.quantiles) {
            return refused("2 to 1000 quantiles", options.quantiles.to_string());
        }
        if forward.rows() != output.len() {
            let found = format!("{} of {}", forward.rows(), output.len());
            return refused("the forward returns of every row", found);
        }
        if options.neutral && options.group.is_none() {
            return refused("a group to be neutral within", "none".to_owned());
        }
        let places = forward::places(loader, output)?;
        let sample = Sample::new(output, factor, &places, forward, options)?;
        if sample.factor.is_empty() {
            return Err(Error::NothingToReport {
                factor: factor.to_owned(),
                rows: output.len(),
                no_factor: sample.left_out.no_factor,
                no_return: sample.left_out.no_return,
            });
        }
        let axis = loader.axis();
        let first = sample.days.first().and_then(|day| axis.rows_of(day.session));
        let of = Rows {
            a_year: YEAR * first.map_or(1, |rows| rows.len()) as f64,
            within_sessions: output.instants().is_some(),
        };
        let instants = || sample.days.iter().filter_map(|day| axis.opens(day.place)).collect();
        let instants = of.within_sessions.then(instants);
        let ranks = information::ranks(&sample, &sample.factor);
        let weights = portfolio::weights(&sample, options.neutral);
        let periods = forward.periods().zip(&sample.returns).map(|(period, returns)| {
            PeriodReport::new(&sample, (&ranks, &weights), returns, (period, of), options)
        });
        let periods = periods.collect();
        Ok(Self {
            factor: factor.to_owned(),
            rows: sample.factor.len(),
            left_out: sample.left_out,
            sessions: sample.days.iter().map(|day| day.session).collect(),
            held: quantile::numbers(&sample, options.quantiles),
            periods,
            instants,
            groups: sample.groups,
        })
    }

    /// What a row is, in words: `sessions`, or `bars`.
    fn unit(&self) -> &'static str {
        if self.instants.is_some() { "bars" } else { "sessions" }
    }

    /// One HTML page with pictures that needs nothing beside itself; `source` says what it is of.
    pub fn to_html(&self, source: &str) -> String {
        page::html(std::slice::from_ref(self), source)
    }

    /// The page of several factors.
    pub fn all_to_html(reports: &[Self], source: &str) -> String {
        page::html(reports, source)
    }
}

impl PeriodReport {
    fn new(
        sample: &Sample,
        (ranks, weights): (&[f64], &[f64]),
        returns: &[f64],
        (period, of): (usize, Rows),
        options: &ReportOptions,
    ) -> Self {
        let above = quantile::above_the_mean(sample, returns, options.neutral);
        let judged: &[f64] = if options.neutral { &above } else { returns };
        let coefficients =
            information::coefficients(sample, ranks, &information::ranks(sample, judged));
        let sessions: Vec<Session> = sample.days.iter().map(|day| day.session).collect();
        let months = information::by_month(&sessions, &coefficients);
        let factor_returns = portfolio::returns(sample, weights, returns);
        let (alpha, beta) =
            portfolio::alpha_beta(sample, &factor_returns, returns, of.a_year / period as f64);
        let quantiles = quantile::returns(sample, (returns, &above), options.quantiles, period);
        let spread: Vec<f64> = match quantiles.as_slice() {
            [low, .., high] => {
                high.by_session.iter().zip(&low.by_session).map(|(high, low)| high - low).collect()
            }
            _ => Vec::new(),
        };
        let (spread_mean, spread_error) = quantile::mean_and_error(&spread);
        let groups = information::by_group(sample, returns)
            .into_iter()
            .zip(quantile::by_group(sample, &above, options.quantiles))
            .map(|(information, quantiles)| GroupReport { information, quantiles })
            .collect();
        let unit = if of.within_sessions { "bar" } else { "session" };
        let ending = if period == 1 { "" } else { "s" };
        Self {
            period,
            name: format!("{period} {unit}{ending}"),
            information: Information::of(&coefficients),
            months,
            coefficients,
            growth: portfolio::growth(&factor_returns, period),
            factor_returns,
            alpha,
            beta,
            quantiles,
            spread,
            spread_mean,
            spread_error,
            turnover: turnover::of_quantiles(sample, options.quantiles, period),
            autocorrelation: turnover::autocorrelation(sample, ranks, period),
            groups,
        }
    }
}
