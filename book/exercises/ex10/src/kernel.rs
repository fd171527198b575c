//! A sleep in the kernel, and what ends it: a pipe with a byte in it. It is complete as it stands.
//!
//! It stands for `epoll_wait` with an eventfd in its list, and counts what `strace` would show.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a thread sleeps on, and what any thread writes to.
pub struct Kernel {
    near: UnixStream,
    far: UnixStream,
    writes: AtomicUsize,
    sleeps: AtomicUsize,
}

impl Kernel {
    pub fn new() -> Kernel {
        let (near, far) = UnixStream::pair().expect("a descriptor is left");
        Kernel { near, far, writes: AtomicUsize::new(0), sleeps: AtomicUsize::new(0) }
    }

    /// Sleeps until there is a byte, and takes it: one for each call. A system call.
    pub fn sleep(&self) {
        self.sleeps.fetch_add(1, Ordering::SeqCst);
        (&self.far).read_exact(&mut [0]).expect("both ends are ours");
    }

    /// Writes a byte: ends one `sleep`, this one or the next. A system call.
    pub fn write(&self) {
        self.writes.fetch_add(1, Ordering::SeqCst);
        (&self.near).write_all(&[1]).expect("both ends are ours");
    }

    /// How often `write` was called.
    pub fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// How often `sleep` was called.
    pub fn sleeps(&self) -> usize {
        self.sleeps.load(Ordering::SeqCst)
    }
}

impl Default for Kernel {
    fn default() -> Kernel {
        Kernel::new()
    }
}
