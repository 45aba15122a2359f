//! What can go wrong between a strategy and its result.

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{AssetClass, Sid};

use crate::order::OrderId;

/// Everything a run, or a call that a strategy makes, can fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A run must start and end on sessions.
    #[error("the {end} of the run, {date}, is no session of {calendar}{}", near(*.before, *.after))]
    NotASession {
        /// `start` or `end`.
        end: &'static str,
        /// The date given.
        date: Session,
        /// The calendar's name.
        calendar: String,
        /// The last session before it.
        before: Option<Session>,
        /// The first session after it.
        after: Option<Session>,
    },
    /// A run that ends before it starts.
    #[error("the run ends on {end}, before it starts on {start}")]
    Backwards {
        /// Its first session.
        start: Session,
        /// Its last session.
        end: Session,
    },
    /// Capital that is no positive amount of money.
    #[error("a run cannot start with a capital of {capital}; give a positive amount")]
    Capital {
        /// The capital given.
        capital: f64,
    },
    /// A pipeline cannot be computed in chunks of no sessions.
    #[error("pipelines cannot be computed in chunks of 0 sessions")]
    EmptyChunk,
    /// No asset has this identifier.
    #[error("no asset has sid {sid}")]
    UnknownAsset {
        /// The identifier.
        sid: Sid,
    },
    /// An order for an asset that does not trade now.
    #[error(
        "`{symbol}` (sid {sid}) cannot be ordered on {session}: it trades from {start} to {end}"
    )]
    NotTrading {
        /// The asset's symbol.
        symbol: String,
        /// Its identifier.
        sid: Sid,
        /// The session of the order.
        session: Session,
        /// The first session of its life.
        start: Session,
        /// The last session on which it can be ordered.
        end: Session,
    },
    /// An order for something whose trades are not simulated.
    #[error(
        "`{symbol}` (sid {sid}) is {class}, which cannot be ordered; equities, coins, currency pairs \
         and contracts for difference can"
    )]
    ClassNotTraded {
        /// The asset's symbol.
        symbol: String,
        /// Its identifier.
        sid: Sid,
        /// Its class.
        class: AssetClass,
    },
    /// An order by value for an asset without a price.
    #[error(
        "`{symbol}` (sid {sid}) has no price at {at}, so its value cannot be turned into units"
    )]
    NoPrice {
        /// The asset's symbol.
        symbol: String,
        /// Its identifier.
        sid: Sid,
        /// When it was ordered.
        at: Timestamp,
    },
    /// An amount, value or share that is no number.
    #[error("{amount} of sid {sid} cannot be ordered")]
    Amount {
        /// The asset.
        sid: Sid,
        /// The amount, value or share given.
        amount: f64,
    },
    /// A limit or a stop that is no price.
    #[error("sid {sid} cannot be ordered with a limit or a stop that is no positive price")]
    Style {
        /// The asset.
        sid: Sid,
    },
    /// An order before the market opens.
    #[error(
        "sid {sid} was ordered in before_trading_start at {at}; order in handle_data or in a \
         scheduled function"
    )]
    OrderBeforeOpen {
        /// The asset.
        sid: Sid,
        /// When it was ordered.
        at: Timestamp,
    },
    /// No order has this name.
    #[error("there is no order {id}; {placed} were placed so far")]
    UnknownOrder {
        /// The name.
        id: OrderId,
        /// How many orders there are.
        placed: usize,
    },
    /// No pipeline was attached under this name.
    #[error("no pipeline is attached as `{name}`; attached are: {}", list(.attached))]
    UnknownPipeline {
        /// The name.
        name: String,
        /// The names that were attached.
        attached: Vec<String>,
    },
    /// Two pipelines under one name.
    #[error("a pipeline is already attached as `{name}`")]
    PipelineTwice {
        /// The name.
        name: String,
    },
    /// A date rule that never holds.
    #[error("no {unit} has {n} sessions beside its first or last; give 0 to {most}")]
    DateRule {
        /// The offset given.
        n: u8,
        /// The largest one there is.
        most: u8,
        /// `week` or `month`.
        unit: &'static str,
    },
    /// A time rule out of bounds.
    #[error("an offset of {minutes} minutes cannot be scheduled; give one minute to twelve hours")]
    TimeRule {
        /// The offset given, in minutes.
        minutes: u32,
    },
    /// A dividend in another currency than the asset's.
    #[error(
        "`{symbol}` (sid {sid}) pays a dividend in {paid} on {session}, and its prices are in {quoted}; \
         payments are not converted"
    )]
    DividendCurrency {
        /// The asset's symbol.
        symbol: String,
        /// Its identifier.
        sid: Sid,
        /// The ex-date.
        session: Session,
        /// The dividend's currency.
        paid: String,
        /// The asset's.
        quoted: String,
    },
    /// The calendar has no answer.
    #[error(transparent)]
    Calendar(#[from] rustybt_calendars::Error),
    /// The data have no answer.
    #[error(transparent)]
    Data(#[from] rustybt_data::Error),
    /// A pipeline could not be computed.
    #[error(transparent)]
    Pipeline(#[from] rustybt_pipeline::Error),
    /// The strategy itself failed.
    #[error("the strategy failed")]
    Strategy(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Wraps a strategy's own error, or a text.
    ///
    /// ```
    /// let error = rustybt_algorithm::Error::strategy("no asset left to hold");
    /// assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no asset left to hold");
    /// ```
    pub fn strategy(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Strategy(error.into())
    }
}

fn near(before: Option<Session>, after: Option<Session>) -> String {
    match (before, after) {
        (Some(before), Some(after)) => format!("; the nearest are {before} and {after}"),
        (Some(one), None) | (None, Some(one)) => format!("; the nearest is {one}"),
        (None, None) => String::new(),
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
