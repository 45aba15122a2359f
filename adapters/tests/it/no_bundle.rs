//! Folders served as they are: the readers of data that is no bundle.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use parquet::arrow::ArrowWriter;
use rustybt_adapters::{ParquetDir, ParquetOptions};
use rustybt_data::{
    BarReaderExt, Field, Frequency, HistoryQuery, Quote, Selection, Source, SourceData, conformance,
};

use crate::fixture::{Folder, everything, faults, names, only, symbols};

/// `columns` as a file.
fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn prices(closes: &[f64], by: f64) -> ArrayRef {
    Arc::new(closes.iter().map(|close| close + by).collect::<Float64Array>())
}

/// A file of bars with these stamps and closes.
fn bars(stamp: (&str, ArrayRef), closes: &[f64]) -> Vec<u8> {
    let volume: Int64Array = closes.iter().map(|_| 100).collect();
    parquet(vec![
        stamp,
        ("Open", prices(closes, 0.0)),
        ("High", prices(closes, 1.0)),
        ("Low", prices(closes, -1.0)),
        ("Close", prices(closes, 0.0)),
        ("Volume", Arc::new(volume)),
    ])
}

/// Days since 1970: 2014-06-06 is 16227.
fn days(days: &[i32]) -> (&'static str, ArrayRef) {
    ("date", Arc::new(Date32Array::from(days.to_vec())))
}

/// Minutes after 13:30 UTC on 2014-06-09.
fn minutes(minutes: &[i64]) -> (&'static str, ArrayRef) {
    let micros = minutes.iter().map(|at| 1_402_320_600_000_000 + at * 60_000_000);
    let stamps = TimestampMicrosecondArray::from(micros.collect::<Vec<i64>>()).with_timezone("UTC");
    ("window_start", Arc::new(stamps))
}

fn lake(folder: &Folder) -> ParquetDir {
    ParquetDir::open(&ParquetOptions::new(folder.path())).unwrap()
}

#[test]
fn a_folder_of_csv_files_is_served_as_it_is() {
    let folder = Folder::new(&[
        (
            "daily/AAPL.csv",
            "date,open,high,low,close,volume\n2014-06-06,649.9,651.26,644.47,645.57,12497\n\
             2014-06-09,92.7,93.88,91.75,93.7,75415\n2014-06-10,94.73,95.05,93.57,94.25,62777\n\
             2014-06-11,94.13,x,93.47,93.86,45681\n",
        ),
        (
            "minute/BAC.csv",
            "datetime,open,high,low,close,volume\n2014-06-09 09:30,15,15.5,15,15.25,100\n\
             2014-06-09 09:31,15.25,15.25,15,15,50\n",
        ),
        ("splits.csv", "symbol,effective_date,new,old\nAAPL,2014-06-09,7,1\n"),
        ("dividends.csv", "symbol,ex_date,amount\nBAC,2014-06-04,0.01\nIBM,2014-06-04,1\n"),
        ("assets.csv", "sid,symbol,asset_name,exchange\n4,AAPL,Apple,XNAS\n2,BAC,,XNYS\n"),
        ("trades/BAC.csv", "ts,price,size\n2014-06-09T13:30:00Z,15,100\n"),
        ("fx_rates.csv", "date,base,quote,mid\n2014-06-06,EUR,USD,1.25\n"),
    ]);
    let data = SourceData::read(&folder.source(), &everything()).unwrap();
    conformance::reader(&*data.daily().unwrap());
    conformance::reader(&*data.minute().unwrap());
    conformance::finder(&**data.finder());
    assert_eq!(
        faults(data.rejected()),
        [
            "dividends.csv:3: there are no bars of `IBM`",
            "daily/AAPL.csv:5: `x` in column `high` is no price",
        ]
    );
    let portal = data.portal().unwrap();
    let view = portal.at_session("2014-06-10".parse().unwrap()).unwrap();
    let (apple, bank) = (view.lookup("AAPL").unwrap(), view.lookup("BAC").unwrap());
    assert_eq!((apple.0, bank.0), (4, 2));
    assert_eq!(view.asset(apple).unwrap().exchange, "XNAS");
    let history = view.history(&HistoryQuery::new(&[apple, bank]).bars(3)).unwrap();
    assert_eq!(history.series(Quote::Price, apple).unwrap(), [645.57 * (1.0 / 7.0), 93.7, 94.25]);
    // Days of an asset that has minutes alone.
    let closes = history.series(Quote::Price, bank).unwrap();
    assert_eq!(closes[1], 15.0);
    assert!(closes[0].is_nan() && closes[2].is_nan());
    assert_eq!(view.tables().trades(bank, 5).unwrap().rows, 1);
    let wanted = [apple];
    let euros = HistoryQuery::new(&wanted).bars(1).currency("EUR");
    assert_eq!(view.history(&euros).unwrap().series(Quote::Price, apple).unwrap(), [94.25 * 0.8]);
    // Only what is selected is read.
    let one = SourceData::read(&folder.source(), &symbols(&["BAC"])).unwrap();
    assert!(one.daily().is_none() && one.minute().is_some());
}

