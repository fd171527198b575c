//! Who is busy must not starve who waits.
//!
//! Nothing is timed here. A busy task counts its own polls, and the one that waits writes down how
//! far that count was when its turn came.

mod support;

use std::cell::Cell;
use std::future::poll_fn;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use executor::source::Source;
use executor::{Direction, JoinHandle, spawn, yield_now};
use support::polls::Watch;
use support::{run, soon};

/// The loop looks at the reactor at least once in so many polls; that is the contract.
const POLLS_BETWEEN_LOOKS: u64 = 64;

/// Counts the polls of a task that wakes itself in each of them.
#[derive(Clone, Default)]
struct Busy {
    polls: Rc<Cell<u64>>,
}

impl Busy {
    /// Spawns the task; `each_poll` is called with the count.
    fn spawn(&self, mut each_poll: impl FnMut(u64) + 'static) -> JoinHandle<()> {
        let polls = Rc::clone(&self.polls);
        spawn(poll_fn(move |context| {
            polls.set(polls.get() + 1);
            each_poll(polls.get());
            context.waker().wake_by_ref();
            Poll::Pending
        }))
    }

    fn polls(&self) -> u64 {
        self.polls.get()
    }
}

#[track_caller]
fn assert_in_time(what: &str, happened: u64, seen: u64) {
    let late = seen.saturating_sub(happened);
    // One more for the one that is busy while the other stands in the queue.
    assert!(late <= POLLS_BETWEEN_LOOKS + 1, "{what} had to wait for {late} polls of another task");
}

#[test]
fn a_self_waking_task_does_not_starve_a_socket() {
    const ROUNDS: u64 = 100;
    run(async {
        let busy = Busy::default();
        let (ours, mut peer) = UnixStream::pair().expect("a pair of sockets");
        ours.set_nonblocking(true).expect("nonblocking");
        let ours = Source::new(ours).expect("a source");
        let next_write = Rc::new(Cell::new(100));
        // Between two unix sockets, what is written is there to be read at once.
        let writes = Rc::clone(&next_write);
        let task = busy.spawn(move |polls| {
            if polls == writes.get() {
                peer.write_all(b"x").expect("room for a byte");
            }
        });
        for round in 0..ROUNDS {
            let read = |mut socket: &UnixStream| socket.read(&mut [0; 1]);
            let reading = poll_fn(|context| ours.poll_io(context, Direction::Read, read));
            assert_eq!(soon("a byte", reading).await.expect("a healthy socket"), 1);
            assert_in_time("the reader", next_write.get(), busy.polls());
            // Each time at another distance from the loop's last look.
            next_write.set(busy.polls() + 1 + round);
        }
        task.abort();
    });
}

#[test]
fn a_self_waking_task_does_not_starve_a_timer() {
    run(async {
        let busy = Busy::default();
        let deadline = Instant::now() + Duration::from_millis(5);
        let passed = Rc::new(Cell::new(0));
        let passes = Rc::clone(&passed);
        let task = busy.spawn(move |polls| {
            if passes.get() == 0 && Instant::now() >= deadline {
                passes.set(polls);
            }
        });
        soon("the timer", executor::time::sleep_until(deadline)).await;
        // It may have fired before the busy task has looked at the clock.
        let happened = if passed.get() == 0 { busy.polls() } else { passed.get() };
        assert_in_time("the sleeper", happened, busy.polls());
        task.abort();
    });
}

#[test]
fn a_self_waking_task_does_not_starve_wakes_from_other_threads() {
    run(async {
        let busy = Busy::default();
        let watch = Watch::new();
        let woken = spawn(watch.parked());
        yield_now().await;
        watch.open();
        let (waker, done) = (watch.waker(), Arc::new(AtomicBool::new(false)));
        let done_too = Arc::clone(&done);
        let thread = std::thread::spawn(move || {
            waker.wake();
            done_too.store(true, Ordering::SeqCst);
        });
        let seen_at = Rc::new(Cell::new(0));
        let sees = Rc::clone(&seen_at);
        let task = busy.spawn(move |polls| {
            if sees.get() == 0 && done.load(Ordering::SeqCst) {
                sees.set(polls);
            }
        });
        soon("the wake", woken).await.expect("it ended well");
        let happened = if seen_at.get() == 0 { busy.polls() } else { seen_at.get() };
        // The root that looks here is woken by the woken task, a turn later.
        assert_in_time("the woken task", happened, busy.polls() - 1);
        task.abort();
        support::join("the thread that wakes", thread);
    });
}

#[test]
fn a_self_waking_root_does_not_starve_the_tasks() {
    run(async {
        let ran = Rc::new(Cell::new(false));
        let runs = Rc::clone(&ran);
        let _task = spawn(async move {
            executor::time::sleep(Duration::from_millis(1)).await;
            runs.set(true);
        });
        let busy_root = poll_fn(|context| {
            context.waker().wake_by_ref();
            if ran.get() { Poll::Ready(()) } else { Poll::Pending }
        });
        soon("the task beside a busy root", busy_root).await;
    });
}

#[test]
fn yield_now_lets_all_others_run_once() {
    run(async {
        let counts: Vec<Rc<Cell<u32>>> = (0..100).map(|_| Rc::default()).collect();
        let tasks: Vec<_> = counts
            .iter()
            .map(|count| {
                let count = Rc::clone(count);
                spawn(async move {
                    loop {
                        count.set(count.get() + 1);
                        yield_now().await;
                    }
                })
            })
            .collect();
        for round in 1..=10 {
            yield_now().await;
            assert!(counts.iter().all(|count| count.get() == round), "in round {round}");
        }
        tasks.iter().for_each(JoinHandle::abort);
    });
}
