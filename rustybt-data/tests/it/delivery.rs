//! What a source delivers can be written down and read back as it was.

use rustybt_data::{
    Action, Delivery, ExactColumn, Field, RawBars, Reason, Rejected, Sid, SourceEvent, Stamps,
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