#[test]
fn folders_named_by_hive_tell_the_symbol() {
    let folder =
        Folder::new(&[("splits.csv", "symbol,effective_date,new,old\nAAPL,2014-06-09,7,1\n")]);
    folder.write("symbol=AAPL/year=2013/x.parquet", bars(days(&[16_070]), &[560.0]));
    folder.write("symbol=AAPL/year=2014/a.parquet", bars(days(&[16_227]), &[645.57]));
    folder.write("symbol=AAPL/year=2014/b.parquet", bars(days(&[16_230, 16_231]), &[93.7, 94.25]));
    folder.write("symbol=BRK%2FB/year=2014/x.parquet", bars(days(&[16_230]), &[128.5]));
    folder.write("symbol=BRK%2FB/_SUCCESS", "");
    let source = lake(&folder);
    let survey = source.survey(&everything()).unwrap();
    assert_eq!(names(&survey), ["AAPL", "BRK_B"]);
    assert_eq!(survey.parts.len(), 4);
    conformance::source(&source, &everything());
    let data = SourceData::read(&source, &everything()).unwrap();
    assert_eq!(faults(data.rejected()), [""; 0]);
    conformance::reader(&*data.daily().unwrap());
    let portal = data.portal().unwrap();
    let view = portal.at_session("2014-06-10".parse().unwrap()).unwrap();
    let apple = view.lookup("AAPL").unwrap();
    assert_eq!(*view.window(apple, Field::Close, 3).unwrap(), [645.57 * (1.0 / 7.0), 93.7, 94.25]);
    let exact = data.daily().unwrap().exact(Field::Close, apple, 0..1).unwrap();
    assert_eq!(exact.get(0).map(|close| close.normalized().to_string()).as_deref(), Some("560"));
    // Years that nobody asks for are not read.
    let late = Selection { start: "2014-02-01".parse().ok(), ..everything() };
    assert_eq!(source.survey(&late).unwrap().parts.len(), 3);
}

#[test]
fn a_column_or_the_name_of_a_file_tells_the_symbol_too() {
    let folder = Folder::new(&[]);
    let (stamp, at) = minutes(&[0, 0, 1]);
    let closes = [93.0, 15.0, 93.5];
    let exact = |values: [i128; 3]| -> ArrayRef {
        Arc::new(Decimal128Array::from(values.to_vec()).with_precision_and_scale(20, 4).unwrap())
    };
    folder.write(
        "venue=XNAS/freq=1m/x.parquet",
        parquet(vec![
            (stamp, at),
            ("ticker", Arc::new(StringArray::from(vec!["AAPL", "BAC", "AAPL"]))),
            ("o", prices(&closes, 0.0)),
            ("h", prices(&closes, 1.0)),
            ("l", prices(&closes, -1.0)),
            ("c", exact([930_001, 150_000, 935_000])),
            ("v", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ]),
    );
    folder.write("IBM.parquet", bars(minutes(&[0, 1, 2]), &[185.0, 186.0, 187.0]));
    let source = lake(&folder);
    let survey = source.survey(&everything()).unwrap();
    assert_eq!(names(&survey), ["AAPL", "BAC", "IBM"]);
    assert!(survey.parts.iter().all(|part| part.frequency == Frequency::MINUTE));
    assert_eq!(survey.assets[0].exchange.as_deref(), Some("XNAS"));
    conformance::source(&source, &everything());
    let data = SourceData::read(&source, &everything()).unwrap();
    assert_eq!(faults(data.rejected()), [""; 0]);
    let reader = data.minute().unwrap();
    conformance::reader(&*reader);
    let apple = survey.assets.iter().position(|asset| asset.symbol == "AAPL").unwrap();
    let sid = rustybt_data::Sid(u32::try_from(apple).unwrap());
    assert_eq!(reader.exact(Field::Close, sid, 0..1).unwrap().get(0), "93.0001".parse().ok());
    assert_eq!(reader.value(Field::Volume, sid, 1).unwrap(), 3.0);
    let error = source.survey(&only(Frequency::DAILY)).unwrap_err();
    assert!(error.to_string().ends_with("has no 1d bars; it has 1m"), "{error}");
}

#[test]
fn columns_can_be_named_and_what_is_wrong_is_told() {
    let folder = Folder::new(&[]);
    folder.write(
        "date=2014-06-09/AAPL.parquet",
        parquet(vec![
            ("open", prices(&[93.0], 0.0)),
            ("high", prices(&[94.0], 0.0)),
            ("low", prices(&[92.0], 0.0)),
            ("last_px", prices(&[93.5], 0.0)),
            ("volume", Arc::new(Int64Array::from(vec![7]))),
        ]),
    );
    let error = lake(&folder).survey(&everything()).unwrap_err();
    assert!(error.hint().unwrap().contains("--opt frequency=1d"), "{error}");
    let options = ParquetOptions::new(folder.path()).with_frequency(Frequency::DAILY);
    let read = |options: &ParquetOptions| {
        SourceData::read(&ParquetDir::open(options).unwrap(), &everything()).unwrap()
    };
    let found = faults(read(&options).rejected());
    assert!(
        found[0].starts_with("date=2014-06-09/AAPL.parquet: it has no column `close`"),
        "{found:?}"
    );
    let options = options.with_column("close", "last_px").unwrap();
    let data = read(&options);
    assert_eq!(faults(data.rejected()), [""; 0]);
    let bars = data.daily().unwrap();
    assert_eq!(bars.value(Field::Close, bars.sids()[0], 0).unwrap(), 93.5);
    assert!(options.clone().with_column("closing", "x").is_err());
    let wrong = options.with_column("volume", "qty").unwrap();
    let found = faults(read(&wrong).rejected());
    assert!(
        found[0].contains("no column `qty`, which the option `column.volume` names"),
        "{found:?}"
    );
    folder.write("broken.parquet", "no parquet");
    assert_eq!(
        read(&ParquetOptions::new(folder.path()).with_frequency(Frequency::DAILY)).rejected().len(),
        2
    );
    let empty = Folder::new(&[("daily/AAPL.csv", "")]);
    let error = lake(&empty).survey(&everything()).unwrap_err();
    assert!(error.to_string().starts_with("there is no Parquet file in "), "{error}");
}
