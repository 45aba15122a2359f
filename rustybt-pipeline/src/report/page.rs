//! The report as one HTML page that needs nothing beside itself.

use std::fmt::Write as _;

use super::picture::{
    Bars, Group, Heat, Line, Lines, colour, escaped, percent, plain, shade, signed,
};
use super::{FactorReport, PeriodReport};
use crate::kernel;

/// Sessions of a month, that the bold line of coefficients is the mean of.
const MONTH: usize = 21;

/// The page of some factors.
pub(super) fn html(reports: &[FactorReport], source: &str) -> String {
    let names: Vec<&str> = reports.iter().map(|report| report.factor.as_str()).collect();
    let title = escaped(&format!("{} · {source}", names.join(", ")));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body>\n"
    );
    for report in reports {
        factor(report, source, &mut page);
    }
    page.push_str(
        "<footer>Forward returns are told from after the fact, for this page alone: no pipeline sees them. \
         Where a period is longer than a session its windows overlap, and t flatters.</footer></body></html>\n",
    );
    page
}

fn factor(report: &FactorReport, source: &str, page: &mut String) {
    let (first, last) = (report.sessions.first(), report.sessions.last());
    let name = escaped(&report.factor);
    let _ = writeln!(page, "<header><h1>{name}</h1><p>{}", escaped(source));
    if let (Some(first), Some(last)) = (first, last) {
        let _ = write!(page, " · {first} to {last} · {} {}", report.sessions.len(), report.unit());
    }
    let left = report.left_out;
    let _ = write!(
        page,
        " · {} rows; left out: {} without a number, {} without a forward return",
        report.rows, left.no_factor, left.no_return
    );
    if left.no_group > 0 {
        let _ = write!(page, ", {} without a group", left.no_group);
    }
    page.push_str("</p></header>\n");
    if let Some(period) = report.periods.first() {
        cards(period, page);
    }
    page.push_str("<h2>Does it foretell?</h2>\n");
    summary(report, page);
    page.push_str("<div class=\"pictures\">\n");
    for period in &report.periods {
        coefficients(report, period, page);
        let heading = format!("Mean coefficient by month, {}", period.name);
        let heat = Heat { label: &heading, months: &period.months };
        figure(&heading, "blue foretold, red foretold the opposite", &heat.svg(), page);
    }
    if !report.groups.is_empty() {
        by_group(report, page);
    }
    page.push_str("</div>\n<h2>What did it earn?</h2>\n<div class=\"pictures\">\n");
    earned(report, page);
    page.push_str("</div>\n<h2>What would it cost to follow?</h2>\n<div class=\"pictures\">\n");
    turnover(report, page);
    page.push_str("</div>\n<h2>Quantiles</h2>\n");
    quantiles(report, page);
}

/// The key numbers of the shortest period.
fn cards(period: &PeriodReport, page: &mut String) {
    let info = &period.information;
    let turnover = period.turnover.last().map_or(f64::NAN, |shares| kernel::mean(shares));
    let cards = [
        ("mean IC", four(info.mean)),
        ("IC / deviation", plain(info.ratio)),
        ("t", plain(info.t)),
        ("p", small(info.p)),
        ("spread", basis_points(period.spread_mean)),
        ("alpha a year", percent(period.alpha)),
        ("turnover of the top", percent(turnover)),
    ];
    let _ = write!(page, "<p class=\"of\">over {}</p><ul class=\"cards\">", period.name);
    for (name, value) in cards {
        let _ = write!(page, "<li><b>{value}</b><span>{name}</span></li>");
    }
    page.push_str("</ul>\n");
}

/// What a row of the summary says of a period.
type Of = fn(&PeriodReport) -> String;

