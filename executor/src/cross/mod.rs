//! Channels between threads: between executors, and between an executor and threads that block.
//!
//! | | carries | waits |
//! | --- | --- | --- |
//! | [`oneshot()`] | one value, once | the receiver |
//! | [`unbounded`] | many values to one, in order | the receiver |
//! | [`bounded`] | many values to one, in order | the receiver, and senders while it is full |
//!
//! Each wait is a future, and works under any executor; a plain thread waits by
//! [`park::block_on`](crate::park::block_on), of which the `blocking_` methods are a short form. Within one
//! thread, the channels of [`sync`](crate::sync) do the same without a lock.
//!
//! Locks are held for a few moves; no foreign code runs under them: no waker is
//! cloned, woken or dropped, and no value dropped.

mod channel;
mod oneshot;

pub use channel::{Receiver, Recv, Send, Sender, bounded, unbounded};
pub use oneshot::{OneshotReceiver, OneshotSender, oneshot};

pub use crate::sync::error::{RecvError, SendError, TryRecvError, TrySendError};
