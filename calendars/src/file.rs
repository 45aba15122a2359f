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
use crate::source::{File, Source};
use crate::table::run;

/// A calendar file, understood but not yet worked out.
#[derive(Clone, Debug)]
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
    /// The position, among the files it was made of, of the one read last.
    pub(crate) layer: usize,
}

/// The days that trade, over a period.
#[derive(Clone, Debug)]
pub(crate) struct Week {
    pub(crate) from: Session,
    pub(crate) to: Session,
    pub(crate) days: [bool; 7],
}

/// Dates that no rule gives.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) label: String,
    pub(crate) line: usize,
    pub(crate) dates: Vec<Session>,
    pub(crate) effect: Effect,
    /// The position of its file; later ones overrule earlier ones.
    pub(crate) layer: usize,
    /// Where the fact can be read.
    pub(crate) source: Option<String>,
}

impl Definition {
    /// Reads a file and those it extends or overlays, which come before it.
    pub(crate) fn parse(files: &[File]) -> Result<Self, Error> {
        let mut base = None;
        for current in 0..files.len() {
            base = Some(Self::parse_one(Source { files, current }, base)?);
        }
        let source = Source { files, current: 0 };
        base.ok_or_else(|| source.error(1, "there is no file to read"))
    }

    fn parse_one(source: Source<'_>, base: Option<Self>) -> Result<Self, Error> {
        let raw: RawFile = toml::from_str(source.text()).map_err(|error| {
            let line =
                error.span().map_or_else(|| source.first_line(), |span| source.line_of(span.start));
            source.error(line, error.message())
        })?;
        let layer = source.current;
        let at = |span: std::ops::Range<usize>| {
            let line = source.line_of(span.start);
            move |problem: String| source.error(line, problem)
        };
        let missing =
            |key: &str| source.error(source.first_line(), format!("missing field `{key}`"));
        let mut definition = match base {
            Some(base) => base,
            None => Self::blank(&raw, &missing)?,
        };
        definition.layer = layer;
        if raw.overlay.is_none() {
            definition.name = raw.name.ok_or_else(|| missing("name"))?;
            definition.aliases = raw.aliases;
        } else if raw.name.is_some() || !raw.aliases.is_empty() {
            let problem =
                "an overlay has the names of what it overlays; leave out `name` and `aliases`";
            return Err(source.error(source.first_line(), problem));
        }
        if let Some(zone) = raw.zone {
            definition.zone = zone.get_ref().parse().map_err(|_| {
                at(zone.span())(format!(
                    "`{}` is no time zone; expected an IANA name like `Europe/London`",
                    zone.get_ref()
                ))
            })?;
        }
        if let Some(bounds) = raw.bounds {
            definition.bounds = within_reach(*bounds.get_ref()).map_err(at(bounds.span()))?;
        }
        if let Some(range) = raw.verified {
            definition.verified = Some(in_order(*range.get_ref()).map_err(at(range.span()))?);
        }
        if let Some(week) = raw.week {
            let span = week.span();
            definition.weeks = weeks(week.into_inner()).map_err(at(span))?;
        }
        definition.drop(&raw.drop).map_err(|(span, problem)| at(span)(problem))?;

        for hours in raw.hours {
            let (span, line) = (hours.span(), source.line_of(hours.span().start));
            let first = definition.periods.is_empty();
            definition.periods.push(period(hours.into_inner(), line, first).map_err(at(span))?);
        }
        if definition.periods.is_empty() {
            let problem = "it names no hours; expected at least one `[[hours]]`";
            return Err(source.error(source.first_line(), problem));
        }
        for entry in raw.rule {
            let (span, line) = (entry.span(), source.line_of(entry.span().start));
            let rule = rule(entry.into_inner(), line, definition.bounds)
                .and_then(|rule| check_verified(&rule, definition.verified).map(|()| rule));
            let mut rule = rule.map_err(at(span))?;
            rule.layer = layer;
            rule.source = rule.source.or_else(|| raw.source.clone());
            definition.rules.push(rule);
        }
        for entry in raw.dates {
            let (span, line) = (entry.span(), source.line_of(entry.span().start));
            let mut notice = notice(entry.into_inner(), line).map_err(at(span))?;
            notice.layer = layer;
            notice.source = notice.source.or_else(|| raw.source.clone());
            definition.notices.push(notice);
        }
        Ok(definition)
    }

    /// What a file begins with that extends nothing: its head must be complete.
    fn blank(raw: &RawFile, missing: &dyn Fn(&str) -> Error) -> Result<Self, Error> {
        let has = |key: &str, found: bool| if found { Ok(()) } else { Err(missing(key)) };
        has("zone", raw.zone.is_some())?;
        has("week", raw.week.is_some())?;
        has("bounds", raw.bounds.is_some())?;
        Ok(Self {
            name: String::new(),
            aliases: Vec::new(),
            zone: Tz::UTC,
            bounds: (BEGINNING, END),
            verified: None,
            weeks: Vec::new(),
            periods: Vec::new(),
            rules: Vec::new(),
            notices: Vec::new(),
            layer: 0,
        })
    }

    /// Takes the entries of those labels away.
    fn drop(
        &mut self,
        labels: &[toml::Spanned<String>],
    ) -> Result<(), (std::ops::Range<usize>, String)> {
        for label in labels {
            let wanted = label.get_ref();
            let before = self.rules.len() + self.notices.len();
            self.rules.retain(|rule| rule.label != *wanted);
            self.notices.retain(|notice| notice.label != *wanted);
            if self.rules.len() + self.notices.len() == before {
                let problem = format!("there is no entry `{wanted}` to drop");
                return Err((label.span(), problem));
            }
        }
        Ok(())
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
        layer: 0,
        source: raw.source,
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
    Ok(Notice {
        label: raw.label,
        line,
        dates,
        effect: effect(raw.effect)?,
        layer: 0,
        source: raw.source,
    })
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
