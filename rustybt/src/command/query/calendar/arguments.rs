//! [`Arguments`]: what a method is asked about, by position or by name.

use std::str::FromStr;

use rustybt_calendars::{Breaks, Clock, Direction, Session, Side, Timestamp};
use serde_json::{Map, Value};

use super::super::refusal::Refusal;

/// The arguments of one question. A parameter has a position and a name, those of `exchange_calendars`.
pub(super) struct Arguments<'a> {
    pub(super) method: &'a str,
    positional: &'a [Value],
    named: [Option<&'a Map<String, Value>>; 2],
}

/// A parameter: where it stands, and what it is called.
#[derive(Clone, Copy)]
pub(super) struct Parameter(pub(super) usize, pub(super) &'static str);

impl<'a> Arguments<'a> {
    /// `args` is a list or an object; `kwargs` an object, if given.
    pub(super) fn new(
        method: &'a str,
        args: &'a Value,
        kwargs: &'a Value,
    ) -> Result<Self, Refusal> {
        let positional = match args {
            Value::Array(values) => values.as_slice(),
            Value::Null | Value::Object(_) => &[],
            other => {
                return Err(refuse(format!("`args` is {other}; expected a list or an object")));
            }
        };
        if !matches!(kwargs, Value::Null | Value::Object(_)) {
            return Err(refuse(format!("`kwargs` is {kwargs}; expected an object")));
        }
        Ok(Self { method, positional, named: [args.as_object(), kwargs.as_object()] })
    }

    /// The dates of its arguments, those of instants too.
    pub(super) fn dates(&self) -> impl Iterator<Item = Session> {
        let named = self.named.into_iter().flatten().flat_map(Map::values);
        self.positional.iter().chain(named).filter_map(|value| {
            let text = value.as_str()?;
            text.parse().ok().or_else(|| Some(text.parse::<Timestamp>().ok()?.date()))
        })
    }

    /// The argument, unless it is left out or `null`.
    pub(super) fn get(&self, Parameter(position, name): Parameter) -> Option<&'a Value> {
        let named = || self.named.into_iter().flatten().find_map(|values| values.get(name));
        self.positional.get(position).or_else(named).filter(|value| !value.is_null())
    }

    /// Refuses arguments that the method, which has `parameters`, does not take.
    pub(super) fn allow(&self, parameters: &[&str]) -> Result<(), Refusal> {
        let known = || match parameters {
            [] => "it takes none".to_owned(),
            _ => format!("it takes {}", parameters.join(", ")),
        };
        let method = self.method;
        if self.positional.len() > parameters.len() {
            let count = self.positional.len();
            return Err(refuse(format!("`{method}` was given {count} arguments; {}", known())));
        }
        let mut names = self.named.into_iter().flatten().flat_map(Map::keys);
        match names.find(|name| !parameters.contains(&name.as_str())) {
            Some(name) => Err(refuse(format!("`{method}` has no argument `{name}`; {}", known()))),
            None => Ok(()),
        }
    }

    pub(super) fn session(&self, at: Parameter) -> Result<Session, Refusal> {
        self.parse(at, "a date such as 2020-03-09")
    }

    pub(super) fn instant(&self, at: Parameter) -> Result<Timestamp, Refusal> {
        self.parse(at, "an instant such as 2020-03-09T13:30Z")
    }

    pub(super) fn integer(&self, at: Parameter, default: Option<i64>) -> Result<i64, Refusal> {
        match (self.get(at), default) {
            (None, Some(default)) => Ok(default),
            (value, _) => {
                let number = value.and_then(Value::as_i64);
                number.ok_or_else(|| self.refuse(at, "a whole number"))
            }
        }
    }

    /// How many sessions, 1 where it is left out.
    pub(super) fn count(&self, at: Parameter) -> Result<usize, Refusal> {
        let count = usize::try_from(self.integer(at, Some(1))?).ok().filter(|&count| count > 0);
        count.ok_or_else(|| self.refuse(at, "a whole number above 0"))
    }

    pub(super) fn flag(&self, at: Parameter) -> Result<Option<bool>, Refusal> {
        match self.get(at) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.refuse(at, "true or false")),
        }
    }

    pub(super) fn ignore_breaks(&self, at: Parameter) -> Result<Breaks, Refusal> {
        Ok(if self.flag(at)?.unwrap_or_default() { Breaks::Open } else { Breaks::Closed })
    }

    pub(super) fn direction(
        &self,
        at: Parameter,
        default: Direction,
    ) -> Result<Direction, Refusal> {
        match self.get(at).map(Value::as_str) {
            None => Ok(default),
            Some(Some("next")) => Ok(Direction::Next),
            Some(Some("previous")) => Ok(Direction::Previous),
            Some(Some("none")) => Ok(Direction::None),
            Some(_) => Err(self.refuse(at, "a direction: next, previous or none")),
        }
    }

    pub(super) fn side(&self, at: Parameter, default: Side) -> Result<Side, Refusal> {
        match self.get(at) {
            None => Ok(default),
            Some(value) => value
                .as_str()
                .and_then(side)
                .ok_or_else(|| self.refuse(at, "a side: left, right, both or neither")),
        }
    }

    pub(super) fn clock(&self, at: Parameter) -> Result<Clock, Refusal> {
        match self.get(at).map(Value::as_str) {
            // As the other library does.
            None | Some(Some("utc")) => Ok(Clock::Utc),
            Some(Some("local")) => Ok(Clock::Local),
            Some(_) => Err(self.refuse(at, "a clock: utc or local")),
        }
    }

    pub(super) fn parse<T: FromStr>(&self, at: Parameter, expected: &str) -> Result<T, Refusal> {
        let text = self.get(at).and_then(Value::as_str);
        text.and_then(|text| text.parse().ok()).ok_or_else(|| self.refuse(at, expected))
    }

    pub(super) fn refuse(&self, at: Parameter, expected: &str) -> Refusal {
        let found = self.get(at).map_or_else(|| "nothing".to_owned(), Value::to_string);
        let (place, name, method) = (at.0 + 1, at.1, self.method);
        refuse(format!("argument {place} of `{method}`, `{name}`, is {found}; expected {expected}"))
    }
}

/// The side of that name.
pub(super) fn side(name: &str) -> Option<Side> {
    match name {
        "left" => Some(Side::Left),
        "right" => Some(Side::Right),
        "both" => Some(Side::Both),
        "neither" => Some(Side::Neither),
        _ => None,
    }
}

fn refuse(message: String) -> Refusal {
    Refusal::new("bad_request", message)
}
