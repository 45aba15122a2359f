//! [`RedisUrl`]: where the cache is that machines share.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A Redis server that keeps decoded columns for several processes and machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisOptions {
    /// Where it is.
    pub url: RedisUrl,
    /// After how long it forgets an entry.
    pub ttl: Duration,
}

impl RedisOptions {
    /// How long entries are kept where nobody says otherwise: a day.
    pub const TTL: Duration = Duration::from_hours(24);

    /// The server at an address, which keeps entries for a day.
    pub fn new(url: impl Into<RedisUrl>) -> Self {
        Self { url: url.into(), ttl: Self::TTL }
    }
}

/// The address of a Redis server: `redis://USER:PASSWORD@HOST:PORT/DATABASE`. It is shown without user
/// and password.
///
/// ```
/// use rustybt_bundles::RedisUrl;
///
/// let url = RedisUrl::from("redis://:secret@cache.example:6379/2");
/// assert_eq!(url.to_string(), "redis://cache.example:6379/2");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    /// The address with everything that is secret.
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "there is no client"))]
    pub(super) fn address(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RedisUrl {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl FromStr for RedisUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("redis", &self.0));
        // Whatever a password may hold, it ends at the last of these; parameters may hold another one.
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        let place = place.split('?').next().unwrap_or_default();
        write!(f, "{scheme}://{place}")
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("redis://localhost", "redis://localhost"),
            ("redis://ann:hunter2@host:1/3", "redis://host:1/3"),
            ("redis://:hunter2?@x/@host", "redis://host"),
            ("rediss://host/?password=hunter2", "rediss://host/"),
            ("unix:///run/redis.sock?pass=hunter2", "unix:///run/redis.sock"),
        ] {
            let url = RedisUrl::from(url);
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("hunter2"));
        }
    }
}
