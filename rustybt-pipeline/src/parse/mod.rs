//! Pipeline files: the expression language of zipline's pipelines, read and evaluated by us.
//!
//! A file is a row of assignments and, at its end, one `Pipeline(...)`. The syntax is Python's: calls
//! with keyword arguments, attributes, lists, dictionaries with string keys, numbers, strings, the
//! operators `+ - * / % ** < <= > >= == != & | ~`, comments, and lines that go on inside brackets.
//! Lines that begin with `import` or `from` are accepted and ignored. It is not Python: there are no
//! loops, functions or conditions, and nothing is executed but what is described here.
//!
//! ```
//! let pipeline = rustybt_pipeline::parse::parse(
//!     r#"
//! from zipline.pipeline import Pipeline
//! close = EquityPricing.close
//! liquid = AverageDollarVolume(window_length=20).top(500)
//! Pipeline(
//!     columns={"sma": SimpleMovingAverage(inputs=[close], window_length=20)},
//!     screen=liquid & (close.latest > 5),
//! )
//! "#,
//!     "example.pipe",
//! )?;
//! assert_eq!(pipeline.columns().count(), 1);
//!
//! let mistake = rustybt_pipeline::parse::parse("x = RSI().ranks()", "example.pipe").unwrap_err();
//! assert_eq!(
//!     mistake.to_string(),
//!     "example.pipe:1:11: unknown method `ranks` of a factor; did you mean `rank`?\n\
//!      \x20 |\n\
//!      1 | x = RSI().ranks()\n\
//!      \x20 |           ^^^^^"
//! );
//! # Ok::<(), rustybt_pipeline::Error>(())
//! ```

mod arguments;
mod builtin;
mod dataset;
mod error;
mod evaluate;
mod label_method;
mod lexer;
mod method;
mod parser;
pub(crate) mod suggest;
mod syntax;
mod value;

#[cfg(test)]
mod tests;

pub(crate) use builtin::names;
pub use error::ParseError;

use crate::{BoundColumn, Error, Pipeline};

/// Reads a pipeline file. `file` is its name, for messages.
///
/// # Errors
///
/// [`Error::Parse`] with the place of the first mistake and, where we know it, what was meant.
pub fn parse(text: &str, file: &str) -> Result<Pipeline, Error> {
    parse_with(text, file, &[])
}

/// Reads a pipeline file that may use these columns beside those of `EquityPricing`: `X.score` where
/// there is a column `score` of a data set `X`.
///
/// ```
/// use rustybt_pipeline::{BoundColumn, ColumnKind, parse::parse_with};
///
/// let sector = BoundColumn::of_kind("Company", "sector", ColumnKind::Text);
/// let file = "Pipeline({'bank': Company.sector.latest.startswith('bank')})";
/// assert!(parse_with(file, "bank.pipe", &[sector]).is_ok());
/// ```
///
/// # Errors
///
/// As [`parse`].
pub fn parse_with(text: &str, file: &str, columns: &[BoundColumn]) -> Result<Pipeline, Error> {
    lexer::tokens(text)
        .and_then(parser::program)
        .and_then(|program| evaluate::pipeline(&program, columns))
        .map_err(|fault| Error::Parse(Box::new(ParseError::new(fault, text, file))))
}
