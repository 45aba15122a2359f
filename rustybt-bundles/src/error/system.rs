//! What the operating system says, in terms of the store.

use std::path::PathBuf;

use crate::Error;

impl Error {
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        use std::io::ErrorKind;
        let path = path.into();
        move |source| match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                Self::DiskFull { action, path, needed: None, free: None, source }
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Self::Denied { action, path, source }
            }
            _ if is_too_many_files(&source) => Self::TooManyFiles { action, path, source },
            _ => Self::Io { action, path, source },
        }
    }

    pub(crate) fn corrupt(path: impl Into<PathBuf>, detail: impl Into<String>) -> Self {
        Self::Corrupt { path: path.into(), detail: detail.into() }
    }
}

/// `EMFILE` and `ENFILE`, which have no kind of their own.
fn is_too_many_files(error: &std::io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}
