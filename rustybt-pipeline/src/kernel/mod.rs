//! Loops over slices, without a word of the domain.
//!
//! Nothing here ever subtracts what it added: a windowed sum joins the end of one block and the
//! start of the next, so a value that leaves the window leaves no trace of itself, be it `NaN`,
//! infinite or huge. Blocks are anchored at absolute positions (`origin`), so a window has the same
//! bits wherever the slice around it begins: this is what makes results independent of chunks.
//!
//! The idea is the two-stack queue, or van Herk's blocks: M. van Herk, *A fast algorithm for local
//! minimum and maximum filters on rectangular and octagonal kernels*, 1992.

mod deviation;
mod extreme;
mod mean;
mod moments;
mod moves;
mod order;
mod relation;
mod shape;
mod student;
mod weighted;

pub use deviation::{mean_and_deviation, rolling_deviation};
pub use extreme::{max, min, rolling_max, rolling_min};
pub use mean::{mean, rolling_mean, rolling_sum, rolling_sums};
pub(crate) use moments::{median, moments, sum};
pub use moves::{moves, rolling_moves};
pub(crate) use order::Order;
pub(crate) use relation::average_ranks;
pub use relation::{Line, Products, beta, spearman};
pub use shape::{kurtosis, quantile, rank_of_last, skew};
pub use student::student_two_sided;
pub use weighted::weighted_sum;
