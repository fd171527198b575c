//! What needs our loop says so where there is another one. A hang would say nothing.
//!
//! ```text
//!   futures' block_on ─┐
//!   a bare park loop  ─┴─ poll ──► our socket, timer, spawn: nobody would wake it ──► panic, in words
//!                              └─► our channels, remote handles: need no loop of ours ──► they work
//! ```

mod support;

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Command;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::Duration;

use executor::compat::{Compat, HyperTimer, ThreadBound};
use executor::io::AsyncWrite;
use executor::net::{
    TcpListener, TcpSocket, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream,
};
use executor::signal::{Kind, Signal};
use executor::source::Source;
use executor::sync::{mpsc, oneshot};
use executor::time::{interval, sleep, timeout};
use executor::{
    Cores, Handle, JoinHandle, JoinSet, LocalHandle, Runtime, dns, fs, park, spawn, spawn_blocking,
};
use futures::StreamExt;
use futures::executor::block_on as foreign_block_on;
use futures::stream::FuturesUnordered;
use hyper::rt::Timer;
use support::polls::own_waker;
use support::{Watchdog, panic_of};

const SECOND: Duration = Duration::from_secs(1);

/// The smallest of the foreign executors: poll, park, poll again.
fn bare_block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        thread::park();
    }
}

