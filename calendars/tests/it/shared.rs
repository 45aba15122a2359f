//! Where the larger answer files lie, if they are there at all.

use std::io::Read;
use std::path::{Path, PathBuf};

/// The folder of calendar answers: under `RUSTYBT_SHARED`, or under a folder `shared` beside the checkout.
/// Prints why when there is none.
#[expect(clippy::disallowed_methods, reason = "tests read where their data lies")]
pub(crate) fn folder() -> Option<PathBuf> {
    let answers =
        |shared: PathBuf| Some(shared.join("data/calendars")).filter(|folder| folder.is_dir());
    let found = match std::env::var_os("RUSTYBT_SHARED") {
        Some(shared) => answers(shared.into()),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .find_map(|folder| answers(folder.join("shared"))),
    };
    if found.is_none() {
        println!(
            "skipped: no folder `shared/data/calendars`; set RUSTYBT_SHARED to the folder that holds `data`"
        );
    }
    found
}

/// The text of a gzip file.
pub(crate) fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let file =
        std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

/// The file name that a calendar's answers have.
pub(crate) fn file_name(calendar: &str) -> String {
    calendar.to_lowercase().replace('/', "-")
}
