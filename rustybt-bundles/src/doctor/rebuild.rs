//! A catalog made again from what the data files say of themselves.
//!
//! Every file's footer names its bundle, table, part, period and the version it was written for. A
//! newer file takes the place of the older ones of its part and period whose time it overlaps, as
//! it did when it was written; of a table in one file the newest counts. So each bundle comes back
//! as its newest version. What stood in the catalog alone is lost: earlier versions, names of
//! versions, recipes and jobs; and what a version had dropped comes back.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use rustybt_calendars::{Session, Timestamp, calendar};
use rustybt_data::Field;

use crate::catalog::{Catalog, Claim, Commit, NewChunk, TableChange, set_aside};
use crate::chunk::Extent;
use crate::decimals::{Decimals, Scales};
use crate::error::chain;
use crate::format::{Column, ColumnSpec, Footer, Kind, Recalled, content_hash};
use crate::layout::Layout;
use crate::records::{RecordColumns, RecordSet, RowBlock, sort_key};
use crate::table::Dataset;
use crate::vfs::Content;
use crate::{BundleName, CatalogUrl, Error};

/// What became of the files.
#[derive(Debug, Default)]
pub(super) struct Rebuilt {
    pub(super) bundles: u64,
    pub(super) files: u64,
    /// Where the old catalog lies, if there was one.
    pub(super) aside: Option<CatalogUrl>,
    /// Files that could not be taken in, and why.
    pub(super) unreadable: Vec<(PathBuf, String)>,
}

/// A data file, told from its own bytes.
struct Found {
    path: PathBuf,
    dataset: Dataset,
    footer: Footer,
    specs: Vec<ColumnSpec>,
    chunk: NewChunk,
}

/// Sets the old catalog aside and makes a new one.
pub(super) fn rebuild(layout: &Layout, now: Timestamp) -> Result<Rebuilt, Error> {
    let data = layout.data();
    let mut entries = layout.vfs().list(&data).map_err(Error::io("list", &data))?;
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let mut rebuilt = Rebuilt::default();
    let mut bundles: BTreeMap<(String, String), Vec<Found>> = BTreeMap::new();
    for entry in entries {
        match recall(layout, &entry.path) {
            Ok(found) => {
                let key = (found.footer.bundle.clone(), found.footer.calendar.clone());
                bundles.entry(key).or_default().push(found);
            }
            Err(error) => rebuilt.unreadable.push((entry.path, chain(&error))),
        }
    }
    rebuilt.aside = set_aside(layout)?;
    let catalog = Catalog::make_anew(layout)?;
    for ((name, calendar_name), files) in bundles {
        let (name, calendar) = (BundleName::new(&name)?, calendar(&calendar_name)?);
        rebuilt.files += publish(&catalog, &name, calendar.name(), files, now, &mut rebuilt)?;
        rebuilt.bundles += 1;
    }
    Ok(rebuilt)
}

/// Reads a file and what it says of itself.
fn recall(layout: &Layout, path: &Path) -> Result<Found, Error> {
    let mut bytes = Vec::new();
    let file = layout.vfs().open_original(path).map_err(Error::io("read", path))?;
    let read = Content::new(file).from(0).read_to_end(&mut bytes);
    read.map_err(Error::io("read", path))?;
    let bytes = Bytes::from(bytes);
    let Recalled { footer, specs, columns, stats, length } = Recalled::read(path, &bytes)?;
    let wrong = |what: &str| Error::corrupt(path, format!("its footer names {what}"));
    let dataset = dataset(&footer).ok_or_else(|| wrong("no table there is"))?;
    let name = BundleName::new(&footer.bundle)?;
    let folder = layout.file(&name, dataset, "");
    let relative = path.strip_prefix(&folder).ok().and_then(Path::to_str);
    let relative = relative.ok_or_else(|| wrong("another bundle or table than its folder"))?;
    let extents = match dataset {
        Dataset::Bars(_) => {
            let numbers = |at: usize| columns.get(at).map(Column::numbers).unwrap_or_default();
            Extent::find(numbers(0), numbers(1))
        }
        Dataset::Records(set) => {
            RowBlock { specs: specs.clone(), columns: columns.clone() }.extents(set)
        }
        _ => Vec::new(),
    };
    let chunk = NewChunk {
        part: footer.part,
        period: footer.period,
        segment: footer.segment,
        path: relative.replace('\\', "/"),
        rows: columns.first().map_or(0, Column::len),
        bytes: bytes.len() as u64,
        footer: length,
        content_hash: content_hash(&specs, &columns),
        file_hash: *blake3::hash(&bytes).as_bytes(),
        stats,
        extents,
    };
    Ok(Found { path: path.to_owned(), dataset, footer, specs, chunk })
}

fn dataset(footer: &Footer) -> Option<Dataset> {
    if footer.records.is_empty() {
        return Dataset::ALL.into_iter().find(|dataset| dataset.name() == footer.table);
    }
    let schema = RecordSet::recalled(&footer.table, &footer.records)?;
    RecordSet::of(&schema).map(Dataset::Records)
}

