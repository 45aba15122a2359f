//! Pins: names for versions.

use rustybt_calendars::Timestamp;

use super::database::{Row, Session, args};
use super::{BundleRow, Catalog};
use crate::{BundleName, Error, Pin, PinName};

const PINS: &str = "SELECT name, version, note, created_us FROM rbt_pin WHERE bundle_id = ?1 \
                    ORDER BY name";

impl Catalog {
    /// The pins of a bundle, by name.
    pub(crate) fn pins(&self, bundle: &BundleRow) -> Result<Vec<Pin>, Error> {
        pins(&self.database, bundle.id)
    }

    /// The version that a pin stands for.
    pub(super) fn pinned(&self, bundle: &BundleRow, name: &PinName) -> Result<u64, Error> {
        let pins = self.pins(bundle)?;
        match pins.iter().find(|pin| pin.name == *name) {
            Some(pin) => Ok(pin.version),
            None => Err(unknown(&bundle.name, name, pins)),
        }
    }

    /// Gives a version a name. A name that stands for another version is moved where `moving`
    /// says so, and refused otherwise.
    pub(crate) fn pin(&self, bundle: &BundleRow, pin: &Pin, moving: bool) -> Result<(), Error> {
        self.database.write(|session| {
            // Within the transaction, so that nobody drops the version in between.
            let version = session.row(
                "SELECT version FROM rbt_bundle_version \
                 WHERE bundle_id = ?1 AND version = ?2 AND state = 'committed'",
                args![bundle.id, pin.version],
            )?;
            if version.is_none() {
                return Err(self.no_version(bundle, pin.version)?);
            }
            let pins = pins(session, bundle.id)?;
            if let Some(taken) = pins.into_iter().find(|known| known.name == pin.name)
                && taken.version != pin.version
                && !moving
            {
                let (bundle, name) = (bundle.name.clone(), pin.name.clone());
                return Err(Error::PinTaken { bundle, name, version: taken.version });
            }
            session.execute(
                "INSERT INTO rbt_pin(bundle_id, name, version, note, created_us) \
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT(bundle_id, name) DO UPDATE SET \
                 version = excluded.version, note = excluded.note, created_us = excluded.created_us",
                args![
                    bundle.id,
                    pin.name.as_str(),
                    pin.version,
                    pin.note.as_deref(),
                    pin.created.micros()
                ],
            )?;
            Ok(())
        })
    }

    /// Takes a name away; gives back what it stood for.
    pub(crate) fn unpin(&self, bundle: &BundleRow, name: &PinName) -> Result<Pin, Error> {
        self.database.write(|session| {
            let mut pins = pins(session, bundle.id)?;
            let Some(at) = pins.iter().position(|pin| pin.name == *name) else {
                return Err(unknown(&bundle.name, name, pins));
            };
            session.execute(
                "DELETE FROM rbt_pin WHERE bundle_id = ?1 AND name = ?2",
                args![bundle.id, name.as_str()],
            )?;
            Ok(pins.swap_remove(at))
        })
    }
}

pub(super) fn pins(session: &Session, bundle: i64) -> Result<Vec<Pin>, Error> {
    session.rows(PINS, args![bundle])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Pin, Error> {
    Ok(Pin {
        name: PinName::new(row.text(0)?)?,
        version: row.count(1)?,
        note: row.optional_text(2)?.map(str::to_owned),
        created: Timestamp::from_micros(row.int(3)?),
    })
}

fn unknown(bundle: &BundleName, name: &PinName, known: Vec<Pin>) -> Error {
    let known = known.into_iter().map(|pin| pin.name).collect();
    Error::UnknownPin { bundle: bundle.clone(), name: name.clone(), known }
}
