//! Presets: lists of symbols under a name, such as the members of an index.
//!
//! A preset is a text file `presets/NAME.txt` in the data folder or beside the configuration file,
//! one symbol a line. None is shipped: a list of members is out of date a week later.

use std::io::ErrorKind;
use std::path::PathBuf;

use crate::error::Error;

/// The folders in which presets lie; the first that has one counts.
#[derive(Debug)]
pub(crate) struct Presets {
    folders: Vec<PathBuf>,
}

impl Presets {
    /// Presets in these folders, which need not be there.
    pub(crate) fn new(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { folders: folders.into_iter().collect() }
    }

    /// The text of a preset.
    pub(crate) fn read(&self, name: &str) -> Result<String, Error> {
        let known = self.names();
        if !known.iter().any(|known| known == name) {
            let folder = self.folders.first().cloned().unwrap_or_default();
            return Err(Error::UnknownPreset { name: name.to_owned(), known, folder });
        }
        for folder in &self.folders {
            let path = folder.join(format!("{name}.txt"));
            match std::fs::read_to_string(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(source) => return Err(Error::Io { action: "read the preset", path, source }),
                Ok(text) => return Ok(text),
            }
        }
        Ok(String::new())
    }

    /// The names of the presets there are.
    fn names(&self) -> Vec<String> {
        let entries = self.folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok());
        let files = entries.flatten().flatten().map(|entry| entry.file_name());
        let mut names: Vec<String> = files
            .filter_map(|file| Some(file.to_str()?.strip_suffix(".txt")?.to_owned()))
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_is_a_file_in_one_of_the_folders() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::create_dir(&second).unwrap();
        std::fs::write(second.join("mine.txt"), "AAPL\n").unwrap();
        let presets = Presets::new([first, second]);
        assert_eq!(presets.read("mine").unwrap(), "AAPL\n");
        for name in ["sp500", "../b/mine", "", "mine.txt"] {
            let text = presets.read(name).unwrap_err().to_string();
            assert!(text.contains("there are: mine"), "{text}");
        }
    }
}
