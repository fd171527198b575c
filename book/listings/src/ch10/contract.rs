//! What a loop has to do that has futures to poll and sockets to wait for, asked of every version.
//!
//! A version that loses a wake sleeps for ever. So each claim is tried on a thread of its own, which is
//! left behind if it has not come back in time.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::task::{Context, Poll, Wake, Waker, ready};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::line::{self, Line};
use super::{v1_reactor_thread, v2_in_the_kernel, v3_self_pipe, v4_bell};

/// A future of any of the claims.
pub type Work = Pin<Box<dyn Future<Output = usize>>>;

/// How long a version that is known to be wrong is waited for. It decides nothing for a right one.
const BRIEFLY: Duration = Duration::from_millis(300);

/// How long a version that is known to be right is waited for.
const LONG: Duration = Duration::from_secs(20);

/// How many bytes are sent, and how many wakes, one after the other.
const ROUNDS: usize = 100;

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It holds.
    Ok,
    /// The thread sleeps for ever.
    Lost,
    /// So many there were.
    Counted(usize),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Ok => f.pad("ok"),
            Outcome::Lost => f.pad("LOST"),
            Outcome::Counted(count) => f.pad(&count.to_string()),
        }
    }
}

/// A version, and what it makes of each of the [`CLAIMS`].
#[derive(Clone, Copy)]
pub struct Version {
    /// Its name in the book.
    pub name: &'static str,
    /// Its loop.
    pub block_on: fn(Work) -> usize,
    /// Its way to wait for bytes, inside that loop.
    pub open: fn(UnixStream) -> io::Result<Box<dyn Line>>,
    /// What is known of it.
    pub outcomes: [Outcome; CLAIMS.len()],
}

/// One thing that is asked.
pub struct Claim {
    /// In words.
    pub words: &'static str,
    /// The answer.
    pub ask: fn(Version) -> Outcome,
}

/// All versions.
pub const VERSIONS: [Version; 5] = {
    use Outcome::{Counted, Lost, Ok};
    [
        Version {
            name: "v1_reactor_thread",
            block_on: v1_reactor_thread::block_on,
            open: v1_reactor_thread::open,
            outcomes: [Ok, Ok, Ok, Counted(ROUNDS)],
        },
        version("v2_in_the_kernel", v2_in_the_kernel::block_on, [Ok, Lost, Lost, Counted(0)]),
        version("v3_self_pipe", v3_self_pipe::block_on, [Ok, Ok, Ok, Counted(0)]),
        version("v4_bell", v4_bell::block_on, [Ok, Ok, Ok, Counted(0)]),
        version("executor", executor::block_on, [Ok, Ok, Ok, Counted(0)]),
    ]
};

const fn version(
    name: &'static str,
    block_on: fn(Work) -> usize,
    outcomes: [Outcome; 4],
) -> Version {
    Version { name, block_on, open: line::open, outcomes }
}

/// All claims.
pub const CLAIMS: [Claim; 4] = [
    Claim { words: "a byte ends the sleep", ask: a_byte_ends_the_sleep },
    Claim { words: "a wake before the sleep is kept", ask: a_wake_before_the_sleep_is_kept },
    Claim { words: "another thread's wake ends it", ask: another_threads_wake_ends_it },
    Claim { words: "100 bytes: from thread to thread", ask: from_thread_to_thread },
];

/// Tries a claim on a version.
pub fn outcome(claim: &Claim, version: &Version, known: Outcome) -> Outcome {
    let (ask, version) = (claim.ask, *version);
    let (sender, result) = mpsc::channel();
    thread::spawn(move || sender.send(ask(version)));
    let patience = if known == Outcome::Lost { BRIEFLY } else { LONG };
    match result.recv_timeout(patience) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Timeout) => Outcome::Lost,
        Err(RecvTimeoutError::Disconnected) => panic!("{}: `{}`", version.name, claim.words),
    }
}

fn a_byte_ends_the_sleep(version: Version) -> Outcome {
    let crossed = Arc::new(AtomicUsize::new(0));
    assert_eq!((version.block_on)(bytes(version, 1, crossed)), 1);
    Outcome::Ok
}

