//! What a job did, as an object that is kept with it.

use serde_json::{Value, json};

use crate::report::{IngestReport, Outcome};

/// The counts of a report.
pub(crate) fn of(report: &IngestReport) -> Value {
    json!({
        "version": report.outcome.version(),
        "published": matches!(report.outcome, Outcome::Published { .. }),
        "assets": report.assets,
        "assets_new": report.assets_new,
        "rows_read": report.rows_read,
        "rows_stored": report.rows_stored,
        "rows_new": report.rows_new,
        "rows_changed": report.rows_changed,
        "events": report.events.brought(),
        "rejected": report.rejected,
        "files_written": report.files_written,
        "files_kept": report.files_kept,
        "bytes_written": report.bytes_written,
        "bytes": report.bytes,
        "seconds": report.elapsed().as_secs_f64(),
    })
}
