//! A `ThreadBound` may travel; its value never does.

mod support;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, ThreadId};
use std::time::Duration;

use executor::compat::{Compat, ThreadBound};
use executor::net::TcpStream;
use executor::time::{Sleep, sleep};
use support::drops::Drops;
use support::polls::now;
use support::{join, panic_of, receive, run, runtime, soon, until};

/// Tells which thread dropped it.
struct Witness(Sender<ThreadId>);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.send(thread::current().id()).expect("the test listens");
    }
}

#[test]
fn it_is_send_and_sync_whatever_it_holds() {
    fn travels<T: Send + Sync>() {}
    travels::<ThreadBound<Rc<RefCell<u8>>>>();
    travels::<ThreadBound<Sleep>>();
    travels::<Compat<ThreadBound<TcpStream>>>();
}

#[test]
fn its_value_is_lent_and_given_back() {
    let mut bound = ThreadBound::new(vec![1]);
    bound.with(|value| value.push(2));
    assert_eq!(bound.with(|value| value.len()), 2);
    assert_eq!(bound.into_inner(), [1, 2]);
}

#[test]
fn dropped_at_home_it_drops_its_value_at_once() {
    let drops = Drops::new();
    drop(ThreadBound::new(drops.value()));
    assert_eq!(drops.count(), 1);
    let value = ThreadBound::new(drops.value()).into_inner();
    assert_eq!(drops.count(), 1, "whoever took it back has it");
    drop(value);
    assert_eq!(drops.count(), 2);
}

#[test]
fn dropped_elsewhere_it_has_its_own_runtime_drop_the_value() {
    let (sender, dropped) = channel();
    run(async {
        let bound = ThreadBound::new(Witness(sender));
        join("the other thread", thread::spawn(move || drop(bound)));
        let mut by = None;
        until("the drop at home", || {
            by = dropped.try_recv().ok();
            by.is_some()
        })
        .await;
        assert_eq!(by, Some(thread::current().id()));
    });
}

#[test]
fn dropped_elsewhere_without_a_runtime_its_value_goes_with_its_thread() {
    let (sender, dropped) = channel();
    let (hand_over, handed) = channel();
    let (leave, stay) = channel::<()>();
    let home = thread::spawn(move || {
        // The first has no runtime from the beginning, the second one that is gone by then.
        hand_over.send(ThreadBound::new(Witness(sender.clone()))).expect("the test listens");
        let bound = runtime().block_on(async { ThreadBound::new(Witness(sender)) });
        hand_over.send(bound).expect("the test listens");
        assert!(stay.recv().is_err(), "the test drops its end");
    });
    drop(receive("the first", &handed));
    drop(receive("the second", &handed));
    assert!(dropped.try_recv().is_err(), "only the value's thread may drop it");
    drop(leave);
    let id = home.thread().id();
    for which in ["the first value's end", "the second value's end"] {
        assert_eq!(receive(which, &dropped), id);
    }
    join("the home thread", home);
}

#[test]
fn used_elsewhere_it_panics_and_stays_whole() {
    let mut bound = ThreadBound::new(String::from("mine"));
    let carried = thread::spawn(move || {
        // A value of this thread, at the same place of this thread's own table.
        let _own = ThreadBound::new(String::from("another's"));
        let text = panic_of(|| bound.with(|value| value.clone()));
        (text, bound)
    });
    let (text, back) = join("the other thread", carried);
    assert!(text.contains("another thread") && text.contains("spawn_with"), "{text}");
    assert_eq!(back.into_inner(), "mine");
}

#[test]
fn a_panic_in_its_use_leaves_the_value_in_place() {
    let mut bound = ThreadBound::new(7);
    assert_eq!(panic_of(|| bound.with(|_| panic!("within"))), "within");
    assert_eq!(bound.into_inner(), 7);
}

#[test]
fn others_may_be_used_made_and_dropped_while_one_is_lent() {
    let mut outer = ThreadBound::new(1);
    let mut inner = ThreadBound::new(10);
    let sum = outer.with(|outer| {
        let third = ThreadBound::new(100);
        inner.with(|inner| *outer + *inner + third.into_inner())
    });
    assert_eq!(sum, 111);
}

#[test]
fn a_destructor_may_drop_another_one() {
    let drops = Drops::new();
    let nested = ThreadBound::new(ThreadBound::new(drops.value()));
    drop(nested);
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_destructor_that_panics_leaves_the_table_usable() {
    let drops = Drops::new();
    let bomb = ThreadBound::new(support::drops::bomb("in a destructor", &drops));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(bomb))).is_err());
    assert_eq!(drops.count(), 1);
    assert_eq!(ThreadBound::new(3).into_inner(), 3);
}

#[test]
fn a_bound_future_is_a_future() {
    run(async {
        soon("the bound sleep", ThreadBound::new(sleep(Duration::from_millis(1)))).await;
        assert_eq!(executor::metrics().timers, 0);
        let mut waits = ThreadBound::new(sleep(Duration::from_secs(3600)));
        assert!(support::polls::poll_once(&mut waits).is_pending());
        assert_eq!(executor::metrics().timers, 1);
        drop(waits);
        assert_eq!(executor::metrics().timers, 0, "it left its timer behind");
    });
    let boxed: Pin<Box<dyn Future<Output = u8>>> = Box::pin(async { 5 });
    assert_eq!(now("a future that never waits", ThreadBound::new(boxed)), 5);
}
