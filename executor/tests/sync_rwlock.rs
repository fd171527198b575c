//! `RwLock`: many readers or one writer, and neither kind is starved by the other.

#[path = "support/hooks.rs"]
mod hooks;
mod support;

use std::rc::Rc;
use std::task::Poll;

use executor::sync::RwLock;
use executor::{spawn, yield_now};
use hooks::{calling, panicking};
use support::drops::Drops;
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{panic_of, run, soon};

#[test]
fn readers_share_and_a_writer_has_it_alone() {
    let lock = RwLock::new(1);
    let (one, two) = (now("to read", lock.read()), now("to read too", lock.read()));
    assert_eq!(*one + *two, 2);
    assert!(lock.try_write().is_none() && lock.try_read().is_some());
    drop((one, two));
    let mut writer = now("to write", lock.write());
    *writer = 5;
    assert!(lock.try_read().is_none() && lock.try_write().is_none());
    drop(writer);
    assert_eq!(*now("to read", lock.read()), 5);
    assert_eq!(lock.into_inner(), 5);
}

#[test]
fn a_writer_in_line_is_not_overtaken_by_later_readers() {
    let lock = RwLock::new(());
    let reader = now("to read", lock.read());
    let (mut write, mut late) = (Box::pin(lock.write()), Box::pin(lock.read()));
    assert!(poll_once(&mut write).is_pending() && poll_once(&mut late).is_pending());
    assert!(lock.try_read().is_none(), "nor by those who only try");
    drop(reader);
    assert!(poll_once(&mut late).is_pending());
    let Poll::Ready(writer) = poll_once(&mut write) else { panic!("it is the writer's turn") };
    drop(writer);
    assert!(poll_once(&mut late).is_ready());
}

#[test]
fn a_reader_in_line_is_not_overtaken_by_later_writers() {
    let lock = RwLock::new(());
    let writer = now("to write", lock.write());
    let woken = Wakes::new();
    let mut readers = [Box::pin(lock.read()), Box::pin(lock.read())];
    for reader in &mut readers {
        assert!(poll_with(reader, &woken.waker()).is_pending());
    }
    let mut late = Box::pin(lock.write());
    assert!(poll_once(&mut late).is_pending());
    drop(writer);
    assert_eq!(woken.count(), 2, "both readers go together");
    let guards = readers.map(|mut reader| {
        let Poll::Ready(guard) = poll_once(&mut reader) else { panic!("readers share") };
        guard
    });
    assert!(poll_once(&mut late).is_pending());
    drop(guards);
    assert!(poll_once(&mut late).is_ready());
}

#[test]
fn a_writer_that_leaves_the_line_lets_the_readers_behind_it_through() {
    for granted in [false, true] {
        let lock = RwLock::new(());
        let reader = now("to read", lock.read());
        let (mut write, mut late) = (Box::pin(lock.write()), Box::pin(lock.read()));
        let woken = Wakes::new();
        assert!(poll_once(&mut write).is_pending());
        assert!(poll_with(&mut late, &woken.waker()).is_pending());
        if granted {
            drop(reader);
            assert_eq!(woken.count(), 0, "it is the writer's turn");
        }
        drop(write);
        assert_eq!(woken.count(), 1);
        assert!(poll_once(&mut late).is_ready());
        assert_eq!(lock.try_write().is_some(), granted, "the first reader is there, or not");
    }
}

#[test]
fn a_reader_that_leaves_after_it_was_granted_lets_the_writer_through() {
    let lock = RwLock::new(());
    let writer = now("to write", lock.write());
    let (mut read, mut next) = (Box::pin(lock.read()), Box::pin(lock.write()));
    assert!(poll_once(&mut read).is_pending() && poll_once(&mut next).is_pending());
    drop(writer);
    drop(read);
    assert!(poll_once(&mut next).is_ready());
}

#[test]
fn who_leaves_at_any_await_point_leaves_the_lock_to_the_next() {
    for writes in [false, true] {
        for granted in [false, true] {
            let lock = RwLock::new(());
            let holder = now("to write", lock.write());
            let (mut read, mut write) = (Box::pin(lock.read()), Box::pin(lock.write()));
            let leaver_waits = if writes {
                poll_once(&mut write).is_pending()
            } else {
                poll_once(&mut read).is_pending()
            };
            let mut next = Box::pin(lock.write());
            assert!(leaver_waits && poll_once(&mut next).is_pending());
            if granted {
                drop(holder);
                drop((read, write));
            } else {
                drop((read, write));
                drop(holder);
            }
            assert!(poll_once(&mut next).is_ready(), "writes: {writes}, granted: {granted}");
        }
    }
}

#[test]
fn the_value_is_dropped_once_with_the_lock_or_comes_out_of_it() {
    let drops = Drops::new();
    let mut lock = RwLock::new(drops.value());
    *lock.get_mut() = drops.value();
    *now("to write", lock.write()) = drops.value();
    assert_eq!(drops.count(), 2);
    drop(now("to read", lock.read()));
    let value = lock.into_inner();
    assert_eq!(drops.count(), 2);
    drop(value);
    assert_eq!(drops.count(), 3);
    drop(RwLock::new(drops.value()));
    assert_eq!(drops.count(), 4);
}

#[test]
fn a_writer_that_panics_leaves_the_value_and_the_lock() {
    run(async {
        let lock = Rc::new(RwLock::new(1));
        let theirs = Rc::clone(&lock);
        let writer = spawn(async move {
            *theirs.write().await = 2;
            let _guard = theirs.write().await;
            yield_now().await;
            panic!("while it writes");
        });
        let ours = Rc::clone(&lock);
        let reader = spawn(async move { *ours.read().await });
        assert!(soon("the writer's end", writer).await.expect_err("it panics").is_panic());
        assert_eq!(soon("a reader", reader).await.expect("no panic"), 2);
    });
}

#[test]
fn a_waker_may_come_back_to_the_lock() {
    let lock = Rc::new(RwLock::new(()));
    let again = Rc::clone(&lock);
    let writer = now("to write", lock.write());
    let mut read = Box::pin(lock.read());
    let waker = calling(move || assert!(again.try_read().is_some() && again.try_write().is_none()));
    assert!(poll_with(&mut read, &waker).is_pending());
    drop(writer);
    assert!(poll_once(&mut read).is_ready());
    assert!(lock.try_write().is_some());
}

#[test]
fn a_waker_that_panics_keeps_no_reader_from_its_turn() {
    let lock = RwLock::new(());
    let writer = now("to write", lock.write());
    let woken = Wakes::new();
    let (mut first, mut second) = (Box::pin(lock.read()), Box::pin(lock.read()));
    assert!(poll_with(&mut first, &panicking("a waker of ill will")).is_pending());
    assert!(poll_with(&mut second, &woken.waker()).is_pending());
    assert_eq!(panic_of(|| drop(writer)), "a waker of ill will");
    assert_eq!(woken.count(), 1);
    assert!(poll_once(&mut first).is_ready() && poll_once(&mut second).is_ready());
    assert!(lock.try_write().is_some());
}
