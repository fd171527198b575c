//! Which of kqueue's ways the emulator keeps: one test a claim. What these say of a BSD is its
//! manual page's word; that the emulator does so too is what they check.
//!
//! Sockets of AF_UNIX and pipes have no way to be late, so there "look" suffices; what goes through
//! TCP is waited for, with a deadline. Where a test says that something does *not* come, it first
//! does what would make it come.
//!
//! Neighbours: `descriptors`, `ends`, `receipts`, `user`, `timers`, by subject.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::ptr;
use std::thread;
use std::time::Duration;

use super::*;

mod descriptors;
mod ends;
mod receipts;
mod timers;
mod user;

const PATIENCE: Duration = Duration::from_secs(10);

/// A queue that is closed as the backend closes its own.
struct Kq(OwnedFd);

impl Drop for Kq {
    fn drop(&mut self) {
        forget(self.0.as_raw_fd());
    }
}

impl Kq {
    fn new() -> Kq {
        // SAFETY: takes nothing; the result is checked.
        let fd = unsafe { kqueue() };
        assert!(fd >= 0, "{}", io::Error::last_os_error());
        // SAFETY: made just now, for us.
        Kq(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    /// One call of kevent(2), with room for so many events; or the errno.
    fn call(
        &self,
        changes: &[kevent],
        room: usize,
        timeout: Option<Duration>,
    ) -> Result<Vec<kevent>, i32> {
        let mut events = vec![change(0, 0, 0); room];
        let timeout = timeout.map(|timeout| timespec {
            tv_sec: i64::try_from(timeout.as_secs()).expect("a timeout of a test"),
            tv_nsec: i64::from(timeout.subsec_nanos()),
        });
        // SAFETY: both lists are valid for their lengths, and the timeout is null or outlives the
        // call.
        let count = unsafe {
            kevent(
                self.0.as_raw_fd(),
                changes.as_ptr(),
                changes.len() as c_int,
                events.as_mut_ptr(),
                events.len() as c_int,
                timeout.as_ref().map_or(ptr::null(), ptr::from_ref),
            )
        };
        if count < 0 {
            return Err(io::Error::last_os_error().raw_os_error().expect("errno is set"));
        }
        events.truncate(count as usize);
        Ok(events)
    }

    /// Carries out changes that must succeed; it asks for no receipts, so failure would be an
    /// errno.
    fn submit(&self, changes: &[kevent]) {
        self.call(changes, 0, Some(Duration::ZERO)).expect("the changes are carried out");
    }

    /// What has fired by now.
    fn look(&self) -> Vec<kevent> {
        self.call(&[], 16, Some(Duration::ZERO)).expect("a look")
    }

    /// The filters and tokens of what has fired by now.
    fn fired(&self) -> Vec<(i16, usize)> {
        self.look().iter().map(|event| (event.filter, event.udata as usize)).collect()
    }

    /// Whether the queue says of itself that there is something to come for.
    fn is_readable(&self) -> bool {
        let quiet = Quiet::new();
        linux::sleep(self.0.as_raw_fd(), Some(Duration::ZERO), quiet.before()).expect("a look")
    }

    /// Looks until an event is as wanted, and returns it.
    fn wait_for(&self, what: &str, is_it: impl Fn(&kevent) -> bool) -> kevent {
        let deadline = clock::now() + PATIENCE;
        loop {
            if let Some(event) = self.look().into_iter().find(&is_it) {
                return event;
            }
            assert!(clock::now() < deadline, "waited {PATIENCE:?} for {what}");
            thread::yield_now();
        }
    }
}

/// A change with nothing but its name and flags; its token is 7.
fn change(ident: usize, filter: i16, flags: u16) -> kevent {
    kevent { ident, filter, flags, fflags: 0, data: 0, udata: 7 as *mut c_void }
}

/// The same with another token.
fn named(udata: usize, change: kevent) -> kevent {
    kevent { udata: udata as *mut c_void, ..change }
}

fn read(fd: &impl AsRawFd, flags: u16) -> kevent {
    change(ident(fd), EVFILT_READ, flags)
}

fn write(fd: &impl AsRawFd, flags: u16) -> kevent {
    change(ident(fd), EVFILT_WRITE, flags)
}

fn ident(fd: &impl AsRawFd) -> usize {
    usize::try_from(fd.as_raw_fd()).expect("an open descriptor")
}

/// Two ends of a connection that delivers at once.
fn pair() -> (UnixStream, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a socket pair");
    ours.set_nonblocking(true).expect("nonblocking");
    theirs.set_nonblocking(true).expect("nonblocking");
    (ours, theirs)
}

/// Two ends of a TCP connection.
fn tcp_pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    let theirs = TcpStream::connect(address).expect("a connection");
    let (ours, _) = listener.accept().expect("its other end");
    ours.set_nonblocking(true).expect("nonblocking");
    theirs.set_nonblocking(true).expect("nonblocking");
    (ours, theirs)
}

fn send(mut stream: impl Write, bytes: &[u8]) {
    stream.write_all(bytes).expect("the buffer has room");
}

/// Closes what has `number` and gives the number to another file, in one step (dup2(2)), so that no
/// other thread can take it in between.
fn give_number(number: &impl AsRawFd, to: &impl AsFd) {
    // SAFETY: takes no pointer; both descriptors are open, and each goes on having its one owner.
    let result = unsafe { libc::dup2(to.as_fd().as_raw_fd(), number.as_raw_fd()) };
    assert!(result >= 0, "{}", io::Error::last_os_error());
}
