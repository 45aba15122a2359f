//! How each kind of term is computed from the results it needs.

mod block;
mod cross_section;
mod daily;
mod elementwise;
mod labels;
mod named;
mod streak;
mod window;

pub(crate) use named::resolve;

use std::ops::Range;

use crate::Axis;
use crate::error::Error;
use crate::expression::{Logic, Operands, Scalar};
use crate::factor::{Formula, Latest};
use crate::graph::{Graph, Needs};
use crate::loader::{Loader, Series};
use crate::panel::{Layout, Panel};
use crate::term::{Dtype, Op};
use crate::transform;
use crate::universe::Universe;
use crate::workspace::{Value, Workspace};

/// What every term of a run is computed in.
#[derive(Debug)]
pub(crate) struct Scope<'l> {
    pub(crate) loader: &'l dyn Loader,
    pub(crate) axis: &'l Axis,
    pub(crate) universe: &'l Universe,
}

/// What a windowed term looks back over.
#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    Column(usize, &'a [Series<'a>]),
    Panel(&'a Panel<f64>),
    Flags(&'a Panel<bool>),
}

/// One term to compute, and where what it needs is found.
struct Task<'a> {
    graph: &'a Graph,
    needs: &'a Needs,
    rows: Range<usize>,
    workspace: &'a Workspace<'a>,
    mask: Option<&'a Panel<bool>>,
}

