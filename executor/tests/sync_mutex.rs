//! `Mutex`: one at a time, in the order of asking, whatever becomes of those who ask.

#[path = "support/hooks.rs"]
mod hooks;
mod support;

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use executor::sync::{Mutex, MutexGuard};
use executor::{spawn, yield_now};
use hooks::{calling, panicking};
use support::drops::Drops;
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{panic_of, run, soon};

type Lock<'a, T> = Pin<Box<dyn Future<Output = MutexGuard<'a, T>> + 'a>>;

/// A wait that has begun.
#[track_caller]
fn waiting<T>(mutex: &Mutex<T>) -> Lock<'_, T> {
    let mut lock: Lock<'_, T> = Box::pin(mutex.lock());
    assert!(poll_once(&mut lock).is_pending(), "it has to wait");
    lock
}

#[test]
fn a_value_is_changed_by_one_at_a_time_across_awaits() {
    run(async {
        let mutex = Rc::new(Mutex::new(0));
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let mutex = Rc::clone(&mutex);
                spawn(async move {
                    for _ in 0..10 {
                        let mut value = mutex.lock().await;
                        let before = *value;
                        yield_now().await;
                        *value = before + 1;
                    }
                })
            })
            .collect();
        for task in tasks {
            soon("a task that counts", task).await.expect("no panic");
        }
        assert_eq!(*mutex.lock().await, 100);
    });
}

#[test]
fn the_lock_goes_in_the_order_of_asking() {
    run(async {
        let mutex = Rc::new(Mutex::new(Vec::new()));
        let held = mutex.lock().await;
        let tasks: Vec<_> = (0..5)
            .map(|number| {
                let mutex = Rc::clone(&mutex);
                spawn(async move { mutex.lock().await.push(number) })
            })
            .collect();
        yield_now().await;
        assert!(mutex.try_lock().is_none());
        drop(held);
        assert!(mutex.try_lock().is_none(), "the first in line has it already");
        for task in tasks {
            soon("a task in line", task).await.expect("no panic");
        }
        assert_eq!(*mutex.lock().await, [0, 1, 2, 3, 4]);
    });
}

#[test]
fn a_wait_dropped_at_any_await_point_passes_the_lock_on() {
    for granted in [false, true] {
        let mutex = Mutex::new(());
        let held = now("a free lock", mutex.lock());
        drop(mutex.lock());
        let (leaver, woken) = (waiting(&mutex), Wakes::new());
        let mut next: Lock<'_, ()> = Box::pin(mutex.lock());
        assert!(poll_with(&mut next, &woken.waker()).is_pending());
        if granted {
            drop(held);
            assert_eq!(woken.count(), 0, "it is the leaver's turn");
            drop(leaver);
        } else {
            drop(leaver);
            assert_eq!(woken.count(), 0, "the lock is still held");
            drop(held);
        }
        assert_eq!(woken.count(), 1);
        assert!(poll_once(&mut next).is_ready());
        assert!(mutex.try_lock().is_some());
    }
}

#[test]
fn a_holder_that_panics_leaves_the_value_and_the_lock() {
    run(async {
        let mutex = Rc::new(Mutex::new(1));
        let theirs = Rc::clone(&mutex);
        let holder = spawn(async move {
            let mut value = theirs.lock().await;
            *value = 2;
            yield_now().await;
            panic!("while it holds the lock");
        });
        let ours = Rc::clone(&mutex);
        let next = spawn(async move { *ours.lock().await });
        assert!(soon("the holder's end", holder).await.expect_err("it panics").is_panic());
        assert_eq!(soon("the next in line", next).await.expect("no panic"), 2);
    });
}

#[test]
fn an_aborted_holder_frees_the_lock() {
    run(async {
        let mutex = Rc::new(Mutex::new(()));
        let theirs = Rc::clone(&mutex);
        let holder = spawn(async move {
            let _guard = theirs.lock().await;
            std::future::pending::<()>().await;
        });
        yield_now().await;
        assert!(mutex.try_lock().is_none());
        holder.abort();
        soon("the lock", mutex.lock()).await;
    });
}

#[test]
fn a_waker_may_come_back_to_the_lock_and_use_the_value() {
    let mutex = Rc::new(Mutex::new(0));
    let again = Rc::clone(&mutex);
    let waker = calling(move || assert!(again.try_lock().is_none(), "it is somebody's turn"));
    let held = now("a free lock", mutex.lock());
    let mut lock: Lock<'_, i32> = Box::pin(mutex.lock());
    assert!(poll_with(&mut lock, &waker).is_pending());
    drop(held);
    let Poll::Ready(guard) = poll_once(&mut lock) else { panic!("it is our turn") };
    drop(guard);
    assert!(mutex.try_lock().is_some());
}

#[test]
fn a_guard_that_is_dropped_by_a_waker_wakes_the_next() {
    let mutex = Rc::new(Mutex::new(()));
    let shared: &'static Mutex<()> = Box::leak(Box::new(Mutex::new(())));
    let kept = Rc::new(RefCell::new(Some(now("a free lock", shared.lock()))));
    let drops = Rc::clone(&kept);
    let held = now("a free lock", mutex.lock());
    let (mut lock, mut next) = (Box::pin(mutex.lock()), Box::pin(shared.lock()));
    assert!(poll_once(&mut next).is_pending());
    assert!(poll_with(&mut lock, &calling(move || drop(drops.take()))).is_pending());
    drop(held);
    assert!(kept.borrow().is_none() && poll_once(&mut next).is_ready());
}

#[test]
fn a_waker_that_panics_does_not_keep_the_lock() {
    let mutex = Mutex::new(());
    let held = now("a free lock", mutex.lock());
    let mut lock: Lock<'_, ()> = Box::pin(mutex.lock());
    assert!(poll_with(&mut lock, &panicking("a waker of ill will")).is_pending());
    assert_eq!(panic_of(|| drop(held)), "a waker of ill will");
    assert!(poll_once(&mut lock).is_ready());
    assert!(mutex.try_lock().is_some());
}

#[test]
fn the_value_is_dropped_once_with_the_mutex_or_comes_out_of_it() {
    let drops = Drops::new();
    let mut mutex = Mutex::new(drops.value());
    *mutex.get_mut() = drops.value();
    assert_eq!(drops.count(), 1);
    wait_behind_a_holder(&mutex);
    let value = mutex.into_inner();
    assert_eq!(drops.count(), 1);
    drop(value);
    assert_eq!(drops.count(), 2);
}

/// A wait behind a holder, both dropped.
fn wait_behind_a_holder<T>(mutex: &Mutex<T>) {
    let _held = now("a free lock", mutex.lock());
    let _wait = waiting(mutex);
}

#[test]
fn a_value_without_a_size_can_be_locked() {
    let mutex: Box<Mutex<[u8]>> = Box::new(Mutex::new([1, 2, 3]));
    now("a free lock", mutex.lock())[0] = 7;
    assert_eq!(now("a free lock", mutex.lock()).iter().sum::<u8>(), 12);
}
