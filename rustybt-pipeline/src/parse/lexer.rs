//! Characters into tokens.

use super::error::Fault;
use super::syntax::Span;

/// A word of the language and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Name(String),
    Number(f64),
    Text(String),
    Sign(&'static str),
    /// The end of a statement: a line end outside brackets, or a semicolon.
    Newline,
    End,
}

/// Longer signs first: `**` before `*`.
const SIGNS: [&str; 27] = [
    "**=", "**", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "//", "<", ">", "=", "+", "-",
    "*", "/", "%", "&", "|", "~", "(", ")", "[", "]", "{",
];
const MORE_SIGNS: [&str; 5] = ["}", ",", ":", ".", "@"];

struct Lexer {
    characters: Vec<char>,
    at: usize,
    line: usize,
    column: usize,
    /// Brackets open, with their places: line ends inside them mean nothing.
    open: Vec<(char, Span)>,
    tokens: Vec<Token>,
}

/// Cuts a file into tokens; the last one is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let characters = text.strip_prefix('\u{feff}').unwrap_or(text).chars().collect();
    let mut lexer =
        Lexer { characters, at: 0, line: 1, column: 1, open: Vec::new(), tokens: Vec::new() };
    while let Some(next) = lexer.peek(0) {
        lexer.token(next)?;
    }
    if let Some((bracket, at)) = lexer.open.last() {
        return Fault::new(*at, format!("this `{bracket}` is never closed"));
    }
    let at = lexer.place(1);
    lexer.tokens.push(Token { kind: Kind::Newline, at });
    lexer.tokens.push(Token { kind: Kind::End, at });
    Ok(lexer.tokens)
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn place(&self, width: usize) -> Span {
        Span { line: self.line, column: self.column, width }
    }

    fn step(&mut self) {
        if self.peek(0) == Some('\n') {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        self.at += 1;
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(next) = self.peek(0).filter(|next| wanted(*next)) {
            taken.push(next);
            self.step();
        }
        taken
    }

    fn push(&mut self, kind: Kind, at: Span) {
        self.tokens.push(Token { kind, at });
    }

    fn token(&mut self, next: char) -> Result<(), Fault> {
        let at = self.place(1);
        match next {
            '\n' | ';' => {
                self.step();
                if self.open.is_empty() {
                    self.push(Kind::Newline, at);
                }
            }
            ' ' | '\t' | '\r' | '\u{c}' => self.step(),
            '#' => {
                self.take(|c| c != '\n');
            }
            '\\' if matches!(
                (self.peek(1), self.peek(2)),
                (Some('\n'), _) | (Some('\r'), Some('\n'))
            ) =>
            {
                self.step();
                self.take(|c| c == '\r');
                self.step();
            }
            '"' | '\'' => self.text(next, at)?,
            c if c.is_ascii_digit()
                || c == '.' && self.peek(1).is_some_and(|c| c.is_ascii_digit()) =>
            {
                self.number(at)?;
            }
            c if c.is_alphabetic() || c == '_' => {
                let name = self.take(|c| c.is_alphanumeric() || c == '_');
                let width = name.chars().count();
                self.push(Kind::Name(name), Span { width, ..at });
            }
            _ => self.sign(next, at)?,
        }
        Ok(())
    }

    fn sign(&mut self, next: char, at: Span) -> Result<(), Fault> {
        let starts = |sign: &&&str| sign.chars().enumerate().all(|(i, c)| self.peek(i) == Some(c));
        let Some(&sign) = SIGNS.iter().chain(&MORE_SIGNS).find(starts) else {
            return Fault::new(at, format!("`{next}` means nothing in a pipeline file"));
        };
        match next {
            '(' | '[' | '{' => self.open.push((next, at)),
            ')' | ']' | '}' => {
                let expected = match self.open.pop() {
                    Some(('(', _)) => ')',
                    Some(('[', _)) => ']',
                    Some(_) => '}',
                    None => return Fault::new(at, format!("this `{next}` closes nothing")),
                };
                if next != expected {
                    return Fault::new(
                        at,
                        format!("found `{next}` where `{expected}` was expected"),
                    );
                }
            }
            _ => {}
        }
        sign.chars().for_each(|_| self.step());
        self.push(Kind::Sign(sign), Span { width: sign.len(), ..at });
        Ok(())
    }

    fn number(&mut self, at: Span) -> Result<(), Fault> {
        let mut text = self.take(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
        if text.ends_with(['e', 'E']) && matches!(self.peek(0), Some('+' | '-')) {
            text.extend(self.peek(0));
            self.step();
            text.push_str(&self.take(|c| c.is_ascii_digit() || c == '_'));
        }
        let width = text.chars().count();
        // Rust reads words such as `inf` too; a number begins with a digit or a point here.
        match text.replace('_', "").parse::<f64>() {
            Ok(number) if number.is_finite() => {
                self.push(Kind::Number(number), Span { width, ..at });
                Ok(())
            }
            _ => Fault::new(Span { width, ..at }, format!("`{text}` is no number")),
        }
    }

    fn text(&mut self, quote: char, at: Span) -> Result<(), Fault> {
        let triple = self.peek(1) == Some(quote) && self.peek(2) == Some(quote);
        let quotes = if triple { 3 } else { 1 };
        (0..quotes).for_each(|_| self.step());
        let mut text = String::new();
        loop {
            match self.peek(0) {
                None => return Fault::new(at, "this string is never closed"),
                Some('\n') if !triple => {
                    return Fault::new(at, "this string is not closed on its line");
                }
                Some('\\') => {
                    self.step();
                    let Some(escaped) = self.peek(0) else { continue };
                    match escaped {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        '\\' | '\'' | '"' => text.push(escaped),
                        '\n' => {}
                        other => text.extend(['\\', other]),
                    }
                    self.step();
                }
                Some(next) => {
                    if (0..quotes).all(|i| self.peek(i) == Some(quote)) {
                        break;
                    }
                    text.push(next);
                    self.step();
                }
            }
        }
        (0..quotes).for_each(|_| self.step());
        let end = self.place(0);
        let width = if end.line == at.line { end.column - at.column } else { quotes };
        self.push(Kind::Text(text), Span { width, ..at });
        Ok(())
    }
}
