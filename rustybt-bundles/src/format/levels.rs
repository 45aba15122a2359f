//! Which rows of a page have a value: Parquet's hybrid of runs and packed bits, one bit a row.
//!
//! Source: Apache Parquet format, *Encodings*, "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)".

use super::delta::varint;

/// Appends the levels of a page as version 1 has them: their length in four bytes, then the runs.
pub(super) fn pack(out: &mut Vec<u8>, there: &[bool]) {
    let start = out.len();
    out.extend([0; 4]);
    let mut groups = Groups { out, run: None, packed: Vec::new() };
    for eight in there.chunks(8) {
        match eight {
            [first, rest @ ..] if rest.iter().all(|bit| bit == first) => {
                groups.repeat(*first, eight.len());
            }
            _ => groups.bits(eight),
        }
    }
    groups.end_run();
    groups.end_packed();
    let length = (out.len() - start - 4) as u32;
    if let Some(place) = out.get_mut(start..start + 4) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

/// Groups of eight rows on their way: a run of the same, or bits.
struct Groups<'a> {
    out: &'a mut Vec<u8>,
    run: Option<(bool, usize)>,
    packed: Vec<u8>,
}

impl Groups<'_> {
    fn repeat(&mut self, bit: bool, rows: usize) {
        self.end_packed();
        match &mut self.run {
            Some((same, count)) if *same == bit => *count += rows,
            _ => {
                self.end_run();
                self.run = Some((bit, rows));
            }
        }
    }

    fn bits(&mut self, eight: &[bool]) {
        self.end_run();
        let byte = eight.iter().enumerate().map(|(at, &bit)| u8::from(bit) << at).sum();
        self.packed.push(byte);
    }

    fn end_run(&mut self) {
        if let Some((bit, rows)) = self.run.take() {
            varint(self.out, (rows as u64) << 1);
            self.out.push(u8::from(bit));
        }
    }

    fn end_packed(&mut self) {
        if !self.packed.is_empty() {
            varint(self.out, (self.packed.len() as u64) << 1 | 1);
            self.out.append(&mut self.packed);
        }
    }
}
