//! RustyBT.
