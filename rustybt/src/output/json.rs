//! Rows as JSON: an array of objects, one a line.

use std::io::{self, Write};

use super::table::{Cell, Table};

/// Writes a table; a missing value is `null`, and so is an infinity, which JSON does not know.
pub(super) fn write(table: &Table, out: &mut impl Write) -> io::Result<()> {
    let names: Vec<String> = table
        .columns()
        .iter()
        .map(|column| serde_json::Value::from(column.name.as_str()).to_string())
        .collect();
    out.write_all(b"[")?;
    for row in 0..table.rows() {
        out.write_all(if row == 0 { b"\n{" } else { b",\n{" })?;
        for (position, (column, name)) in table.columns().iter().zip(&names).enumerate() {
            if position > 0 {
                out.write_all(b",")?;
            }
            write!(out, "{name}:")?;
            match column.values.cell(row) {
                Cell::Missing => out.write_all(b"null")?,
                Cell::Text(text) | Cell::Decimal(text) => serde_json::to_writer(&mut *out, text)?,
                Cell::Integer(value) => write!(out, "{value}")?,
                Cell::Number(value) => serde_json::to_writer(&mut *out, &value)?,
                Cell::Flag(value) => write!(out, "{value}")?,
                Cell::Date(value) => write!(out, "\"{value}\"")?,
                Cell::Instant(value) => write!(out, "\"{value}\"")?,
            }
        }
        out.write_all(b"}")?;
    }
    out.write_all(b"\n]\n")
}

#[cfg(test)]
mod tests {
    use super::super::table::Values;
    use super::*;

    #[test]
    fn every_row_is_an_object() {
        let table = Table::new()
            .with_text("symbol", ["A\"B", "C"])
            .with("x", Values::Number(vec![0.1, f64::NAN]))
            .with("day", Values::Date(vec!["2014-06-09".parse().ok(), None]));
        let mut out = Vec::new();
        write(&table, &mut out).unwrap();
        let rows: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let expected = serde_json::json!([
            {"symbol": "A\"B", "x": 0.1, "day": "2014-06-09"},
            {"symbol": "C", "x": null, "day": null},
        ]);
        assert_eq!(rows, expected);
    }
}
