//! What runs: tasks on one thread, woken by the `reactor`, without a line of `unsafe`.
//!
//! ```
//! use std::io;
//! use executor::io::{AsyncRead, AsyncWrite};
//! use executor::net::{TcpListener, TcpStream};
//!
//! executor::block_on(async {
//!     let mut listener = TcpListener::bind("127.0.0.1:0")?;
//!     let address = listener.local_addr()?;
//!     let server = executor::spawn(async move {
//!         let (mut stream, _) = listener.accept().await?;
//!         let mut word = [0; 5];
//!         stream.read_exact(&mut word).await?;
//!         stream.write_all(&word).await
//!     });
//!     let mut client = TcpStream::connect(address).await?;
//!     client.write_all(b"hello").await?;
//!     let mut echo = [0; 5];
//!     client.read_exact(&mut echo).await?;
//!     server.await.expect("the task did not panic")?;
//!     assert_eq!(&echo, b"hello");
//!     Ok::<(), io::Error>(())
//! })
//! # .unwrap();
//! ```
//!
//! # The map
//! ```text
//!   cores  compat                    a runtime a core; the ecosystem's traits, by feature
//!   runtime   handle                 block_on, spawn; the loop; other threads' way in
//!   join  join_set  names            results, one by one or of many
//!   fs  dns                          files and names, by the threads that may block
//!   blocking  remote  cross          threads that may block; what crosses threads
//!   context  park                    "the current runtime"; waiting without one
//!        scheduler                   the tasks that live; one poll
//!     task ── table ── ready_queue   header and stage; where the tasks lie; who is next
//!   future  sync  cancellation       combinators; how tasks talk to each other, and how they
//!   task_local                       are asked to stop; what belongs to one
//!   ───────────────────────────────
//!         reactor                    what wakes (re-exported: `net`, `time`, `signal`, `io`)
//! ```
//!
//! # Other executors
//! | awaited under a foreign executor | what happens |
//! | --- | --- |
//! | `sync`, `cross`, [`fs`] once begun, a [`RemoteJoinHandle`] from another thread | works |
//! | a socket, a timer, a signal, `spawn`, a handle that has to wait for a task of this thread | panics, and says what is missing |
//! | the same by a foreign `block_on` *inside a task of ours* | waits for ever |
//!
//! The last cannot be told from what is right. A timer sees two things of whoever polls it: the thread and
//! a waker. Inside our task the thread is right in any case, and a waker that is not the task's own is no
//! sign, for combinators (`FuturesUnordered`, `Shared`) bring wakers of their own. The difference comes
//! after the poll: a combinator returns to our loop, a `block_on` puts the thread to sleep, and then no
//! code of ours runs that could say so. Our own two, [`block_on`] and [`park::block_on`], ask before the
//! first poll whether a runtime is running, and panic. So inside a task: await; or move what has to block
//! to [`spawn_blocking`], where any `block_on` is right.
//!
//! # What is absent
//! Work stealing: one runtime is one thread, and a task stays where it was spawned, so its future
//! need not be `Send`. For more cores, run more runtimes: [`Cores`]. `unsafe`: forbidden in this crate.

#![forbid(unsafe_code)]

mod blocking;
mod cancellation;
pub mod compat;
mod context;
mod cores;
pub mod cross;
pub mod dns;
pub mod fs;
pub mod future;
mod handle;
mod join;
mod join_error;
mod join_set;
mod names;
pub mod park;
mod primitives;
mod ready_queue;
mod remote;
mod runtime;
mod scheduler;
mod spawn_named;
pub mod sync;
mod table;
mod task;
pub mod task_local;
mod unwind;

pub use cancellation::{CancellationToken, DropGuard};
pub use cores::{Cores, CoresBuilder};
pub use future::{Either, Scope, ScopedHandle, join, join_all, race, scope, select, yield_now};
pub use handle::{Handle, LocalHandle};
pub use join::{AbortHandle, JoinHandle};
pub use join_error::JoinError;
pub use join_set::JoinSet;
pub use reactor::{Direction, io, net, process, signal, source, stdio, time};
pub use remote::RemoteJoinHandle;
pub use runtime::{Builder, Metrics, Runtime, block_on, metrics, spawn, spawn_blocking};
pub use spawn_named::spawn_named;
pub use task_local::{NotInScope, TaskLocal};

/// The kernel's interface that this build waits with: `"epoll"` or `"kqueue"`.
pub const BACKEND: &str = reactor::poller::Poller::backend();
