//! Several runtimes, one a core: they start together, share nothing, and end with no task left.

mod support;

use std::collections::BTreeSet;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, ThreadId};

use executor::io::AsyncRead;
use executor::net::{TcpSocket, TcpStream};
use executor::{Builder, Cores, CoresBuilder, Handle, join_all};
use support::process::alone;
use support::{Watchdog, panic_of, receive, run, soon, text_of};

/// "Too many open files", the same number on every system that this runs on (intro(2)).
const EMFILE: i32 = 24;

/// Tells which thread dropped it.
struct Witness(Sender<ThreadId>);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.send(thread::current().id()).expect("the test listens");
    }
}

fn start(count: usize) -> Cores {
    Cores::start(count).expect("threads and descriptors are left")
}

#[test]
fn each_core_runs_on_a_thread_of_its_own() {
    let _watchdog = Watchdog::start();
    let outcomes = start(4).run(|index| async move {
        let kept = Rc::new(index); // no need to be Send
        executor::yield_now().await;
        (*kept, thread::current().id(), thread::current().name().map(str::to_owned))
    });
    let mut threads = BTreeSet::from([format!("{:?}", thread::current().id())]);
    for (expected, outcome) in outcomes.into_iter().enumerate() {
        let (index, thread, name) = outcome.expect("no panic");
        assert_eq!((index, name), (expected, Some(format!("core-{expected}"))));
        assert!(threads.insert(format!("{thread:?}")), "a thread serves two cores");
    }
    assert_eq!(threads.len(), 5);
}

#[test]
fn a_panic_on_one_core_reaches_its_own_handle_alone() {
    let _watchdog = Watchdog::start();
    let outcomes = start(3).run(|index| async move {
        assert_ne!(index, 1, "the second one fails");
        index
    });
    let outcomes: [_; 3] = outcomes.try_into().expect("three outcomes");
    let [Ok(0), Err(error), Ok(2)] = outcomes else { panic!("{outcomes:?}") };
    let text = text_of(error.into_panic().expect("a panic").as_ref());
    assert!(text.contains("the second one fails"), "{text}");
}

#[test]
fn stopping_drops_each_task_on_its_own_core_and_waits_for_it() {
    let _watchdog = Watchdog::start();
    for by_drop in [false, true] {
        let (sender, dropped) = channel();
        let (here, there) = channel();
        let cores = start(3);
        let waiting = cores.spawn_on_each(move |_| async move {
            let _witness = Witness(sender);
            here.send(thread::current().id()).expect("the test listens");
            pending::<()>().await;
        });
        let homes: Vec<ThreadId> = (0..3).map(|_| receive("a core's task", &there)).collect();
        if by_drop {
            drop(cores)
        } else {
            cores.stop()
        }
        let ends: Vec<ThreadId> = dropped.try_iter().collect();
        assert_eq!(ends.len(), 3, "by drop: {by_drop}: it did not wait");
        assert!(ends.iter().all(|end| homes.contains(end)), "{homes:?} {ends:?}");
        for task in waiting {
            let outcome = support::polls::now("the outcome is known", task);
            assert!(outcome.expect_err("it never ends by itself").is_cancelled());
        }
    }
}

#[test]
fn a_core_may_stop_all_of_them_and_does_not_wait_for_itself() {
    let _watchdog = Watchdog::start();
    let (sender, dropped) = channel();
    let cores = start(3);
    let first = cores.handles()[0].clone();
    drop(cores.spawn_on_each({
        let sender = sender.clone();
        |_| async move {
            let _witness = Witness(sender);
            pending::<()>().await;
        }
    }));
    drop(first.spawn(async move { cores.stop() }));
    for which in ["the first task's end", "the second task's end", "the third task's end"] {
        receive(which, &dropped);
    }
}

#[test]
fn what_is_spawned_after_the_end_is_cancelled() {
    let _watchdog = Watchdog::start();
    let cores = start(2);
    let handles: Vec<Handle> = cores.handles().to_vec();
    cores.stop();
    for handle in handles {
        let late = support::polls::now("nobody runs it", handle.spawn(async {}));
        assert!(late.expect_err("the runtime is gone").is_cancelled());
    }
}

#[test]
fn a_run_inside_a_task_says_what_to_do_instead() {
    run(async {
        let cores = start(2);
        let text = panic_of(move || cores.run(|_| async {}));
        assert!(text.contains("a runtime is running on this thread already"), "{text}");
    });
}

