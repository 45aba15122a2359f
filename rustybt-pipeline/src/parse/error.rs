//! What is wrong with a pipeline file, and where.

use std::fmt;

use super::syntax::Span;

/// A mistake in a pipeline file: what, where, and the line it is on.
///
/// It shows itself as one line that says where and what, and a picture of the place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseError {
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
    /// What is wrong and what would work.
    pub message: String,
    /// The line itself.
    pub text: String,
    /// Characters that the mistake covers, at least 1.
    pub width: usize,
}

/// A mistake before its place is turned into a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: Span,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new<T>(at: Span, message: impl Into<String>) -> Result<T, Self> {
        Err(Self { at, message: message.into() })
    }
}

/// Longer lines are cut, around the mistake, when they are shown.
const SHOWN: usize = 100;

impl ParseError {
    pub(super) fn new(fault: Fault, text: &str, file: &str) -> Self {
        let Span { line, column, width } = fault.at;
        let text = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let rest = text.chars().count().saturating_sub(column.saturating_sub(1));
        Self {
            file: file.to_owned(),
            line: line.max(1),
            column: column.max(1),
            message: fault.message,
            text: text.to_owned(),
            width: width.min(rest).max(1),
        }
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, message, text, width } = self;
        let gutter = " ".repeat(line.to_string().len());
        let before = column - 1;
        let skipped = if before + width > SHOWN { before.saturating_sub(SHOWN / 2) } else { 0 };
        let shown: String = text.chars().skip(skipped).take(SHOWN).collect();
        // Tabs are kept, so that the carets stand below what they mean.
        let blank = |c| if c == '\t' { '\t' } else { ' ' };
        let indent: String = shown.chars().take(before - skipped).map(blank).collect();
        let carets = "^".repeat((*width).min(SHOWN));
        write!(
            f,
            "{file}:{line}:{column}: {message}\n{gutter} |\n{line} | {shown}\n{gutter} | {indent}{carets}"
        )
    }
}
