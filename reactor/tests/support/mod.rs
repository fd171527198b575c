//! What the behaviour tests share: a poll loop with a deadline, wakers that count, peers to talk to.
//!
//! The loop here is the smallest one that still catches a lost wake-up: it polls a future again only
//! after its waker was woken. A wake that never comes ends in a panic that says what was waited for,
//! not in a hang, and not in a lucky poll that hides the bug.
//!
//! ```text
//!   poll ──Ready──► value
//!    │ ▲  Pending
//!    ▼ └──woken── park(what is left of ten seconds) ──over──► panic: waited in vain for: …
//! ```
//!
//! # Which test shows which trap
//! Each trap of hand-written runtimes that concerns this crate, and the test that springs it. The test
//! `traps` reads this table, and fails where it names a test that does not exist.
//!
//! | trap | shown by |
//! | --- | --- |
//! | stale token | `a_stale_event_of_the_same_batch_reaches_nobody`, `a_duplicate_keeps_no_registration_alive` |
//! | close without deregistering | `a_descriptor_closed_under_us_ends_in_an_error_and_no_panic` |
//! | edge starvation | `an_always_ready_reader_yields_when_its_budget_is_used` |
//! | waker stored only the first time | `the_waker_of_the_last_poll_is_the_one_that_is_woken` |
//! | register/wake race | `data_that_came_before_the_first_poll_is_read_without_waiting`, `adding_a_descriptor_reports_what_was_ready_before` |
//! | poll and park | `a_notification_before_the_wait_ends_it_at_once` |
//! | shared park token | `two_pollers_of_one_thread_do_not_hear_each_others_notifications` |
//! | spurious wake-up | `spurious_wake_ups_are_harmless` |
//! | EINTR | `a_storm_of_signals_neither_ends_a_wait_early_nor_lengthens_it` |
//! | timeout rounding | `a_timeout_is_never_early`, `timeout_rounding_goes_up_and_clamps` |
//! | timer overflow | `a_sleep_beyond_the_clock_means_never`, `the_longest_timeout_does_not_overflow` |
//! | EMFILE on accept | `accept_without_a_free_descriptor_rests_and_goes_on` |
//! | SIGPIPE | `writing_to_a_closed_peer_is_an_error_and_not_a_signal` |
//! | partial write | `a_full_socket_buffer_holds_the_writer_back_and_loses_nothing` |
//! | cancel-unsafe read | `a_dropped_read_takes_nothing`, `a_read_exact_dropped_halfway_has_taken_bytes_as_documented` |
//! | dropping wakers under a borrow | `a_waker_that_uses_the_reactor_while_dropped_is_fine` |
//! | re-entrancy | `a_waker_that_uses_the_reactor_while_woken_is_fine` |
//! | EV_EOF, EPOLLRDHUP | `the_peers_half_close_is_no_hang_up`, `what_was_sent_before_a_half_close_is_read_to_the_end` |
//! | HUP or ERR without IN | `hang_up_without_data_wakes_the_reader`, `an_error_without_room_wakes_the_writer`, `a_reset_wakes_the_reader_and_the_writer` |
//! | one-shot re-arm | `one_shot_armed_again_with_both_interests_reports_both` |
//! | waker not thread-safe | `the_notifier_may_be_sent_and_shared` |
//! | `epoll_event` is packed on x86-64 | `epoll_event_is_packed_on_x86_64_and_only_there` |
//! | thundering herd | `one_acceptor_takes_a_burst_of_connections_after_one_wake_up` |
//! | sleep hangs in a foreign block_on | `a_timer_outside_says_what_is_missing` |
//! | 100 % CPU | `readiness_nobody_waits_for_does_not_spin_the_loop` |
//! | cancelled accept never finishes | `a_dropped_accept_leaves_the_connection_to_the_next` |
//! | a full wake channel | `a_full_eventfd_is_emptied_and_the_notification_not_lost`, `no_notification_of_many_threads_is_lost` |
//!
//! Neighbours: each file beside this folder is a test binary of its own, and takes what it needs.

// Each test binary compiles all of this and uses a part.
#![allow(dead_code, reason = "a test binary uses only a part of what is shared")]

pub(crate) mod peers;
pub(crate) mod process;
pub(crate) mod wakers;

