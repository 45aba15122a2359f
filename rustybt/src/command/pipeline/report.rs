//! `rustybt pipeline report`: what the factors of a pipeline file foretold.
//!
//! People get a summary of each factor, a period a column; CSV and Parquet one number a row, JSON one object.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use rustybt_pipeline::Column;
use rustybt_pipeline::report::{FactorReport, ForwardReturns, PeriodReport, Price, ReportOptions};
use serde_json::{Value, json};

use super::{PipelineRun, plan_table, prepare};
use crate::command::Context;
use crate::error::Error;
use crate::output::{Format, Table, Values, is_for_people, note, report};

/// See [`super::PipelineAction::Report`].
#[derive(Debug, Args)]
pub(in crate::command) struct PipelineReport {
    #[command(flatten)]
    pub(super) run: PipelineRun,
    /// A column of numbers to report on; given several times for several [default: all]
    #[arg(long, value_name = "COLUMN")]
    factor: Vec<String>,
    /// Into how many quantiles the assets of a session are dealt
    #[arg(long, value_name = "N", default_value_t = 5)]
    quantiles: usize,
    /// Over how many sessions forward returns are told
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1,5,10")]
    periods: Vec<usize>,
    /// A column that names the group of each asset: what the factor foretold within each
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// Take quantiles, weights and what is above the mean within the groups
    #[arg(long, requires = "group")]
    group_neutral: bool,
    /// The price at which assets are taken on and given back
    #[arg(long, value_name = "PRICE", default_value = "open")]
    price: PriceName,
    /// Write a page with pictures into this file
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
}

/// The names of prices.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum PriceName {
    /// The open: the first price after a row is known
    Open,
    /// The close of the same session
    Close,
}

pub(super) fn run(args: &PipelineReport, context: &Context) -> Result<(), Error> {
    let ready = prepare(&args.run, context)?;
    let (start, end) = (ready.start, ready.end);
    if args.run.explain.is_some() {
        let plan = ready.engine.explain(&ready.pipeline, start, end, &ready.options)?;
        return context.give(&plan_table(&plan), &args.run.output);
    }
    let output = ready.engine.run(&ready.pipeline, start, end, &ready.options)?;
    let price = match args.price {
        PriceName::Open => Price::Open,
        PriceName::Close => Price::Close,
    };
    let forward = ForwardReturns::of(&*ready.loader, &output, &args.periods, price)?;
    let options = ReportOptions {
        quantiles: args.quantiles,
        group: args.group.clone(),
        neutral: args.group_neutral,
    };
    let mut factors = args.factor.clone();
    if factors.is_empty() {
        let numbers = output.columns().filter(|(_, column)| matches!(column, Column::Numbers(_)));
        factors = numbers.map(|(name, _)| name.to_owned()).collect();
    }
    if factors.is_empty() {
        return Err(Error::NoFactor);
    }
    let one =
        |factor: &String| FactorReport::new(&*ready.loader, &output, factor, &forward, &options);
    let reports: Vec<FactorReport> = factors.iter().map(one).collect::<Result<_, _>>()?;
    if let Some(path) = &args.html {
        let source = format!("{} of {}", args.run.file_name(), args.run.bundle_name());
        let refused = |source| Error::Io { action: "write", path: path.clone(), source };
        fs::write(path, FactorReport::all_to_html(&reports, &source)).map_err(refused)?;
        if !context.quiet {
            note(format_args!("the page is in {}", path.display()));
        }
    }
    let wanted = context.settings.format.value;
    let named = args.run.output.out.as_deref().and_then(Format::of_file);
    if is_for_people(&args.run.output, wanted) {
        return context.give(&summary(&reports), &args.run.output);
    }
    if wanted.or(named) == Some(Format::Json) {
        let object = || json!(reports.iter().map(object).collect::<Vec<_>>());
        return report(&args.run.output, wanted, String::new, object, false);
    }
    context.give(&long(&reports), &args.run.output)
}

/// A measure of a period: its name, the quantile, group or month it is of, and its number.
type Measure = (&'static str, Option<String>, f64);

fn mean(values: &[f64]) -> f64 {
    let present = values.iter().filter(|value| !value.is_nan());
    let (sum, count) = present.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count)
}

/// The measures that a summary shows, in its order.
fn measures(period: &PeriodReport) -> Vec<Measure> {
    let info = &period.information;
    let mut all: Vec<Measure> = vec![
        ("ic_mean", None, info.mean),
        ("ic_std", None, info.std),
        ("ic_ratio", None, info.ratio),
        ("ic_t", None, info.t),
        ("ic_p", None, info.p),
        ("ic_skew", None, info.skew),
        ("ic_kurtosis", None, info.kurtosis),
        ("factor_return", None, mean(&period.factor_returns)),
        ("alpha", None, period.alpha),
        ("beta", None, period.beta),
    ];
    for quantile in &period.quantiles {
        all.push(("quantile_return", Some(quantile.quantile.to_string()), quantile.mean));
    }
    all.push(("spread", None, period.spread_mean));
    all.push(("spread_error", None, period.spread_error));
    for (shares, quantile) in period.turnover.iter().zip(1..) {
        all.push(("turnover", Some(quantile.to_string()), mean(shares)));
    }
    all.push(("rank_autocorrelation", None, mean(&period.autocorrelation)));
    all
}

