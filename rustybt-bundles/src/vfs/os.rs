//! [`OsFs`]: the file system of the machine.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{Entry, NewFile, StoredFile, Vfs};

/// The disk. A call that a signal interrupted is made again, and a short write goes on where it
/// stopped; nothing else is retried.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsFs;

impl Vfs for OsFs {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        Ok(Box::new(OsFile(File::create_new(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        // Elsewhere a folder is no file that could be synced.
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        absent(fs::remove_dir_all(path), ())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for (path, metadata) in entries(&folder)? {
                if metadata.is_dir() {
                    folders.push(path);
                } else {
                    let (bytes, changed) = (metadata.len(), metadata.modified().ok());
                    files.push(Entry { path, bytes, changed });
                }
            }
        }
        Ok(files)
    }

    fn folders(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let folders = entries(folder)?.into_iter().filter(|(_, metadata)| metadata.is_dir());
        Ok(folders.map(|(path, _)| path).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn StoredFile>> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        let (bytes, changed) = (metadata.len(), metadata.modified().ok());
        Ok(Box::new(OsStored { file, bytes, changed }))
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn free(&self, path: &Path) -> Option<u64> {
        #[cfg(unix)]
        {
            let space = rustix::fs::statvfs(path).ok()?;
            Some(space.f_bavail.saturating_mul(space.f_frsize))
        }
        #[cfg(not(unix))]
        {
            let _ = path;
            None
        }
    }
}

/// What lies in a folder. Links are not followed: whatever they lead to is not the store's.
fn entries(folder: &Path) -> io::Result<Vec<(PathBuf, Metadata)>> {
    let mut found = Vec::new();
    let Some(entries) = absent(fs::read_dir(folder).map(Some), None)? else { return Ok(found) };
    for entry in entries {
        let entry = entry?;
        // What went away meanwhile is not there.
        if let Some(metadata) = absent(entry.metadata().map(Some), None)? {
            found.push((entry.path(), metadata));
        }
    }
    Ok(found)
}

/// Takes something that is not there for `nothing`.
fn absent<T>(result: io::Result<T>, nothing: T) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(nothing),
        result => result,
    }
}

#[derive(Debug)]
struct OsFile(File);

impl NewFile for OsFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

#[derive(Debug)]
struct OsStored {
    file: File,
    bytes: u64,
    changed: Option<SystemTime>,
}

impl StoredFile for OsStored {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn changed(&self) -> Option<SystemTime> {
        self.changed
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            #[cfg(unix)]
            let read = std::os::unix::fs::FileExt::read_at(&self.file, buffer, at);
            #[cfg(windows)]
            let read = std::os::windows::fs::FileExt::seek_read(&self.file, buffer, at);
            match read {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_read_moved_listed_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let below = root.join("data/us");
        OsFs.create_folder(&below).unwrap();
        let mut file = OsFs.create(&below.join("new.tmp")).unwrap();
        file.write(b"one ").unwrap();
        file.write(b"two").unwrap();
        file.sync().unwrap();
        assert_eq!(
            OsFs.create(&below.join("new.tmp")).unwrap_err().kind(),
            ErrorKind::AlreadyExists
        );
        OsFs.rename(&below.join("new.tmp"), &below.join("new")).unwrap();
        OsFs.sync_folder(&below).unwrap();

        let listed = OsFs.list(root).unwrap();
        let [Entry { path, bytes: 7, changed: Some(_) }] = listed.as_slice() else {
            panic!("{listed:?}");
        };
        assert_eq!(OsFs.read(path).unwrap(), b"one two");
        let mut buffer = [0; 16];
        let opened = OsFs.open(path).unwrap();
        assert_eq!(opened.read_at(4, &mut buffer).unwrap(), 3);
        assert_eq!(opened.read_at(7, &mut buffer).unwrap(), 0);
        assert_eq!(OsFs.folders(&root.join("data")).unwrap(), std::slice::from_ref(&below));
        assert!(OsFs.free(root).is_none_or(|free| free > 0));

        OsFs.remove_file(path).unwrap();
        assert_eq!(opened.read_at(0, &mut buffer).unwrap(), 7, "what is open stays");
        OsFs.remove_folder(&below).unwrap();
        OsFs.remove_folder(&below).unwrap();
        assert!(OsFs.list(&below).unwrap().is_empty());
        assert!(OsFs.folders(&below).unwrap().is_empty());
    }
}
