//! The report of a demo: one HTML page that needs nothing beside itself.

use std::fmt::Write;

use crate::output::{Table, Values, shortest};

/// A page of sections.
#[derive(Debug, Default)]
pub(super) struct Report {
    sections: Vec<Section>,
}

/// A heading, what was done, and what came out.
#[derive(Debug, Default)]
pub(super) struct Section {
    heading: String,
    story: String,
    facts: Vec<(String, String)>,
    table: Option<(Table, usize)>,
    picture: Option<String>,
}

impl Section {
    pub(super) fn new(heading: &str, story: &str) -> Self {
        Self { heading: heading.to_owned(), story: story.to_owned(), ..Self::default() }
    }

    /// Adds a line to the list of facts.
    #[must_use]
    pub(super) fn fact(mut self, name: &str, value: impl Into<String>) -> Self {
        self.facts.push((name.to_owned(), value.into()));
        self
    }

    /// Shows the first `rows` rows of a table.
    #[must_use]
    pub(super) fn table(mut self, table: Table, rows: usize) -> Self {
        self.table = Some((table, rows));
        self
    }

    /// Shows an SVG image.
    #[must_use]
    pub(super) fn picture(mut self, svg: String) -> Self {
        self.picture = Some(svg);
        self
    }

    /// What a terminal is told of the section.
    pub(super) fn summary(&self) -> String {
        let mut text = format!("{}\n", self.heading);
        for (name, value) in &self.facts {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {name:<22} {value}");
        }
        text
    }
}

impl Report {
    /// Adds a section.
    pub(super) fn push(&mut self, section: Section) {
        self.sections.push(section);
    }

    /// The page.
    pub(super) fn html(&self, title: &str) -> String {
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\
             <style>{STYLE}</style></head><body><h1>{}</h1>\n",
            escaped(title),
            escaped(title)
        );
        for section in &self.sections {
            section.render(&mut page);
        }
        page.push_str("</body></html>\n");
        page
    }
}

impl Section {
    fn render(&self, page: &mut String) {
        let _ = writeln!(
            page,
            "<section><h2>{}</h2><p>{}</p>",
            escaped(&self.heading),
            escaped(&self.story)
        );
        if !self.facts.is_empty() {
            page.push_str("<dl>");
            for (name, value) in &self.facts {
                let _ = write!(page, "<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(value));
            }
            page.push_str("</dl>\n");
        }
        if let Some(svg) = &self.picture {
            let _ = writeln!(page, "<figure>{svg}</figure>");
        }
        if let Some((table, rows)) = &self.table {
            rows_of(table, *rows, page);
        }
        page.push_str("</section>\n");
    }
}

fn rows_of(table: &Table, limit: usize, page: &mut String) {
    page.push_str("<table><thead><tr>");
    for column in table.columns() {
        let _ = write!(page, "<th>{}</th>", escaped(&column.name));
    }
    page.push_str("</tr></thead><tbody>\n");
    for row in 0..table.rows().min(limit) {
        page.push_str("<tr>");
        for column in table.columns() {
            let class = if column.values.is_numeric() { " class=\"n\"" } else { "" };
            let _ = write!(page, "<td{class}>{}</td>", escaped(&cell(&column.values, row)));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table>\n");
    if table.rows() > limit {
        let _ = writeln!(page, "<p class=\"more\">{limit} of {} rows</p>", table.rows());
    }
}

/// A cell for the eyes: numbers with four digits behind the point.
fn cell(values: &Values, row: usize) -> String {
    match values {
        Values::Number(numbers) => match numbers.get(row) {
            Some(number) if number.is_finite() => {
                shortest((number * 1e4).round() / 1e4).to_string()
            }
            _ => "·".to_owned(),
        },
        _ => values.cell(row).to_string(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2330}\
h1{font-size:1.8rem}h2{margin-top:2.5rem;border-bottom:1px solid #d8dde6}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1.5rem}dt{color:#5b667a}dd{margin:0}\
table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:.2rem .8rem;text-align:left}\
th{border-bottom:1px solid #8b95a7}td.n{text-align:right}.more{color:#5b667a;font-size:.9rem}\
figure{margin:1rem 0;overflow-x:auto}figure svg[viewBox]{max-width:100%;height:auto}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_tables_are_cut() {
        let mut report = Report::default();
        let table = Table::new()
            .with_text("symbol", ["<A>", "B", "C"])
            .with("x", Values::Number(vec![1.234_567, f64::NAN, 3.0]));
        report.push(Section::new("A & B", "story").fact("rows", "3").table(table, 2));
        let page = report.html("demo");
        assert!(
            page.contains("<h2>A &amp; B</h2>") && page.contains("<td>&lt;A&gt;</td>"),
            "{page}"
        );
        assert!(
            page.contains("1.2346") && page.contains("2 of 3 rows") && !page.contains("<td>C</td>")
        );
    }
}
