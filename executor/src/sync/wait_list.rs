//! Those who wait, in the order in which they came.
//!
//! A doubly linked list whose links are keys of a slab, so that leaving from the middle is O(1), and
//! a node that is gone is never followed.
//!
//! ```text
//!   head                          tail
//!    ▼                             ▼
//!   [a: waker] ⇄ [b: waker] ⇄ [c: waker]        [d: granted]  (out of the list, still in the slab)
//!    │ grant_first ────────────────────────────────►┘  │
//!    └ cancel: unlink                                  └ d polls: takes its grant, is removed
//!                                                        d is dropped: cancel gives the grant back
//! ```
//!
//! Invariants:
//! - A waiter is in the list exactly while nothing was granted to it.
//! - A grant is either taken by its waiter, or given back by `cancel`: it is never lost.
//! - Wakers come in as clones that were made before, and leave by the return value, to be woken or dropped
//!   when the caller has let go of its borrow: no foreign code runs in here.
//!
//! Neighbours: everything in `sync` that has a line waits in it; `caller` brings those who come, `wakers`
//! carries those who leave.

use std::task::Waker;

use reactor::slab::{Key, Slab};

use super::caller::Caller;
use super::wakers::Wakers;

/// Waiters, what each asks for (`R`), and what was granted to each (`G`).
#[derive(Debug)]
pub(crate) struct WaitList<G, R = ()> {
    nodes: Slab<Node<G, R>>,
    head: Option<Key>,
    tail: Option<Key>,
}

#[derive(Debug)]
enum Node<G, R> {
    Waiting { request: R, waker: Waker, before: Option<Key>, after: Option<Key> },
    Granted(G),
}

/// The answer to a waiter that asks.
#[derive(Debug)]
pub(crate) enum Polled<G> {
    /// Its turn has come; it is no longer a waiter.
    Granted(G),
    /// It still waits. Its former waker, if it brought another one, to be dropped under no borrow.
    #[allow(dead_code, reason = "it is here to be dropped in the right place, not to be read")]
    Waiting(Option<Waker>),
}

impl<G, R> Default for WaitList<G, R> {
    fn default() -> Self {
        WaitList { nodes: Slab::new(), head: None, tail: None }
    }
}

impl<G, R> WaitList<G, R> {
    /// Whether nobody waits.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    /// What the first waiter asks for.
    pub(crate) fn first(&self) -> Option<&R> {
        match self.nodes.get(self.head?) {
            Some(Node::Waiting { request, .. }) => Some(request),
            _ => None,
        }
    }

    /// A new waiter, at the end; `None` where the caller has no clone to leave here.
    pub(crate) fn push(&mut self, request: R, caller: &mut Caller<'_>) -> Option<Key> {
        caller.stay().map(|waker| self.insert(request, waker))
    }

    fn insert(&mut self, request: R, waker: Waker) -> Key {
        let before = self.tail;
        let waiter = Node::Waiting { request, waker, before, after: None };
        let key = self.nodes.insert(waiter);
        match before {
            Some(before) => self.set_after(before, Some(key)),
            None => self.head = Some(key),
        }
        self.tail = Some(key);
        key
    }

    /// Asks for a waiter, and notes who is to be woken from now on; `None` where that is another waker
    /// than before, and the caller has no clone to leave here.
    pub(crate) fn poll(&mut self, key: Key, caller: &mut Caller<'_>) -> Option<Polled<G>> {
        match self.nodes.get_mut(key) {
            Some(Node::Waiting { waker: known, .. }) if caller.is(known) => {
                Some(Polled::Waiting(None))
            }
            Some(Node::Waiting { waker: known, .. }) => {
                let waker = caller.stay()?;
                Some(Polled::Waiting(Some(std::mem::replace(known, waker))))
            }
            _ => match self.nodes.remove(key) {
                Some(Node::Granted(grant)) => Some(Polled::Granted(grant)),
                _ => unreachable!("a waiter keeps its node until it has taken its grant"),
            },
        }
    }

