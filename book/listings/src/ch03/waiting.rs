//! A wait with a timeout, begun again after each signal.
//!
//! `ask` is one call to the kernel: it waits for at most the time that it is given.

use std::io;
use std::time::{Duration, Instant};

/// Begins again with the whole timeout; wrong on purpose.
pub fn the_whole_timeout<R>(
    timeout: Duration,
    mut ask: impl FnMut(Duration) -> io::Result<R>,
) -> io::Result<R> {
    loop {
        match ask(timeout) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Begins again with what is left of it.
pub fn what_is_left<R>(
    timeout: Duration,
    mut ask: impl FnMut(Duration) -> io::Result<R>,
) -> io::Result<R> {
    let deadline = Instant::now() + timeout;
    loop {
        match ask(deadline.saturating_duration_since(Instant::now())) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Waits until there is something to read, which there never is, while an alarm rings every 10 ms;
/// gives up after 30 of them. How it ended, and how long it took.
pub fn in_alarms(
    wait: impl FnOnce(&mut dyn FnMut(Duration) -> io::Result<()>) -> io::Result<()>,
) -> (io::Result<()>, Duration) {
    let (reader, _writer) = io::pipe().expect("a pipe");
    let mut alarms = 0;
    let begun = Instant::now();
    set_alarm(10_000);
    let result = wait(&mut |timeout| match poll(&reader, timeout) {
        Err(_) if alarms == 30 => Err(io::ErrorKind::TimedOut.into()),
        result => {
            alarms += usize::from(result.is_err());
            result
        }
    });
    set_alarm(0);
    (result, begun.elapsed())
}

/// poll(2), for one descriptor. No handler makes it go on by itself (signal(7)).
fn poll(fd: &impl std::os::fd::AsRawFd, timeout: Duration) -> io::Result<()> {
    let mut question = libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    let milliseconds = timeout.as_micros().div_ceil(1_000) as libc::c_int;
    // SAFETY: one entry, writable, which outlives the call.
    let answer = unsafe { libc::poll(&raw mut question, 1, milliseconds) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

extern "C" fn on_alarm(_: libc::c_int) {}

/// Rings each so many microseconds; zero ends it (setitimer(2)).
fn set_alarm(microseconds: libc::suseconds_t) {
    // SAFETY: sigaction is plain data; all zeroes is "empty mask, no flags".
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    let handler: extern "C" fn(libc::c_int) = on_alarm;
    action.sa_sigaction = handler as libc::sighandler_t;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: `action` is complete and outlives the call; the handler does nothing.
    let set = unsafe { libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut()) };
    assert_eq!(set, 0, "SIGALRM can be handled");
    let every = libc::timeval { tv_sec: 0, tv_usec: microseconds };
    let timer = libc::itimerval { it_interval: every, it_value: every };
    // SAFETY: `timer` outlives the call; the old one is not asked for.
    let set = unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()) };
    assert_eq!(set, 0, "an interval below a second is valid");
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_millis(10);

    /// What `wait` asks for, if each call is interrupted after a millisecond.
    fn asked(
        wait: impl FnOnce(&mut dyn FnMut(Duration) -> io::Result<()>) -> io::Result<()>,
    ) -> Vec<Duration> {
        let mut asked = Vec::new();
        wait(&mut |timeout| {
            asked.push(timeout);
            if timeout.is_zero() || asked.len() == 100 {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(1));
            Err(io::ErrorKind::Interrupted.into())
        })
        .expect("it ends");
        asked
    }

    #[test]
    fn the_whole_timeout_never_gets_less() {
        let asked = asked(|ask| the_whole_timeout(TIMEOUT, ask));
        assert_eq!(asked, [TIMEOUT; 100], "it ended because we gave up");
    }

    #[test]
    fn what_is_left_comes_to_an_end() {
        let asked = asked(|ask| what_is_left(TIMEOUT, ask));
        assert!(asked.windows(2).all(|pair| pair[1] < pair[0]), "{asked:?}");
        assert_eq!(asked.last(), Some(&Duration::ZERO));
        assert!(asked.len() <= 12, "each took a millisecond or more: {asked:?}");
    }
}
