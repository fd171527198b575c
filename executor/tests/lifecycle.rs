//! What may befall a task, at each point of its life.
//!
//! ```text
//!                 │ not polled yet │ parked │ queued │ running │ finished
//!   drop handle   │        ×       │    ×   │    ×   │    ×    │    ×
//!   abort         │        ×       │    ×   │    ×   │    ×    │    ×
//!   panic         │        ×       │    ×   │    ×   │    ×    │    (nothing is polled any more)
//!   drop runtime  │        ×       │    ×   │    ×   │   (*)   │    ×
//! ```
//! (*) While a task is polled, `block_on` borrows the runtime; the compiler lets nobody drop it.
//!
//! In each case, future and output are dropped exactly once, the outcome is the one that the table
//! says, and so is the number of polls.

mod support;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use executor::{JoinHandle, Metrics, Runtime};
use support::drops::{Drops, Tally};
use support::{runtime, soon, text_of, until};

#[derive(Clone, Copy, PartialEq, Debug)]
enum State {
    Fresh,
    Parked,
    Queued,
    Running,
    Finished,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Event {
    DropHandle,
    Abort,
    Panic,
    DropRuntime,
}

/// What the handle says in the end.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Outcome {
    Output,
    Cancelled,
    Panicked,
    /// The handle was dropped.
    NobodyAsks,
}

use Event::{Abort, DropHandle, DropRuntime, Panic};
use Outcome::{Cancelled, NobodyAsks, Output, Panicked};
use State::{Finished, Fresh, Parked, Queued, Running};

/// Event, state, outcome, and how often the future is polled in all.
const TABLE: [(Event, State, Outcome, usize); 18] = [
    (DropHandle, Fresh, NobodyAsks, 1),
    (DropHandle, Parked, NobodyAsks, 2),
    (DropHandle, Queued, NobodyAsks, 2),
    (DropHandle, Running, NobodyAsks, 2),
    (DropHandle, Finished, NobodyAsks, 1),
    (Abort, Fresh, Cancelled, 0),
    (Abort, Parked, Cancelled, 1),
    (Abort, Queued, Cancelled, 1),
    (Abort, Running, Cancelled, 1),
    (Abort, Finished, Output, 1),
    (Panic, Fresh, Panicked, 1),
    (Panic, Parked, Panicked, 2),
    (Panic, Queued, Panicked, 2),
    (Panic, Running, Panicked, 1),
    (DropRuntime, Fresh, Cancelled, 0),
    (DropRuntime, Parked, Cancelled, 1),
    (DropRuntime, Queued, Cancelled, 1),
    (DropRuntime, Finished, Cancelled, 1),
];

#[test]
fn each_event_in_each_state_ends_as_the_table_says() {
    let _watchdog = support::Watchdog::start();
    for (event, state, outcome, polls) in TABLE {
        let case = format!("{event:?} while {state:?}");
        support::note(&case);
        let subject = Subject::default();
        let mut runtime = runtime();
        subject.bring_to(state, event, &runtime);
        let runtime = match event {
            DropRuntime => {
                let before = subject.futures.count();
                drop(std::mem::replace(&mut runtime, support::runtime()));
                let dropped = subject.futures.count() - before;
                assert_eq!(dropped, usize::from(state != Finished), "{case}: in the drop itself");
                runtime
            }
            _ => {
                subject.befall(event, state, &case);
                subject.let_it_end(event, &runtime, &case);
                runtime
            }
        };
        assert_eq!(subject.outcome(&runtime), outcome, "{case}");
        assert_eq!(subject.polls.get(), polls, "{case}: polls");
        assert_eq!(subject.futures.count(), 1, "{case}: drops of the future");
        let outputs = usize::from(subject.made_output.get());
        assert_eq!(subject.outputs.count(), outputs, "{case}: drops of the output");
        assert_eq!(runtime.metrics(), Metrics::default(), "{case}");
    }
}

/// What the subject's future does at its next poll.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
enum Next {
    #[default]
    Park,
    Finish,
    Panic,
    /// Let the event befall its own task, and park.
    Befall(Event),
}

/// A task that obeys, seen from outside.
#[derive(Clone, Default)]
struct Subject {
    next: Rc<Cell<Next>>,
    polls: Rc<Cell<usize>>,
    waker: Rc<RefCell<Option<Waker>>>,
    handle: Rc<RefCell<Option<JoinHandle<Tally>>>>,
    made_output: Rc<Cell<bool>>,
    futures: Drops,
    outputs: Drops,
}

struct Obeys {
    subject: Subject,
    _counted: Tally,
}

impl Future for Obeys {
    type Output = Tally;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Tally> {
        let subject = &self.subject;
        subject.polls.set(subject.polls.get() + 1);
        subject.waker.replace(Some(context.waker().clone()));
        match subject.next.get() {
            Next::Park => Poll::Pending,
            Next::Finish => {
                subject.made_output.set(true);
                Poll::Ready(subject.outputs.value())
            }
            Next::Panic | Next::Befall(Panic) => {
                // A wake in the poll that panics: it queues a task that will not be there.
                context.waker().wake_by_ref();
                panic!("the subject's own words")
            }
            Next::Befall(event) => {
                subject.hit(event);
                Poll::Pending
            }
        }
    }
}

impl Subject {
    /// Spawns the task and brings it to `state`; where that is "running", the event befalls it there.
    fn bring_to(&self, state: State, event: Event, runtime: &Runtime) {
        self.next.set(match state {
            Running => Next::Befall(event),
            Finished => Next::Finish,
            Fresh | Parked | Queued => Next::Park,
        });
        let obeys = Obeys { subject: self.clone(), _counted: self.futures.value() };
        self.handle.replace(Some(runtime.spawn(obeys)));
        if state == Fresh {
            return;
        }
        runtime.block_on(until("the first poll", || self.polls.get() == 1));
        if state == Queued {
            let waker = self.waker.borrow().clone();
            waker.expect("it was polled").wake();
        }
    }

    /// Lets the event befall the task in any state but "running".
    fn befall(&self, event: Event, state: State, case: &str) {
        if state == Running {
            return;
        }
        let before = self.futures.count();
        self.next.set(Next::Finish);
        match event {
            Panic => self.next.set(Next::Panic),
            event => self.hit(event),
        }
        assert_eq!(self.futures.count(), before, "{case}: no future is dropped but in its turn");
    }

    fn hit(&self, event: Event) {
        match event {
            DropHandle => drop(self.handle.take()),
            Abort => self.handle.borrow().as_ref().expect("it is there").abort(),
            Panic | DropRuntime => unreachable!("nothing that a handle does"),
        }
    }

    /// Runs the runtime until the task is over; wakes it, unless an abort must do without that.
    fn let_it_end(&self, event: Event, runtime: &Runtime, case: &str) {
        if let Next::Befall(_) = self.next.get() {
            self.next.set(Next::Finish);
        }
        let waker = self.waker.borrow().clone();
        if let Some(waker) = waker
            && event != Abort
        {
            waker.wake();
        }
        runtime.block_on(until(case, || executor::metrics().tasks == 0));
    }

    fn outcome(&self, runtime: &Runtime) -> Outcome {
        let Some(handle) = self.handle.take() else { return NobodyAsks };
        match runtime.block_on(soon("the outcome", handle)) {
            Ok(_) => Output,
            Err(error) if error.is_cancelled() => Cancelled,
            Err(error) => {
                let payload = error.into_panic().expect("if not cancelled, then this");
                assert_eq!(text_of(payload.as_ref()), "the subject's own words");
                Panicked
            }
        }
    }
}
