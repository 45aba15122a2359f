//! A file of bars in pieces: so many whole lines at a time, however large the file is.

use std::ops::ControlFlow;

use rustybt_data::{Delivery, Reason};

use super::bar_format::BarFormat;
use super::bars::{Head, Place, days, instants, refused};
use super::header::Header;
use super::stamper::Stamper;
use crate::file::compression::{Fault, Unpacked};
use crate::file::csv::sheet::Sheet;

/// The longest line that a file may have which is read in pieces.
const LONGEST: usize = 16 << 20;

/// Reads a file of bars in pieces of about `bytes` bytes of text.
pub(super) fn read(
    text: Unpacked,
    format: &BarFormat<'_>,
    bytes: usize,
    take: &mut dyn FnMut(Delivery) -> ControlFlow<()>,
) -> Result<(), Fault> {
    let mut lines = Lines { text, bytes, buffer: Vec::new(), used: 0, last: false };
    let sheet = loop {
        lines.next()?;
        match Sheet::open(&lines.buffer) {
            Ok(sheet) => break Ok(sheet),
            // So far all lines are blank.
            Err(Reason::Empty) if !lines.last => lines.used = 0,
            Err(reason) => break Err(reason),
        }
    };
    let daily = !format.frequency.is_intraday();
    let read = sheet.and_then(|mut sheet| {
        let header = Header::read(std::mem::take(&mut sheet.header), daily)?;
        Ok((header, sheet.delimiter, sheet.line, lines.buffer.len() - sheet.body.len()))
    });
    let (header, delimiter, line, body) = match read {
        Ok(read) => read,
        Err(reason) => {
            let _ = take(refused(format, reason));
            return Ok(());
        }
    };
    let head = Head { format, header: &header, delimiter };
    if daily {
        run(&head, lines, body, Place::new(line, days(format)), take)
    } else {
        run(&head, lines, body, Place::new(line, instants(format)), take)
    }
}

fn run<S: Stamper>(
    head: &Head<'_>,
    mut lines: Lines,
    mut from: usize,
    mut place: Place<S>,
    take: &mut dyn FnMut(Delivery) -> ControlFlow<()>,
) -> Result<(), Fault> {
    loop {
        let text = lines.buffer.get(from..lines.used).unwrap_or_default();
        let piece = head.piece(text, &mut place, lines.last);
        if take(piece).is_break() || lines.last {
            return Ok(());
        }
        lines.next()?;
        from = 0;
    }
}

/// Whole lines of a text, so many bytes of them at a time.
struct Lines {
    text: Unpacked,
    bytes: usize,
    buffer: Vec<u8>,
    /// Where the whole lines end in the buffer.
    used: usize,
    /// Whether these are the last.
    last: bool,
}

impl Lines {
    /// Reads on behind the lines that were used.
    fn next(&mut self) -> Result<(), Fault> {
        self.buffer.drain(..self.used);
        self.used = 0;
        loop {
            let before = self.buffer.len();
            let size = self.text.size.and_then(|size| usize::try_from(size).ok());
            // One byte more, to see whether there is one.
            let wanted = self.bytes.saturating_add(1);
            self.buffer.reserve_exact(size.map_or(0, |size| size.saturating_add(1)).min(wanted));
            self.text.fill(&mut self.buffer, wanted)?;
            self.last = self.buffer.len() - before < wanted;
            self.used = match memchr::memrchr(b'\n', &self.buffer) {
                _ if self.last => self.buffer.len(),
                Some(end) => end + 1,
                None if self.buffer.len() > LONGEST => {
                    return Err(Fault::Content(format!(
                        "it has a line of more than {LONGEST} bytes, the most that is read"
                    )));
                }
                None => continue,
            };
            return Ok(());
        }
    }
}
