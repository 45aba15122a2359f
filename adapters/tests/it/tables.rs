//! Tables beyond bars from CSV and Parquet files: by their own names, by vendors', as recorded.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use rustybt_adapters::{CsvDir, CsvDirOptions};
use rustybt_data::{
    Action, AssetClass, ColumnType, Field, Selection, Source, Stamp, Subjects, Survey,
    TableDelivery,
};

use crate::fixture::{Folder, everything};

/// What each part of a folder's tables delivers, by the part's name.
fn tables(folder: &Folder) -> (Survey, Vec<(String, TableDelivery)>) {
    tables_of(&folder.source(), &everything())
}

fn tables_of(source: &CsvDir, selection: &Selection) -> (Survey, Vec<(String, TableDelivery)>) {
    let survey = source.survey(selection).unwrap();
    let fetched = survey
        .tables
        .iter()
        .map(|part| (part.name.clone(), source.fetch_table(part, selection).unwrap()))
        .collect();
    (survey, fetched)
}

/// A delivery as CSV, its columns and their types in the header.
fn shown(delivery: &TableDelivery) -> String {
    let table = &delivery.table;
    let names =
        table.columns.iter().map(|(name, values)| format!("{name}:{}", values.kind().name()));
    let mut text = names.collect::<Vec<_>>().join(",");
    for row in 0..table.len() {
        text.push('\n');
        if let Subjects::Each(assets) = &table.subjects {
            write!(text, "[{}] ", assets[row]).unwrap();
        }
        text.push_str(&table.text(row));
    }
    for row in &delivery.rejected {
        write!(text, "\n{}: {}", row.line.unwrap_or(0), row.reason).unwrap();
    }
    text
}

fn only(folder: &Folder) -> String {
    let (survey, found) = tables(folder);
    assert_eq!((found.len(), survey.rejected.len()), (1, 0), "{:?}", survey.rejected);
    shown(&found[0].1)
}

#[test]
fn trades_by_their_own_names_and_by_vendors() {
    let own = "ts,price,size,side,id,condition\n\
               2013-10-07 09:30:00.270000001,181.52,283,buy,a1,2000\n\
               2013-10-07T13:30:01Z,181.5,100,SELL,,\n\
               ,1,1,,,\n\
               2013-10-07T13:30:01Z,x,1,,,\n";
    assert_eq!(
        only(&Folder::new(&[("trades/IBM.csv", own)])),
        "ts:nanos,price:decimal,size:decimal,side:text,id:text,condition:int\n\
         2013-10-07T13:30:00.270000001Z,181.52,283,buy,a1,2000\n\
         2013-10-07T13:30:01Z,181.5,100,sell,,\n\
         ,1,1,,,\n\
         5: `x` in column `price` is no number"
    );
    // Binance: milliseconds, quantities, and who was there first.
    let binance = "id,price,qty,quote_qty,time,is_buyer_maker\n\
                   1,0.00000812,1000000000000000,8120000000,1667346579146,true\n\
                   2,0.5,1.50,0.75,1667346579147,false\n";
    assert_eq!(
        only(&Folder::new(&[("trades/SHIBUSDT.csv", binance)])),
        "ts:nanos,price:decimal,size:decimal,side:text,id:text,quote_qty:decimal\n\
         2022-11-01T23:49:39.146Z,0.00000812,1000000000000000,sell,1,8120000000\n\
         2022-11-01T23:49:39.147Z,0.5,1.5,buy,2,0.75"
    );
    // Tardis: microseconds, and a second stamp that is kept as it comes.
    let tardis = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n\
                  bitmex,XBTUSD,1583020803145000,1583020803307160,ccc3,sell,8531.5,2152\n";
    assert_eq!(
        only(&Folder::new(&[("trades/XBTUSD.csv", tardis)])),
        "ts:nanos,price:decimal,size:decimal,side:text,id:text,exchange:text,local_timestamp:int\n\
         2020-03-01T00:00:03.145Z,8531.5,2152,sell,ccc3,bitmex,1583020803307160"
    );
}

