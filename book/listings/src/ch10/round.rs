//! Once around: poll, wait, wake.
//!
//! The reactor, the socket and the sleep are the real ones. The loop is the executor's with one task, and
//! a flag in the place of its queue; it writes down what it does, and so does the waker.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use reactor::poller::Notifier;
use reactor::source::Source;
use reactor::{Direction, Reactor};

use super::line::read_byte;
use crate::picture::{Picture, Step};

const TASK: usize = 0;
const EXECUTOR: usize = 1;
const REACTOR: usize = 2;
const KERNEL: usize = 3;

/// What is known of the one task, and drawn so far.
struct Run {
    queued: AtomicBool,
    running: AtomicBool,
    /// … and the state that was drawn last.
    picture: Mutex<(Picture, &'static str)>,
}

impl Run {
    /// Draws a step, and beside it the task's state where that is another one than before.
    fn note(&self, step: Step) {
        let (queued, running) =
            (self.queued.load(Ordering::Acquire), self.running.load(Ordering::Acquire));
        let state = match (queued, running) {
            (true, _) => "queued",
            (false, true) => "running",
            (false, false) => "waiting",
        };
        let mut drawn = self.picture.lock().expect("nobody panics while drawing");
        let (picture, before) = &mut *drawn;
        let changed = std::mem::replace(before, state) != state;
        picture.push(if changed { step.then(state) } else { step });
    }
}

/// What the waker points to: the task's place in the queue, and the bell.
struct Header {
    run: Arc<Run>,
    notifier: Notifier,
}

impl Wake for Header {
    fn wake(self: Arc<Self>) {
        self.run.queued.store(true, Ordering::Release);
        self.run.note(Step::at(REACTOR, "wake: into the queue").to(EXECUTOR).loudly());
        self.notifier.notify().expect("a notification needs nothing that could be short");
    }
}

/// One byte is waited for, and comes.
pub fn run() -> Picture {
    let lanes = ["task", "executor", "reactor", "kernel"];
    let picture = Picture::new("ch10-round.svg", &lanes).headed("the task is");
    let run = Arc::new(Run {
        queued: AtomicBool::new(true),
        running: AtomicBool::new(false),
        picture: Mutex::new((picture, "queued")),
    });
    let reactor = Reactor::new().expect("a descriptor is left");
    let entered = reactor.enter();
    let (ours, theirs) = UnixStream::pair().expect("a descriptor is left");
    let source = Source::nonblocking(ours).expect("it is a socket");
    // The first news of a new socket is that it can be written to. Nobody here wants to.
    reactor.park(Some(Duration::ZERO)).expect("the kernel lets a thread look");
    let header = Arc::new(Header { run: Arc::clone(&run), notifier: reactor.notifier() });
    let (asleep, told) = mpsc::channel();
    let peer = send_when_told(theirs, told, &run);
    turn_until_ready(&reactor, &header, read_and_draw(&source, &header), || {
        asleep.send(()).expect("the peer listens");
    });
    peer.join().expect("it does not panic");
    drop((source, entered));
    run.picture.lock().expect("nobody panics while drawing").0.clone()
}

/// The executor: polls while the task is queued, and parks while it is not.
fn turn_until_ready(
    reactor: &Rc<Reactor>,
    header: &Arc<Header>,
    task: impl Future<Output = u8>,
    parks: impl Fn(),
) {
    let waker = Waker::from(Arc::clone(header));
    let mut context = Context::from_waker(&waker);
    let (mut task, mut polls, run) = (pin!(task), 0, &header.run);
    loop {
        if run.queued.swap(false, Ordering::AcqRel) {
            polls += 1;
            run.running.store(true, Ordering::Release);
            run.note(Step::at(EXECUTOR, &format!("poll {polls}")).to(TASK));
            let polled = task.as_mut().poll(&mut context);
            if let Poll::Ready(byte) = polled {
                let text = format!("Ready({:?})", char::from(byte));
                return run.note(Step::at(TASK, &text).to(EXECUTOR));
            }
            run.running.store(false, Ordering::Release);
            run.note(Step::at(TASK, "Pending").to(EXECUTOR));
        } else {
            run.note(Step::at(EXECUTOR, "queue empty: park, asleep in the kernel").to(KERNEL));
            parks();
            reactor.park(None).expect("the kernel lets a thread wait");
        }
    }
}

/// The task: reads one byte.
fn read_and_draw(source: &Source<UnixStream>, header: &Arc<Header>) -> impl Future<Output = u8> {
    std::future::poll_fn(move |context| {
        let (wakers, run) = (Arc::strong_count(header), &header.run);
        let polled = source.poll_io(context, Direction::Read, |socket| {
            run.note(Step::at(TASK, "read").to(KERNEL));
            let result = read_byte(socket);
            let said = match &result {
                Ok(_) => "one byte".to_owned(),
                Err(error) => format!("nothing: {:?}", error.kind()),
            };
            run.note(Step::at(KERNEL, &said).to(TASK));
            result
        });
        if Arc::strong_count(header) > wakers {
            run.note(Step::at(TASK, "waker left with the socket").to(REACTOR));
        }
        polled.map(|byte| byte.expect("the peer is there"))
    })
}

/// Sends a byte once the executor sleeps, or is about to.
fn send_when_told(
    mut socket: UnixStream,
    told: Receiver<()>,
    run: &Arc<Run>,
) -> thread::JoinHandle<()> {
    let run = Arc::clone(run);
    thread::spawn(move || {
        told.recv().expect("the executor parks");
        run.note(Step::at(KERNEL, "a byte has come").to(REACTOR));
        socket.write_all(b"x").expect("it is read");
    })
}