/// Publishes the newest version of a bundle; answers how many files it has.
fn publish(
    catalog: &Catalog,
    name: &BundleName,
    calendar: &str,
    files: Vec<Found>,
    now: Timestamp,
    rebuilt: &mut Rebuilt,
) -> Result<u64, Error> {
    let newest = files.iter().map(|file| file.footer.version).max().unwrap_or(1);
    let mut tables: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    for file in files {
        tables.entry(file.footer.table.clone()).or_default().push(file);
    }
    let mut kept = Vec::new();
    for files in tables.into_values() {
        let files = newest_of(files);
        let (same, others) = of_one_type(files);
        for other in others {
            let detail = "its numbers are of another type than those of newer files".to_owned();
            rebuilt.unreadable.push((other.path, detail));
        }
        kept.push(same);
    }
    let columns: Vec<Option<RecordColumns>> = kept.iter().map(|files| own_columns(files)).collect();
    let changes: Vec<TableChange<'_>> = kept
        .iter()
        .zip(&columns)
        .filter_map(|(files, columns)| {
            let first = files.iter().max_by_key(|file| file.specs.len())?;
            Some(TableChange {
                dataset: first.dataset,
                scales: scales(first.dataset, &first.footer, &first.specs),
                known: 0,
                table: None,
                dropped: None,
                ended: Vec::new(),
                added: files.iter().map(|file| &file.chunk).collect(),
                records: columns.as_ref(),
            })
        })
        .collect();
    let bars = || kept.iter().flatten().filter(|file| file.dataset.is_bars());
    let session = |file: &Found, stamp: i64| {
        if file.dataset.is_intraday() {
            Timestamp::from_micros(stamp).date()
        } else {
            Session::from_days(i32::try_from(stamp).unwrap_or_default())
        }
    };
    let days = |file: &Found| span(file).map(|(a, b)| (session(file, a), session(file, b)));
    let assets = kept.iter().flatten().filter(|file| file.dataset == Dataset::Assets);
    let bundle = catalog.make_bundle(name, calendar)?;
    catalog.continue_at(bundle.id, newest)?;
    catalog.publish(&Commit {
        bundle: bundle.id,
        name,
        base: newest.checked_sub(1).filter(|&base| base > 0),
        now,
        claim: Claim { job: "doctor", fence: None, files: 0 },
        job: None,
        source: serde_json::json!({ "source": "doctor" }).to_string(),
        first: bars().filter_map(|file| Some(days(file)?.0)).min(),
        last: bars().filter_map(|file| Some(days(file)?.1)).max(),
        assets: assets.map(|file| file.chunk.rows as u64).sum(),
        tables: changes,
    })?;
    Ok(kept.iter().map(|files| files.len() as u64).sum())
}

/// The files of a table that no newer one has taken the place of, by part, period and time.
fn newest_of(mut files: Vec<Found>) -> Vec<Found> {
    files.sort_by_key(|file| Reverse(file.footer.version));
    let mut places: BTreeMap<(i64, i64), Vec<Found>> = BTreeMap::new();
    for file in files {
        let place = places.entry((file.footer.part, file.footer.period)).or_default();
        let replaced = |newer: &Found| {
            newer.footer.version > file.footer.version
                && match (span(newer), span(&file)) {
                    (Some(newer), Some(older)) => newer.0 <= older.1 && older.0 <= newer.1,
                    _ => true,
                }
        };
        if !place.iter().any(replaced) {
            place.push(file);
        }
    }
    let mut kept = Vec::new();
    for mut place in places.into_values() {
        place.sort_by_key(span);
        for (number, file) in (0..).zip(&mut place) {
            file.chunk.segment = number;
        }
        kept.extend(place);
    }
    kept
}

/// The first and the last stamp of a file's rows.
fn span(file: &Found) -> Option<(i64, i64)> {
    let first = file.chunk.extents.iter().map(|extent| extent.first).min()?;
    let last = file.chunk.extents.iter().map(|extent| extent.last).max()?;
    Some((first, last))
}

/// The files whose columns begin as those of the newest with the most columns, and the others.
fn of_one_type(files: Vec<Found>) -> (Vec<Found>, Vec<Found>) {
    let most = files.iter().max_by_key(|file| (file.footer.version, file.specs.len()));
    let Some(wanted) = most.map(|file| file.specs.clone()) else { return (files, Vec::new()) };
    files.into_iter().partition(|file| file.specs.iter().zip(&wanted).all(|(a, b)| a == b))
}

/// The columns of a table with a schema of its own.
fn own_columns(files: &[Found]) -> Option<RecordColumns> {
    let longest = files.iter().max_by_key(|file| file.specs.len())?;
    let Dataset::Records(set) = longest.dataset else { return None };
    let schema = RecordSet::recalled(&longest.footer.table, &longest.footer.records)?;
    let sort_key = sort_key(set, &longest.specs).join(",");
    Some(RecordColumns {
        schema: Arc::new(schema),
        specs: longest.specs.clone(),
        known: 0,
        sort_key,
    })
}

/// The decimals of a table, from its columns: the footer tells the digits behind the point.
fn scales(dataset: Dataset, footer: &Footer, specs: &[ColumnSpec]) -> Scales {
    let told = |key: &str| -> u8 {
        let found = footer.scales.split(' ').find_map(|part| part.strip_prefix(key));
        found.and_then(|digits| digits.parse().ok()).unwrap_or_default()
    };
    let (price, size) = (told("price="), told("size="));
    let mut before = Scales::default();
    for spec in specs.iter().filter(|_| dataset.is_bars()) {
        let Ok(field) = spec.name.parse::<Field>() else { continue };
        before.extras.add(field);
        if let Kind::Decimal(scale) | Kind::Wide(scale) = spec.kind {
            before.set(field, Decimals { scale, wide: matches!(spec.kind, Kind::Wide(_)) });
        }
    }
    let fits = |scales: &Scales| {
        let wanted = dataset.columns(*scales);
        specs.iter().all(|spec| {
            let other = wanted.iter().find(|other| other.name == spec.name);
            other.is_none_or(|other| other.kind == spec.kind)
        })
    };
    let sizes = [(false, false), (true, false), (false, true), (true, true)];
    let all = sizes.map(|(wide_price, wide_size)| Scales {
        price: Decimals { scale: price, wide: wide_price },
        size: Decimals { scale: size, wide: wide_size },
        ..before
    });
    all.into_iter().find(fits).unwrap_or_default()
}
