//! Telling a whole tree of tasks to stop, each at a point of its own choice.
//!
//! `abort` takes a task down where it waits; a token asks. Who holds a token looks at it, or waits for
//! it beside its work, and then ends as it likes: flushes, answers, says goodbye.
//!
//! ```text
//!            root ── cancel ──► itself, and all below it          a child's cancel ──► not the root
//!           ╱    ╲
//!       child    child          a child knows its parent (strong: an inner node may have no token
//!         │                     of its own any more, and must still hand the news down);
//!       child                   a parent knows its children weakly, and forgets those that go
//! ```
//!
//! Invariants:
//! - All of a tree is marked before anybody in it is woken.
//! - A node stays exactly as long as a token for it or for something below it does.
//! - Nothing here recurses: a chain of a million nodes is cancelled and dropped as well as one of two.
//!
//! Neighbours: `sync::Notify` keeps those who wait. As it, a token belongs to one thread.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::rc::{Rc, Weak};

use reactor::slab::{Key, Slab};

use crate::future::{Either, race};
use crate::sync::{Notify, Wakers};

/// A wish to stop, for all who hold a clone of it or a child.
#[derive(Clone, Default)]
pub struct CancellationToken {
    node: Rc<Node>,
}

#[derive(Default)]
struct Node {
    cancelled: Cell<bool>,
    /// Who is above, and where it knows us.
    parent: RefCell<Option<(Rc<Node>, Key)>>,
    children: RefCell<Slab<Weak<Node>>>,
    waiters: Notify,
}

impl Drop for Node {
    fn drop(&mut self) {
        let mut link = self.parent.take();
        while let Some((parent, key)) = link {
            parent.children.borrow_mut().remove(key);
            // If we were the last to hold it, it goes here, and not in a drop within this drop.
            link = Rc::into_inner(parent).and_then(|last| last.parent.take());
        }
    }
}

impl CancellationToken {
    /// A token that nobody has cancelled, at the root of a tree.
    pub fn new() -> CancellationToken {
        CancellationToken::default()
    }

    /// A token that is cancelled with this one, and can be cancelled without it.
    pub fn child_token(&self) -> CancellationToken {
        let child = CancellationToken::new();
        if self.is_cancelled() {
            child.node.cancelled.set(true);
            return child;
        }
        let key = self.node.children.borrow_mut().insert(Rc::downgrade(&child.node));
        child.node.parent.replace(Some((Rc::clone(&self.node), key)));
        child
    }

    /// Cancels this token and all below it, for good.
    pub fn cancel(&self) {
        let (mut rest, mut marked) = (vec![Rc::clone(&self.node)], Vec::new());
        while let Some(node) = rest.pop() {
            if node.cancelled.replace(true) {
                continue;
            }
            rest.extend(node.children.borrow().iter().filter_map(|(_, child)| child.upgrade()));
            marked.push(node);
        }
        let mut wakers = Wakers::default();
        for node in &marked {
            wakers.append(node.waiters.grant_waiters());
        }
        wakers.wake();
    }

    /// Whether it, or one above it, has been cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.node.cancelled.get()
    }

    /// Waits until it is cancelled. Cancel safe.
    pub async fn cancelled(&self) {
        if !self.is_cancelled() {
            self.node.waiters.notified().await;
        }
    }

    /// Runs `future` to its end, or until the token is cancelled: then the future is dropped where it
    /// waits, and the answer is `None`. A result that is there in the same poll is not thrown away,
    /// unless the token was cancelled before the first.
    pub async fn run_until_cancelled<F: Future>(&self, future: F) -> Option<F::Output> {
        if self.is_cancelled() {
            return None;
        }
        match race(future, self.cancelled()).await {
            Either::Left(output) => Some(output),
            Either::Right(()) => None,
        }
    }

    /// A guard that cancels the token when it is dropped.
    pub fn drop_guard(self) -> DropGuard {
        DropGuard { token: Some(self) }
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken")
            .field("cancelled", &self.is_cancelled())
            .field("children", &self.node.children.borrow().len())
            .finish()
    }
}

/// Cancels its token when it is dropped; see [`CancellationToken::drop_guard`].
#[derive(Debug)]
#[must_use = "a guard that is dropped at once cancels at once"]
pub struct DropGuard {
    /// `None` once disarmed.
    token: Option<CancellationToken>,
}

impl DropGuard {
    /// The token again, which is then not cancelled.
    ///
    /// # Panics
    /// Never: a guard has its token until it is disarmed or dropped.
    pub fn disarm(mut self) -> CancellationToken {
        self.token.take().expect("a guard that lives has its token")
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = self.token.take() {
            token.cancel();
        }
    }
}
