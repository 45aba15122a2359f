//! Who is who in the folder: the assets, their sids, and whom a row of a file means.

use std::collections::BTreeMap;

use rustybt_calendars::Session;
use rustybt_data::{AssetRecord, Reason, Sid, SymbolSpan};

use super::folder::BarFile;
use super::symbol::fold;
use crate::file::csv::table::{Row, bad_cell};

/// The assets of the folder, in the order of the names of their files.
#[derive(Debug)]
pub(super) struct Roster {
    members: Vec<Member>,
    /// Who bore each symbol, folded: `(from, to, member)`.
    holders: BTreeMap<String, Vec<(Session, Session, usize)>>,
    /// The sids that were told.
    sids: BTreeMap<Sid, usize>,
}

/// An asset that there are files of.
#[derive(Debug)]
pub(super) struct Member {
    /// What its files are called.
    pub(super) name: String,
    pub(super) files: Vec<BarFile>,
    pub(super) record: AssetRecord,
}

/// Before and after every session there is: the ends of a life that nobody told.
pub(super) const EARLIEST: Session = Session::from_days(-106_751);
pub(super) const LATEST: Session = Session::from_days(106_751);

impl Roster {
    /// One asset for each name, known by that name alone.
    pub(super) fn new(bars: BTreeMap<String, Vec<BarFile>>) -> Self {
        let members = bars
            .into_iter()
            .map(|(name, files)| {
                let record = AssetRecord { symbol: name.clone(), ..AssetRecord::default() };
                Member { name, files, record }
            })
            .collect();
        let mut roster = Self { members, holders: BTreeMap::new(), sids: BTreeMap::new() };
        roster.index();
        roster
    }

    /// The assets, in the order of their names.
    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Tells what is known of some assets; `change` is given each by its place.
    pub(super) fn describe(&mut self, mut change: impl FnMut(usize, &mut AssetRecord)) {
        for (place, member) in self.members.iter_mut().enumerate() {
            change(place, &mut member.record);
        }
        self.index();
    }

