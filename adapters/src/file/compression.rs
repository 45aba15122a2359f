//! A file's bytes, unpacked: gzip, bzip2, xz and Zstandard are recognised by their first bytes.
//!
//! The bytes decide, not the name: a gzip file that lost its ending is still read. A name that
//! promises a compression which the bytes do not keep is a fault, since the file was cut or mixed up.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The most bytes one file may unpack to.
///
/// A file is parsed from memory as a whole; a small file that unpacks to more than this is a mistake
/// or an attack.
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
    let Some(packing) = packing_of(&packed) else {
        return match promised(ending) {
            Some(packing) if !packed.is_empty() => Err(Fault::Content(format!(
                "its name ends in .{ending} but it is not {}",
                packing.name()
            ))),
            _ => Ok(packed),
        };
    };
    let input = packed.as_slice();
    let mut text = Vec::new();
    let mut limited: Box<dyn Read + '_> = match packing {
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(input).take(largest + 1)),
        Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input).take(largest + 1)),
        Packing::Xz => Box::new(lzma_rust2::XzReader::new(input, true).take(largest + 1)),
        Packing::Zstandard => Box::new(
            zstd::stream::read::Decoder::with_buffer(input)
                .map_err(|error| broken(packing, &error))?
                .take(largest + 1),
        ),
    };
    limited.read_to_end(&mut text).map_err(|error| broken(packing, &error))?;
    drop(limited);
    if text.len() as u64 > largest { Err(too_large(largest)) } else { Ok(text) }
}

impl Packing {
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