#[test]
fn cores_talk_by_handles_that_each_has_of_the_other() {
    let _watchdog = Watchdog::start();
    let cores = start(2);
    let peers: Vec<Handle> = cores.handles().to_vec();
    // Each asks the other a thousand times, both at once.
    let sums = cores.run(move |index| async move {
        let mut sum = 0;
        for number in 0..1000_u64 {
            sum += peers[1 - index].spawn(async move { number }).await.expect("it goes on");
        }
        sum
    });
    // One may be done while the other still asks it: `run` stops neither before both are.
    let sums: Vec<u64> = sums.into_iter().map(|sum| sum.expect("no panic")).collect();
    assert_eq!(sums, [499_500, 499_500]);
}

#[test]
fn settings_are_those_of_each_runtime() {
    let _watchdog = Watchdog::start();
    let builder = CoresBuilder::new().count(0).runtime(Builder::new().budget(7));
    let cores = builder.start().expect("threads and descriptors are left");
    assert_eq!(cores.handles().len(), 1, "at least one");
    let budgets = cores.run(|_| async { reactor::budget::left() });
    assert_eq!(budgets.into_iter().map(|left| left.expect("no panic")).collect::<Vec<_>>(), [7]);
}

#[test]
fn a_pinned_core_may_use_one_processor() {
    let _watchdog = Watchdog::start();
    let all = match reactor::affinity::allowed() {
        Ok(all) => all,
        Err(error) => {
            // macOS, NetBSD, OpenBSD: then it is an error, not a silent nothing.
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
            let pinned = CoresBuilder::new().pinned(true).start();
            return assert_eq!(pinned.expect_err("no pinning").kind(), error.kind());
        }
    };
    let cores = CoresBuilder::new().count(all.len() + 1).pinned(true).start();
    let outcomes = cores.expect("they are ours").run(|_| async { reactor::affinity::allowed() });
    for (index, outcome) in outcomes.into_iter().enumerate() {
        let allowed = outcome.expect("no panic").expect("this system says");
        assert_eq!(allowed, [all[index % all.len()]], "core {index}");
    }
}

#[test]
fn where_one_cannot_start_there_is_an_error_and_nobody_is_left() {
    alone("where_one_cannot_start_there_is_an_error_and_nobody_is_left", || {
        let mut held = Vec::new();
        while let Ok(file) = std::fs::File::open("/dev/null") {
            held.push(file);
        }
        held.truncate(held.len() - 3); // enough for one runtime, and not for four
        let error = Cores::start(4).expect_err("no descriptors are left");
        assert_eq!(error.raw_os_error(), Some(EMFILE), "{error}");
        assert!(std::fs::File::open("/dev/null").is_ok(), "the first one's were given back");
    });
}

#[test]
fn one_port_is_served_by_all_that_share_it() {
    let _watchdog = Watchdog::start();
    let cores = start(2);
    let address = run(async {
        let first = TcpSocket::new_v4().expect("descriptors are left");
        first.set_reuse_port(true).expect("an option that every system has");
        first.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        let address = first.local_addr().expect("its address");
        for (index, handle) in cores.handles().iter().enumerate() {
            let listening = handle.spawn_with(move || listen(index, address));
            soon("a listener", listening).await.expect("no panic");
        }
        address
    });
    let reached: BTreeSet<u16> = run(async {
        let asking = (0..128).map(|_| async move {
            let mut stream = TcpStream::connect(address).await.expect("it listens");
            let mut core = [0; 2];
            stream.read_exact(&mut core).await.expect("each is answered");
            u16::from_be_bytes(core)
        });
        soon("all answers", join_all(asking)).await.into_iter().collect()
    });
    assert_eq!(reached, BTreeSet::from([0, 1]), "128 connections reached one core alone");
}

async fn listen(index: usize, address: SocketAddr) {
    use executor::io::AsyncWrite;
    let socket = TcpSocket::new_v4().expect("descriptors are left");
    socket.set_reuse_port(true).expect("an option that every system has");
    socket.bind(address).expect("the others said that they share");
    let mut listener = socket.listen(1024).expect("nobody else listens without sharing");
    let serving = async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("nothing is short");
            stream.write_all(&(index as u16).to_be_bytes()).await.expect("two bytes have room");
        }
    };
    executor::spawn(serving).detach();
}
