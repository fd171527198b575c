//! One run of `greet`, step by step.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::Mailbox;
use super::by_hand::{Greet, greet};
use crate::picture::{Picture, Step};

/// A waker that counts, and does nothing else: in this chapter, we do the polling.
#[derive(Debug, Default)]
pub struct Count(AtomicUsize);

impl Count {
    /// How often it was woken.
    pub fn wakes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a caller, the future and its mailbox do, one after the other.
pub fn run() -> Picture {
    let mut picture = Picture::new("ch06-states.svg", &["caller", "Greet", "mailbox"]);
    let mailbox = Mailbox::default();
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut future = greet(&mailbox);
    picture.push(Step::at(0, "greet(&mailbox)").to(1).then(future.state()));
    for (polls, letter) in [None, Some("Ada"), Some("London")].into_iter().enumerate() {
        if let Some(letter) = letter {
            let before = count.wakes();
            mailbox.deliver(letter);
            assert_eq!(count.wakes(), before + 1, "who waits is woken once a letter");
            let text = format!("a letter, \"{letter}\": wake");
            picture.push(Step::at(2, &text).to(0).loudly().then(future.state()));
        }
        poll(&mut future, &waker, polls + 1, &mut picture);
    }
    picture
}

fn poll(future: &mut Greet<'_>, waker: &Waker, number: usize, picture: &mut Picture) {
    picture.push(Step::at(0, &format!("poll {number}")).to(1).then(future.state()));
    let result = pin!(&mut *future).poll(&mut Context::from_waker(waker));
    let said = match result {
        Poll::Pending => "no letter: waker left, Pending".to_owned(),
        Poll::Ready(greeting) => format!("Ready(\"{greeting}\")"),
    };
    picture.push(Step::at(1, &said).to(0).then(future.state()));
}
