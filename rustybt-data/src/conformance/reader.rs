//! The suite of [`BarReader`].

use std::ops::Range;

use crate::{BarReader, BarReaderExt, Error, Field, Sid};

/// Holds a reader to the contract of [`BarReader`].
///
/// # Panics
///
/// Where the contract does not hold, saying how.
pub fn reader(reader: &dyn BarReader) {
    let rows = reader.timeline().len();
    assert!(rows > 0, "the timeline has labels");
    assert!(reader.sids().is_sorted_by(|a, b| a < b), "sids ascend, each once");
    for &field in reader.fields() {
        for &sid in reader.sids() {
            let column = column(reader, field, sid);
            runs_are_honest(reader, field, sid, &column);
            exact_agrees(reader, field, sid, &column);
        }
        loads_agree(reader, field);
    }
    threads_agree(reader);
    refusals(reader);
}

fn column(reader: &dyn BarReader, field: Field, sid: Sid) -> Vec<f64> {
    let rows = reader.timeline().len();
    let mut column = vec![0.0; rows];
    reader.copy(field, sid, 0..rows, &mut column).expect("a known asset can be read as a whole");
    if field == Field::Volume {
        assert!(column.iter().all(|v| v.is_finite()), "a missing volume of sid {sid} is 0.0");
    }
    for range in parts(rows) {
        let mut part = vec![0.0; range.len()];
        reader.copy(field, sid, range.clone(), &mut part).expect("a part can be read");
        let whole = column.get(range.clone()).unwrap_or_default();
        assert!(same(&part, whole), "{field} of sid {sid} in rows {range:?} is part of the whole");
    }
    column
}

fn runs_are_honest(reader: &dyn BarReader, field: Field, sid: Sid, column: &[f64]) {
    for (row, value) in column.iter().enumerate() {
        let run = reader.run(field, sid, row).expect("every row can be asked for");
        assert!(run.first + run.values.len() <= column.len(), "a run stays on the timeline");
        let held = run.get(row);
        assert!(held.is_some() || run.values.is_empty(), "a run of row {row} holds it or is empty");
        let held = held.unwrap_or(field.missing());
        assert!(same(&[held], &[*value]), "{field} of sid {sid} at row {row}: {held} or {value}");
    }
}

fn exact_agrees(reader: &dyn BarReader, field: Field, sid: Sid, column: &[f64]) {
    for range in parts(column.len()).into_iter().chain(std::iter::once(0..column.len())) {
        let exact = reader.exact(field, sid, range.clone()).expect("exact values can be read");
        assert_eq!(exact.len(), range.len(), "exact values come one a row");
        let floats: Vec<f64> =
            (0..range.len()).map(|row| exact.f64_or(row, field.missing())).collect();
        let whole = column.get(range.clone()).unwrap_or_default();
        assert!(
            same(&floats, whole),
            "exact {field} of sid {sid} in rows {range:?} is what is computed with"
        );
    }
}

fn loads_agree(reader: &dyn BarReader, field: Field) {
    let rows = reader.timeline().len();
    let backwards: Vec<Sid> = reader.sids().iter().rev().copied().collect();
    for range in parts(rows) {
        let frame =
            reader.load(&[field], range.clone(), &backwards).expect("a frame can be loaded");
        assert_eq!((frame.rows(), frame.sids()), (range.clone(), backwards.as_slice()));
        let array = frame.field(field).expect("the field asked for is in the frame");
        assert_eq!(array.dim(), (range.len(), backwards.len()), "a frame is (rows, assets)");
        for (column, &sid) in array.columns().into_iter().zip(&backwards) {
            let mut copied = vec![0.0; range.len()];
            reader.copy(field, sid, range.clone(), &mut copied).expect("a part can be read");
            assert!(
                same(&column.to_vec(), &copied),
                "a frame's columns are in the order asked for"
            );
        }
    }
}

fn threads_agree(reader: &dyn BarReader) {
    let rows = reader.timeline().len();
    let load = || reader.load(reader.fields(), 0..rows, reader.sids()).expect("all can be loaded");
    let frames: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(load)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a reading thread ends well"))
            .collect()
    });
    for &field in reader.fields() {
        let values = frames.iter().filter_map(|frame| frame.field(field));
        let values: Vec<Vec<f64>> = values.map(|array| array.iter().copied().collect()).collect();
        assert!(
            values.windows(2).all(|pair| same(&pair[0], &pair[1])),
            "threads see the same {field}"
        );
    }
}

fn refusals(reader: &dyn BarReader) {
    let rows = reader.timeline().len();
    let stranger = Sid(reader.sids().last().map_or(0, |last| last.0 + 1));
    let unknown = |error| matches!(error, Error::UnknownSid { sid, .. } if sid == stranger);
    let field = Field::Close;
    assert!(reader.run(field, stranger, 0).is_err_and(unknown), "run refuses an unknown sid");
    assert!(
        reader.load(&[field], 0..1, &[stranger]).is_err_and(unknown),
        "load refuses an unknown sid"
    );
    assert!(
        reader.exact(field, stranger, 0..1).is_err_and(unknown),
        "exact refuses an unknown sid"
    );
    let beyond = |error| matches!(error, Error::OutOfRange { .. });
    if let Some(&sid) = reader.sids().first() {
        assert!(
            reader.run(field, sid, rows).is_err_and(beyond),
            "run refuses a row beyond the last"
        );
        let load = reader.load(&[field], 0..rows + 1, &[sid]);
        assert!(load.is_err_and(beyond), "load refuses rows beyond the last");
        let exact = reader.exact(field, sid, 0..rows + 1);
        assert!(exact.is_err_and(beyond), "exact refuses rows beyond the last");
    }
}

/// Some ranges within `0..rows`, the empty one among them.
fn parts(rows: usize) -> Vec<Range<usize>> {
    let third = rows / 3;
    vec![0..0, 0..1.min(rows), third..rows - third, rows - 1..rows]
}

/// Equal bit for bit, but for the sign and payload of a `NaN`.
fn same(a: &[f64], b: &[f64]) -> bool {
    let equal = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
    a.len() == b.len() && a.iter().zip(b).all(equal)
}
