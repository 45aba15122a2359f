//! A file's bytes, unpacked: gzip, bzip2, xz and Zstandard are recognised by their first bytes.
//!
//! The bytes decide, not the name: a gzip file that lost its ending is still read. A name that
//! promises a compression which the bytes do not keep is a fault, since the file was cut or mixed up.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The most bytes that a file may unpack to which is read into memory as a whole: a small file that
/// unpacks to more than this is a mistake or an attack.
pub(crate) const LARGEST: u64 = 4 << 30;

/// A way of packing bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Gzip,
    Bzip2,
    Xz,
    Zstandard,
}

/// Why a file's bytes could not be had.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The operating system refused.
    Io(io::Error),
    /// The file is no good; what is wrong with it.
    Content(String),
}

/// Reads and unpacks a whole file of at most `largest` bytes unpacked.
pub(crate) fn read(path: &Path, largest: u64) -> Result<Vec<u8>, Fault> {
    let mut file = File::open(path).map_err(Fault::Io)?;
    let size = file.metadata().map_err(Fault::Io)?.len();
    if size > largest {
        return Err(too_large(largest));
    }
    let mut packed = Vec::with_capacity(usize::try_from(size).unwrap_or(0).saturating_add(1));
    file.by_ref().take(largest + 1).read_to_end(&mut packed).map_err(Fault::Io)?;
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    unpack(packed, ending, largest)
}

/// Whether a file name may end so behind `.csv`.
pub(crate) fn is_ending(text: &str) -> bool {
    text.is_empty() || promised(text.strip_prefix('.').unwrap_or(text)).is_some()
}

fn unpack(packed: Vec<u8>, ending: &str, largest: u64) -> Result<Vec<u8>, Fault> {
    let packing = packing_of(&packed);
    check_ending(packing, ending, packed.is_empty())?;
    let Some(packing) = packing else { return Ok(packed) };
    let mut text = Vec::new();
    let decoder = packing.decoder(packed.as_slice()).map_err(|error| broken(packing, &error))?;
    let mut limited = decoder.take(largest + 1);
    limited.read_to_end(&mut text).map_err(|error| broken(packing, &error))?;
    if text.len() as u64 > largest { Err(too_large(largest)) } else { Ok(text) }
}

/// A file's text, unpacked as it is read.
pub(crate) struct Unpacked {
    text: Box<dyn Read>,
    /// How large the text is, where that is known.
    pub(crate) size: Option<u64>,
    packing: Option<Packing>,
    refused: Arc<AtomicBool>,
}

/// A file that remembers that the operating system refused.
struct Watched {
    file: File,
    refused: Arc<AtomicBool>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.refused.store(true, Ordering::Relaxed);
            }
        })
    }
}

impl Unpacked {
    /// Opens a file.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let file = File::open(path).map_err(Fault::Io)?;
        let size = file.metadata().map_err(Fault::Io)?.len();
        let refused = Arc::new(AtomicBool::new(false));
        let mut file = Watched { file, refused: Arc::clone(&refused) };
        let mut first = Vec::with_capacity(FIRST);
        file.by_ref().take(FIRST as u64).read_to_end(&mut first).map_err(Fault::Io)?;
        let packing = packing_of(&first);
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        check_ending(packing, ending, first.is_empty())?;
        let whole = io::Cursor::new(first).chain(file);
        let text: Box<dyn Read> = match packing {
            None => Box::new(whole),
            Some(packing) => packing
                .decoder(BufReader::with_capacity(BUFFER, whole))
                .map_err(|error| broken(packing, &error))?,
        };
        Ok(Self { text, size: packing.is_none().then_some(size), packing, refused })
    }

    /// Reads so many bytes more, or all there are, and appends them.
    pub(crate) fn fill(&mut self, to: &mut Vec<u8>, bytes: usize) -> Result<(), Fault> {
        let read = self.text.by_ref().take(bytes as u64).read_to_end(to);
        match (read, self.packing) {
            (Ok(_), _) => Ok(()),
            (Err(error), Some(packing)) if !self.refused.load(Ordering::Relaxed) => {
                Err(broken(packing, &error))
            }
            (Err(error), _) => Err(Fault::Io(error)),
        }
    }
}

