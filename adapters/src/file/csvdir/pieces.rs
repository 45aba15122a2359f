//! A file in pieces: so many whole lines at a time, however large the file is.

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
    let daily = !format.frequency.is_intraday();
    let opened = Lines::open(text, bytes)?.and_then(|(lines, mut heading)| {
        let header = Header::read(std::mem::take(&mut heading.header), daily)?;
        Ok((lines, heading, header))
    });
    let (lines, heading, header) = match opened {
        Ok(opened) => opened,
        Err(reason) => {
            let _ = take(refused(format, reason));
            return Ok(());
        }
    };
    let head = Head { format, header: &header, delimiter: heading.delimiter };
    if daily {
        run(&head, lines, Place::new(heading.line, days(format)), take)
    } else {
        run(&head, lines, Place::new(heading.line, instants(format)), take)
    }
}

fn run<S: Stamper>(
    head: &Head<'_>,
    mut lines: Lines,
    mut place: Place<S>,
    take: &mut dyn FnMut(Delivery) -> ControlFlow<()>,
) -> Result<(), Fault> {
    loop {
        let piece = head.piece(lines.text(), &mut place, lines.last);
        if take(piece).is_break() || lines.last {
            return Ok(());
        }
        lines.next()?;
    }
}

/// What stands above the lines.
#[derive(Debug)]
pub(super) struct Heading {
    pub(super) header: Vec<String>,
    pub(super) delimiter: u8,
    /// The line that the body begins with, counted from 1.
    pub(super) line: u32,
}

/// Whole lines of a text, so many bytes of them at a time.
pub(super) struct Lines {
    text: Unpacked,
    bytes: usize,
    buffer: Vec<u8>,
    /// Where the lines begin in the buffer, behind the header.
    from: usize,
    /// Where the whole lines end in it.
    used: usize,
    /// Whether these are the last.
    last: bool,
}

impl Lines {
    /// Reads the header and the first lines, of about `bytes` bytes.
    pub(super) fn open(
        text: Unpacked,
        bytes: usize,
    ) -> Result<Result<(Self, Heading), Reason>, Fault> {
        let mut lines = Self { text, bytes, buffer: Vec::new(), from: 0, used: 0, last: false };
        loop {
            lines.next()?;
            match Sheet::open(&lines.buffer) {
                Ok(Sheet { header, delimiter, body, line }) => {
                    lines.from = lines.buffer.len() - body.len();
                    return Ok(Ok((lines, Heading { header, delimiter, line })));
                }
                // So far all lines are blank.
                Err(Reason::Empty) if !lines.last => lines.used = 0,
                Err(reason) => return Ok(Err(reason)),
            }
        }
    }

    /// The lines, the last of them perhaps without its end.
    pub(super) fn text(&self) -> &[u8] {
        self.buffer.get(self.from..self.used).unwrap_or_default()
    }

    /// Whether no lines follow.
    pub(super) fn is_last(&self) -> bool {
        self.last
    }

    /// Reads on behind the lines that were used.
    pub(super) fn next(&mut self) -> Result<(), Fault> {
        self.buffer.drain(..self.used);
        (self.from, self.used) = (0, 0);
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
