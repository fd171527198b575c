//! What is always ready must yield: each poll has a budget of operations, and then the others run.

mod support;

use std::cell::Cell;
use std::future::poll_fn;
use std::io::Write;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use executor::io::AsyncRead;
use executor::sync::mpsc;
use executor::{Builder, JoinHandle, spawn, yield_now};
use support::polls::poll_once;
use support::{Watchdog, run, soon};

/// So small that it is used up at once.
const BUDGET: u32 = 8;

/// Runs `body` on a runtime with that budget.
fn with_budget<T>(body: impl Future<Output = T>) -> T {
    let _watchdog = Watchdog::start();
    Builder::new().budget(BUDGET).build().expect("a runtime").block_on(body)
}

/// Runs beside a busy task, and says how much that got done between two turns of others at most.
async fn most_between_turns(done: &Cell<u32>, busy: JoinHandle<()>) -> u32 {
    let (mut most, mut before) = (0, done.get());
    while !busy.is_finished() {
        yield_now().await;
        most = most.max(done.get() - before);
        before = done.get();
    }
    soon("the busy task", busy).await.expect("it ended well");
    most
}

#[test]
fn a_socket_that_is_always_ready_yields_when_its_budget_is_used() {
    with_budget(async {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        let connecting = executor::net::TcpStream::connect(address);
        let mut stream = soon("the connection", connecting).await.expect("a connection");
        let (mut peer, _) = listener.accept().expect("the other end");
        peer.write_all(&[7; 2_000]).expect("room for two thousand bytes");
        drop(peer);
        let reads = Rc::new(Cell::new(0));
        let counts = Rc::clone(&reads);
        let reader = spawn(async move {
            while stream.read(&mut [0; 1]).await.expect("a healthy connection") == 1 {
                counts.set(counts.get() + 1);
            }
        });
        let most = most_between_turns(&reads, reader).await;
        assert_eq!(reads.get(), 2_000);
        assert!(0 < most && most <= BUDGET, "{most} reads in one turn");
    });
}

#[test]
fn a_receiver_of_a_full_channel_yields_when_its_budget_is_used() {
    with_budget(async {
        let (sender, mut receiver) = mpsc::unbounded();
        for number in 0..1_000 {
            sender.send(number).expect("the receiver is there");
        }
        drop(sender);
        let received = Rc::new(Cell::new(0));
        let counts = Rc::clone(&received);
        let task = spawn(async move {
            while receiver.recv().await.is_some() {
                counts.set(counts.get() + 1)
            }
        });
        let most = most_between_turns(&received, task).await;
        assert_eq!(received.get(), 1_000);
        assert_eq!(most, BUDGET);
    });
}

#[test]
fn a_sender_to_a_roomy_channel_yields_when_its_budget_is_used() {
    with_budget(async {
        let (sender, receiver) = mpsc::channel(1_000);
        let sent = Rc::new(Cell::new(0));
        let counts = Rc::clone(&sent);
        let task = spawn(async move {
            for number in 0..1_000 {
                sender.send(number).await.expect("the receiver is there");
                counts.set(counts.get() + 1);
            }
        });
        assert_eq!(most_between_turns(&sent, task).await, BUDGET);
        assert_eq!(receiver.len(), 1_000);
    });
}

#[test]
fn a_busy_pair_on_one_channel_lets_a_third_task_run() {
    run(async {
        let (sender, mut receiver) = mpsc::channel(4);
        let passed = Rc::new(Cell::new(0_u32));
        let counts = Rc::clone(&passed);
        let sending = spawn(async move { while sender.send(()).await.is_ok() {} });
        let receiving = spawn(async move {
            while receiver.recv().await.is_some() {
                counts.set(counts.get() + 1)
            }
        });
        for _ in 0..100 {
            yield_now().await;
        }
        assert!(passed.get() > 0, "the pair is busy");
        executor::time::sleep(Duration::from_millis(1)).await;
        receiving.abort();
        soon("the sender to see that nobody receives", sending).await.expect("it ended well");
    });
}

#[test]
fn the_root_has_a_budget_like_any_task() {
    const ROUNDS: u32 = 100;
    with_budget(async {
        let (sender, mut receiver) = mpsc::unbounded();
        for number in 0..ROUNDS * BUDGET {
            sender.send(number).expect("the receiver is there");
        }
        drop(sender);
        let (mut polls, mut draining) =
            (0, pin!(async { while receiver.recv().await.is_some() {} }));
        poll_fn(|context| {
            polls += 1;
            draining.as_mut().poll(context)
        })
        .await;
        assert_eq!(polls, ROUNDS + 1, "one for each budget, and one that finds the end");
    });
}

#[test]
fn each_task_has_a_budget_of_its_own_at_each_poll() {
    with_budget(async {
        let (sender, mut receiver) = mpsc::unbounded();
        let fill = |count| (0..count).for_each(|_| sender.send(()).expect("the receiver is there"));
        fill(BUDGET);
        // All of a poll's budget, used in the root; the next poll begins with a full one.
        for round in 0..10 {
            let mut in_this_poll = 0;
            poll_fn(|context| {
                while in_this_poll < BUDGET && receiver.poll_recv(context).is_ready() {
                    in_this_poll += 1;
                }
                Poll::Ready(())
            })
            .await;
            assert_eq!(in_this_poll, BUDGET, "in round {round}");
            fill(BUDGET);
            yield_now().await;
        }
    });
}

#[test]
fn a_runtime_that_is_dropped_within_a_poll_gives_it_no_new_budget() {
    with_budget(async {
        let (sender, mut receiver) = mpsc::unbounded();
        for number in 0..10 * BUDGET {
            sender.send(number).expect("the receiver is there");
        }
        yield_now().await;
        drop(support::runtime());
        let mut received = 0;
        while poll_once(&mut receiver.recv()).is_ready() {
            received += 1;
        }
        assert_eq!(received, BUDGET);
    });
}
