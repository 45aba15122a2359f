//! The contract for data coming in.
//!
//! An ingest asks a source what there is ([`Source::survey`]), then fetches it part by part
//! ([`Source::fetch`]), several parts at once from several threads. A source fetches, parses and
//! labels; it does not adjust, fill, resample or store. What it cannot read it hands over as
//! [`Rejected`], never drops.

use std::fmt;
use std::fmt::Debug;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;

use rustybt_calendars::{Calendar, Session, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Action, AssetClass, Frequency, RawBars, RawTable, Rejected, Sid, SymbolSpan, TableSchema,
};

/// Where data comes from.
///
/// # Contract
///
/// * [`survey`](Self::survey) is cheap beside the data: it lists, and reads what is small.
/// * [`fetch`](Self::fetch) may be called for parts in any order, from any thread, and again.
/// * [`fetch_in_pieces`](Self::fetch_in_pieces) delivers the same; it is there for parts too large
///   for memory.
/// * The same data gives the same survey and the same deliveries, in the same order.
pub trait Source: Debug + Send + Sync {
    /// The adapter's name, as in `--source csvdir`.
    fn name(&self) -> &str;

    /// What an ingest of `selection` consists of.
    ///
    /// # Errors
    ///
    /// [`SourceError`] where nothing can be ingested at all: a missing folder, an unknown symbol.
    fn survey(&self, selection: &Selection) -> Result<Survey, SourceError>;

    /// Fetches one part of a survey.
    ///
    /// # Errors
    ///
    /// [`SourceError`] where the part cannot be read as a whole. Single bad rows are delivered as
    /// [`Rejected`] instead.
    fn fetch(&self, part: &Part, selection: &Selection) -> Result<Delivery, SourceError>;

    /// Fetches one part in pieces that each come from about `bytes` bytes of input.
    ///
    /// One after another the pieces hold what [`fetch`](Self::fetch) delivers at once, in the same
    /// order; only the scale of a column may differ from piece to piece. No piece is judged alone:
    /// a bar in one may be the duplicate of a bar in another, and stamps may go back. When `take`
    /// breaks off, nobody wants the rest.
    ///
    /// A source whose parts are small has nothing to do: it gives its part as one piece.
    ///
    /// # Errors
    ///
    /// As [`fetch`](Self::fetch). An error takes back the pieces that came before it.
    fn fetch_in_pieces(
        &self,
        part: &Part,
        selection: &Selection,
        bytes: usize,
        take: &mut dyn FnMut(Delivery) -> ControlFlow<()>,
    ) -> Result<(), SourceError> {
        let _ = bytes;
        let _ = take(self.fetch(part, selection)?);
        Ok(())
    }

    /// How the source may be called; without limits unless it says so.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// Whether fetching is dear: slow, limited or paid for, as over a network.
    ///
    /// What a dear source delivers is written down as it comes, so that an ingest that was
    /// interrupted does not ask for it again. A source that reads files near by says no: reading
    /// the file again costs no more than reading what was written down.
    fn is_dear(&self) -> bool {
        true
    }

    /// What changes whenever a part's content does, beside its name and size: the time a file was
    /// last written, an entity tag. `None` where nobody knows.
    ///
    /// An ingest that is resumed takes a part of which it has everything as fetched, if this is as
    /// it was.
    fn identity(&self, part: &Part) -> Option<String> {
        let _ = part;
        None
    }

    /// Fetches one part of a survey that is rows of a table. A source of bars alone has nothing to
    /// do.
    ///
    /// # Errors
    ///
    /// As [`fetch`](Self::fetch).
    fn fetch_table(
        &self,
        part: &TablePart,
        selection: &Selection,
    ) -> Result<TableDelivery, SourceError> {
        let _ = selection;
        Err(SourceError::new(NoTables { adapter: self.name().to_owned(), part: part.name.clone() }))
    }

    /// Fetches one part that is rows of a table in pieces, each made of about so many bytes of its
    /// input, and gives each to `take`, in order, until that breaks off. All at once unless the
    /// source says otherwise.
    ///
    /// All pieces have the same columns of the same types. A decimal has the digits it needs in its
    /// piece.
    ///
    /// # Errors
    ///
    /// As [`fetch`](Self::fetch). An error takes back the pieces that came before it.
    fn fetch_table_in_pieces(
        &self,
        part: &TablePart,
        selection: &Selection,
        bytes: usize,
        take: &mut dyn FnMut(TableDelivery) -> ControlFlow<()>,
    ) -> Result<(), SourceError> {
        let _ = bytes;
        let _ = take(self.fetch_table(part, selection)?);
        Ok(())
    }

    /// As [`identity`](Self::identity), of a part that is rows of a table.
    fn table_identity(&self, part: &TablePart) -> Option<String> {
        let _ = part;
        None
    }
}

/// A source was asked for rows of a table, and has none.
#[derive(Debug, thiserror::Error)]
#[error("`{adapter}` has no tables, and so no part `{part}`")]
struct NoTables {
    adapter: String,
    part: String,
}

