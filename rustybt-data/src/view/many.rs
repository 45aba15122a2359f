//! The newest values of many assets at once.

use ndarray::Array2;

use super::BarData;
use crate::portal::Slot;
use crate::{Error, Quote, Sid};

impl BarData<'_> {
    /// [`current`](Self::current) of several assets and quotes: an array of `(assets, quotes)`, in
    /// the order of both lists, with the bits that `current` gives one by one.
    ///
    /// ```
    /// # use rustybt_data::{Quote, Sid, Synthetic, SyntheticConfig};
    /// # let portal = Synthetic::new(SyntheticConfig { assets: 2, ..Default::default() })?.portal()?;
    /// let data = portal.at_session("2016-12-30".parse()?)?;
    /// let (sids, quotes) = ([Sid(0), Sid(1)], [Quote::CLOSE, Quote::VOLUME]);
    /// let now = data.current_many(&sids, &quotes)?;
    /// assert_eq!(now.dim(), (2, 2));
    /// assert_eq!(now[[1, 0]], data.current(Sid(1), Quote::CLOSE)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`current`](Self::current).
    pub fn current_many(&self, sids: &[Sid], quotes: &[Quote]) -> Result<Array2<f64>, Error> {
        // One line a quote: values of one field lie together, as they do in the reader.
        let mut found = Array2::from_elem((quotes.len(), sids.len()), f64::NAN);
        let known = Known::new(self, sids)?;
        let mut taken = vec![f64::NAN; known.sids.len()];
        for (quote, mut line) in quotes.iter().zip(found.rows_mut()) {
            let Some(line) = line.as_slice_mut() else { continue };
            self.fill(*quote, &known, &mut taken, line)?;
        }
        Ok(found.reversed_axes())
    }

    fn fill(
        &self,
        quote: Quote,
        known: &Known<'_>,
        taken: &mut [f64],
        line: &mut [f64],
    ) -> Result<(), Error> {
        let field = quote.field();
        line.fill(field.missing());
        if let Some(&(_, first)) = known.places.first() {
            let (table, _) = self.own(first)?;
            table.reader.row(field, self.row, &known.sids, taken)?;
        }
        let of_now = self.last == self.session;
        for (&(place, slot), &value) in known.places.iter().zip(&*taken) {
            let seen = if of_now { value } else { self.seen(slot, field, self.last, value)? };
            if let Some(out) = line.get_mut(place) {
                *out = seen;
            }
        }
        if quote == Quote::Price {
            self.carry(known, line)?;
        }
        Ok(())
    }

    /// Prices of those that live and had no bar: the last ones they had.
    fn carry(&self, known: &Known<'_>, line: &mut [f64]) -> Result<(), Error> {
        let places = known.places.iter().chain(&known.between);
        for &(place, slot) in places {
            if let Some(price) = line.get_mut(place).filter(|price| price.is_nan()) {
                *price = self.carried(slot, self.rows)?;
            }
        }
        Ok(())
    }
}

/// The assets asked for that live, and where they stand in the question.
struct Known<'p> {
    /// Those whose stored bars reach the newest label.
    sids: Vec<Sid>,
    places: Vec<(usize, &'p Slot)>,
    /// Those whose stored bars do not.
    between: Vec<(usize, &'p Slot)>,
}

impl<'p> Known<'p> {
    fn new(data: &BarData<'p>, sids: &[Sid]) -> Result<Self, Error> {
        let mut known = Self {
            sids: Vec::with_capacity(sids.len()),
            places: Vec::with_capacity(sids.len()),
            between: Vec::new(),
        };
        for (place, &sid) in sids.iter().enumerate() {
            let slot = data.portal.slot(sid)?;
            let (_, life) = data.own(slot)?;
            if !slot.is_alive(data.last) {
                continue;
            }
            if life.contains(&data.row) {
                known.sids.push(sid);
                known.places.push((place, slot));
            } else {
                known.between.push((place, slot));
            }
        }
        Ok(known)
    }
}
