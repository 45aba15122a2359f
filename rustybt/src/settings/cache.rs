//! What is kept in caches: `cache.…` in the file, `RUSTYBT_CACHE_…` in the environment.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use rustybt_bundles::{CacheOptions, CachePolicy, RedisOptions};
use serde::Deserialize;

use super::file::Cache;
use super::{Layers, Row, Setting, below_home, row};
use crate::error::Error;

/// The settings of the caches.
#[derive(Debug)]
pub(crate) struct CacheSettings {
    /// Whether anything is kept at all.
    enabled: Setting<Switch>,
    /// The folder of the tiles; `None` for the data folder.
    dir: Setting<Option<PathBuf>>,
    /// Whether tiles are kept on disk.
    disk: Setting<Switch>,
    /// How large the tiles may be.
    max_size: Setting<Megabytes>,
    /// How much memory decoded columns may take.
    memory: Setting<Megabytes>,
    /// Which of them go first.
    policy: Setting<Policy>,
    /// After how long they go, with the policy `ttl`.
    ttl: Setting<Seconds>,
    /// The server that keeps them for others, too.
    redis: Setting<Option<RedisUrl>>,
    /// After how long it forgets them.
    redis_ttl: Setting<Seconds>,
}

/// How long a decoded column is kept where nobody says otherwise: an hour.
const TTL: Seconds = Seconds(3600);

impl CacheSettings {
    pub(super) fn resolve(file: Cache, layers: &Layers<'_>) -> Result<Self, Error> {
        let on = Switch(true);
        let disk = Megabytes::of(CacheOptions::DISK_BYTES);
        let memory = Megabytes::of(CacheOptions::MEMORY_BYTES);
        let day = Seconds(RedisOptions::TTL.as_secs());
        let dir = file.dir.map(below_home);
        Ok(Self {
            enabled: layers.pick(None, "RUSTYBT_CACHE_ENABLED", file.enabled, on)?,
            dir: layers.pick_optional(None, "RUSTYBT_CACHE_DIR", dir)?,
            disk: layers.pick(None, "RUSTYBT_CACHE_DISK", file.disk, on)?,
            max_size: layers.pick(None, "RUSTYBT_CACHE_SIZE_MB", file.max_size_mb, disk)?,
            memory: layers.pick(None, "RUSTYBT_CACHE_MEMORY_MB", file.memory_mb, memory)?,
            policy: layers.pick(None, "RUSTYBT_CACHE_POLICY", file.policy, Policy::Lru)?,
            ttl: layers.pick(None, "RUSTYBT_CACHE_TTL_SECONDS", file.ttl_seconds, TTL)?,
            redis: layers.pick_optional(None, "RUSTYBT_CACHE_REDIS", file.redis)?,
            redis_ttl: layers.pick(
                None,
                "RUSTYBT_CACHE_REDIS_TTL_SECONDS",
                file.redis_ttl_seconds,
                day,
            )?,
        })
    }

    /// Each setting's name in the file, value and origin.
    pub(super) fn rows(&self) -> Vec<Row> {
        let dir = self.dir.value.as_ref().map(|folder| folder.display().to_string());
        // It shows itself without its password.
        let redis = self.redis.value.as_ref().map(ToString::to_string);
        vec![
            row("cache.enabled", &self.enabled, self.enabled.value.to_string()),
            row("cache.dir", &self.dir, dir.unwrap_or_else(|| "the data folder".to_owned())),
            row("cache.disk_cache", &self.disk, self.disk.value.to_string()),
            row("cache.max_size_mb", &self.max_size, self.max_size.value.to_string()),
            row("cache.memory_mb", &self.memory, self.memory.value.to_string()),
            row("cache.policy", &self.policy, self.policy.value.to_string()),
            row("cache.ttl_seconds", &self.ttl, self.ttl.value.to_string()),
            row("cache.redis", &self.redis, redis.unwrap_or_else(|| "none".to_owned())),
            row("cache.redis_ttl_seconds", &self.redis_ttl, self.redis_ttl.value.to_string()),
        ]
    }

    /// The same, as a store wants to be told.
    pub(crate) fn options(&self) -> CacheOptions {
        if !self.enabled.value.0 {
            return CacheOptions::none();
        }
        let redis = self.redis.value.clone().map(|url| RedisOptions {
            ttl: Duration::from_secs(self.redis_ttl.value.0),
            ..RedisOptions::new(url.0)
        });
        CacheOptions {
            dir: self.dir.value.clone(),
            disk_bytes: if self.disk.value.0 { self.max_size.value.bytes() } else { 0 },
            memory_bytes: self.memory.value.bytes(),
            policy: match self.policy.value {
                Policy::Lru => CachePolicy::Lru,
                Policy::Lfu => CachePolicy::Lfu,
                Policy::Ttl => CachePolicy::Ttl(Duration::from_secs(self.ttl.value.0)),
            },
            redis,
        }
    }
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Switch(bool);

impl Switch {
    #[cfg(test)]
    pub(crate) fn is_on(self) -> bool {
        self.0
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Switch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(Self(true)),
            "false" | "no" | "off" | "0" => Ok(Self(false)),
            _ => Err("expected true or false".to_owned()),
        }
    }
}

/// A whole number of megabytes, of a million bytes each; 0 is none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Megabytes(u64);

impl Megabytes {
    const BYTES: u64 = 1_000_000;

    fn of(bytes: u64) -> Self {
        Self(bytes / Self::BYTES)
    }

    pub(crate) fn bytes(self) -> u64 {
        self.0.saturating_mul(Self::BYTES)
    }
}

impl fmt::Display for Megabytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Megabytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected a whole number of megabytes, 0 for none";
        text.trim().parse().map(Self).map_err(|_| expected.to_owned())
    }
}

/// A whole number of seconds, up to a hundred years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const MOST: u64 = 100 * 366 * 86_400;
        let seconds = text.trim().parse().ok().filter(|seconds| (1..=MOST).contains(seconds));
        seconds.map(Self).ok_or_else(|| "expected a whole number of seconds, from 1 on".to_owned())
    }
}

/// What goes first where there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Policy {
    Lru,
    Lfu,
    Ttl,
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lru => "lru",
            Self::Lfu => "lfu",
            Self::Ttl => "ttl",
        })
    }
}

impl FromStr for Policy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "lru" => Ok(Self::Lru),
            "lfu" => Ok(Self::Lfu),
            "ttl" => Ok(Self::Ttl),
            _ => Err("expected lru, lfu or ttl".to_owned()),
        }
    }
}

/// The address of a server; it shows itself without its password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(crate) struct RedisUrl(rustybt_bundles::RedisUrl);

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RedisUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.trim().into()))
    }
}

impl From<String> for RedisUrl {
    fn from(text: String) -> Self {
        Self(text.trim().into())
    }
}

/// What is read from a file as it is from a variable.
macro_rules! try_from_text {
    ($($name:ty),*) => {$(
        impl TryFrom<String> for $name {
            type Error = <Self as FromStr>::Err;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
    )*};
}

try_from_text!(Switch, Megabytes, Seconds, Policy);
