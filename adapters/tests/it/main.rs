//! The adapters from outside: folders in, bars and events out.

mod broken;
mod companions;
mod conformance;
mod dialects;
mod fixture;
mod packed;
mod real;
mod selecting;
