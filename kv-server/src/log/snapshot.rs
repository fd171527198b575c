//! A snapshot's file while it is being written: under another name, so that a half of one is never
//! taken for a whole one, and removed if it is not finished.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::encode::Format;
use super::rdb::Checksum;

/// After so many bytes they are sent to the disk, so that the end is not one long wait.
const SYNC_EVERY: u64 = 32 << 20;

/// A file that is not yet what it will be.
#[derive(Debug)]
pub(crate) struct SnapshotFile {
    file: File,
    /// Where it is now; `None` once it has its name.
    temporary: Option<PathBuf>,
    checksum: Option<Checksum>,
    length: u64,
    unsynced: u64,
}

impl SnapshotFile {
    /// Creates the file at the temporary `path`.
    pub(crate) fn create(path: PathBuf, format: Format) -> io::Result<SnapshotFile> {
        let file = File::create(&path)?;
        let checksum = (format == Format::Rdb).then(Checksum::new);
        Ok(SnapshotFile { file, temporary: Some(path), checksum, length: 0, unsynced: 0 })
    }

    /// Adds bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        if let Some(checksum) = &mut self.checksum {
            checksum.update(bytes);
        }
        self.length += bytes.len() as u64;
        self.unsynced += bytes.len() as u64;
        if self.unsynced >= SYNC_EVERY {
            self.unsynced = 0;
            self.file.sync_data()?;
        }
        Ok(())
    }

    /// All bytes are added: completes the file, and gives it its name once it is on the disk. How
    /// long it is.
    pub(crate) fn finish(mut self, path: &Path) -> io::Result<u64> {
        if let Some(checksum) = self.checksum.take() {
            let checksum = checksum.finish().to_le_bytes();
            self.file.write_all(&checksum)?;
            self.length += checksum.len() as u64;
        }
        self.file.sync_all()?;
        if let Some(temporary) = &self.temporary {
            fs::rename(temporary, path)?;
        }
        self.temporary = None;
        sync_folder(path)?;
        Ok(self.length)
    }
}

impl Drop for SnapshotFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // It is of no use, but it does no harm either.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Makes the names in the folder of `path` last: a file's own sync does not.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
