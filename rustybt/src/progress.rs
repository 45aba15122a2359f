//! How long work tells how far it is: a bar for people, JSON lines for programs, or nothing.

use std::fmt;
use std::io::Write;
use std::str::FromStr;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rustybt_bundles::Progress;
use serde::Deserialize;

use crate::environment;

/// How progress is shown, always on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProgressMode {
    /// A bar that moves; the default on a terminal
    Bar,
    /// One JSON object a line
    Json,
    /// Nothing; the default elsewhere
    None,
}

impl fmt::Display for ProgressMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bar => "bar",
            Self::Json => "json",
            Self::None => "none",
        })
    }
}

impl FromStr for ProgressMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        <Self as ValueEnum>::from_str(text, false)
            .map_err(|_| "known are bar, json and none".to_owned())
    }
}

/// The progress of one piece of work.
#[derive(Debug)]
pub(crate) struct Meter {
    shown: Shown,
    stage: String,
    began: Instant,
    last: Option<Instant>,
}

#[derive(Debug)]
enum Shown {
    Bar(ProgressBar),
    Json,
    Nothing,
}

/// JSON lines come at most this often, so that they never slow the work down.
const PAUSE: Duration = Duration::from_millis(100);

impl Meter {
    /// A meter as settings and terminal want it.
    pub(crate) fn new(mode: Option<ProgressMode>, quiet: bool) -> Self {
        let default =
            if environment::stderr_is_terminal() { ProgressMode::Bar } else { ProgressMode::None };
        let shown = match mode.unwrap_or(default) {
            _ if quiet => Shown::Nothing,
            ProgressMode::Bar => {
                let bar =
                    ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(12));
                bar.set_style(style());
                Shown::Bar(bar)
            }
            ProgressMode::Json => Shown::Json,
            ProgressMode::None => Shown::Nothing,
        };
        Self { shown, stage: String::new(), began: Instant::now(), last: None }
    }

    /// `done` of `total` units of a stage are done.
    pub(crate) fn set(&mut self, stage: &str, done: u64, total: u64) {
        let news = stage != self.stage || done >= total;
        if news {
            stage.clone_into(&mut self.stage);
        }
        match &self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => {
                if news {
                    bar.set_message(stage.to_owned());
                }
                bar.set_length(total);
                bar.set_position(done);
            }
            Shown::Json => {
                if !news && self.last.is_some_and(|last| last.elapsed() < PAUSE) {
                    return;
                }
                self.last = Some(Instant::now());
                let line = serde_json::json!({
                    "stage": stage, "done": done, "total": total,
                    "seconds": self.began.elapsed().as_secs_f64(),
                });
                // Progress that cannot be shown is no reason to stop the work.
                let _ = writeln!(std::io::stderr().lock(), "{line}");
            }
        }
    }

    /// How far an ingest is.
    pub(crate) fn ingest(&mut self, progress: &Progress) {
        let stage = progress.phase.name();
        let Shown::Json = &self.shown else {
            return self.set(stage, progress.done, progress.total);
        };
        if !self.is_due(stage, progress.done, progress.total) {
            return;
        }
        let elapsed = self.began.elapsed();
        let line = serde_json::json!({
            "job": progress.job.map(|job| job.to_string()),
            "stage": stage, "done": progress.done, "total": progress.total,
            "percent": progress.percent(),
            "rows": progress.rows, "rows_per_second": progress.rows_per_second(elapsed),
            "bytes": progress.bytes, "bytes_total": progress.bytes_total,
            "eta_seconds": progress.eta(elapsed).map(|eta| eta.as_secs_f64()),
            "seconds": elapsed.as_secs_f64(),
        });
        // Progress that cannot be shown is no reason to stop the work.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    /// Whether it is time for another line.
    fn is_due(&mut self, stage: &str, done: u64, total: u64) -> bool {
        let news = stage != self.stage || done >= total;
        if !news && self.last.is_some_and(|last| last.elapsed() < PAUSE) {
            return false;
        }
        stage.clone_into(&mut self.stage);
        self.last = Some(Instant::now());
        true
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.finish();
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg:<12} {bar:32} {pos}/{len} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
