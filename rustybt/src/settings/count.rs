//! A whole number from 1 on, as people write it: how many threads, how many sessions.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::Deserialize;

/// A number from 1 to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Count<const MAX: usize>(NonZeroUsize);

/// How many sessions are computed at a time.
pub(crate) type Sessions = Count<{ usize::MAX }>;

/// How many bytes something may take.
pub(crate) type Bytes = Count<{ usize::MAX }>;

/// How many threads work at once. More of them than this only take memory from each other.
pub(crate) type Threads = Count<1024>;

impl<const MAX: usize> Count<MAX> {
    /// That many, or as many as there may be.
    pub(crate) fn at_most(count: NonZeroUsize) -> Self {
        Self(count.min(NonZeroUsize::new(MAX).unwrap_or(count)))
    }

    pub(crate) fn get(self) -> usize {
        self.0.get()
    }
}

impl<const MAX: usize> fmt::Display for Count<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MAX: usize> FromStr for Count<MAX> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let count = text.parse().ok().filter(|count: &NonZeroUsize| count.get() <= MAX);
        count.map(Self).ok_or_else(|| match MAX {
            usize::MAX => "expected a whole number from 1 on".to_owned(),
            most => format!("expected a whole number from 1 to {most}"),
        })
    }
}

impl<const MAX: usize> TryFrom<String> for Count<MAX> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_begin_at_one_and_end_somewhere() {
        assert_eq!("3".parse::<Threads>().unwrap().get(), 3);
        assert_eq!("1024".parse::<Threads>().unwrap().to_string(), "1024");
        for text in ["0", "1025", "-1", "1.5", "many", "", "99999999999999999999"] {
            let error = text.parse::<Threads>().unwrap_err();
            assert_eq!(error, "expected a whole number from 1 to 1024", "{text}");
        }
        assert_eq!("0".parse::<Sessions>().unwrap_err(), "expected a whole number from 1 on");
        assert_eq!("1025".parse::<Sessions>().unwrap().get(), 1025);
    }

    #[test]
    fn many_cores_are_as_many_threads_as_may_be() {
        let cores = |count| NonZeroUsize::new(count).unwrap();
        assert_eq!(Threads::at_most(cores(2)).get(), 2);
        assert_eq!(Threads::at_most(cores(4096)).get(), 1024);
    }
}
