//! One part on its way in: its pieces joined in memory, or put aside on disk where they get many.

use rustybt_data::{Delivery, ExactColumn, RawBars, Reached};

use super::budget::Permit;
use super::check::{PartOutcome, Rules, check_shape};
use super::chunk::AssetBars;
use super::cut::needs;
use super::group::{Gathered, Group, Member};
use super::scales::TableScales;
use super::spill::Spill;
use crate::Error;

/// A part that is being fetched.
#[derive(Debug)]
pub(super) struct Intake<'a> {
    pub(super) rules: Rules<'a>,
    pub(super) member: Member,
    pub(super) group: &'a Group,
    pub(super) source_name: &'a str,
    pub(super) table: Option<&'a TableScales>,
    pub(super) spill: Spill<'a>,
    /// The memory that it holds, and what of it is beside the rows.
    pub(super) permit: Permit,
    pub(super) beside: u64,
    /// The rows that it may hold in memory.
    pub(super) share: u64,
    pub(super) outcome: PartOutcome,
    pub(super) bars: Option<RawBars>,
}

impl Intake<'_> {
    /// Takes in the next piece.
    pub(super) fn take(&mut self, piece: Delivery) -> Result<(), Error> {
        let part = self.rules.part;
        check_shape(&piece.bars, part, self.source_name)?;
        let piece = self.outcome.add(piece);
        self.outcome.rejected.settle(self.spill.0)?;
        match &mut self.bars {
            None => self.bars = Some(piece),
            Some(bars) => bars
                .append(piece)
                .map_err(|field| self.member.too_many_digits(self.group.dataset, field))?,
        }
        let bytes = self.weight();
        self.permit.set(self.beside + bytes);
        if bytes > self.share { self.put_aside() } else { Ok(()) }
    }

    /// The bytes of its rows in memory.
    pub(super) fn weight(&self) -> u64 {
        self.bars.as_ref().map_or(0, weight)
    }

    /// Writes the rows so far to disk; they are checked when all are there.
    fn put_aside(&mut self) -> Result<(), Error> {
        if let Some(bars) = self.bars.take() {
            self.group.put_aside(self.spill, &self.member, &bars, false)?;
        }
        self.permit.set(self.beside);
        Ok(())
    }

    /// The part is whole: its rows go to those of its group.
    pub(super) fn finish(mut self) -> Result<PartOutcome, Error> {
        if self.group.has_aside(&self.member) {
            self.put_aside()?;
            return Ok(self.outcome);
        }
        let Some(mut bars) = self.bars.take() else { return Ok(self.outcome) };
        self.rules.check(&mut Reached::default(), &mut bars, &mut self.outcome);
        self.outcome.rejected.settle(self.spill.0)?;
        if !bars.is_empty() {
            if let Some(table) = self.table {
                table.grow(needs(&bars));
            }
            self.permit.set(weight(&bars));
            let Member { at, sid, ref symbol } = self.member;
            let asset = AssetBars { sid, symbol: symbol.clone(), bars };
            self.group.gather(Gathered { at, asset, permit: self.permit });
        }
        Ok(self.outcome)
    }
}

/// The bytes that bars take in memory.
fn weight(bars: &RawBars) -> u64 {
    let cell = |column: &ExactColumn| if column.narrow().is_some() { 8 } else { 16 };
    let row = 8 + bars.columns.iter().map(|(_, column)| cell(column)).sum::<u64>();
    row * bars.len() as u64 + 4 * bars.lines.len() as u64
}
