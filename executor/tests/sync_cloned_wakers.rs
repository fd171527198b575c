//! What waits for something of `sync` or `cross`, polled with a waker whose clone comes back.
//!
//! A waker's functions may be written by hand, and then to clone it runs somebody's code. Here that code
//! brings the very thing that is waited for, or panics.
//!
//! ```text
//!                  first poll │ stands in line already
//!   clone brings        Ready │ Ready                  not: a borrow that panics, a lock that hangs, a wait
//!   clone panics    no trace  │ who waited waits still      that nobody ends
//! ```

#[path = "support/hooks.rs"]
mod hooks;
mod support;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use executor::compat::SenderSink;
use executor::sync::{Barrier, Condvar, Mutex, Notify, Semaphore, broadcast, mpsc, oneshot, watch};
use executor::{CancellationToken, cross};
use futures::Sink;
use hooks::calling_when_cloned;
use support::polls::{Wakes, now, poll_once, poll_with};
use support::{Watchdog, panic_of};

/// Something that is waited for, and what brings it.
struct Case {
    name: &'static str,
    wait: Wait,
    bring: Box<dyn FnMut()>,
}

type Wait = Box<dyn FnMut(&mut Context<'_>) -> Poll<()>>;

/// For what is brought by a waker, which must borrow nothing that ends.
fn forever<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn case(
    name: &'static str,
    wait: impl FnMut(&mut Context<'_>) -> Poll<()> + 'static,
    bring: impl FnMut() + 'static,
) -> Case {
    Case { name, wait: Box::new(wait), bring: Box::new(bring) }
}

/// A case whose future may be polled again after a panic.
fn future_case<T>(
    name: &'static str,
    mut future: impl Future<Output = T> + Unpin + 'static,
    check: impl Fn(T) + 'static,
    bring: impl FnMut() + 'static,
) -> Case {
    case(name, move |context| Pin::new(&mut future).poll(context).map(&check), bring)
}

fn poll(wait: &mut Wait, waker: &Waker) -> Poll<()> {
    wait(&mut Context::from_waker(waker))
}

/// Drops what it is given at the first call.
fn drops<T: 'static>(value: T) -> impl FnMut() + 'static {
    let mut value = Some(value);
    move || drop(value.take())
}

fn signals() -> Vec<Case> {
    let (one, all) = (forever(Notify::new()), forever(Notify::new()));
    let (open, closed) = (forever(Semaphore::new(0)), forever(Semaphore::new(0)));
    let barrier = forever(Barrier::new(2));
    let mut other = barrier.wait();
    let comes = move || {
        let _ = poll_once(&mut other); // which may be the leader, or not
    };
    vec![
        future_case("notify_one", one.notified(), drop, || one.notify_one()),
        future_case("notify_waiters", all.notified(), drop, || all.notify_waiters()),
        future_case("a permit", open.acquire(), |got| assert!(got.is_ok()), || open.add_permits(1)),
        future_case("no permits", closed.acquire(), |got| assert!(got.is_err()), || closed.close()),
        future_case("all to come", barrier.wait(), drop, comes),
    ]
}

fn news() -> Vec<Case> {
    let (state, mut changes) = watch::channel(0);
    let (last_state, mut no_change) = watch::channel(0);
    let (news, mut heard) = broadcast::channel(1);
    let (last_news, mut no_news) = broadcast::channel::<u32>(1);
    vec![
        case(
            "a change",
            move |context| changes.poll_changed(context).map(|changed| assert!(changed.is_ok())),
            move || assert!(state.send(7).is_ok()),
        ),
        case(
            "the end of changes",
            move |context| no_change.poll_changed(context).map(|changed| assert!(changed.is_err())),
            drops(last_state),
        ),
        case(
            "news",
            move |context| heard.poll_recv(context).map(|heard| assert_eq!(heard, Ok(7))),
            move || assert!(news.send(7).is_ok()),
        ),
        case(
            "the end of news",
            move |context| no_news.poll_recv(context).map(|heard| assert!(heard.is_err())),
            drops(last_news),
        ),
    ]
}

fn channels() -> Vec<Case> {
    let (sender, mut receiver) = mpsc::channel(1);
    let (last, mut ending) = mpsc::unbounded::<u32>();
    let full = || {
        let (sender, receiver) = mpsc::channel(1);
        sender.try_send(0).expect("a slot is free");
        (sender, receiver)
    };
    let ((slot, mut frees), (gone, goes), (sink, mut drains)) = (full(), full(), full());
    let mut sink = SenderSink::from(sink);
    let mut is_ready = move |context: &mut Context<'_>| {
        Pin::new(&mut sink).poll_ready(context).map(|ready| assert!(ready.is_ok()))
    };
    vec![
        case(
            "a value",
            move |context| receiver.poll_recv(context).map(|value| assert_eq!(value, Some(7))),
            move || sender.try_send(7).expect("a slot is free"),
        ),
        case(
            "the end of values",
            move |context| ending.poll_recv(context).map(|value| assert_eq!(value, None)),
            drops(last),
        ),
        future_case(
            "a slot",
            forever(slot).send(7),
            |sent| assert!(sent.is_ok()),
            move || assert_eq!(frees.try_recv(), Ok(0)),
        ),
        future_case(
            "the receiver's end",
            forever(gone).send(7),
            |sent| assert!(sent.is_err()),
            drops(goes),
        ),
        case(
            "a sink's slot",
            move |context| is_ready(context),
            move || assert_eq!(drains.try_recv(), Ok(0)),
        ),
    ]
}

fn replies() -> Vec<Case> {
    let (sender, receiver) = oneshot::channel();
    let mut sender = Some(sender);
    let send = move || assert!(sender.take().is_some_and(|sender| sender.send(7).is_ok()));
    let (silent, unheard) = oneshot::channel::<u32>();
    let (mut asked, asker) = oneshot::channel::<u32>();
    vec![
        future_case("a reply", receiver, |reply| assert_eq!(reply, Ok(7)), send),
        future_case("no reply", unheard, |reply| assert!(reply.is_err()), drops(silent)),
        case("the asker's end", move |context| asked.poll_closed(context), drops(asker)),
    ]
}

fn between_threads() -> Vec<Case> {
    let (sender, mut receiver) = cross::unbounded();
    let (last, mut ending) = cross::bounded::<u32>(1);
    let full = || {
        let (sender, receiver) = cross::bounded(1);
        sender.try_send(0).expect("a slot is free");
        (sender, receiver)
    };
    let ((slot, mut frees), (gone, goes)) = (full(), full());
    let (one, reply) = cross::oneshot();
    let mut one = Some(one);
    let send = move || assert!(one.take().is_some_and(|one| one.send(7).is_ok()));
    let (silent, unheard) = cross::oneshot::<u32>();
    vec![
        case(
            "a value of a thread",
            move |context| receiver.poll_recv(context).map(|value| assert_eq!(value, Some(7))),
            move || sender.try_send(7).expect("there is no limit"),
        ),
        case(
            "the end of a thread's values",
            move |context| ending.poll_recv(context).map(|value| assert_eq!(value, None)),
            drops(last),
        ),
        future_case(
            "a slot between threads",
            forever(slot).send(7),
            |sent| assert!(sent.is_ok()),
            move || assert_eq!(frees.try_recv(), Ok(0)),
        ),
        future_case(
            "the other thread's end",
            forever(gone).send(7),
            |sent| assert!(sent.is_err()),
            drops(goes),
        ),
        future_case("a thread's reply", reply, |reply| assert_eq!(reply, Ok(7)), send),
        future_case("no thread's reply", unheard, |reply| assert!(reply.is_err()), drops(silent)),
    ]
}

/// In the two states in which a waker is cloned.
fn in_both_states(cases: fn() -> Vec<Case>, test: impl Fn(&str, bool, Case)) {
    let _watchdog = Watchdog::start();
    for waits_already in [false, true] {
        for case in cases() {
            let what = format!("{}, waiting already: {waits_already}", case.name);
            support::note(&what);
            test(&what, waits_already, case);
        }
    }
}

fn the_clone_brings_it(cases: fn() -> Vec<Case>) {
    in_both_states(cases, |what, waits_already, Case { mut wait, bring, .. }| {
        if waits_already {
            assert!(poll(&mut wait, Waker::noop()).is_pending(), "{what}");
        }
        assert!(poll(&mut wait, &calling_when_cloned(bring)).is_ready(), "{what}");
    });
}

fn the_clone_panics(cases: fn() -> Vec<Case>) {
    in_both_states(cases, |what, waits_already, Case { mut wait, mut bring, .. }| {
        let (woken, panics) = (Wakes::new(), calling_when_cloned(|| panic!("ill will")));
        if waits_already {
            assert!(poll(&mut wait, &woken.waker()).is_pending(), "{what}");
        }
        assert_eq!(panic_of(|| poll(&mut wait, &panics)), "ill will", "{what}");
        if !waits_already {
            assert!(poll(&mut wait, &woken.waker()).is_pending(), "{what}");
        }
        bring();
        assert_eq!(woken.count(), 1, "{what}");
        assert!(poll(&mut wait, Waker::noop()).is_ready(), "{what}");
    });
}

#[test]
fn a_clone_that_brings_what_is_waited_for_finds_it_taken() {
    for cases in [signals, news, channels, replies] {
        the_clone_brings_it(cases);
    }
}

#[test]
fn a_clone_that_panics_leaves_whoever_waits_as_he_was() {
    for cases in [signals, news, channels, replies] {
        the_clone_panics(cases);
    }
}

#[test]
fn a_clone_may_use_a_channel_between_threads_and_meets_no_lock() {
    the_clone_brings_it(between_threads);
}

#[test]
fn a_clone_that_panics_leaves_a_channel_between_threads_as_it_was() {
    the_clone_panics(between_threads);
}

#[test]
fn a_clone_that_notifies_a_condvar_finds_nobody_there_yet() {
    let (mutex, condvar) = (forever(Mutex::new(0)), forever(Condvar::new()));
    let guard = now("the lock", mutex.lock());
    let mut wait = Box::pin(condvar.wait(guard));
    let notifies = calling_when_cloned(|| condvar.notify_one());
    assert!(poll_with(&mut wait, &notifies).is_pending());
    assert!(mutex.try_lock().is_some(), "the mutex is let go");
    assert!(poll_once(&mut wait).is_pending());
    assert!(poll_with(&mut wait, &notifies).is_ready(), "now there is somebody");
}

#[test]
fn a_clone_that_panics_stands_in_no_condvars_line_and_keeps_no_mutex() {
    let (mutex, condvar) = (Mutex::new(0), Condvar::new());
    let guard = now("the lock", mutex.lock());
    let mut wait = Box::pin(condvar.wait(guard));
    let panics = calling_when_cloned(|| panic!("ill will"));
    assert_eq!(panic_of(|| poll_with(&mut wait, &panics)), "ill will");
    let mut next = Box::pin(condvar.wait(now("the lock", mutex.lock())));
    assert!(poll_once(&mut next).is_pending());
    condvar.notify_one();
    assert!(poll_once(&mut next).is_ready());
}

#[test]
fn a_clone_that_cancels_a_token_ends_the_wait_for_it() {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    let mut wait = Box::pin(async move { cancelled.cancelled().await });
    assert!(poll_with(&mut wait, &calling_when_cloned(move || token.cancel())).is_ready());
}
