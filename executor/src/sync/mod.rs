//! How tasks of one thread talk to each other.
//!
//! | | carries | for |
//! | --- | --- | --- |
//! | [`Notify`] | nothing but the news | "look again" |
//! | [`oneshot`] | one value, once | a reply |
//! | [`mpsc`] | many values, in order, to one | work, with backpressure |
//! | [`broadcast`] | many values, each to all | events; the slow are told what they missed |
//! | [`watch`] | the latest value | settings, progress |
//! | [`Semaphore`] | permits | at most so many at once |
//! | [`Mutex`], [`RwLock`] | a value, to one or to many readers | state held across an `.await` |
//! | [`Condvar`] | | waiting for a change of what a mutex guards |
//! | [`Barrier`] | | waiting until all have come |
//! | [`OnceCell`] | a value, made once | what is expensive to make |
//!
//! A value that is never held across an `.await` needs none of these on one thread: a `Cell` or a
//! `RefCell` is enough, and cannot be waited for by mistake.
//!
//! All of them stay on one thread, and cost no atomic operation and no lock of their own; what crosses
//! threads is `spawn_blocking`, `Handle::spawn` and [`cross`](crate::cross). All are fair (first come,
//! first served) and cancel safe: whoever stops waiting after its turn was announced passes it on.
//!
//! None needs a runtime: they work under any executor.

mod barrier;
pub mod broadcast;
pub(crate) mod caller;
mod condvar;
pub(crate) mod error;
pub mod mpsc;
mod mutex;
mod notify;
mod once_cell;
pub mod oneshot;
mod rwlock;
mod semaphore;
pub(crate) mod wait_list;
mod wakers;
pub mod watch;

pub use barrier::{Barrier, BarrierWait};
pub use condvar::Condvar;
pub use mutex::{Mutex, MutexGuard};
pub use notify::{Notified, Notify};
pub use once_cell::OnceCell;
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use semaphore::{Acquire, Closed, OwnedPermit, Permit, Semaphore, TryAcquireError};
pub(crate) use wakers::Wakers;
