//! What the behaviour tests share: deadlines, a watchdog, values that say when they are dropped.
//!
//! No test here sleeps in order to be "late enough". It waits *for* something, by [`soon`] in a task or
//! by [`look_until`] in a thread, and each of these gives up with the words of what it waited for.
//! Where the loop itself is stuck, so that no timer of ours fires, the [`Watchdog`] ends the process:
//!
//! ```text
//!   soon("the reply", f) ── 20 s ──► panic: waited 20s in vain for: the reply
//!   run(f), Watchdog     ── 60 s ──► abort: the test … hangs; it last waited for: the reply
//! ```
//!
//! # Which test shows which trap
//! Each trap of hand-written runtimes that concerns this crate, and the test that springs it. The test
//! `traps` reads this table, and fails where it names a test that does not exist.
//!
//! | trap | shown by |
//! | --- | --- |
//! | stale token, as of tasks | `a_stale_waker_does_not_wake_who_has_the_place_now`, `a_stale_wake_that_is_still_queued_does_not_reach_who_has_the_place_now` |
//! | edge starvation | `a_socket_that_is_always_ready_yields_when_its_budget_is_used` |
//! | waker stored only the first time | `a_handle_that_moves_to_another_task_wakes_the_one_that_asked_last`, `the_waker_of_the_last_poll_is_the_one_that_is_woken`, `the_wakers_of_the_last_polls_are_the_ones_that_are_woken` |
//! | register/wake race | `no_wake_is_lost_in_a_hundred_thousand_ping_pongs` |
//! | poll and park | `a_wake_from_another_thread_during_the_poll_is_not_lost`, `wake_during_poll_requeues_once` |
//! | shared park token | `a_stray_unpark_neither_ends_a_park_nor_is_eaten_by_one` |
//! | spurious wake-up | `a_spurious_wake_ends_no_wait`, `a_wake_after_completion_is_ignored` |
//! | lost permit or notification | `a_notified_waiter_that_is_dropped_passes_it_on`, `a_sender_that_got_a_slot_and_is_dropped_passes_it_on` |
//! | dropping tasks or wakers under a borrow or lock | `at_the_runtimes_end_destructors_may_still_do_all_of_it`, `wakers_may_use_the_notify_while_they_are_dropped`, `a_waker_may_send_when_it_is_replaced_or_dropped` |
//! | re-entrancy | `a_wake_only_enqueues_and_never_polls`, `the_receivers_waker_may_receive_when_it_is_woken` |
//! | re-entrancy, by a waker's clone | `a_clone_that_brings_what_is_waited_for_finds_it_taken`, `a_clone_may_use_a_channel_between_threads_and_meets_no_lock` |
//! | panic: in poll | `a_panicking_task_takes_nobody_along` |
//! | panic: in the future's drop | `a_panic_in_the_drop_of_a_future_that_was_ready_leaves_the_result`, `a_panic_in_the_drop_of_an_aborted_future_is_the_tasks`, `panics_in_the_drops_of_many_futures_at_the_runtimes_end_pass_nobody` |
//! | panic: in the output's drop | `a_panic_in_the_drop_of_an_output_that_nobody_wants_passes_nobody`, `panics_in_the_drops_of_many_outputs_at_the_runtimes_end_pass_nobody` |
//! | panic: in the payload's drop | `a_panic_in_the_drop_of_a_payload_passes_nobody` |
//! | panic: in a waker's clone, wake or drop | `a_clone_that_panics_leaves_whoever_waits_as_he_was`, `a_senders_waker_that_panics_takes_no_value_from_the_receiver`, `a_receivers_waker_that_panics_as_it_goes_takes_the_receiver_along` |
//! | self-waking task | `a_self_waking_task_does_not_starve_a_socket`, `a_self_waking_task_does_not_starve_a_timer`, `a_self_waking_task_does_not_starve_wakes_from_other_threads` |
//! | waker not thread-safe | `what_other_threads_hold_may_be_sent_and_shared`, `a_foreign_thread_that_drops_the_last_waker_drops_no_future` |
//! | refcount overflow and underflow | `a_foreign_thread_that_holds_a_waker_after_the_end_may_use_it` |
//! | a task panics the thread | `each_event_in_each_state_ends_as_the_table_says` |
//! | sleep hangs in a foreign block_on | `in_a_foreign_block_on_our_timers_and_sockets_say_what_is_missing` |
//! | 100 % CPU | `an_idle_runtime_uses_no_processor_time` |
//! | cancelled accept never finishes | `a_cancelled_accept_leaves_the_connection_to_the_next` |
//! | cancel-unsafe read | `a_cancelled_read_takes_no_bytes_with_it` |
//! | a full wake channel | `a_full_house_of_wakes_blocks_no_waker` |
//!
//! Neighbours: each file beside this folder is a test binary of its own, and takes what it needs.

