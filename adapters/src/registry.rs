//! The list of adapters.

use rustybt_data::Source;

use crate::descriptor::{Descriptor, Options};
use crate::{Error, file};

/// Every adapter there is, in the order of their names. A new one is a line here.
static SOURCES: [&Descriptor; 2] = [&file::csvdir::CSVDIR, &file::hive::PARQUET];

/// Every adapter there is, in the order of their names.
pub fn sources() -> impl Iterator<Item = &'static Descriptor> {
    SOURCES.into_iter()
}

/// Opens the source of that name.
///
/// ```
/// let error = rustybt_adapters::open("csvdri", &Default::default()).unwrap_err();
/// assert_eq!(error.to_string(), "there is no source `csvdri`; there are: csvdir, parquet");
/// ```
///
/// # Errors
///
/// [`Error::UnknownSource`], [`Error::UnknownOption`], [`Error::MissingOption`], and whatever the
/// adapter finds.
pub fn open(name: &str, options: &Options) -> Result<Box<dyn Source>, Error> {
    match sources().find(|descriptor| descriptor.name == name) {
        Some(descriptor) => descriptor.open(options),
        None => Err(Error::UnknownSource {
            name: name.to_owned(),
            known: sources().map(|descriptor| descriptor.name).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_adapter_is_described_once() {
        let names: Vec<&str> = sources().map(|descriptor| descriptor.name).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        for descriptor in sources() {
            assert!(!descriptor.summary.is_empty() && !descriptor.docs.is_empty());
            assert!(!descriptor.frequencies.is_empty() && !descriptor.classes.is_empty());
        }
    }

    #[test]
    fn options_are_checked_by_name() {
        let options = |pairs: &[(&str, &str)]| -> Options {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        assert_eq!(
            open("csvdir", &options(&[("path", "x"), ("pth", "y")])).unwrap_err().to_string(),
            "source `csvdir` has no option `pth`; it has: path, label, zone, dataset.NAME, type.NAME"
        );
        assert_eq!(
            open("csvdir", &options(&[])).unwrap_err().to_string(),
            "source `csvdir` needs the option `path`"
        );
    }
}
