//! Chapter 2: an echo server, four ways to wait.
//!
//! ```text
//!   v1_blocking     one client after the other; the thread sleeps in `read`
//!   v2_threads      a thread for each client; each sleeps in its own `read`
//!   v3_forgetful    one thread, never blocked: and bytes are lost that the kernel did not take
//!   v3_busy         one thread asks all of them, again and again, and never sleeps
//!   v4_event_loop   one thread sleeps for all of them, and is told who is ready
//! ```
//! Each serves so many clients and then returns. `contract` says what each has to do, and which does
//! not; `trace` draws how they spend their time.

pub mod connection;
pub mod contract;
pub mod running;
pub mod trace;
pub mod v1_blocking;
pub mod v2_threads;
pub mod v3_busy;
pub mod v3_forgetful;
pub mod v4_event_loop;
pub mod watch;
