//! What a source delivers can be written down and read back as it was.

use rustybt_data::{
    Action, DecimalColumn, Delivery, ExactColumn, Field, RawBars, RawTable, Reason, Rejected, Sid,
    SourceEvent, Stamps, Subjects, TableValues, parse_decimal,
};

fn delivery(stamps: Stamps) -> Delivery {
    let mut column = ExactColumn::default();
    for price in ["0.00000812", "645.5699", "100"] {
        column.push(Some(price.parse().unwrap())).unwrap();
    }
    let action =
        Action::StockDividend { payment: Sid(3), ratio: "1.50".parse().unwrap(), pay: None };
    let event = SourceEvent {
        asset: 2,
        effective: "2020-03-09".parse().unwrap(),
        known: Some("2020-03-01T12:00Z".parse().unwrap()),
        action,
    };
    let reason = Reason::HighTooLow { high: "1".into(), other: "open", value: "2".into() };
    let rejected = Rejected {
        origin: "daily/ÄÖ.csv".into(),
        line: Some(7),
        symbol: "ÄÖ".into(),
        reason,
        text: "\0 1,2".into(),
    };
    Delivery {
        bars: RawBars { stamps, columns: vec![(Field::Close, column)], lines: vec![2, 3, 4] },
        events: vec![event],
        rejected: vec![rejected],
        notes: vec!["a note".into()],
        rows: 4,
    }
}

#[test]
fn a_delivery_is_read_back_as_it_was_written() {
    let day = |text: &str| text.parse().unwrap();
    let at = |text: &str| text.parse().unwrap();
    let days = vec![day("1969-12-31"), day("1970-01-01"), day("2020-02-29")];
    let instants = vec![at("1969-12-31T23:59Z"), at("1970-01-01T00:00Z"), at("2020-02-29T14:31Z")];
    for stamps in [Stamps::Sessions(days), Stamps::Instants(instants)] {
        let delivery = delivery(stamps);
        let text = serde_json::to_string(&delivery).unwrap();
        let read: Delivery = serde_json::from_str(&text).unwrap();
        assert_eq!(format!("{read:?}"), format!("{delivery:?}"));
    }
}

#[test]
fn rows_of_a_table_are_read_back_as_they_were_written() {
    let floats = vec![Some(f64::NAN), Some(-0.0), Some(0.1), Some(f64::MIN_POSITIVE), None];
    let mut decimals = DecimalColumn::default();
    for text in ["79228162514264337593543.50335", "-0.1", "0", "1", "2"] {
        decimals.push(Some(parse_decimal(text.as_bytes()).unwrap())).unwrap();
    }
    let at = Some("2013-10-07T13:30:00.000000001Z".parse().unwrap());
    let columns = vec![
        ("float".to_owned(), TableValues::Float(floats)),
        ("decimal".to_owned(), TableValues::Decimal(decimals)),
        ("nanos".to_owned(), TableValues::Nanos(vec![at, None, at, at, at])),
        ("text".to_owned(), TableValues::Text(vec![Some("\0\u{fffd}".to_owned()); 5])),
    ];
    let table = RawTable { subjects: Subjects::Each(vec![0, 2, 1, 0, 0]), columns, lines: vec![] };
    let text = serde_json::to_string(&table).unwrap();
    let read: RawTable = serde_json::from_str(&text).unwrap();
    assert_eq!(format!("{read:?}"), format!("{table:?}"));
    let TableValues::Float(read) = &read.columns[0].1 else { panic!("{read:?}") };
    assert_eq!(read[0].unwrap().to_bits(), f64::NAN.to_bits());
    assert_eq!(read[1].unwrap().to_bits(), (-0.0_f64).to_bits());
}
