//! Files, by the threads that may block.
//!
//! The kernel calls a regular file always ready, and then lets the reader wait for the disk; epoll
//! refuses such descriptors. So files are read and written by [`spawn_blocking`](crate::spawn_blocking)'s
//! threads.
//!
//! ```text
//!   fs::read(path) ──► pool: std::fs::read ──► Operation ── await ──► io::Result<Vec<u8>>
//!   File::append ─┐
//!   File::sync  ──┴──► strand: one at a time, in order ──► pool …
//! ```
//!
//! An operation begins when its function is called, not when it is first polled, and goes on to its end
//! when its [`Operation`] is dropped: half of a write cannot be taken back. Buffers are moved in and
//! out, because a thread that goes on must own what it works with.
//!
//! Neighbours: `blocking` has the threads, `strand` the order, `file` the open file.

mod file;
mod operation;
mod strand;

use std::path::Path;

pub use file::{File, OpenOptions};
pub use operation::Operation;

/// Reads a whole file.
///
/// # Errors
/// Those of [`std::fs::read`].
///
/// # Panics
/// Where no runtime is running on this thread.
#[track_caller]
pub fn read(path: impl AsRef<Path>) -> Operation<Vec<u8>> {
    let path = path.as_ref().to_owned();
    Operation::begin(move || std::fs::read(path))
}

/// Reads a whole file of text.
///
/// # Errors
/// Those of [`std::fs::read_to_string`]; `InvalidData` for what is not UTF-8.
///
/// # Panics
/// Where no runtime is running on this thread.
#[track_caller]
pub fn read_to_string(path: impl AsRef<Path>) -> Operation<String> {
    let path = path.as_ref().to_owned();
    Operation::begin(move || std::fs::read_to_string(path))
}

/// Makes `contents` all that is in a file, which is made if it is not there. Whoever reads meanwhile,
/// or after a crash, may see a part.
///
/// # Errors
/// Those of [`std::fs::write`].
///
/// # Panics
/// Where no runtime is running on this thread.
#[track_caller]
pub fn write(path: impl AsRef<Path>, contents: impl Into<Vec<u8>>) -> Operation<()> {
    let (path, contents) = (path.as_ref().to_owned(), contents.into());
    Operation::begin(move || std::fs::write(path, contents))
}

/// Gives a file another name, in place of what had it before: at no moment is there nothing.
///
/// # Errors
/// Those of [`std::fs::rename`].
///
/// # Panics
/// Where no runtime is running on this thread.
#[track_caller]
pub fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Operation<()> {
    let (from, to) = (from.as_ref().to_owned(), to.as_ref().to_owned());
    Operation::begin(move || std::fs::rename(from, to))
}

/// Removes a file's name.
///
/// # Errors
/// Those of [`std::fs::remove_file`].
///
/// # Panics
/// Where no runtime is running on this thread.
#[track_caller]
pub fn remove_file(path: impl AsRef<Path>) -> Operation<()> {
    let path = path.as_ref().to_owned();
    Operation::begin(move || std::fs::remove_file(path))
}

/// Makes a directory, and those above it that are not there.
///
/// # Errors
/// Those of [`std::fs::create_dir_all`].
///
/// # Panics
/// Where no runtime is running on this thread.
#[track_caller]
pub fn create_dir_all(path: impl AsRef<Path>) -> Operation<()> {
    let path = path.as_ref().to_owned();
    Operation::begin(move || std::fs::create_dir_all(path))
}
