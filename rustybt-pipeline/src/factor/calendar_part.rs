//! Where in the week, the month and the year a session lies.

use ndarray::ArrayViewMut1;
use rustybt_calendars::Session;

use super::{CustomFactor, Windows};
use crate::period::civil;
use crate::{BoundColumn, EquityPricing, Parameters};

/// A part of the date of the session: the same number for every asset, known before it opens.
///
/// * **Output** a whole number; safe to window again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CalendarPart {
    /// 0 on Mondays to 6 on Sundays.
    DayOfWeek,
    /// From 1.
    DayOfMonth,
    /// From 1.
    DayOfYear,
    /// 1 to 12.
    Month,
    /// 1 to 4.
    Quarter,
    /// As in 2014.
    Year,
}

impl CalendarPart {
    /// Every part.
    pub const ALL: [Self; 6] = [
        Self::DayOfWeek,
        Self::DayOfMonth,
        Self::DayOfYear,
        Self::Month,
        Self::Quarter,
        Self::Year,
    ];

    /// The name in pipeline files.
    pub const fn label(self) -> &'static str {
        match self {
            Self::DayOfWeek => "DayOfWeek",
            Self::DayOfMonth => "DayOfMonth",
            Self::DayOfYear => "DayOfYear",
            Self::Month => "MonthOfYear",
            Self::Quarter => "QuarterOfYear",
            Self::Year => "Year",
        }
    }

    /// The number of a session.
    ///
    /// ```
    /// use rustybt_pipeline::CalendarPart;
    ///
    /// let friday = "2014-06-06".parse()?;
    /// assert_eq!(CalendarPart::DayOfWeek.of(friday), 4.0);
    /// assert_eq!(CalendarPart::DayOfYear.of(friday), 157.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(self, session: Session) -> f64 {
        let days = session.days();
        let (year, month) = civil(i64::from(days));
        let since = |month: i64| {
            let first = Session::from_ymd(year as i32, month as u32, 1);
            first.map_or(f64::NAN, |first| f64::from(days - first.days() + 1))
        };
        match self {
            // 1970-01-01 was a Thursday.
            Self::DayOfWeek => f64::from((days + 3).rem_euclid(7)),
            Self::DayOfMonth => since(month),
            Self::DayOfYear => since(1),
            Self::Month => month as f64,
            Self::Quarter => ((month - 1) / 3 + 1) as f64,
            Self::Year => year as f64,
        }
    }
}

impl CustomFactor for CalendarPart {
    fn name(&self) -> &'static str {
        self.label()
    }

    fn window_length(&self) -> usize {
        1
    }

    fn inputs(&self) -> Vec<BoundColumn> {
        // Not looked at: a factor has an input.
        vec![EquityPricing::CLOSE]
    }

    fn window_safe(&self) -> bool {
        true
    }

    fn parameters(&self) -> Option<Parameters> {
        Some(Parameters::new())
    }

    fn compute(&self, windows: &Windows<'_>, mut out: ArrayViewMut1<'_, f64>) {
        out.fill(self.of(windows.session()));
    }
}
