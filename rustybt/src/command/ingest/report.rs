//! What an ingest says when it is done: text for people, an object for programs.

use std::fmt::Write;

use rustybt_bundles::{BundleName, EventCounts, Gaps, IngestReport, Outcome};
use rustybt_data::Rejected;
use serde_json::{Value, json};

use crate::command::Context;
use crate::error::Error;
use crate::output::{self, OutputArgs};

/// Lines that a list in the text has at most, unless more is asked for.
const SHOWN: usize = 10;

/// Gives the report, as text or as JSON.
pub(super) fn give(
    bundle: &BundleName,
    report: &IngestReport,
    output: &OutputArgs,
    context: &Context,
) -> Result<(), Error> {
    output::report(
        output,
        context.settings.format.value,
        || text(bundle, report, if context.verbose { usize::MAX } else { SHOWN }),
        || object(bundle, report),
        context.quiet,
    )
}

fn text(bundle: &BundleName, report: &IngestReport, shown: usize) -> String {
    let mut lines = Lines::default();
    match report.outcome {
        Outcome::Unchanged { version } => {
            lines.line(&format!("{bundle}: unchanged, version {version} has it all"));
        }
        outcome => lines.line(&format!("{bundle}: version {}", outcome.version())),
    }
    lines.fact("assets", &format!("{}, {} new", count(report.assets), count(report.assets_new)));
    lines.fact(
        "rows",
        &format!(
            "{} read, {} stored: {} new, {} changed, {} as before",
            count(report.rows_read),
            count(report.rows_stored),
            count(report.rows_new),
            count(report.rows_changed),
            count(report.rows_unchanged),
        ),
    );
    lines.fact("corporate actions", &actions(report.events));
    lines.fact("sessions without a bar", &missing(&report.gaps));
    for (name, number) in [
        ("bars outside hours", report.outside_hours),
        ("bars given twice", report.equal_duplicates),
        ("bars without a trade", report.without_trades),
        ("bars a later part has", report.rows_superseded),
    ] {
        if number > 0 {
            lines.fact(name, &count(number));
        }
    }
    lines.fact(
        "on disk",
        &format!(
            "{} bytes; {} files written ({} bytes), {} kept",
            count(report.bytes),
            count(report.files_written),
            count(report.bytes_written),
            count(report.files_kept),
        ),
    );
    lines.fact(
        "time",
        &match report.rows_per_second() {
            Some(speed) => {
                format!("{:.3} s, {} rows/s", report.elapsed().as_secs_f64(), count(speed as u64))
            }
            None => "not measured".to_owned(),
        },
    );
    if report.rejected == 0 {
        lines.fact("quarantine", "0 rows");
    } else {
        lines.line(&format!("quarantine: {}", counted(report.rejected, "row")));
        for kind in &report.rejected_kinds {
            lines.line(&format!("  {} × {}", count(kind.count), kind.kind));
            lines.list(kind.rows.iter().map(line), shown, kind.count);
        }
    }
    if !report.notes.is_empty() {
        lines.line("notes:");
        lines.list(report.notes.iter().cloned(), shown, report.notes.len() as u64);
    }
    lines.text
}

/// What became of the corporate actions.
fn actions(events: EventCounts) -> String {
    let named = [
        (events.new, "new"),
        (events.changed, "changed"),
        (events.removed, "removed"),
        (events.unchanged, "as before"),
    ];
    let told: Vec<String> = named
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, name)| format!("{} {name}", count(number)))
        .collect();
    if told.is_empty() { "0".to_owned() } else { told.join(", ") }
}

/// How many sessions have no bar, and which assets miss most of them.
fn missing(gaps: &[Gaps]) -> String {
    let mut gaps: Vec<&Gaps> = gaps.iter().collect();
    gaps.sort_by(|a, b| b.sessions.cmp(&a.sessions).then(a.sid.cmp(&b.sid)));
    let all: u64 = gaps.iter().map(|gap| gap.sessions).sum();
    let most: Vec<String> =
        gaps.iter().take(5).map(|gap| format!("{} {}", gap.symbol, count(gap.sessions))).collect();
    match (gaps.len(), most.join(", ")) {
        (0, _) => "0".to_owned(),
        (1, most) => format!("{} in 1 asset: {most}", count(all)),
        (assets, most) if assets <= 5 => format!("{} in {assets} assets: {most}", count(all)),
        (assets, most) => format!("{} in {assets} assets, most in {most}", count(all)),
    }
}

