//! Words of the program that are read back from what it wrote down.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer};

/// A word of the program's own: the name of a column, of a kind of thing.
pub(crate) type Word = &'static str;

/// Every word that was read, each kept once for as long as the program runs: there are few.
static READ: Mutex<BTreeSet<Word>> = Mutex::new(BTreeSet::new());

/// Reads a word back.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    Ok(known(String::deserialize(deserializer)?))
}

fn known(text: String) -> Word {
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(&word) = read.get(text.as_str()) {
        return word;
    }
    let word: Word = text.leak();
    read.insert(word);
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_kept_once() {
        let first = known("close".to_owned());
        assert!(std::ptr::eq(first, known("close".to_owned())));
        assert_ne!(first, known("open".to_owned()));
    }
}
