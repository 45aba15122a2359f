//! However little memory there is, and in however many pieces a part comes, the store is the same.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use rustybt_bundles::{Error, IngestReport};
use rustybt_data::{
    Delivery, ExactColumn, Field, Frequency, Limits, Part, RawBars, Rejected, Selection, Source,
    SourceError, Stamps, Survey,
};

use crate::fixture::{Listed, Shop, Table, at, dump, options, xnys};

/// A source whose parts come in pieces of so many rows, from so many threads at once.
#[derive(Debug)]
struct Pieces {
    listed: Listed,
    rows: usize,
    limits: Limits,
    /// After so many pieces a part breaks.
    breaks_after: Option<usize>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Pieces {
    fn new(listed: Listed, rows: usize) -> Self {
        let (at_once, most_at_once) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let limits = Limits::default();
        Self { listed, rows, limits, breaks_after: None, at_once, most_at_once }
    }
}

impl Source for Pieces {
    fn name(&self) -> &'static str {
        "pieces"
    }

    fn survey(&self, selection: &Selection) -> Result<Survey, SourceError> {
        self.listed.survey(selection)
    }

    fn fetch(&self, part: &Part, selection: &Selection) -> Result<Delivery, SourceError> {
        self.listed.fetch(part, selection)
    }

    fn fetch_in_pieces(
        &self,
        part: &Part,
        selection: &Selection,
        _: usize,
        take: &mut dyn FnMut(Delivery) -> ControlFlow<()>,
    ) -> Result<(), SourceError> {
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(now, Ordering::SeqCst);
        let bars = self.fetch(part, selection)?.bars;
        let mut from = 0;
        let mut piece = 0;
        while from < bars.len() || from == 0 {
            if self.breaks_after.is_some_and(|after| piece >= after) {
                return Err(SourceError::new(std::io::Error::other("the tape is torn")));
            }
            let to = bars.len().min(from + self.rows);
            let bars = rows_of(&bars, from..to);
            let rows = bars.len() as u64;
            let (events, rejected, notes) = (Vec::new(), Vec::new(), Vec::new());
            if take(Delivery { bars, events, rejected, notes, rows }).is_break() || to == 0 {
                break;
            }
            from = to;
            piece += 1;
        }
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}

fn rows_of(bars: &RawBars, rows: std::ops::Range<usize>) -> RawBars {
    let stamps = match &bars.stamps {
        Stamps::Sessions(days) => Stamps::Sessions(days[rows.clone()].to_vec()),
        Stamps::Instants(at) => Stamps::Instants(at[rows.clone()].to_vec()),
    };
    let column = |column: &ExactColumn| {
        let mut part = ExactColumn::default();
        rows.clone().for_each(|row| part.push(column.get(row)).unwrap());
        part
    };
    let columns = bars.columns.iter().map(|(field, values)| (*field, column(values))).collect();
    let lines = bars.lines.get(rows).unwrap_or_default().to_vec();
    RawBars { stamps, columns, lines }
}

/// What an ingest left behind: every bar, what was refused, and the files' contents.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    bars: String,
    report: String,
    rejected: Vec<Rejected>,
    files: BTreeSet<Vec<u8>>,
}

fn told(report: &IngestReport) -> String {
    let mut text = String::new();
    writeln!(
        text,
        "read {} stored {} new {} changed {} twice {} outside {} idle {} gaps {:?} kinds {:?}",
        report.rows_read,
        report.rows_stored,
        report.rows_new,
        report.rows_changed,
        report.equal_duplicates,
        report.outside_hours,
        report.without_trades,
        report.gaps,
        report.rejected_kinds.iter().map(|kind| (kind.kind, kind.count)).collect::<Vec<_>>(),
    )
    .unwrap();
    text
}

fn left(source: &dyn Source, workers: usize, memory: u64) -> Left {
    let shop = Shop::new();
    let mut options = options("2024-02-01T00:00Z");
    (options.workers, options.memory) = (workers, memory);
    let report = shop.ingest_with(source, &options).unwrap();
    let files = shop.files().iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(
        std::fs::read_dir(shop.folder.path().join("staging")).unwrap().next().is_none(),
        "nothing stays behind"
    );
    let rejected = report.rejected_kinds.iter().flat_map(|kind| kind.rows.clone()).collect();
    Left { bars: dump(&shop.latest()), report: told(&report), rejected, files }
}

