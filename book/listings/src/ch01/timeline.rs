//! Three questions with threads, and the same three with tasks, drawn by the run.
//!
//! The answers come in an order of their own: Lima's first, then Pune's, then Oslo's, who was asked first.
//! For the threads, somebody gives them out one by one; for the tasks, the runtime's virtual clock does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use executor::Builder;
use executor::time::{now, sleep};

use crate::picture::{Picture, Step};

/// Who is asked, and how many seconds away they are.
const CITIES: [(&str, u64); 3] = [("Oslo", 3), ("Lima", 1), ("Pune", 2)];

/// A thread for each city.
///
/// # Panics
/// Never: the threads talk to nobody but each other.
pub fn with_threads() -> Picture {
    let lanes = ["main", "thread Oslo", "thread Lima", "thread Pune"];
    let picture = Arc::new(Mutex::new(Picture::new("ch01-threads.svg", &lanes)));
    let note = |step| picture.lock().expect("nobody panics while drawing").push(step);
    let mut threads = Vec::new();
    let mut answers = Vec::new();
    for (index, (city, away)) in CITIES.into_iter().enumerate() {
        note(Step::at(0, &format!("starts a thread: {city}")).to(index + 1).running());
        let (answer, wait) = channel();
        let (says, heard) = channel();
        let drawn = Arc::clone(&picture);
        threads.push(thread::spawn(move || ask(index + 1, &drawn, &wait, &says)));
        heard.recv().expect("the thread has asked");
        answers.push((away, answer, heard));
    }
    note(Step::at(0, "joins all three: waits").waiting());
    answers.sort_by_key(|(away, ..)| *away);
    let far_away = thread::spawn(move || {
        for (_, answer, heard) in answers {
            answer.send(()).expect("somebody waits for it");
            heard.recv().expect("the thread has drawn its step");
        }
    });
    for thread in threads {
        thread.join().expect("asking does not panic");
    }
    far_away.join().expect("answering does not panic");
    note(Step::at(0, "has all three answers").running());
    let picture = picture.lock().expect("nobody panics while drawing");
    picture.clone()
}

/// What a thread does.
fn ask(lane: usize, picture: &Mutex<Picture>, answer: &Receiver<()>, says: &Sender<()>) {
    let note = |step| {
        picture.lock().expect("nobody panics while drawing").push(step);
    };
    note(Step::at(lane, "asks: the thread waits").waiting());
    says.send(()).expect("main listens");
    answer.recv().expect("there is an answer for each");
    note(Step::at(lane, "has the answer: ends").loudly());
    says.send(()).expect("who answers listens");
}

/// A task for each city, and one thread.
///
/// # Panics
/// Where the process has no descriptor left for a reactor.
pub fn with_tasks() -> Picture {
    let lanes = ["the thread", "task Oslo", "task Lima", "task Pune"];
    let drawing = Rc::new(Drawing {
        picture: RefCell::new(Picture::new("ch01-tasks.svg", &lanes)),
        clock: Cell::new(None),
    });
    let runtime = Builder::new().virtual_time(true).build().expect("a descriptor is left");
    runtime.block_on(async {
        drawing.note(Step::at(0, "spawns three tasks, awaits them").running());
        let start = |(index, (_, away))| {
            let drawing = Rc::clone(&drawing);
            executor::spawn(async move {
                drawing.note(Step::at(index + 1, "polled: asks").running());
                drawing.note(Step::at(index + 1, "Pending: gives the thread back").waiting());
                sleep(Duration::from_secs(away)).await;
                drawing.note(Step::at(index + 1, "polled: has the answer").loudly());
            })
        };
        let tasks: Vec<_> = CITIES.into_iter().enumerate().map(start).collect();
        for task in tasks {
            task.await.expect("asking does not panic");
        }
        drawing.note(Step::at(0, "has all three answers").running());
    });
    drawing.picture.borrow().clone()
}

struct Drawing {
    picture: RefCell<Picture>,
    /// When the last step was.
    clock: Cell<Option<Instant>>,
}

impl Drawing {
    /// The virtual clock moves only when no task can go on: where it has, the thread has slept.
    fn note(&self, step: Step) {
        let now = now();
        if self.clock.replace(Some(now)).is_some_and(|before| before < now) {
            let mut picture = self.picture.borrow_mut();
            picture.push(Step::at(0, "nobody can go on: sleeps").waiting());
            picture.push(Step::at(0, "woken: polls who is ready").running());
        }
        self.picture.borrow_mut().push(step);
    }
}
