//! [`CatalogUrl`]: where a store keeps its catalog.

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where a store keeps its catalog: a file of SQLite, or a database of PostgreSQL.
///
/// It is made from text. Whatever begins with `postgres://` or `postgresql://` is PostgreSQL, and
/// needs the feature `postgres`; everything else is a file. It is shown without its password.
///
/// ```
/// use rustybt_bundles::CatalogUrl;
///
/// let url = CatalogUrl::from("postgres://ann:secret@db.example/market?schema=lake");
/// assert_eq!(url.to_string(), "postgres://ann@db.example/market?schema=lake");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogUrl {
    /// A file of SQLite, for programs of one machine.
    Sqlite(PathBuf),
    /// A database of PostgreSQL, for programs of several machines.
    Postgres(PostgresUrl),
}

/// The address of a PostgreSQL database: `postgres://USER@HOST/DATABASE?schema=SCHEMA`.
///
/// `schema` is `public` where it is not said. `sslmode=require` encrypts, and asks the server who it is;
/// `verify-full` says the same. `sslrootcert` is a file of authorities to believe in place of those of
/// the system. The other parameters are PostgreSQL's own.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    /// What the client understands, without the others below. With the password, so never shown.
    parameters: String,
    schema: String,
    /// The file of the authorities that may vouch for the server.
    authorities: Option<PathBuf>,
}

/// Parameters that may be shown. A password may be among the others.
const SHOWN: [&str; 5] = ["host", "port", "sslmode", "application_name", "connect_timeout"];

impl PostgresUrl {
    /// The address as the client wants it.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "there is no client"))]
    pub(crate) fn parameters(&self) -> &str {
        &self.parameters
    }

    /// The schema that the catalog's tables lie in.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// The file of authorities to believe in place of those of the system.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "there is no client"))]
    pub(crate) fn authorities(&self) -> Option<&Path> {
        self.authorities.as_deref()
    }

    /// The same database, and another schema.
    pub(crate) fn with_schema(&self, schema: String) -> Self {
        Self { schema, ..self.clone() }
    }

    fn new(url: &str) -> Self {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut schema, mut authorities, mut rest) = ("public".to_owned(), None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("schema", name)) if !name.is_empty() => name.clone_into(&mut schema),
                Some(("sslrootcert", file)) if !file.is_empty() => authorities = Some(file.into()),
                Some(("sslmode", "verify-full")) => rest.push("sslmode=require"),
                _ => rest.push(pair),
            }
        }
        let mark = if rest.is_empty() { "" } else { "?" };
        Self { parameters: format!("{address}{mark}{}", rest.join("&")), schema, authorities }
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (address, query) = self.parameters.split_once('?').unwrap_or((&self.parameters, ""));
        let address = address.split_once("://").map_or(address, |(_, rest)| rest);
        let (user, place) = address.rsplit_once('@').unwrap_or(("", address));
        let user = user.split(':').next().unwrap_or_default();
        // A password that was not escaped may hold anything. What looks odd is not shown.
        let odd = query.contains('@') || !is_plain(user) || !is_place(place);
        let (user, place) = if odd { ("", "…") } else { (user, place) };
        let query = if odd { "" } else { query };
        let at = if user.is_empty() { "" } else { "@" };
        write!(f, "postgres://{user}{at}{place}")?;
        let shown = query
            .split('&')
            .filter(|pair| pair.split_once('=').is_some_and(|(name, _)| SHOWN.contains(&name)))
            .map(str::to_owned);
        let schema = (self.schema != "public").then(|| format!("schema={}", self.schema));
        let shown: Vec<String> = shown.chain(schema).collect();
        let mark = if shown.is_empty() { "" } else { "?" };
        write!(f, "{mark}{}", shown.join("&"))
    }
}

/// Letters, digits and what else is in names.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.%+".contains(&byte))
}

/// Hosts with their ports, and a database.
fn is_place(text: &str) -> bool {
    let (hosts, database) = text.split_once('/').unwrap_or((text, ""));
    let is_host = |host: &str| {
        let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
        let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        let known = is_plain(name) || name.parse::<std::net::Ipv6Addr>().is_ok();
        known && port.bytes().all(|byte| byte.is_ascii_digit())
    };
    is_plain(database) && hosts.split(',').all(is_host)
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

impl From<&str> for CatalogUrl {
    fn from(text: &str) -> Self {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("postgres" | "postgresql") => Self::Postgres(PostgresUrl::new(text)),
            Some("sqlite") => Self::Sqlite(text.get("sqlite://".len()..).unwrap_or(text).into()),
            _ => Self::Sqlite(text.into()),
        }
    }
}

impl From<String> for CatalogUrl {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl FromStr for CatalogUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl fmt::Display for CatalogUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_a_file_or_postgres() {
        for text in ["/data/catalog.sqlite", "catalog", "sqlite:///data/c.sqlite"] {
            assert!(matches!(CatalogUrl::from(text), CatalogUrl::Sqlite(_)), "{text}");
        }
        let file = CatalogUrl::from("sqlite:///data/c.sqlite");
        assert_eq!(file, CatalogUrl::Sqlite("/data/c.sqlite".into()));
        let CatalogUrl::Postgres(url) = CatalogUrl::from("postgres://h/d?a=b&schema=s&c=d") else {
            panic!("it is no file");
        };
        assert_eq!((url.schema(), url.parameters.as_str()), ("s", "postgres://h/d?a=b&c=d"));
    }

    #[test]
    fn whatever_holds_the_password_is_not_shown() {
        for (text, shown) in [
            ("postgres://u:pw@h:1/d", "postgres://u@h:1/d"),
            ("postgresql://u@h/d?password=pw&sslmode=disable", "postgres://u@h/d?sslmode=disable"),
            ("POSTGRES://u:p@w/p@h/d", "postgres://u@h/d"),
            ("postgres://u:pw/d", "postgres://…"),
            ("postgres://u:p?w@h/d", "postgres://…"),
            ("postgres://u@[::1]:5,h:6/d", "postgres://u@[::1]:5,h:6/d"),
            ("postgres:///d?host=/run/pg", "postgres:///d?host=/run/pg"),
        ] {
            assert_eq!(CatalogUrl::from(text).to_string(), shown);
        }
    }

    proptest! {
        #[test]
        fn no_password_is_ever_shown(before in "[a-z]{0,3}", after in "[a-z:/@?&=%]{0,3}") {
            let password = format!("{before}SECRET{after}");
            for text in [
                format!("postgres://u:{password}@h/d"),
                format!("postgres://h/d?password={password}"),
                format!("postgres://u@h/d?schema=s&passfile={password}&host=h"),
            ] {
                let url = CatalogUrl::from(text.as_str());
                prop_assert!(!url.to_string().contains("SECRET"), "{}", url);
                prop_assert!(!format!("{url:?}").contains("SECRET"), "{:?}", url);
            }
        }
    }
}
