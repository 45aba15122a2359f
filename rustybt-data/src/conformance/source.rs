//! The suite of [`Source`].

use std::ops::ControlFlow;

use crate::{
    ColumnType, Delivery, Exact, Field, Part, RawBars, RawTable, Selection, Source, Stamps,
    Subjects, Survey, TableDelivery, TablePart,
};

/// Holds a source to the contract of [`Source`], for a selection that it has something for.
///
/// # Panics
///
/// Where the contract does not hold, saying how.
pub fn source(source: &dyn Source, selection: &Selection) {
    assert!(!source.name().is_empty(), "a source has a name");
    let survey = source.survey(selection).expect("the selection can be surveyed");
    same_survey(&survey, &source.survey(selection).expect("it can be surveyed again"));
    assert!(!survey.parts.is_empty(), "there is something to fetch");
    for part in &survey.parts {
        assert!(part.asset < survey.assets.len(), "part `{}` is of an asset", part.name);
        assert!(selection.frequency.is_none_or(|wanted| wanted == part.frequency));
    }
    for event in &survey.events {
        assert!(event.asset < survey.assets.len(), "an event is of an asset");
    }
    let forwards: Vec<Delivery> =
        survey.parts.iter().map(|part| fetch(source, part, selection)).collect();
    for (part, delivery) in survey.parts.iter().zip(&forwards) {
        well_formed(part, delivery, &survey, selection);
        for bytes in [1, 997, usize::MAX] {
            same_in_pieces(delivery, &in_pieces(source, part, selection, bytes));
        }
    }
    // In another order, from other threads, and again.
    std::thread::scope(|scope| {
        let again: Vec<_> = survey
            .parts
            .iter()
            .zip(&forwards)
            .rev()
            .map(|(part, first)| {
                scope.spawn(move || same_delivery(first, &fetch(source, part, selection)))
            })
            .collect();
        for thread in again {
            thread.join().expect("a part comes out the same from any thread");
        }
    });
    for part in &survey.tables {
        rows(source, part, selection, &survey);
    }
    one_symbol(source, selection, &survey);
}

/// A part of a table comes out well formed, again the same, and the same in pieces.
fn rows(source: &dyn Source, part: &TablePart, selection: &Selection, survey: &Survey) {
    let name = &part.name;
    let fetch = || {
        let fetched = source.fetch_table(part, selection);
        fetched.unwrap_or_else(|error| panic!("part `{name}` cannot be fetched: {error}"))
    };
    let whole = fetch();
    let rows = whole.table.len();
    assert!(whole.rows >= rows as u64, "`{name}`: no more rows are kept than were read");
    for (column, values) in &whole.table.columns {
        assert_eq!(values.len(), rows, "`{name}`: `{column}` has a value a row");
        let known = part.schema.column(column);
        assert!(known.is_some() || part.schema.open, "`{name}`: the table has a column `{column}`");
        let kind = known.map_or(values.kind(), |known| known.kind);
        assert_eq!(values.kind(), kind, "`{name}`: `{column}` holds what the table's does");
    }
    match &whole.table.subjects {
        Subjects::Nobody => assert!(!part.schema.per_asset, "`{name}`: rows are of assets"),
        Subjects::One => assert!(part.asset.is_some(), "`{name}`: the part is of an asset"),
        Subjects::Each(assets) => {
            let known = |&asset: &usize| asset < survey.assets.len();
            assert!(assets.iter().all(known), "`{name}`: a row is of an asset of the survey");
        }
    }
    let lines = whole.table.lines.len();
    assert!(lines == 0 || lines == rows, "`{name}`: a line a row or none");
    same_rows(&whole, &fetch());
    for bytes in [1, 997, usize::MAX] {
        let mut all: Option<TableDelivery> = None;
        let fetched = source.fetch_table_in_pieces(part, selection, bytes, &mut |piece| {
            match &mut all {
                None => all = Some(piece),
                Some(all) => append(all, piece),
            }
            ControlFlow::Continue(())
        });
        fetched.unwrap_or_else(|error| panic!("part `{name}` cannot be fetched: {error}"));
        let joined = all.unwrap_or_else(|| panic!("part `{name}` has no piece"));
        same_rows(&whole, &joined);
        let mut pieces = 0;
        let broken_off = source.fetch_table_in_pieces(part, selection, bytes, &mut |_| {
            pieces += 1;
            ControlFlow::Break(())
        });
        assert!(broken_off.is_ok() && pieces == 1, "`{name}`: nothing comes after a break");
    }
}

/// Joins a piece to those before it.
fn append(all: &mut TableDelivery, piece: TableDelivery) {
    let names = |table: &RawTable| -> Vec<(String, ColumnType)> {
        table.columns.iter().map(|(name, values)| (name.clone(), values.kind())).collect()
    };
    assert_eq!(names(&all.table), names(&piece.table), "pieces have the same columns");
    match (&mut all.table.subjects, piece.table.subjects) {
        (Subjects::Each(all), Subjects::Each(more)) => all.extend(more),
        (own, more) => assert_eq!(*own, more, "pieces are of the same assets"),
    }
    for ((_, values), (_, more)) in all.table.columns.iter_mut().zip(piece.table.columns) {
        values.append(more).expect("the values of pieces have a scale in common");
    }
    all.table.lines.extend(piece.table.lines);
    all.rejected.extend(piece.rejected);
    all.notes.extend(piece.notes);
    all.rows += piece.rows;
}

