//! Events, estimates, corrections and currencies of pipelines, from files and from the bundle.

use std::fs;

use crate::program::{Program, market};

/// The hand-made market with events, estimates and exchange rates beside its bars.
fn with_tables() -> Program {
    let program = Program::new();
    for file in ["daily/LEAF.csv", "daily/OAK.csv", "splits.csv", "dividends.csv"] {
        program.write(&format!("in/{file}"), &fs::read_to_string(market().join(file)).unwrap());
    }
    program
        .write("in/events.csv", "symbol,date,known_at,size\nLEAF,2014-06-10,2014-06-05T12:00Z,3\n");
    program.write("in/estimates.csv", ESTIMATES);
    program.write("in/fx_rates.csv", "date,base,quote,rate\n2014-06-05,EUR,USD,1.25\n");
    program.ingest("us", &program.path("in")).done();
    program
}

const ESTIMATES: &str = "symbol,date,known_at,fiscal_year,fiscal_quarter,mean\n\
    LEAF,2014-06-06,2014-06-03T00:00Z,2014,1,7\n\
    LEAF,2014-06-11,2014-06-04T00:00Z,2014,2,14\n\
    LEAF,2014-06-11,2014-06-10T00:00Z,2014,2,2.5\n";

const RANGE: [&str; 4] = ["--start", "2014-06-06", "--end", "2014-06-11"];

/// Runs a pipeline of LEAF.
fn run(program: &Program, columns: &str, more: &[&str]) -> String {
    let text = format!("Pipeline(columns={{{columns}}}, screen=StaticAssets([symbol('LEAF')]))\n");
    let file = program.write("x.pipe", &text).display().to_string();
    program.run(&[&["pipeline", "us", &file][..], &RANGE, more].concat()).done()
}

#[test]
fn events_and_estimates_of_a_bundle_are_what_they_are_called() {
    let program = with_tables();
    let columns = "'coming': events.next_size.latest, 'days': BusinessDaysUntilNextEvent(inputs=[events.next_date]), \
        'now': estimates.next(1).mean.latest, 'after': estimates.next(2).mean.latest, 'past': estimates.previous_mean.latest, \
        'newest': estimates.mean.latest";
    assert_eq!(
        run(&program, columns, &[]),
        "date,sid,symbol,coming,days,now,after,past,newest\n\
         2014-06-06,0,LEAF,3,2,7,14,7,14\n\
         2014-06-09,0,LEAF,3,1,14,,7,14\n\
         2014-06-10,0,LEAF,3,0,2.5,,7,2.5\n\
         2014-06-11,0,LEAF,,,2.5,,2.5,2.5\n"
    );
    // Told in the shares before the split of seven for one; the last row in those after it.
    let columns = "'now': estimates.next(1).mean.latest, 'past': estimates.previous(1).mean.latest";
    let adjusted = run(&program, columns, &["--split-adjusted", "estimates.mean=2014-06-05"]);
    assert_eq!(
        adjusted,
        "date,sid,symbol,now,past\n\
         2014-06-06,0,LEAF,7,7\n2014-06-09,0,LEAF,2,1\n2014-06-10,0,LEAF,2.5,1\n2014-06-11,0,LEAF,2.5,2.5\n"
    );
    let file = program.write("own.csv", ESTIMATES).display().to_string();
    let own = columns.replace("estimates", "Own");
    let more = ["--estimates", &format!("Own={file}"), "--split-adjusted", "Own.mean=2014-06-05"];
    assert_eq!(run(&program, &own, &more), adjusted);
    // The same rows as events, because somebody says so.
    let events =
        run(&program, "'next': estimates.next_fiscal_quarter.latest", &["--events", "estimates"]);
    assert!(events.contains("2014-06-09,0,LEAF,2\n"), "{events}");
}

#[test]
fn prices_are_converted_and_then_adjusted() {
    let program = with_tables();
    let columns = "'euro': EquityPricing.close.fx('EUR').latest, 'mean': SimpleMovingAverage(inputs=[EquityPricing.close.fx('EUR')], window_length=2), \
        'currency': EquityPricing.currency.latest";
    let given = run(&program, columns, &[]);
    let rows: Vec<Vec<&str>> = given.lines().skip(1).map(|row| row.split(',').collect()).collect();
    let close = |found: &str, expected: f64| {
        let found: f64 = found.parse().unwrap();
        assert!((found - expected).abs() < 1e-9 * expected, "{found} is not {expected}");
    };
    assert_eq!(rows[0][5], "USD");
    close(rows[0][3], 721.0 * 0.8);
    assert_eq!(rows[0][4], rows[0][3], "there was no rate the day before");
    close(rows[1][3], 728.0 * 0.8 / 7.0);
    close(rows[1][4], (721.0 + 728.0) * 0.8 / 14.0);
    close(rows[2][3], 104.0 * 0.8);
}

