use rustybt_data::{Action, Exact, Frequency, Selection};

use super::*;
use crate::Label;

fn selection(start: Option<&str>, end: Option<&str>) -> Selection {
    Selection {
        symbols: None,
        start: start.map(|text| text.parse().unwrap()),
        end: end.map(|text| text.parse().unwrap()),
        frequency: None,
        calendar: rustybt_calendars::calendar("XNYS").unwrap(),
    }
}

fn parse(text: impl AsRef<[u8]>, frequency: Frequency, selection: &Selection) -> Delivery {
    let format = BarFormat {
        origin: "daily/A.csv",
        symbol: "A",
        asset: 3,
        frequency,
        label: Label::Open,
        zone: None,
        selection,
    };
    parse_bars(text.as_ref(), &format)
}

fn daily(text: impl AsRef<[u8]>) -> Delivery {
    parse(text, Frequency::DAILY, &selection(None, None))
}

/// Every bar as text: its line, its stamp and its values, `-` where there is none.
fn shown(delivery: &Delivery) -> Vec<String> {
    let bars = &delivery.bars;
    let value =
        |value: Option<Exact>| value.map_or("-".to_owned(), |value| value.normalized().to_string());
    (0..bars.len())
        .map(|row| {
            let values: Vec<String> =
                bars.columns.iter().map(|(_, column)| value(column.get(row))).collect();
            format!("{} {} {}", bars.lines[row], bars.stamps.text(row), values.join(" "))
        })
        .collect()
}

/// Every rejected row as text: its line and the reason.
fn faults(delivery: &Delivery) -> Vec<String> {
    let line = |line: Option<u32>| line.map_or("whole".to_owned(), |line| line.to_string());
    delivery.rejected.iter().map(|r| format!("{}: {}", line(r.line), r.reason)).collect()
}

const HEAD: &str = "date,open,high,low,close,volume\n";

#[test]
fn plain_rows() {
    let read = daily(format!(
        "{HEAD}1998-01-02,13.63,16.25,13.5,16.25,6315000\n1998-01-05,16.5,16.56,15.19,16,5677300\n"
    ));
    assert_eq!(
        shown(&read),
        ["2 1998-01-02 13.63 16.25 13.5 16.25 6315000", "3 1998-01-05 16.5 16.56 15.19 16 5677300"]
    );
    assert_eq!((read.rows, read.rejected.len(), read.notes.len()), (2, 0, 0));
}

#[test]
fn every_dialect_reads_the_same() {
    let expected = ["2014-06-09 92.7 93.88 91.75 93.7 75414997", "2014-06-10 - - - - -"];
    for text in [
        "date,open,high,low,close,volume\n2014-06-09,92.7,93.88,91.75,93.7,75414997\n2014-06-10,,,,,\n",
        "date,open,high,low,close,volume\r\n2014-06-09,92.7,93.88,91.75,93.7,75414997\r\n2014-06-10,,,,,",
        "\u{feff}Date;Open;High;Low;Close;Volume\n\n20140609;92.7;93.88;91.75;93.7;75414997\n\n20140610;;;;;\n\n",
        "volume\tclose\tlow\thigh\topen\tdate\n75414997\t93.70\t91.75\t93.88\t92.70\t2014/06/09\n\t\t\t\t\t2014/06/10\n",
        "\"\"|\"open\"|\"high\"|\"low\"|\"close\"|\"volume\"\n\"2014-06-09\"|\"92.7\"|\"93.88\"|\"91.75\"|\"93.7\"|\"75414997\"\n\"2014-06-10\"|NaN|null|\"\"| |\n",
        " date , open , high , low , close , volume \n 2014-06-09 , 92.7 , 93.88 , 91.75 , 93.7 , 75414997 \n2014-06-10, , , , ,\n",
        "date,open,high,low,close,volume,bid,news\n2014-06-09,9.27e1,+93.88,91.75,93.700,7.5414997E7,93.1,\"a, b\"\n2014-06-10,,,,,,x,y\n",
        "date,open,high,low,close,volume\n2014-06-09 00:00:00,92.7,93.88,91.75,93.7,75414997.0\n2014-06-10T00:00:00-04:00,,,,,\n",
    ] {
        let read = daily(text);
        let shown: Vec<String> =
            shown(&read).iter().map(|row| row.split_once(' ').unwrap().1.to_owned()).collect();
        assert_eq!(shown, expected, "{text}");
        assert!(read.rejected.is_empty(), "{text}: {:?}", faults(&read));
    }
}

