//! How many system calls do wakes from other threads cost? The kernel counts them.
//!
//! The runtime's bell is an eventfd(2) that is written and never read, so that its counter, which proc(5)
//! shows, is the number of all calls that were ever made to end a sleep.
//!
//! ```text
//!   loop           asleep ──► awake, held in a task's poll ─────────────────────► goes on
//!   other thread      └─wake─┘   └─ wake wake wake … of ten tasks ─┘ └─ lets go ─┘
//!   eventfd         + 1                       + 0
//! ```
#![cfg(all(target_os = "linux", not(reactor_kqueue_emu)))]

mod support;

use std::fs;
use std::future::poll_fn;
use std::sync::mpsc;
use std::task::Poll;
use std::thread;

use executor::{spawn, yield_now};
use support::polls::Watch;
use support::{join, look_until, receive, run, soon, until};

/// How many tasks are woken, and how often each.
const TASKS: usize = 10;
const WAKES: usize = 1_000;

/// How often the bell was rung: the counters of all eventfds of this process, for whose sake this binary
/// has but one test.
fn rings() -> u64 {
    let infos = fs::read_dir("/proc/self/fdinfo").expect("proc(5)");
    let texts = infos.filter_map(|info| fs::read_to_string(info.ok()?.path()).ok());
    let counts = texts.filter_map(|text| {
        let count = text.lines().find_map(|line| line.strip_prefix("eventfd-count:"))?;
        Some(u64::from_str_radix(count.trim(), 16).expect("a hexadecimal number"))
    });
    counts.sum()
}

/// The folder in which proc(5) tells of this thread, for other threads to look into.
fn this_thread() -> String {
    let link = fs::read_link("/proc/thread-self").expect("proc(5)");
    format!("/proc/{}", link.display())
}

/// Whether a thread sleeps in the kernel. Its state follows its name, which stands in brackets.
fn is_asleep(thread: &str) -> bool {
    let line = fs::read_to_string(format!("{thread}/stat")).expect("proc(5)");
    line.rsplit(')').next().is_some_and(|state| state.trim_start().starts_with('S'))
}

#[test]
fn any_number_of_wakes_between_two_parks_costs_one_call() {
    run(async {
        let watches: Vec<Watch> = (0..TASKS).map(|_| Watch::new()).collect();
        watches.iter().for_each(|watch| spawn(watch.parked()).detach());
        let (first, holder_waker) = mpsc::channel();
        let (done, all_woken) = mpsc::channel();
        let mut woken = false;
        let holder = spawn(poll_fn(move |context| {
            if woken {
                receive("the other thread to have woken all", &all_woken);
                return Poll::Ready(());
            }
            woken = true;
            first.send(context.waker().clone()).expect("somebody takes it");
            Poll::Pending
        }));
        yield_now().await;
        let wakers: Vec<_> = watches.iter().map(Watch::waker).collect();
        let (sleeper, before) = (this_thread(), rings());
        let waking = thread::spawn(move || {
            let holder = receive("the holder's waker", &holder_waker);
            // Three looks, for the loop may also sleep a moment elsewhere: at a lock, say.
            let mut looks = 0;
            look_until("the loop to sleep", || {
                looks = if is_asleep(&sleeper) { looks + 1 } else { 0 };
                looks == 3
            });
            holder.wake();
            for _ in 0..WAKES {
                wakers.iter().for_each(|waker| waker.wake_by_ref());
            }
            done.send(()).expect("the holder waits for it");
        });
        soon("the holder", holder).await.expect("it does not panic");
        assert_eq!(rings() - before, 1, "the call that ended the sleep, and no other");
        join("the thread that wakes", waking);
        until("all tasks to be woken", || watches.iter().all(|watch| watch.polls() > 1)).await;
        // A wake that came in before the holder was polled, and those that came while it was.
        let polls: Vec<usize> = watches.iter().map(Watch::polls).collect();
        assert!(polls.iter().all(|polls| (2..=3).contains(polls)), "{polls:?}");
    });
}
