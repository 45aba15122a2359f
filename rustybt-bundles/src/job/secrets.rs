//! Secrets stay out of what is written down and out of what is said.
//!
//! An option whose name sounds like a secret is kept as [`BLOT`]; and wherever its value turns up
//! in an error or a note of the source, it is blotted out there.

use std::collections::BTreeMap;

use rustybt_data::SourceError;

use crate::error::chain;

/// What stands in place of a secret.
pub(crate) const BLOT: &str = "***";

/// Parts of names that sound like a secret.
const NAMES: [&str; 8] =
    ["key", "secret", "token", "password", "passwd", "passphrase", "credential", "auth"];

/// Shorter text is no secret that could be told from other text.
const SHORTEST: usize = 4;

/// What must not be said.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Vec<String>);

/// Whether an option is a secret by its name.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|part| name.contains(part))
}

/// Options as they may be written down.
pub(crate) fn redacted(options: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let shown = |(name, value): (&String, &String)| {
        let value = if is_secret(name) { BLOT.to_owned() } else { without_login(value) };
        (name.clone(), value)
    };
    options.iter().map(shown).collect()
}

impl Secrets {
    /// The secrets among some options.
    pub(crate) fn of(options: &BTreeMap<String, String>) -> Self {
        let mut secrets = Vec::new();
        for (name, value) in options {
            if is_secret(name) {
                secrets.push(value.clone());
            } else if let Some(login) = login(value) {
                secrets.push(login.to_owned());
                secrets.extend(login.split_once(':').map(|(_, password)| password.to_owned()));
            }
        }
        secrets.retain(|secret| secret.len() >= SHORTEST);
        // A secret that contains another is blotted out first.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    /// Text without secrets.
    pub(crate) fn blot(&self, text: &str) -> String {
        let blotted = |text: String, secret: &String| text.replace(secret.as_str(), BLOT);
        self.0.iter().fold(text.to_owned(), blotted)
    }

    /// An error of the source without secrets.
    pub(crate) fn clean(&self, error: SourceError) -> SourceError {
        let text = chain(&error);
        let blotted = self.blot(&text);
        if blotted == text {
            return error;
        }
        let clean = SourceError::new(std::io::Error::other(blotted));
        let clean = match error.hint() {
            Some(hint) => clean.with_hint(self.blot(hint)),
            None => clean,
        };
        if error.is_transient() { clean.transient() } else { clean }
    }
}

/// Who logs in where, in an address such as `https://me:secret@host/path`.
fn login(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    host.rsplit_once('@').map(|(login, _)| login)
}

fn without_login(address: &str) -> String {
    match login(address) {
        Some(login) => address.replacen(&format!("{login}@"), &format!("{BLOT}@"), 1),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> BTreeMap<String, String> {
        [
            ("path", "/prices"),
            ("API_KEY", "canary-1"),
            ("client.secret", "canary-1-longer"),
            ("url", "https://me:canary-2@host/a@b"),
            ("token", "abc"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    #[test]
    fn what_sounds_like_a_secret_is_not_written_down() {
        let shown = redacted(&options());
        let text = format!("{shown:?}");
        assert!(!text.contains("canary") && !text.contains("abc"), "{text}");
        assert_eq!(shown["path"], "/prices");
        assert_eq!(shown["url"], "https://***@host/a@b");
        assert_eq!(redacted(&shown), shown);
    }

    #[test]
    fn secrets_are_blotted_out_of_errors() {
        let secrets = Secrets::of(&options());
        let said = "GET /?apikey=canary-1-longer by me:canary-2, canary-2 or canary-1";
        let error =
            SourceError::new(std::io::Error::other(said)).with_hint("not canary-1").transient();
        let clean = secrets.clean(error);
        assert_eq!(clean.to_string(), "GET /?apikey=*** by ***, *** or ***");
        assert_eq!((clean.hint(), clean.is_transient()), (Some("not ***"), true));
        // Three letters would blot out half of every word.
        assert_eq!(secrets.blot("abc"), "abc");
    }
}
