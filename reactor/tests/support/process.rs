//! What belongs to a whole process: its limits, its descriptors, its signals.
//!
//! A test that changes such a thing would change it for its neighbours too. So it runs the test binary
//! once more, for itself alone, and does its work there:
//!
//! ```text
//!   cargo test ─► binary ─► test: not marked ─► the same binary --exact test, marked ─► body
//!                             └── its exit status, its output when it fails ◄───────────┘
//! ```
//! A pipe tells the second process when the first has gone, however it went: it then goes too.

use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use super::PATIENCE;

/// The environment variable that says which test the process was started for.
const MARK: &str = "REACTOR_TEST_ALONE";

/// Runs `body` in a process in which no other test runs. `test` is the calling test's whole name.
#[track_caller]
pub(crate) fn alone(test: &str, body: impl FnOnce()) {
    if is_alone(test) {
        leave_with_parent();
        body();
        return;
    }
    let mut child = start_alone(test, Stdio::piped());
    let output = collect(child.stdout.take().expect("stdout is piped"));
    let errors = collect(child.stderr.take().expect("stderr is piped"));
    let deadline = Instant::now() + 3 * PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().expect("our own child") {
            break status;
        }
        if Instant::now() > deadline {
            child.kill().expect("our own child");
            panic!("waited {:?} in vain for {test} in a process of its own", 3 * PATIENCE);
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    let output = output.join().expect("a reader does not panic");
    let errors = errors.join().expect("a reader does not panic");
    // A test name with a slip would run nothing, and nothing never fails.
    let ran = output.contains("test result: ok. 1 passed");
    assert!(status.success() && ran, "{test}, alone: {status}\n{output}\n{errors}");
}

/// Whether this process was started for `test` alone.
pub(crate) fn is_alone(test: &str) -> bool {
    std::env::var(MARK).is_ok_and(|marked| marked == test)
}

/// Starts this test binary once more, for `test` alone.
pub(crate) fn start_alone(test: &str, stdout: Stdio) -> Child {
    Command::new(std::env::current_exe().expect("the path of this binary"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(MARK, test)
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .expect("this very binary runs")
}

/// Ends this process when the one that started it has gone, and closed the other end of our stdin.
pub(crate) fn leave_with_parent() {
    std::thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(1);
    });
}

/// Reads to the end beside the rest, so that the writer is never held back by a full pipe.
fn collect(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = from.read_to_string(&mut text);
        text
    })
}

/// Lets one test of this binary at a time do something that the whole process sees.
pub(crate) fn one_at_a_time() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The descriptors that this process has open. The kernel gives the lowest free number, so that no
/// test here comes near the end of this search.
pub(crate) fn open_descriptors() -> Vec<RawFd> {
    (0..4096).filter(|fd| descriptor_flags(*fd) != -1).collect()
}

/// Whether a descriptor is closed when another program is started.
pub(crate) fn is_closed_on_exec(fd: RawFd) -> bool {
    descriptor_flags(fd) & libc::FD_CLOEXEC != 0
}

fn descriptor_flags(fd: RawFd) -> libc::c_int {
    // SAFETY: takes no pointer; a number that is not open is answered with -1.
    unsafe { libc::fcntl(fd, libc::F_GETFD) }
}

/// A descriptor by its number alone, without the duty to close it: for tests in which somebody else
/// does, at the wrong time.
#[derive(Clone, Copy)]
pub(crate) struct Lent(pub(crate) RawFd);

impl AsFd for Lent {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: not -1. That the number may be closed is what the test is about; each use of it is a
        // system call, which answers a closed one with EBADF.
        unsafe { BorrowedFd::borrow_raw(self.0) }
    }
}

/// close(2) of a bare number.
pub(crate) fn close(fd: RawFd) {
    // SAFETY: takes no pointer; the caller has seen to it that nobody else owns the number.
    assert_eq!(unsafe { libc::close(fd) }, 0, "close({fd}): {}", io::Error::last_os_error());
}

/// dup2(2): lets `number` mean what `fd` means, and closes what it meant before.
pub(crate) fn replace(number: RawFd, fd: BorrowedFd<'_>) {
    // SAFETY: takes no pointer; `number` stays open, so that its owner closes it as ever.
    let result = unsafe { libc::dup2(fd.as_raw_fd(), number) };
    assert_eq!(result, number, "dup2: {}", io::Error::last_os_error());
}

/// Sends `signal` to the calling thread; the handler has run when this returns (raise(3)).
pub(crate) fn raise(signal: i32) {
    // SAFETY: takes no pointer.
    assert_eq!(unsafe { libc::raise(signal) }, 0, "raise: {}", io::Error::last_os_error());
}

/// Sends `signal` to the process `id` (kill(2)).
pub(crate) fn kill(id: u32, signal: i32) {
    // SAFETY: takes no pointer.
    let result = unsafe { libc::kill(id as libc::pid_t, signal) };
    assert_eq!(result, 0, "kill: {}", io::Error::last_os_error());
}

/// A thread, to be named when a signal is sent to it.
#[derive(Clone, Copy)]
pub(crate) struct Thread(libc::pthread_t);

// SAFETY: the value is a name, good in any thread; where libc makes it a pointer, nobody follows it.
unsafe impl Send for Thread {}
// SAFETY: as above.
unsafe impl Sync for Thread {}

impl Thread {
    pub(crate) fn this() -> Thread {
        // SAFETY: takes nothing and cannot fail.
        Thread(unsafe { libc::pthread_self() })
    }

    /// Interrupts the thread, which must not have been joined.
    pub(crate) fn signal(self, signal: i32) {
        // SAFETY: the caller keeps the thread from being joined meanwhile.
        let result = unsafe { libc::pthread_kill(self.0, signal) };
        assert_eq!(result, 0, "pthread_kill: {}", io::Error::from_raw_os_error(result));
    }
}

/// Lets `handler` have `signal`, so that a blocked call ends with EINTR: without SA_RESTART.
pub(crate) fn handle(signal: i32, handler: extern "C" fn(libc::c_int)) {
    // SAFETY: sigaction is plain data; all zeroes is "default action, empty mask, no flags".
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as libc::sighandler_t;
    // SAFETY: `action` is complete; the handlers of the tests do no more than count.
    let result = unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    assert_eq!(result, 0, "sigaction: {}", io::Error::last_os_error());
}

/// Gives `signal` its default action back, which Rust's runtime takes from SIGPIPE before `main`.
pub(crate) fn default_action(signal: i32) {
    // SAFETY: SIG_DFL is a valid action.
    let before = unsafe { libc::signal(signal, libc::SIG_DFL) };
    assert_ne!(before, libc::SIG_ERR, "signal: {}", io::Error::last_os_error());
}

/// Makes any descriptor nonblocking, such as a pipe's, for which the standard library has no call.
pub(crate) fn make_nonblocking(fd: impl AsFd) {
    let fd = fd.as_fd().as_raw_fd();
    // SAFETY: takes no pointer; the descriptor is borrowed and thus open.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    // SAFETY: as above.
    let result = unsafe { libc::fcntl(fd, libc::F_SETFL, flags | libc::O_NONBLOCK) };
    assert_eq!(result, 0, "fcntl: {}", io::Error::last_os_error());
}