/// The lines of the text.
#[derive(Debug, Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    fn fact(&mut self, name: &str, value: &str) {
        self.line(&format!("  {name:<24}{value}"));
    }

    fn list(&mut self, items: impl Iterator<Item = String>, shown: usize, all: u64) {
        let mut listed = 0;
        for item in items.take(shown) {
            self.line(&format!("    {item}"));
            listed += 1;
        }
        if all > listed {
            self.line(&format!("    … and {} more", count(all - listed)));
        }
    }
}

/// `daily/ABC.csv:17  ABC  high 91 is below close 93.7`.
fn line(rejected: &Rejected) -> String {
    let mut text = rejected.origin.clone();
    if let Some(line) = rejected.line {
        // Writing to a string cannot fail.
        let _ = write!(text, ":{line}");
    }
    format!("{text}  {}  {}", rejected.symbol, rejected.reason)
}

fn object(bundle: &BundleName, report: &IngestReport) -> Value {
    let quarantine: Vec<Value> = report
        .rejected_kinds
        .iter()
        .flat_map(|kind| kind.rows.iter().map(move |bad| (kind.kind, bad)))
        .map(|(kind, bad)| {
            json!({
                "kind": kind, "origin": bad.origin, "line": bad.line, "symbol": bad.symbol,
                "reason": bad.reason.to_string(), "text": bad.text,
            })
        })
        .collect();
    let kinds: Vec<Value> = report
        .rejected_kinds
        .iter()
        .map(|kind| json!({ "kind": kind.kind, "count": kind.count }))
        .collect();
    let gaps: Vec<Value> = report
        .gaps
        .iter()
        .map(|gap| json!({ "sid": gap.sid, "symbol": gap.symbol, "sessions": gap.sessions }))
        .collect();
    json!({
        "bundle": bundle,
        "version": report.outcome.version(),
        "unchanged": matches!(report.outcome, Outcome::Unchanged { .. }),
        "assets": report.assets,
        "assets_new": report.assets_new,
        "rows_read": report.rows_read,
        "rows": report.rows_stored,
        "rows_new": report.rows_new,
        "rows_changed": report.rows_changed,
        "rows_unchanged": report.rows_unchanged,
        "rows_superseded": report.rows_superseded,
        "events": {
            "new": report.events.new,
            "changed": report.events.changed,
            "removed": report.events.removed,
            "unchanged": report.events.unchanged,
        },
        "quarantined": report.rejected,
        "quarantine_kinds": kinds,
        "quarantine": quarantine,
        "gaps": gaps,
        "outside_hours": report.outside_hours,
        "equal_duplicates": report.equal_duplicates,
        "without_trades": report.without_trades,
        "notes": report.notes,
        "files_written": report.files_written,
        "files_kept": report.files_kept,
        "bytes_written": report.bytes_written,
        "bytes": report.bytes,
        "seconds": report.elapsed().as_secs_f64(),
        "rows_per_second": report.rows_per_second(),
    })
}

/// A count with its thousands apart: `1,258,000`.
pub(in crate::command) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things: `1 file`, `2,000 files`, `3 policies`.
pub(in crate::command) fn counted(number: u64, thing: &str) -> String {
    let things = match (number, thing.strip_suffix('y')) {
        (1, _) => thing.to_owned(),
        (_, Some(stem)) => format!("{stem}ies"),
        (_, None) => format!("{thing}s"),
    };
    format!("{} {things}", count(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_not_several() {
        let counts = [(1, "file"), (0, "file"), (2000, "policy"), (1, "policy")];
        let texts = counts.map(|(number, thing)| counted(number, thing));
        assert_eq!(texts, ["1 file", "0 files", "2,000 policies", "1 policy"]);
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_258_000, "1,258,000")] {
            assert_eq!(count(number), text);
        }
    }
}
