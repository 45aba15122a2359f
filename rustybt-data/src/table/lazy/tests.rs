use std::sync::Mutex;

use polars_lazy::prelude::{col, lit};

use super::super::{DecimalColumn, MemoryTable, TableRows, TableValues};
use super::*;

/// A table that notes what was asked of it.
#[derive(Debug)]
struct Noted(MemoryTable, Mutex<Vec<TableQuery>>);

impl TableReader for Noted {
    fn schema(&self) -> &TableSchema {
        self.0.schema()
    }

    fn rows(&self) -> u64 {
        self.0.rows()
    }

    fn scan(&self, query: &TableQuery) -> Result<TableRows, Error> {
        self.1.lock().unwrap().push(query.clone());
        self.0.scan(query)
    }
}

fn hour(hour: i64) -> Timestamp {
    "2024-03-01T00:00Z".parse::<Timestamp>().unwrap().plus_minutes(60 * hour)
}

/// Rates of three assets, one an hour of a day.
fn table() -> Arc<Noted> {
    let (mut sids, mut stamps, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for sid in 0..3 {
        for at in 0..24 {
            sids.push(Sid(sid));
            stamps.push(Some(hour(at)));
            rates.push(i128::from(at));
        }
    }
    let rates = DecimalColumn::from_mantissas(4, rates).unwrap();
    let columns = vec![
        ("ts".to_owned(), TableValues::Instant(stamps)),
        ("rate".to_owned(), TableValues::Decimal(rates)),
    ];
    let rows = TableRows { sids, columns, rows: 72 };
    let table = MemoryTable::new(TableSchema::funding_rates(), rows).unwrap();
    Arc::new(Noted(table, Mutex::default()))
}

fn micros(at: Timestamp) -> Expr {
    lit(chrono::DateTime::from_timestamp_micros(at.micros()).unwrap().naive_utc())
}

#[test]
fn a_frame_reads_no_more_than_it_is_asked_for() {
    let table = table();
    let frame = lazy_frame(table.clone(), TableQuery::new()).unwrap();
    assert_eq!(frame.clone().collect().unwrap().shape(), (72, 3));
    let filter = col("sid").eq(lit(1u32)).and(col("ts").gt_eq(micros(hour(6))));
    let filtered = frame.clone().filter(filter).select([col("rate")]).collect().unwrap();
    assert_eq!(filtered.shape(), (18, 1));
    let rate = filtered.column("rate").unwrap().f64().unwrap();
    assert_eq!((rate.get(0), rate.get(17)), (Some(0.0006), Some(0.0023)));
    let asked = table.1.lock().unwrap().last().cloned().unwrap();
    assert_eq!(asked.sids, Some(vec![Sid(1)]));
    assert_eq!(asked.start, Some(hour(6)));
    let filter = col("rate").gt(lit(0.002)).or(col("sid").eq(lit(7u32)));
    assert_eq!(frame.clone().filter(filter).collect().unwrap().height(), 9);
    let none = frame.filter(col("sid").eq(lit(9u32))).collect().unwrap();
    assert_eq!(none.height(), 0);
    assert_eq!(none.get_column_names(), ["sid", "ts", "rate"]);
}

#[test]
fn the_query_counts_beside_the_filter() {
    let query = TableQuery::new().sids(&[Sid(0), Sid(2)]).between(hour(1), hour(2));
    let frame = lazy_frame(table(), query.columns(&["rate"])).unwrap();
    assert_eq!(frame.clone().collect().unwrap().shape(), (4, 2));
    let filter = col("sid").eq(lit(2u32)).or(col("sid").eq(lit(1u32)));
    assert_eq!(frame.clone().filter(filter).collect().unwrap().height(), 2);
    assert_eq!(frame.clone().limit(3).collect().unwrap().height(), 3);
    assert_eq!(frame.select([col("rate").sum()]).collect().unwrap().height(), 1);
    let error = lazy_frame(table(), TableQuery::new().columns(&["prize"])).err().unwrap();
    assert!(matches!(error, Error::UnknownColumn { .. }), "{error}");
}

#[test]
fn a_filter_is_never_taken_for_more_than_it_says() {
    let schema = TableSchema::funding_rates();
    let early = || col("ts").lt(micros(hour(3)));
    let bounds = |filter: Expr| Bounds::of(&filter, &schema);
    assert_eq!(bounds(col("sid").eq(lit(1u32)).or(early())), Bounds::default());
    assert_eq!(bounds(col("rate").gt(lit(1.0))), Bounds::default());
    assert_eq!(bounds(col("sid").gt(lit(1u32))), Bounds::default());
    let both = bounds(col("sid").eq(lit(1u32)).and(col("sid").eq(lit(2u32))));
    assert_eq!(both.sids, Some(Vec::new()));
    assert_eq!(instant(&AnyValue::Date(1)), Some(Session::from_days(1).midnight()));
}
