//! What would help whoever meets an error.

use rustybt_calendars::Error as CalendarError;

use super::Error;

impl Error {
    /// What would help, where somebody knows and the message does not say it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::UnknownSymbol { near, .. } if near.is_empty() => {
                "a symbol is looked up as of the day: `rustybt assets` lists all of them".to_owned()
            }
            Self::UnknownSymbol { .. } | Self::AmbiguousSymbol { .. } => {
                "name the asset by its sid, or ask as of another day".to_owned()
            }
            Self::UnknownSid { .. } => "`rustybt assets` lists the sids".to_owned(),
            Self::HistoryStartsBeforeData { available, .. } if *available > 0 => {
                format!("ask for at most {available} bars, or as of a later day")
            }
            Self::HistoryStartsBeforeData { .. } | Self::BeforeData { .. } => {
                "ask as of a later day, or ingest earlier data".to_owned()
            }
            Self::NotKnown { .. } => "ask as of a later perspective".to_owned(),
            Self::NoBars { available, .. } if available.is_empty() => {
                "`rustybt table` lists what the bundle has instead".to_owned()
            }
            Self::NoBars { .. } => {
                "bars are made of finer ones alone: ingest minutes, or ask for days and more"
                    .to_owned()
            }
            Self::NoField { .. } => {
                "trades, vwap and quote_volume are there where a source gives them".to_owned()
            }
            Self::UnknownRoot { .. } => {
                "chains are made of the contracts of `futures_contracts.csv`".to_owned()
            }
            Self::UnknownRate { .. } => {
                "rates are ingested from `fx_rates.csv`: date,base,quote,rate,value".to_owned()
            }
            Self::NoTable { table, .. } => format!("`{table}` has to be ingested beside the bars"),
            Self::NotExact { .. } => "leave `exact` out to get doubles".to_owned(),
            Self::Source { error, .. } => return error.hint().map(str::to_owned),
            Self::Calendar(error) => match error.as_ref() {
                CalendarError::NotASession { .. } => {
                    "name a session, or an instant such as 2014-06-08T20:00Z".to_owned()
                }
                _ => return None,
            },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Error, Frequency};

    #[test]
    fn an_error_says_what_would_work() {
        let now = "2014-06-10T20:00Z".parse().unwrap();
        let error = Error::HistoryStartsBeforeData {
            bars: 9,
            frequency: Frequency::DAILY,
            end: now,
            first: now,
            available: 5,
        };
        assert_eq!(error.hint().unwrap(), "ask for at most 5 bars, or as of a later day");
        assert!(Error::NoBarsAsked.hint().is_none());
        let calendar = rustybt_calendars::calendar("XNYS").unwrap();
        let sunday = calendar.close("2014-06-08".parse().unwrap()).unwrap_err();
        assert!(Error::from(sunday).hint().unwrap().starts_with("name a session"));
    }
}
