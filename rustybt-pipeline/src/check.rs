//! What terms can be joined: found out before anything is computed.

use crate::Error;
use crate::graph::Graph;
use crate::term::{Dtype, Op, Term};

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