#[test]
fn quotes_books_and_funding() {
    let folder = Folder::new(&[
        (
            "quotes/A.csv",
            "time,bidPrice,bidSize,askPrice,askSize\n2020-01-02T14:30Z,10,5,10.01,7\n",
        ),
        (
            "book_snapshots/A.csv",
            "timestamp,bids[0].price,bids[0].amount,asks[0].price,asks[0].amount,bids[1].price,bids[1].amount\n\
             1583020803145000,10,5,10.01,7,9.5,1\n",
        ),
        (
            "book_deltas/A.csv",
            "timestamp,seq,side,price,amount\n1583020803145000,1,bids,10,0\n1583020803145000,2,ask,11,3\n",
        ),
        (
            "funding/BTCUSDT.csv",
            "symbol,fundingTime,fundingRate,nextFundingTime\nBTCUSDT,1600128000000,-0.00022270,1600156800000\n",
        ),
    ]);
    let (survey, found) = tables(&folder);
    assert!(survey.rejected.is_empty(), "{:?}", survey.rejected);
    let shown: Vec<String> =
        found.iter().map(|(name, part)| format!("{name}\n{}", shown(part))).collect();
    assert_eq!(
        shown.join("\n\n"),
        "quotes/A.csv\nts:nanos,bid:decimal,bid_size:decimal,ask:decimal,ask_size:decimal\n\
         2020-01-02T14:30Z,10,5,10.01,7\n\n\
         book_snapshots/A.csv\nts:nanos,bid_px_0:decimal,bid_sz_0:decimal,ask_px_0:decimal,ask_sz_0:decimal,bid_px_1:decimal,bid_sz_1:decimal\n\
         2020-03-01T00:00:03.145Z,10,5,10.01,7,9.5,1\n\n\
         book_deltas/A.csv\nts:nanos,seq:int,side:text,action:text,price:decimal,size:decimal\n\
         2020-03-01T00:00:03.145Z,1,bid,delete,10,0\n\
         2020-03-01T00:00:03.145Z,2,ask,update,11,3\n\n\
         funding/BTCUSDT.csv\nts:instant,rate:decimal,next_time:instant\n\
         2020-09-15T00:00Z,-0.0002227,2020-09-15T08:00Z"
    );
    let names: Vec<&str> = survey.tables.iter().map(|part| part.schema.name.as_str()).collect();
    assert_eq!(names, ["quotes", "book_snap_2", "book_deltas", "funding_rates"]);
    // Assets are known by their files, even without bars.
    let symbols: Vec<&str> = survey.assets.iter().map(|asset| asset.symbol.as_str()).collect();
    assert_eq!(symbols, ["A", "BTCUSDT"]);
}

#[test]
fn rows_of_many_assets_find_them() {
    let folder = Folder::of(&["AAPL", "IBM"]);
    folder.write("fundamentals.csv", "symbol,date,known_at,eps,sector\nIBM,2020-03-31,2020-04-20T20:05Z,1.84,tech\nMSFT,2020-03-31,,1,\n");
    folder.write("events.csv", "sid,event_date,timestamp,kind\n0,2020-04-30,2020-04-01,earnings\n");
    folder.write("estimates.csv", "symbol,event_date,timestamp,fiscal_year,fiscal_quarter,eps\nAAPL,2020-04-30,2020-04-01T12:00Z,2020,2,2.26\n");
    folder.write("fx_rates.csv", "date,base,quote,rate\n2020-01-02,EUR,USD,1.1193\n");
    folder.write(
        "futures_contracts.csv",
        "symbol,root_symbol,start_date,expiration_date,multiplier,tick_size,exchange\nESH20,ES,2019-03-15,2020-03-20,50,0.25,XCME\n",
    );
    let (survey, found) = tables(&folder);
    assert!(survey.rejected.is_empty(), "{:?}", survey.rejected);
    let shown: Vec<String> = found.iter().map(|(_, part)| shown(part)).collect();
    assert_eq!(
        shown,
        [
            "date:date,known_at:instant,fiscal_year:int,fiscal_quarter:int,eps:decimal\n\
             [0] 2020-04-30,2020-04-01T12:00Z,2020,2,2.26",
            // A day alone: known when it is over in New York.
            "date:date,known_at:instant,kind:text\n[0] 2020-04-30,2020-04-02T04:00Z,earnings",
            "date:date,known_at:instant,eps:decimal,sector:text\n\
             [2] 2020-03-31,2020-04-20T20:05Z,1.84,tech\n3: there are no bars of `MSFT`",
            "root_symbol:text,start_date:date,expiration_date:date,multiplier:decimal,tick_size:decimal,exchange:text\n\
             [1] ES,2019-03-15,2020-03-20,50,0.25,XCME",
            "date:date,base:text,quote:text,rate:text,value:decimal\n2020-01-02,EUR,USD,mid,1.1193",
        ]
    );
    // A contract without bars is an asset, with the days of its life.
    let contract = &survey.assets[1];
    assert_eq!((contract.symbol.as_str(), contract.class), ("ESH20", AssetClass::Future));
    assert_eq!(contract.end.unwrap().to_string(), "2020-03-20");
    // Only some are asked for: the others are left out, and nobody complains.
    let wanted = Selection { symbols: Some(vec!["IBM".to_owned()]), ..everything() };
    let (survey, found) = tables_of(&folder.source(), &wanted);
    assert_eq!(survey.assets.len(), 1);
    let rows: usize = found.iter().map(|(_, part)| part.table.len()).sum();
    assert_eq!(rows, 2, "IBM's fundamentals and the exchange rate");
}

