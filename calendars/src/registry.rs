//! From a name, an alias or a market code to its [`Calendar`].

use std::sync::{Arc, OnceLock};

use crate::Error;
use crate::calendar::{Calendar, Facts};
use crate::session::Session;

/// The calendar called `name`: a name, an alias or a market code, in any case.
///
/// It is built at the first call and shared afterwards.
///
/// # Errors
///
/// [`Error::UnknownCalendar`], which lists the names most like it.
pub fn calendar(name: &str) -> Result<Arc<Calendar>, Error> {
    static ALWAYS: OnceLock<Arc<Calendar>> = OnceLock::new();
    if name == "24/7" {
        return Ok(Arc::clone(ALWAYS.get_or_init(|| Arc::new(always()))));
    }
    Err(Error::UnknownCalendar {
        name: name.into(),
        near: names(),
    })
}

/// The names of all calendars, sorted.
pub fn names() -> Vec<&'static str> {
    vec!["24/7"]
}

/// Every alias with the name it stands for, sorted.
pub fn aliases() -> Vec<(&'static str, &'static str)> {
    Vec::new()
}

fn always() -> Calendar {
    let days = 0..29_220;
    Calendar::new(Facts {
        name: "24/7".into(),
        aliases: Vec::new(),
        zone: chrono_tz::UTC,
        verified: None,
        sessions: days.clone().map(Session::from_days).collect(),
        opens: days.clone().map(|day| day * 1440).collect(),
        closes: days.clone().map(|day| (day + 1) * 1440).collect(),
        breaks: Vec::new(),
        break_start: vec![0; days.len() + 1],
        notes: Vec::new(),
        labels: Vec::new(),
    })
}
