//! Histories as Polars frames, for people.

use polars::prelude::{
    Column, DataFrame, DataType, IntoColumn, NamedFrom, PolarsError, Series, TimeUnit,
};
use rustybt_calendars::Timestamp;

use crate::{Error, History, Quote, Sid};

impl History {
    /// A Polars frame: one column an asset, named by its sid, where one quote was asked for; the
    /// long form (`date` or `label`, `sid`, one column a quote) where several were.
    ///
    /// The first column is `date` for daily bars, and `label`, in UTC microseconds, for others.
    ///
    /// # Errors
    ///
    /// [`Error::Frame`] where Polars refuses, as it does for an asset that was asked for twice.
    pub fn to_polars(&self) -> Result<DataFrame, Error> {
        self.to_polars_named(|sid| sid.to_string())
    }

    /// The same frame with assets called by other names, such as their symbols. In the long form
    /// these are a column `symbol`.
    ///
    /// # Errors
    ///
    /// As [`to_polars`](Self::to_polars); two assets of one name are refused too.
    pub fn to_polars_named(&self, name: impl Fn(Sid) -> String) -> Result<DataFrame, Error> {
        match self.quotes() {
            [quote] => self.wide(*quote, name),
            _ => self.long(name),
        }
    }

    fn wide(&self, quote: Quote, name: impl Fn(Sid) -> String) -> Result<DataFrame, Error> {
        let mut columns = vec![self.label_column(1)?];
        for &sid in self.sids() {
            columns.push(Column::new(name(sid).as_str().into(), self.series(quote, sid)?));
        }
        DataFrame::new(self.labels().len(), columns).map_err(|error| refused(&error))
    }

    fn long(&self, name: impl Fn(Sid) -> String) -> Result<DataFrame, Error> {
        let bars = self.labels().len();
        let each = |sid: &Sid| std::iter::repeat_n(*sid, bars);
        let sids: Vec<u32> = self.sids().iter().flat_map(each).map(|sid| sid.0).collect();
        let names: Vec<String> =
            self.sids().iter().flat_map(|&sid| std::iter::repeat_n(name(sid), bars)).collect();
        let mut columns = vec![
            self.label_column(self.sids().len())?,
            Column::new("sid".into(), sids),
            Column::new("symbol".into(), names),
        ];
        for &quote in self.quotes() {
            let array = self.array(quote)?;
            let values: Vec<f64> = array.t().iter().copied().collect();
            columns.push(Column::new(quote.name().into(), values));
        }
        DataFrame::new(bars * self.sids().len(), columns).map_err(|error| refused(&error))
    }

    /// The labels, as often as there are assets below each other.
    fn label_column(&self, times: usize) -> Result<Column, Error> {
        let labels = (0..times).flat_map(|_| self.labels());
        let column = if self.frequency().is_intraday() {
            let micros: Vec<i64> = labels.map(|label| label.micros()).collect();
            let kind = DataType::Datetime(TimeUnit::Microseconds, None);
            Series::new("label".into(), micros).cast(&kind)
        } else {
            let days: Vec<i32> = labels.map(|&label: &Timestamp| label.date().days()).collect();
            Series::new("date".into(), days).cast(&DataType::Date)
        };
        column.map(IntoColumn::into_column).map_err(|error| refused(&error))
    }
}

fn refused(error: &PolarsError) -> Error {
    Error::Frame { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use crate::{HistoryQuery, Quote, Sid, Synthetic, SyntheticConfig};

    #[test]
    fn one_quote_is_wide_and_several_are_long() {
        let config = SyntheticConfig { assets: 3, ..SyntheticConfig::default() };
        let portal = Synthetic::new(config).unwrap().portal().unwrap();
        let data = portal.at_session("2016-03-01".parse().unwrap()).unwrap();
        let sids = [Sid(2), Sid(0)];
        let wide = data.history(&HistoryQuery::new(&sids).bars(4)).unwrap().to_polars().unwrap();
        assert_eq!(wide.shape(), (4, 3));
        assert_eq!(wide.get_column_names(), ["date", "2", "0"]);
        let history =
            data.history(&HistoryQuery::new(&sids).fields(&[Quote::CLOSE, Quote::VOLUME]).bars(4));
        let history = history.unwrap();
        let long = history.to_polars_named(|sid| format!("A{:05}", sid.0)).unwrap();
        assert_eq!(long.get_column_names(), ["date", "sid", "symbol", "close", "volume"]);
        assert_eq!(long.shape(), (8, 5));
        let close = long.column("close").unwrap().f64().unwrap();
        assert_eq!(close.get(4), history.series(Quote::CLOSE, Sid(0)).unwrap().first().copied());
        let shown = long.to_string();
        assert!(shown.contains("2016-03-01") && shown.contains("A00002"), "{shown}");
    }
}
