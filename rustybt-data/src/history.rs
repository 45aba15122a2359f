//! Look-back over many assets and fields: the question, and its answer as arrays.

mod shown;

use ndarray::{Array2, ArrayView2, ShapeBuilder};
use rustybt_calendars::Timestamp;

use self::shown::Shown;
use crate::{AdjustMode, BarData, Clocking, Error, ExactColumn, Frequency, Quote, Sid};

/// A question for the last bars of some assets.
///
/// ```
/// use rustybt_data::{Frequency, HistoryQuery, Quote, Sid};
///
/// let assets = [Sid(0), Sid(7)];
/// let month = HistoryQuery::new(&assets).fields(&[Quote::Price, Quote::VOLUME]).bars(21);
/// let hour = HistoryQuery::new(&assets).bars(60).frequency(Frequency::MINUTE);
/// let weeks = HistoryQuery::new(&assets).bars(12).frequency("1w".parse()?).partial();
/// # let _ = (month, hour, weeks);
/// # Ok::<(), rustybt_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct HistoryQuery<'q> {
    sids: &'q [Sid],
    quotes: &'q [Quote],
    bars: usize,
    frequency: Option<Frequency>,
    adjust: Option<AdjustMode>,
    exact: bool,
    partial: bool,
    currency: Option<&'q str>,
}

impl<'q> HistoryQuery<'q> {
    /// One bar of `price` of these assets, in the clock's own bars, adjusted as of now.
    pub const fn new(sids: &'q [Sid]) -> Self {
        let quotes = &[Quote::Price];
        Self {
            sids,
            quotes,
            bars: 1,
            frequency: None,
            adjust: None,
            exact: false,
            partial: false,
            currency: None,
        }
    }

    /// What to look at.
    #[must_use]
    pub const fn fields(self, quotes: &'q [Quote]) -> Self {
        Self { quotes, ..self }
    }

    /// How many bars.
    #[must_use]
    pub const fn bars(self, bars: usize) -> Self {
        Self { bars, ..self }
    }

    /// Which bars: any frequency that can be made of the bars there are.
    ///
    /// Days, weeks and months are made of the daily bars, everything else of the minute bars. Only
    /// bars that are over are shown, but for single days in minute clocking, of which today's, made
    /// of the minutes so far, is the last.
    #[must_use]
    pub const fn frequency(self, frequency: Frequency) -> Self {
        Self { frequency: Some(frequency), ..self }
    }

    /// What to adjust for; the view's own way where this is not said.
    #[must_use]
    pub const fn adjust(self, mode: AdjustMode) -> Self {
        Self { adjust: Some(mode), ..self }
    }

    /// Asks for the bar that is still going on as the last one, as far as it is known.
    #[must_use]
    pub const fn partial(self) -> Self {
        Self { partial: true, ..self }
    }

    /// Asks for prices in this currency.
    ///
    /// A price of a session is converted at the rate of that day, or the last one before; within a
    /// session at the last rate of an earlier day, since that of the day itself is not known yet.
    /// Values of assets for which there is no rate are missing.
    #[must_use]
    pub const fn currency(self, currency: &'q str) -> Self {
        Self { currency: Some(currency), ..self }
    }

    /// Asks for the decimals as they were ingested beside the arrays.
    ///
    /// That needs stored fields and [`AdjustMode::None`].
    #[must_use]
    pub const fn exact(self) -> Self {
        Self { exact: true, ..self }
    }
}

/// The last bars of some assets: one `(bars, assets)` array for each column asked for.
#[derive(Debug, Clone)]
pub struct History {
    labels: Vec<Timestamp>,
    opens: Vec<Timestamp>,
    is_partial: bool,
    frequency: Frequency,
    sids: Vec<Sid>,
    quotes: Vec<Quote>,
    /// One a quote; the values of an asset lie side by side.
    arrays: Vec<Array2<f64>>,
    /// One a quote and asset; empty where they were not asked for.
    exact: Vec<Vec<ExactColumn>>,
}

impl History {
    /// The label of each bar: the close for bars within a session; midnight UTC of the session, the
    /// last one of several, for others.
    pub fn labels(&self) -> &[Timestamp] {
        &self.labels
    }

    /// When each bar opened; midnight UTC of its first session for bars of whole sessions.
    pub fn opens(&self) -> &[Timestamp] {
        &self.opens
    }

    /// Whether the last bar is still going on; its label then lies in the future.
    pub fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// Which bars these are.
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// The assets, one a column, in the order asked for.
    pub fn sids(&self) -> &[Sid] {
        &self.sids
    }

    /// The columns asked for.
    pub fn quotes(&self) -> &[Quote] {
        &self.quotes
    }