#[test]
fn columns_of_user_tables_have_the_types_of_their_cells() {
    let folder = Folder::of(&["AAPL", "IBM"]);
    folder.write(
        "news.csv",
        "date,symbol,n,price,ok,code,day,at,tiny,text,none\n\
         2020-01-02,AAPL,1,1.5,true,007,2020-01-01,2020-01-01 09:30,1e-200,a,\n\
         2020-01-03,IBM,,2,FALSE,012,,2020-01-01T10:00Z,1,\"b, c\",NaN\n",
    );
    let options = CsvDirOptions::new(folder.path()).with_dataset("news", "news.csv");
    let typed = options.clone().with_type("news", "n", ColumnType::Decimal);
    let (survey, found) = tables_of(&CsvDir::open(&options).unwrap(), &everything());
    assert_eq!(
        (survey.tables[0].schema.stamp, survey.tables[0].schema.per_asset),
        (Stamp::Date, true)
    );
    assert_eq!(
        shown(&found[0].1),
        format!(
            "date:date,n:int,price:decimal,ok:bool,code:text,day:date,at:nanos,tiny:float,text:text,none:text\n\
             [0] 2020-01-02,1,1.5,true,007,2020-01-01,2020-01-01T14:30Z,{:?},a,\n\
             [1] 2020-01-03,,2,false,012,,2020-01-01T10:00Z,1,b, c,",
            1e-200
        )
        .replace("1e-200", &1e-200.to_string())
    );
    let (_, found) = tables_of(&CsvDir::open(&typed).unwrap(), &everything());
    assert!(shown(&found[0].1).starts_with("date:date,n:decimal,"));
    // Nobody's rows, stamped.
    folder.write("rates.csv", "timestamp,rate\n2020-01-02T12:00Z,1.5\n");
    let options = CsvDirOptions::new(folder.path()).with_dataset("policy", "rates.csv");
    let (survey, found) = tables_of(&CsvDir::open(&options).unwrap(), &everything());
    assert_eq!(
        (survey.tables[0].schema.stamp, survey.tables[0].schema.per_asset),
        (Stamp::Nanos, false)
    );
    assert_eq!(shown(&found[0].1), "ts:nanos,rate:decimal\n2020-01-02T12:00Z,1.5");
}

