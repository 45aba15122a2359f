//! Calendars: sessions, minutes, bars, and a correction of one's own.
//!
//! ```text
//! cargo run --example calendars
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::time::Duration;

use rustybt::calendars::{
    Calendar, Direction, Session, Side, Timestamp, TradingIndex, calendar, register,
};

fn main() -> Result<(), Box<dyn Error>> {
    let xnys = calendar("NYSE")?;

    // A week with a holiday and a half day, each with its reason.
    let (monday, friday): (Session, Session) = ("2019-11-25".parse()?, "2019-11-29".parse()?);
    for date in (monday.days()..=friday.days()).map(Session::from_days) {
        match xnys.reason(date) {
            None => println!("{date}"),
            Some(reason) => println!("{date} {}: {}", reason.kind, reason.label),
        }
    }
    assert_eq!(xnys.sessions_in_range(monday, friday).len(), 4);

    // From an instant to a session and on to bars.
    let lunch: Timestamp = "2019-11-29T17:00Z".parse()?;
    let session = xnys.minute_to_session(lunch, Direction::None, Side::Left)?;
    let hourly = TradingIndex::every(Duration::from_hours(1))?.force_close(true);
    let bars = hourly.intervals(&xnys, session, session)?;
    assert_eq!(bars.len(), 4);
    println!("the last bar of {session}: {}", bars[3]);

    // What the exchange announced this morning, until the shipped file has it.
    let corrected: Calendar = xnys.overlaid(
        "notice.toml",
        r#"
        overlay = "XNYS"
        source = "a notice of the exchange"
        [[dates]]
        label = "Storm"
        on = ["2019-12-02"]
        "#,
    )?;
    register(corrected)?;
    let storm = "2019-12-02".parse()?;
    let reason = calendar("XNYS")?.reason(storm).map(|reason| reason.label.to_owned());
    assert_eq!(reason.as_deref(), Some("Storm"));
    println!("after {friday} comes {}", calendar("XNYS")?.next_session(friday)?);
    Ok(())
}
