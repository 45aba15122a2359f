//! Retention: which versions stay, and what becomes of the files of those that do not.
//!
//! 1. **Choose**: of the versions that the caller calls old, the newest of the bundle, those with a
//!    pin and those that somebody reads stay.
//! 2. **Expire**: in one transaction the others leave the catalog, and the files that only they
//!    had are written down as waiting to be deleted.
//! 3. **Unlink**: after the grace period, the files are deleted.
//! 4. **Forget**: what is deleted is no longer written down.
//!
//! A kill between any two of these leaves a store that is whole, and the next clean-up goes on where
//! it was. Only files that the catalog wrote down are ever deleted: what nobody knows, stays.
//!
//! Copies of what stays are made here, too: frozen catalogs, backups, archives.

mod age;
mod backup;
mod clean;
mod collect;
mod copy;
mod csv;
mod freeze;
mod guard;
mod old;
mod pins;
mod restore;
mod retain;
mod stats;
mod tiles;

pub use self::age::Age;
pub use self::backup::{BackupOptions, BackupReport};
pub use self::clean::{CleanOptions, CleanReport, DroppedVersion, Keeping, KeptVersion};
pub use self::copy::Copying;
pub(crate) use self::copy::{Listed, hash, sync_folder};
pub use self::freeze::{FreezeOptions, FreezeReport};
pub use self::old::Old;
pub use self::restore::{RestoreOptions, RestoreReport};
pub use self::retain::{RetainOptions, RetainPolicy, RetainReport, RetiredPeriod};
pub use self::stats::{BundleStats, Stats, TableStats};
