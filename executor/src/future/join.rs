//! Waiting for all.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// Runs both futures at once, in this task, and gives both outputs.
///
/// A panic in one drops the other. Cancel safe as far as both are: they are dropped together.
pub async fn join<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut a_output, mut b_output) = (None, None);
    poll_fn(|context| {
        // Whoever has ended is not polled again: a future may panic at that.
        if a_output.is_none()
            && let Poll::Ready(output) = a.as_mut().poll(context)
        {
            a_output = Some(output);
        }
        if b_output.is_none()
            && let Poll::Ready(output) = b.as_mut().poll(context)
        {
            b_output = Some(output);
        }
        match (a_output.take(), b_output.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (a_output, b_output) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}

/// Runs all the futures at once, in this task, and gives their outputs in the order of the futures.
///
/// Each wake-up polls all that are not over, so this is for dozens; for thousands, `spawn` them.
///
/// A panic in one passes on, and the others go with this future. Cancel safe as far as all are: they are
/// dropped together, with the outputs of those that are over.
pub fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> JoinAll<F> {
    JoinAll {
        members: futures.into_iter().map(|future| Member::Running(Box::pin(future))).collect(),
    }
}

/// The future of [`join_all`].
#[must_use = "futures do nothing unless awaited"]
pub struct JoinAll<F: Future> {
    members: Vec<Member<F>>,
}

enum Member<F: Future> {
    Running(Pin<Box<F>>),
    Over(F::Output),
}

/// The futures are pinned in boxes of their own; this struct may move, and so may their outputs.
impl<F: Future> Unpin for JoinAll<F> {}

impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

    /// Polled again after it was ready, it gives no outputs: they have been given.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut all_over = true;
        for member in &mut self.members {
            let Member::Running(future) = member else { continue };
            match future.as_mut().poll(context) {
                Poll::Ready(output) => *member = Member::Over(output),
                Poll::Pending => all_over = false,
            }
        }
        if !all_over {
            return Poll::Pending;
        }
        let members = std::mem::take(&mut self.members);
        let outputs = members.into_iter().filter_map(|member| match member {
            Member::Over(output) => Some(output),
            Member::Running(_) => None,
        });
        Poll::Ready(outputs.collect())
    }
}

impl<F: Future> std::fmt::Debug for JoinAll<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinAll").field("members", &self.members.len()).finish()
    }
}
