//! Three writes, asked of every version.
//!
//! What each version answers is printed as it is, so that the book shows what a caller would see.

use std::io::{self, PipeReader, PipeWriter, Read, pipe};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

/// A version of write(2).
pub type Write = fn(BorrowedFd<'_>, &[u8]) -> io::Result<usize>;

/// What is written.
pub const TEXT: &[u8] = b"hello\n";

/// So many signals reach a thread that waits; who has not come back by then does not mind them.
const SIGNALS: usize = 200;

/// No claim takes longer on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// All versions that there are on this system.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub const VERSIONS: &[(&str, Write)] = &[
    ("v1_count", super::v1_count::write),
    ("v2_errno", super::v2_errno::write),
    ("v3_libc", super::v3_libc::write),
    ("v4_again", super::v4_again::write),
];
/// All versions that there are on this system.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub const VERSIONS: &[(&str, Write)] =
    &[("v3_libc", super::v3_libc::write), ("v4_again", super::v4_again::write)];

/// Tries something with a version, and says what came of it.
pub type Trial = fn(Write) -> String;

/// What is tried.
pub const TRIALS: [(&str, Trial); 3] = [
    ("into a pipe", into_a_pipe),
    ("into its reading end", into_the_reading_end),
    ("a signal comes while it waits", interrupted),
];

fn into_a_pipe(write: Write) -> String {
    let (mut reader, writer) = pipe().expect("a pipe");
    let answer = write(writer.as_fd(), TEXT);
    drop(writer);
    let mut arrived = Vec::new();
    reader.read_to_end(&mut arrived).expect("the other end is closed");
    assert_eq!(arrived, TEXT);
    in_words(answer)
}

fn into_the_reading_end(write: Write) -> String {
    let (reader, _writer) = pipe().expect("a pipe");
    in_words(write(reader.as_fd(), TEXT))
}

/// The pipe is full, so that the write has to wait; meanwhile signals come. In the end there is room.
fn interrupted(write: Write) -> String {
    let (reader, writer) = full_pipe();
    count_signals();
    let begun = Arc::new(AtomicBool::new(false));
    let begins = Arc::clone(&begun);
    let waiting = thread::spawn(move || {
        begins.store(true, Ordering::SeqCst);
        write(writer.as_fd(), TEXT)
    });
    let deadline = Instant::now() + PATIENCE;
    let in_time = || assert!(Instant::now() < deadline, "{PATIENCE:?} for {SIGNALS} signals");
    while !begun.load(Ordering::SeqCst) {
        in_time();
        thread::yield_now();
    }
    for _ in 0..SIGNALS {
        let before = COUNT.load(Ordering::SeqCst);
        // SAFETY: a thread's name is good until it is joined, which is further down.
        unsafe { libc::pthread_kill(waiting.as_pthread_t(), libc::SIGUSR1) };
        while !waiting.is_finished() && COUNT.load(Ordering::SeqCst) == before {
            in_time();
            thread::yield_now();
        }
    }
    drain(reader, || waiting.is_finished());
    in_words(waiting.join().expect("a write does not panic"))
}

/// As a caller sees it.
fn in_words(answer: io::Result<usize>) -> String {
    match answer.map_err(|error| error.raw_os_error()) {
        Ok(count) => count.to_string(),
        Err(Some(libc::EBADF)) => "EBADF".to_owned(),
        Err(Some(libc::EINTR)) => "EINTR".to_owned(),
        Err(other) => format!("error {other:?}"),
    }
}

/// A pipe whose writers have to wait.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, writer) = pipe().expect("a pipe");
    set_nonblocking(writer.as_fd(), true);
    while super::v3_libc::write(writer.as_fd(), &[0; 512]).is_ok() {}
    set_nonblocking(writer.as_fd(), false);
    (reader, writer)
}

/// Reads until the writer has gone on.
fn drain(mut reader: PipeReader, done: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    set_nonblocking(reader.as_fd(), true);
    while !done() {
        assert!(Instant::now() < deadline, "{PATIENCE:?}, there is room, and no write has ended");
        if reader.read(&mut [0; 4096]).is_err() {
            thread::yield_now();
        }
    }
}

fn set_nonblocking(fd: BorrowedFd<'_>, nonblocking: bool) {
    let flags = if nonblocking { libc::O_NONBLOCK } else { 0 };
    // SAFETY: takes no pointer; the descriptor is borrowed and thus open. A new pipe has no other flag.
    let answer = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags) };
    assert_eq!(answer, 0, "fcntl(2) sets the flags of a pipe");
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

extern "C" fn on_signal(_: libc::c_int) {
    COUNT.fetch_add(1, Ordering::SeqCst);
}

/// Counts SIGUSR1 from now on, and lets it interrupt calls: there is no `SA_RESTART`.
fn count_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: sigaction is plain data; all zeroes is "empty mask, no flags".
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        let handler: extern "C" fn(libc::c_int) = on_signal;
        action.sa_sigaction = handler as libc::sighandler_t;
        // SAFETY: `action` is complete and outlives the call; the handler only counts.
        let set =
            unsafe { libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut()) };
        assert_eq!(set, 0, "SIGUSR1 can be handled");
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(name: &str) -> Option<Vec<String>> {
        let (_, write) = VERSIONS.iter().find(|(known, _)| *known == name)?;
        Some(TRIALS.iter().map(|(_, trial)| trial(*write)).collect())
    }

    #[test]
    fn each_version_answers_what_the_book_says() {
        let minus = |errno: i32| (-errno as isize as usize).to_string();
        let right = "6".to_owned();
        for (name, _) in VERSIONS {
            let expected = match *name {
                "v1_count" => [right.clone(), minus(libc::EBADF), minus(libc::EINTR)],
                "v4_again" => [right.clone(), "EBADF".to_owned(), right.clone()],
                _ => [right.clone(), "EBADF".to_owned(), "EINTR".to_owned()],
            };
            assert_eq!(answers(name).expect("it is in the list"), expected, "{name}");
        }
    }
}