#[test]
fn bad_rows_are_named_and_the_others_go_on() {
    let read = daily(format!(
        "{HEAD}2014-06-06,1,1,1\n2014-06-09,1,1,1,1,1,1\n2014-06-10,abc,1,1,1,1\n\
         2014-06-11,1,1,1,1,many\nsoon,1,1,1,1,1\n2014-06-31,1,1,1,1,1\n\
         2014-06-12,1.23456789012345678901234567890123,1,1,1,1\n,,,,,\n2014-06-13,1,\"2,3\",1,1,1\n\
         2014-06-16,1,1,1,1,1\n2014-06-17,\"1,1,1,1,1\n2014-06-18,2,2,2,2,2\n"
    ));
    assert_eq!(shown(&read), ["11 2014-06-16 1 1 1 1 1", "13 2014-06-18 2 2 2 2 2"]);
    assert_eq!(
        faults(&read),
        [
            "2: 4 cells where the header has 6",
            "3: 7 cells where the header has 6",
            "4: `abc` in column `open` is no price",
            "5: `many` in column `volume` is no volume",
            "6: `soon` in column `date` is no date (write it YYYY-MM-DD)",
            "7: `2014-06-31` in column `date` is no date (write it YYYY-MM-DD)",
            "8: `1.23456789012345678901234567890123` in column `open` needs more than 28 digits",
            "9: `` in column `date` is no date (write it YYYY-MM-DD)",
            "10: `2,3` in column `high` is no price",
            "12: 2 cells where the header has 6",
        ]
    );
    assert_eq!(read.rows, 12);
    let first = &read.rejected[0];
    assert_eq!((first.origin.as_str(), first.symbol.as_str()), ("daily/A.csv", "A"));
    assert_eq!(first.text, "2014-06-06,1,1,1");
}

#[test]
fn numbers_that_share_no_scale_are_refused() {
    let read = daily(format!(
        "{HEAD}2014-06-09,0.1234567890123456789012345678,1,1,1,1\n2014-06-10,12.5,1,1,1,1\n"
    ));
    assert_eq!(faults(&read), ["3: `12.5` in column `open` needs more than 28 digits"]);
    assert_eq!(shown(&read), ["2 2014-06-09 0.1234567890123456789012345678 1 1 1 1"]);
}

#[test]
fn numbers_of_more_than_eighteen_digits_are_read_wherever_they_stand() {
    let read = daily(format!(
        "{HEAD}2014-06-09,16,17,15,16,100\n\
         2014-06-10,1234567890.123456789012345678,1234567890.2,1,2,1000000000000000\n\
         2014-06-11,0.5,,,,1e21\n2014-06-12,-37.63,1,-40.32,1,0.000001\n"
    ));
    assert_eq!(faults(&read), Vec::<String>::new());
    assert_eq!(
        shown(&read),
        [
            "2 2014-06-09 16 17 15 16 100",
            "3 2014-06-10 1234567890.123456789012345678 1234567890.2 1 2 1000000000000000",
            "4 2014-06-11 0.5 - - - 1000000000000000000000",
            "5 2014-06-12 -37.63 1 -40.32 1 0.000001",
        ]
    );
}

#[test]
fn files_of_no_use_are_refused_as_a_whole() {
    for (text, fault) in [
        (&b""[..], "whole: the file holds no rows"),
        (b"\n \n", "whole: the file holds no rows"),
        (b"date,open,high,low,close,volume\n\n", "whole: the file holds no rows"),
        (b"\xff\xfed\0a\0", "whole: it is UTF-16; save it as UTF-8"),
        (
            b"date,open,high,low,close\n2014-06-09,1,1,1,1\n",
            "whole: it has no column `volume`; its columns are `date`, `open`, `high`, `low`, `close`",
        ),
        (
            b"2014-06-09,1,1,1,1,1\n",
            "whole: it has no column `open`, `high`, `low`, `close`, `volume`; its columns are \
             `2014-06-09`, `1`, `1`, `1`, `1`, `1`; its first line must name the columns",
        ),
    ] {
        let read = daily(text);
        assert_eq!(faults(&read), [fault]);
        assert_eq!((read.rows, read.bars.len(), read.bars.columns.len()), (0, 0, 5));
    }
}

#[test]
fn a_range_leaves_out_good_and_bad() {
    let text = format!(
        "{HEAD}2014-06-06,1,1,1,1,1\n2014-06-06,x,1,1,1,1\n2014-06-09,2,2,2,2,2\n\
         2014-06-10,x\n2014-06-11,3,3,3,3,3\n2014-06-11,1\n"
    );
    let read = parse(text, Frequency::DAILY, &selection(Some("2014-06-07"), Some("2014-06-10")));
    assert_eq!(shown(&read), ["4 2014-06-09 2 2 2 2 2"]);
    assert_eq!(faults(&read), ["5: 2 cells where the header has 6"]);
    assert_eq!(read.rows, 2);
    let nothing = parse(
        format!("{HEAD}2014-06-06,1,1,1,1,1\n"),
        Frequency::DAILY,
        &selection(Some("2020-01-01"), None),
    );
    assert_eq!((nothing.rows, nothing.rejected.len()), (0, 0));
}

