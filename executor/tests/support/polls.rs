//! Futures that count their polls, and wakers that count their wakes.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Watches a [`Parked`] future from outside.
#[derive(Clone, Default)]
pub(crate) struct Watch {
    polls: Rc<Cell<usize>>,
    waker: Rc<RefCell<Option<Waker>>>,
    open: Rc<Cell<bool>>,
}

impl Watch {
    pub(crate) fn new() -> Watch {
        Watch::default()
    }

    /// A future that stays pending until [`open`](Watch::open), and wakes nobody by itself.
    pub(crate) fn parked(&self) -> Parked {
        Parked(self.clone())
    }

    pub(crate) fn polls(&self) -> usize {
        self.polls.get()
    }

    /// The waker of the last poll.
    #[track_caller]
    pub(crate) fn waker(&self) -> Waker {
        self.waker.borrow().clone().expect("the future was polled")
    }

    /// Drops the waker of the last poll.
    pub(crate) fn forget_waker(&self) {
        self.waker.take();
    }

    /// Lets the next poll be ready.
    pub(crate) fn open(&self) {
        self.open.set(true);
    }

    /// Lets the next poll be ready, and asks for it.
    #[track_caller]
    pub(crate) fn release(&self) {
        self.open();
        self.waker().wake();
    }
}

/// Pending until it is opened; see [`Watch`].
pub(crate) struct Parked(Watch);

impl Future for Parked {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let watch = &self.0;
        watch.polls.set(watch.polls.get() + 1);
        if watch.open.get() {
            return Poll::Ready(());
        }
        let before = watch.waker.replace(Some(context.waker().clone()));
        drop(before);
        Poll::Pending
    }
}

/// Gives the current task's waker.
pub(crate) async fn own_waker() -> Waker {
    poll_fn(|context| Poll::Ready(context.waker().clone())).await
}

/// Counts how often it was woken.
#[derive(Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wakes {
    pub(crate) fn new() -> Arc<Wakes> {
        Arc::default()
    }

    pub(crate) fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(Arc::clone(self))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// One poll, with a waker of the caller's choice.
pub(crate) fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(waker))
}

/// One poll, with no word of who is to be woken.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_with(future, Waker::noop())
}

/// The output of a future that is ready at once.
#[track_caller]
pub(crate) fn now<F: Future>(what: &str, future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("not ready at once: {what}"),
    }
}
