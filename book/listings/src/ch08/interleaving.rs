//! Two threads, one order of events, two versions of `block_on`.
//!
//! The future of this run gives its waker to another thread and does not say Pending before that thread
//! has woken it. So the wake always falls between the poll and the sleep, which otherwise happens
//! by chance, and rarely.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use super::contract::{BRIEFLY, BlockOn, Work};
use super::v2_sleep;
use crate::picture::{Picture, Step};

const BLOCK_ON: usize = 0;
const OTHER: usize = 1;

/// The sleeper does not hear it.
pub fn lost() -> Picture {
    run("ch08-lost.svg", v2_sleep::block_on, BRIEFLY)
}

/// The sleeper finds its flag raised.
pub fn kept() -> Picture {
    run("ch08-kept.svg", executor::park::block_on, Duration::from_secs(20))
}

type Shared = Arc<Mutex<Picture>>;

fn note(picture: &Shared, step: Step) {
    picture.lock().expect("nobody panics while drawing").push(step);
}

fn run(name: &'static str, block_on: BlockOn, patience: Duration) -> Picture {
    let lanes = ["thread in block_on", "another thread"];
    let picture = Arc::new(Mutex::new(Picture::new(name, &lanes)));
    let (sender, returned) = mpsc::channel();
    let (says_pending, pending) = mpsc::channel();
    let drawn = Arc::clone(&picture);
    thread::spawn(move || {
        let value = block_on(race(Arc::clone(&drawn), says_pending));
        note(&drawn, Step::at(BLOCK_ON, &format!("block_on returns {value}")));
        sender.send(()).expect("the picture is waited for");
    });
    // Whatever the machine does meanwhile, the patience begins with the sleep, not with the thread.
    pending.recv().expect("it polls");
    if returned.recv_timeout(patience).is_err() {
        note(&picture, Step::at(BLOCK_ON, "asleep, and nobody will wake it").loudly());
    }
    let picture = picture.lock().expect("nobody panics while drawing");
    picture.clone()
}

/// Its value comes from another thread, in the middle of its first poll.
fn race(picture: Shared, says_pending: mpsc::Sender<()>) -> Work {
    let value = Arc::new(Mutex::new(None));
    let mut polls = 0;
    let future = poll_fn(move |context| {
        polls += 1;
        note(&picture, Step::at(BLOCK_ON, &format!("poll {polls} begins")));
        if let Some(value) = value.lock().expect("it is only read and written").take() {
            note(&picture, Step::at(BLOCK_ON, "poll finds the value: Ready"));
            return Poll::Ready(value);
        }
        note(&picture, Step::at(BLOCK_ON, "no value: waker left").to(OTHER));
        let (waker, value) = (context.waker().clone(), Arc::clone(&value));
        let drawn = Arc::clone(&picture);
        let other = thread::spawn(move || {
            *value.lock().expect("it is only read and written") = Some(7_u32);
            note(&drawn, Step::at(OTHER, "value written"));
            note(&drawn, Step::at(OTHER, "wake").to(BLOCK_ON).loudly());
            waker.wake();
        });
        other.join().expect("it does not panic");
        note(&picture, Step::at(BLOCK_ON, "poll says Pending"));
        says_pending.send(()).expect("the picture waits for it");
        Poll::Pending
    });
    Box::pin(future)
}
