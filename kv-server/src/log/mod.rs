//! What is on disk: the log of changes, snapshots, and how both are read back.
//!
//! ```text
//!   dir ─┬─ dump.rdb                            a snapshot (SAVE, BGSAVE)
//!        └─ appendonlydir ─┬─ appendonly.aof.manifest       which files count, in which order
//!                          ├─ appendonly.aof.2.base.aof     all rows, as they were once ...
//!                          └─ appendonly.aof.2.incr.aof     ... and every command since
//! ```
//!
//! Layout and formats are those of Redis 7.0: each server can be given the other's folder.
//!
//! - [`manifest`] and [`Folder`]: the files that belong together; every step from one set of files
//!   to the next is one atomic rename, so that a crash leaves the old set or the new one.
//! - [`AppendFile`]: a file that only ever holds whole groups of commands.
//! - [`commands`]: commands read back from a log, up to a torn one at its end.
//! - [`rdb`]: snapshots, read and written. [`Encoder`]: a snapshot in either format.
//!
//! Everything here blocks and knows neither runtime nor commands: whoever calls it says on which
//! thread, and what is done with what was read.

mod append;
mod commands;
mod encode;
mod folder;
mod input;
mod lzf;
mod manifest;
mod rdb;
mod snapshot;

pub(crate) use append::AppendFile;
#[cfg(test)]
use encode::append_command;
pub(crate) use encode::{Encoder, Format};
pub(crate) use folder::Folder;
use folder::Part;
pub(crate) use input::{Fault, Flaw, Input};
#[cfg(any(test, fuzzing))]
pub(crate) use manifest::is_told_back;
pub(crate) use snapshot::SnapshotFile;

pub(crate) use commands::read as read_commands;
pub(crate) use rdb::read as read_rdb;
