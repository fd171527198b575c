//! A kernel that speaks of edges alone: what epoll(7) with `EPOLLET` or kqueue(2) with `EV_CLEAR` do,
//! without their descriptors, so that a test can look into it.
//!
//! Nothing in here is missing; your part is `lib.rs`.

use std::collections::{BTreeSet, VecDeque};
use std::io;

/// What one read takes at most.
pub const BUFFER: usize = 8;

/// Sockets, and which of them something has happened to.
#[derive(Debug, Default)]
pub struct Kernel {
    sockets: Vec<Socket>,
    news: BTreeSet<usize>,
    /// How many waits were without a sleep, and brought nothing.
    pub asked_in_vain: usize,
}

#[derive(Debug, Default)]
struct Socket {
    bytes: VecDeque<u8>,
    ended: bool,
    interrupts: usize,
}

impl Kernel {
    /// A new connection; its number.
    pub fn connect(&mut self) -> usize {
        self.sockets.push(Socket::default());
        self.sockets.len() - 1
    }

    /// The peer sends: an edge.
    pub fn send(&mut self, fd: usize, bytes: &[u8]) {
        self.sockets[fd].bytes.extend(bytes);
        self.news.insert(fd);
    }

    /// The peer has said its last: an edge, too.
    pub fn end(&mut self, fd: usize) {
        self.sockets[fd].ended = true;
        self.news.insert(fd);
    }

    /// Something that is over by the time we look: an edge, and nothing to read.
    pub fn stir(&mut self, fd: usize) {
        self.news.insert(fd);
    }

    /// The next so many reads are interrupted by a signal.
    pub fn interrupt(&mut self, fd: usize, times: usize) {
        self.sockets[fd].interrupts = times;
    }

    /// read(2) on a nonblocking socket: `WouldBlock` where nothing is there, zero at the end.
    pub fn read(&mut self, fd: usize, buffer: &mut [u8]) -> io::Result<usize> {
        let socket = &mut self.sockets[fd];
        if socket.interrupts > 0 {
            socket.interrupts -= 1;
            return Err(io::ErrorKind::Interrupted.into());
        }
        if socket.bytes.is_empty() && !socket.ended {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = socket.bytes.len().min(buffer.len());
        for (place, byte) in buffer.iter_mut().zip(socket.bytes.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }

    /// epoll_wait(2): to whom something has happened since the last wait. With `sleep`, it waits until
    /// there is something; without, it only asks.
    ///
    /// # Panics
    /// Where it would sleep for ever: in this program, nobody sends while somebody waits.
    pub fn wait(&mut self, sleep: bool) -> Vec<usize> {
        if self.news.is_empty() {
            let unread: usize = self.sockets.iter().map(|socket| socket.bytes.len()).sum();
            assert!(!sleep, "the thread sleeps for ever, and {unread} bytes lie unread");
            self.asked_in_vain += 1;
        }
        std::mem::take(&mut self.news).into_iter().collect()
    }

    /// How many bytes lie unread.
    pub fn unread(&self, fd: usize) -> usize {
        self.sockets[fd].bytes.len()
    }
}
