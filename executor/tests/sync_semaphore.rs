//! `Semaphore`: who is served when, and what becomes of permits that nobody takes.

#[path = "support/hooks.rs"]
mod hooks;
mod support;

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Poll, Waker};

use executor::sync::{Acquire, Closed, Semaphore, TryAcquireError};
use executor::{spawn, yield_now};
use hooks::{calling, calling_when_dropped, panicking};
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{panic_of, run, soon};

/// A wait that has begun, with nobody to be woken.
#[track_caller]
fn waiting(semaphore: &Semaphore, count: usize) -> Acquire<'_> {
    let mut acquire = semaphore.acquire_many(count);
    assert!(poll_once(&mut acquire).is_pending(), "it has to wait");
    acquire
}

#[test]
fn permits_go_in_the_order_of_asking() {
    let semaphore = Semaphore::new(1);
    let held = now("a free permit", semaphore.acquire()).expect("open");
    let mut line: Vec<Acquire<'_>> = (0..3).map(|_| waiting(&semaphore, 1)).collect();
    drop(held);
    for place in 0..3 {
        for later in &mut line[1..] {
            assert!(poll_once(later).is_pending(), "nobody overtakes {place}");
        }
        let Poll::Ready(Ok(permit)) = poll_once(&mut line[0]) else { panic!("{place} is first") };
        drop(line.remove(0));
        drop(permit);
    }
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn a_waiter_is_woken_once_and_by_its_last_waker() {
    let semaphore = Semaphore::new(0);
    let (first, last) = (Wakes::new(), Wakes::new());
    let mut acquire = semaphore.acquire();
    assert!(poll_with(&mut acquire, &first.waker()).is_pending());
    assert!(poll_with(&mut acquire, &last.waker()).is_pending());
    semaphore.add_permits(3);
    assert_eq!((first.count(), last.count()), (0, 1));
    assert_eq!(semaphore.available(), 2);
    assert!(poll_once(&mut acquire).is_ready());
    assert_eq!(semaphore.available(), 3, "the permit was dropped at once");
}

#[test]
fn a_small_request_does_not_overtake_a_large_one() {
    let semaphore = Semaphore::new(2);
    let mut large = waiting(&semaphore, 3);
    let mut small = waiting(&semaphore, 1);
    assert_eq!(semaphore.try_acquire().err(), Some(TryAcquireError::NoPermits));
    semaphore.add_permits(1);
    assert!(poll_once(&mut small).is_pending(), "the large one has taken all three");
    let Poll::Ready(Ok(permit)) = poll_once(&mut large) else { panic!("there are three") };
    assert_eq!(permit.count(), 3);
    drop(permit);
    assert!(poll_once(&mut small).is_ready());
}

#[test]
fn a_wait_that_never_began_leaves_no_trace() {
    let semaphore = Semaphore::new(1);
    drop(semaphore.acquire());
    drop(semaphore.acquire_many(5));
    assert!(semaphore.try_acquire().is_ok());
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn a_dropped_wait_leaves_its_place_to_those_behind_it() {
    for leaver in 0..3 {
        let semaphore = Semaphore::new(0);
        let mut line: Vec<Acquire<'_>> = (0..3).map(|_| waiting(&semaphore, 1)).collect();
        drop(line.remove(leaver));
        semaphore.add_permits(2);
        assert!(line.iter_mut().all(|acquire| poll_once(acquire).is_ready()), "without {leaver}");
        assert_eq!(semaphore.available(), 2);
    }
}

#[test]
fn a_large_request_that_leaves_lets_those_behind_it_through() {
    let semaphore = Semaphore::new(2);
    let large = waiting(&semaphore, 3);
    let woken = Wakes::new();
    let mut line = [semaphore.acquire(), semaphore.acquire()];
    for acquire in &mut line {
        assert!(poll_with(acquire, &woken.waker()).is_pending());
    }
    drop(large);
    assert_eq!(woken.count(), 2);
    assert!(line.iter_mut().all(|acquire| poll_once(acquire).is_ready()));
}

#[test]
fn a_permit_that_was_granted_and_not_taken_goes_to_the_next() {
    let semaphore = Semaphore::new(0);
    let woken = Wakes::new();
    let granted = waiting(&semaphore, 2);
    let mut next = semaphore.acquire_many(2);
    assert!(poll_with(&mut next, &woken.waker()).is_pending());
    semaphore.add_permits(2);
    assert_eq!((semaphore.available(), woken.count()), (0, 0));
    drop(granted);
    assert_eq!(woken.count(), 1);
    assert!(poll_once(&mut next).is_ready());
}

#[test]
fn close_tells_all_in_line_and_lets_held_permits_be() {
    let semaphore = Semaphore::new(1);
    let held = now("a free permit", semaphore.acquire()).expect("open");
    let woken = Wakes::new();
    let mut line = [semaphore.acquire(), semaphore.acquire_many(7), semaphore.acquire_many(0)];
    for acquire in &mut line {
        assert!(poll_with(acquire, &woken.waker()).is_pending());
    }
    semaphore.close();
    assert_eq!(woken.count(), 3);
    for acquire in &mut line {
        assert_eq!(poll_once(acquire).map(Result::err), Poll::Ready(Some(Closed)));
    }
    drop(held);
    assert_eq!(semaphore.available(), 1, "the held permit came back");
    assert_eq!(semaphore.try_acquire().err(), Some(TryAcquireError::Closed));
    assert_eq!(now("a closed one", semaphore.acquire()).err(), Some(Closed));
}

#[test]
fn what_was_granted_before_close_is_granted() {
    let semaphore = Semaphore::new(0);
    let (mut taken, dropped) = (waiting(&semaphore, 1), waiting(&semaphore, 1));
    semaphore.add_permits(2);
    semaphore.close();
    assert!(matches!(poll_once(&mut taken), Poll::Ready(Ok(_))));
    drop(dropped);
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn forgotten_permits_do_not_come_back() {
    let semaphore = Rc::new(Semaphore::new(3));
    now("a free permit", semaphore.acquire()).expect("open").forget();
    now("a free permit", Rc::clone(&semaphore).acquire_owned()).expect("open").forget();
    assert_eq!(semaphore.available(), 1);
    semaphore.add_permits(2);
    assert_eq!(semaphore.available(), 3);
}

#[test]
fn an_owned_permit_goes_along_with_a_spawned_task() {
    run(async {
        let semaphore = Rc::new(Semaphore::new(2));
        let (running, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let mut tasks = Vec::new();
        for _ in 0..20 {
            let permit = Rc::clone(&semaphore).acquire_owned();
            let permit = soon("a permit of two", permit).await.expect("open");
            let (running, most) = (Rc::clone(&running), Rc::clone(&most));
            tasks.push(spawn(async move {
                running.set(running.get() + 1);
                most.set(most.get().max(running.get()));
                yield_now().await;
                running.set(running.get() - 1);
                drop(permit);
            }));
        }
        for task in tasks {
            soon("a task with a permit", task).await.expect("no panic");
        }
        assert_eq!(most.get(), 2);
        assert_eq!((semaphore.available(), Rc::strong_count(&semaphore)), (2, 1));
    });
}

#[test]
fn a_dropped_owned_wait_gives_back_what_was_granted() {
    let semaphore = Rc::new(Semaphore::new(0));
    let mut acquire = Box::pin(Rc::clone(&semaphore).acquire_owned());
    assert!(poll_once(&mut acquire).is_pending());
    semaphore.add_permits(1);
    drop(acquire);
    assert_eq!((semaphore.available(), Rc::strong_count(&semaphore)), (1, 1));
}

#[test]
fn a_waker_may_come_back_to_the_semaphore() {
    let semaphore = Rc::new(Semaphore::new(0));
    let again = Rc::clone(&semaphore);
    let waker = calling(move || {
        assert!(again.try_acquire().is_err());
        again.add_permits(1);
        let mut acquire = again.acquire();
        assert!(poll_once(&mut acquire).is_ready(), "the line is empty again");
    });
    let mut acquire = semaphore.acquire();
    assert!(poll_with(&mut acquire, &waker).is_pending());
    semaphore.add_permits(1);
    assert!(poll_once(&mut acquire).is_ready());
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn a_wakers_destructor_may_come_back_to_the_semaphore() {
    let semaphore = Rc::new(Semaphore::new(0));
    let dropped = Rc::new(Cell::new(0));
    let make = || {
        let (again, dropped) = (Rc::clone(&semaphore), Rc::clone(&dropped));
        calling_when_dropped(move || {
            again.add_permits(1);
            dropped.set(dropped.get() + 1);
        })
    };
    let mut replaced = semaphore.acquire();
    assert!(poll_with(&mut replaced, &make()).is_pending());
    assert!(
        poll_with(&mut replaced, Waker::noop()).is_pending(),
        "the first waker is dropped here"
    );
    assert_eq!(dropped.get(), 1);
    assert!(poll_once(&mut replaced).is_ready(), "and put a permit in");
    let held = semaphore.try_acquire().expect("the permit came back");
    let mut cancelled = semaphore.acquire();
    assert!(poll_with(&mut cancelled, &make()).is_pending());
    drop(cancelled);
    assert_eq!(dropped.get(), 2);
    drop(held);
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn a_waker_that_panics_keeps_no_permit_from_the_others() {
    let semaphore = Semaphore::new(0);
    let (mut first, mut second) = (semaphore.acquire(), semaphore.acquire());
    let woken = Wakes::new();
    assert!(poll_with(&mut first, &panicking("a waker of ill will")).is_pending());
    assert!(poll_with(&mut second, &woken.waker()).is_pending());
    assert_eq!(panic_of(|| semaphore.add_permits(2)), "a waker of ill will");
    assert_eq!(woken.count(), 1);
    assert!(poll_once(&mut first).is_ready() && poll_once(&mut second).is_ready());
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn a_holder_that_panics_gives_its_permit_back() {
    run(async {
        let semaphore = Rc::new(Semaphore::new(1));
        let theirs = Rc::clone(&semaphore);
        let holder = spawn(async move {
            let _permit = theirs.acquire().await;
            panic!("while it holds a permit");
        });
        assert!(soon("the holder's end", holder).await.expect_err("it panics").is_panic());
        assert!(soon("the permit", semaphore.acquire()).await.is_ok());
    });
}

#[test]
fn a_task_that_finds_permits_at_once_for_ever_lets_the_others_run() {
    run(async {
        let semaphore = Semaphore::new(1);
        let seen = Rc::new(Cell::new(false));
        let sees = Rc::clone(&seen);
        let _other = spawn(async move { sees.set(true) });
        let mut rounds = 0;
        while !seen.get() {
            rounds += 1;
            assert!(rounds < 10_000, "the budget of a poll has an end");
            drop(semaphore.acquire().await);
        }
    });
}

#[test]
fn more_permits_than_there_are_numbers_are_refused_and_nothing_breaks() {
    let semaphore = Semaphore::new(usize::MAX);
    assert!(panic_of(|| semaphore.add_permits(1)).contains("permits"));
    assert_eq!(semaphore.available(), usize::MAX);
}