/// What comes on top for programs: errors, growth, months and groups.
fn more(report: &FactorReport, period: &PeriodReport) -> Vec<Measure> {
    let last = |values: &[f64]| values.last().copied().unwrap_or(f64::NAN);
    let mut all: Vec<Measure> = vec![("factor_growth", None, last(&period.growth))];
    for quantile in &period.quantiles {
        let name = Some(quantile.quantile.to_string());
        all.push(("quantile_error", name.clone(), quantile.std_error));
        all.push(("quantile_growth", name, last(&quantile.growth)));
    }
    for month in &period.months {
        all.push(("ic_of_month", Some(month.month.clone()), month.mean));
    }
    for (name, group) in report.groups.iter().zip(&period.groups) {
        all.push(("ic_of_group", Some(name.to_string()), group.information));
        for (mean, quantile) in group.quantiles.iter().zip(1..) {
            all.push(("quantile_return_of_group", Some(format!("{name}/{quantile}")), *mean));
        }
    }
    all
}

/// A row a measure, a column a period.
fn summary(reports: &[FactorReport]) -> Table {
    let (mut factors, mut names) = (Vec::new(), Vec::new());
    let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
    for report in reports {
        for (slot, period) in report.periods.iter().enumerate() {
            if columns.len() == slot {
                columns.push((period.name.clone(), Vec::new()));
            }
            let mut measures = measures(period);
            for (name, group) in report.groups.iter().zip(&period.groups) {
                measures.push(("ic_of_group", Some(name.to_string()), group.information));
            }
            for (name, part, value) in measures {
                if slot == 0 {
                    factors.push(Some(report.factor.as_str().into()));
                    let part = part.map_or_else(String::new, |part| format!(" {part}"));
                    names.push(Some(format!("{name}{part}").into()));
                }
                if let Some((_, values)) = columns.get_mut(slot) {
                    values.push(rounded(value));
                }
            }
        }
    }
    let mut table = Table::new();
    if reports.len() > 1 {
        table = table.with("factor", Values::Text(factors));
    }
    table = table.with("measure", Values::Text(names));
    for (name, values) in columns {
        table = table.with(name, Values::Number(values));
    }
    table
}

/// Six digits behind the point: enough for the eyes.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// One number a row.
fn long(reports: &[FactorReport]) -> Table {
    let (mut factors, mut periods, mut names) = (Vec::new(), Vec::new(), Vec::new());
    let (mut parts, mut values) = (Vec::new(), Vec::new());
    for report in reports {
        for period in &report.periods {
            for (name, part, value) in measures(period).into_iter().chain(more(report, period)) {
                factors.push(Some(report.factor.as_str().into()));
                periods.push(i64::try_from(period.period).ok());
                names.push(Some(name.into()));
                parts.push(part.map(Into::into));
                values.push(value);
            }
        }
    }
    Table::new()
        .with("factor", Values::Text(factors))
        .with("period", Values::Integer(periods))
        .with("measure", Values::Text(names))
        .with("part", Values::Text(parts))
        .with("value", Values::Number(values))
}

/// A report as an object; what is missing is `null`.
fn object(report: &FactorReport) -> Value {
    let days = report.sessions.iter().map(ToString::to_string);
    let instants = report
        .instants
        .as_ref()
        .map(|instants| instants.iter().map(ToString::to_string).collect::<Vec<_>>());
    json!({
        "factor": report.factor,
        "rows": report.rows,
        "left_out": {
            "no_factor": report.left_out.no_factor,
            "no_return": report.left_out.no_return,
            "no_group": report.left_out.no_group,
        },
        "sessions": days.collect::<Vec<_>>(),
        "instants": instants,
        "quantiles": report.held.iter().map(|held| json!({
            "quantile": held.quantile, "rows": held.count,
            "min": held.min, "max": held.max, "mean": held.mean, "std": held.std,
        })).collect::<Vec<_>>(),
        "periods": report.periods.iter().map(|period| of_period(report, period)).collect::<Vec<_>>(),
    })
}

fn of_period(report: &FactorReport, period: &PeriodReport) -> Value {
    let info = &period.information;
    let quantiles = period.quantiles.iter().zip(&period.turnover).map(|(quantile, shares)| {
        json!({
            "quantile": quantile.quantile, "mean": quantile.mean, "std_error": quantile.std_error,
            "turnover": mean(shares), "growth": quantile.growth, "returns": quantile.by_session,
        })
    });
    let groups = report.groups.iter().zip(&period.groups).map(|(name, group)| {
        json!({"group": &**name, "ic_mean": group.information, "quantiles": group.quantiles})
    });
    let months = period.months.iter().map(|month| json!({"month": month.month, "ic": month.mean}));
    json!({
        "period": period.period,
        "ic": {
            "mean": info.mean, "std": info.std, "ratio": info.ratio, "t": info.t, "p": info.p,
            "skew": info.skew, "kurtosis": info.kurtosis, "sessions": info.sessions,
            "values": period.coefficients, "months": months.collect::<Vec<_>>(),
        },
        "factor_returns": {
            "mean": mean(&period.factor_returns), "alpha": period.alpha, "beta": period.beta,
            "values": period.factor_returns, "growth": period.growth,
        },
        "quantiles": quantiles.collect::<Vec<_>>(),
        "spread": {
            "mean": period.spread_mean, "std_error": period.spread_error, "values": period.spread,
        },
        "rank_autocorrelation": {
            "mean": mean(&period.autocorrelation), "values": period.autocorrelation,
        },
        "groups": groups.collect::<Vec<_>>(),
    })
}
