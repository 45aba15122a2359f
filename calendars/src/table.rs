//! Named tables: the dates of feasts that are announced year by year, since no formula gives them.
//!
//! A table holds what was announced and observed. Years that it does not reach are continued by an anchor
//! if one comes near, such as the tabular Islamic calendar: those dates are projections, and the verified
//! range of a calendar that uses a table ends with the table's.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::Datelike;
use serde::Deserialize;

use crate::Error;
use crate::anchor::Anchor;
use crate::raw::OneOrMany;
use crate::session::Session;

/// The tables of one country.
struct File {
    country: &'static str,
    text: &'static str,
    feasts: OnceLock<Result<BTreeMap<String, Feast>, String>>,
}

/// The tables shipped with the crate. Adding a country is adding its file and its line here.
static FILES: [File; 14] = [
    File::new("china", include_str!("../data/table/china.toml")),
    File::new("india", include_str!("../data/table/india.toml")),
    File::new("indonesia", include_str!("../data/table/indonesia.toml")),
    File::new("japan", include_str!("../data/table/japan.toml")),
    File::new("kazakhstan", include_str!("../data/table/kazakhstan.toml")),
    File::new("malaysia", include_str!("../data/table/malaysia.toml")),
    File::new("new-zealand", include_str!("../data/table/new-zealand.toml")),
    File::new("pakistan", include_str!("../data/table/pakistan.toml")),
    File::new("philippines", include_str!("../data/table/philippines.toml")),
    File::new("russia", include_str!("../data/table/russia.toml")),
    File::new("saudi-arabia", include_str!("../data/table/saudi-arabia.toml")),
    File::new("singapore", include_str!("../data/table/singapore.toml")),
    File::new("thailand", include_str!("../data/table/thailand.toml")),
    File::new("turkey", include_str!("../data/table/turkey.toml")),
];

/// The dates of one feast.
#[derive(Debug, PartialEq)]
pub(crate) struct Feast {
    /// Ascending.
    dates: Vec<Session>,
    verified: (Session, Session),
    /// What continues the table into the years it does not reach.
    beyond: Vec<Anchor>,
    source: String,
}

/// A table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFeast {
    /// Dates, and runs like `2026-02-16..2026-02-20`.
    dates: Vec<String>,
    verified: [Session; 2],
    beyond: Option<OneOrMany>,
    /// Where the facts can be read up.
    source: String,
}

impl Feast {
    /// The feast called `name`, such as `turkey/eid-al-fitr`; the error says which there are.
    pub(crate) fn named(name: &str) -> Result<&'static Self, String> {
        let (country, feast) = name.split_once('/').unwrap_or((name, ""));
        let file = FILES.iter().find(|file| file.country == country).ok_or_else(|| {
            let known: Vec<_> = FILES.iter().map(|file| file.country).collect();
            format!("there is no table `{name}`; there are tables of {}", known.join(", "))
        })?;
        let feasts = file.feasts.get_or_init(|| parse(file.text)).as_ref();
        let feasts = feasts.map_err(|problem| format!("table `{country}`: {problem}"))?;
        feasts.get(feast).ok_or_else(|| {
            let known: Vec<_> = feasts.keys().map(|feast| format!("`{country}/{feast}`")).collect();
            format!("there is no table `{name}`; expected one of {}", known.join(", "))
        })
    }

    /// Its dates in `year`, ascending: announced ones, or projections beyond the table.
    pub(crate) fn dates(&self, year: i32, out: &mut Vec<Session>) {
        let first_of = |year| self.dates.partition_point(|date| date.date().year() < year);
        let dates = &self.dates[first_of(year)..first_of(year.saturating_add(1))];
        out.extend(dates);
        let (first, last) = self.verified;
        if dates.is_empty() && !(first.date().year()..=last.date().year()).contains(&year) {
            // The twelfth month of a lunar year falls into the civil year after it.
            let mut near = Vec::new();
            for anchor in &self.beyond {
                anchor.dates(year.saturating_sub(1), &[], &mut near);
                anchor.dates(year, &[], &mut near);
            }
            near.retain(|date| date.date().year() == year);
            near.sort_unstable();
            near.dedup();
            out.append(&mut near);
        }
    }

    /// Where its dates can be read up.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The dates for which the table says all there is.
    pub(crate) fn verified(&self) -> (Session, Session) {
        self.verified
    }
}

impl File {
    const fn new(country: &'static str, text: &'static str) -> Self {
        Self { country, text, feasts: OnceLock::new() }
    }
}

