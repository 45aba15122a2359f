//! Any text as a pipeline file: it is a pipeline, or an error that points into the text.
//!
//! `cargo +nightly fuzz run pipeline_file -- -max_total_time=60`
#![no_main]

use libfuzzer_sys::fuzz_target;
use rustybt_pipeline::parse::parse;

fuzz_target!(|text: &str| {
    let first = parse(text, "fuzz.pipe");
    if let Err(error) = &first {
        assert!(!error.to_string().is_empty());
    }
    // The same text is the same pipeline, or the same error.
    assert_eq!(format!("{first:?}"), format!("{:?}", parse(text, "fuzz.pipe")));
});
