//! When a strategy is called, in daily and in minute runs.

use rustybt_algorithm::{Algorithm, Context, DateRule, Error, RunConfig, Setup, TimeRule, run};
use rustybt_data::{BarData, Clocking, Synthetic, SyntheticConfig};

use crate::market::day;

/// Writes down every call.
#[derive(Default)]
struct Diary {
    calls: Vec<String>,
}

impl Diary {
    fn write(&mut self, what: &str, ctx: &Context<'_>) {
        self.calls.push(format!("{what} {}", ctx.now()));
    }

    fn early(&mut self, ctx: &mut Context<'_>, _: &BarData<'_>) -> Result<(), Error> {
        self.write("early", ctx);
        Ok(())
    }

    fn late(&mut self, ctx: &mut Context<'_>, _: &BarData<'_>) -> Result<(), Error> {
        self.write("late", ctx);
        Ok(())
    }
}

impl Algorithm for Diary {
    fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Result<(), Error> {
        let ten = TimeRule::MarketOpen { hours: 0, minutes: 10 };
        let late = TimeRule::MarketClose { hours: 0, minutes: 5 };
        setup.schedule_function(Self::late, DateRule::every_day().except_half_days(), late)?;
        setup.schedule_function(Self::early, DateRule::week_end(0), ten)
    }

    fn before_trading_start(
        &mut self,
        ctx: &mut Context<'_>,
        data: &BarData<'_>,
    ) -> Result<(), Error> {
        assert_eq!((ctx.now(), ctx.session()), (data.now(), data.session()));
        self.write("before", ctx);
        Ok(())
    }

    fn handle_data(&mut self, ctx: &mut Context<'_>, data: &BarData<'_>) -> Result<(), Error> {
        assert_eq!((ctx.now(), ctx.session()), (data.now(), data.session()));
        ctx.record("bars", self.calls.len() as f64);
        if data.clocking() == Clocking::Daily {
            self.write("handle", ctx);
        }
        Ok(())
    }
}

fn diary(clocking: Clocking) -> Vec<String> {
    let config = SyntheticConfig {
        assets: 2,
        start: day("2019-11-01"),
        end: day("2019-12-31"),
        minute_assets: 2,
        minute_days: 60,
        ..SyntheticConfig::default()
    };
    let portal = Synthetic::new(config).unwrap().portal().unwrap();
    let mut diary = Diary::default();
    let config =
        RunConfig::new(portal, day("2019-11-27"), day("2019-11-29")).with_clocking(clocking);
    run(&mut diary, &config).unwrap();
    diary.calls
}

#[test]
fn a_daily_run_ignores_the_time_of_day() {
    // Thanksgiving is the 28th; the 29th is a half day.
    assert_eq!(
        diary(Clocking::Daily),
        [
            "before 2019-11-27T13:45Z",
            "handle 2019-11-27T21:00Z",
            "late 2019-11-27T21:00Z",
            "before 2019-11-29T13:45Z",
            "handle 2019-11-29T18:00Z",
            "early 2019-11-29T18:00Z",
        ]
    );
}

#[test]
fn a_minute_run_keeps_to_it() {
    assert_eq!(
        diary(Clocking::Minute),
        [
            "before 2019-11-27T13:45Z",
            "late 2019-11-27T20:55Z",
            "before 2019-11-29T13:45Z",
            "early 2019-11-29T14:40Z",
        ]
    );
}
