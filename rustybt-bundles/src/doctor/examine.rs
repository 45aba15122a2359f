//! Looking at a store whose catalog can be read.

use super::{Ailment, Diagnosis, DoctorOptions, Remedy};
use crate::error::chain;
use crate::layout::Layout;
use crate::{At, BundleName, CatalogUrl, Error, Store, recover};

/// Looks at every bundle, and at what was left behind.
pub(super) fn examine(
    store: &Store,
    options: DoctorOptions,
    diagnosis: &mut Diagnosis,
) -> Result<(), Error> {
    leftovers(store, options, diagnosis)?;
    for name in store.bundles()? {
        diagnosis.bundles += 1;
        let versions = match store.versions(&name) {
            Ok(versions) => versions,
            Err(error) => {
                let (bundle, detail) = (name.clone(), chain(&error));
                let ailment = Ailment::VersionDamaged { bundle, version: 0, detail };
                diagnosis.add(ailment, Remedy::ByHand(restore()));
                continue;
            }
        };
        for version in versions {
            diagnosis.versions += 1;
            let Err(error) = open(store, &name, version.version) else {
                continue;
            };
            let (bundle, detail) = (name.clone(), chain(&error));
            let ailment = Ailment::VersionDamaged { bundle, version: version.version, detail };
            diagnosis.add(ailment, Remedy::ByHand(restore()));
        }
    }
    let report = store.verify(None)?;
    diagnosis.files += report.files;
    for damage in report.damaged {
        let ailment =
            Ailment::FileDamaged { bundle: damage.bundle, path: damage.path, fault: damage.fault };
        let what = "put it back from a backup (`rustybt restore`), or ingest all its data again: \
                    that writes the file anew in a new version";
        diagnosis.add(ailment, Remedy::ByHand(what.to_owned()));
    }
    for path in report.orphans {
        let bytes = store.layout.vfs().length(&path).unwrap_or(0);
        let why = "it is left alone, because nobody is known to have written it; remove it by hand \
                   where you know better";
        diagnosis.add(Ailment::Unknown { path, bytes }, Remedy::None(why.to_owned()));
    }
    Ok(())
}

/// What SQLite finds wrong with the catalog's structure.
pub(super) fn catalog_damage(store: &Store) -> Result<Option<String>, Error> {
    store.catalog().database.damage()
}

/// Reads what the catalog says of a version, which its seal vouches for.
fn open(store: &Store, name: &BundleName, version: u64) -> Result<(), Error> {
    let catalog = store.catalog();
    let bundle = catalog.bundle(name)?;
    let version = catalog.version(&bundle, &At::Version(version))?;
    catalog.tables(&bundle, version.snapshot).map(drop)
}

/// What dead ingests have left is known by name, and can go.
fn leftovers(
    store: &Store,
    options: DoctorOptions,
    diagnosis: &mut Diagnosis,
) -> Result<(), Error> {
    if options.repair {
        let recovered = store.recover()?;
        if recovered.ingests > 0 {
            let how = format!("{} files, {} bytes removed", recovered.files, recovered.bytes);
            let ailment = Ailment::Leftovers { ingests: recovered.ingests };
            diagnosis.add(ailment, Remedy::Done(how));
        }
        return Ok(());
    }
    let dead = recover::dead(&store.layout, &store.catalog)?;
    if dead > 0 {
        let ailment = Ailment::Leftovers { ingests: dead as u64 };
        diagnosis.add(ailment, Remedy::Repair("remove what they have left".to_owned()));
    }
    Ok(())
}

fn restore() -> String {
    "open another version, or restore a backup (`rustybt restore`); where the newest version is \
     damaged, an ingest cannot go on from it"
        .to_owned()
}

/// Whether an error of opening a store says that its catalog is of no use, and not that somebody
/// may not read it or that it is newer than this program. A server that cannot be asked has lost
/// nothing.
pub(super) fn is_of_the_catalog(error: &Error, layout: &Layout) -> bool {
    match error {
        Error::Corrupt { .. } | Error::CatalogLost { .. } => true,
        Error::Catalog { .. } => matches!(layout.catalog(), CatalogUrl::Sqlite(_)),
        _ => false,
    }
}
