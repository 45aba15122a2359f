//! What an adapter says of itself.

use std::collections::BTreeMap;

use rustybt_data::{AssetClass, Frequency, Source};

use crate::Error;

/// The options given to a source, as in `--opt path=data`.
pub type Options = BTreeMap<String, String>;

/// What an adapter says of itself: enough to list it, to check its options and to open it.
#[derive(Debug, Clone, Copy)]
pub struct Descriptor {
    /// The name it is asked for by, as in `--source csvdir`.
    pub name: &'static str,
    /// What it brings, in a line.
    pub summary: &'static str,
    /// Where its format or its interface is documented.
    pub docs: &'static str,
    /// The asset classes it knows.
    pub classes: &'static [AssetClass],
    /// The frequencies it delivers.
    pub frequencies: &'static [Frequency],
    /// The names of the secrets it needs; empty where it needs none.
    pub credentials: &'static [&'static str],
    /// How much it can deliver, and how fast.
    pub limits: &'static str,
    /// Whether it can deliver bars as they happen.
    pub streams: bool,
    /// Its options.
    pub options: &'static [OptionSpec],
    /// Opens it; options of unknown names never arrive here.
    pub(crate) open: fn(&Options) -> Result<Box<dyn Source>, Error>,
}

/// An option of an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionSpec {
    /// Its name; one that ends in `.NAME` stands for a family, such as `dataset.NAME`.
    pub name: &'static str,
    /// Whether the adapter cannot do without it.
    pub required: bool,
    /// What it means, and its default.
    pub help: &'static str,
}

impl OptionSpec {
    /// Whether an option of that name is meant.
    pub fn names(&self, option: &str) -> bool {
        match self.name.strip_suffix("NAME") {
            Some(family) => option.strip_prefix(family).is_some_and(|name| !name.is_empty()),
            None => self.name == option,
        }
    }
}

impl Descriptor {
    /// Checks the options and opens the source.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownOption`], [`Error::MissingOption`], and whatever the adapter finds.
    pub fn open(&self, options: &Options) -> Result<Box<dyn Source>, Error> {
        if let Some(option) = options.keys().find(|key| !self.options.iter().any(|o| o.names(key)))
        {
            return Err(Error::UnknownOption {
                adapter: self.name,
                option: option.clone(),
                known: self.options.iter().map(|o| o.name).collect(),
            });
        }
        if let Some(missing) =
            self.options.iter().find(|option| option.required && !options.contains_key(option.name))
        {
            return Err(Error::MissingOption { adapter: self.name, option: missing.name });
        }
        (self.open)(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_of_options_needs_a_name() {
        let family = OptionSpec { name: "dataset.NAME", required: false, help: "" };
        assert!(
            family.names("dataset.news") && !family.names("dataset.") && !family.names("dataset")
        );
        let plain = OptionSpec { name: "path", required: true, help: "" };
        assert!(plain.names("path") && !plain.names("paths"));
    }
}
