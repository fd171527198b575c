//! An open file.
//!
//! There is no position that reads and writes move: two operations that are under way at once would
//! share it. Bytes are read and written *at* a place, or appended.
//!
//! Neighbours: `strand` keeps the order.

use std::fmt;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use super::operation::Operation;
use super::strand::Strand;

/// An open file. Its operations are done one at a time, in the order in which the functions were
/// called, also where their futures are dropped or awaited in another order.
///
/// Dropped, it is closed after the last operation. It may be used from several threads.
pub struct File {
    file: Arc<std::fs::File>,
    strand: Strand,
}

/// How to open a [`File`]; as [`std::fs::OpenOptions`], with which it can be made.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    options: std::fs::OpenOptions,
}

impl OpenOptions {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// Those of [`std::fs::OpenOptions::open`].
    ///
    /// # Panics
    /// Where no runtime is running on this thread.
    #[track_caller]
    pub fn open(&self, path: impl AsRef<Path>) -> Operation<File> {
        let (options, path) = (self.options.clone(), path.as_ref().to_owned());
        Operation::begin(move || options.open(path).map(File::from))
    }
}

impl From<std::fs::OpenOptions> for OpenOptions {
    fn from(options: std::fs::OpenOptions) -> OpenOptions {
        OpenOptions { options }
    }
}

impl From<std::fs::File> for File {
    fn from(file: std::fs::File) -> File {
        File { file: Arc::new(file), strand: Strand::default() }
    }
}

impl File {
    /// Opens a file to read it.
    ///
    /// # Errors
    /// Those of [`std::fs::File::open`].
    ///
    /// # Panics
    /// Where no runtime is running on this thread.
    #[track_caller]
    pub fn open(path: impl AsRef<Path>) -> Operation<File> {
        let path = path.as_ref().to_owned();
        Operation::begin(move || std::fs::File::open(path).map(File::from))
    }

    /// Opens a file to read and append to it; makes it if it is not there.
    ///
    /// # Errors
    /// Those of [`std::fs::OpenOptions::open`].
    ///
    /// # Panics
    /// Where no runtime is running on this thread.
    #[track_caller]
    pub fn open_to_append(path: impl AsRef<Path>) -> Operation<File> {
        let mut options = std::fs::OpenOptions::new();
        options.read(true).append(true).create(true);
        OpenOptions::from(options).open(path)
    }

    /// Appends all of `bytes`, to a file that was opened to be appended to; any other is written at
    /// its own position, which begins at zero.
    ///
    /// # Errors
    /// Those of write(2), such as `StorageFull`; a part may then have been written.
    ///
    /// # Panics
    /// Where no runtime is running on this thread, as with all that follow.
    #[track_caller]
    pub fn append(&self, bytes: impl Into<Vec<u8>>) -> Operation<()> {
        let bytes = bytes.into();
        self.begin(move |mut file| file.write_all(&bytes))
    }

    /// Writes all of `bytes` at `offset` bytes from the beginning.
    ///
    /// # Errors
    /// Those of pwrite(2).
    #[track_caller]
    pub fn write_at(&self, bytes: impl Into<Vec<u8>>, offset: u64) -> Operation<()> {
        let bytes = bytes.into();
        self.begin(move |file| file.write_all_at(&bytes, offset))
    }

    /// Reads up to `length` bytes at `offset` bytes from the beginning; fewer are all up to the end.
    ///
    /// # Errors
    /// Those of pread(2).
    #[track_caller]
    pub fn read_at(&self, length: usize, offset: u64) -> Operation<Vec<u8>> {
        self.begin(move |file| read_at(file, length, offset))
    }

    /// Waits until the disk has all that was written before, and what the file system knows of it
    /// (fsync(2)).
    ///
    /// # Errors
    /// Those of fsync(2); what was written before may then be lost, and a later success says nothing
    /// about it.
    #[track_caller]
    pub fn sync_all(&self) -> Operation<()> {
        self.begin(std::fs::File::sync_all)
    }

    /// As [`sync_all`](File::sync_all), without what reading does not need, such as the time of the
    /// last change (fdatasync(2)).
    ///
    /// # Errors
    /// As [`sync_all`](File::sync_all).
    #[track_caller]
    pub fn sync_data(&self) -> Operation<()> {
        self.begin(std::fs::File::sync_data)
    }

    /// Cuts the file, or fills it up with zeroes, to `length` bytes.
    ///
    /// # Errors
    /// Those of ftruncate(2).
    #[track_caller]
    pub fn set_len(&self, length: u64) -> Operation<()> {
        self.begin(move |file| file.set_len(length))
    }

    /// How long it is, when it was changed, and so on.
    ///
    /// # Errors
    /// Those of fstat(2).
    #[track_caller]
    pub fn metadata(&self) -> Operation<std::fs::Metadata> {
        self.begin(std::fs::File::metadata)
    }

    #[track_caller]
    fn begin<T: Send + 'static>(
        &self,
        call: impl FnOnce(&std::fs::File) -> io::Result<T> + Send + 'static,
    ) -> Operation<T> {
        let file = Arc::clone(&self.file);
        self.strand.begin(move || call(&file))
    }
}

fn read_at(file: &std::fs::File, length: usize, offset: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match file.read_at(&mut bytes[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("File").field(&self.file).finish()
    }
}
