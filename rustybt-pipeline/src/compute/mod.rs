//! How each kind of term is computed from the results it needs.

mod block;
mod cross_section;
mod elementwise;
mod window;

use std::ops::Range;

use rustybt_calendars::Session;
use rustybt_data::AssetFinder;

use crate::error::Error;
use crate::expression::{Logic, Operands, Scalar};
use crate::filter::AssetName;
use crate::graph::Graph;
use crate::loader::{Loader, Series};
use crate::panel::{Layout, Panel};
use crate::term::Op;
use crate::universe::Universe;
use crate::workspace::{Value, Workspace};

/// What every term of a run is computed in.
#[derive(Debug)]
pub(crate) struct Scope<'l> {
    pub(crate) loader: &'l dyn Loader,
    pub(crate) universe: &'l Universe,
}

/// What a windowed term looks back over.
#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    Column(usize, &'a [Series<'a>]),
    Panel(&'a Panel<f64>),
}

impl<'l> Scope<'l> {
    /// Computes a term over `rows`.
    pub(crate) fn compute(
        &self,
        graph: &Graph,
        number: usize,
        rows: Range<usize>,
        workspace: &Workspace<'_>,
    ) -> Result<Value<'l>, Error> {
        let needs = graph.needs(number);
        let first = needs.inputs.first().copied();
        let mask = needs.mask.map(|mask| workspace.flags(mask));
        let exists_alone = needs.mask.is_none_or(|mask| *graph.term(mask).op() == Op::Exists);
        let numbers = || -> Vec<&Panel<f64>> {
            needs.inputs.iter().map(|input| workspace.numbers(*input)).collect()
        };
        Ok(match graph.term(number).op() {
            Op::Column(column) => {
                let series = self.loader.load(column, rows.clone(), self.universe.sids())?;
                self.check(&column.to_string(), &rows, &series)?;
                Value::Column(rows, series)
            }
            Op::Exists => Value::Flag(self.universe.exists(rows)),
            Op::Assets(names) => Value::Flag(self.assets(names, rows)?),
            Op::Window(formula) => {
                let sources: Vec<Source<'_>> = needs
                    .inputs
                    .iter()
                    .map(|input| match workspace.value(*input) {
                        Value::Column(rows, series) => Source::Column(rows.start, series),
                        _ => Source::Panel(workspace.numbers(*input)),
                    })
                    .collect();
                Value::Number(match (formula.block_form(), mask) {
                    (Some(form), _) => {
                        // The life of an asset is known as a range: no need to look at flags.
                        let mask = mask.filter(|_| !exists_alone);
                        block::compute(
                            form,
                            formula.window_length(),
                            &sources,
                            mask,
                            self.universe,
                            rows,
                        )
                    }
                    (None, Some(mask)) => {
                        let sessions = self.loader.calendar().sessions();
                        window::compute(&**formula, &sources, mask, self.universe, sessions, rows)
                    }
                    (None, None) => unreachable!("every windowed term is masked"),
                })
            }
            Op::Transform(transform) => {
                let input = workspace.numbers(first.expect("a transform has an input"));
                Value::Number(cross_section::compute(
                    input,
                    mask,
                    rows,
                    f64::NAN,
                    |values, order, out| {
                        transform.apply(values, order, out);
                    },
                ))
            }
            Op::Pick(pick) => {
                let input = workspace.numbers(first.expect("a choice has an input"));
                Value::Flag(cross_section::compute(
                    input,
                    mask,
                    rows,
                    false,
                    |values, order, out| {
                        pick.apply(values, order, out);
                    },
                ))
            }
            Op::Math(math) => {
                Value::Number(elementwise::numbers(&numbers(), rows, |v| math.apply(v[0])))
            }
            Op::Fill(Scalar(fill)) => Value::Number(elementwise::numbers(&numbers(), rows, |v| {
                if v[0].is_nan() { *fill } else { v[0] }
            })),
            Op::Arithmetic(op, operands) => {
                let operands = *operands;
                let op = *op;
                Value::Number(elementwise::numbers(&numbers(), rows, |v| {
                    let (a, b) = sides(operands, v);
                    op.apply(a, b)
                }))
            }
            Op::Where => {
                let mask = mask.expect("a choice by mask has one");
                Value::Number(elementwise::masked(numbers()[0], mask, rows))
            }
            Op::Compare(op, operands) => {
                let (op, operands) = (*op, *operands);
                Value::Flag(elementwise::flags(&numbers(), mask, rows, |v| {
                    let (a, b) = sides(operands, v);
                    op.apply(a, b)
                }))
            }
            Op::Test(test) => {
                Value::Flag(elementwise::flags(&numbers(), mask, rows, |v| test.apply(v[0])))
            }
            Op::Logic(op) => {
                let inputs: Vec<&Panel<bool>> =
                    needs.inputs.iter().map(|input| workspace.flags(*input)).collect();
                Value::Flag(match op {
                    Logic::And => elementwise::logic(&inputs, mask, rows, |a, b| a & b),
                    Logic::Or => elementwise::logic(&inputs, mask, rows, |a, b| a | b),
                    Logic::Not => elementwise::logic(&inputs, mask, rows, |a, _| !a),
                })
            }
        })
    }

    /// Refuses what a loader gave in another shape than it was asked for.
    fn check(&self, column: &str, rows: &Range<usize>, series: &[Series<'_>]) -> Result<(), Error> {
        let wrong = |what, found, expected| {
            Err(Error::Loaded { column: column.to_owned(), what, found, expected })
        };
        if series.len() != self.universe.len() {
            return wrong("assets", series.len(), self.universe.len());
        }
        match series.iter().find(|series| series.values.len() != rows.len()) {
            Some(series) => wrong("rows", series.values.len(), rows.len()),
            None => Ok(()),
        }
    }

    /// The assets of these names; a symbol is looked up as of each session.
    fn assets(&self, names: &[AssetName], rows: Range<usize>) -> Result<Panel<bool>, Error> {
        let (sids, calendar) = (self.universe.sids(), self.loader.calendar());
        let assets = sids.len();
        let mut values = vec![false; rows.len() * assets];
        for (row, flags) in rows.clone().zip(values.chunks_exact_mut(assets)) {
            let Some(session) = calendar.session_at(row) else { continue };
            for name in names {
                let Some(sid) = resolve(self.loader.finder(), name, session)? else { continue };
                let life =
                    sids.binary_search(&sid).map(|slot| (slot, self.universe.life(slot, &rows)));
                if let Ok((slot, life)) = life
                    && life.contains(&row)
                    && let Some(flag) = flags.get_mut(slot)
                {
                    *flag = true;
                }
            }
        }
        Ok(Panel { rows, assets, layout: Layout::BySession, values })
    }
}

/// The asset that a name means on a session, if any.
pub(crate) fn resolve(
    finder: &dyn AssetFinder,
    name: &AssetName,
    session: Session,
) -> Result<Option<rustybt_data::Sid>, Error> {
    match name {
        AssetName::Sid(sid) => Ok(Some(*sid)),
        AssetName::Symbol(symbol) => match finder.lookup(symbol, session) {
            Ok(sid) => Ok(Some(sid)),
            Err(rustybt_data::Error::UnknownSymbol { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        },
    }
}

/// The two sides of an operator.
#[inline]
fn sides(operands: Operands, values: [f64; 2]) -> (f64, f64) {
    match operands {
        Operands::Both => (values[0], values[1]),
        Operands::Right(Scalar(right)) => (values[0], right),
        Operands::Left(Scalar(left)) => (left, values[0]),
    }
}
