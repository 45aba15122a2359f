//! Any bytes as a file of bars: nothing panics, and no row is lost without a word.
//!
//! `cargo +nightly fuzz run csv_file -- -max_total_time=60`
#![no_main]

use libfuzzer_sys::fuzz_target;
use rustybt_adapters::{BarFormat, Label, parse_bars};
use rustybt_data::{Frequency, Selection};

fuzz_target!(|bytes: &[u8]| {
    let Ok(calendar) = rustybt_calendars::calendar("XNYS") else { return };
    let selection = Selection { symbols: None, start: None, end: None, frequency: None, calendar };
    for frequency in [Frequency::DAILY, Frequency::MINUTE] {
        let delivery = parse_bars(
            bytes,
            &BarFormat {
                origin: "fuzz.csv",
                symbol: "FUZZ",
                asset: 0,
                frequency,
                label: Label::Close,
                zone: None,
                selection: &selection,
            },
        );
        let bars = delivery.bars.len() as u64;
        assert!(delivery.bars.columns.iter().all(|(_, column)| column.len() as u64 == bars));
        assert!(bars <= delivery.rows && delivery.rows <= bars + delivery.rejected.len() as u64);
    }
});
