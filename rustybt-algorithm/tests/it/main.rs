//! Strategies over small markets made by hand, and over the synthetic one.

mod events;
mod fills;
mod laws;
mod market;
mod real;
mod refusals;
mod schedules;