/// Bars of an asset out of order, with some given twice, some twice with other values, and some
/// that cannot be.
fn table(symbol: &'static str, frequency: Frequency, picks: &[(u16, u8)]) -> Table {
    let calendar = xnys();
    let first = calendar.index_at_or_after("2021-11-01".parse().unwrap()).unwrap();
    let stamps = if frequency == Frequency::DAILY {
        let day = |pick: u16| calendar.sessions()[first + usize::from(pick % 560)];
        Stamps::Sessions(picks.iter().map(|&(pick, _)| day(pick)).collect())
    } else {
        let open = at("2021-12-31T14:30Z");
        let stamp = |pick: u16| {
            open.plus_minutes(i64::from(pick % 4) * 525_600 / 3 + i64::from(pick % 300))
        };
        Stamps::Instants(picks.iter().map(|&(pick, _)| stamp(pick)).collect())
    };
    let mut columns = Field::OHLCV.map(|field| (field, ExactColumn::default()));
    for &(pick, kind) in picks {
        let close = format!("{}.{}", 10 + pick % 7, if kind % 16 == 3 { 125 } else { 5 });
        let high = if kind % 16 == 1 { "9" } else { "19.25" };
        let volume = if kind % 8 == 2 { "7" } else { "1000" };
        for ((_, column), cell) in columns.iter_mut().zip(["9.5", high, "9.25", &close, volume]) {
            column.push(Some(cell.parse().unwrap())).unwrap();
        }
    }
    let bars =
        RawBars { stamps, columns: columns.into(), lines: (2..).take(picks.len()).collect() };
    Table { symbol, frequency, bars }
}

fn picks() -> impl Strategy<Value = Vec<(u16, u8)>> {
    proptest::collection::vec((any::<u16>(), any::<u8>()), 1..400)
}

/// A market of two assets of minutes and three of days, one of them in two parts.
fn market(picks: &[Vec<(u16, u8)>; 6]) -> Listed {
    let mut listed = Listed::default();
    for symbol in ["A", "B", "C"] {
        listed = listed.daily(symbol, "2022-01-03", &[]);
    }
    listed.tables.clear();
    let [a, b, c, a_again, a_minutes, b_minutes] = picks;
    listed.tables = vec![
        table("A", Frequency::DAILY, a),
        table("B", Frequency::DAILY, b),
        table("C", Frequency::DAILY, c),
        table("A", Frequency::DAILY, a_again),
        table("A", Frequency::MINUTE, a_minutes),
        table("B", Frequency::MINUTE, b_minutes),
    ];
    listed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn memory_pieces_and_workers_change_nothing(
        picks in [picks(), picks(), picks(), picks(), picks(), picks()],
        rows in 1..200_usize,
    ) {
        let listed = market(&picks);
        let whole = left(&listed, 1, 512 << 20);
        for (rows, workers, memory) in [(usize::MAX, 8, 1), (rows, 1, 12 << 10), (rows, 8, 1)] {
            let pieces = Pieces::new(listed.clone(), rows);
            prop_assert_eq!(&left(&pieces, workers, memory), &whole);
        }
    }
}

#[test]
fn a_part_that_breaks_off_leaves_none_of_its_pieces() {
    let picks: [Vec<(u16, u8)>; 6] =
        std::array::from_fn(|_| (0..300).map(|row| (row * 7, 0)).collect());
    for memory in [1, 512 << 20] {
        let shop = Shop::new();
        let mut options = options("2024-02-01T00:00Z");
        options.memory = memory;
        let broken = Pieces { breaks_after: Some(3), ..Pieces::new(market(&picks), 90) };
        let error = shop.ingest_with(&broken, &options).unwrap_err();
        assert!(matches!(error, Error::NothingIngested { rejected: 6, .. }), "{error:?}");
        let torn = Pieces { breaks_after: Some(4), ..Pieces::new(market(&picks), 90) };
        let report = shop.ingest_with(&torn, &options).unwrap();
        assert_eq!(report.rejected, 0, "four pieces are all there are");
    }
}

#[test]
fn a_source_is_asked_as_often_at_once_as_it_allows() {
    let picks: [Vec<(u16, u8)>; 6] = std::array::from_fn(|_| vec![(1, 0)]);
    for (fetches, most) in [(1, 1), (3, 3)] {
        let mut source = Pieces::new(market(&picks), 90);
        source.limits.fetches = NonZeroUsize::new(fetches);
        let shop = Shop::new();
        let mut options = options("2024-02-01T00:00Z");
        options.workers = 8;
        shop.ingest_with(&source, &options).unwrap();
        assert!(source.most_at_once.into_inner() <= most);
    }
}
