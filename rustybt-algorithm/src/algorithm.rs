//! The trait a strategy implements.

use rustybt_data::BarData;

use crate::{Context, Error, Performance, Setup};

/// A trading strategy: what it does when, and the state it keeps in between.
///
/// A run calls, in this order:
///
/// 1. [`initialize`](Self::initialize), once: pipelines, schedules and models are set up here,
///    and only here, by the type of its argument;
/// 2. on every session, [`before_trading_start`](Self::before_trading_start) 45 minutes before the
///    open, then, for every bar, first [`handle_data`](Self::handle_data) and then the scheduled
///    functions whose time it is, in the order in which they were scheduled;
/// 3. [`analyze`](Self::analyze), once, with the result.
///
/// An error ends the run. A closure of the form of `handle_data` is a strategy too:
///
/// ```
/// # use rustybt_algorithm::{Context, Error};
/// # use rustybt_data::BarData;
/// let mut strategy = |ctx: &mut Context<'_>, _: &BarData<'_>| -> Result<(), Error> {
///     let asset = ctx.symbol("AAPL")?;
///     ctx.order_target_percent(asset, 1.0)?;
///     Ok(())
/// };
/// # fn takes(_: &mut impl rustybt_algorithm::Algorithm) {}
/// # takes(&mut strategy);
/// ```
pub trait Algorithm: Sized {
    /// Sets up the run.
    ///
    /// # Errors
    ///
    /// Whatever the strategy cannot go on with.
    fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Result<(), Error> {
        let _ = setup;
        Ok(())
    }

    /// Prepares for the session that is about to open. Orders are refused here.
    ///
    /// # Errors
    ///
    /// Whatever the strategy cannot go on with.
    fn before_trading_start(
        &mut self,
        ctx: &mut Context<'_>,
        data: &BarData<'_>,
    ) -> Result<(), Error> {
        let _ = (ctx, data);
        Ok(())
    }

    /// Acts on a bar that has just closed; orders given here are filled from the next bar on.
    ///
    /// # Errors
    ///
    /// Whatever the strategy cannot go on with.
    fn handle_data(&mut self, ctx: &mut Context<'_>, data: &BarData<'_>) -> Result<(), Error> {
        let _ = (ctx, data);
        Ok(())
    }

    /// Looks at the result.
    ///
    /// # Errors
    ///
    /// Whatever the strategy cannot go on with.
    fn analyze(&mut self, performance: &Performance) -> Result<(), Error> {
        let _ = performance;
        Ok(())
    }
}

impl<F> Algorithm for F
where
    F: FnMut(&mut Context<'_>, &BarData<'_>) -> Result<(), Error>,
{
    fn handle_data(&mut self, ctx: &mut Context<'_>, data: &BarData<'_>) -> Result<(), Error> {
        self(ctx, data)
    }
}
