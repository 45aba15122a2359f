//! The ops about bars: history, bars, differences, lookup.

use rustybt_calendars::Timestamp;
use rustybt_data::{
    AdjustMode, BarData, DataPortal, Error as DataError, Frequency, History, HistoryQuery, Quote,
    Sid,
};
use serde_json::{Map, Value, json};

use super::asset_name::AssetName;
use super::refusal::Refusal;
use super::request::{BarsRequest, DifferencesRequest, HistoryRequest, LookupRequest};
use crate::command::bundle::{Opened, label};
use crate::command::history::{how, names, plain};
use crate::moment::Moment;

/// A bundle that is asked.
pub(super) struct Bars<'a> {
    opened: &'a Opened,
}

impl<'a> Bars<'a> {
    pub(super) fn new(opened: &'a Opened) -> Self {
        Self { opened }
    }

    pub(super) fn portal(&self) -> &'a DataPortal {
        &self.opened.portal
    }

    /// The data as of a moment, to look at these assets in bars of a frequency.
    pub(super) fn at(
        &self,
        moment: Moment,
        frequency: Frequency,
        sids: &[Sid],
    ) -> Result<BarData<'a>, DataError> {
        self.opened.at(moment, frequency, sids)
    }

    /// The data as of a moment as it was known of an asset.
    pub(super) fn of(&self, moment: Moment, sid: Sid) -> Result<BarData<'a>, DataError> {
        self.opened.at(moment, Frequency::DAILY, &[sid])
    }

    /// The data as of a moment in whole days.
    pub(super) fn days(&self, moment: Moment) -> Result<BarData<'a>, DataError> {
        self.opened.days(moment)
    }

    /// `{"index": […], "assets": […], "fields": {name: [[…], …]}}`; rows are bars, columns assets.
    pub(super) fn history(&self, request: &HistoryRequest) -> Result<Value, Refusal> {
        let (data, sids) = self.look(request.at, request.frequency, &request.assets)?;
        let quotes = quotes(&request.fields)?;
        let mut query = HistoryQuery::new(&sids)
            .fields(&quotes)
            .bars(request.bars)
            .frequency(request.frequency)
            .adjust(request.adjust.unwrap_or(how(request.exact)));
        if request.exact {
            query = query.exact();
        }
        if request.partial {
            query = query.partial();
        }
        if let Some(currency) = &request.currency {
            query = query.currency(currency);
        }
        let history = data.history(&query)?;
        let mut answer = answer(&data, &history, history.labels(), request.exact)?;
        let is_stored = [Frequency::DAILY, Frequency::MINUTE].contains(&request.frequency);
        if let Some(answer) = answer.as_object_mut().filter(|_| request.partial || !is_stored) {
            answer.insert("opens".to_owned(), json!(texts(&history, history.opens())));
            answer.insert("partial".to_owned(), json!(history.is_partial()));
        }
        Ok(answer)
    }

    /// As a history, but under the moment each bar opens, with `closes` beside `index`.
    pub(super) fn between(&self, request: &BarsRequest) -> Result<Value, Refusal> {
        let calendar = self.opened.portal.calendar();
        let start = match request.start {
            Moment::Instant(start) => start,
            Moment::Session(day) => {
                let index = calendar.index_at_or_after(day);
                index.and_then(|index| calendar.open_at(index)).unwrap_or(Timestamp::MAX)
            }
        };
        let (now, end) = (request.perspective.unwrap_or(request.end), self.end(request.end));
        let now = self.over(now);
        let sids = sids(&self.opened.days(now)?, &request.assets)?;
        let data = self.opened.at(now, request.frequency, &sids)?;
        let quotes = quotes(&request.fields)?;
        let mut query = HistoryQuery::new(&sids)
            .fields(&quotes)
            .frequency(request.frequency)
            .adjust(request.adjust.unwrap_or(AdjustMode::None));
        if request.exact {
            query = query.exact();
        }
        if request.partial {
            query = query.partial();
        }
        if let Some(currency) = &request.currency {
            query = query.currency(currency);
        }
        let history = data.between(&query, start, end)?;
        let mut answer = answer(&data, &history, history.opens(), request.exact)?;
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("closes".to_owned(), json!(texts(&history, history.labels())));
            answer.insert("partial".to_owned(), json!(history.is_partial()));
        }
        Ok(answer)
    }

    /// `{"differences": [{"sid", "symbol", "session", "field", "daily", "minutes"}, …]}`.
    pub(super) fn differences(&self, request: &DifferencesRequest) -> Result<Value, Refusal> {
        let days = self.opened.days(self.over(Moment::Session(request.end)))?;
        let mut found = Vec::new();
        for sid in sids(&days, &request.assets)? {
            let symbol = days.asset(sid)?.symbol_at(days.session());
            for difference in self.opened.portal.differences(sid, request.start, request.end)? {
                found.push(json!({
                    "sid": sid,
                    "symbol": symbol,
                    "session": difference.session,
                    "field": difference.field,
                    "daily": difference.daily,
                    "minutes": difference.minutes,
                }));
            }
        }
        Ok(json!({ "differences": found }))
    }

    /// A day that is no session means the session before.
    pub(super) fn over(&self, moment: Moment) -> Moment {
        let calendar = self.opened.portal.calendar();
        let session = |day| {
            let index = calendar.index_at_or_before(day);
            index.and_then(|index| calendar.sessions().get(index)).copied().unwrap_or(day)
        };
        match moment {
            Moment::Session(day) => Moment::Session(session(day)),
            Moment::Instant(at) => Moment::Instant(at),
        }
    }

    /// The instant at which a moment is over.
    fn end(&self, moment: Moment) -> Timestamp {
        let close = |day| self.opened.portal.calendar().close(day).unwrap_or(Timestamp::MIN);
        match self.over(moment) {
            Moment::Session(day) => close(day),
            Moment::Instant(at) => at,
        }
    }

    /// `{"sid": …, "symbol": …}`; the day need not be a session.
    pub(super) fn lookup(&self, request: &LookupRequest) -> Result<Value, Refusal> {
        let finder = self.opened.portal.finder();
        let day = request.as_of.date();
        let sid = finder.lookup(&request.symbol, day)?;
        let symbol = finder.asset(sid).map(|asset| asset.symbol_at(day));
        Ok(json!({ "sid": sid, "symbol": symbol }))
    }

    /// The assets, as they are called at a moment, and the data as of it.
    fn look(
        &self,
        at: Moment,
        frequency: Frequency,
        assets: &[AssetName],
    ) -> Result<(BarData<'a>, Vec<Sid>), Refusal> {
        let sids = sids(&self.opened.days(at)?, assets)?;
        Ok((self.opened.at(at, frequency, &sids)?, sids))
    }
}