#[test]
fn tables_may_be_parquet_and_their_past_corrected() {
    let program = with_tables();
    let scores = program.write(
        "scores.csv",
        "date,sid,score,name,sure,on\n2014-06-06,0,10.5,a,true,2014-06-01\n2014-06-09,0,20,b,false,2014-06-02\n",
    );
    let columns = "'score': Own.score.latest, 'name': Own.name.latest, 'sure': Own.sure.latest, 'on': Own.on.latest, \
        'mean': SimpleMovingAverage(inputs=[Own.score], window_length=2)";
    let csv = format!("Own={}", scores.display());
    let plain = run(&program, columns, &["--dataset", &csv]);
    assert_eq!(
        plain,
        "date,sid,symbol,score,name,sure,on,mean\n\
         2014-06-06,0,LEAF,10.5,a,true,2014-06-01T00:00Z,10.5\n\
         2014-06-09,0,LEAF,20,b,false,2014-06-02T00:00Z,15.25\n\
         2014-06-10,0,LEAF,,,false,,20\n\
         2014-06-11,0,LEAF,,,false,,\n"
    );
    let parquet = program.path("out.parquet").display().to_string();
    run(&program, columns, &["--dataset", &csv, "--out", &parquet]);
    let again = format!("Own={parquet}");
    let of_parquet = columns
        .replace("SimpleMovingAverage(inputs=[Own.score], window_length=2)", "Own.mean.latest");
    assert_eq!(run(&program, &of_parquet, &["--dataset", &again]), plain);

    let corrections = program.write(
        "corrections.csv",
        "symbol,kind,value,start_date,end_date,apply_date\nLEAF,multiply,0.5,,2014-06-06,2014-06-09\n",
    );
    let told = format!("Own.score={}", corrections.display());
    let corrected = run(&program, columns, &["--dataset", &csv, "--corrections", &told]);
    assert!(
        corrected.contains(",10.5\n2014-06-09,0,LEAF,20,b,false,2014-06-02T00:00Z,12.625\n"),
        "{corrected}"
    );
}

#[test]
fn mistakes_are_told_before_anything_is_computed() {
    let program = with_tables();
    let refused = |columns: &str, more: &[&str]| {
        let file = program.write("x.pipe", &format!("Pipeline(columns={{{columns}}})\n"));
        let ran = program
            .run(&[&["pipeline", "us", &file.display().to_string()][..], &RANGE, more].concat());
        assert_eq!(ran.code, 1, "{ran:?}");
        ran.stderr
    };
    for (columns, told) in [
        (
            "'x': estimates.next(13).mean.latest",
            "announcements are counted from 0 to 12; there is no 13\n  |\n1 | Pipeline(columns={'x': estimates.next(13).mean.latest})\n  |                                  ^^^^",
        ),
        (
            "'x': estimates.next(2).maen.latest",
            "unknown column `maen` of estimates.next(2); did you mean `mean`?",
        ),
        ("'x': estimates.next.mean.latest", "a method that was not called has no `mean`"),
        (
            "'x': EquityPricing.volume.fx('EUR').latest",
            "`EquityPricing.volume` holds no money: only prices can be converted with `.fx`",
        ),
        ("'x': EquityPricing.close.fx(3).latest", "`currency` of `fx` is a string, not a number"),
        (
            "'x': EquityPricing.close.fx('CHF').mean()",
            "a column has no `mean`; write `.latest.mean`",
        ),
    ] {
        let refused = refused(columns, &[]);
        assert!(refused.contains(told), "{told}\n{refused}");
    }
    let news = program.write("news.csv", "date,sid,score\n2014-06-06,0,1\n").display().to_string();
    for (more, told) in [
        (
            ["--estimates", &format!("News={news}")],
            "`News` has no column `fiscal_year`, which estimates need; it has score",
        ),
        (
            ["--split-adjusted", "News.score=2014-06-06"],
            "--split-adjusted names `News`, and no table that it can be said of has that name",
        ),
        (["--events", "nothing"], "nothing"),
    ] {
        let refused = refused("'x': EquityPricing.close.latest", &more);
        assert!(refused.contains(told), "{told}\n{refused}");
    }
}
