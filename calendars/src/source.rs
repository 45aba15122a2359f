//! [`Source`]: the files a calendar is made of, and where in them an entry stands.

use std::borrow::Cow;

use crate::Error;
use crate::fault::Problem;

/// A file and its text.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) name: Cow<'static, str>,
    pub(crate) text: Cow<'static, str>,
}

/// One of the files of a calendar: what it extends comes first, what overlays it last.
///
/// Lines are counted on through all of them, so that a line says which file it stands in.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) files: &'a [File],
    pub(crate) current: usize,
}

impl<'a> Source<'a> {
    pub(crate) fn text(&self) -> &'a str {
        self.files.get(self.current).map_or("", |file| &file.text)
    }

    /// The line of a place in the text of this file.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        let before: usize = self.files.iter().take(self.current).map(lines).sum();
        before + 1 + self.text().bytes().take(offset).filter(|&byte| byte == b'\n').count()
    }

    /// A way to find the lines of many places in the text of this file.
    pub(crate) fn lines(&self) -> Lines {
        let feeds = self.text().bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        Lines { first: self.first_line(), feeds: feeds.map(|(at, _)| at).collect() }
    }

    /// The line at which this file begins.
    pub(crate) fn first_line(&self) -> usize {
        self.line_of(0)
    }

    /// The error for `problem`, found in the entry at `line`.
    pub(crate) fn error(&self, line: usize, problem: impl Into<Problem>) -> Error {
        let Problem { fault, text: problem, key } = problem.into();
        let mut line = line;
        let mut files = self.files.iter().peekable();
        while let Some(file) = files.next() {
            if line <= lines(file) || files.peek().is_none() {
                return Error::InvalidFile {
                    file: file.name.clone().into_owned(),
                    line: key.map_or(line, |key| line_of_key(&file.text, line, key)),
                    rule: label_at(&file.text, line),
                    fault,
                    problem,
                };
            }
            line -= lines(file);
        }
        Error::InvalidFile { file: String::new(), line, rule: None, fault, problem }
    }
}

/// Where the lines of a file end.
pub(crate) struct Lines {
    first: usize,
    feeds: Vec<usize>,
}

impl Lines {
    /// The line of the place at `offset`.
    pub(crate) fn of(&self, offset: usize) -> usize {
        self.first + self.feeds.partition_point(|&feed| feed < offset)
    }
}

/// How many lines a file has, the one after its last line feed counted in.
fn lines(file: &File) -> usize {
    1 + file.text.bytes().filter(|&byte| byte == b'\n').count()
}

/// The line of a key of the entry that begins at `line`; that line if the entry does not write it so.
fn line_of_key(text: &str, line: usize, key: &str) -> usize {
    let is_key = |text: &str| {
        text.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let entry = text.lines().skip(line).take_while(|line| !line.starts_with("[["));
    entry.enumerate().find(|(_, text)| is_key(text)).map_or(line, |(after, _)| line + 1 + after)
}

/// The label of the entry that holds `line`, read from the text, since the entry may not be readable.
fn label_at(text: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().take(line).rposition(|line| line.starts_with("[["))?;
    lines[start + 1..]
        .iter()
        .take_while(|line| !line.starts_with("[["))
        .find_map(|line| line.strip_prefix("label"))
        .map(|rest| rest.trim_matches([' ', '=', '"', '\'']).to_owned())
}

/// What the head of a calendar file says it extends or overlays, read from the text before it is parsed.
pub(crate) fn base_of(text: &str) -> Option<&str> {
    head_value(text, "extend").or_else(|| head_value(text, "overlay"))
}

/// The text that the head of a calendar file gives a key.
pub(crate) fn head_value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .take_while(|line| !line.trim_start().starts_with('['))
        .filter_map(|line| line.split_once('='))
        .find(|(found, _)| found.trim() == key)
        .and_then(|(_, value)| value.split(['"', '\'']).nth(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_which_file_it_stands_in() {
        let file =
            |name: &'static str, text: &'static str| File { name: name.into(), text: text.into() };
        let files =
            [file("base.toml", "a\nb\n"), file("over.toml", "c\n[[rule]]\nlabel = \"Fair\"\n")];
        let over = Source { files: &files, current: 1 };
        assert_eq!(over.line_of(2), 5);
        assert!(
            (0..over.text().len()).all(|offset| over.lines().of(offset) == over.line_of(offset))
        );
        assert_eq!(over.error(5, "no").to_string(), "over.toml:2: `Fair`: no");
        assert_eq!(over.error(2, "no").to_string(), "base.toml:2: no");
    }

    #[test]
    fn the_head_says_what_is_extended() {
        assert_eq!(base_of("name = \"A\"\nextend = \"CMES\"\n"), Some("CMES"));
        assert_eq!(base_of("overlay='XNYS'"), Some("XNYS"));
        assert_eq!(base_of("name = \"A\"\n[[rule]]\nextend = \"CMES\"\n"), None);
    }
}
