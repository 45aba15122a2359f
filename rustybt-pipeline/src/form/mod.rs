//! Pipelines and terms written down: the form in which they are saved and sent.
//!
//! [`Pipeline`], [`Term`] and the handles [`Factor`], [`Filter`] and [`Classifier`] implement serde's `Serialize` and
//! `Deserialize`. The form is a list of terms, each after those it needs, and the positions of what is asked for:
//!
//! ```json
//! {
//!   "pipeline": 1,
//!   "terms": [
//!     {"term": "column", "dataset": "EquityPricing", "name": "close"},
//!     {"term": "Returns", "window_length": 252, "inputs": [0]},
//!     {"term": "rank", "ascending": false, "method": "ordinal", "inputs": [1]},
//!     {"term": "top", "N": 50, "inputs": [1]}
//!   ],
//!   "columns": [{"name": "rank", "term": 2}],
//!   "screen": 3
//! }
//! ```
//!
//! * `"pipeline"` (or `"version"`, of a term alone) is the version of the form, 1.
//! * A term has the name that pipeline files call it by, its parameters under their names there, the positions of
//!   its `inputs`, and that of its `mask` where it is another one than the assets that live. `docs/pipeline-form.md`
//!   lists the names.
//! * A number that JSON has no word for is a string: `"nan"`, `"inf"`, `"-inf"`.
//! * Equal terms are written once, so the form is as large as the graph; a pipeline and what is read back from its
//!   form are equal, hence have the same numbers.
//!
//! A closure cannot be written down; a formula of your own can if it says its
//! [`parameters`](crate::CustomFactor::parameters), and is read by a [`Vocabulary`] that knows it.
//!
//! ```
//! use rustybt_pipeline::{CustomFactor, Pipeline, Rank, Returns};
//!
//! let momentum = Returns::new(252)?.factor()?;
//! let pipeline = Pipeline::new()
//!     .with("rank", momentum.rank(Rank::descending(), None))
//!     .screen(momentum.top(50, None));
//! let json = pipeline.to_json()?;
//! assert_eq!(Pipeline::from_json(&json)?, pipeline);
//!
//! let mistake = Pipeline::from_json(&json.replace("Returns", "Retruns")).unwrap_err();
//! assert_eq!(mistake.to_string(), "term 1, `Retruns`: there is no such term; did you mean `Returns`?");
//! # Ok::<(), rustybt_pipeline::Error>(())
//! ```

mod across;
mod error;
mod formula;
mod node;
mod parameters;
mod read;
mod vocabulary;
mod write;

pub use error::FormError;
pub use parameters::Parameters;
pub use vocabulary::Vocabulary;

use std::fmt::Write;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::term::Term;
use crate::{Classifier, Domain, Dtype, Error, Factor, Filter, Pipeline};

/// The version of the form that is written, and the newest that is read.
const VERSION: u32 = 1;

/// A pipeline as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPipeline {
    pipeline: u32,
    terms: Vec<WrittenTerm>,
    columns: Vec<WrittenColumn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    screen: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    domain: Option<Domain>,
}

/// An output of a pipeline.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenColumn {
    name: String,
    term: usize,
}

/// A term on its own, and all that it needs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAlone {
    version: u32,
    terms: Vec<WrittenTerm>,
    of: usize,
}

/// One term of a list.
#[derive(Debug, Serialize, Deserialize)]
struct WrittenTerm {
    term: String,
    #[serde(flatten)]
    parameters: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    inputs: Vec<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mask: Option<usize>,
}

impl Pipeline {
    /// The pipeline as JSON, one term a line.
    ///
    /// # Errors
    ///
    /// [`Error::NotWritable`] for a closure, and a formula that does not say its parameters.
    pub fn to_json(&self) -> Result<String, Error> {
        let written = WrittenPipeline::of(self)?;
        let line = |term: &WrittenTerm| json(term).map(|term| format!("    {term}"));
        let terms: Vec<String> = written.terms.iter().map(line).collect::<Result<_, _>>()?;
        let (terms, columns) = (terms.join(",\n"), json(&written.columns)?);
        let mut rest = String::new();
        if let Some(screen) = written.screen {
            let _ = write!(rest, ",\n  \"screen\": {screen}");
        }
        if let Some(domain) = &written.domain {
            let _ = write!(rest, ",\n  \"domain\": {}", json(domain)?);
        }
        Ok(format!(
            "{{\n  \"pipeline\": {VERSION},\n  \"terms\": [\n{terms}\n  ],\n  \"columns\": {columns}{rest}\n}}\n"
        ))
    }

