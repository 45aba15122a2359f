//! [`StoreOptions`]: how a store is opened.

use std::path::Path;
use std::sync::Arc;

use crate::layout::Layout;
use crate::vfs::{OsFs, Vfs};
use crate::{CacheOptions, CatalogUrl, Error, Store};

/// How to open a store: whether to make one, and where its files lie.
///
/// ```
/// use rustybt_bundles::StoreOptions;
///
/// # let folder = tempfile::tempdir()?;
/// let store = StoreOptions::new().create(true).open(folder.path())?;
/// assert!(store.bundles()?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct StoreOptions {
    create: bool,
    catalog: Option<CatalogUrl>,
    vfs: Arc<dyn Vfs>,
    caches: CacheOptions,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { create: false, catalog: None, vfs: Arc::new(OsFs), caches: CacheOptions::default() }
    }
}

impl StoreOptions {
    /// A store that is there, on the disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether to make a store where there is none.
    #[must_use]
    pub fn create(mut self, create: bool) -> Self {
        self.create = create;
        self
    }

    /// Where the data files lie, in place of the disk. The catalog, the locks and the tiles stay
    /// on the disk.
    #[must_use]
    pub fn vfs(mut self, vfs: Arc<dyn Vfs>) -> Self {
        self.vfs = vfs;
        self
    }

    /// Where the catalog is, in place of `catalog.sqlite` in the folder.
    #[must_use]
    pub fn catalog(mut self, catalog: impl Into<CatalogUrl>) -> Self {
        self.catalog = Some(catalog.into());
        self
    }

    /// How much is kept in caches, and where.
    #[must_use]
    pub fn caches(mut self, caches: CacheOptions) -> Self {
        self.caches = caches;
        self
    }

    /// Where everything of the store at a folder lies.
    pub(crate) fn layout(&self, root: &Path) -> Result<Layout, Error> {
        Layout::new(root, self.catalog.clone(), Arc::clone(&self.vfs), &self.caches)
    }

    /// Opens the store at a folder.
    ///
    /// # Errors
    ///
    /// As [`Store::open`] and [`Store::open_or_create`].
    pub fn open(self, root: &Path) -> Result<Store, Error> {
        if self.create {
            std::fs::create_dir_all(root).map_err(Error::io("create", root))?;
        }
        Store::at(self.layout(root)?, self.create)
    }
}
