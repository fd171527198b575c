//! What a projection has to do, and what it must not. The names say the order in which to go.

use std::cell::Cell;
use std::future::{Future, Ready, ready};
use std::marker::{PhantomData, PhantomPinned};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::ptr;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use ex07::{OutOfPatience, Patience, patience};
use watchdog::within;

/// What a [`Witness`] has seen.
#[derive(Debug, Default)]
struct Seen {
    polls: Cell<u32>,
    moved: Cell<bool>,
    dropped: Cell<bool>,
}

/// Notices when it is polled, or dropped, where it was not polled first.
struct Witness {
    seen: Rc<Seen>,
    ready_at: u32,
    place: Cell<Option<usize>>,
    _pinned: PhantomPinned,
}

fn witness(ready_at: u32) -> (Witness, Rc<Seen>) {
    let seen = Rc::<Seen>::default();
    let place = Cell::new(None);
    (Witness { seen: Rc::clone(&seen), ready_at, place, _pinned: PhantomPinned }, seen)
}

impl Witness {
    fn look(&self) {
        let here = ptr::from_ref(self).addr();
        let before = self.place.replace(Some(here));
        if before.is_some_and(|before| before != here) {
            self.seen.moved.set(true);
        }
    }
}

impl Future for Witness {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<&'static str> {
        self.look();
        self.seen.polls.set(self.seen.polls.get() + 1);
        if self.seen.polls.get() < self.ready_at { Poll::Pending } else { Poll::Ready("ready") }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.look();
        self.seen.dropped.set(true);
    }
}

/// What each poll says, until it is over.
fn polls<F: Future>(
    mut future: Pin<&mut Patience<F>>,
) -> (usize, Result<F::Output, OutOfPatience>) {
    for number in 1..=10 {
        let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(result) = polled {
            return (number, result);
        }
    }
    panic!("it is not over after ten polls")
}

#[test]
fn step_1_the_future_is_projected_where_it_lies() {
    within("`Pin::new_unchecked(&mut this.future)`; a copy or a box would lie elsewhere.", || {
        let mut whole = pin!(patience(3, ready(7)));
        let begin = ptr::from_ref(&*whole).addr();
        let end = begin + size_of::<Patience<Ready<i32>>>();
        let (future, polls) = whole.as_mut().project();
        assert!((begin..end).contains(&ptr::from_ref(&*future).addr()));
        assert!((begin..end).contains(&ptr::from_ref(polls).addr()));
        assert_eq!(*polls, 3);
    });
}

#[test]
fn step_1_each_unsafe_has_its_argument() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs");
    within(
        "above each `unsafe`, a line `// SAFETY:` says why it is right, in five words or more.",
        move || {
            let source = std::fs::read_to_string(source).expect("your code");
            let blocks = source.matches("unsafe {").count();
            let arguments =
                source.lines().filter_map(|line| line.trim().strip_prefix("// SAFETY:"));
            let arguments =
                arguments.filter(|argument| argument.split_whitespace().count() >= 5).count();
            assert!(blocks > 0 && arguments >= blocks, "{blocks} unsafe, {arguments} arguments");
        },
    );
}

#[test]
fn step_2_a_future_that_is_ready_in_time_gives_its_output() {
    within("poll it by `as_pin_mut`, and count.", || {
        let (future, seen) = witness(3);
        let mut future = pin!(patience(3, future));
        assert_eq!(polls(future.as_mut()), (3, Ok("ready")));
        assert!(!seen.moved.get(), "it was moved after it had been polled");
    });
}

#[test]
fn step_2_after_the_last_poll_it_gives_up() {
    within("the poll that uses up the last one says so at once: nobody would poll again.", || {
        let (future, seen) = witness(5);
        let mut future = pin!(patience(2, future));
        assert_eq!(polls(future.as_mut()), (2, Err(OutOfPatience)));
        assert_eq!(seen.polls.get(), 2);
    });
}

#[test]
fn step_2_without_any_patience_it_is_not_polled() {
    within("zero polls are none: `checked_sub`.", || {
        let (future, seen) = witness(1);
        let mut future = pin!(patience(0, future));
        assert_eq!(polls(future.as_mut()), (1, Err(OutOfPatience)));
        assert_eq!(seen.polls.get(), 0);
    });
}

#[test]
fn step_2_a_future_that_is_over_is_dropped_at_once_and_in_its_place() {
    within("`Pin::set(None)` drops it where it lies; `take` would move it out first.", || {
        for allowed in [2, 5] {
            let (future, seen) = witness(3);
            let mut whole = pin!(patience(allowed, future));
            let _ = polls(whole.as_mut());
            assert!(seen.dropped.get(), "it is over, and still there");
            assert!(!seen.moved.get(), "it was moved before it was dropped");
        }
    });
}

#[test]
fn step_2_a_poll_after_the_end_panics() {
    within(
        "once it is over, the future is `None`: panic, and say so. There is no answer left.",
        || {
            let mut future = pin!(patience(1, ready(7)));
            let _ = polls(future.as_mut());
            let again = catch_unwind(AssertUnwindSafe(|| polls(future.as_mut())));
            assert!(again.is_err(), "it had given its answer, and gave another: {again:?}");
        },
    );
}

/// Whether a type is `Unpin`: the method of the type itself is found before the trait's.
struct Probe<T>(PhantomData<T>);

trait Otherwise {
    fn is_unpin(&self) -> bool {
        false
    }
}

impl<T> Otherwise for Probe<T> {}

impl<T: Unpin> Probe<T> {
    fn is_unpin(&self) -> bool {
        true
    }
}

#[test]
fn step_3_it_is_unpin_only_if_the_future_is() {
    let advice = "no `impl Unpin` of your own: the compiler's is the right one.";
    assert!(Probe::<Patience<Ready<i32>>>(PhantomData).is_unpin(), "{advice}");
    assert!(!Probe::<Patience<Witness>>(PhantomData).is_unpin(), "{advice}");
    // And it can be used as given, also in the other tests:
    let (future, _seen) = witness(1);
    assert_eq!(polls(pin!(patience(1, future))), (1, Ok("ready")));
}