fn parse(text: &str) -> Result<BTreeMap<String, Feast>, String> {
    let raw: BTreeMap<String, RawFeast> =
        toml::from_str(text).map_err(|error| error.to_string())?;
    raw.into_iter()
        .map(|(name, raw)| match feast(raw) {
            Ok(feast) => Ok((name, feast)),
            Err(problem) => Err(format!("`{name}`: {problem}")),
        })
        .collect()
}

fn feast(raw: RawFeast) -> Result<Feast, String> {
    let mut dates = Vec::with_capacity(raw.dates.len());
    for entry in &raw.dates {
        dates.extend(run(entry)?);
    }
    if let Some(at) = dates.windows(2).position(|pair| pair[0] >= pair[1]) {
        return Err(format!("{} follows {}; expected ascending dates", dates[at + 1], dates[at]));
    }
    let beyond = raw.beyond.map_or(Vec::new(), OneOrMany::into_vec);
    let beyond = beyond.iter().map(|anchor| Anchor::parse(anchor));
    let beyond = beyond.collect::<Result<_, _>>().map_err(|problem| problem.text)?;
    Ok(Feast { dates, verified: raw.verified.into(), beyond, source: raw.source })
}

/// The days of a run like `2026-02-16..2026-02-20`, or the one day of a date.
pub(crate) fn run(text: &str) -> Result<impl Iterator<Item = Session> + use<>, String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let first: Session = first.parse().map_err(|error: Error| error.to_string())?;
    let last: Session = last.parse().map_err(|error: Error| error.to_string())?;
    if first > last {
        return Err(format!("it begins on {first}, after its end on {last}"));
    }
    Ok((first.days()..=last.days()).map(Session::from_days))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(feast: &Feast, year: i32) -> Vec<String> {
        let mut out = Vec::new();
        feast.dates(year, &mut out);
        out.iter().map(ToString::to_string).collect()
    }

    fn read(text: &str) -> Result<Feast, String> {
        parse(text).map(|mut feasts| feasts.remove("feast").unwrap())
    }

    const FEAST: &str = r#"
        [feast]
        source = "here"
        verified = ["2020-01-01", "2022-12-31"]
        beyond = ["islamic 10-01", "islamic 10-01 +1"]
        dates = ["2020-05-24", "2022-05-02..2022-05-04", "2024-04-09"]
    "#;

    #[test]
    fn a_table_is_what_it_says_and_a_projection_beyond() {
        let feast = read(FEAST).unwrap();
        assert_eq!(dates(&feast, 2020), ["2020-05-24"]);
        assert_eq!(dates(&feast, 2021), [""; 0], "within its range, no row is no feast");
        assert_eq!(dates(&feast, 2022), ["2022-05-02", "2022-05-03", "2022-05-04"]);
        assert_eq!(dates(&feast, 2023), ["2023-04-22", "2023-04-23"], "projected");
        assert_eq!(dates(&feast, 2024), ["2024-04-09"], "announced early");
        assert_eq!(dates(&feast, 2019), ["2019-06-05", "2019-06-06"]);

        let winter = FEAST.replace("islamic 10-01", "chinese 12-15");
        assert_eq!(dates(&read(&winter).unwrap(), 2023), ["2023-01-06", "2023-01-07"]);
    }

    #[test]
    fn a_table_is_read_strictly() {
        for (from, to, expected) in [
            ("2024-04-09", "2021-04-09", "expected ascending dates"),
            ("2022-05-04", "2022-05-01", "after its end"),
            ("2020-05-24", "2020-05-32", "is not a date"),
            ("islamic", "islamique", "is no anchor"),
            ("source", "sauce", "unknown field `sauce`"),
        ] {
            let error = read(&FEAST.replace(from, to)).unwrap_err();
            assert!(error.contains(expected), "{to}: {error}");
        }
    }

    #[test]
    fn every_shipped_table_can_be_read_and_is_found_by_name() {
        for file in &FILES {
            let feasts =
                parse(file.text).unwrap_or_else(|error| panic!("{}: {error}", file.country));
            for (name, feast) in feasts {
                assert_eq!(Feast::named(&format!("{}/{name}", file.country)), Ok(&feast));
                let (first, last) = feast.verified;
                assert!(first < last && !feast.dates.is_empty(), "{}/{name}", file.country);
            }
        }
        assert!(Feast::named("atlantis/flood").unwrap_err().contains("turkey"));
        assert!(Feast::named("turkey").unwrap_err().contains("turkey/eid-al-fitr"));
    }
}
