//! The commands, end to end, on a market made by hand.

use serde_json::Value;

use crate::program::{Program, market};

/// The rows of a listing.
fn rows(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap()
}

#[test]
fn every_command_has_help_with_an_example() {
    let program = Program::new();
    for command in [
        "demo",
        "sources",
        "register",
        "ingest",
        "bundles",
        "versions",
        "pin",
        "clean",
        "stats",
        "freeze",
        "backup",
        "restore",
        "retain",
        "assets",
        "compact",
        "verify",
        "history",
        "query",
        "pipeline",
        "pipeline graph",
        "pipeline report",
        "calendar",
        "calendar list",
        "calendar sessions",
        "calendar why",
        "calendar next",
        "calendar month",
        "calendar export",
        "config",
        "config show",
    ] {
        let arguments: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = program.run(&arguments).done();
        assert!(help.contains("Example") && help.contains("rustybt "), "{command}: {help}");
    }
}

#[test]
fn the_commands_are_these() {
    let help = Program::new().run(&["--help"]).done();
    insta::assert_snapshot!("help", help);
}

#[test]
fn a_first_ingest_reports_and_a_second_changes_nothing() {
    let program = Program::new();
    let first = program.ingest("hand", &market()).done();
    for said in
        ["version", "assets", "rows", "19", "sessions without a bar", "rows/s", "bytes", "1/7"]
    {
        assert!(first.contains(said), "`{said}` is missing: {first}");
    }
    let files = listing(&program);
    let second = program.ingest("hand", &market()).done();
    assert!(second.contains("unchanged"), "{second}");
    assert_eq!(listing(&program), files);
    let versions = rows(&program.run(&["versions", "hand", "--format", "json"]).done());
    assert_eq!(versions.len(), 1);
    assert_eq!(
        (&versions[0]["version"], &versions[0]["rows"]),
        (&Value::from(1), &Value::from(19))
    );
}

