//! What can go wrong between a pipeline and its answer.

use rustybt_calendars::Session;

use crate::form::FormError;
use crate::parse::ParseError;

/// Everything this crate can fail with.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A window over values that change their meaning when a price is restated.
    #[error(
        "`{term}` looks back over `{input}`, whose past values are not restated after a split; \
         use returns, a rank, a z-score or a column instead, or mark the factor window safe"
    )]
    NotWindowSafe {
        /// The term with the window.
        term: String,
        /// Its input.
        input: String,
    },
    /// A window too short for the term.
    #[error("`{term}` needs a window of at least {least} rows, not {found}")]
    WindowLength {
        /// The term.
        term: String,
        /// The window asked for.
        found: usize,
        /// The shortest that works.
        least: usize,
    },
    /// Too many or too few inputs.
    #[error("`{term}` takes {expected} input(s), not {found}")]
    Inputs {
        /// The term.
        term: String,
        /// Inputs given.
        found: usize,
        /// Inputs it takes.
        expected: usize,
    },
    /// A parameter out of its range.
    #[error("`{term}` needs {expected}, not {found}")]
    Parameter {
        /// The term.
        term: String,
        /// What the parameter must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A number compared with texts, or a text with numbers.
    #[error("`{what}` cannot be asked of labels that are {labels}")]
    LabelKind {
        /// The question.
        what: String,
        /// What the labels are.
        labels: &'static str,
    },
    /// A pattern that cannot be read.
    #[error("`{pattern}` is no regular expression: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A column that holds something else.
    #[error("`{column}` holds {found}, not {expected}")]
    ColumnKind {
        /// The column.
        column: String,
        /// What it holds.
        found: &'static str,
        /// What was wanted.
        expected: &'static str,
    },
    /// A term that cannot be joined with what it is joined with.
    #[error("`{term}` works on {expected}; `{input}` gives {found}")]
    Dtype {
        /// The term.
        term: String,
        /// Its input.
        input: String,
        /// What the input gives.
        found: &'static str,
        /// What would work.
        expected: &'static str,
    },
    /// One value a session where one an asset is needed.
    #[error(
        "the column `{name}` has one value a session, not one an asset; use it in an expression \
         with a factor instead"
    )]
    NotPerAsset {
        /// The output column.
        name: String,
    },
    /// An asset that does not live when it is asked for.
    #[error("`{asset}` does not live on every session from {start} to {end}")]
    AssetAbsent {
        /// The asset.
        asset: String,
        /// First session.
        start: Session,
        /// Last session.
        end: Session,
    },
    /// An output that a factor of several does not have.
    #[error("`{term}` has no output `{name}`{}", has(known))]
    UnknownPart {
        /// The factor.
        term: String,
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A column of a frame with another number of rows.
    #[error("`{column}` has {found} rows, the table {expected}")]
    FrameRows {
        /// The column.
        column: String,
        /// Rows it has.
        found: usize,
        /// Rows of the table.
        expected: usize,
    },
    /// A column that holds no money and cannot be in another currency.
    #[error("`{column}` holds no money: only prices can be converted with `.fx`")]
    NoMoney {
        /// The column.
        column: String,
    },
    /// A column that a table must have.
    #[error("`{dataset}` has no column `{column}`, which {what} need{}", has(known))]
    FrameLacks {
        /// The table.
        dataset: String,
        /// The column.
        column: String,
        /// What needs it.
        what: &'static str,
        /// The columns there are.
        known: Vec<String>,
    },
    /// A table whose rows have no date.
    #[error("the rows of `{dataset}` have no `date` and no `ts`, so no session can show them")]
    NotDated {
        /// The table.
        dataset: String,
    },
    /// A saved state of something else.
    #[error("the state has {found} parts, the indicator {expected}: it is of another one")]
    Snapshot {
        /// Parts of the state.
        found: usize,
        /// Parts of the indicator.
        expected: usize,
    },
    /// Not even one session fits.
    #[error("a chunk of one session needs {needed} bytes, and {given} are allowed")]
    Memory {
        /// Bytes allowed.
        given: u64,
        /// Bytes that the shortest chunk needs.
        needed: u64,
    },
    /// A run that was told to stop.
    #[error("the run was cancelled")]
    Cancelled,
    /// Percentiles that are no range.
    #[error("percentiles run from 0 to 100, the lower one first; found {low} and {high}")]
    Percentiles {
        /// The lower one.
        low: f64,
        /// The upper one.
        high: f64,
    },
    /// The look-back reaches before the first session of the data.
    #[error(
        "the pipeline needs {needed} {rows} of data before {start}, and there are {available}; \
         the earliest start that works is {}", or_beyond(*.earliest)
    )]
    LookBack {
        /// The first session asked for.
        start: Session,
        /// What rows are: sessions, or bars within them.
        rows: &'static str,
        /// Rows of data needed before it.
        needed: usize,
        /// Rows of data there are before it.
        available: usize,
        /// The first session with enough before it.
        earliest: Option<Session>,
    },
    /// A date on which nobody trades.
    #[error("{date} is no session of {calendar}{}", around(*.previous, *.next))]
    NotASession {
        /// The date.
        date: Session,
        /// The calendar's name.
        calendar: String,
        /// The session before it.
        previous: Option<Session>,
        /// The session after it.
        next: Option<Session>,
    },
    /// A range that ends before it starts.
    #[error("the range ends at {end}, before it starts at {start}")]
    Backwards {
        /// First session.
        start: Session,
        /// Last session.
        end: Session,
    },
    /// No asset lived in the range.
    #[error("no asset lives anywhere from {start} to {end}")]
    NoAssets {
        /// First session, look-back included.
        start: Session,
        /// Last session.
        end: Session,
    },
    /// A column that the loader does not have.
    #[error("there is no column `{column}`; known are {}", known.join(", "))]
    UnknownColumn {
        /// The column asked for.
        column: String,
        /// The columns there are.
        known: Vec<String>,
    },
    /// A symbol that names no asset in the whole range.
    #[error("`{symbol}` names no asset on any session from {start} to {end}")]
    UnknownSymbol {
        /// The symbol.
        symbol: String,
        /// First session.
        start: Session,
        /// Last session.
        end: Session,
    },
    /// An output column that the pipeline does not have.
    #[error("the output has no column `{name}`; it has {}", known.join(", "))]
    UnknownOutput {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// An output column of another kind.
    #[error("the output column `{name}` holds {found}, not {expected}")]
    Kind {
        /// The column.
        name: String,
        /// What it holds.
        found: &'static str,
        /// What was asked for.
        expected: &'static str,
    },
    /// A number of sessions or threads of zero.
    #[error("`{option}` must be at least 1")]
    Zero {
        /// The option.
        option: &'static str,
    },
    /// Bars of another frequency than the pipeline runs on.
    #[error("a pipeline runs on daily bars, not on bars of {frequency}")]
    NotDaily {
        /// The frequency of the bars.
        frequency: rustybt_data::Frequency,
    },
    /// Rows that would be bars of several sessions.
    #[error(
        "the rows of a pipeline are sessions or bars within them, not bars of {frequency}; use \
         `downsample` for what changes once a week or month"
    )]
    RowsAcross {
        /// The frequency asked for.
        frequency: rustybt_data::Frequency,
    },
    /// Data of another market than the pipeline's.
    #[error("the pipeline is of {domain}, on the calendar {calendar}, and the data are on {found}")]
    Domain {
        /// The market of the pipeline.
        domain: String,
        /// Its calendar.
        calendar: String,
        /// The calendar of the data.
        found: String,
    },
    /// Bars and questions on two calendars.
    #[error("the bars are on the calendar {bars}, the pipeline on {pipeline}")]
    Calendars {
        /// The calendar of the bars.
        bars: String,
        /// The calendar of the pipeline.
        pipeline: String,
    },
    /// A loader that gave something else than it was asked for.
    #[error("the loader gave {found} {what} of `{column}` where {expected} were asked for")]
    Loaded {
        /// The column.
        column: String,
        /// Assets or rows.
        what: &'static str,
        /// How many it gave.
        found: usize,
        /// How many were asked for.
        expected: usize,
    },
    /// Forward returns over nothing.
    #[error("forward returns need periods of at least one session, such as 1,5,10")]
    Periods,
    /// A report without a row.
    #[error(
        "no row of `{factor}` can be reported on: of {rows}, {no_factor} have no number and {no_return} \
         no forward return; end the range some sessions before the data do, or shorten the periods"
    )]
    NothingToReport {
        /// The column.
        factor: String,
        /// Rows of the output.
        rows: usize,
        /// Rows without a number.
        no_factor: usize,
        /// Rows without a forward return.
        no_return: usize,
    },
    /// The threads could not be started.
    #[error("{threads} threads could not be started: {reason}")]
    Threads {
        /// How many.
        threads: usize,
        /// What the system says.
        reason: String,
    },
    /// The data behind a column could not be read.
    #[error("the data could not be read")]
    Data(#[source] rustybt_data::Error),
    /// A pipeline file that says nothing we understand.
    #[error(transparent)]
    Parse(#[from] Box<ParseError>),
    /// A formula that cannot be written down.
    #[error(
        "`{term}` cannot be written down: it is a closure, or a formula that does not say its \
         parameters; make it a struct with `CustomFactor::parameters`"
    )]
    NotWritable {
        /// The term.
        term: String,
    },
    /// A written pipeline that says nothing we understand.
    #[error("{place}: {problem}")]
    Form {
        /// Which term or column.
        place: String,
        /// What is wrong with it.
        problem: Box<FormError>,
    },
    /// What is no JSON of a pipeline.
    #[error("line {line}, column {column}: {reason}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The character of the line, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// A factor of several outputs where one number is needed.
    #[error("`{term}` has several outputs ({}); take one of them", known.join(", "))]
    SeveralOutputs {
        /// The factor.
        term: String,
        /// Their names.
        known: Vec<String>,
    },
    /// Polars refused the frame.
    #[error("the frame could not be made: {reason}")]
    Frame {
        /// What Polars says.
        reason: String,
    },
}

impl From<rustybt_data::Error> for Error {
    fn from(error: rustybt_data::Error) -> Self {
        Self::Data(error)
    }
}

fn or_beyond(session: Option<Session>) -> String {
    session.map_or_else(|| "beyond the calendar".to_owned(), |session| session.to_string())
}

fn has(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; it has {}", known.join(", ")) }
}

fn around(previous: Option<Session>, next: Option<Session>) -> String {
    match (previous, next) {
        (Some(previous), Some(next)) => {
            format!("; the sessions around it are {previous} and {next}")
        }
        (Some(only), None) | (None, Some(only)) => format!("; the nearest session is {only}"),
        (None, None) => String::new(),
    }
}

impl Error {
    /// Refuses a window shorter than the term needs.
    pub(crate) fn least_window(term: &'static str, found: usize, least: usize) -> Result<(), Self> {
        if found < least {
            Err(Self::WindowLength { term: term.to_owned(), found, least })
        } else {
            Ok(())
        }
    }
}
