//! Tables beyond bars as a view sees them: nothing that became known later.

use std::sync::Arc;

use rustybt_calendars::Timestamp;

use crate::book::Replay;
use crate::{Book, Error, Sid, TableQuery, TableReader, TableRows, TableSchema};

/// The tables of a bundle as they were known at an instant.
///
/// A row is known from its `known_at` on, or where it has none from its stamp on: a trade when it
/// happens, a funding rate when it is paid, a row of a table of dates when its day begins in UTC.
///
/// ```
/// use std::sync::Arc;
///
/// use rustybt_data::{
///     DecimalColumn, KnownTables, MemoryTable, Sid, TableReader, TableRows, TableSchema,
///     TableValues, parse_decimal,
/// };
///
/// let mut rates = DecimalColumn::default();
/// for text in ["0.0001", "0.00025"] {
///     rates.push(Some(parse_decimal(text.as_bytes())?))?;
/// }
/// let times = ["2024-03-01T00:00Z".parse().ok(), "2024-03-01T08:00Z".parse().ok()];
/// let columns = vec![
///     ("ts".to_owned(), TableValues::Instant(times.to_vec())),
///     ("rate".to_owned(), TableValues::Decimal(rates)),
/// ];
/// let rows = TableRows { sids: vec![Sid(0); 2], columns, rows: 2 };
/// let table = MemoryTable::new(TableSchema::funding_rates(), rows)?;
/// let tables: [Arc<dyn TableReader>; 1] = [Arc::new(table)];
///
/// let early = KnownTables::new(&tables, "2024-03-01T07:59Z".parse()?).funding(Sid(0), 5)?;
/// assert_eq!(early.rows, 1);
/// let later = KnownTables::new(&tables, "2024-03-01T08:00Z".parse()?).funding(Sid(0), 1)?;
/// assert_eq!(later.column("rate").map(|rates| rates.plain(0)).as_deref(), Some("0.00025"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct KnownTables<'t> {
    tables: &'t [Arc<dyn TableReader>],
    now: Timestamp,
}

/// How far back the newest rows are looked for, in minutes: further where there are too few.
const LOOKS: [i64; 4] = [60, 24 * 60, 32 * 24 * 60, 1024 * 24 * 60];

impl<'t> KnownTables<'t> {
    /// These tables at an instant.
    pub fn new(tables: &'t [Arc<dyn TableReader>], now: Timestamp) -> Self {
        Self { tables, now }
    }

