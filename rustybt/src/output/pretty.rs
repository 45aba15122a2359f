//! Rows as a table for people.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{
    Cell as Shown, CellAlignment, ContentArrangement, Table as Sheet, TableComponent,
};

use super::table::Table;

/// Rows shown at the head and at the tail of a table that is too long to read.
const SHOWN: usize = 50;

/// Writes a table; of more than a hundred rows the first and last fifty are shown, and the count.
pub(super) fn write(table: &Table, out: &mut impl Write) -> io::Result<()> {
    let mut sheet = Sheet::new();
    sheet.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    sheet.set_style(TableComponent::HeaderLines, '─');
    sheet.set_style(TableComponent::MiddleHeaderIntersections, '─');
    sheet.set_header(table.columns().iter().map(|column| Shown::new(&column.name)));
    let rows = table.rows();
    let all = rows <= 2 * SHOWN;
    for row in (0..rows).filter(|row| all || *row < SHOWN || *row >= rows - SHOWN) {
        if !all && row == rows - SHOWN {
            sheet.add_row(table.columns().iter().map(|_| Shown::new("…")));
        }
        sheet.add_row(table.columns().iter().map(|column| {
            let shown = Shown::new(column.values.cell(row));
            if column.values.is_numeric() {
                shown.set_alignment(CellAlignment::Right)
            } else {
                shown
            }
        }));
    }
    writeln!(out, "{}", sheet.trim_fmt())?;
    if !all {
        writeln!(out, "{rows} rows; --format csv or --out FILE gives all of them")?;
    }
    Ok(())
}
