//! What a queue of tasks has to do. The names say the order in which to go.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::task::{Poll, Wake, Waker};
use std::thread;

use ex09::{Executor, Header, Queue};
use watchdog::within;

#[test]
fn step_1_a_wake_puts_the_number_into_the_queue() {
    within("`wake_by_ref` raises the flag with `swap`, and pushes the number.", || {
        let queue = Arc::new(Queue::default());
        Header::new(7, &queue).wake_by_ref();
        assert_eq!(queue.count(), 1, "so many numbers are in the queue");
        assert_eq!(queue.pop(), 7);
    });
}

#[test]
fn step_1_many_wakes_of_many_threads_are_one() {
    within("push only if `swap` says that the flag was down.", || {
        let queue = Arc::new(Queue::default());
        let header = Header::new(7, &queue);
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let header = Arc::clone(&header);
                thread::spawn(move || (0..100).for_each(|_| header.wake_by_ref()))
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().expect("`wake_by_ref` panicked"));
        assert_eq!(queue.count(), 1, "so many numbers are in the queue");
    });
}

#[test]
fn step_2_after_its_turn_has_begun_a_wake_queues_it_again() {
    within("`begin` takes the flag down.", || {
        let queue = Arc::new(Queue::default());
        let header = Header::new(7, &queue);
        header.wake_by_ref();
        assert_eq!(queue.pop(), 7);
        header.begin();
        header.wake_by_ref();
        header.wake_by_ref();
        assert_eq!(queue.count(), 1, "so many numbers are in the queue");
    });
}

#[test]
fn step_3_a_spawned_task_waits_for_its_turn() {
    within("`spawn` wakes the new task's header, once, and polls nothing.", || {
        let (executor, polled) = (Executor::default(), Rc::new(Cell::new(false)));
        let seen = Rc::clone(&polled);
        executor.spawn(async move { seen.set(true) });
        assert!(!polled.get(), "it was polled in `spawn`");
        assert_eq!(executor.queue().count(), 1, "so many numbers are in the queue");
    });
}

#[test]
fn step_4_all_run_in_the_order_in_which_they_were_spawned() {
    within("poll whose number was popped; when it is ready, do not put it back.", || {
        let (executor, order) = (Executor::default(), Rc::new(RefCell::new(Vec::new())));
        for number in 0..3 {
            let order = Rc::clone(&order);
            executor.spawn(async move { order.borrow_mut().push(number) });
        }
        executor.run();
        assert_eq!(*order.borrow(), [0, 1, 2]);
    });
}

/// Pending at its first poll, in which it does `then` with its waker; it counts its polls.
fn twice(
    polls: &Rc<Cell<usize>>,
    then: impl FnOnce(Waker) + 'static,
) -> Pin<Box<dyn Future<Output = ()>>> {
    let (polls, mut then) = (Rc::clone(polls), Some(then));
    let future = poll_fn(move |context| {
        polls.set(polls.get() + 1);
        let Some(then) = then.take() else { return Poll::Ready(()) };
        then(context.waker().clone());
        Poll::Pending
    });
    Box::pin(future)
}

#[test]
fn step_4_a_wake_in_its_own_poll_is_not_lost() {
    within("`begin` comes before the poll: a wake in the poll finds the flag down.", || {
        let (executor, polls) = (Executor::default(), Rc::new(Cell::new(0)));
        executor.spawn(twice(&polls, |waker| {
            waker.wake_by_ref();
            waker.wake();
        }));
        executor.run();
        assert_eq!(polls.get(), 2, "so many polls: the first, and one for both wakes");
        assert_eq!(executor.queue().count(), 0, "a number is left in the queue");
    });
}

#[test]
fn step_4_a_wake_from_another_thread_ends_the_sleep() {
    within("a task that is Pending goes back into `tasks`, and `run` goes on to `pop`.", || {
        let (executor, polls) = (Executor::default(), Rc::new(Cell::new(0)));
        // The second task's turn comes when the first's is over: only then does the thread wake.
        let (turn_over, told) = mpsc::channel();
        executor.spawn(twice(&polls, |waker| {
            thread::spawn(move || told.recv().map(|()| waker.wake()));
        }));
        executor.spawn(async move { turn_over.send(()).expect("the thread waits") });
        executor.run();
        assert_eq!(polls.get(), 2);
    });
}

#[test]
fn step_4_a_task_can_spawn_another() {
    within("borrow `tasks` to take the task out, not while it is being polled.", || {
        let executor = Rc::new(Executor::default());
        let (within, done) = (Rc::clone(&executor), Rc::new(Cell::new(false)));
        let child = Rc::clone(&done);
        executor.spawn(async move { within.spawn(async move { child.set(true) }) });
        executor.run();
        assert!(done.get(), "`run` came back while a task was left");
    });
}

#[test]
fn step_4_a_task_that_is_over_may_be_woken() {
    within("a number whose task is gone is passed over.", || {
        let (executor, left) = (Executor::default(), Rc::new(RefCell::new(None)));
        let (keeps, wakes) = (Rc::clone(&left), Rc::clone(&left));
        executor.spawn(poll_fn(move |context| {
            keeps.replace(Some(context.waker().clone()));
            Poll::Ready(())
        }));
        executor.spawn(async move {
            let waker: Option<Waker> = wakes.take();
            waker.expect("the first task was polled first").wake();
        });
        executor.spawn(async {});
        executor.run();
    });
}