#[test]
fn what_cannot_be_read_says_why() {
    let folder = Folder::of(&["AAPL"]);
    folder.write("trades/AAPL.csv", "when,price\n1,2\n");
    folder.write("trades/B.parquet", "no parquet");
    folder.write("events.csv", "date,kind\n2020-01-02,x\n");
    let options = CsvDirOptions::new(folder.path()).with_dataset("trades", "events.csv");
    let (survey, found) = tables_of(&CsvDir::open(&options).unwrap(), &everything());
    let mut faults: Vec<String> = found
        .iter()
        .flat_map(|(_, part)| part.rejected.iter())
        .chain(&survey.rejected)
        .map(|row| format!("{}: {}", row.origin, row.reason))
        .collect();
    faults.sort();
    assert_eq!(
        faults,
        [
            "events.csv: `trades` is filed by asset: put one file for each at trades/SYMBOL.csv",
            "events.csv: it has no column `symbol`; its columns are date, kind",
            "trades/AAPL.csv: it has no column `ts`, `size`; its columns are when, price",
            "trades/B.parquet: Parquet error: Invalid Parquet file. Corrupt footer",
        ]
    );
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn parquet_files_are_read_as_the_same_rows() {
    let folder = Folder::of(&["AAPL"]);
    let stamps =
        TimestampMicrosecondArray::from(vec![1_583_020_803_145_000, 1_583_020_803_145_001]);
    folder.write(
        "trades/AAPL.parquet",
        parquet(vec![
            ("timestamp", Arc::new(stamps.with_timezone("UTC"))),
            ("price", Arc::new(Float64Array::from(vec![8531.5, 0.000_008_12]))),
            (
                "amount",
                Arc::new(
                    Decimal128Array::from(vec![215_200, 1])
                        .with_precision_and_scale(20, 2)
                        .unwrap(),
                ),
            ),
            ("side", Arc::new(StringArray::from(vec![Some("sell"), None]))),
            ("flag", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ]),
    );
    folder.write(
        "fundamentals.parquet",
        parquet(vec![
            ("date", Arc::new(Date32Array::from(vec![18_262]))),
            ("symbol", Arc::new(StringArray::from(vec!["AAPL"]))),
            ("shares", Arc::new(Int64Array::from(vec![17_000_000_000]))),
            ("pe", Arc::new(Float64Array::from(vec![f64::NAN]))),
        ]),
    );
    let (survey, found) = tables(&folder);
    assert!(survey.rejected.is_empty(), "{:?}", survey.rejected);
    let shown: Vec<String> =
        found.iter().map(|(name, part)| format!("{name}\n{}", shown(part))).collect();
    assert_eq!(
        shown,
        [
            "fundamentals.parquet\ndate:date,shares:int,pe:float\n[0] 2020-01-01,17000000000,NaN",
            "trades/AAPL.parquet\nts:nanos,price:decimal,size:decimal,side:text,flag:bool\n\
             2020-03-01T00:00:03.145Z,8531.5,2152,sell,true\n\
             2020-03-01T00:00:03.145001Z,0.00000812,0.01,,",
        ]
    );
}

#[test]
fn bars_and_what_is_told_beside_them_may_be_parquet() {
    let folder = Folder::new(&[]);
    let number = |values: &[f64]| -> ArrayRef { Arc::new(Float64Array::from(values.to_vec())) };
    let bars = |stamp: ArrayRef| {
        parquet(vec![
            ("date", stamp),
            ("open", number(&[92.7, 94.73])),
            ("high", number(&[93.88, 95.05])),
            ("low", number(&[91.75, 93.57])),
            ("close", number(&[93.7, 94.25])),
            ("volume", Arc::new(Int64Array::from(vec![75_414_997, 62_777_000]))),
        ])
    };
    folder.write("daily/AAPL.parquet", bars(Arc::new(Date32Array::from(vec![16_230, 16_231]))));
    let naive = TimestampMicrosecondArray::from(vec![1_402_306_200_000_000, 1_402_306_260_000_000]);
    folder.write("minute/AAPL.parquet", bars(Arc::new(naive)));
    folder.write(
        "splits.parquet",
        parquet(vec![
            ("symbol", Arc::new(StringArray::from(vec!["AAPL"]))),
            ("effective_date", Arc::new(Date32Array::from(vec![16_230]))),
            ("new", Arc::new(Int64Array::from(vec![7]))),
            ("old", Arc::new(Int64Array::from(vec![1]))),
        ]),
    );
    let survey = folder.survey();
    assert!(survey.rejected.is_empty() && survey.notes.is_empty(), "{survey:?}");
    assert_eq!(survey.events[0].action, Action::Split { new: 7, old: 1 });
    let shown: Vec<String> = folder
        .fetch(&everything())
        .iter()
        .map(|part| {
            let close = part.bars.column(Field::Close).unwrap();
            format!("{} {}", part.bars.stamps.text(1), close.get(1).unwrap())
        })
        .collect();
    // Times without a zone are the exchange's.
    assert_eq!(shown, ["2014-06-10 94.25", "2014-06-09T13:31Z 94.25"]);
}

/// A file of the recorded data, where there are any.
#[expect(clippy::print_stdout, reason = "a test says what it skipped")]
fn recorded(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        println!("skipped: there is no {}", path.display());
    }
    String::from_utf8(bytes?).ok()
}

#[test]
fn recorded_files_are_read_whole() {
    for (name, place, rows, first) in [
        (
            "adapters/csv/binance_btcusdt-depth-snap.csv",
            "book_deltas/BTCUSDT.csv",
            100,
            "2022-11-01T23:49:39.146Z,2098021528332,bid,snapshot,20377,1.77",
        ),
        (
            "adapters/csv/tardis_trades.csv",
            "trades/XBTUSD.csv",
            2,
            "2020-03-01T00:00:03.145Z,8531.5,2152,sell,ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf",
        ),
        (
            "adapters/csv/tardis_derivative_ticker.csv",
            "funding/XBTUSD.csv",
            2,
            "2020-03-01T00:00:03.145Z,0.0001,0.00012,2020-03-01T00:00Z",
        ),
    ] {
        let Some(text) = recorded(name) else { continue };
        let folder = Folder::new(&[(place, &text)]);
        let (_, found) = tables(&folder);
        let delivery = &found[0].1;
        assert_eq!((delivery.table.len(), delivery.rejected.len()), (rows, 0), "{name}");
        let row = delivery.table.text(0);
        assert!(row.starts_with(first), "{name}: {row}");
    }
}

/// What the parts of a folder deliver, in pieces of so many bytes: rows and types, whatever the
/// pieces, and how many came.
fn in_pieces(folder: &Folder, bytes: usize) -> (String, usize) {
    let (source, selection) = (folder.source(), everything());
    let survey = source.survey(&selection).unwrap();
    let (mut text, mut pieces) = (String::new(), 0);
    for part in &survey.tables {
        let mut head = String::new();
        let fetched = source.fetch_table_in_pieces(part, &selection, bytes, &mut |delivery| {
            let shown = shown(&delivery);
            let (columns, rows) = shown.split_once('\n').unwrap_or((&shown, ""));
            if head != columns {
                assert_eq!(head, "", "all pieces have the same columns");
                columns.clone_into(&mut head);
                writeln!(text, "{head}").unwrap();
            }
            if !rows.is_empty() {
                writeln!(text, "{rows}").unwrap();
            }
            pieces += 1;
            ControlFlow::Continue(())
        });
        if let Err(error) = fetched {
            writeln!(text, "{error}").unwrap();
        }
    }
    // What was refused stands behind the rows of its piece.
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    (lines.join("\n"), pieces)
}

#[test]
fn a_file_in_pieces_is_the_file() {
    let mut trades = "ts,price,size,side,id,venue,flag,late,note\n".to_owned();
    for row in 0..60_u32 {
        let price = ["181.52", "181.5", "0.00000812", "x"][row as usize % 4];
        let (venue, flag) = (if row == 58 { "N" } else { "7" }, row % 2 == 0);
        let late = if row < 50 { String::new() } else { format!("0.{row}") };
        let at = format!("2013-10-07T13:30:{row:02}Z");
        writeln!(trades, "{at},{price},{row},buy,{row},{venue},{flag},{late},").unwrap();
    }
    let mut deltas = "ts,seq,side,price,size\n".to_owned();
    for row in 0..40 {
        writeln!(deltas, "2020-01-02T14:30:{row:02}Z,{row},bid,10.5,{}", row % 3).unwrap();
    }
    let mut rates = "date,base,quote,rate\n".to_owned();
    (1..29).for_each(|day| writeln!(rates, "2020-01-{day:02},EUR,USD,1.{day}").unwrap());
    let folder = Folder::new(&[
        ("trades/IBM.csv", &trades),
        ("book_deltas/IBM.csv", &deltas),
        ("fx_rates.csv", &rates),
    ]);
    let (whole, pieces) = in_pieces(&folder, 1 << 20);
    assert_eq!(pieces, 3);
    assert!(whole.contains("venue:text,flag:bool,late:decimal,note:text"), "{whole}");
    for bytes in [1, 100, 300, 1000] {
        let (found, pieces) = in_pieces(&folder, bytes);
        assert_eq!(found, whole, "{bytes}");
        assert!(pieces > 3, "{bytes}: {pieces}");
    }
}

#[test]
fn a_parquet_file_in_pieces_is_the_file_and_its_types_are_its_own() {
    let rows = 20_000_i64;
    let folder = Folder::of(&["IBM"]);
    let at = (0..rows).map(|row| 1_580_000_000_000_000 + row);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("ts", Arc::new(TimestampMicrosecondArray::from_iter_values(at).with_timezone("UTC"))),
        (
            "price",
            Arc::new(
                Decimal128Array::from_iter_values((0..rows).map(|row| i128::from(row) * 25))
                    .with_precision_and_scale(18, 4)
                    .unwrap(),
            ),
        ),
        ("size", Arc::new(Int64Array::from_iter_values(0..rows))),
        ("id", Arc::new(StringArray::from_iter_values((0..rows).map(|row| row.to_string())))),
        ("score", Arc::new(Float64Array::from_iter_values((0..rows).map(|row| row as f64 / 3.0)))),
    ];
    folder.write("trades/IBM.parquet", parquet(columns));
    let (whole, pieces) = in_pieces(&folder, 1 << 30);
    assert_eq!((pieces, whole.lines().count()), (1, 20_001));
    assert!(whole.ends_with("ts:nanos,price:decimal,size:decimal,id:text,score:float"));
    assert!(whole.contains("2020-01-26T00:53:20.000007Z,0.0175,7,7,2.3333333333333335"));
    let (found, pieces) = in_pieces(&folder, 1);
    assert_eq!((found == whole, pieces), (true, 3));
}
