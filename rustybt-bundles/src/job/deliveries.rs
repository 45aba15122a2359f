//! What a dear source delivered, written down as it came.
//!
//! Deliveries are gathered and written a few megabytes at a time, each time to a file of its own
//! that is synced at once and never touched again. A file that a power cut has torn is read up to
//! the first record that is not whole. A part counts where its end is there, and all its pieces are
//! of the same run.
//!
//! ```text
//! STAGING/deliveries-00000007.log      records, one after another
//! record   length of the body, u32 little-endian │ BLAKE3 of the body, 32 bytes │ body
//! body     key, 32 bytes of text │ run, u32 little-endian │ kind, u8 │ content
//! kind 0   a piece of what a part held: zstd of a JSON object
//! kind 1   the end of the part: what tells the list of assets that the run knew, 32 bytes of text
//! kind 2   the same, where an event of the part points at another asset of that list
//! ```

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::vfs::Vfs;

/// Gathered bytes that are written without waiting for more.
const FULL: usize = 4 << 20;

/// The length of a key.
pub(crate) const KEY: usize = 32;

/// The length and the hash before each body.
const HEAD: usize = 4 + 32;

const PIECE: u8 = 0;
const END: u8 = 1;
const BOUND_END: u8 = 2;

/// The log of one job.
#[derive(Debug)]
pub(crate) struct Deliveries {
    vfs: Arc<dyn Vfs>,
    folder: PathBuf,
    /// The number of this run of the job.
    run: u32,
    /// What earlier runs have left, by key.
    known: HashMap<String, Known>,
    gathered: Mutex<Gathered>,
}

/// What earlier runs have left of a part.
#[derive(Debug, Default)]
struct Known {
    run: u32,
    pieces: Vec<Place>,
    ended: Option<End>,
}

/// What there is of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) pieces: usize,
    /// Whether an event points at another asset than the part's own.
    pub(crate) bound: bool,
}

/// What stands at the end of a part.
#[derive(Debug)]
struct End {
    /// What tells the list of assets that events point into.
    assets: String,
    /// Whether one of them points at another asset than the part's own.
    bound: bool,
}

#[derive(Debug)]
struct Place {
    file: Arc<Path>,
    at: usize,
    len: usize,
    hash: [u8; 32],
}

#[derive(Debug, Default)]
struct Gathered {
    bytes: Vec<u8>,
    /// The number of the next file.
    next: u64,
}

/// What stands at the beginning of a body.
struct Label<'a> {
    key: &'a str,
    run: u32,
    kind: u8,
    content: &'a [u8],
}

impl Deliveries {
    /// Opens the log in a folder; a new one where there is none.
    pub(crate) fn open(vfs: Arc<dyn Vfs>, folder: &Path) -> Result<Self, Error> {
        let mut files = Vec::new();
        for entry in vfs.list(folder).map_err(Error::io("list", folder))? {
            if let Some(number) = number(&entry.path) {
                files.push((number, entry.path));
            }
        }
        files.sort();
        let next = files.last().map_or(0, |(number, _)| number + 1);
        let (mut known, mut run) = (HashMap::<String, Known>::new(), 0);
        for (_, path) in files {
            let bytes = vfs.read(&path).map_err(Error::io("read", &path))?;
            let file: Arc<Path> = path.into();
            for (at, body) in whole(&bytes) {
                let Some(label) = Label::read(body) else { continue };
                run = run.max(label.run + 1);
                let part = known.entry(label.key.to_owned()).or_default();
                if part.run != label.run {
                    // An earlier run did not come to the end of it.
                    *part = Known { run: label.run, ..Known::default() };
                }
                match label.kind {
                    PIECE => {
                        let (file, len) = (Arc::clone(&file), body.len());
                        let hash = *blake3::hash(body).as_bytes();
                        part.pieces.push(Place { file, at, len, hash });
                    }
                    kind => {
                        let assets = String::from_utf8_lossy(label.content).into_owned();
                        part.ended = Some(End { assets, bound: kind != END });
                    }
                }
            }
        }
        known.retain(|_, part| part.ended.is_some());
        let gathered = Mutex::new(Gathered { bytes: Vec::new(), next });
        Ok(Self { vfs, folder: folder.to_owned(), run, known, gathered })
    }