/// How a source may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Limits {
    /// How many fetches run at once; `None` for as many as the ingest has workers.
    ///
    /// A source that mostly waits for others names what those others allow, which may be more than
    /// there are processors.
    pub fetches: Option<NonZeroUsize>,
}

impl Limits {
    /// So many fetches at once; without a limit for 0.
    pub fn fetches(count: usize) -> Self {
        Self { fetches: NonZeroUsize::new(count) }
    }
}

/// What the user wants of a source.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Only these symbols; `None` for all there are.
    pub symbols: Option<Vec<String>>,
    /// Nothing before this date.
    pub start: Option<Session>,
    /// Nothing after this date.
    pub end: Option<Session>,
    /// Only bars of this frequency; `None` for all there are.
    pub frequency: Option<Frequency>,
    /// The calendar of the bundle: it tells the exchange's time zone.
    pub calendar: Arc<Calendar>,
}

/// What a source has for a selection.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// The assets, in the order in which new ones are given their sids.
    pub assets: Vec<AssetRecord>,
    /// What is to be fetched.
    pub parts: Vec<Part>,
    /// What is to be fetched beside bars.
    pub tables: Vec<TablePart>,
    /// Corporate actions that came with the survey.
    pub events: Vec<SourceEvent>,
    /// Kinds of corporate actions, by [`Action::kind`], of which `events` are all there are for
    /// every asset over the days of its bars: one of these that the bundle has, and that is not
    /// among them, is no longer true.
    pub full_lists: Vec<&'static str>,
    /// What could not be read.
    pub rejected: Vec<Rejected>,
    /// What the user should know, such as a ratio that was recognised as a fraction.
    pub notes: Vec<String>,
}

/// An asset as a source describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetRecord {
    /// Its latest symbol.
    pub symbol: String,
    /// The identifier the source wants it to have; `None` to be given one.
    pub sid: Option<Sid>,
    /// Its name.
    pub name: Option<String>,
    /// Where it trades.
    pub exchange: Option<String>,
    /// What kind of thing it is.
    pub class: AssetClass,
    /// The currency of its prices.
    pub currency: Option<String>,
    /// First session of its life; `None` for that of its first bar.
    pub start: Option<Session>,
    /// Last session of its life; `None` for that of its last bar.
    pub end: Option<Session>,
    /// From this session on positions in it are closed.
    pub auto_close: Option<Session>,
    /// Its symbols through time, oldest first; empty for the latest symbol all its life.
    pub symbols: Vec<SymbolSpan>,
}

/// One unit of work: a file, or one asset's pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What the report calls it, such as `daily/AAPL.csv`.
    pub name: String,
    /// The asset, as an index into [`Survey::assets`].
    pub asset: usize,
    /// The frequency of its bars.
    pub frequency: Frequency,
    /// How large it is, for progress; 0 where nobody knows.
    pub bytes: u64,
}

/// What a part held.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delivery {
    /// The bars of the part's asset, at the part's frequency.
    pub bars: RawBars,
    /// Corporate actions found beside the bars.
    pub events: Vec<SourceEvent>,
    /// Rows that could not be read.
    pub rejected: Vec<Rejected>,
    /// What the user should know.
    pub notes: Vec<String>,
    /// Rows read, good and bad.
    pub rows: u64,
}

/// One unit of work that is rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePart {
    /// What the report calls it, such as `trades/AAPL.csv`.
    pub name: String,
    /// What its rows are.
    pub schema: Arc<TableSchema>,
    /// The asset that all its rows belong to, as an index into [`Survey::assets`]; `None` where
    /// they belong to several, or to none. A part of a table that is filed by asset has one.
    pub asset: Option<usize>,
    /// How large it is, for progress; 0 where nobody knows.
    pub bytes: u64,
}

/// What a part of a table held.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TableDelivery {
    /// The rows.
    pub table: RawTable,
    /// Rows that could not be read.
    pub rejected: Vec<Rejected>,
    /// What the user should know.
    pub notes: Vec<String>,
    /// Rows read, good and bad.
    pub rows: u64,
}

/// A corporate action as a source tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceEvent {
    /// Whose, as an index into [`Survey::assets`].
    pub asset: usize,
    /// The ex-date.
    pub effective: Session,
    /// The moment from which it was known.
    pub known: Option<Timestamp>,
    /// What happened. A [`Action::StockDividend`]'s payment is an index into the assets too,
    /// until the ingest has given sids.
    pub action: Action,
}

/// A source that could not deliver.
///
/// Adapters have their own errors; this is what the ingest sees of them.
#[derive(Debug)]
pub struct SourceError {
    error: Box<dyn std::error::Error + Send + Sync>,
    hint: Option<String>,
    transient: bool,
}

impl SourceError {
    /// Wraps an adapter's error.
    pub fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { error: Box::new(error), hint: None, transient: false }
    }

    /// Says what would help.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says that trying again may help.
    #[must_use]
    pub fn transient(mut self) -> Self {
        self.transient = true;
        self
    }

    /// What would help, where the adapter knows.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        self.transient
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}