    /// One column as a `(bars, assets)` array, the newest bar last.
    ///
    /// # Errors
    ///
    /// [`Error::NotAsked`] for a column that the query did not name.
    pub fn array(&self, quote: impl Into<Quote>) -> Result<ArrayView2<'_, f64>, Error> {
        let quote = quote.into();
        let place = self.place(quote)?;
        self.arrays.get(place).map(|array| array.view()).ok_or(Error::NotAsked { quote, sid: None })
    }

    /// One column of one asset, the newest bar last.
    ///
    /// # Errors
    ///
    /// [`Error::NotAsked`] for a column or an asset that the query did not name.
    pub fn series(&self, quote: impl Into<Quote>, sid: Sid) -> Result<&[f64], Error> {
        let quote = quote.into();
        let bars = self.labels.len();
        let column = self.sids.iter().position(|&known| known == sid).map(|at| at * bars);
        let array = self.arrays.get(self.place(quote)?);
        array
            .and_then(|array| array.as_slice_memory_order())
            .zip(column)
            .and_then(|(values, start)| values.get(start..start + bars))
            .ok_or(Error::NotAsked { quote, sid: Some(sid) })
    }

    /// One column of one asset as it was ingested, in a history that was asked to be exact.
    ///
    /// # Errors
    ///
    /// [`Error::NotAsked`] where the query did not name it, [`Error::NotExact`] where it did not
    /// ask for exact values.
    pub fn exact(&self, quote: impl Into<Quote>, sid: Sid) -> Result<&ExactColumn, Error> {
        let quote = quote.into();
        let columns = self.exact.get(self.place(quote)?);
        let columns = columns.ok_or_else(|| Error::NotExact { what: "this history".to_owned() })?;
        let column = self.sids.iter().position(|&known| known == sid);
        column.and_then(|at| columns.get(at)).ok_or(Error::NotAsked { quote, sid: Some(sid) })
    }

    fn place(&self, quote: Quote) -> Result<usize, Error> {
        let place = self.quotes.iter().position(|&known| known == quote);
        place.ok_or(Error::NotAsked { quote, sid: None })
    }

    /// The last bars, or those between two instants.
    pub(crate) fn of(
        data: &BarData<'_>,
        query: &HistoryQuery<'_>,
        between: Option<(Timestamp, Timestamp)>,
    ) -> Result<Self, Error> {
        let data = &data.adjusted(query.adjust.unwrap_or(data.adjust));
        let portal = data.portal;
        let own = match data.clocking {
            Clocking::Daily => Frequency::DAILY,
            Clocking::Minute => Frequency::MINUTE,
        };
        let frequency = query.frequency.unwrap_or(own);
        let shown = match between {
            Some(between) => Shown::between(data, query, frequency, between)?,
            None => Shown::last(data, query, frequency)?,
        };
        let bars = shown.len();
        if query.exact {
            refuse_computed(query, data.adjust)?;
        }
        let mut arrays = Vec::with_capacity(query.quotes.len());
        let mut exact = Vec::new();
        for &quote in query.quotes {
            let mut values = Vec::with_capacity(bars * query.sids.len());
            let mut columns = Vec::new();
            for &sid in query.sids {
                let slot = portal.slot(sid)?;
                shown.extend(slot, quote, &mut values)?;
                if query.exact {
                    columns.push(shown.exact(slot, quote.field())?);
                }
            }
            let found = values.len();
            let shape = (bars, query.sids.len());
            let array = Array2::from_shape_vec(shape.f(), values);
            let expected = shape.0 * shape.1;
            arrays.push(array.map_err(|_| Error::Shape {
                what: "the history",
                found,
                expected,
            })?);
            if query.exact {
                exact.push(columns);
            }
        }
        Ok(Self {
            labels: shown.labels(),
            opens: shown.opens(),
            is_partial: shown.is_partial(),
            frequency,
            sids: query.sids.to_vec(),
            quotes: query.quotes.to_vec(),
            arrays,
            exact,
        })
    }
}

/// Exact values are those that were ingested: nothing adjusted, nothing carried forward.
fn refuse_computed(query: &HistoryQuery<'_>, mode: AdjustMode) -> Result<(), Error> {
    if query.currency.is_some() {
        return Err(Error::NotExact { what: "a history in another currency".to_owned() });
    }
    if mode != AdjustMode::None {
        return Err(Error::NotExact { what: format!("a history adjusted `{mode}`") });
    }
    if query.quotes.contains(&Quote::Price) {
        return Err(Error::NotExact { what: "`price`".to_owned() });
    }
    Ok(())
}
