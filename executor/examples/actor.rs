//! A supervised actor: a task that owns its state, a mailbox, and somebody who starts it again.
//!
//! ```text
//!   askers ──► mailbox (mpsc, bounded, in order) ──► actor: one message at a time ──► reply (oneshot)
//!                  ▲                                    │ panics
//!                  └── kept by the supervisor ◄─────────┘ a new actor takes the mailbox over
//! ```
//!
//! What a panic costs: the message at hand, whose asker hears that there will be no reply, and the state,
//! which may be half changed and is therefore thrown away. What it does not cost: any other message, or
//! their order.
//!
//! `cargo run -p executor --example actor`

use std::cell::RefCell;
use std::rc::Rc;

use executor::sync::{mpsc, oneshot};
use executor::{JoinHandle, spawn, spawn_named};

/// What the actor can be asked.
enum Message {
    Add(i64, oneshot::Sender<i64>),
    /// Makes it panic: user code has bugs.
    Crash,
}

/// The askers' side; clones are as good as the original.
#[derive(Clone)]
struct Account {
    mailbox: mpsc::Sender<Message>,
}

impl Account {
    /// Starts the actor and its supervisor, who gives up after `restarts` panics; the handle says how many
    /// there were.
    fn start(restarts: usize) -> (Account, JoinHandle<usize>) {
        let (mailbox, messages) = mpsc::channel(8);
        (Account { mailbox }, spawn(supervise(messages, restarts)))
    }

    /// Adds, and gives the sum; `None` where the actor panicked at it, or is no more.
    async fn add(&self, amount: i64) -> Option<i64> {
        let (reply, replied) = oneshot::channel();
        self.mailbox.send(Message::Add(amount, reply)).await.ok()?;
        replied.await.ok()
    }

    async fn crash(&self) {
        // Where the actor is no more, there is nothing to crash.
        let _ = self.mailbox.send(Message::Crash).await;
    }
}

/// Runs an actor after the other on one mailbox, which outlives them.
async fn supervise(messages: mpsc::Receiver<Message>, restarts: usize) -> usize {
    let messages = Rc::new(RefCell::new(messages));
    for panics in 0.. {
        let actor = spawn_named(format!("account, life {panics}"), act(Rc::clone(&messages)));
        match actor.await {
            Ok(()) => return panics,
            Err(error) => println!("supervisor: {error}"),
        }
        if panics == restarts {
            println!("supervisor: that was once too often");
            return panics + 1;
        }
    }
    unreachable!("the numbers do not end")
}

/// One life of the actor: until all askers have gone, or a panic.
async fn act(messages: Rc<RefCell<mpsc::Receiver<Message>>>) {
    let mut sum = 0;
    // Borrowed for one look at a time: a panic leaves the mailbox free for the next life.
    while let Some(message) =
        std::future::poll_fn(|context| messages.borrow_mut().poll_recv(context)).await
    {
        match message {
            Message::Add(amount, reply) => {
                sum += amount;
                // The asker may have stopped waiting; the sum has changed all the same.
                let _ = reply.send(sum);
            }
            Message::Crash => panic!("a bug, on purpose, at the sum of {sum}"),
        }
    }
}

fn main() {
    executor::block_on(async {
        let (account, supervisor) = Account::start(2);

        // In order: from one asker, and however many wait in line.
        let asks: Vec<_> = (1..=20)
            .map(|amount| {
                let account = account.clone();
                spawn(async move { account.add(amount).await })
            })
            .collect();
        let mut sum = 0;
        for (amount, ask) in (1..=20).zip(asks) {
            sum += amount;
            assert_eq!(ask.await.expect("no panic"), Some(sum), "messages are taken in order");
        }
        println!("20 asked, in order: {sum}");

        // A panic loses the state and the message at hand, and nothing behind it.
        let behind = account.clone();
        let (_, first, second) = executor::join!(account.crash(), account.add(1), behind.add(2));
        assert_eq!((first, second), (Some(1), Some(3)), "a new life, the same mailbox");
        println!("after a panic: {first:?}, {second:?}");

        // All askers gone: the actor ends, and its supervisor with it.
        drop((account, behind));
        assert_eq!(supervisor.await.expect("no panic"), 1);

        // Who panics at everything is given up, and nobody waits for it.
        let (broken, supervisor) = Account::start(2);
        for _ in 0..3 {
            broken.crash().await;
        }
        assert_eq!(supervisor.await.expect("no panic"), 3);
        assert_eq!(broken.add(1).await, None, "there is no actor, and the asker hears of it");
        println!("given up after 3 panics");
    });
    println!("ok");
}