/// How many wakes came from another thread than the one that polls.
fn from_thread_to_thread(version: Version) -> Outcome {
    let crossed = Arc::new(AtomicUsize::new(0));
    assert_eq!((version.block_on)(bytes(version, ROUNDS, Arc::clone(&crossed))), ROUNDS);
    Outcome::Counted(crossed.load(Ordering::Relaxed))
}

/// Receives bytes, each of which is sent only when it is waited for.
fn bytes(version: Version, count: usize, crossed: Arc<AtomicUsize>) -> Work {
    Box::pin(async move {
        let (ours, mut theirs) = UnixStream::pair().expect("a descriptor is left");
        let line = (version.open)(ours).expect("it is a socket");
        let (waits, told) = mpsc::channel();
        let peer = thread::spawn(move || {
            while told.recv().is_ok() {
                theirs.write_all(b"x").expect("it is read");
            }
        });
        let home = thread::current().id();
        for _ in 0..count {
            let byte = poll_fn(|context| {
                let seen = Seen { waker: context.waker().clone(), home, crossed: crossed.clone() };
                let waker = Waker::from(Arc::new(seen));
                let polled = line.poll_byte(&mut Context::from_waker(&waker));
                if polled.is_pending() {
                    waits.send(()).expect("the peer listens");
                }
                polled
            });
            assert_eq!(byte.await.expect("the peer is there"), b'x');
        }
        drop(waits);
        peer.join().expect("it does not panic");
        count
    })
}

/// A waker in another's place, that sees which thread it is called on.
struct Seen {
    waker: Waker,
    home: ThreadId,
    crossed: Arc<AtomicUsize>,
}

impl Wake for Seen {
    fn wake(self: Arc<Self>) {
        if thread::current().id() != self.home {
            self.crossed.fetch_add(1, Ordering::Relaxed);
        }
        self.waker.wake_by_ref();
    }
}

fn a_wake_before_the_sleep_is_kept(version: Version) -> Outcome {
    let mut polls = 0;
    let polls = (version.block_on)(Box::pin(poll_fn(move |context| {
        polls += 1;
        if polls == 2 {
            return Poll::Ready(polls);
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })));
    assert_eq!(polls, 2);
    Outcome::Ok
}

/// Hands its waker to another thread, which calls it at once, again and again: some of these wakes come
/// before the sleep, some after it has begun, and some in between.
fn another_threads_wake_ends_it(version: Version) -> Outcome {
    let (to_other, wakers) = mpsc::channel::<Waker>();
    let woken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&woken);
    let other = thread::spawn(move || {
        for waker in wakers {
            counted.fetch_add(1, Ordering::Release);
            waker.wake();
        }
    });
    let rounds = (version.block_on)(Box::pin(async move {
        for round in 0..ROUNDS {
            let mut asked = false;
            poll_fn(|context| {
                if woken.load(Ordering::Acquire) > round {
                    return Poll::Ready(());
                }
                if !std::mem::replace(&mut asked, true) {
                    to_other.send(context.waker().clone()).expect("the other listens");
                }
                Poll::Pending
            })
            .await;
        }
        ROUNDS
    }));
    assert_eq!(rounds, ROUNDS);
    other.join().expect("it does not panic");
    Outcome::Ok
}

/// The next byte of a line; for what is not a claim.
pub fn byte(line: &dyn Line) -> impl Future<Output = io::Result<u8>> {
    poll_fn(move |context| Poll::Ready(ready!(line.poll_byte(context))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_does_what_the_book_says_of_it() {
        for version in &VERSIONS {
            for (claim, known) in CLAIMS.iter().zip(version.outcomes) {
                let found = outcome(claim, version, known);
                assert_eq!(found, known, "{}: {}", version.name, claim.words);
            }
        }
    }

    #[test]
    fn a_line_whose_other_end_is_closed_says_so() {
        for version in &VERSIONS {
            let open = version.open;
            let work = async move {
                let (ours, theirs) = UnixStream::pair().expect("a descriptor is left");
                drop(theirs);
                let line = open(ours).expect("it is a socket");
                let error = byte(line.as_ref()).await.expect_err("nobody is there");
                assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
                0
            };
            (version.block_on)(Box::pin(work));
        }
    }
}
