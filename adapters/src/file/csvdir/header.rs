//! What each column of a file of bars is.

use rustybt_data::{Field, Reason};

/// What the cells of a column are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// When the bar is.
    Stamp,
    /// One of the values of a bar.
    Field(Field),
    /// zipline's cash dividend of the row's date.
    Dividend,
    /// zipline's split of the row's date: new units for one old.
    Split,
    /// Nothing that we keep.
    Other,
}

/// The columns of a file of bars.
#[derive(Debug)]
pub(super) struct Header {
    /// One for each column, in the file's order.
    pub(super) roles: Vec<Role>,
    /// Their names as written.
    pub(super) names: Vec<String>,
}

/// Names of the column of stamps, wherever it stands.
const STAMPS: [&str; 3] = ["datetime", "timestamp", "date"];

impl Header {
    /// Finds the columns by their names, in any order and whatever their case.
    ///
    /// The column of stamps is the first one that is called so, else the very first. The columns
    /// `dividend` and `split` count in daily files only. Of several columns for one optional value,
    /// the first counts.
    ///
    /// # Errors
    ///
    /// [`Reason::BadFile`] where a column is missing or comes twice.
    pub(super) fn read(names: Vec<String>, daily: bool) -> Result<Self, Reason> {
        let bad = |detail: String| Err(Reason::BadFile { detail });
        let lower: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
        let mut roles: Vec<Role> = lower.iter().map(|name| Role::of(name, daily)).collect();
        let missing: Vec<&str> = Field::OHLCV
            .into_iter()
            .filter(|field| !roles.contains(&Role::Field(*field)))
            .map(Field::name)
            .collect();
        if !missing.is_empty() {
            let looks = match lower.first().map(String::as_bytes) {
                Some([b'0'..=b'9', ..]) => "; its first line must name the columns",
                _ => "",
            };
            return bad(format!(
                "it has no column {}; its columns are {}{looks}",
                quoted(missing.into_iter()),
                quoted(names.iter().map(String::as_str))
            ));
        }
        for at in 0..roles.len() {
            let (before, rest) = roles.split_at_mut(at);
            if let Some(role) = rest.first_mut()
                && matches!(role, Role::Field(field) if Field::OPTIONAL.contains(field))
                && before.contains(role)
            {
                *role = Role::Other;
            }
        }
        let twice =
            |i: usize, role: &Role| *role != Role::Other && roles.iter().take(i).any(|r| r == role);
        if let Some((_, (_, name))) =
            roles.iter().zip(&names).enumerate().find(|(i, (role, _))| twice(*i, role))
        {
            return bad(format!("it has two columns `{name}`"));
        }
        let stamp =
            lower.iter().position(|name| STAMPS.contains(&name.as_str())).unwrap_or_default();
        match roles.get_mut(stamp) {
            Some(role @ Role::Other) => *role = Role::Stamp,
            _ => {
                return bad(format!(
                    "it has no column `date` or `datetime`; its columns are {}",
                    quoted(names.iter().map(String::as_str))
                ));
            }
        }
        Ok(Self { roles, names })
    }

    /// The name of a column.
    pub(super) fn name(&self, column: usize) -> &str {
        self.names.get(column).map(String::as_str).unwrap_or_default()
    }

    /// Whether there is a column of a value.
    pub(super) fn has(&self, field: Field) -> bool {
        self.roles.contains(&Role::Field(field))
    }

    /// The names of the columns that nothing is made of.
    pub(super) fn ignored(&self) -> Vec<&str> {
        let pairs = self.roles.iter().zip(&self.names);
        pairs.filter(|(role, _)| **role == Role::Other).map(|(_, name)| name.as_str()).collect()
    }
}

impl Role {
    fn of(name: &str, daily: bool) -> Self {
        match name {
            "dividend" if daily => Self::Dividend,
            "split" if daily => Self::Split,
            "count" | "number_of_trades" => Self::Field(Field::Trades),
            "turnover" => Self::Field(Field::QuoteVolume),
            _ => name.parse().map_or(Self::Other, Self::Field),
        }
    }
}

fn quoted<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &str) -> Result<Header, String> {
        let names = names.split(',').map(str::to_owned).collect();
        Header::read(names, true).map_err(|reason| reason.to_string())
    }

    #[test]
    fn columns_are_found_by_name() {
        let header = read("Volume,Close,Low,High,Open,bid,DateTime,Split").unwrap();
        assert_eq!(header.roles[0], Role::Field(Field::Volume));
        assert_eq!(header.roles[6..], [Role::Stamp, Role::Split]);
        assert_eq!(header.ignored(), ["bid"]);
        assert_eq!(read(",open,high,low,close,volume").unwrap().roles[0], Role::Stamp);
        assert_eq!(
            read("x,date,open,high,low,close,volume").unwrap().roles[..2],
            [Role::Other, Role::Stamp]
        );
    }

    #[test]
    fn optional_values_have_several_names() {
        for (names, field) in [
            (&["trades", "count", "Number_of_Trades"][..], Field::Trades),
            (&["vwap", "VWAP"], Field::Vwap),
            (&["quote_volume", "turnover"], Field::QuoteVolume),
        ] {
            for name in names {
                let header = read(&format!("date,open,high,low,close,volume,{name}")).unwrap();
                assert_eq!(header.roles[6], Role::Field(field), "{name}");
            }
        }
        let header = read("date,open,high,low,close,volume,turnover,quote_volume").unwrap();
        assert_eq!(header.roles[6..], [Role::Field(Field::QuoteVolume), Role::Other]);
    }

    #[test]
    fn dividends_of_minutes_are_left() {
        let names = "t,open,high,low,close,volume,dividend".split(',').map(str::to_owned).collect();
        assert_eq!(Header::read(names, false).unwrap().ignored(), ["dividend"]);
    }

    #[test]
    fn faults_are_named() {
        for (names, detail) in [
            (
                "date,open,high,low",
                "it has no column `close`, `volume`; its columns are `date`, `open`, `high`, `low`",
            ),
            (
                "open,high,low,close,volume",
                "it has no column `date` or `datetime`; its columns are `open`, `high`, `low`, `close`, `volume`",
            ),
            ("date,open,high,low,close,Open,volume", "it has two columns `Open`"),
            (
                "2014-06-09,1,2",
                "it has no column `open`, `high`, `low`, `close`, `volume`; its columns are \
                 `2014-06-09`, `1`, `2`; its first line must name the columns",
            ),
        ] {
            assert_eq!(read(names).unwrap_err(), detail);
        }
    }
}
