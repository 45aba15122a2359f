//! [`Tables`]: a source that is a list of tables.

use std::sync::Arc;

use rustybt_data::{
    AssetRecord, ColumnType, DecimalColumn, Delivery, Part, RawTable, Selection, Source,
    SourceError, Subjects, Survey, TableDelivery, TablePart, TableSchema, TableValues,
    parse_decimal,
};

use crate::fixture::{at, day};

/// A source of tables alone: each part a table, an asset's symbol where it has one, its rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    parts: Vec<(Arc<TableSchema>, Option<&'static str>, RawTable)>,
    symbols: Vec<&'static str>,
}

impl Tables {
    /// Rows as CSV: a header of columns and cells, the column `symbol` for each row's asset.
    pub(crate) fn with(
        mut self,
        schema: &TableSchema,
        symbol: Option<&'static str>,
        text: &'static str,
    ) -> Self {
        self.symbols.extend(symbol.filter(|symbol| !self.symbols.contains(symbol)));
        let mut lines = text.trim().lines().map(str::trim);
        let header: Vec<&str> = lines.next().unwrap().split(',').collect();
        let rows: Vec<Vec<&'static str>> = lines.map(|line| line.split(',').collect()).collect();
        let mut subjects = if symbol.is_some() { Subjects::One } else { Subjects::Nobody };
        let mut columns = Vec::new();
        for (place, name) in header.iter().enumerate() {
            let cells: Vec<&'static str> = rows.iter().map(|row| row[place]).collect();
            if *name == "symbol" {
                let each = cells.iter().map(|cell| {
                    let known = self.symbols.iter().position(|symbol| symbol == cell);
                    known.unwrap_or_else(|| {
                        self.symbols.push(cell);
                        self.symbols.len() - 1
                    })
                });
                subjects = Subjects::Each(each.collect());
                continue;
            }
            let (name, declared) = name.split_once(':').unwrap_or((name, ""));
            let kind = schema.column(name).map(|column| column.kind);
            let kind = kind.or(ColumnType::from_name(declared)).unwrap_or(ColumnType::Decimal);
            columns.push((name.to_owned(), values(kind, &cells)));
        }
        let table = RawTable { subjects, columns, lines: Vec::new() };
        self.parts.push((Arc::new(schema.clone()), symbol, table));
        self
    }
}

fn values(kind: ColumnType, cells: &[&str]) -> TableValues {
    fn each<T>(cells: &[&str], read: impl Fn(&str) -> T) -> Vec<Option<T>> {
        cells.iter().map(|cell| (!cell.is_empty()).then(|| read(cell))).collect()
    }
    match kind {
        ColumnType::Decimal => {
            let mut column = DecimalColumn::default();
            for value in each(cells, |cell| parse_decimal(cell.as_bytes()).unwrap()) {
                column.push(value).unwrap();
            }
            TableValues::Decimal(column)
        }
        ColumnType::Float => TableValues::Float(each(cells, |cell| cell.parse().unwrap())),
        ColumnType::Int => TableValues::Int(each(cells, |cell| cell.parse().unwrap())),
        ColumnType::Bool => TableValues::Bool(each(cells, |cell| cell == "true")),
        ColumnType::Date => TableValues::Date(each(cells, day)),
        ColumnType::Instant => TableValues::Instant(each(cells, at)),
        ColumnType::Nanos => TableValues::Nanos(each(cells, at)),
        _ => TableValues::Text(each(cells, str::to_owned)),
    }
}

impl Source for Tables {
    fn name(&self) -> &'static str {
        "tables"
    }

    fn survey(&self, _: &Selection) -> Result<Survey, SourceError> {
        let assets = self
            .symbols
            .iter()
            .map(|symbol| AssetRecord { symbol: (*symbol).to_owned(), ..AssetRecord::default() });
        let part = |(number, (schema, symbol, _)): (
            usize,
            &(Arc<TableSchema>, Option<&str>, RawTable),
        )| TablePart {
            name: number.to_string(),
            schema: Arc::clone(schema),
            asset: symbol.and_then(|symbol| self.symbols.iter().position(|own| *own == symbol)),
            bytes: 0,
        };
        let tables = self.parts.iter().enumerate().map(part).collect();
        Ok(Survey { assets: assets.collect(), tables, ..Survey::default() })
    }

    fn fetch(&self, _: &Part, _: &Selection) -> Result<Delivery, SourceError> {
        Err(SourceError::new(std::io::Error::other("there are no bars")))
    }

    fn fetch_table(&self, part: &TablePart, _: &Selection) -> Result<TableDelivery, SourceError> {
        let table = self.parts[part.name.parse::<usize>().unwrap()].2.clone();
        let rows = table.len() as u64;
        Ok(TableDelivery { table, rejected: Vec::new(), notes: Vec::new(), rows })
    }
}
