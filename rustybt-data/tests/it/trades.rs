//! Minutes made of trades.

use std::io::BufRead;
use std::path::PathBuf;
use std::sync::Arc;

use rustybt_calendars::{Timestamp, calendar};
use rustybt_data::{
    BarReader, BarReaderExt, DecimalColumn, Field, MemoryTable, ResampledBars, Sid, TableRows,
    TableSchema, TableValues, TradeBars, conformance, parse_decimal,
};

use crate::market::{at, day};

/// A table of trades: sid, instant, price, size.
fn table<'a>(trades: impl IntoIterator<Item = (u32, Timestamp, &'a str, &'a str)>) -> MemoryTable {
    let (mut sids, mut stamps) = (Vec::new(), Vec::new());
    let (mut prices, mut sizes) = (DecimalColumn::default(), DecimalColumn::default());
    for (sid, stamp, price, size) in trades {
        sids.push(Sid(sid));
        stamps.push(Some(stamp));
        prices.push(Some(parse_decimal(price.as_bytes()).unwrap())).unwrap();
        sizes.push(Some(parse_decimal(size.as_bytes()).unwrap())).unwrap();
    }
    let rows = sids.len();
    let columns = [
        ("ts", TableValues::Nanos(stamps)),
        ("price", TableValues::Decimal(prices)),
        ("size", TableValues::Decimal(sizes)),
    ];
    let columns = columns.map(|(name, values)| (name.to_owned(), values)).to_vec();
    MemoryTable::new(TableSchema::trades(), TableRows { sids, columns, rows }).unwrap()
}

fn bars(table: MemoryTable, start: &str, end: &str, sids: &[u32]) -> TradeBars {
    let xnys = calendar("XNYS").unwrap();
    let span = (day(start), day(end));
    TradeBars::new(Arc::new(table), xnys, span, sids.iter().copied().map(Sid)).unwrap()
}

fn three_days() -> TradeBars {
    let trades = [
        (1, "2019-11-27T14:29:59.9Z", "1", "1"), // before the open
        (1, "2019-11-27T14:30Z", "10.5", "100"),
        (1, "2019-11-27T14:30:30Z", "10.75", "0.5"),
        (1, "2019-11-27T14:30:59.999999999Z", "10.25", "3"),
        (1, "2019-11-27T14:32Z", "10", "7"),
        (1, "2019-11-29T17:59:59Z", "11", "1"),
        (1, "2019-11-29T18:00Z", "99", "1"), // after the early close
        (1, "2019-12-02T14:30:01Z", "12", "2"),
        (4, "2019-12-02T14:31Z", "0.0001", "1000000"),
    ];
    let table = table(trades.map(|(sid, stamp, price, size)| (sid, at(stamp), price, size)));
    bars(table, "2019-11-27", "2019-12-02", &[4, 1, 6])
}

#[test]
fn a_minute_is_made_of_its_trades() {
    let bars = three_days();
    let row =
        |field| -> Vec<f64> { (0..3).map(|row| bars.value(field, Sid(1), row).unwrap()).collect() };
    let shown = |field| format!("{:?}", row(field));
    assert_eq!(shown(Field::Open), "[10.5, NaN, 10.0]");
    assert_eq!(shown(Field::High), "[10.75, NaN, 10.0]");
    assert_eq!(shown(Field::Low), "[10.25, NaN, 10.0]");
    assert_eq!(shown(Field::Close), "[10.25, NaN, 10.0]");
    assert_eq!(shown(Field::Volume), "[103.5, 0.0, 7.0]");
    assert_eq!(shown(Field::Trades), "[3.0, NaN, 1.0]");
    assert_eq!(bars.value(Field::Close, Sid(1), 599).unwrap(), 11.0);
    assert_eq!(bars.value(Field::Close, Sid(1), 600).unwrap(), 12.0);
    assert_eq!(bars.exact(Field::Volume, Sid(1), 0..1).unwrap().get(0), "103.5".parse().ok());
    assert_eq!(bars.exact(Field::Low, Sid(4), 601..602).unwrap().get(0), "0.0001".parse().ok());
    assert!(bars.value(Field::Close, Sid(6), 5).unwrap().is_nan());
}

#[test]
fn it_is_a_reader_like_any_other() {
    conformance::reader(&three_days());
    let days = ResampledBars::new(Arc::new(three_days()), "1d".parse().unwrap()).unwrap();
    conformance::reader(&days);
    assert_eq!(days.value(Field::Volume, Sid(1), 0).unwrap(), 110.5);
}

