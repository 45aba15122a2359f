//! The configuration file: YAML, every key optional, no key unknown.
//!
//! ```yaml
//! data:
//!   root_dir: ~/market-data
//!   catalog: postgres://ann@db.example/market
//!   tiles_max_bytes: 20000000000
//!   calendars: ~/calendars
//! cache:
//!   dir: /fast/cache
//!   max_size_mb: 20000
//!   memory_mb: 512
//!   policy: lfu
//! ingest:
//!   calendar: XNYS
//!   workers: 4
//!   memory: 512MiB
//! pipeline:
//!   threads: 2
//!   chunk: 250
//! output:
//!   format: csv
//!   progress: none
//! ```

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::cache::{Megabytes, Policy, RedisUrl, Seconds, Switch};
use super::count::{Bytes, Sessions, Threads};
use super::memory::Memory;
use crate::error::Error;
use crate::output::Format;
use crate::progress::ProgressMode;

/// What a configuration file says.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ConfigFile {
    pub(crate) data: Data,
    pub(crate) cache: Cache,
    pub(crate) ingest: Ingest,
    pub(crate) pipeline: Pipeline,
    pub(crate) output: Output,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Data {
    pub(crate) root_dir: Option<PathBuf>,
    pub(crate) catalog: Option<String>,
    pub(crate) tiles_max_bytes: Option<Bytes>,
    pub(crate) calendars: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Cache {
    pub(crate) enabled: Option<Switch>,
    pub(crate) dir: Option<PathBuf>,
    #[serde(rename = "disk_cache")]
    pub(crate) disk: Option<Switch>,
    pub(crate) max_size_mb: Option<Megabytes>,
    pub(crate) memory_mb: Option<Megabytes>,
    pub(crate) policy: Option<Policy>,
    pub(crate) ttl_seconds: Option<Seconds>,
    pub(crate) redis: Option<RedisUrl>,
    pub(crate) redis_ttl_seconds: Option<Seconds>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Ingest {
    pub(crate) calendar: Option<String>,
    pub(crate) workers: Option<Threads>,
    pub(crate) memory: Option<Memory>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Pipeline {
    pub(crate) threads: Option<Threads>,
    pub(crate) chunk: Option<Sessions>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Output {
    pub(crate) format: Option<Format>,
    pub(crate) progress: Option<ProgressMode>,
}

impl ConfigFile {
    /// Reads a file; one that is not there says nothing, unless somebody named it.
    pub(crate) fn read(path: &Path, must_exist: bool) -> Result<Self, Error> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            // Below a file there is no file either: whoever opens the folder says what it is.
            Err(error)
                if !must_exist
                    && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(Self::default());
            }
            Err(source) => {
                return Err(Error::Io {
                    action: "read the configuration file",
                    path: path.to_owned(),
                    source,
                });
            }
        };
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            return Ok(Self::default());
        }
        serde_saphyr::from_str(&text).map_err(|reason| Error::BadConfig {
            path: path.to_owned(),
            reason: reason.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ConfigFile, Error> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        ConfigFile::read(file.path(), true)
    }

    #[test]
    fn every_key_is_read() {
        let file = read(
            "data:\n  root_dir: /data\n  catalog: /catalog\n  tiles_max_bytes: 5000\n\
             cache:\n  enabled: true\n  dir: /fast\n  disk_cache: false\n  max_size_mb: 0\n\
             \x20 memory_mb: 12\n  policy: ttl\n  ttl_seconds: 60\n  redis: redis://host\n\
             ingest:\n  calendar: XLON\n  workers: 3\n  memory: 64MiB\n\
             pipeline:\n  threads: 2\n  chunk: 13\noutput:\n  format: json\n  progress: none\n",
        )
        .unwrap();
        assert_eq!(file.data.root_dir, Some(PathBuf::from("/data")));
        assert_eq!(file.data.catalog.as_deref(), Some("/catalog"));
        assert_eq!(file.data.tiles_max_bytes.map(Bytes::get), Some(5000));
        assert_eq!(file.cache.dir, Some(PathBuf::from("/fast")));
        assert_eq!(file.cache.enabled.map(Switch::is_on), Some(true));
        assert_eq!(file.cache.disk.map(Switch::is_on), Some(false));
        assert_eq!(file.cache.max_size_mb.map(Megabytes::bytes), Some(0));
        assert_eq!(file.cache.memory_mb.map(Megabytes::bytes), Some(12_000_000));
        assert_eq!(file.cache.policy, Some(Policy::Ttl));
        assert_eq!(file.cache.ttl_seconds.map(|it| it.to_string()), Some("60".to_owned()));
        assert_eq!(file.cache.redis.map(|it| it.to_string()), Some("redis://host".to_owned()));
        assert_eq!(file.ingest.calendar.as_deref(), Some("XLON"));
        assert_eq!(file.ingest.workers.map(Threads::get), Some(3));
        assert_eq!(file.ingest.memory.map(Memory::bytes), Some(64 << 20));
        assert_eq!(file.pipeline.chunk.map(Sessions::get), Some(13));
        assert_eq!(file.output.format, Some(Format::Json));
        assert_eq!(file.output.progress, Some(ProgressMode::None));
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = read("data:\n  root_dir: /data\n  root_dri: /data\n").unwrap_err().to_string();
        assert!(error.contains("root_dri") && error.contains("line 3"), "{error}");
    }

    #[test]
    fn a_number_that_cannot_be_used_is_told_what_would_work() {
        for (text, expected) in [
            ("ingest:\n  workers: many\n", "from 1 to 1024"),
            ("ingest:\n  workers: -1\n", "from 1 to 1024"),
            ("pipeline:\n  threads: 1.5\n", "from 1 to 1024"),
            ("pipeline:\n  chunk: 0\n", "from 1 on"),
            ("cache:\n  max_size_mb: -1\n", "megabytes"),
            ("cache:\n  enabled: maybe\n", "true or false"),
            ("cache:\n  policy: fifo\n", "lru, lfu or ttl"),
            ("cache:\n  ttl_seconds: 0\n", "seconds, from 1 on"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("line 2"), "{error}");
        }
    }

    #[test]
    fn a_file_of_comments_says_nothing() {
        assert!(read("# data:\n#   root_dir: /data\n\n").unwrap().data.root_dir.is_none());
    }

    #[test]
    fn only_a_file_that_was_named_must_be_there() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for nowhere in [Path::new("/nonexistent/config.yaml"), &file.path().join("config.yaml")] {
            assert!(ConfigFile::read(nowhere, false).is_ok());
            assert!(ConfigFile::read(nowhere, true).is_err());
        }
    }
}
