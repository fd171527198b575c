//! Signals that interrupt a wait: it goes on, and ends when it should.
//!
//! A handler that runs while the thread sleeps in the kernel ends the call with EINTR, whatever
//! SA_RESTART says (signal(7)). Who then starts again with the *whole* timeout never comes to an end
//! in a storm of signals; who returns at once tells of readiness that is not there.

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reactor::event::Events;
use reactor::poller::Poller;
use support::process::{Thread, handle, one_at_a_time};
use support::{PATIENCE, SetAtEnd, watched};

static INTERRUPTIONS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count_interruption(_: libc::c_int) {
    INTERRUPTIONS.fetch_add(1, Ordering::SeqCst);
}

/// Interrupts the calling thread again and again for as long as `body` runs; says how often.
fn in_a_storm_of_signals(body: impl FnOnce()) -> usize {
    let _one = one_at_a_time();
    handle(libc::SIGUSR1, count_interruption);
    let before = INTERRUPTIONS.load(Ordering::SeqCst);
    let target = Thread::this();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Our thread is joined to nothing before this scope has ended, so the name stays good.
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                target.signal(libc::SIGUSR1);
                std::thread::yield_now();
            }
        });
        let _stopping = SetAtEnd(&stop);
        body();
    });
    INTERRUPTIONS.load(Ordering::SeqCst) - before
}

#[test]
fn a_storm_of_signals_neither_ends_a_wait_early_nor_lengthens_it() {
    let poller = Poller::new().expect("a poller");
    for timeout in [1, 30, 150].map(Duration::from_millis) {
        let begun = Instant::now();
        let mut interruptions = 0;
        // On a busy machine the storm may sleep through a short wait; such a wait shows nothing.
        while interruptions == 0 {
            assert!(begun.elapsed() < PATIENCE, "no wait of {timeout:?} was ever interrupted");
            let mut waited = Duration::ZERO;
            interruptions = in_a_storm_of_signals(|| {
                let before = Instant::now();
                watched("a timeout in a storm", || poller.wait(&mut Events::new(), Some(timeout)))
                    .expect("EINTR is waited through");
                waited = before.elapsed();
            });
            assert!(
                waited >= timeout,
                "{interruptions} signals ended {timeout:?} after {waited:?}"
            );
            assert!(waited < PATIENCE, "{interruptions} signals made {waited:?} of {timeout:?}");
        }
    }
}

#[test]
fn a_storm_of_signals_does_not_hide_a_notification() {
    let poller = Poller::new().expect("a poller");
    let notifier = poller.notifier();
    let interruptions = in_a_storm_of_signals(|| {
        let seen = INTERRUPTIONS.load(Ordering::SeqCst);
        let notified = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let notified = &notified;
            scope.spawn(move || {
                support::look_until("a hundred interruptions", || {
                    INTERRUPTIONS.load(Ordering::SeqCst) >= seen + 100
                });
                notified.store(true, Ordering::SeqCst);
                notifier.notify().expect("notify");
            });
            let before = Instant::now();
            poller.wait(&mut Events::new(), Some(PATIENCE)).expect("EINTR is waited through");
            assert!(before.elapsed() < PATIENCE, "the notification did not end the wait");
            assert!(notified.load(Ordering::SeqCst), "a signal ended the wait");
        });
    });
    assert!(interruptions >= 100);
}