    /// Stands in line at the first call, and asks from then on. After a grant, `place` is empty again.
    /// `None` as from `push` and `poll`.
    pub(crate) fn wait(
        &mut self,
        place: &mut Option<Key>,
        request: R,
        caller: &mut Caller<'_>,
    ) -> Option<Polled<G>> {
        let Some(key) = *place else {
            *place = Some(self.push(request, caller)?);
            return Some(Polled::Waiting(None));
        };
        let polled = self.poll(key, caller)?;
        if let Polled::Granted(_) = polled {
            *place = None;
        }
        Some(polled)
    }

    /// Grants to the first waiter, and says whom to wake; gives the grant back where nobody waits.
    pub(crate) fn grant_first(&mut self, grant: G) -> Result<Waker, G> {
        let Some(first) = self.head else { return Err(grant) };
        self.unlink(first);
        match self.nodes.get_mut(first).map(|node| std::mem::replace(node, Node::Granted(grant))) {
            Some(Node::Waiting { waker, .. }) => Ok(waker),
            _ => unreachable!("who is in the list waits"),
        }
    }

    /// Grants the same to all who wait, and says whom to wake.
    pub(crate) fn grant_all(&mut self, grant: G) -> Wakers
    where
        G: Copy,
    {
        let mut wakers = Wakers::default();
        while let Ok(waker) = self.grant_first(grant) {
            wakers.push(waker);
        }
        wakers
    }

    /// A waiter goes. What was granted to it, to be passed on; its waker, to be dropped.
    pub(crate) fn cancel(&mut self, key: Key) -> (Option<G>, Option<Waker>) {
        if let Some(Node::Waiting { .. }) = self.nodes.get(key) {
            self.unlink(key);
        }
        match self.nodes.remove(key) {
            Some(Node::Waiting { waker, .. }) => (None, Some(waker)),
            Some(Node::Granted(grant)) => (Some(grant), None),
            None => (None, None),
        }
    }

    fn unlink(&mut self, key: Key) {
        let Some(Node::Waiting { before, after, .. }) = self.nodes.get(key) else { return };
        let (before, after) = (*before, *after);
        match before {
            Some(before) => self.set_after(before, after),
            None => self.head = after,
        }
        match after {
            Some(after) => self.set_before(after, before),
            None => self.tail = before,
        }
    }

    fn set_after(&mut self, key: Key, to: Option<Key>) {
        if let Some(Node::Waiting { after, .. }) = self.nodes.get_mut(key) {
            *after = to;
        }
    }

    fn set_before(&mut self, key: Key, to: Option<Key>) {
        if let Some(Node::Waiting { before, .. }) = self.nodes.get_mut(key) {
            *before = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::caller::ask;
    use super::*;
    use std::task::Context;

    fn granted(list: &mut WaitList<u32>, key: Key) -> Option<u32> {
        let context = Context::from_waker(Waker::noop());
        match ask(&context, |caller| list.poll(key, caller)) {
            Polled::Granted(grant) => Some(grant),
            Polled::Waiting(_) => None,
        }
    }

    fn three(list: &mut WaitList<u32>) -> [Key; 3] {
        [(); 3].map(|()| list.insert((), Waker::noop().clone()))
    }

    #[test]
    fn grants_go_in_the_order_of_arrival() {
        let mut list = WaitList::default();
        let keys = three(&mut list);
        for (number, key) in keys.iter().enumerate() {
            assert!(list.grant_first(number as u32).is_ok());
            assert_eq!(granted(&mut list, *key), Some(number as u32));
        }
        assert!(list.is_empty());
        assert_eq!(list.grant_first(9).expect_err("nobody waits"), 9);
    }

    #[test]
    fn leaving_from_any_place_keeps_the_order_of_the_others() {
        for leaver in 0..3 {
            let mut list = WaitList::default();
            let keys = three(&mut list);
            assert!(list.cancel(keys[leaver]).1.is_some());
            let rest = keys.iter().enumerate().filter(|(place, _)| *place != leaver);
            for (place, key) in rest {
                assert!(list.grant_first(place as u32).is_ok());
                assert_eq!(granted(&mut list, *key), Some(place as u32), "without {leaver}");
            }
            assert!(list.nodes.is_empty());
        }
    }

    #[test]
    fn a_grant_that_is_not_taken_comes_back() {
        let mut list = WaitList::default();
        let key = list.insert((), Waker::noop().clone());
        assert!(list.grant_first(7).is_ok());
        assert_eq!(list.cancel(key).0, Some(7));
        assert!(list.nodes.is_empty());
    }
}
