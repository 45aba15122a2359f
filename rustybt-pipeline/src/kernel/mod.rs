//! Loops over slices, without a word of the domain.
//!
//! Nothing here ever subtracts what it added, so a value that leaves the window leaves no trace of
//! itself, be it `NaN`, infinite or huge. Sums and extremes are trees of the values of their window
//! alone. Deviations, products, shapes, and sums of several series at once, join the end of one block
//! and the start of the next, and blocks are anchored at absolute positions (`origin`). Either way a
//! window has the same bits wherever the slice around it begins: this is what makes results
//! independent of chunks.
//!
//! Blocks are those of M. van Herk, *A fast algorithm for local minimum and maximum filters on
//! rectangular and octagonal kernels*, 1992.

mod blocks;
mod decayed;
mod deviation;
mod extreme;
mod joined;
mod linear;
mod mean;
mod moments;
mod moves;
mod order;
mod products;
mod relation;
mod shape;
mod sorted;
mod student;
mod sum;
mod weighted;

pub use blocks::rolling_sums;
pub use decayed::rolling_decayed;
pub use deviation::{mean_and_deviation, rolling_deviation};
pub(crate) use extreme::{larger, smaller};
pub use extreme::{max, min, rolling_max, rolling_min};
pub use linear::rolling_linear_sum;
pub use mean::{mean, rolling_mean};
pub(crate) use moments::{median, moments, sum};
pub use moves::{moves, rolling_moves};
pub(crate) use order::Order;
pub use products::{present_products, rolling_products};
pub(crate) use relation::average_ranks;
pub use relation::{Line, Products, beta, spearman};
pub use shape::{kurtosis, quantile, rank_of_last, rolling_shape, skew};
pub use sorted::{rolling_quantile, rolling_rank, rolling_spearman};
pub use student::student_two_sided;
pub(crate) use sum::rolling_quotient;
pub use sum::{rolling_sum, sum_of_window};
pub use weighted::weighted_sum;