// Each test binary compiles all of this and uses a part.
#![allow(dead_code, reason = "a test binary uses only a part of what is shared")]

pub(crate) mod drops;
pub(crate) mod gate;
pub(crate) mod polls;
pub(crate) mod process;

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use executor::Runtime;
use executor::time::{sleep, timeout};

/// How long a wait may take before a test calls it broken: far above what is ever needed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How long a whole test may take before the watchdog calls it stuck.
const TEST_TIME: Duration = Duration::from_secs(60);

thread_local! {
    /// What this thread waits for; the watchdog reads it.
    static WAITING_FOR: Arc<Mutex<String>> = Arc::default();
}

/// Runs `future` on a new runtime, under a watchdog.
#[track_caller]
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    let _watchdog = Watchdog::start();
    runtime().block_on(future)
}

/// A runtime with the default settings.
#[track_caller]
pub(crate) fn runtime() -> Runtime {
    Runtime::new().expect("a runtime")
}

/// Waits for `future`, in a task of ours, for as long as patience lasts.
pub(crate) async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    note(what);
    match timeout(PATIENCE, future).await {
        Ok(output) => output,
        Err(_) => panic!("waited {PATIENCE:?} in vain for: {what}"),
    }
}

/// Waits in a task until `condition` holds, where nothing announces it.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let looking = async {
        while !condition() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    soon(what, looking).await;
}

/// Waits in a thread until `condition` holds, where nothing announces it.
#[track_caller]
pub(crate) fn look_until(what: &str, mut condition: impl FnMut() -> bool) {
    note(what);
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} in vain for: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The next message of a channel between threads.
#[track_caller]
pub(crate) fn receive<T>(what: &str, messages: &Receiver<T>) -> T {
    note(what);
    messages
        .recv_timeout(PATIENCE)
        .unwrap_or_else(|error| panic!("waited {PATIENCE:?} in vain for: {what}: {error}"))
}

/// The result of a thread; its panic is ours.
#[track_caller]
pub(crate) fn join<T>(what: &str, thread: JoinHandle<T>) -> T {
    look_until(what, || thread.is_finished());
    thread.join().unwrap_or_else(|payload| std::panic::resume_unwind(payload))
}

/// What `call` panics with, as text.
#[track_caller]
pub(crate) fn panic_of<R>(call: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(_) => panic!("there was no panic"),
        Err(payload) => text_of(payload.as_ref()),
    }
}

/// A panic's payload, as text.
pub(crate) fn text_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a payload that is no text".to_owned())
}

/// Tells the watchdog what this thread is about to wait for.
pub(crate) fn note(what: &str) {
    WAITING_FOR.with(|waiting| {
        what.clone_into(&mut waiting.lock().unwrap_or_else(PoisonError::into_inner));
    });
}

/// Ends the process, with words, where the test that holds it takes too long: for a loop that is
/// stuck fires no timer, and a hang says nothing.
pub(crate) struct Watchdog {
    /// Dropped when the test is over.
    _alive: Sender<()>,
}

impl Watchdog {
    pub(crate) fn start() -> Watchdog {
        let (alive, over) = channel::<()>();
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        let waiting = WAITING_FOR.with(Arc::clone);
        std::thread::spawn(move || {
            if over.recv_timeout(TEST_TIME) == Err(RecvTimeoutError::Timeout) {
                let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                let text = format!("{test} hangs; it last waited for: {waiting}\n");
                // Not `eprintln`, which the test harness would keep to itself until a test ends.
                let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
                std::process::abort();
            }
        });
        Watchdog { _alive: alive }
    }
}
