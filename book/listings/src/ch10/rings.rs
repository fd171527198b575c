//! What waking costs, counted by the kernel.
//!
//! An eventfd that is written and never read counts its writes, and `/proc` shows the count
//! (proc_pid_fdinfo(5)). The pipe of `v3_self_pipe` counts by the bytes that come out of it.

use std::fs;
use std::future::{Future, poll_fn};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{v3_self_pipe, v4_bell};

/// How long a thread is given to fall asleep.
const LONG: Duration = Duration::from_secs(20);

/// The writes of one kind of waking, for each version.
pub struct Row {
    /// In words.
    pub words: &'static str,
    /// `v3_self_pipe`, `v4_bell`, `executor`.
    pub writes: [u64; 3],
}

/// Both kinds.
pub fn rows() -> [Row; 2] {
    [
        Row { words: "100 wakes while it is awake", writes: writes(Moment::Awake, 100) },
        Row { words: "one wake while it sleeps", writes: writes(Moment::Asleep, 1) },
    ]
}

#[derive(Clone, Copy)]
enum Moment {
    Awake,
    Asleep,
}

fn writes(moment: Moment, wakes: u32) -> [u64; 3] {
    let (none, bytes) = v3_self_pipe::block_on_and_count(woken(moment, wakes));
    assert_eq!(none, 0, "it has no eventfd of its own");
    [
        bytes as u64,
        v4_bell::block_on(woken(moment, wakes)),
        executor::block_on(woken(moment, wakes)),
    ]
}

/// Is woken so often by another thread, and says how often an eventfd was written meanwhile.
fn woken(moment: Moment, wakes: u32) -> impl Future<Output = u64> {
    let mut before = 0;
    let mut other: Option<JoinHandle<()>> = None;
    let woken = Arc::new(AtomicBool::new(false));
    poll_fn(move |context| {
        if other.is_none() {
            before = eventfd_writes();
            let (waker, us, woken) = (context.waker().clone(), this_thread(), Arc::clone(&woken));
            let work = move || {
                if matches!(moment, Moment::Asleep) {
                    until_asleep(&us);
                }
                woken.store(true, Ordering::Release);
                (0..wakes).for_each(|_| waker.wake_by_ref());
            };
            let awake = matches!(moment, Moment::Awake);
            let other = other.insert(thread::spawn(work));
            while awake && !other.is_finished() {
                thread::yield_now();
            }
            return Poll::Pending;
        }
        if !woken.load(Ordering::Acquire) {
            return Poll::Pending; // polled for another reason
        }
        // With it go its waker, and what that keeps open.
        other.take().map(JoinHandle::join).expect("it was started").expect("it does not panic");
        Poll::Ready(eventfd_writes() - before)
    })
}

/// The writes into all eventfds of this process that nobody has read.
fn eventfd_writes() -> u64 {
    let descriptors = fs::read_dir("/proc/self/fdinfo").expect("proc(5) is mounted");
    let counts = descriptors.filter_map(|entry| {
        // The descriptor by which the folder is read is gone by now, or will be.
        let text = fs::read_to_string(entry.ok()?.path()).ok()?;
        let count = text.lines().find_map(|line| line.strip_prefix("eventfd-count:"))?;
        Some(u64::from_str_radix(count.trim(), 16).expect("a number in hexadecimal"))
    });
    counts.sum()
}

/// This thread's folder in `/proc`.
fn this_thread() -> PathBuf {
    Path::new("/proc").join(fs::read_link("/proc/thread-self").expect("proc(5) is mounted"))
}

fn until_asleep(thread: &Path) {
    let until = Instant::now() + LONG;
    loop {
        let stat = fs::read_to_string(thread.join("stat")).expect("the thread lives");
        // "12 (name) S …", and a name may have brackets (proc_pid_stat(5)).
        if stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('S')) {
            return;
        }
        assert!(Instant::now() < until, "waited {LONG:?} for a thread to sleep: {stat}");
        thread::sleep(Duration::from_millis(1));
    }
}
