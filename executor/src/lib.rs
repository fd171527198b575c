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
//!   runtime   handle                 block_on, spawn; the loop; other threads' way in
//!   join  blocking  remote  context  results, threads that may block, "the current runtime"
//!        scheduler                   the tasks that live; one poll
//!     task ── ready_queue            header and stage; who is next
//!   future   sync                    combinators; how tasks talk to each other
//!   ───────────────────────────────
//!         reactor                    what wakes (re-exported: `net`, `time`, `signal`, `io`)
//! ```
//!
//! # What is absent
//! Work stealing: one runtime is one thread, and a task stays where it was spawned, so its future
//! need not be `Send`. For more cores, run more runtimes. `unsafe`: forbidden in this crate.

#![forbid(unsafe_code)]

mod blocking;
mod context;
pub mod future;
mod handle;
mod join;
mod join_error;
mod ready_queue;
mod remote;
mod runtime;
mod scheduler;
pub mod sync;
mod task;
mod unwind;

pub use future::{Either, join, join_all, race, select, yield_now};
pub use handle::{Handle, LocalHandle};
pub use join::{AbortHandle, JoinHandle};
pub use join_error::JoinError;
pub use reactor::{Direction, io, net, signal, source, time};
pub use remote::RemoteJoinHandle;
pub use runtime::{Builder, Metrics, Runtime, block_on, metrics, spawn, spawn_blocking};

/// The kernel's interface that this build waits with: `"epoll"` or `"kqueue"`.
pub const BACKEND: &str = reactor::poller::Poller::backend();