/// Every data file there is.
fn listing(program: &Program) -> Vec<std::path::PathBuf> {
    let mut folders = vec![program.data_dir().join("data")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
fn the_report_is_an_object_where_a_program_asks() {
    let program = Program::new();
    program.write(
        "prices/daily/ASH.csv",
        "date,open,high,low,close,volume\n2024-01-08,10,11,9,10.5,100\n2024-01-09,x,11,9,10,1\n",
    );
    let path = format!("path={}", program.path("prices").display());
    let ran =
        program.run(&["ingest", "one", "--source", "csvdir", "--opt", &path, "--format", "json"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&report["version"], &report["assets"], &report["rows"]),
        (&1.into(), &1.into(), &1.into())
    );
    let bad = &report["quarantine"][0];
    assert_eq!(
        (&bad["origin"], &bad["line"], &bad["symbol"]),
        (&"daily/ASH.csv".into(), &3.into(), &"ASH".into())
    );
    assert!(bad["reason"].as_str().unwrap().contains("`x` in column `open`"), "{report}");
}

#[test]
fn progress_is_json_lines_where_a_program_asks() {
    let program = Program::new();
    let path = format!("path={}", market().display());
    let ran = program.run(&[
        "ingest",
        "hand",
        "--source",
        "csvdir",
        "--opt",
        &path,
        "--progress",
        "json",
        "--quiet",
    ]);
    assert_eq!(ran.stderr, "", "quiet is quiet");
    let ran =
        program.run(&["ingest", "two", "--source", "csvdir", "--opt", &path, "--progress", "json"]);
    assert!(!ran.stderr.is_empty());
    for line in ran.stderr.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(line["stage"].is_string() && line["done"].is_u64() && line["total"].is_u64());
    }
}

#[test]
fn a_recipe_is_followed_by_name() {
    let program = Program::new();
    let path = format!("path={}", market().display());
    program
        .run(&["register", "hand", "--source", "csvdir", "--opt", &path, "--symbols", "OAK"])
        .done();
    program.run(&["ingest", "hand"]).done();
    let assets = rows(&program.run(&["assets", "hand", "--format", "json"]).done());
    assert_eq!(assets.len(), 1);
    assert_eq!((&assets[0]["symbol"], &assets[0]["start"]), (&"OAK".into(), &"2014-06-02".into()));
    let bundles = program.run(&["bundles"]).done();
    assert!(
        bundles.starts_with("bundle,version,created,first,last,assets,rows,files,bytes\nhand,1,"),
        "{bundles}"
    );
}

#[test]
fn no_bundles_is_an_empty_list() {
    let program = Program::new();
    assert_eq!(program.run(&["bundles"]).done().lines().count(), 1);
    assert!(!program.data_dir().exists(), "a listing makes no folder");
}

#[test]
fn history_is_a_table_of_dates_and_symbols() {
    let program = Program::with_market();
    let table = program
        .run(&["history", "hand", "LEAF", "OAK", "--at", "2014-06-10", "--bars", "4"])
        .done();
    assert_eq!(
        table,
        "date,LEAF,OAK\n2014-06-05,103,\n2014-06-06,104,50\n2014-06-09,104,50.25\n2014-06-10,105,50\n"
    );
    let before =
        program.run(&["history", "hand", "LEAF", "--at", "2014-06-06", "--bars", "2"]).done();
    assert_eq!(before, "date,LEAF\n2014-06-05,721\n2014-06-06,728\n");
    let exact = program
        .run(&[
            "history",
            "hand",
            "LEAF",
            "--at",
            "2014-06-12",
            "--bars",
            "1",
            "--adjust",
            "none",
            "--exact",
        ])
        .done();
    assert_eq!(exact, "date,LEAF\n2014-06-12,107.0001\n");
}

#[test]
fn several_fields_come_in_long_form() {
    let program = Program::with_market();
    let fields = ["--field", "open", "--field", "volume"];
    let arguments =
        [&["history", "hand", "LEAF", "OAK", "--at", "2014-06-09", "--bars", "2"][..], &fields]
            .concat();
    assert_eq!(
        program.run(&arguments).done(),
        "date,sid,symbol,open,volume\n\
         2014-06-06,0,LEAF,103,9800\n2014-06-09,0,LEAF,104.2,9800\n\
         2014-06-06,1,OAK,49.5,540\n2014-06-09,1,OAK,50,550\n"
    );
}

#[test]
fn rows_go_into_files_of_the_form_their_name_says() {
    let program = Program::with_market();
    for (name, start) in [("a.csv", "date,OAK"), ("a.json", "[\n{\"date\":"), ("a.parquet", "PAR1")]
    {
        let path = program.path(name).display().to_string();
        let asked = ["history", "hand", "OAK", "--at", "2014-06-10", "--bars", "2", "--out", &path];
        assert_eq!(program.run(&asked).done(), "");
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.starts_with(start.as_bytes()), "{name}");
    }
}

#[test]
fn an_old_version_stays_readable() {
    let program = Program::new();
    let header = "date,open,high,low,close,volume\n";
    program.ingest_file("ASH.csv", &format!("{header}2024-01-08,10,11,9,10,100\n"));
    program.ingest_file("ASH.csv", &format!("{header}2024-01-08,10,11,9,11,100\n"));
    let close = |version: &[&str]| {
        let asked = ["history", "one", "ASH", "--at", "2024-01-08", "--bars", "1"];
        program.run(&[&asked[..], version].concat()).done()
    };
    assert_eq!(close(&["--version", "1"]), "date,ASH\n2024-01-08,10\n");
    assert_eq!(close(&[]), "date,ASH\n2024-01-08,11\n");
    assert_eq!(close(&["--as-of", "2999-01-01"]), "date,ASH\n2024-01-08,11\n");
}

