//! Children that may borrow from whoever waits for them.
//!
//! A spawned task must be `'static`, because nobody can promise that the one who spawned it is still
//! there. Here the promise is kept by ownership: the children are not given to the executor, they lie
//! in the scope's own future, which polls them and drops them.
//!
//! ```text
//!   scope(|s| async move { … s.spawn(child) … }).await
//!     ┌ the future of `scope`, in the caller's task ──────────┐
//!     │ body ── poll ── spawns ──► new ──► children ── poll   │──► body's output, when body and
//!     └───────────────────────────────────────────────────────┘    all children are over
//!        dropped: body and children are dropped, all of them
//! ```
//!
//! That is why this takes no `unsafe`, where a scope of *tasks* would: a future that is forgotten
//! (`std::mem::forget`) is never polled again, so children inside it touch nothing any more. Tasks in
//! the executor's hands would go on, and what they borrowed would be gone.
//!
//! The price: all of them are one task, so each wake-up polls all that are not over. This is for dozens;
//! for thousands, `spawn` into a [`JoinSet`](crate::JoinSet) and share by `Rc`.
//!
//! Invariants:
//! - Nothing is borrowed while a child is polled or dropped: it may spawn.
//! - When the scope's future is ready or dropped, no child is left.
//! - A poll of the scope comes to an end, however many children its children spawn.

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::sync::oneshot;

type Child<'env> = Pin<Box<dyn Future<Output = ()> + 'env>>;

/// Runs `body` and the children that it spawns, and gives the body's output when all are over.
///
/// ```
/// use std::cell::Cell;
///
/// executor::block_on(async {
///     let words = vec!["poll".to_owned(), "wait".to_owned(), "wake".to_owned()];
///     let letters = Cell::new(0);
///     let (all, sum) = (&words, &letters); // borrowed from the stack, not shared
///     executor::scope(|scope| async move {
///         for word in all {
///             drop(scope.spawn(async move {
///                 executor::yield_now().await;
///                 sum.set(sum.get() + word.len());
///             }));
///         }
///     })
///     .await;
///     assert_eq!((words.len(), letters.get()), (3, 12));
/// });
/// ```
///
/// Dropped before it is ready, it drops the body and all children where they wait.
///
/// # Panics
/// With what the body or a child panics with; the others are dropped.
pub async fn scope<'env, B, F>(body: B) -> F::Output
where
    B: FnOnce(Scope<'env>) -> F,
    F: Future,
{
    let new = New(Rc::new(RefCell::new(Some(Vec::new()))));
    let mut body = pin!(body(Scope { new: Rc::clone(&new.0) }));
    let (mut output, mut children) = (None, Vec::new());
    poll_fn(|context| {
        if output.is_none()
            && let Poll::Ready(ready) = body.as_mut().poll(context)
        {
            output = Some(ready);
        }
        poll_all(&mut children, context);
        // What has been spawned meanwhile is polled once too, or nobody would wake us for it.
        let mut young = new.take();
        poll_all(&mut young, context);
        children.append(&mut young);
        if !new.is_empty() {
            // What these have spawned comes next time: there may be no end to it, and others wait.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        match output.take_if(|_| children.is_empty()) {
            Some(output) => Poll::Ready(output),
            None => Poll::Pending,
        }
    })
    .await
}

fn poll_all(children: &mut Vec<Child<'_>>, context: &mut Context<'_>) {
    children.retain_mut(|child| child.as_mut().poll(context).is_pending());
}

/// Children that have not been polled yet; `None` once the scope is over.
struct New<'env>(Rc<RefCell<Option<Vec<Child<'env>>>>>);

impl<'env> New<'env> {
    fn is_empty(&self) -> bool {
        self.0.borrow().as_ref().is_none_or(Vec::is_empty)
    }

    fn take(&self) -> Vec<Child<'env>> {
        self.0.borrow_mut().as_mut().map(std::mem::take).unwrap_or_default()
    }
}

impl Drop for New<'_> {
    /// Children may hold the scope that holds them; here that circle is cut.
    fn drop(&mut self) {
        let never_polled = self.0.take();
        drop(never_polled);
    }
}

/// Takes children for a [`scope`]; clones are as good as the original, and may go along with children.
#[derive(Clone)]
pub struct Scope<'env> {
    new: Rc<RefCell<Option<Vec<Child<'env>>>>>,
}

impl<'env> Scope<'env> {
    /// Adds a child, which may borrow whatever outlives the scope. It is first polled after whoever
    /// spawns it has let go of the thread.
    ///
    /// Where the scope is over already, the child is dropped at once.
    pub fn spawn<F>(&self, child: F) -> ScopedHandle<F::Output>
    where
        F: Future + 'env,
        F::Output: 'env,
    {
        let (sender, output) = oneshot::channel();
        let child: Child<'env> = Box::pin(async move {
            // Nobody may be interested.
            drop(sender.send(child.await));
        });
        let mut new = self.new.borrow_mut();
        let refused = match new.as_mut() {
            Some(new) => {
                new.push(child);
                None
            }
            None => Some(child),
        };
        drop(new);
        drop(refused);
        ScopedHandle { output }
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scope")
    }
}

/// The future of a child's output; dropping it changes nothing for the child.
///
/// Cancel safe. Awaited outside of the scope whose child was dropped, it panics: there is no output.
#[derive(Debug)]
pub struct ScopedHandle<T> {
    output: oneshot::Receiver<T>,
}

impl<T> Future for ScopedHandle<T> {
    type Output = T;

    /// # Panics
    /// Where the child was dropped with its scope; polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.output).poll(context).map(|output| {
            output.expect("the scope of this child was dropped before the child's end")
        })
    }
}
