//! What a strategy may do once, before the first session.

use std::collections::BTreeMap;

use rustybt_calendars::{Calendar, Session};
use rustybt_data::{BarData, DataPortal, Sid};
use rustybt_pipeline::Pipeline;

use crate::blotter::CancelPolicy;
use crate::order::{Commission, Slippage};
use crate::schedule::{DateRule, TimeRule};
use crate::{Context, Error};

/// A function of a strategy that runs when its rules hold.
pub type ScheduledFunction<A> = fn(&mut A, &mut Context<'_>, &BarData<'_>) -> Result<(), Error>;

/// Sets up a run: [`Algorithm::initialize`](crate::Algorithm::initialize) gets it, nothing else does.
#[derive(Debug)]
pub struct Setup<'p, A> {
    portal: &'p DataPortal,
    start: Session,
    end: Session,
    pub(crate) models: Models,
    pub(crate) schedule: Vec<Scheduled<A>>,
    pub(crate) pipelines: BTreeMap<String, Pipeline>,
}

/// How orders are filled, paid for and dropped.
#[derive(Debug)]
pub(crate) struct Models {
    pub(crate) slippage: Box<dyn Slippage>,
    pub(crate) commission: Box<dyn Commission>,
    pub(crate) cancel: CancelPolicy,
}

/// A function and when it runs.
#[derive(Debug)]
pub(crate) struct Scheduled<A> {
    pub(crate) function: ScheduledFunction<A>,
    pub(crate) date: DateRule,
    pub(crate) time: TimeRule,
}

impl<'p, A> Setup<'p, A> {
    pub(crate) const fn new(
        portal: &'p DataPortal,
        start: Session,
        end: Session,
        models: Models,
    ) -> Self {
        Self { portal, start, end, models, schedule: Vec::new(), pipelines: BTreeMap::new() }
    }

    /// The first session of the run.
    pub const fn start(&self) -> Session {
        self.start
    }

    /// The last session of the run.
    pub const fn end(&self) -> Session {
        self.end
    }

    /// The calendar.
    pub fn calendar(&self) -> &'p Calendar {
        self.portal.calendar()
    }

    /// The asset that has this symbol on the first session of the run.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] where nobody, or more than one, has it then.
    pub fn symbol(&self, symbol: &str) -> Result<Sid, Error> {
        self.symbol_as_of(symbol, self.start)
    }

    /// The asset that has this symbol on a day.
    ///
    /// # Errors
    ///
    /// As [`symbol`](Self::symbol).
    pub fn symbol_as_of(&self, symbol: &str, day: Session) -> Result<Sid, Error> {
        Ok(self.portal.finder().lookup(symbol, day)?)
    }

    /// Runs a function of the strategy on the days and at the bars that two rules name.
    ///
    /// In a daily run the time rule does not matter: a day has one bar.
    ///
    /// ```
    /// # use rustybt_algorithm::{Algorithm, Context, DateRule, Error, Setup, TimeRule};
    /// # use rustybt_data::BarData;
    /// struct Monthly;
    ///
    /// impl Algorithm for Monthly {
    ///     fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Result<(), Error> {
    ///         let half_past = TimeRule::MarketOpen { hours: 0, minutes: 30 };
    ///         setup.schedule_function(Self::rebalance, DateRule::month_start(0), half_past)
    ///     }
    /// }
    ///
    /// impl Monthly {
    ///     fn rebalance(&mut self, _: &mut Context<'_>, _: &BarData<'_>) -> Result<(), Error> {
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::DateRule`] and [`Error::TimeRule`] for offsets that never come.
    pub fn schedule_function(
        &mut self,
        function: ScheduledFunction<A>,
        date: DateRule,
        time: TimeRule,
    ) -> Result<(), Error> {
        date.check()?;
        time.check()?;
        self.schedule.push(Scheduled { function, date, time });
        Ok(())
    }

    /// Computes a pipeline for every session of the run; [`Context::pipeline_output`] gives the rows
    /// of the day.
    ///
    /// # Errors
    ///
    /// [`Error::PipelineTwice`] for a name that is taken.
    pub fn attach_pipeline(
        &mut self,
        pipeline: Pipeline,
        name: impl Into<String>,
    ) -> Result<(), Error> {
        let name = name.into();
        if self.pipelines.contains_key(&name) {
            return Err(Error::PipelineTwice { name });
        }
        self.pipelines.insert(name, pipeline);
        Ok(())
    }

    /// Decides how much of an order a bar takes, and at what price.
    pub fn set_slippage(&mut self, slippage: impl Slippage + 'static) {
        self.models.slippage = Box::new(slippage);
    }

    /// Decides what a fill costs beside its price.
    pub fn set_commission(&mut self, commission: impl Commission + 'static) {
        self.models.commission = Box::new(commission);
    }

    /// Decides what becomes of orders that are open when a session ends.
    pub fn set_cancel_policy(&mut self, policy: CancelPolicy) {
        self.models.cancel = policy;
    }
}
