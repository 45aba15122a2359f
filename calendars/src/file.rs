//! Reading a calendar file: TOML, strictly, into a [`Definition`].
//!
//! Every mistake is told with the file, the line and the label of the entry. What only shows against the
//! other entries (a rule that never fires, a notice for a day that is closed anyway) is found by
//! [`build`](crate::build).

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::Error;
use crate::anchor::{Anchor, MonthDay, parse_weekdays};
use crate::raw::{
    BEGINNING, END, EffectWord, Limit, RawChange, RawDates, RawEffect, RawFile, RawHours, RawRule,
    RawWeek, RawWeeks,
};
use crate::rule::{Effect, Roll, Rule, Substitute, Years};
use crate::schedule::{Change, Period, parse_clock, parse_shift};
use crate::session::Session;
use crate::table::run;

/// A calendar file, understood but not yet worked out.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) zone: Tz,
    pub(crate) bounds: (Session, Session),
    pub(crate) verified: Option<(Session, Session)>,
    /// Which days of the week trade, by the first and last date of each week.
    pub(crate) weeks: Vec<Week>,
    pub(crate) periods: Vec<Period>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) notices: Vec<Notice>,
}

/// The days that trade, over a period.
#[derive(Debug)]
pub(crate) struct Week {
    pub(crate) from: Session,
    pub(crate) to: Session,
    pub(crate) days: [bool; 7],
}

/// Dates that no rule gives.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) label: String,
    pub(crate) line: usize,
    pub(crate) dates: Vec<Session>,
    pub(crate) effect: Effect,
}

/// Where in a file an entry stands.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

impl Source<'_> {
    /// The error for `problem`, found in the entry at `line`.
    pub(crate) fn error(&self, line: usize, problem: impl Into<String>) -> Error {
        Error::InvalidFile {
            file: self.file.into(),
            line,
            rule: self.label_at(line),
            problem: problem.into(),
        }
    }

    fn line_of(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|&byte| byte == b'\n').count()
    }

    /// The label of the entry that holds `line`, read from the text, since the entry may not be readable.
    fn label_at(&self, line: usize) -> Option<String> {
        let lines: Vec<&str> = self.text.lines().collect();
        let start = lines.iter().take(line).rposition(|line| line.starts_with("[["))?;
        lines[start + 1..]
            .iter()
            .take_while(|line| !line.starts_with("[["))
            .find_map(|line| line.strip_prefix("label"))
            .map(|rest| rest.trim_matches([' ', '=', '"', '\'']).to_owned())
    }
}

impl Definition {
    /// Reads a file.
    pub(crate) fn parse(source: Source<'_>) -> Result<Self, Error> {
        let raw: RawFile = toml::from_str(source.text).map_err(|error| {
            let line = error.span().map_or(1, |span| source.line_of(span.start));
            source.error(line, error.message())
        })?;

        let at = |span: std::ops::Range<usize>| {
            let line = source.line_of(span.start);
            move |problem: String| source.error(line, problem)
        };
        let zone = raw.zone.get_ref().parse().map_err(|_| {
            at(raw.zone.span())(format!(
                "`{}` is no time zone; expected an IANA name like `Europe/London`",
                raw.zone.get_ref()
            ))
        })?;
        let bounds = within_reach(*raw.bounds.get_ref()).map_err(at(raw.bounds.span()))?;
        let verified = raw
            .verified
            .map(|range| in_order(*range.get_ref()).map_err(at(range.span())))
            .transpose()?;
        let weeks_span = raw.week.span();
        let weeks = weeks(raw.week.into_inner()).map_err(at(weeks_span))?;

        let mut periods = Vec::with_capacity(raw.hours.len());
        for hours in raw.hours {
            let (span, line) = (hours.span(), source.line_of(hours.span().start));
            periods.push(period(hours.into_inner(), line, periods.is_empty()).map_err(at(span))?);
        }
        if periods.is_empty() {
            return Err(source.error(1, "it names no hours; expected at least one `[[hours]]`"));
        }
        let mut rules = Vec::with_capacity(raw.rule.len());
        for entry in raw.rule {
            let (span, line) = (entry.span(), source.line_of(entry.span().start));
            let rule = rule(entry.into_inner(), line, bounds)
                .and_then(|rule| check_verified(&rule, verified).map(|()| rule));
            rules.push(rule.map_err(at(span))?);
        }
        let mut notices = Vec::with_capacity(raw.dates.len());
        for entry in raw.dates {
            let (span, line) = (entry.span(), source.line_of(entry.span().start));
            notices.push(notice(entry.into_inner(), line).map_err(at(span))?);
        }
        Ok(Self {
            name: raw.name,
            aliases: raw.aliases,
            zone,
            bounds,
            verified,
            weeks,
            periods,
            rules,
            notices,
        })
    }
}