    /// The pipeline of this JSON, of terms that ship with the crate.
    ///
    /// # Errors
    ///
    /// [`Error::Json`] for what is no JSON of a pipeline, [`Error::Form`] for a term that is none.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        Self::from_json_with(json, &Vocabulary::new())
    }

    /// The pipeline of this JSON, with formulas of one's own.
    ///
    /// # Errors
    ///
    /// As [`from_json`](Self::from_json).
    pub fn from_json_with(json: &str, vocabulary: &Vocabulary) -> Result<Self, Error> {
        let written: WrittenPipeline = serde_json::from_str(json).map_err(|error| Error::Json {
            line: error.line(),
            column: error.column(),
            reason: without_place(&error),
        })?;
        written.read(vocabulary)
    }
}

impl WrittenPipeline {
    fn of(pipeline: &Pipeline) -> Result<Self, Error> {
        let mut writer = write::Writer::default();
        let mut columns: Vec<WrittenColumn> = pipeline
            .columns()
            .map(|(name, term)| WrittenColumn { name: name.to_owned(), term: writer.add(term) })
            .collect();
        let mut screen = pipeline.screen_filter().map(|screen| writer.add(&screen.clone().into()));
        let outputs = columns.iter_mut().map(|column| &mut column.term).chain(&mut screen);
        let terms = writer.terms(outputs.collect())?;
        let domain = pipeline.domain().cloned();
        Ok(Self { pipeline: VERSION, terms, columns, screen, domain })
    }

    fn read(self, vocabulary: &Vocabulary) -> Result<Pipeline, Error> {
        check_version(self.pipeline)?;
        let terms = read::terms(self.terms, vocabulary)?;
        let mut pipeline = Pipeline::new();
        for WrittenColumn { name, term } in self.columns {
            let place = || format!("the column `{name}`");
            if pipeline.columns().any(|(known, _)| known == name) {
                return Err(FormError::Twice.at(place()));
            }
            let term = read::output(&terms, term).map_err(|problem| problem.at(place()))?;
            pipeline = pipeline.with(name, term);
        }
        if let Some(screen) = self.screen {
            let place = || "the screen".to_owned();
            let screen = read::output(&terms, screen).map_err(|problem| problem.at(place()))?;
            let filter = filter(screen).map_err(|problem| problem.at(place()))?;
            pipeline = pipeline.screen(filter);
        }
        Ok(match self.domain {
            Some(domain) => pipeline.of(domain),
            None => pipeline,
        })
    }
}

impl WrittenAlone {
    fn of(term: &Term) -> Result<Self, Error> {
        let mut writer = write::Writer::default();
        let mut of = writer.add(term);
        let terms = writer.terms(vec![&mut of])?;
        Ok(Self { version: VERSION, terms, of })
    }

    fn read(self) -> Result<Term, Error> {
        check_version(self.version)?;
        let terms = read::terms(self.terms, &Vocabulary::new())?;
        read::output(&terms, self.of).map_err(|problem| problem.at("the term".to_owned()))
    }
}

fn check_version(found: u32) -> Result<(), Error> {
    if found == VERSION {
        return Ok(());
    }
    Err(FormError::Version { found, newest: VERSION }.at("the form".to_owned()))
}

fn filter(term: Term) -> Result<Filter, FormError> {
    match term.dtype() {
        Dtype::Flag => Ok(Filter::of_term(term)),
        other => Err(FormError::Kind { found: other.name(), expected: "flags" }),
    }
}

fn json(value: &impl Serialize) -> Result<String, Error> {
    let text = serde_json::to_string(value).map_err(|error| Error::Json {
        line: 0,
        column: 0,
        reason: error.to_string(),
    })?;
    Ok(text)
}

/// What serde says, without the place, which stands in front of it already.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

impl Serialize for Pipeline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WrittenPipeline::of(self).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Pipeline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = WrittenPipeline::deserialize(deserializer)?;
        written.read(&Vocabulary::new()).map_err(D::Error::custom)
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WrittenAlone::of(self).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        WrittenAlone::deserialize(deserializer)?.read().map_err(D::Error::custom)
    }
}

/// A handle is written as its term, and read where the term gives what it stands for.
macro_rules! handle {
    ($handle:ident, $expected:literal, $($dtype:ident)|+) => {
        impl Serialize for $handle {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Term::from(self.clone()).serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $handle {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let term = Term::deserialize(deserializer)?;
                match term.dtype() {
                    $(Dtype::$dtype)|+ => Ok(Self::of_term(term)),
                    other => Err(D::Error::custom(FormError::Kind {
                        found: other.name(),
                        expected: $expected,
                    })),
                }
            }
        }
    };
}

handle!(Factor, "numbers", Number | Time);
handle!(Filter, "flags", Flag);
handle!(Classifier, "labels", Integer | Text);

#[cfg(test)]
mod tests;
