//! A file that only grows, by whole groups of commands.
//!
//! A group that the disk takes only in part is cut off again: what the file holds ends with a
//! whole command at any time, and the group is written anew as a whole, later.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// A log's file, open at its end.
#[derive(Debug)]
pub(crate) struct AppendFile {
    file: Arc<File>,
    /// How long it is with whole groups.
    length: u64,
    /// A part of a group is behind them, and could not be cut off.
    torn: bool,
}

impl AppendFile {
    /// Opens the file, or creates it.
    pub(crate) fn open(path: &Path) -> io::Result<AppendFile> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let length = file.metadata()?.len();
        Ok(AppendFile { file: Arc::new(file), length, torn: false })
    }

    /// How many bytes it has.
    #[cfg(test)]
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Adds a group: all of it, or nothing.
    pub(crate) fn append(&mut self, group: &[u8]) -> io::Result<()> {
        if self.torn {
            self.file.set_len(self.length)?;
            self.torn = false;
        }
        match (&*self.file).write_all(group) {
            Ok(()) => {
                self.length += group.len() as u64;
                Ok(())
            }
            Err(error) => {
                self.torn = self.file.set_len(self.length).is_err();
                Err(error)
            }
        }
    }

    /// Returns when all that was added is on the disk.
    ///
    /// After an error nothing is known of what was added since the last success: the system may
    /// have given those pages up, and a second call may succeed without them.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// The same as a piece of work of its own, for what was added until now, while more is added.
    pub(crate) fn syncing(&self) -> impl FnOnce() -> io::Result<()> + Send + use<> {
        let file = Arc::clone(&self.file);
        move || file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::AppendFile;

    #[test]
    fn a_file_is_continued_where_it_ends() {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let path = folder.path().join("log");
        for round in 0..3 {
            let mut file = AppendFile::open(&path).expect("a new file");
            assert_eq!(file.length(), round * 5);
            file.append(b"abcde").expect("there is room");
            file.sync().expect("a disk");
        }
        assert_eq!(std::fs::read(&path).expect("it is there"), b"abcde".repeat(3));
    }

    #[test]
    fn a_full_disk_is_an_error_and_nothing_is_counted() {
        let full = std::path::Path::new("/dev/full");
        if !full.exists() {
            eprintln!("skipped: this system has no /dev/full");
            return;
        }
        let mut file = AppendFile::open(full).expect("a device for just that");
        let error = file.append(b"abcde").expect_err("it is full");
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
        assert_eq!(file.length(), 0);
    }
}
