//! What a run refuses, and the words it does it with.

use rustybt_algorithm::{
    Algorithm, Context, DateRule, Error, OrderId, RunConfig, Setup, Style, TimeRule, run,
};
use rustybt_data::{Asset, AssetClass, BarData, Clocking, Sid};

use crate::market::{DAYS, Market, day};

fn market() -> Market {
    let mut index = Asset::equity(Sid(2), "SPX", day(DAYS[0]), day(DAYS[5]));
    index.class = AssetClass::Index;
    Market::until(DAYS[5])
        .with("A", &[50.0, f64::NAN, 51.0, 52.0, 53.0, 54.0], 1e6)
        .with("GONE", &[20.0, 20.0, 20.0], 1e6)
        .with_asset(index, vec![2_800.0; 6], vec![0.0; 6])
}

/// The error of a strategy that does one thing on a day.
fn refusal(on: &str, mut act: impl FnMut(&mut Context<'_>) -> Result<(), Error>) -> String {
    let on = day(on);
    let mut strategy = |ctx: &mut Context<'_>, _: &BarData<'_>| {
        if ctx.session() == on { act(ctx) } else { Ok(()) }
    };
    let config = RunConfig::new(market().portal(), day(DAYS[0]), day(DAYS[5]));
    run(&mut strategy, &config).unwrap_err().to_string()
}

#[test]
fn orders() {
    for (on, amount, sid, words) in [
        (DAYS[0], 1.0, 9, "no asset has sid 9"),
        (
            DAYS[4],
            1.0,
            1,
            "`GONE` (sid 1) cannot be ordered on 2019-03-08: it trades from 2019-03-04 to 2019-03-06",
        ),
        (DAYS[0], f64::NAN, 0, "NaN of sid 0 cannot be ordered"),
        (DAYS[0], f64::INFINITY, 0, "inf of sid 0 cannot be ordered"),
    ] {
        assert_eq!(refusal(on, |ctx| ctx.order(Sid(sid), amount).map(drop)), words);
    }
    let index = refusal(DAYS[0], |ctx| ctx.order(Sid(2), 1.0).map(drop));
    assert!(index.starts_with("`SPX` (sid 2) is index, which cannot be ordered"), "{index}");
    assert_eq!(
        refusal(DAYS[0], |ctx| ctx.order_at(Sid(0), 1.0, Style::Limit(-1.0)).map(drop)),
        "sid 0 cannot be ordered with a limit or a stop that is no positive price"
    );
    assert_eq!(
        refusal(DAYS[0], |ctx| ctx.cancel(OrderId(3))),
        "there is no order 3; 0 were placed so far"
    );
    assert!(
        refusal(DAYS[0], |ctx| ctx.symbol("ZZZ").map(drop))
            .contains("no asset has the symbol `ZZZ`")
    );
}

#[test]
fn a_value_without_a_price() {
    let market = Market::until(DAYS[5]).with("NEW", &[f64::NAN, 5.0], 1e6);
    let mut strategy =
        |ctx: &mut Context<'_>, _: &BarData<'_>| ctx.order_target_percent(Sid(0), 1.0).map(drop);
    let config = RunConfig::new(market.portal(), day(DAYS[0]), day(DAYS[1]));
    assert_eq!(
        run(&mut strategy, &config).unwrap_err().to_string(),
        "`NEW` (sid 0) has no price at 2019-03-04T21:00Z, so its value cannot be turned into units"
    );
}

#[test]
fn an_order_before_the_open() {
    struct Early;
    impl Algorithm for Early {
        fn before_trading_start(
            &mut self,
            ctx: &mut Context<'_>,
            _: &BarData<'_>,
        ) -> Result<(), Error> {
            ctx.order(Sid(0), 1.0).map(drop)
        }
    }
    let config = RunConfig::new(market().portal(), day(DAYS[0]), day(DAYS[5]));
    assert_eq!(
        run(&mut Early, &config).unwrap_err().to_string(),
        "sid 0 was ordered in before_trading_start at 2019-03-04T13:45Z; order in handle_data or in a \
         scheduled function"
    );
}

#[test]
fn runs_and_schedules_that_cannot_be() {
    struct Bad(DateRule, TimeRule);
    impl Algorithm for Bad {
        fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Result<(), Error> {
            setup.schedule_function(|_, _, _| Ok(()), self.0, self.1)
        }
    }
    let config = RunConfig::new(market().portal(), day(DAYS[0]), day(DAYS[5]));
    let words = |date, time| run(&mut Bad(date, time), &config).unwrap_err().to_string();
    assert_eq!(
        words(DateRule::week_end(5), TimeRule::EveryMinute),
        "no week has 5 sessions beside its first or last; give 0 to 4"
    );
    assert_eq!(
        words(DateRule::every_day(), TimeRule::MarketClose { hours: 13, minutes: 0 }),
        "an offset of 780 minutes cannot be scheduled; give one minute to twelve hours"
    );
    let mut nothing = |_: &mut Context<'_>, _: &BarData<'_>| Ok(());
    let mut refused = |config: RunConfig| run(&mut nothing, &config).unwrap_err();
    assert!(matches!(refused(config.clone().with_capital(0.0)), Error::Capital { .. }));
    assert!(matches!(refused(config.clone().with_pipeline_chunks(0, 5)), Error::EmptyChunk));
    let sunday = RunConfig::new(market().portal(), day(DAYS[0]), day("2019-03-10"));
    assert!(
        refused(sunday).to_string().starts_with("the end of the run, 2019-03-10, is no session")
    );
}

#[test]
fn minutes_where_there_are_none() {
    let config = RunConfig::new(market().portal(), day(DAYS[0]), day(DAYS[0]))
        .with_clocking(Clocking::Minute);
    let mut strategy =
        |ctx: &mut Context<'_>, _: &BarData<'_>| ctx.order_value(Sid(0), 1.0).map(drop);
    let error = run(&mut strategy, &config).unwrap_err();
    assert_eq!(error.to_string(), "there are no 1m bars here; there are: 1d");
}