#[test]
fn minutes_of_the_exchange() {
    let text = "datetime,open,high,low,close,volume\n2014-06-05 04:15:00.000,644.8,644.8,644.8,644.8,90\n\
        2014-06-05T09:30,645,645,645,645,10\n2014-06-05 13:31Z,1,1,1,1,1\n2014-06-05,1,1,1,1,1\n3014-06-05 09:30,1,1,1,1,1\n";
    let read = parse(text, Frequency::MINUTE, &selection(None, None));
    assert_eq!(
        shown(&read),
        [
            "2 2014-06-05T08:15Z 644.8 644.8 644.8 644.8 90",
            "3 2014-06-05T13:30Z 645 645 645 645 10",
            "4 2014-06-05T13:31Z 1 1 1 1 1",
        ]
    );
    assert_eq!(
        faults(&read),
        [
            "5: `2014-06-05` in column `datetime` is no date and time (write them YYYY-MM-DD HH:MM)",
            "6: 3014-06-05 lies outside 1678-01-01 to 2261-12-31",
        ]
    );
}

#[test]
fn events_beside_the_bars() {
    let text = "date,open,high,low,close,volume,dividend,split\n\
        2014-06-05,1,1,1,1,1,0.0,1.0\n2014-06-06,1,1,1,1,1,0.47,0\n2014-06-09,1,1,1,1,1,,7.0\n\
        2014-06-10,1,1,1,1,1,0,0.0500001\n2014-06-11,1,1,1,1,1,-1,-2\n2014-06-12,1,1,1,1,1,x,1\n";
    let read = daily(text);
    let events: Vec<_> = read
        .events
        .iter()
        .map(|event| (event.effective.to_string(), event.action.clone()))
        .collect();
    let dividend = Action::Dividend {
        amount: "0.47".parse().unwrap(),
        currency: None,
        declared: None,
        record: None,
        pay: None,
    };
    assert_eq!(
        events,
        [
            ("2014-06-06".to_owned(), dividend),
            ("2014-06-09".to_owned(), Action::Split { new: 7, old: 1 }),
            ("2014-06-10".to_owned(), Action::Split { new: 1, old: 20 }),
        ]
    );
    assert!(read.events.iter().all(|event| event.asset == 3));
    assert_eq!(
        read.notes,
        ["daily/A.csv, line 5: the split 0.0500001 is taken for 1 new for 20 old"]
    );
    assert_eq!(
        faults(&read),
        [
            "6: a split of -2 is not above zero",
            "6: a dividend of -1 is below zero",
            "7: `x` in column `dividend` is no amount of cash",
        ]
    );
    // The bar of line 6 is kept: only what happened that day was no good.
    assert_eq!((read.bars.len(), read.rows), (5, 6));
}

#[test]
fn columns_of_no_use_are_told() {
    let read = daily("date,open,high,low,close,volume,bid,ask\n2014-06-09,1,1,1,1,1,1,1\n");
    assert_eq!(read.notes, ["columns of daily files that are not read: bid, ask"]);
}

#[test]
fn optional_values_are_read_where_there_are_any() {
    let read = daily(
        "date,open,high,low,close,volume,vwap,count,turnover\n\
         2014-06-09,1,2,1,2,100,1.51234567890123456789,7,12345678901234567890.5\n\
         2014-06-10,1,2,1,2,100,,,\n2014-06-11,1,2,1,2,100,1.5,x,1\n2014-06-12,1,2,1,2,100,1.25,8,3\n",
    );
    let column = |field| -> Vec<String> {
        let column = read.bars.column(field).unwrap();
        let text = |row| column.get(row).map_or("-".to_owned(), |v| v.normalized().to_string());
        (0..3).map(text).collect()
    };
    assert_eq!(column(Field::Vwap), ["1.51234567890123456789", "-", "1.25"]);
    assert_eq!(column(Field::Trades), ["7", "-", "8"]);
    assert_eq!(column(Field::QuoteVolume), ["12345678901234567890.5", "-", "3"]);
    assert_eq!(faults(&read), ["4: `x` in column `count` is no number of trades"]);
    assert_eq!(read.notes, Vec::<String>::new());
    // Of more digits than a number holds it is refused, never rounded.
    let long = "1.51234567890123456789012345678901";
    let refused =
        daily(format!("date,open,high,low,close,volume,vwap\n2014-06-09,1,2,1,2,9,{long}\n"));
    assert_eq!((refused.bars.len(), faults(&refused).len()), (0, 1));
    let plain = daily("date,open,high,low,close,volume\n2014-06-09,1,1,1,1,1\n");
    assert!(plain.bars.column(Field::Vwap).is_none());
    assert_eq!(plain.bars.columns.len(), 5);
}
