//! Terms about assets named one by one.

use std::ops::Range;

use rustybt_calendars::Session;
use rustybt_data::{AssetFinder, Sid};

use super::Scope;
use crate::Error;
use crate::filter::AssetName;
use crate::panel::{Layout, Panel};

impl Scope<'_> {
    /// The assets of these names; a symbol is looked up as of each session.
    pub(super) fn assets(
        &self,
        names: &[AssetName],
        rows: Range<usize>,
    ) -> Result<Panel<bool>, Error> {
        let sids = self.universe.sids();
        let assets = sids.len();
        let mut values = vec![false; rows.len() * assets];
        for (row, flags) in rows.clone().zip(values.chunks_exact_mut(assets)) {
            let Some(session) = self.axis.session(row) else { continue };
            for name in names {
                let Some(sid) = resolve(self.loader.finder(), name, session)? else { continue };
                let life =
                    sids.binary_search(&sid).map(|slot| (slot, self.universe.life(slot, &rows)));
                if let Ok((slot, life)) = life
                    && life.contains(&row)
                    && let Some(flag) = flags.get_mut(slot)
                {
                    *flag = true;
                }
            }
        }
        Ok(Panel { rows, assets, layout: Layout::BySession, values })
    }

    /// One asset, which must live on every row.
    pub(super) fn single(
        &self,
        name: &AssetName,
        rows: Range<usize>,
    ) -> Result<Panel<bool>, Error> {
        let panel = self.assets(std::slice::from_ref(name), rows.clone())?;
        let everywhere =
            panel.values.chunks_exact(panel.assets.max(1)).all(|flags| flags.contains(&true));
        if everywhere { Ok(panel) } else { Err(self.absent(name, &rows)) }
    }

    /// The numbers of one asset, for all.
    pub(super) fn slice(
        &self,
        name: &AssetName,
        input: &Panel<f64>,
        rows: Range<usize>,
    ) -> Result<Panel<f64>, Error> {
        let sids = self.universe.sids();
        let assets = sids.len();
        let mut values = Vec::with_capacity(rows.len() * assets);
        for row in rows.clone() {
            let session = self.axis.session(row);
            let sid = match session {
                Some(session) => resolve(self.loader.finder(), name, session)?,
                None => None,
            };
            let slot = sid.and_then(|sid| sids.binary_search(&sid).ok());
            let number = slot.map_or(f64::NAN, |slot| input.get(row, slot));
            values.extend(std::iter::repeat_n(number, assets));
        }
        Ok(Panel { rows, assets, layout: Layout::BySession, values })
    }

    fn absent(&self, name: &AssetName, rows: &Range<usize>) -> Error {
        let session = |row| self.axis.session(row).unwrap_or(Session::from_days(0));
        let (start, end) = (session(rows.start), session(rows.end.saturating_sub(1)));
        Error::AssetAbsent { asset: name.to_string(), start, end }
    }
}

/// The asset that a name means on a session, if any.
pub(crate) fn resolve(
    finder: &dyn AssetFinder,
    name: &AssetName,
    session: Session,
) -> Result<Option<Sid>, Error> {
    match name {
        AssetName::Sid(sid) => Ok(Some(*sid)),
        AssetName::Symbol(symbol) => match finder.lookup(symbol, session) {
            Ok(sid) => Ok(Some(sid)),
            Err(rustybt_data::Error::UnknownSymbol { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        },
    }
}
