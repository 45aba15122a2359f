//! The head of a file: its encoding, its delimiter and the names of its columns.

use std::borrow::Cow;

use rustybt_data::Reason;

use super::record::{self, MOST_COLUMNS};

/// A file whose header has been read.
#[derive(Debug)]
pub(crate) struct Sheet<'t> {
    /// The columns' names as written, quotes and blanks taken off.
    pub(crate) header: Vec<String>,
    /// What divides cells.
    pub(crate) delimiter: u8,
    /// What follows the header.
    pub(crate) body: &'t [u8],
    /// The line that the body begins with, counted from 1.
    pub(crate) line: u32,
}

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

impl<'t> Sheet<'t> {
    /// Reads the header, which is the first line that is not blank.
    ///
    /// # Errors
    ///
    /// [`Reason::Empty`] where there is no such line, [`Reason::BadFile`] where the file is no text
    /// that can be read line by line.
    pub(crate) fn open(bytes: &'t [u8]) -> Result<Self, Reason> {
        let bad = |detail: &str| Err(Reason::BadFile { detail: detail.to_owned() });
        let mut text = match bytes {
            [0xef, 0xbb, 0xbf, text @ ..] => text,
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                return bad("it is UTF-16; save it as UTF-8");
            }
            _ => bytes,
        };
        let mut line = 1;
        let header = loop {
            if text.is_empty() {
                return Err(Reason::Empty);
            }
            let (first, rest) = first_line(text);
            text = rest;
            line += 1;
            if !first.trim_ascii().is_empty() {
                break first.strip_suffix(b"\r").unwrap_or(first);
            }
        };
        if header.contains(&b'\r') {
            return bad("its lines end in a carriage return alone; save it with line feeds");
        }
        if header.contains(&0) {
            return bad("it is no text");
        }
        let delimiter = delimiter_of(header);
        let mut cells: Vec<Cow<'_, [u8]>> = Vec::new();
        record::split(header, delimiter, &mut cells);
        if cells.len() > MOST_COLUMNS {
            return bad("it has more than 4096 columns");
        }
        let header = cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        Ok(Self { header, delimiter, body: text, line })
    }
}

/// A text's first line, without its line feed, and what follows.
pub(crate) fn first_line(text: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'\n', text) {
        Some(end) => (text.get(..end).unwrap_or_default(), text.get(end + 1..).unwrap_or_default()),
        None => (text, &[]),
    }
}

/// The delimiter that divides the header into most cells; of several, the most usual.
fn delimiter_of(header: &[u8]) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in header {
        quoted ^= *byte == b'"';
        let slot = DELIMITERS.iter().position(|delimiter| delimiter == byte);
        if let Some(count) = slot.filter(|_| !quoted).and_then(|slot| counts.get_mut(slot)) {
            *count += 1;
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let best = DELIMITERS.iter().zip(counts).find(|(_, count)| *count == most);
    best.map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_recognised() {
        for (text, delimiter) in [
            ("date,open\n1", b','),
            ("date;open\r\n1", b';'),
            ("date\topen\n1", b'\t'),
            ("\u{feff}date|open\n1", b'|'),
            ("\n \n \"date\" , \"open\"\n1", b','),
            ("\"date;x;y;z\",open\n1", b','),
        ] {
            let sheet = Sheet::open(text.as_bytes()).unwrap();
            assert_eq!(sheet.delimiter, delimiter, "{text}");
            assert_eq!(sheet.header[1], "open", "{text}");
            assert_eq!(sheet.body, b"1", "{text}");
        }
        assert_eq!(Sheet::open(b"\n\ndate,open\n1").unwrap().line, 4);
        assert_eq!(Sheet::open(b"date").unwrap().delimiter, b',');
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(Sheet::open(b"").unwrap_err(), Reason::Empty);
        assert_eq!(Sheet::open(b"\xef\xbb\xbf\n  \r\n").unwrap_err(), Reason::Empty);
        for (bytes, detail) in [
            (&b"\xff\xfed\0"[..], "it is UTF-16; save it as UTF-8"),
            (b"PK\x03\x04\0\0", "it is no text"),
            (
                b"date,open\r2014-06-09,1\r",
                "its lines end in a carriage return alone; save it with line feeds",
            ),
        ] {
            let detail = detail.to_owned();
            assert_eq!(Sheet::open(bytes).unwrap_err(), Reason::BadFile { detail });
        }
    }
}
