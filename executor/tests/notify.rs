//! `Notify`: permits, rounds, order, and notifications that are never lost.

mod support;

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};

use executor::sync::{Notified, Notify};
use executor::{spawn, yield_now};
use futures::executor::LocalPool;
use futures::task::LocalSpawnExt;
use support::drops::Log;
use support::polls::{Wakes, poll_once, poll_with};
use support::{run, soon};

/// A wait that stands in the line.
fn waiting(notify: &Notify) -> Notified<'_> {
    let mut notified = notify.notified();
    assert!(poll_once(&mut notified).is_pending());
    notified
}

#[test]
fn a_permit_ends_the_next_wait_and_only_that() {
    let notify = Notify::new();
    notify.notify_one();
    notify.notify_one();
    assert!(poll_once(&mut notify.notified()).is_ready());
    assert!(poll_once(&mut notify.notified()).is_pending(), "two calls before a wait are one");
}

#[test]
fn notify_one_wakes_in_the_order_of_arrival() {
    let log = Log::new();
    run(async {
        let notify = Rc::new(Notify::new());
        let tasks: Vec<_> = (0..4)
            .map(|number| {
                let (log, notify) = (log.clone(), Rc::clone(&notify));
                spawn(async move {
                    notify.notified().await;
                    log.write(number.to_string());
                })
            })
            .collect();
        yield_now().await;
        for _ in 0..4 {
            notify.notify_one();
            notify.notify_one();
            yield_now().await;
            yield_now().await;
        }
        for task in tasks {
            soon("a waiter", task).await.expect("it ended well");
        }
    });
    assert_eq!(log.take(), ["0", "1", "2", "3"]);
}

#[test]
fn a_latecomer_does_not_overtake_who_was_notified() {
    let notify = Notify::new();
    let mut first = waiting(&notify);
    notify.notify_one();
    let mut late = notify.notified();
    assert!(poll_once(&mut late).is_pending(), "the notification is the first one's");
    assert!(poll_once(&mut first).is_ready());
}

#[test]
fn a_notified_waiter_that_is_dropped_passes_it_on() {
    let notify = Notify::new();
    let (first, mut second) = (waiting(&notify), waiting(&notify));
    let wakes = Wakes::new();
    assert!(poll_with(&mut second, &wakes.waker()).is_pending());
    notify.notify_one();
    assert_eq!(wakes.count(), 0);
    drop(first);
    assert_eq!(wakes.count(), 1, "the notification was lost");
    assert!(poll_once(&mut second).is_ready());
    assert!(poll_once(&mut notify.notified()).is_pending(), "it was one");
}

#[test]
fn a_notified_waiter_that_is_dropped_with_nobody_behind_it_leaves_the_permit() {
    let notify = Notify::new();
    let only = waiting(&notify);
    notify.notify_one();
    drop(only);
    assert!(poll_once(&mut notify.notified()).is_ready());
}

#[test]
fn a_notification_is_passed_on_through_any_number_of_waiters() {
    let notify = Notify::new();
    let waiters: Vec<_> = (0..10).map(|_| waiting(&notify)).collect();
    let mut last = waiting(&notify);
    notify.notify_one();
    drop(waiters);
    assert!(poll_once(&mut last).is_ready());
}

#[test]
fn a_waiter_that_is_dropped_before_it_was_notified_leaves_no_trace() {
    let notify = Notify::new();
    let (first, gone, mut third) = (waiting(&notify), waiting(&notify), waiting(&notify));
    drop(gone);
    drop(first);
    notify.notify_one();
    assert!(poll_once(&mut third).is_ready());
    drop(notify.notified());
    assert!(poll_once(&mut notify.notified()).is_pending());
}

#[test]
fn a_wait_that_has_ended_passes_nothing_on() {
    let notify = Notify::new();
    let mut first = waiting(&notify);
    notify.notify_one();
    assert!(poll_once(&mut first).is_ready());
    assert!(poll_once(&mut first).is_ready(), "it stays ready");
    drop(first);
    assert!(poll_once(&mut notify.notified()).is_pending(), "its notification was used up");
}

#[test]
fn notify_waiters_wakes_all_that_wait_and_leaves_no_permit() {
    let notify = Notify::new();
    let mut all: Vec<_> = (0..5).map(|_| waiting(&notify)).collect();
    notify.notify_waiters();
    assert!(all.iter_mut().all(|wait| poll_once(wait).is_ready()));
    assert!(poll_once(&mut notify.notified()).is_pending());
}

#[test]
fn a_wait_made_before_notify_waiters_hears_it_though_it_was_not_polled_yet() {
    let notify = Notify::new();
    let mut early = notify.notified();
    notify.notify_waiters();
    let mut late = notify.notified();
    assert!(poll_once(&mut early).is_ready());
    assert!(poll_once(&mut late).is_pending());
}

