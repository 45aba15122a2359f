//! Technical indicators: one value after the other, whole slices, and factors, from the same steps.
//!
//! An [`Indicator`] takes one value of each of its inputs and gives one of each of its outputs. Running
//! it over slices ([`run`]) is the same steps in a loop, and a state that was saved and restored goes on
//! as if nothing had happened: the bits are the same either way.
//!
//! ```
//! use rustybt_pipeline::indicator::{Indicator, Kind, run};
//!
//! let close = [10.0, 11.0, 12.0, 11.5, 12.5];
//! let mut sma = Kind::Sma { period: 3 }.start()?;
//! let mut out = [f64::NAN; 5];
//! run(&mut *sma, &[&close], &mut [&mut out]);
//! assert!(out[..2].iter().all(|value| value.is_nan()) && out[2] == 11.0);
//!
//! // The same, value by value, with the state put away in between.
//! let mut first = Kind::Sma { period: 3 }.start()?;
//! close[..4].iter().for_each(|value| first.update(&[*value], &mut [0.0]));
//! let mut second = Kind::Sma { period: 3 }.start()?;
//! second.restore(&first.snapshot())?;
//! let mut last = [0.0];
//! second.update(&close[4..], &mut last);
//! assert_eq!(last[0].to_bits(), out[4].to_bits());
//! # Ok::<(), rustybt_pipeline::Error>(())
//! ```
//!
//! # Conventions
//!
//! Those of TA-Lib: outputs are `NaN` until there are values enough ([`Kind::lookback`]), exponential
//! means begin with the plain mean of their first values, Wilder's with a factor of `1 / n`. One
//! thing differs: a missing value does not spoil everything behind it. What looks at a window is
//! missing while one is in it; what remembers the whole past starts anew behind it.

mod average;
mod block;
mod channel;
mod directional;
mod factor;
mod kind;
mod lengths;
mod oscillator;
mod range;
mod ring;
mod snapshot;
mod start;
mod stop;
mod volume;
mod window;

pub use factor::over;
pub use kind::Kind;
pub use snapshot::{Cell, Indicator};

/// Runs an indicator over slices of one length: `out` has one slice for each of its outputs.
///
/// As many values are written as the shortest slice has.
pub fn run(indicator: &mut dyn Indicator, inputs: &[&[f64]], out: &mut [&mut [f64]]) {
    indicator.run(inputs, out);
}