type Attempt = (&'static str, fn());

#[track_caller]
fn all_say(words: &str, attempts: &[Attempt]) {
    let _watchdog = Watchdog::start();
    for (what, attempt) in attempts {
        let text = panic_of(attempt);
        assert!(text.contains(words), "{what}: {text}");
    }
}

/// A name that is free, and free again afterwards, also after a panic.
fn at_a_path(name: &str, call: impl FnOnce(&Path)) {
    struct Remove(PathBuf);
    impl Drop for Remove {
        fn drop(&mut self) {
            std::fs::remove_file(&self.0).expect("a socket was bound to it");
        }
    }
    let name = format!("foreign-executors-{}-{name}", std::process::id());
    let path = Remove(std::env::temp_dir().join(name));
    call(&path.0);
}

fn anywhere() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

#[test]
fn sockets_say_what_is_missing() {
    all_say(
        "no reactor is running on this thread",
        &[
            ("TcpListener::bind", || drop(TcpListener::bind(anywhere()))),
            ("TcpStream::connect", || drop(foreign_block_on(TcpStream::connect(anywhere())))),
            ("the same, polled barely", || drop(bare_block_on(TcpStream::connect(anywhere())))),
            ("connect_any", || drop(foreign_block_on(TcpStream::connect_any([anywhere()])))),
            ("TcpSocket::listen", || {
                let socket = TcpSocket::new_v4().expect("descriptors are left");
                socket.bind(anywhere()).expect("a free port");
                drop(socket.listen(1));
            }),
            ("TcpSocket::connect", || {
                let socket = TcpSocket::new_v4().expect("descriptors are left");
                drop(foreign_block_on(socket.connect(anywhere())));
            }),
            ("UdpSocket::bind", || drop(UdpSocket::bind(anywhere()))),
            ("UnixStream::pair", || drop(UnixStream::pair())),
            ("UnixStream::connect", || {
                at_a_path("connect", |path| {
                    let _listens = std::os::unix::net::UnixListener::bind(path);
                    drop(foreign_block_on(UnixStream::connect(path)));
                });
            }),
            ("UnixDatagram::pair", || drop(UnixDatagram::pair())),
            ("UnixListener::bind", || at_a_path("bind", |path| drop(UnixListener::bind(path)))),
            ("Source::new", || {
                let (pipe, _writer) = std::io::pipe().expect("descriptors are left");
                drop(Source::new(OwnedFd::from(pipe)));
            }),
        ],
    );
}

#[test]
fn timers_signals_and_children_say_what_is_missing() {
    all_say(
        "no reactor is running on this thread",
        &[
            ("sleep", || foreign_block_on(sleep(SECOND))),
            ("a sleep for ever", || bare_block_on(sleep(Duration::MAX))),
            ("timeout", || {
                let never = timeout(SECOND, std::future::pending::<()>());
                foreign_block_on(never).expect_err("it never ends by itself");
            }),
            ("interval", || {
                drop(foreign_block_on(Compat::new(interval(SECOND)).collect::<Vec<_>>()))
            }),
            ("a bound sleep", || foreign_block_on(ThreadBound::new(sleep(SECOND)))),
            ("hyper's sleep", || foreign_block_on(HyperTimer.sleep(SECOND))),
            ("a signal", || drop(Signal::new(Kind::USER_2))),
            ("a child", || drop(reactor::process::spawn(&mut Command::new("true")))),
        ],
    );
}

#[test]
fn what_spawns_says_what_is_missing() {
    all_say(
        "no runtime is running on this thread",
        &[
            ("spawn", || foreign_block_on(async { spawn(async {}).detach() })),
            ("spawn_blocking", || foreign_block_on(async { drop(spawn_blocking(|| ())) })),
            ("fs::read", || drop(foreign_block_on(fs::read("/dev/null")))),
            ("dns::lookup", || drop(bare_block_on(dns::lookup("localhost", 80)))),
            ("Handle::current", || foreign_block_on(async { drop(Handle::current()) })),
            ("LocalHandle::current", || bare_block_on(async { drop(LocalHandle::current()) })),
            ("metrics", || assert_eq!(executor::metrics().tasks, 0)),
        ],
    );
}

/// A runtime that is not running, and a task in it that has not ended.
fn at_rest() -> (Runtime, JoinHandle<()>) {
    let runtime = Runtime::new().expect("descriptors are left");
    let task = runtime.spawn(async {});
    (runtime, task)
}

#[test]
fn a_task_that_nobody_runs_meanwhile_says_so_to_whoever_waits_for_it() {
    all_say(
        "nobody would run the task that is waited for",
        &[
            ("a handle", || {
                let (_runtime, task) = at_rest();
                drop(foreign_block_on(task));
            }),
            ("the same, polled barely", || {
                let (_runtime, task) = at_rest();
                drop(bare_block_on(task));
            }),
            ("the same, on our own parker", || {
                let (_runtime, task) = at_rest();
                drop(park::block_on(task));
            }),
            ("a handle for other threads, on the runtime's own", || {
                let (runtime, _task) = at_rest();
                drop(foreign_block_on(runtime.handle().spawn(async {})));
            }),
            ("a set", || {
                let (runtime, _task) = at_rest();
                let mut tasks = JoinSet::new();
                runtime.block_on(async { drop(tasks.spawn(std::future::pending::<()>())) });
                drop(foreign_block_on(tasks.join_next()));
            }),
        ],
    );
}

#[test]
fn a_task_that_nobody_ran_is_whole_after_a_wait_that_said_so() {
    let _watchdog = Watchdog::start();
    let (runtime, mut task) = at_rest();
    let _said = panic_of(|| foreign_block_on(&mut task));
    runtime.block_on(&mut task).expect("the task is as it was");
}

#[test]
fn a_handle_for_other_threads_waits_on_any_thread_but_its_runtimes_own() {
    let _watchdog = Watchdog::start();
    let runtime = Runtime::new().expect("descriptors are left");
    let mut task = runtime.handle().spawn(async { 7 });
    let said = panic_of(|| bare_block_on(&mut task));
    assert!(said.contains("spawn by its `Handle`"), "{said}");
    let elsewhere = thread::spawn(move || bare_block_on(task).expect("no panic"));
    runtime.block_on(support::until("the other thread's end", || elsewhere.is_finished()));
    assert_eq!(support::join("the other thread", elsewhere), 7);

    let over = runtime.handle().spawn(async { 8 });
    runtime.block_on(support::until("the task's end", || over.is_finished()));
    assert_eq!(foreign_block_on(over).expect("no panic"), 8);
    let blocking = runtime.block_on(poll_fn(|_| Poll::Ready(spawn_blocking(|| 9))));
    assert_eq!(foreign_block_on(blocking).expect("no panic"), 9, "a thread of the pool does it");
}

#[test]
fn a_task_that_is_over_is_joined_under_any_executor() {
    let _watchdog = Watchdog::start();
    let (runtime, task) = at_rest();
    runtime.block_on(executor::yield_now());
    assert!(task.is_finished());
    foreign_block_on(task).expect("no panic");

    let (runtime, task) = at_rest();
    drop(runtime);
    assert!(foreign_block_on(task).expect_err("it went with its runtime").is_cancelled());
}

#[test]
fn what_needs_no_loop_of_ours_works_under_another() {
    let _watchdog = Watchdog::start();
    let (sender, receiver) = mpsc::channel(1);
    let (reply, replied) = oneshot::channel();
    let both = async {
        let sending = async {
            for number in 0..10 {
                sender.send(number).await.expect("the receiver lives");
            }
            drop(sender);
            reply.send("sent").expect("the receiver lives");
        };
        let ((), numbers, word) = futures::join!(sending, receiver.collect::<Vec<i32>>(), replied);
        (numbers, word.expect("it was sent"))
    };
    assert_eq!(foreign_block_on(both), ((0..10).collect(), "sent"));

    let cores = Cores::start(1).expect("threads and descriptors are left");
    let task = cores.handles()[0].spawn_with(|| async {
        sleep(Duration::from_millis(1)).await; // on a loop of ours, and awaited on another
        7
    });
    assert_eq!(bare_block_on(task).expect("no panic"), 7);
}

#[test]
fn a_foreign_block_on_inside_a_task_of_ours_has_our_sockets_that_need_not_wait() {
    let _watchdog = Watchdog::start();
    let runtime = Runtime::new().expect("descriptors are left");
    runtime.block_on(async {
        let (mut ours, _theirs) = UnixStream::pair().expect("descriptors are left");
        foreign_block_on(ours.write_all(b"room enough")).expect("the peer lives");
    });
}

/// Why no poll may be refused for its waker: it need not be the task's own.
#[test]
fn a_combinator_with_wakers_of_its_own_is_no_foreign_executor() {
    support::run(async {
        let own = own_waker().await;
        let nap = async {
            let same = own_waker().await.will_wake(&own);
            sleep(Duration::from_millis(1)).await;
            spawn(async {}).await.expect("no panic");
            same
        };
        let naps: FuturesUnordered<_> = [nap].into_iter().collect();
        let same = support::soon("the naps", naps.collect::<Vec<_>>()).await;
        assert_eq!(same, [false], "each future in the collection has a waker of its own");
    });
}
