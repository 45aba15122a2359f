//! The strategy of the demo: on the first session of a month, the ten with the strongest momentum.

use rustybt_algorithm::{Algorithm, Context, DateRule, Error, Setup, TimeRule};
use rustybt_data::{BarData, Sid};
use rustybt_pipeline::Pipeline;

/// How many assets are held.
const HELD: usize = 10;

/// Equal parts of the ten best by the pipeline's `rank`, renewed once a month.
#[derive(Debug)]
pub(super) struct MonthlyMomentum {
    pub(super) pipeline: Pipeline,
}

impl Algorithm for MonthlyMomentum {
    fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Result<(), Error> {
        setup.attach_pipeline(self.pipeline.clone(), "momentum")?;
        let open = TimeRule::MarketOpen { hours: 0, minutes: 30 };
        setup.schedule_function(Self::rebalance, DateRule::month_start(0), open)
    }
}

impl MonthlyMomentum {
    #[expect(clippy::unused_self, reason = "a scheduled function is a method of its strategy")]
    fn rebalance(&mut self, ctx: &mut Context<'_>, data: &BarData<'_>) -> Result<(), Error> {
        let best = best(&ctx.pipeline_output("momentum")?)?;
        let held: Vec<Sid> = ctx.portfolio().positions().map(|position| position.sid).collect();
        for sid in held.into_iter().filter(|sid| !best.contains(sid)) {
            if data.can_trade(sid)? {
                ctx.order_target(sid, 0.0)?;
            }
        }
        for &sid in &best {
            if data.can_trade(sid)? {
                // A little is kept in cash, so that moving prices do not leave a debt.
                ctx.order_target_percent(sid, 0.98 / HELD as f64)?;
            }
        }
        Ok(())
    }
}

/// The assets of today's rows with the smallest ranks.
fn best(today: &rustybt_pipeline::PipelineOutput) -> Result<Vec<Sid>, Error> {
    let ranks = today.numbers("rank")?;
    let mut ranked: Vec<(f64, Sid)> =
        ranks.iter().copied().zip(today.sids().iter().copied()).collect();
    ranked.retain(|(rank, _)| !rank.is_nan());
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(ranked.into_iter().take(HELD).map(|(_, sid)| sid).collect())
}