/// The same rows, refusals and notes; the scale of a decimal is nothing that was told.
fn same_rows(a: &TableDelivery, b: &TableDelivery) {
    assert_eq!(a.table.subjects, b.table.subjects, "rows of the same assets");
    assert_eq!(a.table.lines, b.table.lines, "rows of the same lines");
    assert_eq!(a.table.len(), b.table.len(), "as many rows");
    for row in 0..a.table.len() {
        assert_eq!(a.table.text(row), b.table.text(row), "the same row {row}");
    }
    assert_eq!(a.rejected, b.rejected, "the same refusals of rows");
    assert_eq!(a.notes, b.notes, "the same notes of a table");
    assert_eq!(a.rows, b.rows, "as many rows read");
}

fn fetch(source: &dyn Source, part: &Part, selection: &Selection) -> Delivery {
    let fetched = source.fetch(part, selection);
    fetched.unwrap_or_else(|error| panic!("part `{}` cannot be fetched: {error}", part.name))
}

/// All pieces of a part, joined.
fn in_pieces(source: &dyn Source, part: &Part, selection: &Selection, bytes: usize) -> Delivery {
    let mut all: Option<Delivery> = None;
    let fetched = source.fetch_in_pieces(part, selection, bytes, &mut |piece| {
        match &mut all {
            None => all = Some(piece),
            Some(all) => {
                all.bars.append(piece.bars).expect("pieces have a scale in common");
                all.events.extend(piece.events);
                all.rejected.extend(piece.rejected);
                all.notes.extend(piece.notes);
                all.rows += piece.rows;
            }
        }
        ControlFlow::Continue(())
    });
    fetched.unwrap_or_else(|error| panic!("part `{}` cannot be fetched: {error}", part.name));
    all.unwrap_or_else(|| panic!("part `{}` has no piece", part.name))
}

fn same_in_pieces(whole: &Delivery, joined: &Delivery) {
    let (a, b) = (&whole.bars, &joined.bars);
    assert_eq!((&a.stamps, &a.lines), (&b.stamps, &b.lines), "the same bars in pieces");
    for field in Field::ALL {
        let values = |bars: &RawBars| -> Vec<Option<Exact>> {
            let column = bars.column(field);
            let value = |row| column.and_then(|column| column.get(row)).map(Exact::normalized);
            (0..bars.len()).map(value).collect()
        };
        assert_eq!(values(a), values(b), "the same values of {field} in pieces");
    }
    assert_eq!(whole.events, joined.events, "the same events in pieces");
    assert_eq!(whole.rejected, joined.rejected, "the same refusals in pieces");
    assert_eq!(whole.notes, joined.notes, "the same notes in pieces");
    assert_eq!(whole.rows, joined.rows, "as many rows in pieces");
}

fn well_formed(part: &Part, delivery: &Delivery, survey: &Survey, selection: &Selection) {
    let bars = &delivery.bars;
    let name = &part.name;
    assert_eq!(
        matches!(bars.stamps, Stamps::Instants(_)),
        part.frequency.is_intraday(),
        "`{name}`: daily bars have sessions, others instants"
    );
    for field in Field::OHLCV {
        let column = bars.column(field).map(crate::ExactColumn::len);
        assert_eq!(column, Some(bars.len()), "`{name}`: {field} has a value a bar");
    }
    assert!(
        bars.lines.is_empty() || bars.lines.len() == bars.len(),
        "`{name}`: a line a bar or none"
    );
    assert!(delivery.rows >= bars.len() as u64, "`{name}`: no more bars than rows");
    let days: Vec<_> = match &bars.stamps {
        Stamps::Sessions(days) => days.clone(),
        Stamps::Instants(_) => Vec::new(),
    };
    assert!(
        selection.start.is_none_or(|first| days.iter().all(|&day| day >= first)),
        "`{name}`: start"
    );
    assert!(selection.end.is_none_or(|last| days.iter().all(|&day| day <= last)), "`{name}`: end");
    for event in &delivery.events {
        assert!(event.asset < survey.assets.len(), "`{name}`: an event is of an asset");
    }
}

fn one_symbol(source: &dyn Source, selection: &Selection, survey: &Survey) {
    let Some(asset) = survey.assets.first() else { return };
    let symbols = Some(vec![asset.symbol.clone()]);
    let narrow = Selection { symbols, ..selection.clone() };
    let survey = source.survey(&narrow).expect("one symbol can be surveyed");
    assert_eq!(survey.assets.len(), 1, "a selection of one symbol has one asset");
    assert_eq!(survey.assets.first(), Some(asset), "and it is that one");
    let strange =
        Selection { symbols: Some(vec!["no such symbol".to_owned()]), ..selection.clone() };
    assert!(source.survey(&strange).is_err(), "an unknown symbol is refused");
}

fn same_survey(a: &Survey, b: &Survey) {
    assert_eq!(a.assets, b.assets, "the same assets again");
    assert_eq!(a.parts, b.parts, "the same parts again");
    assert_eq!(a.events, b.events, "the same events again");
    assert_eq!(a.rejected, b.rejected, "the same refusals again");
}

fn same_delivery(a: &Delivery, b: &Delivery) {
    assert_eq!(a.bars, b.bars, "the same bars again");
    assert_eq!(a.events, b.events, "the same events again");
    assert_eq!(a.rejected, b.rejected, "the same refusals again");
}
