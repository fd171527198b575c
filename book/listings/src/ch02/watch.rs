//! Who looks over a server's shoulder: what it asks the kernel, how often in vain, on which threads.

use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, ThreadId};

/// What was seen so far.
#[derive(Debug, Default)]
pub struct Watch {
    asked: AtomicU64,
    in_vain: AtomicU64,
    threads: Mutex<HashSet<ThreadId>>,
}

impl Watch {
    /// Asks the kernel; an answer that is only "interrupted by a signal" is none, and it asks again.
    ///
    /// # Errors
    /// What the kernel says; `WouldBlock` is "not now", and counted as asked in vain.
    pub fn ask<T>(&self, mut question: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        loop {
            self.asked.fetch_add(1, Ordering::Relaxed);
            match question() {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.in_vain.fetch_add(1, Ordering::Relaxed);
                    return Err(error);
                }
                answer => return answer,
            }
        }
    }

    /// The same, with `None` for "not now".
    ///
    /// # Errors
    /// What the kernel says, `WouldBlock` excepted.
    pub fn ask_now<T>(&self, question: impl FnMut() -> io::Result<T>) -> io::Result<Option<T>> {
        match self.ask(question) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// This thread serves as well.
    pub(super) fn enter(&self) {
        let mut threads = self.threads.lock().expect("nothing panics under it");
        threads.insert(thread::current().id());
    }

    /// How often the kernel was asked.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// How often it said "not now".
    pub fn in_vain(&self) -> u64 {
        self.in_vain.load(Ordering::Relaxed)
    }

    /// How many threads have served.
    ///
    /// # Panics
    /// Never: nothing panics while it is locked.
    pub fn threads(&self) -> usize {
        self.threads.lock().expect("nothing panics under it").len()
    }
}
