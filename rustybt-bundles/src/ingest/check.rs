//! What becomes of a part: its rows put through the rules, and what is told of it.

use rustybt_calendars::{Direction, Session, Side};
use rustybt_data::{
    AssetRecord, Delivery, Field, Part, RawBars, Reached, Reason, Rejected, Selection, SourceError,
    SourceEvent, Stamps, ValidateContext, validate_after,
};
use serde::{Deserialize, Serialize};

use super::refused::Refused;
use crate::Error;
use crate::error::chain;

/// What became of one part.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct PartOutcome {
    pub(super) rows: u64,
    pub(super) stored: u64,
    pub(super) events: Vec<SourceEvent>,
    pub(super) rejected: Refused,
    pub(super) notes: Vec<String>,
    /// The sessions of its first and last bar.
    pub(super) seen: Option<(Session, Session)>,
    pub(super) missing_sessions: u64,
    pub(super) outside_hours: u64,
    /// Bars before or after the dates that the source gives the asset.
    pub(super) outside_life: u64,
    pub(super) equal_duplicates: u64,
    pub(super) without_trades: u64,
}

impl PartOutcome {
    /// A part that could not be had at all.
    pub(super) fn refused(part: &Part, record: &AssetRecord, error: &SourceError) -> Self {
        let mut outcome = Self::default();
        outcome.rejected.extend([Rejected {
            origin: part.name.clone(),
            line: None,
            symbol: record.symbol.clone(),
            reason: Reason::BadFile { detail: chain(error) },
            text: String::new(),
        }]);
        outcome
    }

    /// Takes in all of a piece but its bars.
    pub(super) fn add(&mut self, piece: Delivery) -> RawBars {
        self.rows += piece.rows;
        self.events.extend(piece.events);
        self.rejected.extend(piece.rejected);
        self.notes.extend(piece.notes);
        piece.bars
    }
}

/// The rules for one part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) part: &'a Part,
    pub(super) record: &'a AssetRecord,
    pub(super) selection: &'a Selection,
    pub(super) today: Session,
}

impl Rules<'_> {
    /// Puts a stretch of a part's bars through the rules; stretches come in the order of time.
    pub(super) fn check(&self, reached: &mut Reached, bars: &mut RawBars, to: &mut PartOutcome) {
        let Self { part, record, selection, today } = *self;
        let calendar = &selection.calendar;
        let verdict = validate_after(
            reached,
            bars,
            &ValidateContext {
                origin: &part.name,
                symbol: &record.symbol,
                class: record.class,
                calendar,
                frequency: part.frequency,
                today,
            },
        );
        let session = |at, direction| calendar.minute_to_session(at, direction, Side::Left).ok();
        let seen = match &bars.stamps {
            Stamps::Sessions(days) => days.first().copied().zip(days.last().copied()),
            Stamps::Instants(at) => at.first().zip(at.last()).map(|(&first, &last)| {
                let first_session = session(first, Direction::Next).unwrap_or(first.date());
                let last_session = session(last, Direction::Previous).unwrap_or(last.date());
                (first_session.min(last_session), last_session)
            }),
        };
        to.seen = match (to.seen, seen) {
            (Some(before), Some(now)) => Some((before.0.min(now.0), before.1.max(now.1))),
            (before, now) => before.or(now),
        };
        to.stored += bars.len() as u64;
        to.outside_life += outside(record, &bars.stamps);
        to.rejected.extend(verdict.rejected);
        to.missing_sessions += verdict.missing_sessions.len() as u64;
        to.outside_hours += verdict.outside_hours;
        to.equal_duplicates += verdict.equal_duplicates;
        to.without_trades += verdict.without_trades;
        // The lines have done their work: from here on memory is what counts.
        bars.lines = Vec::new();
    }
}

/// How many of these are before or after the dates that a source gives an asset.
fn outside(record: &AssetRecord, stamps: &Stamps) -> u64 {
    let first = record.start.unwrap_or(Session::from_days(i32::MIN));
    let last = record.end.unwrap_or(Session::from_days(i32::MAX));
    let (before, all, to_last) = match stamps {
        Stamps::Sessions(days) => {
            let to = |inside: &dyn Fn(&Session) -> bool| days.partition_point(inside);
            (to(&|day| *day < first), days.len(), to(&|day| *day <= last))
        }
        Stamps::Instants(at) => {
            let to = |inside: &dyn Fn(Session) -> bool| at.partition_point(|at| inside(at.date()));
            (to(&|day| day < first), at.len(), to(&|day| day <= last))
        }
    };
    (before + all - to_last) as u64
}

/// Refuses columns that do not belong together.
pub(super) fn check_shape(bars: &RawBars, part: &Part, source: &str) -> Result<(), Error> {
    let bad = |detail: String| {
        Err(Error::BadSurvey {
            source_name: source.to_owned(),
            detail: format!("`{}` {detail}", part.name),
        })
    };
    if matches!(bars.stamps, Stamps::Instants(_)) != part.frequency.is_intraday() {
        return bad(format!("has stamps that are not of {}", part.frequency));
    }
    for field in Field::OHLCV {
        match bars.column(field) {
            None => return bad(format!("has no column `{field}`")),
            Some(column) if column.len() != bars.len() => {
                let (found, rows) = (column.len(), bars.len());
                return bad(format!("has {found} values of `{field}` in {rows} bars"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}
