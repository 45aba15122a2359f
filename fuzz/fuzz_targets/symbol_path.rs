//! Any symbols as folders: each stays below its table, and no two assets share one.
//!
//! `cargo +nightly fuzz run symbol_path -- -max_total_time=60`
#![no_main]

use std::path::{Component, Path};

use libfuzzer_sys::fuzz_target;
use rustybt_bundles::instrument_folder;
use rustybt_data::Sid;

fuzz_target!(|assets: (&str, u32, &str, u32)| {
    let (one, sid, other, other_sid) = assets;
    let folder = instrument_folder(one, Sid(sid));
    let components: Vec<Component<'_>> = Path::new(&folder).components().collect();
    assert!(matches!(components.as_slice(), [Component::Normal(name)] if name.to_str() == Some(&*folder)));
    assert!(folder.len() <= 255 && folder.bytes().all(|b| b.is_ascii_graphic() && b != b'\\'));
    if sid != other_sid {
        let other = instrument_folder(other, Sid(other_sid));
        assert!(!folder.eq_ignore_ascii_case(&other));
    }
});
