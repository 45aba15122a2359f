//! Where an SQLite catalog may lie: on a disk of this machine.
//!
//! The write-ahead log is shared memory between the processes that have the catalog open, and their
//! locks are those of one kernel. On a network file system two machines can each hold "the" lock and
//! each see their own memory: SQLite's documentation says not to, and catalogs break.

use std::path::Path;

use crate::Error;

/// Refuses a catalog on a network file system.
pub(super) fn check(catalog: &Path) -> Result<(), Error> {
    let folder = catalog.parent().unwrap_or(catalog);
    match network(folder) {
        Some(kind) => Err(Error::NetworkFileSystem { path: catalog.to_owned(), kind }),
        None => Ok(()),
    }
}

/// The kind of the network file system that a folder lies on; `None` for a disk, and where it
/// cannot be told.
#[cfg(target_os = "linux")]
fn network(folder: &Path) -> Option<String> {
    let magic = rustix::fs::statfs(folder).ok()?.f_type;
    // The type is wider on some machines than the number is.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::allow_attributes)]
    let magic = magic as u32;
    if magic == FUSE {
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
        let folder = folder.canonicalize().ok()?;
        return remote_fuse(mount_of(&mounts, &folder)?).map(str::to_owned);
    }
    by_magic(magic).map(str::to_owned)
}

#[cfg(not(target_os = "linux"))]
fn network(_: &Path) -> Option<String> {
    None
}

#[cfg(any(target_os = "linux", test))]
const FUSE: u32 = 0x6573_5546;

/// Kinds by the number that `statfs` gives.
#[cfg(any(target_os = "linux", test))]
fn by_magic(magic: u32) -> Option<&'static str> {
    Some(match magic {
        0x6969 => "nfs",
        0x517B => "smb",
        0xFF53_4D42 => "cifs",
        0xFE53_4D42 => "smb2",
        // Plan 9's: folders of the host in virtual machines and in WSL, without shared memory.
        0x0102_1997 => "9p",
        0x5346_414F => "afs",
        0x7375_7245 => "coda",
        0x00C3_6400 => "ceph",
        0x0BD0_0BD0 => "lustre",
        0x4750_4653 => "gpfs",
        0x0116_1970 => "gfs2",
        0x7461_636F => "ocfs2",
        0x786F_4256 => "vboxsf",
        _ => return None,
    })
}

/// Programs behind FUSE whose files lie elsewhere; most others are file systems of local disks.
#[cfg(any(target_os = "linux", test))]
fn remote_fuse(kind: &str) -> Option<&str> {
    const REMOTE: [&str; 12] = [
        "sshfs",
        "rclone",
        "s3fs",
        "gcsfuse",
        "goofys",
        "geesefs",
        "mount-s3",
        "davfs",
        "glusterfs",
        "ceph-fuse",
        "juicefs",
        "vmhgfs-fuse",
    ];
    let program = kind.strip_prefix("fuse.")?;
    REMOTE.contains(&program).then_some(kind)
}

/// The kind of the file system that a path lies on, of the mounts that `mountinfo` lists.
#[cfg(any(target_os = "linux", test))]
fn mount_of<'m>(mounts: &'m str, path: &Path) -> Option<&'m str> {
    let mount = |line: &'m str| {
        // 36 35 98:0 /root /mount/point rw,noatime master:1 - fuse.sshfs source options
        let (left, right) = line.split_once(" - ")?;
        let point = left.split(' ').nth(4)?.replace("\\040", " ");
        let kind = right.split(' ').next()?;
        path.starts_with(&point).then_some((point.len(), kind))
    };
    // The innermost, and of several at one place the last.
    mounts.lines().filter_map(mount).max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_number_or_their_program() {
        for (magic, kind) in [(0x6969, "nfs"), (0xFF53_4D42, "cifs"), (0x0102_1997, "9p")] {
            assert_eq!(by_magic(magic), Some(kind));
        }
        // ext4, btrfs, xfs, tmpfs, overlay, zfs, FUSE of who knows whom.
        for magic in [0xEF53, 0x9123_683E, 0x5846_5342, 0x0102_1994, 0x794C_7630, 0x2FC1_2FC1, FUSE]
        {
            assert_eq!(by_magic(magic), None);
        }
        assert_eq!(remote_fuse("fuse.sshfs"), Some("fuse.sshfs"));
        assert_eq!(remote_fuse("fuse.ntfs-3g"), None);
        assert_eq!(remote_fuse("fuseblk"), None);
    }

    #[test]
    fn the_innermost_mount_counts() {
        let mounts = "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                      30 21 0:40 / /mnt/far\\040away rw - fuse.sshfs me@host:/ rw\n\
                      31 30 8:2 / /mnt/far\\040away/near rw shared:1 - xfs /dev/sdb rw\n";
        let kind = |path| mount_of(mounts, Path::new(path));
        assert_eq!(kind("/home/me"), Some("ext4"));
        assert_eq!(kind("/mnt/far away/bundles"), Some("fuse.sshfs"));
        assert_eq!(kind("/mnt/far awayer"), Some("ext4"));
        assert_eq!(kind("/mnt/far away/near/bundles"), Some("xfs"));
    }

    #[test]
    fn a_disk_of_this_machine_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        check(&folder.path().join("catalog.sqlite")).unwrap();
    }
}
