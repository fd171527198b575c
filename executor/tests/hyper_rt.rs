//! What hyper is promised of a runtime: bytes, time limits, and tasks.

mod support;

use std::io::Write as _;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use executor::compat::{Compat, HyperTimer};
use executor::net::TcpStream;
use executor::{Handle, LocalHandle, metrics, time};
use futures::executor::block_on as foreign_block_on;
use hyper::rt::{Executor, Read, ReadBuf, Timer, Write};
use support::drops::Drops;
use support::polls::{Watch, poll_once};
use support::{join, panic_of, receive, run, runtime, soon, until};

const HOUR: Duration = Duration::from_secs(3600);

/// A connection: our end, and a plain one.
fn connected() -> (Compat<TcpStream>, std::net::TcpStream) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    let theirs = std::net::TcpStream::connect(address).expect("its backlog takes us");
    let (ours, _) = listener.accept().expect("we have just connected");
    (Compat::new(TcpStream::from_std(ours).expect("a runtime")), theirs)
}

async fn read(stream: &mut Compat<TcpStream>, cursor: &mut ReadBuf<'_>) {
    let read = std::future::poll_fn(|context| {
        Pin::new(&mut *stream).poll_read(context, cursor.unfilled())
    });
    soon("bytes", read).await.expect("the connection lives");
}

#[test]
fn a_read_fills_no_more_than_the_cursor_has_room_for_and_keeps_what_was_there() {
    run(async {
        let (mut stream, mut peer) = connected();
        peer.write_all(b"abcdefgh").expect("the connection lives");
        let mut memory = [0; 5];
        let mut cursor = ReadBuf::new(&mut memory);
        cursor.unfilled().put_slice(b">>");
        while cursor.filled().len() < 5 {
            read(&mut stream, &mut cursor).await;
        }
        assert_eq!(cursor.filled(), b">>abc");
        let mut memory = [0; 64];
        let mut rest = ReadBuf::new(&mut memory);
        read(&mut stream, &mut rest).await;
        assert_eq!(rest.filled(), b"defgh");

        drop(peer);
        let before = rest.filled().len();
        read(&mut stream, &mut rest).await;
        assert_eq!(rest.filled().len(), before, "the end adds nothing");
    });
}

#[test]
fn a_write_takes_all_buffers_at_once_and_shutdown_ends_the_direction() {
    run(async {
        let (mut stream, mut peer) = connected();
        assert!(stream.is_write_vectored());
        let buffers = [b"ab".as_slice(), b"", b"cd"].map(std::io::IoSlice::new);
        let mut context = Context::from_waker(Waker::noop());
        let written = Pin::new(&mut stream).poll_write_vectored(&mut context, &buffers);
        assert!(matches!(written, Poll::Ready(Ok(4))), "{written:?}");
        assert!(matches!(Pin::new(&mut stream).poll_flush(&mut context), Poll::Ready(Ok(()))));
        assert!(matches!(Pin::new(&mut stream).poll_shutdown(&mut context), Poll::Ready(Ok(()))));
        let mut received = String::new();
        std::io::Read::read_to_string(&mut peer, &mut received).expect("bytes, then the end");
        assert_eq!(received, "abcd");
    });
}

#[test]
fn a_time_limit_is_kept_and_never_early() {
    run(async {
        let start = time::now();
        let wait = Duration::from_millis(5);
        soon("a sleep", HyperTimer.sleep(wait)).await;
        assert!(time::now() - start >= wait);
        soon("a deadline in the past", HyperTimer.sleep_until(start)).await;
        assert!(HyperTimer.now() >= start + wait);
    });
}

#[test]
fn a_time_limit_that_was_dropped_leaves_no_timer() {
    run(async {
        let mut sleep = HyperTimer.sleep(HOUR);
        assert!(poll_once(&mut sleep).is_pending());
        assert_eq!(metrics().timers, 1);
        drop(sleep);
        assert_eq!(metrics().timers, 0);
    });
}

#[test]
fn a_time_limit_that_is_set_anew_counts_from_there() {
    run(async {
        let mut sleep = HyperTimer.sleep(HOUR);
        assert!(poll_once(&mut sleep).is_pending());
        HyperTimer.reset(&mut sleep, time::now() + Duration::from_millis(2));
        assert!(poll_once(&mut sleep).is_pending());
        assert_eq!(metrics().timers, 1, "the one before is gone");
        soon("the new deadline", sleep).await;
    });
}

#[test]
fn a_time_limit_too_far_to_be_expressed_is_none() {
    run(async {
        let mut sleep = HyperTimer.sleep(Duration::MAX);
        assert!(poll_once(&mut sleep).is_pending());
        assert_eq!(metrics().timers, 0);
    });
}

#[test]
fn a_time_limit_in_a_foreign_block_on_says_what_is_missing() {
    let text = panic_of(|| foreign_block_on(HyperTimer.sleep(HOUR)));
    assert!(text.contains("no reactor is running on this thread"), "{text}");
    let sleep = HyperTimer.sleep(HOUR);
    let elsewhere = std::thread::spawn(move || panic_of(|| foreign_block_on(sleep)));
    let text = join("the other thread", elsewhere);
    assert!(text.contains("another thread"), "{text}");
}

#[test]
fn the_local_handle_runs_futures_that_are_not_send() {
    run(async {
        let (watch, kept) = (Watch::new(), Rc::new(()));
        let (parked, held) = (watch.parked(), Rc::clone(&kept));
        LocalHandle::current().execute(async move {
            parked.await;
            drop(held);
        });
        until("its first poll", || watch.polls() == 1).await;
        watch.release();
        until("its end", || Rc::strong_count(&kept) == 1).await;
        assert_eq!(metrics().tasks, 0);
    });
}

#[test]
fn the_handle_runs_futures_from_another_thread() {
    run(async {
        let handle = Handle::current();
        let (sender, ran_on) = channel();
        let other = std::thread::spawn(move || {
            handle.execute(async move { sender.send(std::thread::current().id()) });
            receive("the task's word", &ran_on)
        });
        until("the task's end", || other.is_finished()).await;
        let ran_on = join("the other thread", other);
        assert_eq!(ran_on, std::thread::current().id());
    });
}

#[test]
fn a_runtime_that_is_gone_drops_what_it_is_given() {
    let runtime = runtime();
    let (local, handle) = (runtime.local_handle(), runtime.handle());
    drop(runtime);
    let drops = Drops::new();
    let value = drops.value();
    local.execute(async move { drop(value) });
    assert_eq!(drops.count(), 1, "by the local handle");
    let kept = std::sync::Arc::new(());
    let held = std::sync::Arc::clone(&kept);
    handle.execute(async move { drop(held) });
    assert_eq!(std::sync::Arc::strong_count(&kept), 1, "by the handle");
}
