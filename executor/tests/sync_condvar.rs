//! `Condvar`: a notification that met a waiter ends one wait, whatever becomes of that waiter.

#[path = "support/hooks.rs"]
mod hooks;
mod support;

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use executor::sync::{Condvar, Mutex, MutexGuard};
use executor::{spawn, yield_now};
use hooks::{calling, panicking};
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{panic_of, run, soon};

type Wait<'a> = Pin<Box<dyn Future<Output = MutexGuard<'a, ()>> + 'a>>;

/// A wait that stands in line; the mutex is free again.
#[track_caller]
fn waiting<'a>(
    condvar: &'a Condvar,
    mutex: &'a Mutex<()>,
    wakes: &std::sync::Arc<Wakes>,
) -> Wait<'a> {
    let guard = now("the mutex", mutex.lock());
    let mut wait: Wait<'a> = Box::pin(condvar.wait(guard));
    assert!(poll_with(&mut wait, &wakes.waker()).is_pending());
    assert!(mutex.try_lock().is_some(), "a wait lets the mutex go");
    wait
}

#[test]
fn a_queue_made_of_a_mutex_and_a_condvar_gives_every_item_once() {
    run(async {
        let shared = Rc::new((Mutex::new(VecDeque::new()), Condvar::new()));
        let takers: Vec<_> = (0..4)
            .map(|_| {
                let shared = Rc::clone(&shared);
                spawn(async move {
                    let (queue, filled) = &*shared;
                    let mut taken = Vec::new();
                    for _ in 0..5 {
                        let guard = queue.lock().await;
                        let mut guard = filled.wait_while(guard, |queue| queue.is_empty()).await;
                        taken.extend(guard.pop_front());
                    }
                    taken
                })
            })
            .collect();
        for item in 0..20 {
            yield_now().await;
            shared.0.lock().await.push_back(item);
            shared.1.notify_one();
        }
        let mut all = Vec::new();
        for taker in takers {
            all.extend(soon("a taker of five", taker).await.expect("no panic"));
        }
        all.sort_unstable();
        assert_eq!(all, (0..20).collect::<Vec<i32>>());
    });
}

#[test]
fn notify_one_wakes_in_the_order_of_waiting() {
    let (condvar, mutex) = (Condvar::new(), Mutex::new(()));
    let wakes: Vec<_> = (0..3).map(|_| Wakes::new()).collect();
    let mut waits: Vec<Wait<'_>> = wakes.iter().map(|w| waiting(&condvar, &mutex, w)).collect();
    for (place, wait) in waits.iter_mut().enumerate() {
        condvar.notify_one();
        let counts: Vec<usize> = wakes.iter().map(|wakes| wakes.count()).collect();
        assert_eq!(counts, (0..3).map(|i| usize::from(i <= place)).collect::<Vec<_>>());
        assert!(poll_once(wait).is_ready());
    }
}

#[test]
fn notify_all_wakes_those_who_wait_and_nobody_who_comes_later() {
    let (condvar, mutex, woken) = (Condvar::new(), Mutex::new(()), Wakes::new());
    let mut waits = [waiting(&condvar, &mutex, &woken), waiting(&condvar, &mutex, &woken)];
    condvar.notify_all();
    assert_eq!(woken.count(), 2);
    let late = Wakes::new();
    let mut later = waiting(&condvar, &mutex, &late);
    assert!(waits.iter_mut().all(|wait| poll_once(wait).is_ready()));
    assert!(poll_once(&mut later).is_pending());
    assert_eq!(late.count(), 0);
}

#[test]
fn a_notification_that_finds_nobody_is_forgotten() {
    let (condvar, mutex, woken) = (Condvar::new(), Mutex::new(()), Wakes::new());
    condvar.notify_one();
    condvar.notify_all();
    let mut wait = waiting(&condvar, &mutex, &woken);
    assert!(poll_once(&mut wait).is_pending());
}

#[test]
fn a_wait_that_never_began_only_frees_the_mutex() {
    let (condvar, mutex, woken) = (Condvar::new(), Mutex::new(()), Wakes::new());
    drop(condvar.wait(now("the mutex", mutex.lock())));
    let mut next = waiting(&condvar, &mutex, &woken);
    condvar.notify_one();
    assert!(poll_once(&mut next).is_ready());
}

