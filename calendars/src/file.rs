//! Reading a calendar file: TOML, strictly, into a [`Definition`].
//!
//! Every mistake is told with the file, the line and the label of the entry. What only shows against the
//! other entries (a rule that never fires, a notice for a day that is closed anyway) is found by
//! [`build`](crate::build).

use chrono_tz::Tz;

use crate::Error;
use crate::entry::{check_verified, in_order, notice, period, rule, weeks, within_reach};
use crate::fault::{Fault, Problem};
use crate::near::did_you_mean;
use crate::phase::PhaseRule;
use crate::raw::{BEGINNING, END, RawFile};
use crate::rule::{Effect, Rule};
use crate::schedule::Period;
use crate::session::Session;
use crate::source::{File, Source};

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
    pub(crate) phases: Vec<PhaseRule>,
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
            source.error(line, Problem::syntax(error.message()))
        })?;
        let layer = source.current;
        let lines = source.lines();
        let at = |span: std::ops::Range<usize>| {
            let line = lines.of(span.start);
            move |problem: Problem| source.error(line, problem)
        };
        let missing = |key: &str| {
            source
                .error(source.first_line(), Fault::Syntax.because(format!("missing field `{key}`")))
        };
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
            return Err(source.error(source.first_line(), Fault::Clash.because(problem)));
        }
        if let Some(zone) = raw.zone {
            definition.zone = zone.get_ref().parse().map_err(|_| {
                let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
                at(zone.span())(Fault::UnknownName.because(format!(
                    "`{}` is no time zone; expected an IANA name like `Europe/London`{}",
                    zone.get_ref(),
                    did_you_mean(zone.get_ref(), known)
                )))
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
            definition.weeks = weeks(week.into_inner(), definition.bounds).map_err(at(span))?;
        }
        definition.drop(&raw.drop).map_err(|(span, problem)| at(span)(problem))?;

        for hours in raw.hours {
            let (span, line) = (hours.span(), lines.of(hours.span().start));
            let first = definition.periods.is_empty();
            definition.periods.push(period(hours.into_inner(), line, first).map_err(at(span))?);
        }
        if definition.periods.is_empty() {
            let problem = "it names no hours; expected at least one `[[hours]]`";
            return Err(source.error(source.first_line(), Fault::Syntax.because(problem)));
        }
        for entry in raw.phase {
            let span = entry.span();
            definition.phases.push(PhaseRule::read(entry.into_inner()).map_err(at(span))?);
        }
        for entry in raw.rule {
            let (span, line) = (entry.span(), lines.of(entry.span().start));
            let rule = rule(entry.into_inner(), line)
                .and_then(|rule| check_verified(&rule, definition.verified).map(|()| rule));
            let mut rule = rule.map_err(at(span))?;
            rule.layer = layer;
            rule.source = rule.source.or_else(|| raw.source.clone());
            definition.rules.push(rule);
        }
        for entry in raw.dates {
            let (span, line) = (entry.span(), lines.of(entry.span().start));
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
            phases: Vec::new(),
            rules: Vec::new(),
            notices: Vec::new(),
            layer: 0,
        })
    }

    /// Takes the entries of those labels away.
    fn drop(
        &mut self,
        labels: &[toml::Spanned<String>],
    ) -> Result<(), (std::ops::Range<usize>, Problem)> {
        for label in labels {
            let wanted = label.get_ref();
            let labels = self.rules.iter().map(|rule| &rule.label);
            let labels = labels.chain(self.notices.iter().map(|notice| &notice.label));
            if !labels.clone().any(|label| label == wanted) {
                let near = did_you_mean(wanted, labels.map(String::as_str));
                let problem = format!("there is no entry `{wanted}` to drop{near}");
                return Err((label.span(), Fault::UnknownName.because(problem)));
            }
            self.rules.retain(|rule| rule.label != *wanted);
            self.notices.retain(|notice| notice.label != *wanted);
        }
        Ok(())
    }
}