fn quotes(names: &[String]) -> Result<Vec<Quote>, DataError> {
    names.iter().map(|name| name.parse()).collect()
}

/// `{"index": […], "assets": […], "fields": {name: [[…], …]}}`.
fn answer(
    data: &BarData<'_>,
    history: &History,
    index: &[Timestamp],
    exact: bool,
) -> Result<Value, Refusal> {
    let mut fields = Map::new();
    for &quote in history.quotes() {
        let mut rows = vec![Vec::with_capacity(history.sids().len()); index.len()];
        for &sid in history.sids() {
            if exact {
                let column = history.exact(quote, sid)?;
                for (row, cells) in rows.iter_mut().enumerate() {
                    cells.push(json!(column.get(row).map(plain)));
                }
            } else {
                for (cells, &value) in rows.iter_mut().zip(history.series(quote, sid)?) {
                    cells.push(Value::from(value));
                }
            }
        }
        fields.insert(quote.name().to_owned(), json!(rows));
    }
    let index = texts(history, index);
    Ok(json!({ "index": index, "assets": described(data, history.sids())?, "fields": fields }))
}

fn texts(history: &History, labels: &[Timestamp]) -> Vec<String> {
    labels.iter().map(|&at| label(at, history.frequency())).collect()
}

pub(super) fn sids(data: &BarData<'_>, assets: &[AssetName]) -> Result<Vec<Sid>, Refusal> {
    assets.iter().map(|asset| named(data, asset)).collect()
}

/// The asset that is meant as of a view.
pub(super) fn named(data: &BarData<'_>, asset: &AssetName) -> Result<Sid, Refusal> {
    match asset {
        AssetName::Symbol(symbol) => Ok(data.lookup(symbol)?),
        AssetName::Sid(sid) => Ok(data.asset(Sid(*sid))?.sid),
        AssetName::Series(series) => Err(Refusal::new(
            "bad_request",
            format!(
                "the contracts on `{}` are several assets: ask `current` for the one in front, \
                 `continuous` for a history",
                series.root
            ),
        )),
    }
}

fn described(data: &BarData<'_>, sids: &[Sid]) -> Result<Value, DataError> {
    let names = names(data, sids)?;
    let assets =
        sids.iter().zip(names).map(|(sid, symbol)| json!({ "sid": sid, "symbol": symbol }));
    Ok(assets.collect())
}