impl<'a> Task<'a> {
    fn numbers(&self) -> Vec<&'a Panel<f64>> {
        self.needs.inputs.iter().map(|input| self.workspace.numbers(*input)).collect()
    }

    fn flags(&self) -> Vec<&'a Panel<bool>> {
        self.needs.inputs.iter().map(|input| self.workspace.flags(*input)).collect()
    }

    fn input(&self, position: usize) -> &'a Panel<f64> {
        self.workspace.numbers(self.needs.inputs[position])
    }

    /// The labels that come as a further input, if any.
    fn groups(&self) -> Option<&'a Panel<f64>> {
        self.needs.inputs.get(1).map(|groups| self.workspace.numbers(*groups))
    }

    /// Labels keep the texts of the input they come from.
    fn relabelled(&self, position: usize, panel: Panel<f64>) -> Value<'static> {
        match self.workspace.value(self.needs.inputs[position]) {
            Value::Label(_, words) => Value::Label(panel, words.clone()),
            _ => Value::Number(panel),
        }
    }

    fn sources(&self) -> Vec<Source<'a>> {
        let source = |input: &usize| match self.workspace.value(*input) {
            Value::Column(rows, series) => Source::Column(rows.start, series),
            Value::Flag(panel) => Source::Flags(panel),
            _ => Source::Panel(self.workspace.numbers(*input)),
        };
        self.needs.inputs.iter().map(source).collect()
    }
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
        let mask = needs.mask.map(|mask| workspace.flags(mask));
        let task = Task { graph, needs, rows: rows.clone(), workspace, mask };
        Ok(match graph.term(number).op() {
            Op::Column(column) => {
                let series = self.loader.load(column, rows.clone(), self.universe.sids())?;
                self.check(&column.to_string(), &rows, &series)?;
                Value::Column(rows, series)
            }
            Op::Exists => Value::Flag(self.universe.exists(rows)),
            Op::Assets(names) => Value::Flag(self.assets(names, rows)?),
            Op::Single(name) => Value::Flag(self.single(name, rows)?),
            Op::Window(formula) => self.formula(&task, formula),
            Op::Part(part) => match workspace.value(needs.inputs[0]) {
                Value::Parts(parts) => Value::Number(parts[*part].clone()),
                _ => unreachable!("outputs are asked of formulas that have several"),
            },
            Op::Latest(_, column) => {
                let formula = Formula::new(Latest);
                let Value::Number(panel) = self.formula(&task, &formula) else {
                    unreachable!("the latest value is one output");
                };
                match graph.term(number).dtype() {
                    Dtype::Flag => Value::Flag(elementwise::flags(&[&panel], mask, rows, truth)),
                    Dtype::Text => Value::Label(panel, Some(self.loader.words(column)?)),
                    Dtype::Integer => Value::Label(panel, None),
                    _ => Value::Number(panel),
                }
            }
            Op::Cast(Dtype::Flag) => {
                Value::Flag(elementwise::flags(&task.numbers(), mask, rows, truth))
            }
            Op::Cast(_) => {
                Value::Label(elementwise::numbers(&task.numbers(), rows, |v| v[0].round()), None)
            }
            Op::Quantiles(_) | Op::Transform(_) | Op::Pick(_) | Op::Neutral(_) => {
                Self::across(&task, graph.term(number).op())
            }
            Op::Everything => {
                Value::Label(labels::everything(mask, self.universe.len(), rows), None)
            }
            Op::Label(test) => Value::Flag(labels::test(
                test,
                task.input(0),
                workspace.words(needs.inputs[0]),
                mask,
                rows,
            )),
            Op::Relabel(relabel) => {
                let (panel, words) =
                    labels::relabel(relabel, task.input(0), workspace.words(needs.inputs[0]), rows);
                Value::Label(panel, Some(words))
            }
            Op::FillText(text) => {
                let (panel, words) =
                    labels::filled(text, task.input(0), workspace.words(needs.inputs[0]), rows);
                Value::Label(panel, Some(words))
            }
            Op::PeerCount => Value::Number(labels::peer_count(task.input(0), mask, rows)),
            Op::Summary(summary) => {
                Value::Number(daily::summary(*summary, task.input(0), mask, rows))
            }
            Op::Slice(name) => {
                let panel = self.slice(name, task.input(0), rows)?;
                task.relabelled(0, panel)
            }
            Op::Constant(Scalar(value)) => {
                Value::Number(daily::constant(*value, self.universe.len(), rows))
            }
            Op::Downsample(period) => {
                let first = |row| period.first_row(self.axis, row);
                match workspace.value(needs.inputs[0]) {
                    Value::Flag(panel) => Value::Flag(daily::repeated(panel, rows, first)),
                    _ => task.relabelled(0, daily::repeated(task.input(0), rows, first)),
                }
            }
            Op::Streak(streak, window) => {
                Value::Flag(streak::compute(*streak, *window, task.flags()[0], mask, rows))
            }
            Op::Where => {
                let mask = mask.expect("a choice by mask has one");
                task.relabelled(0, elementwise::masked(task.input(0), mask, rows))
            }
            Op::IfElse => Self::if_else(&task),
            Op::Alias(_) => unreachable!("a graph has the terms behind their other names"),
            op => Self::elementwise(&task, op),
        })
    }

    /// A formula over windows.
    fn formula(&self, task: &Task<'_>, formula: &Formula) -> Value<'static> {
        let (sources, rows) = (task.sources(), task.rows.clone());
        let outputs = formula.outputs().len().max(1);
        let assets = self.universe.len();
        let exists_alone =
            task.needs.mask.is_none_or(|mask| *task.graph.term(mask).op() == Op::Exists);
        let (layout, values) = match (formula.block_form(), task.mask) {
            (Some(form), mask) => {
                // The life of an asset is known as a range: no need to look at flags.
                let mask = mask.filter(|_| !exists_alone);
                let shape = block::Shape { form, window: formula.window_length(), outputs };
                let values = block::compute(shape, &sources, mask, self.universe, rows.clone());
                (Layout::ByAsset, values)
            }
            (None, Some(mask)) => {
                let (universe, rows) = (self.universe, rows.clone());
                let values = window::compute(&**formula, &sources, mask, universe, self.axis, rows);
                (Layout::BySession, values)
            }
            (None, None) => unreachable!("every windowed term is masked"),
        };
        if formula.outputs().is_empty() {
            return Value::Number(Panel { rows, assets, layout, values });
        }
        let length = if layout == Layout::ByAsset { rows.len() } else { assets };
        let part = |part: usize| Panel {
            rows: rows.clone(),
            assets,
            layout,
            values: values
                .chunks_exact(length)
                .skip(part)
                .step_by(outputs)
                .flatten()
                .copied()
                .collect(),
        };
        Value::Parts((0..outputs).map(part).collect())
    }

    /// A term that looks across the assets of a session.
    fn across(task: &Task<'_>, op: &Op) -> Value<'static> {
        let (mask, rows) = (task.mask, task.rows.clone());
        let (input, groups) = (task.input(0), task.groups());
        match op {
            Op::Pick(pick) => Value::Flag(cross_section::compute(
                input,
                groups,
                mask,
                rows,
                false,
                |values, order, out| pick.apply(values, order, out),
            )),
            Op::Quantiles(bins) => {
                let deal = |values: &[f64], order: &mut _, out: &mut [f64]| {
                    transform::bins(values, order, *bins, out);
                };
                let panel = cross_section::compute(input, groups, mask, rows, f64::NAN, deal);
                Value::Label(panel, None)
            }
            Op::Transform(transform) => Value::Number(cross_section::compute(
                input,
                groups,
                mask,
                rows,
                f64::NAN,
                |values, order, out| transform.apply(values, order, out),
            )),
            Op::Neutral(exposures) => {
                Value::Number(daily::neutral(&task.numbers(), *exposures, mask, rows))
            }
            _ => unreachable!("asked of terms that look across assets"),
        }
    }

    /// A term of one number or flag at a time.
    fn elementwise(task: &Task<'_>, op: &Op) -> Value<'static> {
        let (mask, rows) = (task.mask, task.rows.clone());
        match op {
            Op::Math(math) => {
                Value::Number(elementwise::numbers(&task.numbers(), rows, |v| math.apply(v[0])))
            }
            Op::Fill(Scalar(fill)) => {
                let filled = elementwise::numbers(&task.numbers(), rows, |v| {
                    if v[0].is_nan() { *fill } else { v[0] }
                });
                task.relabelled(0, filled)
            }
            Op::Clip(Scalar(low), Scalar(high)) => {
                let drawn = elementwise::numbers(&task.numbers(), rows.clone(), |v| {
                    v[0].clamp(*low, *high)
                });
                Value::Number(match mask {
                    Some(mask) => elementwise::masked(&drawn, mask, rows),
                    None => drawn,
                })
            }
            Op::Arithmetic(op, operands) => {
                let (op, operands) = (*op, *operands);
                Value::Number(elementwise::numbers(&task.numbers(), rows, |v| {
                    let (a, b) = sides(operands, v);
                    op.apply(a, b)
                }))
            }
            Op::Compare(op, operands) => {
                let (op, operands) = (*op, *operands);
                Value::Flag(elementwise::flags(&task.numbers(), mask, rows, |v| {
                    let (a, b) = sides(operands, v);
                    op.apply(a, b)
                }))
            }
            Op::Test(test) => {
                Value::Flag(elementwise::flags(&task.numbers(), mask, rows, |v| test.apply(v[0])))
            }
            Op::Logic(op) => {
                let inputs = task.flags();
                Value::Flag(match op {
                    Logic::And => elementwise::logic(&inputs, mask, rows, |a, b| a & b),
                    Logic::Or => elementwise::logic(&inputs, mask, rows, |a, b| a | b),
                    Logic::Not => elementwise::logic(&inputs, mask, rows, |a, _| !a),
                })
            }
            _ => unreachable!("every other kind of term is computed elsewhere"),
        }
    }

    fn if_else(task: &Task<'_>) -> Value<'static> {
        let inputs = &task.needs.inputs;
        let condition = task.workspace.flags(inputs[0]);
        let rows = task.rows.clone();
        match (task.workspace.value(inputs[1]), task.workspace.value(inputs[2])) {
            (Value::Flag(then), Value::Flag(otherwise)) => {
                Value::Flag(daily::choose(condition, then, otherwise, rows, |_, flag| flag))
            }
            (Value::Label(then, Some(a)), Value::Label(otherwise, Some(b))) => {
                let (words, [from_a, from_b]) = a.joined(b);
                let label = |first: bool, label: f64| {
                    crate::words::renumbered(if first { &from_a } else { &from_b }, label)
                };
                let panel = daily::choose(condition, then, otherwise, rows, label);
                Value::Label(panel, Some(words))
            }
            _ => {
                let (then, otherwise) = (task.input(1), task.input(2));
                let panel = daily::choose(condition, then, otherwise, rows, |_, number| number);
                task.relabelled(1, panel)
            }
        }
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
}

fn truth(values: [f64; 2]) -> bool {
    values[0] != 0.0 && !values[0].is_nan()
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