/// What the first bytes of a file must be, to tell a packing.
const FIRST: usize = 8;

/// Packed bytes that are read at once.
const BUFFER: usize = 1 << 16;

impl Packing {
    fn decoder<'r>(self, input: impl BufRead + 'r) -> io::Result<Box<dyn Read + 'r>> {
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
            Self::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
            Self::Xz => Box::new(lzma_rust2::XzReader::new(input, true)),
            Self::Zstandard => Box::new(zstd::stream::read::Decoder::with_buffer(input)?),
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstandard => "Zstandard",
        }
    }
}

/// What the first bytes say.
fn packing_of(bytes: &[u8]) -> Option<Packing> {
    match bytes {
        [0x1f, 0x8b, ..] => Some(Packing::Gzip),
        // Behind the level stands pi for a block or its square root for the end, in binary-coded
        // decimal: a text that begins with `BZh` is not taken for bzip2.
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, ..] => Some(Packing::Bzip2),
        [0xfd, b'7', b'z', b'X', b'Z', 0x00, ..] => Some(Packing::Xz),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstandard),
        _ => None,
    }
}

/// What the end of the name says.
fn promised(ending: &str) -> Option<Packing> {
    [
        ("gz", Packing::Gzip),
        ("bz2", Packing::Bzip2),
        ("xz", Packing::Xz),
        ("zst", Packing::Zstandard),
    ]
    .into_iter()
    .find(|(name, _)| ending.eq_ignore_ascii_case(name))
    .map(|(_, packing)| packing)
}

/// A name that promises a packing is kept to it.
fn check_ending(packing: Option<Packing>, ending: &str, empty: bool) -> Result<(), Fault> {
    match promised(ending) {
        Some(promised) if packing.is_none() && !empty => Err(Fault::Content(format!(
            "its name ends in .{ending} but it is not {}",
            promised.name()
        ))),
        _ => Ok(()),
    }
}

fn broken(packing: Packing, error: &io::Error) -> Fault {
    Fault::Content(format!("it is broken {}: {error}", packing.name()))
}

fn too_large(largest: u64) -> Fault {
    Fault::Content(format!("it holds more than {largest} bytes, the most that is read"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const TEXT: &[u8] = b"date,open\n2014-06-09,1\n";

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn several_members_are_one_text() {
        let mut packed = gzip(TEXT);
        packed.extend(gzip(b"2014-06-10,2\n"));
        let text = unpack(packed, "gz", LARGEST).unwrap();
        assert_eq!(text, b"date,open\n2014-06-09,1\n2014-06-10,2\n");
    }

    #[test]
    fn the_bytes_decide() {
        assert_eq!(unpack(gzip(TEXT), "csv", LARGEST).unwrap(), TEXT);
        assert_eq!(unpack(b"BZh1,open".to_vec(), "csv", LARGEST).unwrap(), b"BZh1,open");
        assert_eq!(unpack(Vec::new(), "gz", LARGEST).unwrap(), b"");
        let Err(Fault::Content(detail)) = unpack(TEXT.to_vec(), "gz", LARGEST) else { panic!() };
        assert_eq!(detail, "its name ends in .gz but it is not gzip");
    }

    #[test]
    fn what_is_cut_or_blown_up_is_refused() {
        let packed = gzip(TEXT);
        let Err(Fault::Content(detail)) =
            unpack(packed[..packed.len() - 9].to_vec(), "gz", LARGEST)
        else {
            panic!()
        };
        assert!(detail.starts_with("it is broken gzip: "), "{detail}");
        let Err(Fault::Content(detail)) = unpack(packed, "gz", 10) else { panic!() };
        assert!(detail.starts_with("it holds more than 10 bytes"), "{detail}");
    }

    #[test]
    fn endings() {
        assert!(is_ending("") && is_ending(".gz") && is_ending(".ZST"));
        assert!(!is_ending(".zip") && !is_ending("~") && !is_ending(".gz.bak"));
    }
}
