//! Synthetic bars as CSV text, as zipline's csvdir bundles have it.

use std::fmt::Write;

use rustybt_calendars::Session;

use crate::{Action, RawBars, Stamps};

/// Bars as text; daily bars with a dividend and a split column.
pub(super) fn csv(bars: &RawBars, events: &[(Session, Action)]) -> String {
    let mut text = String::with_capacity(bars.len() * 64 + 64);
    let mut events = events.iter().peekable();
    text.push_str(match &bars.stamps {
        Stamps::Sessions(_) => "date,open,high,low,close,volume,dividend,split\n",
        Stamps::Instants(_) => "datetime,open,high,low,close,volume\n",
    });
    for row in 0..bars.len() {
        text.push_str(&bars.stamps.text(row));
        for (_, column) in &bars.columns {
            text.push(',');
            if let Some(value) = column.get(row) {
                push_number(&mut text, value.mantissa(), value.scale());
            }
        }
        if let Stamps::Sessions(sessions) = &bars.stamps {
            let (mut dividend, mut split) = (0, 10);
            while let Some((_, action)) = events.next_if(|(day, _)| sessions.get(row) >= Some(day))
            {
                match action {
                    Action::Dividend { amount, .. } => {
                        dividend += amount.mantissa_at(2).unwrap_or(0);
                    }
                    Action::Split { new, old } => split = (10 * new / old) as i64,
                    _ => {}
                }
            }
            text.push(',');
            push_number(&mut text, dividend, 2);
            text.push(',');
            push_number(&mut text, split.into(), 1);
        }
        text.push('\n');
    }
    text
}

/// Writes `mantissa / 10^scale`.
fn push_number(text: &mut String, mantissa: i128, scale: u8) {
    let power = 10_i128.pow(u32::from(scale));
    // Writing to a string does not fail.
    let _ = write!(text, "{}", mantissa / power);
    if scale > 0 {
        let _ = write!(text, ".{:0width$}", mantissa % power, width = usize::from(scale));
    }
}
