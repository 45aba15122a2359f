//! Caches: settings, counts, and the same answers whatever is kept.

use std::fs;

use crate::program::Program;

const ASK: &str =
    r#"{"op":"history","assets":["OAK"],"fields":["close"],"at":"2014-06-12","bars":3}"#;

/// The rows of `cache stats`, by level.
fn levels(program: &Program, variables: &[(&str, &str)]) -> Vec<serde_json::Value> {
    let listing = program.run_with(&["cache", "stats", "--format", "json"], "", variables).done();
    serde_json::from_str(&listing).unwrap()
}

fn ask(program: &Program, variables: &[(&str, &str)]) -> String {
    program.run_with(&["query", "hand"], ASK, variables).done()
}

#[test]
fn the_second_program_finds_what_the_first_one_left() {
    let program = Program::with_market();
    program.run(&["cache", "clear"]).done();
    let answer = ask(&program, &[]);
    assert!(answer.contains("\"close\""), "{answer}");
    assert_eq!(ask(&program, &[]), answer);
    let levels = levels(&program, &[]);
    let names: Vec<&str> = levels.iter().map(|level| level["level"].as_str().unwrap()).collect();
    assert_eq!(names, ["memory", "disk", "redis"]);
    let disk = &levels[1];
    assert_eq!((&disk["hits"], &disk["misses"]), (&1.into(), &1.into()), "{disk}");
    assert_eq!((&disk["entries"], &disk["hit_rate"]), (&1.into(), &0.5.into()), "{disk}");
    assert_eq!(disk["limit"], 50_000_000_000_i64);
    assert!(disk["bytes"].as_i64().unwrap() > 4096);

    let table = program.run(&["cache", "stats", "--format", "table"]).done();
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    let csv = program.run(&["cache", "stats", "--format", "csv"]).done();
    let head = "level,entries,bytes,limit,hits,misses,hit_rate,evictions,failures\n";
    assert!(csv.starts_with(head), "{csv}");

    let would = program.run(&["cache", "clear", "--dry-run"]).done();
    assert!(would.starts_with("1 tile (") && would.contains("would be deleted"), "{would}");
    assert!(program.run(&["cache", "clear"]).done().contains(" deleted"));
    assert!(program.run(&["cache", "clear"]).done().starts_with("0 tiles"));
    assert_eq!(ask(&program, &[]), answer);
}

#[test]
fn no_setting_changes_an_answer() {
    let program = Program::with_market();
    let answer = ask(&program, &[]);
    let elsewhere = program.path("elsewhere").display().to_string();
    for variables in [
        &[("RUSTYBT_CACHE_ENABLED", "false")][..],
        &[("RUSTYBT_CACHE_DISK", "0")],
        &[("RUSTYBT_CACHE_SIZE_MB", "0"), ("RUSTYBT_CACHE_MEMORY_MB", "0")],
        &[("RUSTYBT_CACHE_SIZE_MB", "1"), ("RUSTYBT_CACHE_POLICY", "lfu")],
        &[("RUSTYBT_CACHE_POLICY", "ttl"), ("RUSTYBT_CACHE_TTL_SECONDS", "1")],
        &[("RUSTYBT_CACHE_DIR", &elsewhere)],
    ] {
        assert_eq!(ask(&program, variables), answer, "{variables:?}");
    }
    // The last of them kept its tiles elsewhere.
    assert!(fs::read_dir(program.path("elsewhere/tiles")).unwrap().count() > 0);
    let disk = &levels(&program, &[("RUSTYBT_CACHE_DIR", &elsewhere)])[1];
    assert_eq!((&disk["entries"], &disk["misses"]), (&1.into(), &1.into()), "{disk}");
}

#[test]
fn programs_at_the_same_time_have_the_same_answers_and_their_counts_add_up() {
    let program = Program::with_market();
    let answer = ask(&program, &[("RUSTYBT_CACHE_ENABLED", "false")]);
    assert_eq!(program.run(&["cache", "clear"]).code, 0);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| assert_eq!(ask(&program, &[]), answer));
        }
    });
    let disk = &levels(&program, &[])[1];
    let asked = disk["hits"].as_i64().unwrap() + disk["misses"].as_i64().unwrap();
    assert_eq!((asked, &disk["entries"]), (6, &1.into()), "{disk}");
}

#[test]
fn what_was_decoded_for_a_question_serves_the_next_one() {
    let program = Program::new();
    program.write("in/trades/A.csv", "datetime,price,size\n2020-01-02 09:30:00.5,10.5,100\n");
    assert_eq!(program.ingest("ticks", &program.path("in")).code, 0);
    let line = r#"{"op":"table","table":"trades","assets":["A"]}"#;
    let output = program.run_with(&["query", "ticks"], [line, line].join("\n"), &[]).done();
    let answers: Vec<&str> = output.lines().collect();
    assert_eq!((answers.len(), answers[0]), (2, answers[1]));
    let memory = &levels(&program, &[])[0];
    assert!(memory["hits"].as_i64().unwrap() > 0, "{memory}");
    assert_eq!(memory["limit"], 256_000_000);
}

#[test]
fn who_said_how_much_is_kept_is_shown() {
    let program = Program::new();
    program.write("data/config.yaml", "cache:\n  max_size_mb: 2048\n  policy: lfu\n");
    let secret = "redis://:hunter2@cache.example:6379/1";
    let variables = [("RUSTYBT_CACHE_SIZE_MB", "7"), ("RUSTYBT_CACHE_REDIS", secret)];
    let listing = program.run_with(&["config", "show", "--format", "csv"], "", &variables).done();
    assert!(listing.contains("cache.max_size_mb,7,environment RUSTYBT_CACHE_SIZE_MB\n"));
    assert!(listing.contains("cache.policy,lfu,file "), "{listing}");
    assert!(listing.contains("cache.memory_mb,256,default\n"), "{listing}");
    assert!(listing.contains("cache.redis,redis://cache.example:6379/1,environment "));
    assert!(!listing.contains("hunter2"), "{listing}");

    let bad = program.run_with(&["config", "show"], "", &[("RUSTYBT_CACHE_SIZE_MB", "much")]);
    assert_eq!(bad.code, 2);
    assert!(bad.stderr.contains("a whole number of megabytes"), "{}", bad.stderr);
}

#[cfg(not(feature = "redis"))]
#[test]
fn a_redis_server_wants_a_program_that_was_built_for_it() {
    let program = Program::with_market();
    let variables = [("RUSTYBT_CACHE_REDIS", "redis://:hunter2@localhost")];
    let failed = program.run_with(&["bundles"], "", &variables);
    assert_eq!(failed.code, 1);
    assert!(failed.stderr.contains("the feature `redis`"), "{}", failed.stderr);
    assert!(!failed.stderr.contains("hunter2"), "{}", failed.stderr);
}
