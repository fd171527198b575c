//! Reading and writing that may have to wait.
//!
//! ```text
//!   AsyncRead  ◄── net, Source, stdio, halves ──►  AsyncWrite        what moves bytes
//!       ▲                                              ▲
//!   BufReader  lines, until                        BufWriter         fewer, larger calls
//!       └────────── copy, copy_bidirectional ──────────┘             from one to the other
//! ```
//!
//! The two traits ask for the least that a type can supply, a `poll_` function a direction; the
//! methods with a future come for free. The futures are state machines by hand: what each must
//! remember between two polls is what its struct holds.
//!
//! # What a dropped future loses
//! | | dropped before it is ready |
//! | --- | --- |
//! | `read`, `write`, `write_vectored`, `flush` | nothing |
//! | [`BufReader`]'s `fill_buf`, `read_until`, `read_line`, `next_line` | nothing: the part of a line that has come lies in the reader |
//! | `read_exact`, `write_all` | the count of what was moved |
//! | [`copy()`], [`copy_bidirectional`] | at most one buffer a direction; polled by reference, nothing |
//!
//! What is absent: `Pin<&mut Self>` receivers. Nothing here borrows from itself, so a plain
//! `&mut self` is enough, and shorter to explain.
//!
//! Neighbours: `source` below; `net` and `stdio` implement the traits, too.

mod any_descriptor;
mod buf_reader;
mod buf_writer;
mod copy;
mod lines;
mod memory;
mod read;
mod write;

pub use buf_reader::{BufReader, FillBuf, ReadLine, ReadUntil};
pub use buf_writer::BufWriter;
pub use copy::{Copy, CopyBidirectional, copy, copy_bidirectional};
pub use lines::{Lines, NextLine};
pub use read::{AsyncRead, Read, ReadExact};
pub use write::{AsyncWrite, Flush, Shutdown, Write, WriteAll, WriteVectored};
