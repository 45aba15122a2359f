//! Rows as comma-separated values: a header, `\n` line ends, quotes only where they are needed.

use std::io::{self, Write};

use super::number::shortest;
use super::table::{Cell, Table};

/// Writes a table; a missing value is an empty cell.
pub(super) fn write(table: &Table, out: &mut impl Write) -> io::Result<()> {
    for (position, column) in table.columns().iter().enumerate() {
        separate(position, out)?;
        quoted(&column.name, out)?;
    }
    out.write_all(b"\n")?;
    for row in 0..table.rows() {
        for (position, column) in table.columns().iter().enumerate() {
            separate(position, out)?;
            match column.values.cell(row) {
                Cell::Missing => {}
                Cell::Text(text) | Cell::Decimal(text) => quoted(text, out)?,
                Cell::Integer(value) => write!(out, "{value}")?,
                Cell::Number(value) => write!(out, "{}", shortest(value))?,
                Cell::Flag(value) => write!(out, "{value}")?,
                Cell::Date(value) => write!(out, "{value}")?,
                Cell::Instant(value) => write!(out, "{value}")?,
            }
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn separate(position: usize, out: &mut impl Write) -> io::Result<()> {
    if position > 0 { out.write_all(b",") } else { Ok(()) }
}

fn quoted(text: &str, out: &mut impl Write) -> io::Result<()> {
    if text.contains([',', '"', '\n', '\r']) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::Values;
    use super::*;

    #[test]
    fn cells_are_quoted_only_where_they_must_be() {
        let table = Table::new()
            .with_text("name", ["plain", "a, b", "say \"so\""])
            .with("x", Values::Number(vec![1.5, f64::NAN, -0.1]))
            .with("n", Values::Integer(vec![Some(1), None, Some(-3)]));
        let mut out = Vec::new();
        write(&table, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "name,x,n\nplain,1.5,1\n\"a, b\",,\n\"say \"\"so\"\"\",-0.1,-3\n");
    }
}
