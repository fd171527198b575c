//! Tasks that own sockets, and what becomes of these when the tasks are cancelled.

mod support;

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use executor::io::{AsyncRead, AsyncWrite};
use executor::net::{TcpListener, TcpStream};
use executor::time::timeout;
use executor::{Metrics, spawn, yield_now};
use support::polls::poll_once;
use support::{Watchdog, panic_of, run, runtime, soon, until};

async fn pair() -> (TcpStream, TcpStream) {
    let mut listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    let both = executor::join(TcpStream::connect(address), listener.accept());
    let (ours, theirs) = soon("a connection", both).await;
    (ours.expect("connected"), theirs.expect("accepted").0)
}

/// A wait that is given up at once, after it was polled.
async fn give_up<F: Future>(waiting: F) {
    assert!(timeout(Duration::ZERO, waiting).await.is_err(), "there was something to get");
}

#[test]
fn a_cancelled_accept_leaves_the_connection_to_the_next() {
    run(async {
        let mut listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        give_up(listener.accept()).await;
        let connecting = spawn(TcpStream::connect(address));
        for _ in 0..3 {
            drop(listener.accept());
        }
        soon("the next accept", listener.accept()).await.expect("accepted");
        soon("the connection", connecting).await.expect("no panic").expect("connected");
    });
}

#[test]
fn a_cancelled_read_takes_no_bytes_with_it() {
    run(async {
        let (mut ours, mut theirs) = pair().await;
        let mut buffer = [0; 8];
        give_up(ours.read(&mut buffer)).await;
        theirs.write_all(b"all of it").await.expect("written");
        drop(theirs);
        let (mut text, mut part) = (Vec::new(), [0; 4]);
        loop {
            drop(ours.read(&mut part)); // not even polled
            match soon("the bytes", ours.read(&mut part)).await.expect("a healthy connection") {
                0 => break,
                count => text.extend_from_slice(&part[..count]),
            }
        }
        assert_eq!(text, b"all of it");
    });
}

#[test]
fn an_aborted_task_closes_its_sockets() {
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    runtime.block_on(async {
        let (mut ours, theirs) = pair().await;
        let holding = spawn(async move {
            let mut theirs = theirs;
            let never = theirs.read_exact(&mut [0; 100]).await;
            panic!("nobody sends a hundred bytes: {never:?}");
        });
        yield_now().await;
        assert_eq!(executor::metrics().sources, 2);
        holding.abort();
        let end = soon("the end of the connection", ours.read(&mut [0; 8])).await;
        assert_eq!(end.expect("a clean end"), 0);
        assert!(soon("the abort", holding).await.expect_err("aborted").is_cancelled());
    });
    assert_eq!(runtime.metrics(), Metrics::default());
}

#[test]
fn a_panicking_task_closes_its_sockets() {
    run(async {
        let (mut ours, theirs) = pair().await;
        let panicking = spawn(async move {
            let _theirs = theirs;
            yield_now().await;
            panic!("with a connection in its hands");
        });
        let end = soon("the end of the connection", ours.read(&mut [0; 8])).await;
        assert_eq!(end.expect("a clean end"), 0);
        assert!(soon("the panic", panicking).await.expect_err("it panicked").is_panic());
    });
}

#[test]
fn a_runtime_that_is_dropped_closes_the_sockets_of_its_tasks() {
    use std::io::Read;
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    runtime.block_on(async {
        let connecting = TcpStream::connect(address);
        let stream = soon("a connection", connecting).await.expect("connected");
        spawn(async move {
            let _stream = stream;
            pending::<()>().await;
        })
        .detach();
        yield_now().await;
    });
    let (mut peer, _) = listener.accept().expect("the other end");
    peer.set_read_timeout(Some(support::PATIENCE)).expect("a deadline for reads");
    drop(runtime);
    assert_eq!(peer.read(&mut [0; 8]).expect("the end, before patience is over"), 0);
}

