//! Which store the settings mean, and how it is opened.

use std::path::{Path, PathBuf};

use rustybt_bundles::{Store, StoreOptions};

use super::Context;
use crate::environment;
use crate::error::Error;

impl Context {
    /// The folder of the data, which need not be there.
    pub(super) fn data_dir(&self) -> Result<&Path, Error> {
        let folder = self.settings.data_dir.value.as_path();
        if folder.is_file() {
            return Err(Error::DataDirIsFile { path: folder.to_owned() });
        }
        match url(folder) {
            Some(url) => Err(Error::DataDirIsUrl { url: url.to_owned() }),
            None => Ok(folder),
        }
    }

    /// The folder on this machine: that of the data, or what belongs to an address.
    pub(super) fn folder(&self) -> Result<PathBuf, Error> {
        match url(&self.settings.data_dir.value) {
            Some(url) => folder_of(url),
            None => self.data_dir().map(Path::to_owned),
        }
    }

    /// The store, which must be there.
    pub(crate) fn store(&self) -> Result<Store, Error> {
        let (folder, options) = self.place()?;
        Ok(options.open(&folder)?)
    }

    /// The store; made where it is not there.
    pub(super) fn store_or_new(&self) -> Result<Store, Error> {
        let (folder, options) = self.place()?;
        Ok(options.create(true).open(&folder)?)
    }

    /// The store, if it is there.
    pub(super) fn store_if_any(&self) -> Result<Option<Store>, Error> {
        let (folder, options) = self.place()?;
        match options.open(&folder) {
            Ok(store) => Ok(Some(store)),
            Err(rustybt_bundles::Error::NoStore { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The folder on this machine, and how the settings want the store to be opened.
    pub(super) fn place(&self) -> Result<(PathBuf, StoreOptions), Error> {
        let mut options = StoreOptions::new().caches(self.settings.cache.options());
        if let Some(catalog) = &self.settings.catalog.value {
            options = options.catalog(catalog.clone());
        }
        let folder = self.folder()?;
        match url(&self.settings.data_dir.value) {
            Some(url) => far(url, &folder, options).map(|options| (folder, options)),
            None => Ok((folder, options)),
        }
    }
}

/// The address of an object store, where the setting is one.
fn url(data_dir: &Path) -> Option<&str> {
    let text = data_dir.to_str()?;
    let (scheme, _) = text.split_once("://")?;
    scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(text)
}

/// What is only of this machine lies in the user's folder.
fn folder_of(url: &str) -> Result<PathBuf, Error> {
    let home = environment::home().ok_or(Error::NoHome)?;
    // One folder for each address, whose name is nobody else's.
    let name: String = url
        .bytes()
        .map(|byte| match byte {
            b'-' | b'.' => char::from(byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("_{byte:02x}"),
        })
        .collect();
    Ok(home.join(".rustybt/remote").join(name))
}

/// Data in an object store.
#[cfg(feature = "object-store")]
fn far(url: &str, folder: &Path, options: StoreOptions) -> Result<StoreOptions, Error> {
    let variables = environment::variables(&["AWS_", "GOOGLE_", "AZURE_"]);
    let vfs = rustybt_bundles::vfs::ObjectFs::new(url, folder, variables)
        .map_err(|source| Error::BadDataUrl { url: url.to_owned(), source })?;
    Ok(options.vfs(std::sync::Arc::new(vfs)))
}

#[cfg(not(feature = "object-store"))]
fn far(url: &str, _: &Path, _: StoreOptions) -> Result<StoreOptions, Error> {
    Err(Error::DataDirIsUrl { url: url.to_owned() })
}
