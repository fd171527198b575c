//! The same few programs on several runtimes, each in that runtime's own idiom.
//!
//! ```text
//!               spawn and join   spawn many   yield   mpsc   oneshot   timer   fire   echo
//!   executor          x              x          x       x       x        x      x      x
//!   tokio             x              x          x       x       x        x      x      x
//!   smol              x              x          x       x       x        x             x
//!   LocalPool         x              x          x       x       x
//!   poller                                                                             x    no futures at all
//! ```
//!
//! A workload is a function of how many operations to do. It makes its runtime, does them and ends the
//! runtime again: who wants to know the price of one operation takes the difference of two runs of
//! different lengths, or runs so long that the rest does not matter.
//!
//! # Seen
//! Instructions of user space an operation, by the bench `instructions`; the same whenever it runs.
//!
//! | | executor | tokio 1.54 | smol | LocalPool | poller |
//! | --- | --- | --- | --- | --- | --- |
//! | spawn one task and join it | 945 | 2,100 | 1,519 | 1,534 | |
//! | spawn 1,000, join all, each | 814 | 1,679 | 1,146 | 2,040 | |
//! | yield, 1,000 tasks | 123 | 377 | 524 | 304 | |
//! | mpsc, there and back | 655 | 1,792 | 3,022 | 1,596 | |
//! | oneshot, request and reply | 722 | 1,505 | 4,566 | 1,456 | |
//! | timer, set and cancelled | 272 | 549 | 678 | | |
//! | timer, one of 1,000 fires | 840 | 931 | | | |
//! | echo on one connection | 1,089 | 3,220 | 5,846 | | 408 |
//! | echo on one of 64 | 657 | 1,886 | 2,906 | | 176 |
//!
//! Where ours go, in an echo on 64 connections, of which each end takes half:
//!
//! | | executor | poller |
//! | --- | --- | --- |
//! | `recv` and `send`, in the C library | 40 | 40 |
//! | what the kernel said, out of its list into ours | 41 | 41 |
//! | the program's own code; the poller's with reading and writing, by calls of std | 96 | 95 |
//! | reading and writing, compiled into the program | 125 | |
//! | from an event to its source and to who waits there | 94 | |
//! | a wake, and its place in the queue | 66 | |
//! | the loop: a task found, its future taken out, polled and put back | 135 | |
//! | waiting: is it the right reactor, a waker cloned and kept | 62 | |
//!
//! So what a task costs above a loop of callbacks are 240 instructions at each end. Of the processor's time,
//! nearly all of which is the kernel's, that is a few parts in a hundred. On one connection, a turn of the
//! loop serves one event, and what it asks once, 220 instructions, is nobody's to share: most of it is the
//! way into the wait and out again, and the state of the bell.
//!
//! What was tried, in instructions of the same echo. The loop takes over the whole queue, instead of asking
//! a thread-local at each poll: 36 less. Tasks lie in a table that is never borrowed: 43 less; a first
//! version, which found the chunk by a logarithm and left to the compiler a drop of what is never there, took
//! 12 more than the `RefCell` before. Who waits compares an address instead of borrowing a thread-local, and
//! a read is asked about once instead of twice: 24 less. Of a read or a write, the first try alone is compiled
//! into the program, and all that follows a failed one stands apart, for a function that calls another must
//! save its registers even where the other is hardly ever called: 140 less, the most of all. A budget that is
//! signed is paid from by one instruction: 16 less. Who waits stores his waker, and looks for one of before only to
//! drop it: 12 less. That an operation is looked at again after its waker was kept, for the clone is foreign
//! code, cost 22 where it was a value to be handed out by a function of its own, and nothing where the poll
//! asks. A task's turn asks the queue once, and what is put back into its place drops nothing: 26 less. The
//! kernel's list is translated without asking at each entry whether there is room: 9 less; an iterator of
//! which the standard library cannot know the length took 4 more. On one connection: messages of other
//! threads are looked for only when the bell was heard, which saves a fence and 188 instructions.
//!
//! Not done: a source that keeps its waker for the next wait. It would save two atomic operations, and cost
//! as many plain instructions: a look whether it is still the right one, and one more, after the wake,
//! whether foreign code has put in another. And a socket that is handed on would keep the header of a task
//! that is over.
//!
//! A result of size zero, which most tasks have, needs no box: that was 969 when the table's first row was
//! 1,105.
//!
//! Neighbours: the benches measure these. `instructions` counts under callgrind, `rounds` takes the time,
//! `growth` does so at sizes up to a million, `cores` on one core and on all, `heap` weighs what is at
//! rest; `page` draws what `growth` and `cores` find.

