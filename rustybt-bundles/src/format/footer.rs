//! [`Footer`]: what a data file says of itself, so that a lost catalog can be made again.

use parquet::file::metadata::KeyValue;

use super::{ColumnSpec, Kind};

/// A data file's place in the store, kept in its footer as `rustybt.*`.
///
/// Neither a clock nor chance is in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Footer {
    /// The bundle's name.
    pub(crate) bundle: String,
    /// The bundle's calendar.
    pub(crate) calendar: String,
    /// The table's name.
    pub(crate) table: String,
    /// The bars' frequency; empty for other tables.
    pub(crate) frequency: String,
    pub(crate) part: i64,
    pub(crate) period: i64,
    /// Which of the files of one part and period it is.
    pub(crate) segment: i64,
    /// The version that the file first belongs to.
    pub(crate) version: u64,
    /// The table's digits behind the point: `price=4 size=0`.
    pub(crate) scales: String,
    /// What decides where the rows of a table with a schema of its own lie, as JSON; else empty.
    pub(crate) records: String,
}

impl Footer {
    /// The entries of a file's metadata.
    pub(super) fn key_values(&self, specs: &[ColumnSpec]) -> Vec<KeyValue> {
        let schema: Vec<(&str, String)> =
            specs.iter().map(|spec| (spec.name.as_ref(), spec.kind.ducklake())).collect();
        [
            ("bundle", self.bundle.clone()),
            ("calendar", self.calendar.clone()),
            ("table", self.table.clone()),
            ("frequency", self.frequency.clone()),
            ("part", self.part.to_string()),
            ("period", self.period.to_string()),
            ("segment", self.segment.to_string()),
            ("version", self.version.to_string()),
            ("scales", self.scales.clone()),
            ("records", self.records.clone()),
            ("schema", serde_json::json!(schema).to_string()),
        ]
        .map(|(key, value)| KeyValue::new(format!("rustybt.{key}"), value))
        .into()
    }

    /// What a file says of itself, and its columns; `None` where it says nothing that is understood.
    pub(crate) fn read(entries: &[KeyValue]) -> Option<(Self, Vec<ColumnSpec>)> {
        let text = |key: &str| -> Option<String> {
            let found =
                entries.iter().find(|entry| entry.key.strip_prefix("rustybt.") == Some(key));
            found?.value.clone()
        };
        let number = |key: &str| text(key)?.parse::<i64>().ok();
        let schema: Vec<(String, String)> = serde_json::from_str(&text("schema")?).ok()?;
        let specs = schema
            .into_iter()
            .map(|(name, kind)| Some(ColumnSpec::new(name, Kind::from_ducklake(&kind)?)))
            .collect::<Option<_>>()?;
        let footer = Self {
            bundle: text("bundle")?,
            calendar: text("calendar")?,
            table: text("table")?,
            frequency: text("frequency")?,
            part: number("part")?,
            period: number("period")?,
            segment: number("segment")?,
            version: u64::try_from(number("version")?).ok()?,
            scales: text("scales")?,
            records: text("records").unwrap_or_default(),
        };
        Some((footer, specs))
    }
}