#[test]
fn a_wait_that_heard_the_round_leaves_the_permit_to_others() {
    let notify = Notify::new();
    let mut early = notify.notified();
    notify.notify_waiters();
    notify.notify_one();
    assert!(poll_once(&mut early).is_ready());
    assert!(poll_once(&mut notify.notified()).is_ready(), "the permit is still there");
}

#[test]
fn a_dropped_waiter_of_a_round_passes_nothing_on() {
    let notify = Notify::new();
    let dropped = waiting(&notify);
    notify.notify_waiters();
    drop(dropped);
    assert!(poll_once(&mut notify.notified()).is_pending());
}

#[test]
fn who_comes_while_a_round_is_announced_belongs_to_the_next() {
    /// Waits again as soon as it is woken, as a task that is polled by its waker would.
    struct WaitsAgain(std::sync::Mutex<Option<Box<dyn FnOnce() + Send>>>);
    impl Wake for WaitsAgain {
        fn wake(self: Arc<Self>) {
            let again = self.0.lock().expect("nobody panics").take();
            if let Some(again) = again {
                again();
            }
        }
    }
    thread_local! {
        static NOTIFY: Notify = Notify::new();
        static LATE: Cell<Option<bool>> = const { Cell::new(None) };
    }
    NOTIFY.with(|notify| {
        let again: Box<dyn FnOnce() + Send> = Box::new(|| {
            NOTIFY.with(|notify| LATE.set(Some(poll_once(&mut notify.notified()).is_ready())));
        });
        let waker = Waker::from(Arc::new(WaitsAgain(std::sync::Mutex::new(Some(again)))));
        let (mut first, mut second) = (notify.notified(), notify.notified());
        assert!(poll_with(&mut first, &waker).is_pending());
        assert!(poll_once(&mut second).is_pending());
        notify.notify_waiters();
        assert_eq!(LATE.get(), Some(false), "polled inside of the wake, it is not notified");
        assert!(poll_once(&mut first).is_ready() && poll_once(&mut second).is_ready());
    });
}

#[test]
fn the_waker_of_the_last_poll_is_the_one_that_is_woken() {
    let notify = Notify::new();
    let (before, after) = (Wakes::new(), Wakes::new());
    let mut wait = notify.notified();
    assert!(poll_with(&mut wait, &before.waker()).is_pending());
    assert!(poll_with(&mut wait, &after.waker()).is_pending());
    assert_eq!(Arc::strong_count(&before), 1, "the waker of the first poll is kept for nothing");
    notify.notify_one();
    assert_eq!((before.count(), after.count()), (0, 1));
}

#[test]
fn wakers_may_use_the_notify_while_they_are_dropped() {
    /// Notifies when its last clone is dropped: under a borrow, that would panic.
    struct NotifiesAtDrop;
    thread_local! {
        static NOTIFY: Notify = Notify::new();
    }
    impl Wake for NotifiesAtDrop {
        fn wake(self: Arc<Self>) {}
    }
    impl Drop for NotifiesAtDrop {
        fn drop(&mut self) {
            NOTIFY.with(Notify::notify_one);
        }
    }
    NOTIFY.with(|notify| {
        let mut wait = notify.notified();
        assert!(poll_with(&mut wait, &Waker::from(Arc::new(NotifiesAtDrop))).is_pending());
        assert!(poll_once(&mut wait).is_pending(), "the waker is replaced, dropped, and notifies");
        assert!(poll_once(&mut wait).is_ready());
        let mut wait = notify.notified();
        assert!(poll_with(&mut wait, &Waker::from(Arc::new(NotifiesAtDrop))).is_pending());
        drop(wait);
        assert!(poll_once(&mut notify.notified()).is_ready(), "the waker went with its wait");
    });
}

#[test]
fn a_cancelled_task_passes_its_notification_to_the_next() {
    run(async {
        let notify = Rc::new(Notify::new());
        let wait = |notify: &Rc<Notify>| {
            let notify = Rc::clone(notify);
            spawn(async move { notify.notified().await })
        };
        let (first, second) = (wait(&notify), wait(&notify));
        yield_now().await;
        first.abort();
        notify.notify_one();
        assert!(soon("the aborted waiter", first).await.is_err());
        soon("the next waiter", second).await.expect("it was notified");
    });
}

#[test]
fn it_works_under_a_foreign_executor() {
    let mut pool = LocalPool::new();
    let notify = Rc::new(Notify::new());
    let woken = Rc::new(RefCell::new(Vec::new()));
    for number in 0..3 {
        let (notify, woken) = (Rc::clone(&notify), Rc::clone(&woken));
        pool.spawner()
            .spawn_local(async move {
                notify.notified().await;
                woken.borrow_mut().push(number);
            })
            .expect("the pool lives");
    }
    pool.run_until_stalled();
    notify.notify_one();
    pool.run_until_stalled();
    assert_eq!(*woken.borrow(), [0]);
    notify.notify_waiters();
    pool.run();
    assert_eq!(*woken.borrow(), [0, 1, 2]);
    assert_eq!(poll_once(&mut pin!(notify.notified())), Poll::Pending);
}