    /// The asset whose files are called so.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.members.binary_search_by(|member| member.name.as_str().cmp(name)).ok()
    }

    /// The asset whose files are called so; else the only one whose files are called alike, since
    /// `BTC/USDT` can name no file but `BTC_USDT` can.
    pub(super) fn called(&self, symbol: &str) -> Option<usize> {
        let folded = fold(symbol);
        self.named(symbol).or_else(|| {
            let members = self.members.iter().enumerate();
            let mut alike = members.filter(|(_, member)| fold(&member.name) == folded);
            alike.next().filter(|_| alike.next().is_none()).map(|(place, _)| place)
        })
    }

    /// The asset that a user means by a symbol: the one whose files are called so, else one that
    /// bears the symbol, else one that ever bore it.
    pub(super) fn meant(&self, symbol: &str) -> Option<usize> {
        let folded = fold(symbol);
        self.named(symbol)
            .or_else(|| self.members.iter().position(|member| fold(&member.name) == folded))
            .or_else(|| {
                self.members.iter().position(|member| fold(&member.record.symbol) == folded)
            })
            .or_else(|| self.holders.get(&folded)?.last().map(|(.., place)| *place))
    }

    /// The asset of a sid: told in `assets.csv`, or where that tells none, the place among all names.
    pub(super) fn of_sid(&self, sid: u32) -> Option<usize> {
        if !self.sids.is_empty() {
            return self.sids.get(&Sid(sid)).copied();
        }
        let place = usize::try_from(sid).ok()?;
        (place < self.members.len()).then_some(place)
    }

    /// The asset that a row means by its `sid` or `symbol`, on a day.
    ///
    /// # Errors
    ///
    /// [`Reason::BadCell`] where it names none, [`Reason::NoBars`] where it names one that there
    /// are no files of, [`Reason::BadAction`] where several bore the symbol.
    pub(super) fn of_row(&self, row: Row<'_>, on: Session) -> Result<usize, Reason> {
        self.of_cells(row.get("sid"), row.get("symbol"), on)
    }

    /// The asset that cells mean by a sid or a symbol, on a day.
    ///
    /// # Errors
    ///
    /// As [`of_row`](Self::of_row).
    pub(super) fn of_cells(
        &self,
        sid: Option<&str>,
        symbol: Option<&str>,
        on: Session,
    ) -> Result<usize, Reason> {
        if let Some(text) = sid {
            let sid = text.parse().map_err(|_| bad_cell("sid", text, "sid (a whole number)"))?;
            return self.of_sid(sid).ok_or_else(|| Reason::NoBars { symbol: format!("sid {sid}") });
        }
        match symbol {
            Some(symbol) => self.of_symbol(symbol, on),
            None => Err(bad_cell("symbol", "", "symbol")),
        }
    }

    /// The asset that bore a symbol on a day.
    pub(super) fn of_symbol(&self, symbol: &str, on: Session) -> Result<usize, Reason> {
        let named = self.named(symbol);
        let held = self.holders.get(&fold(symbol)).map(Vec::as_slice).unwrap_or_default();
        let pick = |mut places: Vec<usize>| {
            places.sort_unstable();
            places.dedup();
            match places.as_slice() {
                [] => Ok(None),
                [place] => Ok(Some(*place)),
                several => match named.filter(|place| several.contains(place)) {
                    Some(place) => Ok(Some(place)),
                    None => Err(Reason::BadAction {
                        detail: format!("several assets bore `{symbol}`; give their sid"),
                    }),
                },
            }
        };
        let then = held.iter().filter(|(from, to, _)| *from <= on && on <= *to).map(|h| h.2);
        if let Some(place) = pick(then.collect())?.or(named) {
            return Ok(place);
        }
        pick(held.iter().map(|h| h.2).collect())?
            .ok_or_else(|| Reason::NoBars { symbol: symbol.to_owned() })
    }

    fn index(&mut self) {
        self.holders.clear();
        self.sids.clear();
        for (place, member) in self.members.iter().enumerate() {
            self.sids.extend(member.record.sid.map(|sid| (sid, place)));
            let told = member.record.symbols.iter();
            let own = SymbolSpan { symbol: member.name.clone(), from: EARLIEST, to: LATEST };
            let own = Some(&own).filter(|_| member.record.symbols.is_empty());
            for span in told.chain(own) {
                let held = self.holders.entry(fold(&span.symbol)).or_default();
                held.push((span.from, span.to, place));
            }
        }
        for held in self.holders.values_mut() {
            held.sort_unstable();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Session {
        text.parse().unwrap()
    }

    fn roster() -> Roster {
        let names = ["BAC", "T", "TOLD"];
        let mut roster =
            Roster::new(names.into_iter().map(|name| (name.to_owned(), Vec::new())).collect());
        let span = |symbol: &str, from, to| SymbolSpan { symbol: symbol.to_owned(), from, to };
        roster.describe(|place, record| match place {
            0 => {
                record.symbols = vec![
                    span("NB", EARLIEST, day("1998-09-30")),
                    span("BAC", day("1998-10-01"), LATEST),
                ];
            }
            1 => record.symbols = vec![span("T", day("2005-12-01"), LATEST)],
            _ => record.symbols = vec![span("T", EARLIEST, day("2005-11-18"))],
        });
        roster
    }

    #[test]
    fn a_symbol_means_whoever_bore_it_then() {
        let roster = roster();
        assert_eq!(roster.of_symbol("NB", day("1998-01-05")), Ok(0));
        assert_eq!(roster.of_symbol("BAC", day("2004-08-30")), Ok(0));
        // The name of the files stands for the asset on days when another symbol was its own.
        assert_eq!(roster.of_symbol("BAC", day("1998-01-05")), Ok(0));
        assert_eq!(roster.of_symbol("t", day("2000-01-03")), Ok(2));
        assert_eq!(roster.of_symbol("T", day("2010-01-04")), Ok(1));
        assert_eq!(roster.of_symbol("NB", day("2010-01-04")), Ok(0));
        assert_eq!(
            roster.of_symbol("IBM", day("2010-01-04")),
            Err(Reason::NoBars { symbol: "IBM".to_owned() })
        );
    }

    #[test]
    fn a_symbol_of_two_is_refused_unless_files_bear_it() {
        let names = ["A.B", "A-B"];
        let roster =
            Roster::new(names.into_iter().map(|name| (name.to_owned(), Vec::new())).collect());
        let on = day("2010-01-04");
        assert_eq!(roster.of_symbol("A.B", on), Ok(1));
        assert_eq!(
            roster.of_symbol("A/B", on).unwrap_err().to_string(),
            "several assets bore `A/B`; give their sid"
        );
    }

    #[test]
    fn files_are_called_like_symbols_that_can_name_none() {
        let names = ["A-B", "A.B", "BTC_USDT"];
        let roster =
            Roster::new(names.into_iter().map(|name| (name.to_owned(), Vec::new())).collect());
        assert_eq!(roster.called("BTC/USDT"), Some(2));
        assert_eq!(roster.called("A.B"), Some(1));
        assert_eq!(roster.called("A/B"), None);
        assert_eq!(roster.called("ETH/USDT"), None);
    }

    #[test]
    fn sids_are_places_until_told() {
        let mut roster = roster();
        assert_eq!((roster.of_sid(2), roster.of_sid(3)), (Some(2), None));
        roster.describe(|place, record| record.sid = (place == 0).then_some(Sid(9)));
        assert_eq!((roster.of_sid(9), roster.of_sid(2)), (Some(0), None));
    }

    #[test]
    fn a_user_means_the_name_of_the_files_first() {
        let roster = roster();
        assert_eq!(roster.meant("T"), Some(1));
        assert_eq!(roster.meant("nb"), Some(0));
        assert_eq!(roster.meant("told"), Some(2));
        assert_eq!(roster.meant("IBM"), None);
    }
}
