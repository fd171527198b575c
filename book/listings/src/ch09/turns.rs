//! The ready queue in time: one run of the real executor.
//!
//! The queue is private to its crate. So the run keeps a list of its own beside it, by two rules: a wake
//! puts who is not in it at its end; a poll takes who is at its front. Each poll asserts that the
//! executor has come to the same.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::picture::{Picture, Step};

const LANES: [&str; 3] = ["the root", "task a", "task b"];
const NAMES: [&str; 3] = ["root", "a", "b"];
const ROOT: usize = 0;
const A: usize = 1;
const B: usize = 2;

/// What happens, and who must be in the queue.
struct Record {
    picture: Picture,
    queue: VecDeque<usize>,
}

#[derive(Clone)]
struct Shared(Rc<RefCell<Record>>);

impl Shared {
    /// Whoever is polled was at the front.
    fn turn(&self, who: usize, what: &str) {
        let front = self.0.borrow_mut().queue.pop_front();
        assert_eq!(front, Some(who), "the executor's turn is another's");
        self.push(Step::at(who, what));
    }

    /// Somebody queues somebody.
    fn wake(&self, from: usize, who: usize, what: &str) {
        let mut record = self.0.borrow_mut();
        let queued = record.queue.contains(&who);
        if !queued {
            record.queue.push_back(who);
        }
        drop(record);
        let step = Step::at(from, what);
        let step = if from == who { step } else { step.to(who) };
        self.push(if queued { step.loudly() } else { step });
    }

    fn push(&self, step: Step) {
        let mut record = self.0.borrow_mut();
        let names: Vec<&str> = record.queue.iter().map(|who| NAMES[*who]).collect();
        let queue = if names.is_empty() { "(empty)".to_owned() } else { names.join(", ") };
        record.picture.push(step.then(&queue));
    }
}

/// Task `a` waits for a letter; `b` wakes it twice, and itself once; the root waits for `b`.
pub fn run() -> Picture {
    let picture = Picture::new("ch09-turns.svg", &LANES).headed("the queue");
    let record = Shared(Rc::new(RefCell::new(Record { picture, queue: VecDeque::from([ROOT]) })));
    executor::block_on(root(record.clone()));
    let record = record.0.borrow();
    record.picture.clone()
}

async fn root(record: Shared) {
    let letters = Rc::new(RefCell::new((0, None)));
    record.turn(ROOT, "poll 1");
    let waits = executor::spawn(a(record.clone(), Rc::clone(&letters)));
    record.wake(ROOT, A, "spawns a");
    let works = executor::spawn(b(record.clone(), letters));
    record.wake(ROOT, B, "spawns b");
    record.push(Step::at(ROOT, "awaits b's handle: Pending"));
    works.await.expect("b comes to its end");
    record.turn(ROOT, "poll 2: b's result is there");
    record.push(Step::at(ROOT, "Ready"));
    assert!(waits.is_finished(), "a was polled before the root");
}

/// How many letters there are, and who waits for them.
type Letters = Rc<RefCell<(u32, Option<Waker>)>>;

async fn a(record: Shared, letters: Letters) {
    let mut polls = 0;
    poll_fn(|context| {
        polls += 1;
        record.turn(A, &format!("poll {polls}"));
        let mut letters = letters.borrow_mut();
        if letters.0 == 2 {
            record.push(Step::at(A, "two letters: Ready"));
            return Poll::Ready(());
        }
        letters.1 = Some(context.waker().clone());
        record.push(Step::at(A, "no letter: Pending"));
        Poll::Pending
    })
    .await;
}

async fn b(record: Shared, letters: Letters) {
    record.turn(B, "poll 1");
    let waker = letters.borrow().1.clone().expect("a was polled first");
    for words in ["a letter: wakes a", "again: queued already"] {
        letters.borrow_mut().0 += 1;
        waker.wake_by_ref();
        record.wake(B, A, words);
    }
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        record.wake(B, B, "wakes itself: Pending");
        Poll::Pending
    })
    .await;
    record.turn(B, "poll 2");
    record.wake(B, ROOT, "Ready: the root is woken");
}
