//! `rustybt query`: questions as JSON lines on stdin, answers as JSON lines on stdout, in order.
//!
//! Every line is answered, flushed, and forgotten; an error is the answer to its own line alone.

mod actions;
mod asset_name;
mod bars;
mod calendar;
mod current;
mod futures;
mod fx;
mod refusal;
mod request;
mod rows;
mod ticks;

use std::io::{BufRead, Write};

use clap::Args;
use rustybt_bundles::Bundle;
use serde_json::{Value, json};

use self::bars::Bars;
use self::refusal::Refusal;
use super::Context;
use super::bundle::{BundleArgs, Opened};
use crate::error::Error;

/// What can be asked.
const OPS: [&str; 22] = [
    "history",
    "bars",
    "adjustments",
    "adjusted_value",
    "splits",
    "dividends",
    "continuous",
    "chain",
    "current_chain",
    "fx",
    "current",
    "can_trade",
    "is_stale",
    "last_traded",
    "differences",
    "lookup",
    "trades",
    "quotes",
    "book",
    "funding",
    "table",
    "calendar",
];

/// See [`super::Command::Query`].
#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
}

/// Answers until stdin ends.
pub(super) fn run(args: &QueryArgs, context: &Context) -> Result<(), Error> {
    let bundle = args.bundle.bundle(context)?;
    let opened = match bundle.portal() {
        Ok(portal) => Ok(Opened { portal }),
        // There may be tables without bars.
        Err(rustybt_bundles::Error::Data(error @ rustybt_data::Error::NoBars { .. })) => Err(error),
        Err(error) => return Err(error.into()),
    };
    let mut out = std::io::stdout().lock();
    let mut session = Session::new(&bundle, opened.as_ref());
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    while {
        line.clear();
        input.read_until(b'\n', &mut line).map_err(Error::Stdin)? > 0
    } {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let answer = session.answer(line).unwrap_or_else(|refusal| json!({ "error": refusal }));
        writeln!(out, "{answer}").and_then(|()| out.flush()).map_err(Error::Stdout)?;
    }
    Ok(())
}

/// One run of the program: the bundle it opened, and its bars where it has any.
struct Session<'a> {
    bundle: &'a Bundle,
    bars: Result<Bars<'a>, &'a rustybt_data::Error>,
}

impl<'a> Session<'a> {
    fn new(bundle: &'a Bundle, opened: Result<&'a Opened, &'a rustybt_data::Error>) -> Self {
        Self { bundle, bars: opened.map(Bars::new) }
    }

    fn bars(&self) -> Result<&Bars<'a>, Refusal> {
        self.bars.as_ref().map_err(|&error| error.clone().into())
    }

    /// The answer to one line.
    fn answer(&mut self, line: &[u8]) -> Result<Value, Refusal> {
        let question: Value = serde_json::from_slice(line).map_err(|error| {
            Refusal::new("bad_request", format!("the line is no JSON object: {error}"))
        })?;
        let op =
            question.get("op").and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
                Refusal::new(
                    "bad_request",
                    "the object has no `op`, such as \"history\"".to_owned(),
                )
            })?;
        match op.as_str() {
            "history" => self.bars()?.history(&request::read(question)?),
            "bars" => self.bars()?.between(&request::read(question)?),
            "adjustments" => actions::answer(self.bars()?, &request::read(question)?),
            "adjusted_value" => actions::value(self.bars()?, &request::read(question)?),
            "splits" => actions::splits(self.bars()?, &request::read(question)?),
            "dividends" => actions::dividends(self.bars()?, &request::read(question)?),
            "continuous" => futures::continuous(self.bars()?, &request::read(question)?),
            "chain" | "current_chain" => futures::chain(self.bars()?, &request::read(question)?),
            "differences" => self.bars()?.differences(&request::read(question)?),
            "current" => current::current(self.bars()?, &request::read(question)?),
            "can_trade" => current::can_trade(self.bars()?, &request::read(question)?),
            "is_stale" => current::is_stale(self.bars()?, &request::read(question)?),
            "last_traded" => current::last_traded(self.bars()?, &request::read(question)?),
            "lookup" => self.bars()?.lookup(&request::read(question)?),
            "trades" | "quotes" => ticks::rows(self.bundle, &op, &request::read(question)?),
            "funding" => ticks::rows(self.bundle, "funding_rates", &request::read(question)?),
            "book" => ticks::book(self.bundle, &request::read(question)?),
            "table" => rows::answer(self.bundle, &request::read(question)?),
            "calendar" => calendar::answer(&request::read(question)?),
            "fx" => fx::answer(self.bundle, &request::read(question)?),
            _ => Err(Refusal::new(
                "unknown_op",
                format!("there is no op `{op}`; known are {}", OPS.join(", ")),
            )),
        }
    }
}