mod local_pool;
mod ours;
pub mod page;
mod poller;
mod smol;
mod tokio;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// What one runtime is called, and its way to do so many operations.
pub type Run = (&'static str, fn(u64));

/// One row of the table. The first run is ours, the second tokio's.
pub struct Workload {
    /// In a file and on a command line: no spaces.
    pub name: &'static str,
    /// What one operation is.
    pub operation: &'static str,
    /// Everybody who can do it.
    pub runs: &'static [Run],
}

/// How many tasks are spawned, or yield, together.
pub const TASKS: u64 = 1_000;

/// How long they sleep together.
const SHORT: Duration = Duration::from_millis(1);

/// How many connections the larger echo has.
const CONNECTIONS: u64 = 64;

/// How many bytes an echo sends and receives again.
const MESSAGE: usize = 64;

/// How many bytes an echo has room for.
const BUFFER: usize = 1024;

/// All of them.
pub const ALL: &[Workload] = &[
    Workload {
        name: "spawn-join",
        operation: "spawn one task and join it",
        runs: &[
            ("executor", ours::spawn_join),
            ("tokio", tokio::spawn_join),
            ("smol", smol::spawn_join),
            ("LocalPool", local_pool::spawn_join),
        ],
    },
    Workload {
        name: "spawn-many",
        operation: "one of 1,000 tasks that are spawned, and then joined",
        runs: &[
            ("executor", ours::spawn_many),
            ("tokio", tokio::spawn_many),
            ("smol", smol::spawn_many),
            ("LocalPool", local_pool::spawn_many),
        ],
    },
    Workload {
        name: "yield",
        operation: "one of 1,000 tasks lets the others run",
        runs: &[
            ("executor", |times| ours::yields(TASKS, times)),
            ("tokio", |times| tokio::yields(TASKS, times)),
            ("smol", smol::yields),
            ("LocalPool", local_pool::yields),
        ],
    },
    Workload {
        name: "mpsc",
        operation: "a number to another task, and back",
        runs: &[
            ("executor", ours::mpsc),
            ("tokio", tokio::mpsc),
            ("smol", smol::mpsc),
            ("LocalPool", local_pool::mpsc),
        ],
    },
    Workload {
        name: "oneshot",
        operation: "a request with a oneshot for its reply",
        runs: &[
            ("executor", ours::oneshot),
            ("tokio", tokio::oneshot),
            ("smol", smol::oneshot),
            ("LocalPool", local_pool::oneshot),
        ],
    },
    Workload {
        name: "timer",
        operation: "a timer is set and cancelled",
        runs: &[
            ("executor", |times| ours::timers(0, times)),
            ("tokio", |times| tokio::timers(0, times)),
            ("smol", smol::timers),
        ],
    },
    Workload {
        name: "fire",
        operation: "one of 1,000 tasks sleeps for a millisecond, and wakes",
        runs: &[("executor", ours::fires), ("tokio", tokio::fires)],
    },
    Workload {
        name: "echo-1",
        operation: "64 bytes there and back, both ends counted, on one connection",
        runs: &[
            ("executor", |times| ours::echo(1, times)),
            ("tokio", |times| tokio::echo(1, times)),
            ("smol", |times| smol::echo(1, times)),
            ("poller", |times| poller::echo(1, times)),
        ],
    },
    Workload {
        name: "echo-64",
        operation: "the same on one of 64 connections",
        runs: &[
            ("executor", |times| ours::echo(CONNECTIONS, times)),
            ("tokio", |times| tokio::echo(CONNECTIONS, times)),
            ("smol", |times| smol::echo(CONNECTIONS, times)),
            ("poller", |times| poller::echo(CONNECTIONS, times)),
        ],
    },
];

/// Another thread wakes the runtime, which sleeps. Two threads are never counted twice alike, so this is
/// for the clock alone.
pub const WAKE: Workload = Workload {
    name: "wake",
    operation: "to another thread, and back to the runtime, which sleeps",
    runs: &[("executor", ours::wakes), ("tokio", tokio::wakes), ("smol", smol::wakes)],
};

/// A run of so many operations among so many others of their kind.
pub type SizedRun = (&'static str, fn(u64, u64));

/// What must cost the same however much there is of it.
pub const GROWING: &[(&str, &[SizedRun])] = &[
    (
        "spawn and join, beside so many tasks",
        &[("executor", ours::spawns), ("tokio", tokio::spawns)],
    ),
    ("yield, of so many tasks", &[("executor", ours::yields), ("tokio", tokio::yields)]),
    ("timer, beside so many", &[("executor", ours::timers), ("tokio", tokio::timers)]),
];

/// What is at rest: so many tasks with a future of eight bytes that waits for ever, or so many timers.
/// The runtime is given up, not ended: whoever counts what is allocated finds it.
pub const RESTING: &[(&str, &[Run])] = &[
    (
        "parked task",
        &[
            ("executor", ours::park_tasks),
            ("tokio", tokio::park_tasks),
            ("smol", smol::park_tasks),
            ("LocalPool", local_pool::park_tasks),
        ],
    ),
    (
        "timer",
        &[
            ("executor", ours::park_timers),
            ("tokio", tokio::park_timers),
            ("smol", smol::park_timers),
        ],
    ),
];

/// Eight bytes that are never ready.
struct Never(#[allow(dead_code, reason = "it is there to be large")] u64);

impl Future for Never {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

/// Lets the others run once, for runtimes that have no such future themselves.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls a future that has to wait, once: a timer is set by its first poll.
async fn poll_once(mut future: Pin<&mut impl Future>) {
    poll_fn(|context| {
        assert!(
            future.as_mut().poll(context).is_pending(),
            "it is to be cancelled, not to be ready"
        );
        Poll::Ready(())
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_not_grow_runs_at_any_size() {
        for (_, runs) in GROWING {
            for (_, run) in *runs {
                run(1, 1);
                run(10, 100);
            }
        }
    }
}
