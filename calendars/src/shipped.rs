//! The calendar files that are compiled in; the build script lists what lies under `data`.

/// A shipped calendar: its names are known at once, the rest when it is first asked for.
pub(crate) struct Shipped {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) file: &'static str,
    pub(crate) text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));