#[test]
fn a_dropped_wait_leaves_its_place_in_line() {
    let (condvar, mutex) = (Condvar::new(), Mutex::new(()));
    let (gone, woken) = (Wakes::new(), Wakes::new());
    let first = waiting(&condvar, &mutex, &gone);
    let mut second = waiting(&condvar, &mutex, &woken);
    drop(first);
    condvar.notify_one();
    assert_eq!((gone.count(), woken.count()), (0, 1));
    assert!(poll_once(&mut second).is_ready());
}

#[test]
fn a_wait_dropped_after_it_was_notified_passes_the_notification_on() {
    let (condvar, mutex, woken) = (Condvar::new(), Mutex::new(()), Wakes::new());
    let first = waiting(&condvar, &mutex, &Wakes::new());
    let mut second = waiting(&condvar, &mutex, &woken);
    condvar.notify_one();
    drop(first);
    assert_eq!(woken.count(), 1);
    assert!(poll_once(&mut second).is_ready());
}

#[test]
fn a_wait_dropped_while_it_locks_again_passes_the_notification_on() {
    let (condvar, mutex, woken) = (Condvar::new(), Mutex::new(()), Wakes::new());
    let mut first = waiting(&condvar, &mutex, &Wakes::new());
    let mut second = waiting(&condvar, &mutex, &woken);
    let held = now("the mutex", mutex.lock());
    condvar.notify_one();
    assert!(poll_once(&mut first).is_pending(), "notified, it waits for the mutex");
    drop(first);
    assert_eq!(woken.count(), 1, "the notification was not lost");
    assert!(poll_once(&mut second).is_pending());
    drop(held);
    assert!(poll_once(&mut second).is_ready());
}

#[test]
fn a_wait_dropped_after_notify_all_wakes_nobody_who_came_later() {
    let (condvar, mutex, late) = (Condvar::new(), Mutex::new(()), Wakes::new());
    let first = waiting(&condvar, &mutex, &Wakes::new());
    condvar.notify_all();
    let mut later = waiting(&condvar, &mutex, &late);
    drop(first);
    assert_eq!(late.count(), 0);
    assert!(poll_once(&mut later).is_pending());
}

#[test]
fn a_wait_that_came_to_its_end_passes_nothing_on() {
    let (condvar, mutex, woken) = (Condvar::new(), Mutex::new(()), Wakes::new());
    let mut first = waiting(&condvar, &mutex, &Wakes::new());
    let _second = waiting(&condvar, &mutex, &woken);
    condvar.notify_one();
    assert!(poll_once(&mut first).is_ready());
    drop(first);
    assert_eq!(woken.count(), 0);
}

#[test]
fn a_waker_may_come_back_to_the_condvar() {
    let shared = Rc::new((Condvar::new(), Mutex::new(())));
    let again = Rc::clone(&shared);
    let guard = now("the mutex", shared.1.lock());
    let mut wait = Box::pin(shared.0.wait(guard));
    let waker = calling(move || {
        again.0.notify_one();
        again.0.notify_all();
        assert!(again.1.try_lock().is_some());
    });
    assert!(poll_with(&mut wait, &waker).is_pending());
    shared.0.notify_all();
    assert!(poll_once(&mut wait).is_ready());
}

#[test]
fn a_waker_that_panics_keeps_no_notification_from_the_others() {
    let (condvar, mutex, woken) = (Condvar::new(), Mutex::new(()), Wakes::new());
    let mut first = Box::pin(condvar.wait(now("the mutex", mutex.lock())));
    assert!(poll_with(&mut first, &panicking("a waker of ill will")).is_pending());
    let mut second = waiting(&condvar, &mutex, &woken);
    assert_eq!(panic_of(|| condvar.notify_all()), "a waker of ill will");
    assert_eq!(woken.count(), 1);
    assert!(poll_once(&mut first).is_ready() && poll_once(&mut second).is_ready());
}
