//! Any bytes as the one row of a file: it is a bar with the numbers that are written, or it is
//! rejected.
//!
//! `cargo +nightly fuzz run csv_row -- -max_total_time=60`
#![no_main]

use libfuzzer_sys::fuzz_target;
use rustybt_adapters::{BarFormat, Label, parse_bars};
use rustybt_data::{Exact, Field, Frequency, Selection};

fuzz_target!(|row: &[u8]| {
    if row.trim_ascii().is_empty() || row.contains(&b'\n') {
        return;
    }
    let Ok(calendar) = rustybt_calendars::calendar("XNYS") else { return };
    let selection = Selection { symbols: None, start: None, end: None, frequency: None, calendar };
    // Padding behind the row lets the quick reader see it; without it, the patient one does.
    let files = ["\n", "\n \n                                        \n"].map(|tail| {
        [b"date,open,high,low,close,volume\n", row, tail.as_bytes()].concat()
    });
    let read = files.each_ref().map(|file| {
        let delivery = parse_bars(
            file,
            &BarFormat {
                origin: "fuzz.csv",
                symbol: "FUZZ",
                asset: 0,
                frequency: Frequency::DAILY,
                label: Label::Open,
                zone: None,
                selection: &selection,
            },
        );
        assert_eq!(delivery.rows, 1);
        assert_eq!(delivery.bars.len() + delivery.rejected.len(), 1);
        let values = Field::OHLCV.map(|field| {
            delivery.bars.column(field).and_then(|c| c.get(0)).map(Exact::normalized)
        });
        (delivery.bars.stamps, values)
    });
    let [patient, quick] = read;
    assert_eq!(quick, patient);
    // What a plain cell says is what is read.
    let cells: Vec<&[u8]> = row.split(|byte| *byte == b',').collect();
    if let ([_, numbers @ ..], false) = (cells.as_slice(), quick.0.is_empty()) {
        for (cell, value) in numbers.iter().zip(quick.1) {
            if let Ok(written) = Exact::parse(cell) {
                assert_eq!(value, Some(written.normalized()));
            }
        }
    }
});
