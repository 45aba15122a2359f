//! The rows of all parts of a table as one table.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustybt_calendars::{Session, Timestamp};

use crate::{
    AssetRecord, MemoryTable, RawTable, Reason, Rejected, Repeats, Sid, Subjects, TablePart,
    TableReader, TableRows, TableSchema, TableValues,
};

/// One table for each schema, its rows by asset, then by stamp. Parts whose columns are of other
/// types than those of the parts before go to `rejected`.
pub(super) fn joined(
    parts: Vec<(TablePart, RawTable)>,
    records: &[AssetRecord],
    sids: &[Sid],
    rejected: &mut Vec<Rejected>,
) -> Vec<Arc<dyn TableReader>> {
    let mut tables: BTreeMap<String, Joined> = BTreeMap::new();
    for (part, table) in parts {
        let joined = tables
            .entry(part.schema.name.clone())
            .or_insert_with(|| Joined::new(part.schema.as_ref().clone()));
        let owner = |asset: Option<usize>| asset.and_then(|asset| sids.get(asset)).copied();
        let owners = match &table.subjects {
            Subjects::Nobody => Vec::new(),
            Subjects::One => owner(part.asset).map_or_else(Vec::new, |sid| vec![sid; table.len()]),
            Subjects::Each(assets) => {
                assets.iter().filter_map(|&asset| owner(Some(asset))).collect()
            }
        };
        if let Err(detail) = joined.append(table, owners) {
            let record = part.asset.and_then(|asset| records.get(asset));
            rejected.push(Rejected {
                origin: part.name,
                line: None,
                symbol: record.map(|record| record.symbol.clone()).unwrap_or_default(),
                reason: Reason::BadFile { detail },
                text: String::new(),
            });
        }
    }
    let readers = tables.into_values().filter_map(Joined::reader);
    readers.map(|table| Arc::new(table) as Arc<dyn TableReader>).collect()
}

/// Rows that grow part by part.
struct Joined {
    schema: TableSchema,
    rows: TableRows,
}

impl Joined {
    fn new(schema: TableSchema) -> Self {
        let column = |name: &String, kind| (name.clone(), TableValues::new(kind));
        let columns = schema.columns.iter().map(|c| column(&c.name, c.kind)).collect();
        Self { schema, rows: TableRows { sids: Vec::new(), columns, rows: 0 } }
    }

    /// Takes rows in, with their owners; nothing of them where a column does not fit.
    fn append(&mut self, table: RawTable, owners: Vec<Sid>) -> Result<(), String> {
        let (before, more) = (self.rows.rows, table.len());
        if self.schema.per_asset && owners.len() != more {
            return Err("it has rows of assets that nobody told of".to_owned());
        }
        let mut columns = self.rows.columns.clone();
        for (name, values) in table.columns {
            if !columns.iter().any(|(own, _)| *own == name) {
                let mut missing = TableValues::new(values.kind());
                missing.push_missing(before);
                columns.push((name.clone(), missing));
            }
            let Some((_, own)) = columns.iter_mut().find(|(own, _)| *own == name) else { continue };
            let (kind, found) = (own.kind().name(), values.kind().name());
            own.append(values).map_err(|reason| {
                format!(
                    "its column `{name}`, of {found}, does not fit the table's, of {kind}: {reason}"
                )
            })?;
        }
        for (_, values) in &mut columns {
            values.push_missing((before + more).saturating_sub(values.len()));
        }
        self.rows.columns = columns;
        self.rows.sids.extend(owners);
        self.rows.rows = before + more;
        Ok(())
    }

    fn reader(self) -> Option<MemoryTable> {
        let Self { schema, rows } = self;
        let stamp = schema.stamp.column().and_then(|name| rows.column(name));
        let stamps: Vec<Option<Timestamp>> = (0..rows.rows)
            .map(|row| match stamp? {
                TableValues::Date(days) => days.get(row)?.map(Session::midnight),
                TableValues::Instant(at) | TableValues::Nanos(at) => *at.get(row)?,
                _ => None,
            })
            .collect();
        let place = |row: usize| (rows.sids.get(row).copied(), stamps.get(row).copied().flatten());
        let mut order: Vec<usize> = (0..rows.rows).collect();
        order.sort_by_key(|&row| place(row));
        let keys: Option<Vec<&str>> = match &schema.repeats {
            Repeats::Key(columns) => Some(columns.iter().map(String::as_str).collect()),
            Repeats::Id(column) => Some(vec![column.as_str()]),
            Repeats::Row | Repeats::Group => None,
        };
        if let Some(keys) = keys {
            // Of rows with one key the last one told counts; a row without its id is its own.
            let by_id = matches!(schema.repeats, Repeats::Id(_));
            let mut last = BTreeMap::new();
            for &row in &order {
                let texts = keys.iter().map(|key| {
                    rows.column(key).map(|values| values.plain(row)).unwrap_or_default()
                });
                let texts: Vec<String> = texts.collect();
                let own = by_id && texts.iter().all(String::is_empty);
                last.insert((place(row), texts, own.then_some(row)), row);
            }
            order = last.into_values().collect();
            order.sort_by_key(|&row| (place(row), row));
        }
        let columns = rows.columns.iter().map(|(name, values)| {
            Ok::<_, crate::DecimalFault>((name.clone(), values.pick(&order)?))
        });
        let columns = columns.collect::<Result<Vec<_>, _>>().ok()?;
        let sids = order.iter().filter_map(|&row| rows.sids.get(row).copied()).collect();
        MemoryTable::new(schema, TableRows { sids, columns, rows: order.len() }).ok()
    }
}