    /// How many parts earlier runs have left.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// What earlier runs have left of a part, if its events can be understood with the list of
    /// assets that `assets` tells; `None` where they did not have all of it.
    pub(crate) fn find(&self, key: &str, assets: &str) -> Option<Found> {
        let part = self.known.get(key)?;
        let end = part.ended.as_ref()?;
        let found = Found { pieces: part.pieces.len(), bound: end.bound };
        (!end.bound || end.assets == assets).then_some(found)
    }

    /// A piece of what earlier runs have left; `None` where it cannot be read any more.
    pub(crate) fn read<T: DeserializeOwned>(&self, key: &str, piece: usize) -> Option<T> {
        let place = self.known.get(key)?.pieces.get(piece)?;
        let file = self.vfs.open(&place.file).ok()?;
        let mut body = vec![0; place.len];
        let mut done = 0;
        while let Some(rest) = body.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match file.read_at((place.at + done) as u64, rest).ok()? {
                0 => return None,
                read => done += read,
            }
        }
        if *blake3::hash(&body).as_bytes() != place.hash {
            return None;
        }
        let label = Label::read(&body)?;
        serde_json::from_slice(&zstd::stream::decode_all(label.content).ok()?).ok()
    }

    /// Adds a piece of a part. It is durable after the next [`flush`](Self::flush), or earlier.
    pub(crate) fn add(&self, key: &str, piece: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_vec(piece).map_err(std::io::Error::other);
        let packed = text.and_then(|text| zstd::bulk::compress(&text, 1));
        self.append(key, PIECE, &packed.map_err(Error::io("write", &self.folder))?)
    }

    /// Says that what was added of a part is all of it. `bound` says whether an event of it points
    /// at another asset of the list that `assets` tells.
    pub(crate) fn end(&self, key: &str, assets: &str, bound: bool) -> Result<(), Error> {
        self.append(key, if bound { BOUND_END } else { END }, assets.as_bytes())
    }

    fn append(&self, key: &str, kind: u8, content: &[u8]) -> Result<(), Error> {
        let body = [key.as_bytes(), &self.run.to_le_bytes(), &[kind], content].concat();
        let length = u32::try_from(body.len());
        let length =
            length.map_err(std::io::Error::other).map_err(Error::io("write", &self.folder))?;
        let hash = blake3::hash(&body);
        let mut gathered = self.gathered();
        gathered.bytes.extend(length.to_le_bytes());
        gathered.bytes.extend(hash.as_bytes());
        gathered.bytes.extend(body);
        if gathered.bytes.len() < FULL {
            return Ok(());
        }
        self.write(gathered)
    }

    /// Makes everything that was added durable.
    pub(crate) fn flush(&self) -> Result<(), Error> {
        self.write(self.gathered())
    }

    fn write(&self, mut gathered: MutexGuard<'_, Gathered>) -> Result<(), Error> {
        if gathered.bytes.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut gathered.bytes);
        let path = self.folder.join(format!("deliveries-{:08}.log", gathered.next));
        gathered.next += 1;
        // Others go on gathering while this is written.
        drop(gathered);
        let mut file = self.vfs.create(&path).map_err(Error::io("create", &path))?;
        file.write(&bytes).map_err(Error::io("write", &path))?;
        file.sync().map_err(Error::io("sync", &path))?;
        self.vfs.sync_folder(&self.folder).map_err(Error::io("sync", &self.folder))
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Label<'a> {
    fn read(body: &'a [u8]) -> Option<Self> {
        let (key, rest) = body.split_at_checked(KEY)?;
        let (run, rest) = rest.split_first_chunk::<4>()?;
        let (&kind, content) = rest.split_first()?;
        let key = std::str::from_utf8(key).ok()?;
        Some(Self { key, run: u32::from_le_bytes(*run), kind, content })
    }
}

fn number(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix("deliveries-")?.strip_suffix(".log")?.parse().ok()
}

