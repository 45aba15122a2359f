//! Packed files read like plain ones.

use std::fmt::Write as _;
use std::io::Write as _;

use rustybt_data::RawBars;

use crate::fixture::{Folder, everything, faults};

/// Enough rows for several blocks of any compression.
fn text() -> String {
    let mut text = "date,open,high,low,close,volume\n".to_owned();
    let first: rustybt_calendars::Session = "1990-01-02".parse().unwrap();
    for day in 0..5000_i32 {
        let price = f64::from(day % 977) / 8.0 + 1.0;
        let date = first.plus_days(day);
        writeln!(text, "{date},{price},{},{price},{price},{}", price + 1.0, day * 31).unwrap();
    }
    text
}

fn pack(ending: &str, text: &[u8]) -> Vec<u8> {
    match ending {
        ".gz" => {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        ".bz2" => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        ".xz" => {
            let options = lzma_rust2::XzOptions::with_preset(1);
            let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        ".zst" => zstd::encode_all(text, 1).unwrap(),
        _ => text.to_vec(),
    }
}

const ENDINGS: [&str; 5] = ["", ".gz", ".bz2", ".xz", ".zst"];

fn read(name: &str, bytes: &[u8]) -> (RawBars, Vec<String>) {
    let folder = Folder::new(&[]);
    folder.write(name, bytes);
    let mut deliveries = folder.fetch(&everything());
    assert_eq!(deliveries.len(), 1);
    let delivery = deliveries.remove(0);
    (delivery.bars, faults(&delivery.rejected))
}

#[test]
fn every_packing_holds_the_same_bars() {
    let text = text();
    let (plain, _) = read("daily/A.csv", text.as_bytes());
    assert_eq!(plain.len(), 5000);
    let (head, tail) = text.split_at(text.len() / 2);
    for ending in ENDINGS {
        let name = format!("daily/A.csv{ending}");
        assert_eq!(read(&name, &pack(ending, text.as_bytes())).0, plain, "{name}");
        // Written in two goes, one behind the other.
        let mut twice = pack(ending, head.as_bytes());
        twice.extend(pack(ending, tail.as_bytes()));
        assert_eq!(read(&name, &twice).0, plain, "{name} twice");
        // The ending got lost.
        assert_eq!(
            read("daily/A.csv", &pack(ending, text.as_bytes())).0,
            plain,
            "{ending} unnamed"
        );
    }
}

#[test]
fn cut_and_bitten_files_are_rejected_as_a_whole() {
    let text = text();
    for ending in ENDINGS.into_iter().skip(1) {
        let name = format!("daily/A.csv{ending}");
        let whole = pack(ending, text.as_bytes());
        let (bars, faults) = read(&name, &whole[..whole.len() / 2]);
        assert_eq!((bars.len(), faults.len()), (0, 1), "{name} cut");
        assert!(faults[0].starts_with(&format!("{name}: it is broken ")), "{faults:?}");
    }
}