use std::future::Future;
use std::io::Write;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use reactor::Reactor;
use reactor::event::{Event, Events};
use reactor::poller::Poller;

/// How long anything here may take before a test calls it broken: far above what is ever needed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Runs `body` with a reactor of its own, which is current meanwhile. Where `body` parks it, the
/// timeout is the reactor's to keep; should it not, the test ends all the same.
pub(crate) fn with_reactor<R>(body: impl FnOnce(&Rc<Reactor>) -> R) -> R {
    watched_for(6 * PATIENCE, "a test to end that parks its reactor", || {
        let reactor = Reactor::new().expect("a reactor");
        let _entered = reactor.enter();
        body(&reactor)
    })
}

/// Polls `future` on the current reactor until it is ready, each time only after it was woken.
#[track_caller]
pub(crate) fn block_on<F: Future>(what: &str, future: F) -> F::Output {
    let woken = wakers::counter();
    let waker = woken.waker();
    let mut future = pin!(future);
    let deadline = Instant::now() + 3 * PATIENCE;
    loop {
        // A future that wakes itself without end never comes to the deadline of a park.
        assert!(Instant::now() < deadline, "polled {:?} in vain for: {what}", 3 * PATIENCE);
        let before = woken.count();
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        park_until(what, || woken.count() != before);
    }
}

/// Parks the current reactor until `condition` holds; only what happens in `park` can make it true.
#[track_caller]
pub(crate) fn park_until(what: &str, mut condition: impl FnMut() -> bool) {
    let reactor = Reactor::current();
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "waited {PATIENCE:?} in vain for: {what}");
        reactor.park(Some(left)).expect("park");
    }
}

/// Looks until `condition` holds, where nothing announces it: another process, another thread.
#[track_caller]
pub(crate) fn look_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} in vain for: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Sets a flag when it is dropped: a thread that runs until the flag is set ends even where the test
/// fails, so that the failure is told instead of a hang.
pub(crate) struct SetAtEnd<'a>(pub(crate) &'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Runs `body`, which waits without a deadline of its own: for ever, were it to miss what it waits for.
/// Nothing can wake it then, so the process is ended, with a word about why.
pub(crate) fn watched<R>(what: &str, body: impl FnOnce() -> R) -> R {
    watched_for(PATIENCE, what, body)
}

fn watched_for<R>(patience: Duration, what: &str, body: impl FnOnce() -> R) -> R {
    let (done, is_done) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if is_done.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                // Straight to the descriptor: the test harness would keep `eprintln!` to itself.
                let _ = writeln!(std::io::stderr(), "waited {patience:?} in vain for: {what}");
                std::process::abort();
            }
        });
        let result = body();
        drop(done);
        result
    })
}

/// One poll, with no word of who is to be woken.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(std::task::Waker::noop()))
}

/// Both futures at once, in one task, until both are ready.
pub(crate) async fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut from_a, mut from_b) = (None, None);
    std::future::poll_fn(|context| {
        if from_a.is_none()
            && let Poll::Ready(value) = a.as_mut().poll(context)
        {
            from_a = Some(value);
        }
        if from_b.is_none()
            && let Poll::Ready(value) = b.as_mut().poll(context)
        {
            from_b = Some(value);
        }
        match (from_a.take(), from_b.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (from_a, from_b) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}

/// Lets the loop look at the kernel before the task goes on.
pub(crate) async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Waits with a bare poller until an event satisfies `wanted`; the others that came before are lost.
#[track_caller]
pub(crate) fn wait_for(poller: &Poller, what: &str, wanted: impl Fn(&Event) -> bool) -> Event {
    let deadline = Instant::now() + PATIENCE;
    let mut events = Events::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "waited {PATIENCE:?} in vain for: {what}");
        poller.wait(&mut events, Some(left)).expect("wait");
        if let Some(event) = events.iter().find(|event| wanted(event)) {
            return *event;
        }
    }
}

/// What the poller has to say right now.
pub(crate) fn ask(poller: &Poller) -> Vec<Event> {
    let mut events = Events::new();
    poller.wait(&mut events, Some(Duration::ZERO)).expect("wait");
    events.iter().copied().collect()
}