fn in_order([first, last]: [Session; 2]) -> Result<(Session, Session), String> {
    if first > last {
        return Err(format!("it begins on {first}, after its end on {last}"));
    }
    Ok((first, last))
}

/// Easter of the Orthodox churches is known to the end of this century, and offsets of local clocks are whole
/// minutes since the middle of the last.
fn within_reach(bounds: [Session; 2]) -> Result<(Session, Session), String> {
    let (first, last) = in_order(bounds)?;
    let year = |date: Session| chrono::Datelike::year(&date.date());
    if year(first) < 1950 || year(last) > 2099 {
        return Err(format!("{first} to {last} is too far; expected bounds within 1950 to 2099"));
    }
    Ok((first, last))
}

fn limits(from: Option<Session>, to: Option<Session>) -> Result<(Session, Session), String> {
    in_order([from.unwrap_or(BEGINNING), to.unwrap_or(END)])
}

fn weeks(raw: RawWeeks) -> Result<Vec<Week>, String> {
    let periods = match raw {
        RawWeeks::Always(week) => vec![RawWeek { week, from: None, to: None }],
        RawWeeks::Periods(periods) => periods,
    };
    periods
        .into_iter()
        .map(|period| {
            let (from, to) = limits(period.from, period.to)?;
            Ok(Week { from, to, days: parse_weekdays(&period.week)? })
        })
        .collect()
}

fn period(raw: RawHours, line: usize, first: bool) -> Result<Period, String> {
    let narrowed =
        raw.from.is_some() || raw.to.is_some() || raw.weekdays.is_some() || raw.season.is_some();
    if first && (narrowed || raw.open.is_none() || raw.close.is_none()) {
        return Err(
            "the first hours hold always: expected an open and a close, and no period".into()
        );
    }
    let (from, to) = limits(raw.from, raw.to)?;
    let season = match raw.season {
        Some([first, last]) => Some((MonthDay::parse(&first)?, MonthDay::parse(&last)?)),
        None => None,
    };
    Ok(Period {
        line,
        from,
        to,
        weekdays: weekdays(raw.weekdays.as_deref())?,
        season,
        change: change(RawChange {
            open: raw.open,
            close: raw.close,
            breaks: raw.breaks,
            shift: None,
        })?,
    })
}