#[test]
fn verify_finds_a_flipped_byte() {
    let program = Program::with_market();
    program.run(&["verify"]).done();
    program.run(&["verify", "hand"]).done();
    let file =
        listing(&program).into_iter().find(|path| path.to_string_lossy().contains("bars")).unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let ran = program.run(&["verify", "hand"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(ran.stdout.contains(name) || ran.stderr.contains(name), "{ran:?}");
}

#[test]
fn a_pipeline_gives_rows_by_date_and_sid() {
    let program = Program::with_market();
    let file = program.write(
        "two.pipe",
        "close = EquityPricing.close\n\
         sma = SimpleMovingAverage(inputs=[close], window_length=2)\n\
         Pipeline(columns={'sma': sma, 'last': close.latest}, screen=sma > 60)\n",
    );
    let file = file.display().to_string();
    let asked = ["pipeline", "hand", &file, "--start", "2014-06-06", "--end", "2014-06-11"];
    let table = program.run(&asked).done();
    assert_eq!(
        table,
        "date,sid,symbol,sma,last\n\
         2014-06-06,0,LEAF,717.5,721\n\
         2014-06-09,0,LEAF,103.5,104\n\
         2014-06-10,0,LEAF,104,104\n\
         2014-06-11,0,LEAF,104.5,105\n"
    );
    for how in [&["--chunk", "1"][..], &["--chunk", "3", "--threads", "2"], &["--threads", "1"]] {
        assert_eq!(program.run(&[&asked[..], how].concat()).done(), table);
    }
    let graph = program.run(&["pipeline", "graph", &file]).done();
    assert!(graph.starts_with("digraph"), "{graph}");

    // The form in which the graph is sent is run as the file is.
    let form = program.run(&["pipeline", "graph", &file, "--format", "json"]).done();
    let sent = program.write("two.json", &form).display().to_string();
    let asked = ["pipeline", "hand", &sent, "--start", "2014-06-06", "--end", "2014-06-11"];
    assert_eq!(program.run(&asked).done(), table);
    assert_eq!(program.run(&["pipeline", "graph", &sent, "--format", "json"]).done(), form);
    let broken = form.replace("SimpleMovingAverage", "SimpleMovingAvrage");
    program.write("two.json", &broken);
    let refused = program.run(&asked);
    assert!(
        refused.stderr.contains(
            "caused by: term 1, `SimpleMovingAvrage`: there is no such term; did you mean `SimpleMovingAverage`?"
        ),
        "{refused:?}"
    );
}

#[test]
fn a_pipeline_sees_tables_of_the_users() {
    let program = Program::with_market();
    let table = program.write(
        "news.csv",
        "date,symbol,score,kind,urgent,seen\n\
         2014-06-06,LEAF,1.5,\"up, and away\",true,2014-06-05\n\
         2014-06-09,LEAF,,flat,false,\n\
         2014-06-09,NOBODY,3,flat,false,\n",
    );
    let known = program.write("facts.csv", "date,sid,known_at,eps\n2014-06-01,0,2014-06-08,7\n");
    let file = program.write(
        "news.pipe",
        "Pipeline(columns={'score': News.score.latest, 'kind': News.kind.latest, 'urgent': News.urgent.latest,\n\
         'days': BusinessDaysSincePreviousEvent(inputs=[News.seen]), 'eps': Facts.eps.latest})\n",
    );
    let (file, news) = (file.display().to_string(), format!("News={}", table.display()));
    let file_of_news = file.clone();
    let facts = format!("Facts={}", known.display());
    let range = ["--start", "2014-06-06", "--end", "2014-06-10"];
    let asked = [&["pipeline", "hand", &file, "--dataset", &news, "--dataset", &facts][..], &range]
        .concat();
    assert_eq!(
        program.run(&asked).done(),
        "date,sid,symbol,score,kind,urgent,days,eps\n\
         2014-06-06,0,LEAF,1.5,\"up, and away\",true,1,\n\
         2014-06-06,1,OAK,,,false,,\n\
         2014-06-09,0,LEAF,,flat,false,,7\n\
         2014-06-09,1,OAK,,,false,,\n\
         2014-06-10,0,LEAF,,,false,,7\n\
         2014-06-10,1,OAK,,,false,,\n"
    );
    let told = program.write("told.csv", "date,sid,known_at,size\n2014-06-10,0,2014-06-05,3\n");
    let file = program.write(
        "told.pipe",
        "Pipeline(columns={'next': Told.next_size.latest, 'last': Told.previous_size.latest,\n\
         'days': BusinessDaysUntilNextEvent(inputs=[Told.next_date])})\n",
    );
    let (file, told) = (file.display().to_string(), format!("Told={}", told.display()));
    let range = ["--start", "2014-06-06", "--end", "2014-06-11"];
    assert_eq!(
        program.run(&[&["pipeline", "hand", &file, "--events", &told][..], &range].concat()).done(),
        "date,sid,symbol,next,last,days\n\
         2014-06-06,0,LEAF,3,,2\n\
         2014-06-06,1,OAK,,,\n\
         2014-06-09,0,LEAF,3,,1\n\
         2014-06-09,1,OAK,,,\n\
         2014-06-10,0,LEAF,3,3,0\n\
         2014-06-10,1,OAK,,,\n\
         2014-06-11,0,LEAF,,3,\n\
         2014-06-11,1,OAK,,,\n"
    );
    // The graph knows the tables, too, and finds what their columns hold.
    let named = ["pipeline", "graph", &file_of_news, "--dataset", &news, "--dataset", &facts];
    let graph = program.run(&[&named[..], &["--format", "json"]].concat()).done();
    assert!(
        graph.contains(r#""dataset":"News","kind":"texts","name":"kind""#),
        "the kind of a column is told: {graph}"
    );
    let plan =
        program.run(&[&asked[..], &["--explain=plan", "--max-memory", "1MB"]].concat()).done();
    assert!(
        plan.starts_with("term,gives,rows,uses,bytes,held\n") && plan.contains("News.score"),
        "{plan}"
    );
    let timed = program.run(&[&asked[..], &["--explain"]].concat()).done();
    assert!(timed.starts_with("term,gives,rows,uses,bytes,held,ms\n"), "{timed}");
    let told = program.run(&[&asked[..], &["--progress", "json"]].concat());
    assert!(told.stderr.contains(r#""stage":"pipeline","total":1000"#), "{told:?}");
    let small = program.run(&[&asked[..], &["--max-memory", "1"]].concat());
    assert_eq!(small.code, 1, "{small:?}");
    assert!(small.stderr.contains("a chunk of one session needs"), "{small:?}");
}

#[test]
fn a_mistake_in_a_pipeline_file_is_pointed_at() {
    let program = Program::with_market();
    let file = program
        .write("bad.pipe", "close = EquityPricing.close\nPipeline(columns={'x': clos.latest})\n");
    let file = file.display().to_string();
    let ran =
        program.run(&["pipeline", "hand", &file, "--start", "2014-06-06", "--end", "2014-06-11"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("bad.pipe:2:24") && ran.stderr.contains("clos"), "{}", ran.stderr);
}

#[test]
fn sources_are_described() {
    let listing = rows(&Program::new().run(&["sources", "--format", "json"]).done());
    assert_eq!(listing[0]["name"], "csvdir");
    let options = Program::new().run(&["sources", "csvdir", "--quiet"]).done();
    assert!(options.starts_with("option,required,meaning\npath,true,"), "{options}");
}

#[test]
fn rows_for_programs_are_rows_and_nothing_else() {
    let program = Program::new();
    let listing = rows(&program.run(&["sources", "csvdir", "--format", "json"]).done());
    assert_eq!(listing[0]["option"], "path");
    let listing = program.run(&["sources", "csvdir"]).done();
    assert!(listing.starts_with("option,required,meaning\n"), "{listing}");
    let table = program.run(&["sources", "csvdir", "--format", "table"]).done();
    assert!(table.starts_with("csvdir: "), "{table}");
}

#[test]
fn a_column_is_not_called_like_another() {
    let program = Program::with_market();
    program.write("x.pipe", "Pipeline(columns={\"sid\": EquityPricing.close.latest})");
    let run = ["pipeline", "hand", "x.pipe", "--start", "2014-06-05", "--end", "2014-06-06"];
    let ran = program.run(&run);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("cannot be called `sid`"), "{}", ran.stderr);
}

#[test]
fn a_pipeline_over_a_weekend_has_no_session() {
    let program = Program::with_market();
    program.write("x.pipe", "Pipeline(columns={\"x\": EquityPricing.close.latest})");
    let run = ["pipeline", "hand", "x.pipe", "--start", "2014-06-07", "--end", "2014-06-08"];
    let ran = program.run(&run);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.stderr, "error: XNYS has no session from 2014-06-07 to 2014-06-08\n");
}

#[test]
fn the_demo_does_everything_once() {
    let program = Program::new();
    let out = program.path("tour").display().to_string();
    let said = program.run(&["demo", "--out", &out, "--assets", "12"]).done();
    for word in ["rows/s", "split", "pipeline", "Sharpe", "report.html"] {
        assert!(said.contains(word), "`{word}` is missing: {said}");
    }
    let report = std::fs::read_to_string(program.path("tour").join("report.html")).unwrap();
    assert!(report.contains("<svg") && report.contains("<table>"));
    // What the demo ingested is a bundle like any other.
    let versions = program.run(&["versions", "demo", "--data-dir", &format!("{out}/data")]).done();
    assert_eq!(versions.lines().count(), 2, "{versions}");
    a_report_says_what_a_factor_foretold(&program, &format!("{out}/data"));
}

fn a_report_says_what_a_factor_foretold(program: &Program, data: &str) {
    let file = program.write(
        "two.pipe",
        "mom = Returns(window_length=60)\n\
         half = AverageDollarVolume(window_length=20).quantiles(2)\n\
         Pipeline(columns={'mom': mom, 'rsi': RSI(), 'half': half})\n",
    );
    let file = file.display().to_string();
    let page = program.path("page.html").display().to_string();
    let range = ["--start", "2016-01-04", "--end", "2016-06-30", "--data-dir", data];
    let asked = [&["pipeline", "report", "demo", &file, "--quantiles", "3"], &range[..]].concat();

    let rows = program.run(&asked).done();
    let wanted = "factor,period,measure,part,value\nmom,1,ic_mean,,";
    assert!(rows.starts_with(wanted), "{rows}");
    assert!(rows.contains("\nrsi,10,turnover,3,") && rows.contains("\nmom,5,ic_of_month,2016-03,"));

    let one = ["--factor", "mom", "--group", "half", "--group-neutral", "--periods", "2,21"];
    let json = [&asked[..], &one, &["--format", "json", "--html", &page]].concat();
    let told: serde_json::Value = serde_json::from_str(&program.run(&json).done()).unwrap();
    assert_eq!(told[0]["factor"], "mom");
    let period = &told[0]["periods"][1];
    assert_eq!(period["period"], 21);
    assert!(period["ic"]["mean"].is_f64() && period["groups"][1]["group"] == "1", "{period}");
    let sessions = told[0]["sessions"].as_array().unwrap().len();
    assert_eq!(period["ic"]["values"].as_array().unwrap().len(), sessions);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(
        page.contains("<svg") && page.contains("two.pipe of demo") && !page.contains("<script")
    );

    let table = program.run(&[&asked[..], &["--format", "table"]].concat()).done();
    assert!(table.contains("quantile_return 3") && table.contains("10 sessions"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");

    let refused = program.run(&[&asked[..], &["--factor", "half"]].concat());
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("`half` holds integers, not numbers"), "{refused:?}");
}

#[test]
fn minutes_make_the_day_so_far() {
    let program = Program::new();
    let header = "date,open,high,low,close,volume\n";
    program.write(
        "prices/daily/ASH.csv",
        &format!("{header}2024-01-08,10,11,9,10.5,1000\n2024-01-09,10.5,12,10,11.5,1200\n"),
    );
    // Opens in New York, on the second of the two days.
    program.write(
        "prices/minute/ASH.csv",
        "datetime,open,high,low,close,volume\n2024-01-09 09:30:00,10.5,10.7,10.5,10.6,30\n\
         2024-01-09 09:31:00,10.6,10.9,10.6,10.8,20\n2024-01-09 15:59:00,11.4,11.6,11.4,11.5,90\n",
    );
    assert_eq!(program.ingest("one", &program.path("prices")).code, 0);
    let look = |at, bars, more: &[&str]| {
        let asked = ["history", "one", "ASH", "--at", at, "--bars", bars];
        program.run(&[&asked[..], more].concat()).done()
    };
    let minutes = look("2024-01-09T14:32Z", "2", &["--frequency", "1m"]);
    assert_eq!(minutes, "date,ASH\n2024-01-09T14:31Z,10.6\n2024-01-09T14:32Z,10.8\n");
    let so_far = look("2024-01-09T14:32Z", "2", &["--field", "high", "--field", "volume"]);
    assert!(so_far.ends_with("2024-01-09,0,ASH,10.9,50\n"), "{so_far}");
    assert_eq!(look("2024-01-09", "1", &[]), "date,ASH\n2024-01-09,11.5\n");
    // On the first day there are no minutes: within it, only the days before are known.
    assert_eq!(look("2024-01-09T14:30Z", "1", &[]), "date,ASH\n2024-01-08,10.5\n");
}

#[test]
fn the_rows_of_a_pipeline_may_be_hours() {
    let program = Program::new();
    let header = "date,open,high,low,close,volume\n";
    program.write(
        "prices/daily/ASH.csv",
        &format!("{header}2024-01-08,10,11,9,10.5,1000\n2024-01-09,10.5,12,10,11.5,1200\n2024-01-10,11.5,12,11,12,10\n"),
    );
    program.write(
        "prices/minute/ASH.csv",
        "datetime,open,high,low,close,volume\n2024-01-08 15:58:00,10.5,10.7,10.5,10.6,30\n\
         2024-01-09 09:31:00,10.6,10.9,10.6,10.8,20\n2024-01-09 10:29:00,11.4,11.6,11.4,11.5,90\n\
         2024-01-10 15:59:00,11,12,11,12,10\n",
    );
    program.write("prices/splits.csv", "symbol,effective_date,ratio\nASH,2024-01-09,0.5\n");
    assert_eq!(program.ingest("one", &program.path("prices")).code, 0);
    let file = program.write(
        "hours.pipe",
        "Pipeline({'close': EquityPricing.close.latest, 'volume': EquityPricing.volume.latest}, \
         screen=EquityPricing.volume.latest > 0, domain=US_EQUITIES)\n",
    );
    let file = file.display().to_string();
    let asked = ["pipeline", "one", &file, "--start", "2024-01-09", "--end", "2024-01-10"];
    let hours = program.run(&[&asked[..], &["--frequency", "1h"]].concat()).done();
    assert_eq!(
        hours,
        "date,sid,symbol,close,volume\n\
         2024-01-09T14:30Z,0,ASH,5.3,60\n\
         2024-01-09T15:30Z,0,ASH,11.5,110\n"
    );
    let minutes =
        program.run(&[&asked[..], &["--frequency", "1m", "--chunk", "100"]].concat()).done();
    assert_eq!(
        minutes,
        "date,sid,symbol,close,volume\n\
         2024-01-09T14:32Z,0,ASH,10.8,20\n\
         2024-01-09T15:30Z,0,ASH,11.5,90\n"
    );
    let refused = program.run(&[&asked[..], &["--frequency", "1w"]].concat());
    assert!(refused.stderr.contains("use `downsample`"), "{refused:?}");
    let abroad = program.write("japan.pipe", "Pipeline({'x': RSI()}, domain=JP_EQUITIES)\n");
    let abroad = abroad.display().to_string();
    let refused =
        program.run(&["pipeline", "one", &abroad, "--start", "2024-01-09", "--end", "2024-01-10"]);
    assert!(
        refused.stderr.contains(
            "the pipeline is of JP_EQUITIES, on the calendar XTKS, and the data are on XNYS"
        ),
        "{refused:?}"
    );
}

#[test]
fn a_reader_that_stops_listening_is_no_failure() {
    use std::io::Read;
    use std::process::{Command, Stdio};

    let mut child = Command::new(env!("CARGO_BIN_EXE_rustybt"))
        .args(["calendar", "sessions", "24/7", "--format", "csv"])
        .env("HOME", "/nonexistent")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 7];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, b"session");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
