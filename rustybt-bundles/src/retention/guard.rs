//! [`Guard`]: files are either being deleted or being copied, never both.
//!
//! Who copies files that the catalog named a moment ago shares `locks/collect.lock`; who deletes
//! files has it alone, and leaves them for another day where somebody copies. The system lets go of
//! it when the process ends, however that ends. Where several machines share a catalog, its server
//! keeps the same lock for those that do not see the file.

use std::fs::{File, TryLockError};

use crate::Error;
use crate::catalog::database::ServerLock;
use crate::layout::Layout;

/// The lock, held.
#[derive(Debug)]
pub(super) struct Guard {
    _file: File,
    _server: Option<ServerLock>,
}

/// The lock's name on a server of locks.
const NAME: &str = "collect";

impl Guard {
    /// To copy files: waits for whoever deletes some.
    pub(super) fn to_copy(layout: &Layout) -> Result<Self, Error> {
        let (file, path) = open(layout)?;
        file.lock_shared().map_err(Error::io("lock", path))?;
        let server = layout.lock_server().map(|locks| locks.shared(NAME)).transpose()?;
        Ok(Self { _file: file, _server: server })
    }

    /// To delete files; `None` where somebody copies or deletes some.
    pub(super) fn to_delete(layout: &Layout) -> Result<Option<Self>, Error> {
        let (file, path) = open(layout)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", path)(error)),
        }
        let Some(locks) = layout.lock_server() else {
            return Ok(Some(Self { _file: file, _server: None }));
        };
        let server = locks.try_exclusive(NAME)?;
        Ok(server.map(|server| Self { _file: file, _server: Some(server) }))
    }
}

fn open(layout: &Layout) -> Result<(File, std::path::PathBuf), Error> {
    let folder = layout.locks();
    std::fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    let path = folder.join("collect.lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    Ok((file.map_err(Error::io("open", &path))?, path))
}
