//! The server: one state, one acceptor, a task for each connection and one for expired keys.
//!
//! ```text
//!  Server::run ──► accept ──spawn──► Connection …        Expiry
//!       │ stop                           │                  │
//!       ▼                                └── State (shared, one thread)
//!  accept no more ──► grace ──► every client: answer what was received, then end ──► done
//!                     50 ms                   at most 5 s
//! ```
//!
//! An idle server makes no system call: nothing here ticks.

mod accept;
mod expire;
mod limits;
mod stop;

use std::future::poll_fn;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

pub use limits::fit_descriptors;
pub use stop::StopHandle;

use crate::config::Config;
use crate::connection::Shared;
use crate::db::Millis;
use crate::platform::Platform;
use crate::rt::{self, TcpListener, Timer};
use crate::state::State;
use accept::Acceptor;
use expire::Expiry;

/// Requests that are on their way when the server is asked to stop may still arrive for so long.
const GRACE: Duration = Duration::from_millis(50);
/// Then clients have so long to take their replies.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    shared: Rc<Shared>,
    listener: TcpListener,
    address: SocketAddr,
    stop: StopHandle,
}

impl Server {
    /// Listens at `config.bind`. Clients are served once [`Server::run`] runs.
    ///
    /// # Errors
    /// If the address cannot be had.
    ///
    /// # Panics
    /// Outside of [`rt::block_on`].
    pub fn bind(config: Config) -> io::Result<Server> {
        let listener = TcpListener::bind(config.bind, config.backlog)?;
        let address = listener.local_addr()?;
        let platform = Platform {
            runtime: rt::NAME,
            backend: rt::backend,
            metrics: rt::metrics,
            resident_memory,
            port: address.port(),
            started: unix_millis(),
            run_id: run_id(),
            most_clients: limits::most_clients(),
        };
        let shared = Rc::new(Shared::new(State::new(config, platform)));
        Ok(Server { shared, listener, address, stop: StopHandle::new() })
    }

    /// Where it listens, with the real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops the server, from any thread.
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }

    /// Serves until it is stopped; then every request that was received is answered, unless a
    /// client does not take its replies for 5 seconds. How many clients were left.
    pub async fn run(self) -> usize {
        let Server { shared, listener, address, stop } = self;
        rt::spawn(Expiry::new(Rc::clone(&shared)));
        Acceptor::new(listener, address, Rc::clone(&shared), stop).await;
        rt::sleep(GRACE).await;
        {
            let state = &mut *shared.state.borrow_mut();
            state.stopping = true;
            state.clients.wake_all();
            if let Some(waker) = state.expiry.take() {
                waker.wake();
            }
        }
        let mut timer = Timer::new();
        timer.arm_at(rt::now() + PATIENCE);
        poll_fn(|context| {
            let state = &mut *shared.state.borrow_mut();
            let left = state.clients.len();
            if left == 0 || timer.poll_elapsed(context).is_ready() {
                return Poll::Ready(left);
            }
            state.departure = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

fn unix_millis() -> Millis {
    Millis::try_from(rt::unix_time().as_millis()).unwrap_or(Millis::MAX)
}

/// What the system says about this process; `None` where it has no such file.
fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// Forty hexadecimal digits out of the standard library's random hash keys.
fn run_id() -> String {
    let random = || RandomState::new().build_hasher().finish();
    let id = format!("{:016x}{:016x}{:016x}", random(), random(), random());
    id[..40].to_owned()
}
