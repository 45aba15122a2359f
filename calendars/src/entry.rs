//! What the entries of a calendar file mean: weeks, hours, rules and dates, each on its own.

use std::collections::BTreeMap;

use crate::anchor::{Anchor, parse_weekdays};
use crate::fault::{AtKey, Fault, Problem};
use crate::file::{Notice, Week};
use crate::month_day::MonthDay;
use crate::raw::{
    BEGINNING, END, EffectWord, Limit, RawChange, RawDates, RawEffect, RawHours, RawRule, RawWeek,
    RawWeeks,
};
use crate::rule::{Effect, Roll, Rule, Substitute, Years};
use crate::schedule::{Change, Period, parse_clock, parse_shift};
use crate::session::Session;
use crate::table::run;

/// A range of dates whose end is not before its beginning.
pub(crate) fn in_order([first, last]: [Session; 2]) -> Result<(Session, Session), Problem> {
    if first > last {
        return Err(Fault::EmptyRange
            .because(format!("it begins on {first}, after its end on {last}"))
            .at("from"));
    }
    Ok((first, last))
}

/// Easter of the Orthodox churches is known to the end of this century, and offsets of local clocks are whole
/// minutes since the middle of the last.
pub(crate) fn within_reach(bounds: [Session; 2]) -> Result<(Session, Session), Problem> {
    let (first, last) = in_order(bounds)?;
    let year = |date: Session| chrono::Datelike::year(&date.date());
    if year(first) < 1950 || year(last) > 2099 {
        let problem = format!("{first} to {last} is too far; expected bounds within 1950 to 2099");
        return Err(Fault::OutOfBounds.because(problem));
    }
    Ok((first, last))
}

fn limits(from: Option<Session>, to: Option<Session>) -> Result<(Session, Session), Problem> {
    in_order([from.unwrap_or(BEGINNING), to.unwrap_or(END)])
}

pub(crate) fn weeks(raw: RawWeeks, bounds: (Session, Session)) -> Result<Vec<Week>, Problem> {
    let periods = match raw {
        RawWeeks::Always(week) => vec![RawWeek { week, from: None, to: None }],
        RawWeeks::Periods(periods) => periods,
    };
    periods
        .into_iter()
        .map(|period| {
            let (from, to) = limits(period.from, period.to)?;
            if from > bounds.1 || to < bounds.0 {
                let problem = format!("the week `{}` lies outside the bounds", period.week);
                return Err(Fault::NoEffect.because(problem));
            }
            Ok(Week { from, to, days: parse_weekdays(&period.week)? })
        })
        .collect()
}

pub(crate) fn period(raw: RawHours, line: usize, first: bool) -> Result<Period, Problem> {
    let narrowed =
        raw.from.is_some() || raw.to.is_some() || raw.weekdays.is_some() || raw.season.is_some();
    if first && (narrowed || raw.open.is_none() || raw.close.is_none()) {
        return Err(
            "the first hours hold always: expected an open and a close, and no period".into()
        );
    }
    let (from, to) = limits(raw.from, raw.to)?;
    let season = match raw.season {
        Some([first, last]) => {
            Some((MonthDay::parse(&first).at("season")?, MonthDay::parse(&last).at("season")?))
        }
        None => None,
    };
    Ok(Period {
        line,
        from,
        to,
        weekdays: weekdays(raw.weekdays.as_deref()).at("weekdays")?,
        season,
        change: change(RawChange {
            open: raw.open,
            close: raw.close,
            breaks: raw.breaks,
            shift: None,
        })?,
    })
}

pub(crate) fn rule(raw: RawRule, line: usize) -> Result<Rule, Problem> {
    let chain = raw.on.into_vec();
    let mut chain = chain.iter().map(|anchor| Anchor::parse(anchor).at("on"));
    let anchor = chain.next().ok_or("`on` names no anchor").at("on")??;
    let steps = chain.collect::<Result<Vec<_>, _>>()?;
    if anchor.is_step() || !steps.iter().all(Anchor::is_step) {
        return Err("only the steps after the first go on from `it`, and all of them do".into());
    }

    let (from, to) = limits(raw.from.map(Limit::first), raw.to.map(Limit::last))?;
    let substitute = match raw.substitute {
        Some(raw) => {
            let from = raw.from.map_or(BEGINNING, Limit::first);
            Some(Substitute::parse(&raw.busy, from).at("substitute")?)
        }
        None => None,
    };
    let mut moved = BTreeMap::new();
    for (year, date) in raw.moved {
        let year: i32 = year
            .parse()
            .map_err(|_| format!("`move` names `{year}`, which is no year"))
            .at("move")?;
        moved.insert(year, date);
    }
    let effect = effect(raw.effect).at("effect")?;
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
    let source = raw.source.or_else(|| anchor.source().map(str::to_owned));
    Ok(Rule {
        label: raw.label,
        line,
        anchor,
        steps,
        roll: raw.roll.map_or(Ok(Roll::NONE), |roll| Roll::parse(&roll)).at("roll")?,
        substitute,
        from,
        to,
        weekdays: weekdays(raw.weekdays.as_deref()).at("weekdays")?,
        years: raw
            .years
            .unwrap_or_default()
            .iter()
            .map(|years| Years::parse(years))
            .collect::<Result<_, _>>()
            .at("years")?,
        except: raw.except,
        moved,
        effect,
        layer: 0,
        source,
    })
}

/// A calendar cannot be verified for dates that a table of its own is not.
pub(crate) fn check_verified(
    rule: &Rule,
    verified: Option<(Session, Session)>,
) -> Result<(), Problem> {
    let (Some((first, last)), Some(known)) = (verified, rule.anchor.verified()) else {
        return Ok(());
    };
    let (first, last) = (first.max(rule.from), last.min(rule.to));
    if first <= last && (first < known.0 || last > known.1) {
        let problem = format!(
            "its table is verified from {} to {} only, not from {first} to {last} as `verified` says",
            known.0, known.1
        );
        return Err(Fault::TableTooShort.because(problem).at("on"));
    }
    Ok(())
}

pub(crate) fn notice(raw: RawDates, line: usize) -> Result<Notice, Problem> {
    let mut dates = Vec::with_capacity(raw.on.len());
    for entry in &raw.on {
        dates.extend(run(entry).at("on")?);
    }
    if dates.is_empty() {
        return Err(Fault::NoEffect.because("it names no date").at("on"));
    }
    Ok(Notice {
        label: raw.label,
        line,
        dates,
        effect: effect(raw.effect).at("effect")?,
        layer: 0,
        source: raw.source,
    })
}

fn effect(raw: Option<RawEffect>) -> Result<Effect, Problem> {
    Ok(match raw {
        None | Some(RawEffect::Word(EffectWord::Closed)) => Effect::Closed,
        Some(RawEffect::Word(EffectWord::Session)) => Effect::Session,
        Some(RawEffect::Hours(raw)) => {
            let change = change(raw)?;
            if change == Change::default() {
                let problem = "its effect changes nothing; expected open, close, breaks or shift";
                return Err(Fault::NoEffect.because(problem));
            }
            Effect::Hours(change)
        }
    })
}

fn change(raw: RawChange) -> Result<Change, Problem> {
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
