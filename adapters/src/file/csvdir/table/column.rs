//! The columns of a file, found by their names.

use rustybt_data::{ColumnType, Reason, TableColumn, TableSchema, TableValues};

use super::names::{self, folded};
use super::value::Digits;
use super::{Reading, Whose};

/// A column in the making.
pub(super) struct Column {
    pub(super) name: String,
    /// What the file calls it.
    pub(super) written: String,
    /// Its cell; `None` where the file has none, and the table must have one.
    pub(super) cell: Option<usize>,
    /// Its type; `None` to be found from what its cells hold.
    pub(super) kind: Option<ColumnType>,
    pub(super) values: TableValues,
    /// The digits of the decimals that came before these.
    pub(super) digits: Digits,
}

/// The columns of a file.
pub(super) struct Columns {
    /// Those of the table, then the others.
    pub(super) all: Vec<Column>,
    /// The cells of a row's asset.
    pub(super) symbol: Option<usize>,
    pub(super) sid: Option<usize>,
    /// The cells of a price of an exchange rate without a name stand for its rate.
    pub(super) nameless_rate: bool,
}

impl Columns {
    /// Finds the columns of a file by their names; `own` are the types it has itself.
    ///
    /// # Errors
    ///
    /// [`Reason::BadFile`] where a column is missing or comes twice.
    pub(super) fn find(
        reading: &Reading<'_>,
        header: &[String],
        own: &[ColumnType],
    ) -> Result<Self, Reason> {
        let schema = reading.schema;
        let folds: Vec<String> = header.iter().map(|name| folded(name)).collect();
        let mut free: Vec<bool> = vec![true; header.len()];
        let find = |free: &mut Vec<bool>, wanted: &[&str]| {
            let place = wanted.iter().find_map(|name| {
                let name = folded(name);
                (0..folds.len())
                    .find(|&at| folds.get(at) == Some(&name) && free.get(at) == Some(&true))
            });
            if let Some(free) = place.and_then(|place| free.get_mut(place)) {
                *free = false;
            }
            place
        };
        let (sid, symbol) = (find(&mut free, names::SIDS), find(&mut free, names::SYMBOLS));
        let mut columns = Vec::new();
        let mut nameless_rate = false;
        for column in &schema.columns {
            let mut wanted = names::of(&schema.name, &column.name);
            if wanted.is_empty() {
                wanted.push(column.name.as_str());
            }
            // A date of a table of instants stands for its midnight, and not the other way round.
            let mut cell = match names::level(&column.name) {
                Some(level) => (0..header.len()).find(|&at| {
                    header.get(at).is_some_and(|name| names::level(name) == Some(level))
                }),
                None => find(&mut free, &wanted),
            };
            if schema.name == "fx_rates" && column.name == "value" && cell.is_none() {
                // Where there is one number, it is the rate, and the rate has no name.
                let rate = columns.iter_mut().find(|own: &&mut Column| own.name == "rate");
                cell = rate.and_then(|rate| rate.cell.take());
                nameless_rate = cell.is_some();
            }
            if let Some(free) = cell.and_then(|at| free.get_mut(at)) {
                *free = false;
            }
            columns.push(Column {
                name: column.name.clone(),
                written: cell.and_then(|at| header.get(at)).cloned().unwrap_or_default(),
                cell,
                kind: Some(column.kind),
                values: TableValues::new(column.kind),
                digits: Digits::default(),
            });
        }
        let lacking: Vec<&str> = schema
            .columns
            .iter()
            .zip(&columns)
            .filter(|(wanted, found)| must_be(schema, wanted) && found.cell.is_none())
            .filter(|(wanted, _)| !is_made(schema, &wanted.name, nameless_rate))
            .map(|(wanted, _)| wanted.name.as_str())
            .collect();
        let whose = matches!(reading.whose, Whose::Each { .. });
        let lacking = (whose && sid.is_none() && symbol.is_none())
            .then_some("symbol")
            .into_iter()
            .chain(lacking)
            .collect::<Vec<_>>();
        if !lacking.is_empty() {
            let detail = format!(
                "it has no column `{}`; its columns are {}",
                lacking.join("`, `"),
                header.join(", ")
            );
            return Err(Reason::BadFile { detail });
        }
        for (at, name) in header.iter().enumerate() {
            if free.get(at) != Some(&true) || names::level(name).is_some_and(|_| is_book(schema)) {
                continue;
            }
            let plain = names::plain(name);
            let taken = |known: &Column| known.name == plain;
            if plain.is_empty() || plain == "sid" || columns.iter().any(taken) {
                let detail = match plain.as_str() {
                    "" => "it has a column without a name".to_owned(),
                    _ => format!("it has two columns `{name}`"),
                };
                return Err(Reason::BadFile { detail });
            }
            let kind = reading.declared.get(&plain).copied().or(own.get(at).copied());
            let values = TableValues::new(kind.unwrap_or(ColumnType::Text));
            let (written, cell) = (name.clone(), Some(at));
            let digits = Digits::default();
            columns.push(Column { name: plain, written, cell, kind, values, digits });
        }
        Ok(Self { all: columns, symbol, sid, nameless_rate })
    }
}

/// Whether a file without this column is none of the table's. A rate may be missing on a day, but a
/// file of rates without any is a mistake.
fn must_be(schema: &TableSchema, column: &TableColumn) -> bool {
    column.required || (schema.name == "fx_rates" && column.name == "value")
}

fn is_book(schema: &TableSchema) -> bool {
    schema.name.starts_with("book_snap_")
}

/// Whether a column is filled in where a file has none of it.
pub(super) fn is_made(schema: &TableSchema, column: &str, nameless_rate: bool) -> bool {
    match schema.name.as_str() {
        "book_deltas" => column == "action",
        "fx_rates" => column == "rate" && nameless_rate,
        _ => false,
    }
}