/// The folder of the shared data, where there is one.
#[expect(clippy::disallowed_methods, reason = "a test finds its data by the environment")]
fn real(file: &str) -> Option<Vec<String>> {
    let named = std::env::var_os("RUSTYBT_SHARED").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let root = named.or(Some(beside)).filter(|folder| folder.is_dir())?;
    let file = std::fs::File::open(root.join("data/real/us-equities").join(file)).ok()?;
    let text = std::io::BufReader::new(flate2::read::GzDecoder::new(file));
    text.lines().collect::<Result<_, _>>().ok()
}

/// `2013-10-07 09:30:00.270` in New York, four hours behind, as an instant.
fn new_york(text: &str) -> Timestamp {
    at(&format!("{}Z", text.replace(' ', "T"))).plus_minutes(240)
}

#[test]
fn trades_of_ibm_make_its_minutes() {
    let files = real("ticks/IBM-20131007-trades.csv.gz").zip(real("minute/IBM.csv.gz"));
    let Some((trades, minutes)) = files else {
        println!("skipped: no real trades of IBM in the shared data");
        return;
    };
    let split: Vec<Vec<&str>> =
        trades.iter().skip(1).map(|line| line.split(',').collect()).collect();
    let table = table(split.iter().map(|cells| (0, new_york(cells[0]), cells[1], cells[2])));
    let bars = bars(table, "2013-10-07", "2013-10-07", &[0]);
    let (mut rows, mut same) = (0, [0; 5]);
    for line in minutes.iter().filter(|line| line.starts_with("2013-10-07")) {
        let cells: Vec<&str> = line.split(',').collect();
        let Some(row) = bars.timeline().row_of(new_york(cells[0])) else { continue };
        rows += 1;
        for ((count, field), cell) in same.iter_mut().zip(Field::OHLCV).zip(&cells[1..]) {
            let expected: f64 = cell.parse().unwrap();
            *count += usize::from(bars.value(field, Sid(0), row).unwrap() == expected);
        }
    }
    assert_eq!(rows, 390);
    // DIFFERENCE: the vendor leaves trades of some conditions out of prices; here every trade counts.
    assert!(same[4] > 350 && same[1] > 300 && same[2] > 300, "{same:?}");
}

/// A table that notes which months are read.
#[derive(Debug)]
struct Watched {
    table: MemoryTable,
    reads: Arc<std::sync::Mutex<Vec<String>>>,
}

impl rustybt_data::TableReader for Watched {
    fn schema(&self) -> &TableSchema {
        self.table.schema()
    }

    fn rows(&self) -> u64 {
        self.table.rows()
    }

    fn scan(&self, query: &rustybt_data::TableQuery) -> Result<TableRows, rustybt_data::Error> {
        let from = query.start.unwrap().to_string();
        self.reads.lock().unwrap().push(from.get(..7).unwrap().to_owned());
        self.table.scan(query)
    }
}

#[test]
fn whoever_walks_forward_finds_the_next_month_ready() {
    let days = ["2019-09-03", "2019-10-01", "2019-11-01", "2019-12-02"];
    let trades = days.map(|day| (1, at(&format!("{day}T15:00Z")), "10.5", "100"));
    let reads = Arc::new(std::sync::Mutex::new(Vec::new()));
    let table = Watched { table: table(trades), reads: Arc::clone(&reads) };
    let span = (day("2019-09-03"), day("2019-12-31"));
    let xnys = calendar("XNYS").unwrap();
    let bars = TradeBars::new(Arc::new(table), xnys, span, [Sid(1)]).unwrap();
    let wait_for = |months: &[&str]| {
        for _ in 0..3000 {
            if reads.lock().unwrap().len() >= months.len() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(*reads.lock().unwrap(), months);
    };
    // A question in the second half of a month is no walk.
    bars.run(Field::Close, Sid(1), 5000).unwrap();
    wait_for(&["2019-09"]);
    // One that goes on is: the next month is read, and each one after it on arrival.
    bars.run(Field::Close, Sid(1), 5100).unwrap();
    wait_for(&["2019-09", "2019-10"]);
    let first = |day: &str| bars.timeline().row_of(at(&format!("{day}T15:00Z"))).unwrap();
    assert_eq!(bars.value(Field::Close, Sid(1), first("2019-10-01")).unwrap(), 10.5);
    wait_for(&["2019-09", "2019-10", "2019-11"]);
    assert_eq!(bars.value(Field::Close, Sid(1), first("2019-12-02")).unwrap(), 10.5);
    assert_eq!(bars.value(Field::Close, Sid(1), first("2019-11-01")).unwrap(), 10.5);
    // Each month was read once.
    wait_for(&["2019-09", "2019-10", "2019-11", "2019-12"]);
}
