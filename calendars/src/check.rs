//! Mistakes of a calendar file that show only against its sessions: hours that hold on none of them, years
//! dropped for nothing, a date told twice.

use crate::Error;
use crate::build::{Builder, Special};
use crate::fault::Fault;
use crate::rule::Rule;

impl Builder<'_> {
    /// Refuses an exception for a year in which the rule would not apply anyway.
    pub(crate) fn check_exceptions(&self, rule: &Rule) -> Result<(), Error> {
        if !self.expects(rule.layer) {
            return Ok(());
        }
        match rule.except.iter().find(|&&year| !rule.applies_in(year, &self.sessions)) {
            Some(year) => {
                let problem = format!("it has no date in {year} to drop, by its other keys");
                Err(self.source.error(rule.line, Fault::NoEffect.because(problem).at("except")))
            }
            None => Ok(()),
        }
    }

    /// Refuses hours that hold on no session.
    pub(crate) fn check_periods(&self) -> Result<(), Error> {
        let own = self.source.first_line();
        if !self.expects(self.definition.layer) {
            return Ok(());
        }
        for period in self.definition.periods.iter().filter(|period| period.line >= own) {
            let first = self.sessions.partition_point(|&session| session < period.from);
            let mut within =
                self.sessions[first..].iter().take_while(|&&session| session <= period.to);
            if !within.any(|&session| period.applies(session)) {
                let problem =
                    "these hours hold on no session; look at from, to, weekdays and season";
                return Err(self.source.error(period.line, Fault::NoEffect.because(problem)));
            }
        }
        Ok(())
    }

    /// Refuses a second list of dates that sets what one of the same file has set already.
    pub(crate) fn check_dated(&self, specials: &[Special<'_>]) -> Result<(), Error> {
        let rules = self.definition.rules.len();
        let is_dated = |special: &&Special<'_>| {
            usize::from(special.label) >= rules && self.expects(special.layer)
        };
        for mine in specials.chunk_by(|one, other| one.date == other.date) {
            let mut dated = mine.iter().filter(is_dated);
            let Some(first) = dated.next() else { continue };
            if let Some(second) = dated.find(|second| second.change.overlaps(first.change)) {
                let by = self.labels().nth(usize::from(first.label)).unwrap_or_default();
                let problem = format!("the hours of {} are set already, by `{by}`", second.date);
                return Err(self.source.error(second.line, Fault::Clash.because(problem).at("on")));
            }
        }
        Ok(())
    }
}