fn rule(raw: RawRule, line: usize, bounds: (Session, Session)) -> Result<Rule, String> {
    let chain = raw.on.into_vec();
    let mut chain = chain.iter().map(|anchor| Anchor::parse(anchor));
    let anchor = chain.next().ok_or("`on` names no anchor")??;
    let steps = chain.collect::<Result<Vec<_>, _>>()?;
    if anchor.is_step() || !steps.iter().all(Anchor::is_step) {
        return Err("only the steps after the first go on from `it`, and all of them do".into());
    }
    check_years(&anchor, bounds)?;

    let (from, to) = limits(raw.from.map(Limit::first), raw.to.map(Limit::last))?;
    let substitute = match raw.substitute {
        Some(raw) => {
            let from = raw.from.map_or(BEGINNING, Limit::first);
            Some(Substitute::parse(&raw.busy, from)?)
        }
        None => None,
    };
    let mut moved = BTreeMap::new();
    for (year, date) in raw.moved {
        let year: i32 =
            year.parse().map_err(|_| format!("`move` names `{year}`, which is no year"))?;
        moved.insert(year, date);
    }
    let effect = effect(raw.effect)?;
    match effect {
        Effect::Closed if anchor.is_session_relative() => {
            return Err(
                "a session cannot be closed for being the first or last; name its date".into()
            );
        }
        Effect::Hours(_) | Effect::Session if substitute.is_some() => {
            return Err("only a closure can be substituted".into());
        }
        _ => {}
    }
    Ok(Rule {
        label: raw.label,
        line,
        anchor,
        steps,
        roll: raw.roll.map_or(Ok(Roll::NONE), |roll| Roll::parse(&roll))?,
        substitute,
        from,
        to,
        weekdays: weekdays(raw.weekdays.as_deref())?,
        years: raw
            .years
            .unwrap_or_default()
            .iter()
            .map(|years| Years::parse(years))
            .collect::<Result<_, _>>()?,
        except: raw.except,
        moved,
        effect,
    })
}

/// A feast known for some years must be known for all of the calendar's.
fn check_years(anchor: &Anchor, (first, last): (Session, Session)) -> Result<(), String> {
    let year = |date: Session| chrono::Datelike::year(&date.date());
    match anchor.years() {
        Some((from, to)) if year(first) < from || year(last) > to => Err(format!(
            "its anchor is known from {from} to {to} only, less than the calendar's bounds"
        )),
        _ => Ok(()),
    }
}

/// A calendar cannot be verified for dates that a table of its own is not.
fn check_verified(rule: &Rule, verified: Option<(Session, Session)>) -> Result<(), String> {
    let (Some((first, last)), Some(known)) = (verified, rule.anchor.verified()) else {
        return Ok(());
    };
    let (first, last) = (first.max(rule.from), last.min(rule.to));
    if first <= last && (first < known.0 || last > known.1) {
        return Err(format!(
            "its table is verified from {} to {} only, not from {first} to {last} as `verified` says",
            known.0, known.1
        ));
    }
    Ok(())
}

fn notice(raw: RawDates, line: usize) -> Result<Notice, String> {
    let mut dates = Vec::with_capacity(raw.on.len());
    for entry in &raw.on {
        dates.extend(run(entry)?);
    }
    if dates.is_empty() {
        return Err("it names no date".into());
    }
    Ok(Notice { label: raw.label, line, dates, effect: effect(raw.effect)? })
}

fn effect(raw: Option<RawEffect>) -> Result<Effect, String> {
    Ok(match raw {
        None | Some(RawEffect::Word(EffectWord::Closed)) => Effect::Closed,
        Some(RawEffect::Word(EffectWord::Session)) => Effect::Session,
        Some(RawEffect::Hours(raw)) => {
            let change = change(raw)?;
            if change == Change::default() {
                return Err(
                    "its effect changes nothing; expected open, close, breaks or shift".into()
                );
            }
            Effect::Hours(change)
        }
    })
}

fn change(raw: RawChange) -> Result<Change, String> {
    let clock = |text: Option<String>| text.map(|text| parse_clock(&text)).transpose();
    let breaks = raw.breaks.map(|breaks| {
        breaks
            .iter()
            .map(|[start, end]| Ok((parse_clock(start)?, parse_clock(end)?)))
            .collect::<Result<Vec<_>, String>>()
    });
    Ok(Change {
        open: clock(raw.open)?,
        close: clock(raw.close)?,
        breaks: breaks.transpose()?,
        shift: raw.shift.map_or(Ok(0), |shift| parse_shift(&shift))?,
    })
}

fn weekdays(text: Option<&str>) -> Result<[bool; 7], String> {
    text.map_or(Ok([true; 7]), parse_weekdays)
}
