//! The plain CSV beside zipline's own files, in the layout of the `csvdir` source.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rustybt_calendars::Timestamp;

use crate::program::Program;

/// Writes `in/…`; `read` gives a file of the truth. As `legacy.py` does it.
pub(super) fn write(program: &Program, read: impl Fn(&str) -> String) {
    let assets = read("assets.csv");
    // Sid: its last symbol, the row, and the symbols before with their last days.
    let mut known: BTreeMap<&str, Vec<Vec<&str>>> = BTreeMap::new();
    for row in assets.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>()) {
        known.entry(row[0]).or_default().push(row);
    }
    let mut told = "sid,symbol,asset_name,start_date,end_date,auto_close_date\n".to_owned();
    let mut renamed = "asset,through_date,symbol\n".to_owned();
    for (sid, rows) in &known {
        let last = rows.last().unwrap();
        writeln!(told, "{sid},{},{},{},{},{}", last[1], last[2], last[5], last[4], last[6])
            .unwrap();
        for earlier in rows.iter().filter(|row| row[1] != last[1]) {
            writeln!(renamed, "{},{},{}", last[1], earlier[4], earlier[1]).unwrap();
        }
    }
    program.write("in/assets.csv", &told);
    program.write("in/symbol_map.csv", &renamed);
    for (kind, label) in [("daily", "date"), ("minute", "datetime")] {
        let text = read(&format!("{kind}.csv"));
        let mut files: BTreeMap<&str, String> = BTreeMap::new();
        for line in text.lines().skip(1) {
            let (sid, line) = line.split_once(',').unwrap();
            let head = || format!("{label},open,high,low,close,volume\n");
            let file = files.entry(sid).or_insert_with(head);
            match (kind, line.split_once(',').unwrap()) {
                // Minutes lie there under their close.
                ("minute", (at, values)) => {
                    let at: Timestamp = at.parse().unwrap();
                    writeln!(file, "{},{values}", at.plus_minutes(-1)).unwrap();
                }
                _ => writeln!(file, "{line}").unwrap(),
            }
        }
        for (sid, text) in files {
            program.write(&format!("in/{kind}/{}.csv", known[sid].last().unwrap()[1]), &text);
        }
    }
    for name in ["splits", "dividends", "mergers", "stock_dividends"] {
        program.write(&format!("in/{name}.csv"), &read(&format!("{name}.csv")));
    }
    program.write("in/fx_rates.csv", &read("fx.csv"));
}
