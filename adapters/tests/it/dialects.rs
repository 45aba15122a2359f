//! Any rows, written in any dialect, read back exactly; any bytes at all are survived.

use proptest::prelude::*;
use rustybt_adapters::{BarFormat, Label, parse_bars};
use rustybt_calendars::Session;
use rustybt_data::{Delivery, Exact, Field, Frequency, Selection, Stamps};

use crate::fixture::everything;

#[derive(Debug, Clone)]
struct Bar {
    day: i32,
    values: [Option<(i64, u8)>; 5],
}

/// How a file is written.
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
#[derive(Debug, Clone, Copy)]
struct Dialect {
    delimiter: char,
    end: &'static str,
    mark: bool,
    quoted: bool,
    spaced: bool,
    date: u8,
    last_end: bool,
    /// Columns are turned by so many places, and one that nobody knows is among them.
    turned: usize,
    blank_lines: bool,
}

fn bar() -> impl Strategy<Value = Bar> {
    // Fourteen digits at most, so that any scale up to four holds them all.
    let value = (-9_999_999_999_i64..=9_999_999_999, 0..=4_u8);
    let value = prop_oneof![9 => value.prop_map(Some), 1 => Just(None)];
    (-20_000..20_000_i32, proptest::array::uniform5(value))
        .prop_map(|(day, values)| Bar { day, values })
}

fn dialect() -> impl Strategy<Value = Dialect> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let kinds =
        (prop::sample::select(vec![',', ';', '\t', '|']), prop::sample::select(vec!["\n", "\r\n"]));
    (flags, kinds, 0..3_u8, 0..7_usize).prop_map(
        |((mark, quoted, spaced, last_end, blank_lines), (delimiter, end), date, turned)| Dialect {
            delimiter,
            end,
            mark,
            quoted,
            spaced,
            date,
            last_end,
            turned,
            blank_lines,
        },
    )
}

fn write(bars: &[Bar], how: Dialect) -> String {
    let line = |mut cells: Vec<String>| {
        cells.push("x".to_owned());
        cells.rotate_left(how.turned);
        let cells: Vec<String> = cells
            .into_iter()
            .map(|cell| if how.quoted { format!("\"{cell}\"") } else { cell })
            .map(|cell| if how.spaced { format!(" {cell} ") } else { cell })
            .collect();
        cells.join(&how.delimiter.to_string())
    };
    let mut lines =
        vec![line(["Date", "open", "HIGH", "Low", "close", "volume"].map(str::to_owned).into())];
    for bar in bars {
        let date = Session::from_days(bar.day).to_string();
        let date = match how.date {
            0 => date,
            1 => date.replace('-', ""),
            _ => date.replace('-', "/"),
        };
        let values = bar.values.map(|value| value.map_or(String::new(), |v| exact(v).to_string()));
        lines.push(line(std::iter::once(date).chain(values).collect()));
        if how.blank_lines {
            lines.push(String::new());
        }
    }
    let mut text = lines.join(how.end);
    if how.last_end {
        text.push_str(how.end);
    }
    if how.mark { format!("\u{feff}{text}") } else { text }
}

fn exact((mantissa, scale): (i64, u8)) -> Exact {
    Exact::new(mantissa.into(), scale).unwrap()
}

fn parse(bytes: &[u8], frequency: Frequency, selection: &Selection) -> Delivery {
    let format = BarFormat {
        origin: "A.csv",
        symbol: "A",
        asset: 0,
        frequency,
        label: Label::Close,
        zone: None,
        selection,
    };
    parse_bars(bytes, &format)
}

/// What holds of any delivery.
fn check(delivery: &Delivery) {
    let bars = &delivery.bars;
    assert!(bars.columns.iter().all(|(_, column)| column.len() == bars.len()));
    assert_eq!(bars.lines.len(), bars.len());
    assert!(bars.lines.is_sorted());
    assert!(delivery.rows >= bars.len() as u64);
    assert!(delivery.rows <= (bars.len() + delivery.rejected.len()) as u64);
}

/// Bytes that are nearly a file of bars.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "[0-9]{1,20}(\\.[0-9]{0,20})?",
        "[-+]?[0-9]{1,3}(\\.[0-9]{1,3})?([eE][-+]?[0-9]{1,2})?",
        "[12][0-9]{3}-[01][0-9]-[0-3][0-9]([ T][0-2][0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,10})?)?(Z|[-+][01][0-9]:?[0-5][0-9])?)?",
        "[,;|\t\"\r\n .]{1,3}",
        ",|\n",
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| {
        format!("date,open,high,low,close,volume,split,dividend\n{}", pieces.concat()).into_bytes()
    })
}

proptest! {
    #[test]
    fn rows_read_back_exactly(bars in proptest::collection::vec(bar(), 1..30), how in dialect()) {
        let text = write(&bars, how);
        let delivery = parse(text.as_bytes(), Frequency::DAILY, &everything());
        check(&delivery);
        prop_assert!(delivery.rejected.is_empty(), "{:?}\n{text}", delivery.rejected);
        let Stamps::Sessions(days) = &delivery.bars.stamps else { panic!() };
        let written: Vec<Session> = bars.iter().map(|bar| Session::from_days(bar.day)).collect();
        prop_assert_eq!(days, &written);
        for (row, bar) in bars.iter().enumerate() {
            for (field, value) in Field::OHLCV.into_iter().zip(bar.values) {
                let read = delivery.bars.column(field).and_then(|column| column.get(row));
                let written = value.map(|value| exact(value).normalized());
                prop_assert_eq!(read.map(Exact::normalized), written, "{}", text);
            }
        }
    }

    #[test]
    fn the_quick_reader_and_the_patient_one_agree(bytes in nearly()) {
        // Numbers are read eight bytes at a time, so the last row of a file is read patiently, and
        // any row before enough of blanks quickly where it can be.
        let header = b"date,open,high,low,close,volume,split,dividend\n".as_slice();
        for row in bytes.split(|byte| *byte == b'\n').skip(1) {
            for frequency in [Frequency::DAILY, Frequency::MINUTE] {
                let last = parse(&[header, row].concat(), frequency, &everything());
                let blanks = [header, row, b"\n", &[b' '; 64]].concat();
                let followed = parse(&blanks, frequency, &everything());
                prop_assert_eq!(last.bars, followed.bars);
                prop_assert_eq!(last.events, followed.events);
                prop_assert_eq!(last.rejected, followed.rejected);
            }
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for frequency in [Frequency::DAILY, Frequency::MINUTE] {
            check(&parse(&bytes, frequency, &everything()));
        }
    }

    #[test]
    fn anything_that_looks_like_bars_is_survived(bytes in nearly()) {
        for frequency in [Frequency::DAILY, Frequency::MINUTE] {
            let delivery = parse(&bytes, frequency, &everything());
            check(&delivery);
            // Every line that holds something is a bar or is rejected.
            let lines = bytes.split(|byte| *byte == b'\n').skip(1);
            let filled = lines.filter(|line| !line.trim_ascii().is_empty()).count();
            prop_assert_eq!(delivery.rows, filled as u64);
        }
    }
}
