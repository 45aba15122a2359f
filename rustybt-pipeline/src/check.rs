//! What can be joined and what can be run: found out before anything is computed.

use std::ops::Range;

use rustybt_calendars::Session;

use crate::compute::resolve;
use crate::filter::AssetName;
use crate::graph::Graph;
use crate::plan::Starts;
use crate::term::{Dtype, Op, Term};
use crate::{Axis, Error, Loader};

/// Refuses terms that are joined with what they cannot work on, and outputs of one value a session.
pub(crate) fn terms(graph: &Graph) -> Result<(), Error> {
    for number in 0..graph.len() {
        term(graph.term(number))?;
    }
    for (name, number) in graph.columns() {
        whole(graph.term(*number))?;
        if !graph.term(*number).is_per_asset() {
            return Err(Error::NotPerAsset { name: name.clone() });
        }
    }
    Ok(())
}

/// Refuses a term whose inputs give what it cannot work on.
pub(crate) fn term(term: &Term) -> Result<(), Error> {
    for input in term.inputs() {
        if !matches!(term.op(), Op::Part(_)) {
            whole(input)?;
        }
    }
    let dtypes: Vec<Dtype> = term.inputs().iter().map(Term::dtype).collect();
    let refuse = |position: usize, expected: &'static str| match term.inputs().get(position) {
        Some(input) => Err(Error::Dtype {
            term: term.label(),
            input: input.label(),
            found: input.dtype().name(),
            expected,
        }),
        None => Ok(()),
    };
    match term.op() {
        Op::Arithmetic(..) | Op::Math(_) | Op::Summary(_) | Op::Neutral(_) | Op::Clip(..) => {
            // The last input of a neutral term may be the groups.
            let numbers = match term.op() {
                Op::Neutral(exposures) => exposures + 1,
                _ => dtypes.len(),
            };
            match dtypes.iter().take(numbers).position(|dtype| *dtype != Dtype::Number) {
                Some(position) => refuse(position, "numbers"),
                None => Ok(()),
            }
        }
        Op::Compare(..) => match dtypes.as_slice() {
            [a, b] if a != b => refuse(1, "two inputs of one kind"),
            [Dtype::Time] => refuse(0, "numbers"),
            _ => Ok(()),
        },
        Op::Transform(_) | Op::Pick(_) | Op::Quantiles(_) => match dtypes.first() {
            Some(Dtype::Number | Dtype::Time) => Ok(()),
            _ => refuse(0, "numbers"),
        },
        Op::IfElse if dtypes.get(1) != dtypes.get(2) => refuse(2, "two inputs of one kind"),
        _ => Ok(()),
    }
}

/// Refuses a factor of several outputs where one number is needed.
pub(crate) fn whole(term: &Term) -> Result<(), Error> {
    match term.op() {
        Op::Window(formula) if !formula.outputs().is_empty() => Err(Error::SeveralOutputs {
            term: term.label(),
            known: formula.outputs().iter().map(|name| (*name).to_owned()).collect(),
        }),
        _ => Ok(()),
    }
}

/// Refuses columns that the loader does not have.
pub(crate) fn columns(loader: &dyn Loader, graph: &Graph) -> Result<(), Error> {
    let known = loader.columns();
    for number in 0..graph.len() {
        if let Op::Column(column) = graph.term(number).op()
            && !known.contains(&column.unconverted())
        {
            let known = known.iter().map(ToString::to_string).collect();
            return Err(Error::UnknownColumn { column: column.to_string(), known });
        }
    }
    Ok(())
}

/// A symbol that nobody ever had in the whole range is a mistake, not an empty answer.
pub(crate) fn symbols(
    loader: &dyn Loader,
    graph: &Graph,
    sessions: &[Session],
    start: Session,
    end: Session,
) -> Result<(), Error> {
    let names = (0..graph.len()).filter_map(|number| match graph.term(number).op() {
        Op::Assets(names) => Some(names.as_slice()),
        Op::Single(name) | Op::Slice(name) => Some(std::slice::from_ref(name)),
        _ => None,
    });
    for name in names.flatten() {
        let AssetName::Symbol(symbol) = name else { continue };
        let mut held = false;
        for &session in sessions {
            held = resolve(loader.finder(), name, session)?.is_some();
            if held {
                break;
            }
        }
        if !held {
            return Err(Error::UnknownSymbol { symbol: symbol.clone(), start, end });
        }
    }
    Ok(())
}

/// Refuses windows that begin before the data.
pub(crate) fn look_back(
    loader: &dyn Loader,
    axis: &Axis,
    graph: &Graph,
    starts: &Starts,
    rows: &Range<usize>,
    start: Session,
) -> Result<(), Error> {
    for number in 0..graph.len() {
        let first = match graph.term(number).op() {
            Op::Column(column) => loader.first_row_of(column),
            _ => 0,
        };
        let extra = starts.extra_rows(number);
        if rows.start < first + extra {
            // The first row that holds data shows one session of it.
            let available = (rows.start + 1).saturating_sub(first);
            let earliest = axis.session_index(first + extra).and_then(|index| {
                // A run begins with a session.
                let within = axis.first_of(index) < first + extra;
                axis.calendar().session_at(index + usize::from(within))
            });
            let rows = if axis.is_within_sessions() { "bars" } else { "sessions" };
            return Err(Error::LookBack { start, rows, needed: extra + 1, available, earliest });
        }
    }
    Ok(())
}

/// The rows of the sessions from `start` to `end`.
pub(crate) fn session_rows(
    axis: &Axis,
    start: Session,
    end: Session,
) -> Result<Range<usize>, Error> {
    if end < start {
        return Err(Error::Backwards { start, end });
    }
    let calendar = axis.calendar();
    let rows = |date: Session| {
        axis.rows_of(date).ok_or_else(|| Error::NotASession {
            date,
            calendar: calendar.name().to_owned(),
            previous: calendar.index_at_or_before(date).and_then(|row| calendar.session_at(row)),
            next: calendar.index_at_or_after(date).and_then(|row| calendar.session_at(row)),
        })
    };
    Ok(rows(start)?.start..rows(end)?.end)
}