/// The bodies at the beginning of a file that are whole, and where each begins.
fn whole(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (length, rest) = bytes.get(at..)?.split_first_chunk::<4>()?;
        let (hash, rest) = rest.split_first_chunk::<32>()?;
        let body = rest.get(..u32::from_le_bytes(*length) as usize)?;
        if blake3::hash(body).as_bytes() != hash {
            return None;
        }
        let begins = at + HEAD;
        at = begins + body.len();
        Some((begins, body))
    })
}

#[cfg(test)]
mod tests {
    use rustybt_data::{Delivery, RawBars, Stamps};

    use super::*;
    use crate::vfs::OsFs;

    fn piece(note: &str) -> Delivery {
        let bars = RawBars {
            stamps: Stamps::Sessions(vec!["2020-01-02".parse().unwrap()]),
            columns: Vec::new(),
            lines: Vec::new(),
        };
        let notes = vec![note.to_owned()];
        Delivery { bars, events: Vec::new(), rejected: Vec::new(), notes, rows: 1 }
    }

    fn key(name: &str) -> String {
        format!("{name:0>KEY$}")
    }

    fn open(folder: &Path) -> Deliveries {
        Deliveries::open(Arc::new(OsFs), folder).unwrap()
    }

    fn add(log: &Deliveries, name: &str, notes: &[&str]) {
        for note in notes {
            log.add(&key(name), &piece(note)).unwrap();
        }
        log.end(&key(name), "assets", name == "bound").unwrap();
    }

    fn notes(log: &Deliveries, name: &str) -> Option<Vec<String>> {
        let read = |at| log.read::<Delivery>(&key(name), at).unwrap().notes.concat();
        Some((0..log.find(&key(name), "assets")?.pieces).map(read).collect())
    }

    #[test]
    fn what_was_written_down_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let log = open(folder.path());
        log.flush().unwrap();
        add(&log, "a", &["a1", "a2"]);
        log.add(&key("torn"), &piece("t1")).unwrap();
        log.flush().unwrap();
        add(&log, "b", &[]);
        log.flush().unwrap();
        add(&log, "never flushed", &["n"]);
        drop(log);
        let log = open(folder.path());
        assert_eq!(log.len(), 2);
        assert_eq!(notes(&log, "a").unwrap(), ["a1", "a2"]);
        assert!(notes(&log, "b").unwrap().is_empty());
        assert_eq!((notes(&log, "torn"), notes(&log, "never flushed")), (None, None));
        // It goes on in a new file; what was left half done is done again from its beginning.
        add(&log, "torn", &["t1 again", "t2"]);
        log.flush().unwrap();
        let log = open(folder.path());
        assert_eq!(notes(&log, "torn").unwrap(), ["t1 again", "t2"]);
        assert!(log.find(&key("torn"), "others").is_some());
        assert_eq!(log.len(), 3);
    }

    #[test]
    fn what_points_into_another_list_of_assets_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let log = open(folder.path());
        add(&log, "bound", &["b"]);
        log.flush().unwrap();
        let log = open(folder.path());
        assert_eq!(log.find(&key("bound"), "assets"), Some(Found { pieces: 1, bound: true }));
        assert_eq!(log.find(&key("bound"), "others"), None);
    }

    #[test]
    fn a_torn_tail_is_cut_wherever_it_is_torn() {
        let folder = tempfile::tempdir().unwrap();
        let log = open(folder.path());
        add(&log, "a", &["a"]);
        let first = log.gathered().bytes.len();
        add(&log, "b", &["b"]);
        log.flush().unwrap();
        let path = folder.path().join("deliveries-00000000.log");
        let bytes = std::fs::read(&path).unwrap();
        for cut in 0..bytes.len() {
            let left = usize::from(cut >= first);
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let log = open(folder.path());
            assert_eq!((log.len(), notes(&log, "a").is_some()), (left, cut >= first), "{cut}");
            let mut flipped = bytes.clone();
            flipped[cut] ^= 1;
            std::fs::write(&path, &flipped).unwrap();
            assert_eq!(open(folder.path()).len(), left, "{cut}");
        }
    }
}
