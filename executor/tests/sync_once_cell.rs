//! `OnceCell`: made once, by the first who gets it done.

mod support;

use std::cell::Cell;
use std::rc::Rc;

use executor::sync::OnceCell;
use executor::{spawn, yield_now};
use support::drops::Drops;
use support::polls::{Wakes, Watch, now, poll_once, poll_with};
use support::{run, soon};

#[test]
fn the_value_is_made_once_for_all_who_ask() {
    run(async {
        let (cell, made) = (Rc::new(OnceCell::new()), Rc::new(Cell::new(0)));
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let (cell, made) = (Rc::clone(&cell), Rc::clone(&made));
                spawn(async move {
                    let make = async || {
                        made.set(made.get() + 1);
                        yield_now().await;
                        made.get()
                    };
                    *cell.get_or_init(make).await
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(soon("the value", task).await.expect("no panic"), 1);
        }
        assert_eq!((made.get(), cell.get()), (1, Some(&1)));
    });
}

#[test]
fn a_maker_that_fails_leaves_the_cell_to_the_next_in_line() {
    let cell = OnceCell::new();
    let watch = Watch::new();
    let mut fails = Box::pin(cell.get_or_try_init(async || {
        watch.parked().await;
        Err::<u32, _>("no luck")
    }));
    assert!(poll_once(&mut fails).is_pending());
    let woken = Wakes::new();
    let mut next = Box::pin(cell.get_or_try_init(async || Ok::<_, &str>(2)));
    let mut last = Box::pin(cell.get_or_init(async || 3));
    assert!(poll_with(&mut next, &woken.waker()).is_pending());
    assert!(poll_once(&mut last).is_pending());
    watch.open();
    assert_eq!(
        poll_once(&mut fails).map(|result| result.err()),
        std::task::Poll::Ready(Some("no luck"))
    );
    assert_eq!(woken.count(), 1);
    assert_eq!(now("the second maker", next), Ok(&2));
    assert_eq!(now("the third finds it made", last), &2);
}

#[test]
fn a_maker_dropped_at_any_await_point_leaves_the_cell_to_the_next() {
    for granted in [false, true] {
        let cell = OnceCell::new();
        drop(cell.get_or_init(async || 0));
        let mut making = Box::pin(cell.get_or_init(async || std::future::pending().await));
        assert!(poll_once(&mut making).is_pending());
        assert_eq!(cell.get(), None);
        let mut waiting = Box::pin(cell.get_or_init(async || 1));
        let mut next = Box::pin(cell.get_or_init(async || 2));
        assert!(poll_once(&mut waiting).is_pending() && poll_once(&mut next).is_pending());
        if granted {
            drop(making);
            drop(waiting);
        } else {
            drop(waiting);
            drop(making);
        }
        assert_eq!(now("the next maker", next), &2);
    }
}

#[test]
fn a_maker_that_panics_leaves_the_cell_to_the_next() {
    run(async {
        let cell = Rc::new(OnceCell::new());
        let theirs = Rc::clone(&cell);
        let panics = spawn(async move {
            let make = async || {
                yield_now().await;
                panic!("while it makes the value");
            };
            let _: &u32 = theirs.get_or_init(make).await;
        });
        let ours = Rc::clone(&cell);
        let next = spawn(async move { *ours.get_or_init(async || 5).await });
        assert!(soon("the maker's end", panics).await.expect_err("it panics").is_panic());
        assert_eq!(soon("the next maker", next).await.expect("no panic"), 5);
    });
}

#[test]
fn a_value_is_put_in_only_where_there_is_none_and_nobody_makes_one() {
    let cell = OnceCell::new();
    let mut making = Box::pin(cell.get_or_init(async || std::future::pending().await));
    assert!(poll_once(&mut making).is_pending());
    assert_eq!(cell.set(1), Err(1));
    drop(making);
    assert_eq!(cell.set(2), Ok(()));
    assert_eq!(cell.set(3), Err(3));
    assert_eq!(now("a value that is there", cell.get_or_init(async || 4)), &2);
    assert_eq!(cell.into_inner(), Some(2));
}

#[test]
fn what_is_made_and_what_is_not_is_dropped_once() {
    let drops = Drops::new();
    let cell = OnceCell::new();
    now("a value", cell.get_or_init(async || drops.value()));
    let unused = drops.value();
    now("the same", cell.get_or_init(async move || unused));
    assert_eq!(drops.count(), 1);
    drop(cell);
    assert_eq!(drops.count(), 2);
}
