//! Pins of a store: see [`Pin`].

use crate::{BundleName, Error, Pin, PinName, Store};

impl Store {
    /// Gives a version a name, so that it is kept. A name that stands for this version already is
    /// given the new note.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`], [`Error::NoVersion`]; [`Error::PinTaken`] where the name stands
    /// for another version.
    pub fn pin(&self, name: &BundleName, pin: &Pin) -> Result<(), Error> {
        let catalog = self.catalog();
        catalog.pin(&catalog.bundle(name)?, pin, false)
    }

    /// Gives a version a name that may stand for another one so far.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`], [`Error::NoVersion`].
    pub fn move_pin(&self, name: &BundleName, pin: &Pin) -> Result<(), Error> {
        let catalog = self.catalog();
        catalog.pin(&catalog.bundle(name)?, pin, true)
    }

    /// Takes a name away; gives back what it stood for.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`], [`Error::UnknownPin`].
    pub fn unpin(&self, name: &BundleName, pin: &PinName) -> Result<Pin, Error> {
        let catalog = self.catalog();
        catalog.unpin(&catalog.bundle(name)?, pin)
    }

    /// The pins of a bundle, by name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`].
    pub fn pins(&self, name: &BundleName) -> Result<Vec<Pin>, Error> {
        let catalog = self.catalog();
        catalog.pins(&catalog.bundle(name)?)
    }
}