/// All measures, a period a column.
fn summary(report: &FactorReport, page: &mut String) {
    page.push_str("<table><thead><tr><th></th>");
    for period in &report.periods {
        let _ = write!(page, "<th class=\"n\">{}</th>", period.name);
    }
    page.push_str("</tr></thead><tbody>\n");
    let rows: [(&str, Of); 15] = [
        ("IC mean", |p| four(p.information.mean)),
        ("IC std", |p| four(p.information.std)),
        ("IC mean / std", |p| plain(p.information.ratio)),
        ("IC t", |p| plain(p.information.t)),
        ("IC p", |p| small(p.information.p)),
        ("IC skew", |p| plain(p.information.skew)),
        ("IC kurtosis", |p| plain(p.information.kurtosis)),
        ("factor return, mean", |p| basis_points(kernel::mean(&p.factor_returns))),
        ("alpha a year", |p| percent(p.alpha)),
        ("beta", |p| plain(p.beta)),
        ("top quantile", |p| basis_points(p.quantiles.last().map_or(f64::NAN, |q| q.mean))),
        ("bottom quantile", |p| basis_points(p.quantiles.first().map_or(f64::NAN, |q| q.mean))),
        ("spread", |p| basis_points(p.spread_mean)),
        ("spread t", |p| plain(p.spread_mean / p.spread_error)),
        ("rank autocorrelation", |p| plain(kernel::mean(&p.autocorrelation))),
    ];
    for (name, of) in rows {
        let _ = write!(page, "<tr><td>{name}</td>");
        for period in &report.periods {
            let _ = write!(page, "<td class=\"n\">{}</td>", of(period));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table>\n");
}

fn coefficients(report: &FactorReport, period: &PeriodReport, page: &mut String) {
    let heading = format!("Information coefficient, {}", period.name);
    let daily = Line::new("each", &period.coefficients, 0).thin();
    let monthly = Line::new("mean of 21", &trailing(&period.coefficients, MONTH), 0);
    let told =
        format!("mean {:.4}, deviation {:.4}", period.information.mean, period.information.std);
    chart(report, (&heading, &told), vec![daily, monthly.coloured(colour(1))], (0.0, plain), page);
}

/// A figure of lines over the sessions of a report.
fn chart(
    report: &FactorReport,
    (label, told): (&str, &str),
    drawn: Vec<Line>,
    (base, format): (f64, fn(f64) -> String),
    page: &mut String,
) {
    let picture = Lines { label, sessions: &report.sessions, drawn, base, format };
    figure(label, told, &picture.svg(), page);
}

fn by_group(report: &FactorReport, page: &mut String) {
    let names: Vec<(String, String)> = report
        .periods
        .iter()
        .enumerate()
        .map(|(n, period)| (period.name.clone(), colour(n)))
        .collect();
    let of = |group: usize| -> Vec<(f64, f64)> {
        let all = report.periods.iter().filter_map(|period| period.groups.get(group));
        all.map(|group| (group.information, 0.0)).collect()
    };
    let groups = report.groups.iter().enumerate();
    let groups = groups.map(|(n, name)| Group { name: name.to_string(), bars: of(n) }).collect();
    let label = "Mean coefficient by group";
    let bars = Bars { label, names, groups, format: plain };
    figure(label, "across the assets of the group alone", &bars.svg(), page);
}

fn earned(report: &FactorReport, page: &mut String) {
    let count = report.held.len();
    let names: Vec<(String, String)> = report
        .periods
        .iter()
        .enumerate()
        .map(|(n, period)| (period.name.clone(), colour(n)))
        .collect();
    let of = |quantile: usize| -> Vec<(f64, f64)> {
        let all = report.periods.iter().map(|period| (period, period.quantiles.get(quantile)));
        let rate = |mean: f64, period: usize| mean / period as f64;
        all.filter_map(|(period, found)| {
            found.map(|q| (rate(q.mean, period.period), rate(q.std_error, period.period)))
        })
        .collect()
    };
    let groups = (0..count).map(|n| Group { name: format!("Q{}", n + 1), bars: of(n) }).collect();
    let label = "Mean return by quantile";
    let bars = Bars { label, names, groups, format: percent };
    figure(label, "of one, above the mean of all; whiskers are standard errors", &bars.svg(), page);
    let lines = report
        .periods
        .iter()
        .enumerate()
        .map(|(n, period)| Line::new(period.name.clone(), &period.growth, n));
    let label = "Growth of one in the factor's portfolio";
    chart(
        report,
        (label, "dollar-neutral, weighted by the factor, before costs"),
        lines.collect(),
        (1.0, plain),
        page,
    );
    for period in &report.periods {
        let lines = period.quantiles.iter().enumerate().map(|(n, quantile)| {
            let line = Line::new(format!("Q{}", quantile.quantile), &quantile.growth, n);
            line.coloured(shade(n, count))
        });
        let label = format!("Growth of one by quantile, {}", period.name);
        chart(report, (&label, "equal weights, before costs"), lines.collect(), (1.0, plain), page);
        let label = format!("Highest less lowest quantile, {}", period.name);
        let drawn = vec![
            Line::new("each", &period.spread, 0).thin(),
            Line::new("mean of 21", &trailing(&period.spread, MONTH), 1),
        ];
        let told = format!(
            "mean {}, standard error {}",
            basis_points(period.spread_mean),
            basis_points(period.spread_error)
        );
        chart(report, (&label, &told), drawn, (0.0, percent), page);
    }
}

fn turnover(report: &FactorReport, page: &mut String) {
    for period in &report.periods {
        let label = format!("Turnover, {}", period.name);
        let ends = [
            ("lowest quantile", period.turnover.first(), 0),
            ("highest quantile", period.turnover.last(), 1),
        ];
        let lines = ends.into_iter().filter_map(|(name, shares, end)| {
            Some(Line::new(name, &trailing(shares?, 5), end).coloured(shade(end, 2)))
        });
        chart(
            report,
            (&label, "share of assets that were not there before, mean of 5"),
            lines.collect(),
            (0.0, percent),
            page,
        );
    }
    let lines = report
        .periods
        .iter()
        .enumerate()
        .map(|(n, period)| Line::new(period.name.clone(), &period.autocorrelation, n));
    let label = "Autocorrelation of ranks";
    chart(
        report,
        (label, "with the ranks of a period before"),
        lines.collect(),
        (1.0, plain),
        page,
    );
}

/// What each quantile holds.
fn quantiles(report: &FactorReport, page: &mut String) {
    page.push_str(
        "<table><thead><tr><th></th><th class=\"n\">rows</th><th class=\"n\">min</th>\
         <th class=\"n\">mean</th><th class=\"n\">max</th><th class=\"n\">std</th>",
    );
    for period in &report.periods {
        let name = &period.name;
        let _ = write!(page, "<th class=\"n\">{name}</th><th class=\"n\">turnover</th>");
    }
    page.push_str("</tr></thead><tbody>\n");
    for (n, held) in report.held.iter().enumerate() {
        let _ = write!(page, "<tr><td>Q{}</td><td class=\"n\">{}</td>", held.quantile, held.count);
        for value in [held.min, held.mean, held.max, held.std] {
            let _ = write!(page, "<td class=\"n\">{}</td>", short(value));
        }
        for period in &report.periods {
            let mean = period.quantiles.get(n).map_or(f64::NAN, |quantile| quantile.mean);
            let turnover = period.turnover.get(n).map_or(f64::NAN, |shares| kernel::mean(shares));
            for text in [basis_points(mean), percent(turnover)] {
                let _ = write!(page, "<td class=\"n\">{text}</td>");
            }
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table>\n");
}

fn figure(heading: &str, told: &str, svg: &str, page: &mut String) {
    let _ = writeln!(
        page,
        "<figure><figcaption><b>{}</b><span>{}</span></figcaption>{svg}</figure>",
        escaped(heading),
        escaped(told)
    );
}

/// The mean of the last values, of what is there.
fn trailing(values: &[f64], window: usize) -> Vec<f64> {
    let until = 1..=values.len();
    let last = |end: usize| values.get(end.saturating_sub(window)..end).unwrap_or_default();
    until.map(|end| kernel::mean(last(end))).collect()
}

/// Hundredths of a percent.
fn basis_points(value: f64) -> String {
    signed(&format!("{:.1} bp", value * 1e4))
}

fn four(value: f64) -> String {
    signed(&format!("{value:.4}"))
}

fn small(value: f64) -> String {
    if value.abs() < 5e-4 { format!("{value:.0e}") } else { format!("{value:.3}") }
}

/// A number of any size in four digits or so.
fn short(value: f64) -> String {
    let size = value.abs();
    let text = match size {
        s if s >= 1e7 || (s < 1e-4 && s > 0.0) => format!("{value:.3e}"),
        s if s >= 100.0 => format!("{value:.0}"),
        _ => format!("{value:.4}"),
    };
    signed(&text)
}

const STYLE: &str = ":root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1c2430;--faint:#667085;--grid:#e6e9ee;--base:#98a2b3;--edge:#e1e5eb}\
@media(prefers-color-scheme:dark){:root{--paper:#12161c;--card:#1a2029;--ink:#e6eaf0;--faint:#98a3b3;--grid:#2a323d;--base:#5b6675;--edge:#2a323d}}\
body{font:15px/1.5 system-ui,sans-serif;background:var(--paper);color:var(--ink);max-width:94rem;margin:0 auto;padding:1.5rem}\
h1{font-size:1.9rem;margin:.5rem 0 0}header p,.of,footer{color:var(--faint)}h2{font-size:1.2rem;margin:2.2rem 0 .8rem}.of{margin:1rem 0 .3rem}\
.cards{display:flex;flex-wrap:wrap;gap:.8rem;list-style:none;margin:0;padding:0}\
.cards li{background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:.7rem 1.1rem;min-width:7rem}\
.cards b{display:block;font-size:1.35rem;font-variant-numeric:tabular-nums}.cards span{color:var(--faint);font-size:.85rem}\
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,34rem),1fr));gap:1rem;align-items:start}\
figure{margin:0;background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:.9rem 1rem .4rem}\
figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem}figcaption span{color:var(--faint);font-size:.85rem}\
svg{display:block;width:100%;height:auto}svg text{fill:var(--faint);font:12px system-ui,sans-serif;font-variant-numeric:tabular-nums}\
svg .told{fill:var(--ink)}.grid{stroke:var(--grid)}.base{stroke:var(--base)}.line{fill:none;stroke-width:1.8;stroke-linejoin:round}\
.thin{fill:none;stroke-width:.7;stroke-opacity:.55}.whisker{stroke:var(--ink);stroke-opacity:.55}\
table{border-collapse:collapse;background:var(--card);border:1px solid var(--edge);border-radius:10px;font-variant-numeric:tabular-nums;margin:0 0 1rem;display:inline-block;max-width:100%;overflow-x:auto}\
th,td{padding:.28rem .95rem;text-align:left;white-space:nowrap}th{color:var(--faint);font-weight:600}td{border-top:1px solid var(--grid)}.n{text-align:right}\
footer{margin-top:2.5rem;font-size:.85rem}";
