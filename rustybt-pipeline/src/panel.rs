//! A computed term: one value for each session and asset.

use std::ops::Range;

/// Which values lie beside each other in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// All sessions of one asset: what windows want.
    ByAsset,
    /// All assets of one session: what ranks want.
    BySession,
}

/// The values of a term over a range of rows, which are positions among the calendar's sessions.
#[derive(Debug, Clone)]
pub(crate) struct Panel<T> {
    pub(crate) rows: Range<usize>,
    pub(crate) assets: usize,
    pub(crate) layout: Layout,
    pub(crate) values: Vec<T>,
}

impl<T: Copy + Default> Panel<T> {
    /// A value; the default where there is none.
    #[inline]
    pub(crate) fn get(&self, row: usize, asset: usize) -> T {
        let Some(row) = row.checked_sub(self.rows.start).filter(|row| *row < self.rows.len())
        else {
            return T::default();
        };
        let at = match self.layout {
            Layout::ByAsset => asset * self.rows.len() + row,
            Layout::BySession => row * self.assets + asset,
        };
        self.values.get(at).copied().unwrap_or_default()
    }

    /// Some rows, session by session: lent where they lie so, else put together in `buffer`.
    pub(crate) fn by_session<'a>(&'a self, rows: Range<usize>, buffer: &'a mut Vec<T>) -> &'a [T] {
        if self.layout == Layout::BySession {
            return self.by_session_lent(&rows);
        }
        let (start, end) = (rows.start - self.rows.start, rows.end - self.rows.start);
        buffer.resize((end - start) * self.assets, T::default());
        // Eight sessions at a time: the cache lines written to are few enough to stay in the
        // nearest cache while assets pass by.
        for (tile, first) in buffer.chunks_mut(8 * self.assets).zip((start..end).step_by(8)) {
            let sessions = tile.len() / self.assets;
            for (asset, values) in self.values.chunks_exact(self.rows.len()).enumerate() {
                let values = values.get(first..first + sessions).unwrap_or_default();
                let places = tile.iter_mut().skip(asset).step_by(self.assets);
                for (place, value) in places.zip(values) {
                    *place = *value;
                }
            }
        }
        buffer
    }

    /// Some rows of a panel that lies session by session.
    pub(crate) fn by_session_lent(&self, rows: &Range<usize>) -> &[T] {
        debug_assert_eq!(self.layout, Layout::BySession);
        let (start, end) = (rows.start - self.rows.start, rows.end - self.rows.start);
        self.values.get(start * self.assets..end * self.assets).unwrap_or_default()
    }

    /// Some rows of one asset, of a panel that lies asset by asset.
    pub(crate) fn of_asset_lent(&self, asset: usize, rows: &Range<usize>) -> &[T] {
        debug_assert_eq!(self.layout, Layout::ByAsset);
        let first = asset * self.rows.len();
        let (start, end) = (rows.start - self.rows.start, rows.end - self.rows.start);
        self.values.get(first + start..first + end).unwrap_or_default()
    }

    /// Some rows of one asset: lent where they lie together, else collected in `buffer`.
    pub(crate) fn of_asset<'a>(
        &'a self,
        asset: usize,
        rows: Range<usize>,
        buffer: &'a mut Vec<T>,
    ) -> &'a [T] {
        if self.layout == Layout::ByAsset {
            return self.of_asset_lent(asset, &rows);
        }
        buffer.clear();
        let values = self.values.iter().skip((rows.start - self.rows.start) * self.assets + asset);
        buffer.extend(values.step_by(self.assets).take(rows.len()));
        buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_layout_gives_either_view() {
        let (rows, assets) = (10..29, 5);
        let value = |row: usize, asset: usize| row * 100 + asset;
        let by_asset = (0..assets).flat_map(|a| (10..29).map(move |r| value(r, a))).collect();
        let by_session = (10..29).flat_map(|r| (0..assets).map(move |a| value(r, a))).collect();
        let panels = [
            Panel { rows: rows.clone(), assets, layout: Layout::ByAsset, values: by_asset },
            Panel { rows, assets, layout: Layout::BySession, values: by_session },
        ];
        for panel in panels {
            let expected: Vec<usize> =
                (12..27).flat_map(|r| (0..assets).map(move |a| value(r, a))).collect();
            assert_eq!(panel.by_session(12..27, &mut Vec::new()), expected);
            let expected: Vec<usize> = (12..27).map(|r| value(r, 3)).collect();
            assert_eq!(panel.of_asset(3, 12..27, &mut Vec::new()), expected);
            assert_eq!(panel.get(28, 4), 2804);
            assert_eq!(panel.get(9, 0), 0);
        }
    }
}