    /// The instant.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The names of the tables.
    pub fn names(&self) -> impl Iterator<Item = &'t str> {
        self.tables.iter().map(|table| table.schema().name.as_str())
    }

    /// The rows of a table that a query asks for and that are known.
    ///
    /// # Errors
    ///
    /// [`Error::NoTable`], and as [`TableReader::scan`].
    pub fn scan(&self, table: &str, query: &TableQuery) -> Result<TableRows, Error> {
        self.read(self.table(table)?, query.clone())
    }

    /// An asset's newest rows of a table, at most `count`, the newest last.
    ///
    /// # Errors
    ///
    /// As [`scan`](Self::scan).
    pub fn last(&self, table: &str, sid: Sid, count: usize) -> Result<TableRows, Error> {
        let table = self.table(table)?;
        let rows = self.newest(table, sid, |rows| rows.rows >= count)?;
        Ok(rows.last(count))
    }

    /// An asset's newest trades, at most `count`, the newest last: `ts, price, size, side, id`.
    ///
    /// # Errors
    ///
    /// As [`scan`](Self::scan).
    pub fn trades(&self, sid: Sid, count: usize) -> Result<TableRows, Error> {
        self.last("trades", sid, count)
    }

    /// An asset's newest quotes, at most `count`, the newest last: `ts, bid, bid_size, ask,
    /// ask_size, seq`.
    ///
    /// # Errors
    ///
    /// As [`scan`](Self::scan).
    pub fn quotes(&self, sid: Sid, count: usize) -> Result<TableRows, Error> {
        self.last("quotes", sid, count)
    }

    /// An asset's newest funding rates, at most `count`, the newest last: `ts, rate, predicted,
    /// next_time`.
    ///
    /// # Errors
    ///
    /// As [`scan`](Self::scan).
    pub fn funding(&self, sid: Sid, count: usize) -> Result<TableRows, Error> {
        self.last("funding_rates", sid, count)
    }

    /// An asset's order book, `depth` levels of each side: the newest snapshot, and what changed
    /// since. `None` where nothing is known of it yet.
    ///
    /// Without changes it is the snapshot; without snapshots, the changes from the newest one that
    /// begins anew (`snapshot` or `clear`), or else from the first. A snapshot of a few levels knows
    /// nothing of those below.
    ///
    /// # Errors
    ///
    /// [`Error::NoTable`] where there is neither `book_snap_N` nor `book_deltas`, and as
    /// [`TableReader::scan`].
    pub fn book(&self, sid: Sid, depth: usize) -> Result<Option<Book>, Error> {
        let snapshots = self.snapshots();
        let deltas = self.tables.iter().find(|table| table.schema().name == "book_deltas");
        if snapshots.is_none() && deltas.is_none() {
            return Err(self.no_table("book_deltas"));
        }
        let mut replay = Replay::default();
        if let Some(snapshots) = snapshots {
            let newest = self.newest(snapshots, sid, |rows| rows.rows > 0)?;
            replay.begin(&newest.last(1));
        }
        if let Some(deltas) = deltas {
            let query = TableQuery::new().sids(&[sid]);
            let rows = match replay.at() {
                Some(at) => self.read(deltas, query.between(at, self.now))?,
                None => self.newest(deltas, sid, |rows| Replay::begins_anew(rows).is_some())?,
            };
            replay.go_on(&rows);
        }
        Ok(replay.book(depth))
    }

    /// The table of snapshots with the most levels.
    fn snapshots(&self) -> Option<&'t Arc<dyn TableReader>> {
        let levels = |schema: &TableSchema| schema.name.strip_prefix("book_snap_")?.parse().ok();
        let tables = self.tables.iter();
        let known = tables.filter_map(|table| Some((levels(table.schema())?, table)));
        known.max_by_key(|(levels, _): &(usize, _)| *levels).map(|(_, table)| table)
    }

    fn table(&self, name: &str) -> Result<&'t Arc<dyn TableReader>, Error> {
        let found = self.tables.iter().find(|table| table.schema().name == name);
        found.ok_or_else(|| self.no_table(name))
    }

    #[cold]
    fn no_table(&self, name: &str) -> Error {
        let known = self.names().map(str::to_owned).collect();
        Error::NoTable { table: name.to_owned(), known }
    }

    /// The rows that are known, whatever else is asked.
    fn read(
        &self,
        table: &Arc<dyn TableReader>,
        mut query: TableQuery,
    ) -> Result<TableRows, Error> {
        query.known_at = Some(query.known_at.map_or(self.now, |at| at.min(self.now)));
        if !table.schema().has_known_at() {
            query.end = Some(query.end.map_or(self.now, |at| at.min(self.now)));
        }
        table.scan(&query)
    }

    /// An asset's rows from some instant on that are known: enough of them, or all.
    fn newest(
        &self,
        table: &Arc<dyn TableReader>,
        sid: Sid,
        enough: impl Fn(&TableRows) -> bool,
    ) -> Result<TableRows, Error> {
        let query = TableQuery::new().sids(&[sid]);
        // What a row of a table of dates is about may lie long before, or after, it is known.
        if !table.schema().has_known_at() {
            for minutes in LOOKS {
                let start = self.now.plus_minutes(-minutes);
                let rows = self.read(table, query.clone().between(start, self.now))?;
                if enough(&rows) {
                    return Ok(rows);
                }
            }
        }
        self.read(table, query)
    }
}