#[test]
fn sockets_and_timers_survive_from_one_block_on_to_the_next() {
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    let (ours, mut theirs) = runtime.block_on(pair());
    let begun = Rc::new(Cell::new(0));
    let begins = || {
        let begun = Rc::clone(&begun);
        move || begun.set(begun.get() + 1)
    };
    let (reads, sleeps) = (begins(), begins());
    let reading = runtime.spawn(async move {
        let (mut ours, mut word) = (ours, [0; 5]);
        reads();
        ours.read_exact(&mut word).await.expect("five bytes");
        word
    });
    let sleeping = runtime.spawn(async move {
        sleeps();
        executor::time::sleep(Duration::from_millis(5)).await;
    });
    runtime.block_on(until("the waits to begin", || begun.get() == 2));
    std::thread::sleep(Duration::from_millis(6)); // the timer is due while nothing runs
    runtime.block_on(async { theirs.write_all(b"hello").await.expect("written") });
    runtime.block_on(async {
        assert_eq!(&soon("the word", reading).await.expect("it ended well"), b"hello");
        soon("the sleep", sleeping).await.expect("it ended well");
    });
}

#[test]
fn one_task_reads_while_another_writes_the_same_connection() {
    const BYTES: usize = 1 << 20;
    run(async {
        let (ours, mut theirs) = pair().await;
        let (mut reader, mut writer) = ours.into_split();
        // More than the kernel holds: who writes all before it reads would wait for ever.
        let writing = spawn(async move {
            writer.write_all(&vec![1; BYTES]).await.expect("written");
        });
        let reading = spawn(async move {
            let mut all = vec![0; BYTES];
            reader.read_exact(&mut all).await.expect("all that was sent comes back");
            all.iter().map(|byte| usize::from(*byte)).sum::<usize>()
        });
        let echoing = spawn(async move {
            let mut buffer = vec![0; 4096];
            loop {
                match theirs.read(&mut buffer).await.expect("a healthy connection") {
                    0 => return,
                    count => theirs.write_all(&buffer[..count]).await.expect("echoed"),
                }
            }
        });
        assert_eq!(soon("all bytes", reading).await.expect("it ended well"), BYTES);
        soon("the writer", writing).await.expect("it ended well");
        soon("the echo's end", echoing).await.expect("it ended well");
    });
}

#[test]
fn two_hundred_connections_talk_at_once() {
    let _watchdog = Watchdog::start();
    let runtime = runtime();
    runtime.block_on(async {
        let mut listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        let accepting = spawn(async move {
            for _ in 0..200 {
                let (mut stream, _) = listener.accept().await.expect("accepted");
                spawn(async move {
                    let mut line = [0; 8];
                    while stream.read_exact(&mut line).await.is_ok() {
                        stream.write_all(&line).await.expect("echoed");
                    }
                })
                .detach();
            }
        });
        let clients = (0..200_u64).map(|number| {
            spawn(async move {
                let mut stream = TcpStream::connect(address).await.expect("connected");
                for round in 0..20 {
                    let line = (number * 1000 + round).to_be_bytes();
                    stream.write_all(&line).await.expect("written");
                    let mut echo = [0; 8];
                    stream.read_exact(&mut echo).await.expect("an echo");
                    assert_eq!(echo, line);
                }
            })
        });
        for client in soon("all clients", executor::join_all(clients)).await {
            client.expect("the client ended well");
        }
        soon("the acceptor", accepting).await.expect("it ended well");
        until("the servers to see the end", || executor::metrics().tasks == 0).await;
    });
    assert_eq!(runtime.metrics(), Metrics::default());
}

#[test]
fn what_belongs_to_one_runtime_says_so_in_another() {
    // Its readiness and its deadlines are the first runtime's, which does not run here: a wait would
    // never end.
    let _watchdog = Watchdog::start();
    let mut listener = executor::block_on(async { TcpListener::bind("127.0.0.1:0") });
    let mut sleeping = Box::pin(executor::time::sleep(Duration::from_millis(1)));
    executor::block_on(async { assert!(poll_once(&mut sleeping).is_pending()) });
    let a_while = Duration::from_secs(2);
    let text = panic_of(|| {
        executor::block_on(async {
            let accepting = listener.as_mut().expect("bound").accept();
            assert!(timeout(a_while, accepting).await.is_ok(), "a hang");
        });
    });
    assert!(text.contains("another runtime"), "{text}");
    let text = panic_of(|| {
        executor::block_on(async {
            assert!(timeout(a_while, sleeping).await.is_ok(), "a hang");
        });
    });
    assert!(text.contains("another runtime"), "{text}");
}
