//! [`Refusal`]: what a line is answered that has no other answer.

use serde::Serialize;

/// `{"kind": …, "message": …}`, and `hint` where something would help. The kinds are part of the
/// protocol, the messages are for people.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Refusal {
    kind: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Refusal {
    pub(super) fn new(kind: &'static str, message: String) -> Self {
        Self { kind, message, hint: None }
    }
}

impl From<rustybt_data::Error> for Refusal {
    fn from(error: rustybt_data::Error) -> Self {
        use rustybt_data::Error as E;
        let kind = match &error {
            E::Calendar(cause) => {
                return Self { hint: error.hint(), ..Self::from(cause.as_ref().clone()) };
            }
            E::UnknownSid { .. } => "unknown_sid",
            E::UnknownSymbol { .. } => "unknown_symbol",
            E::AmbiguousSymbol { .. } => "ambiguous_symbol",
            E::OutOfRange { .. }
            | E::HistoryStartsBeforeData { .. }
            | E::BeforeData { .. }
            | E::NotKnown { .. } => "out_of_range",
            E::UnknownRoot { .. } => "unknown_root",
            E::UnknownRate { .. } => "unknown_rate",
            E::NoTable { .. } => "unknown_table",
            E::NoBars { .. } | E::NoField { .. } => "no_data",
            E::NoBarsAsked
            | E::BadField { .. }
            | E::BadFrequency { .. }
            | E::BadAdjustMode { .. }
            | E::BadRoll { .. }
            | E::BadDecimal { .. }
            | E::UnknownColumn { .. }
            | E::NotExact { .. } => "bad_request",
            E::Store(_) => "store",
            _ => "failed",
        };
        Self { hint: error.hint(), ..Self::new(kind, with_causes(&error)) }
    }
}

impl From<rustybt_calendars::Error> for Refusal {
    fn from(error: rustybt_calendars::Error) -> Self {
        use rustybt_calendars::Error as E;
        let kind = match &error {
            E::InvalidDate { .. }
            | E::InvalidTimestamp { .. }
            | E::InvalidPeriod { .. }
            | E::InvalidAlignment { .. } => "bad_request",
            E::UnknownCalendar { .. } => "unknown_calendar",
            E::DateOutOfBounds { .. } => "date_out_of_bounds",
            E::MinuteOutOfBounds { .. } => "minute_out_of_bounds",
            E::NotASession { .. } => "not_a_session",
            E::NotATradingMinute { .. } => "not_a_trading_minute",
            E::NothingLeft { .. } => "nothing_left",
            E::NotAWholeMinute { .. } => "not_a_whole_minute",
            E::IndicesOverlap { .. } => "indices_overlap",
            E::IntervalsOverlap { .. } => "intervals_overlap",
            E::NoWindow { .. } => "no_window",
            E::NoSessions { .. } => "no_sessions",
            _ => "failed",
        };
        Self::new(kind, error.to_string())
    }
}

/// An error and everything that caused it, as one sentence.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
