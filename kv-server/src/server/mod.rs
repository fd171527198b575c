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
mod exposition;
mod http;
mod limits;
mod load;
mod metrics;
mod snapshots;
mod start;
mod stop;
mod usage;
mod writer;

use std::future::poll_fn;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

pub use limits::fit_descriptors;
#[cfg(any(test, fuzzing))]
pub(crate) use load::read;
pub use stop::StopHandle;

use crate::config::Config;
use crate::connection::Shared;
use crate::db::Millis;
use crate::log::{AppendFile, Folder};
use crate::platform::Platform;
use crate::rt::{self, Timer};
use crate::state::State;
use accept::{Acceptor, Door};
use expire::Expiry;
use metrics::Metrics;
pub use start::StartError;
use start::open_log;
use writer::Writer;

/// Requests that are on their way when the server is asked to stop may still arrive for so long.
const GRACE: Duration = Duration::from_millis(50);
/// Then clients have so long to take their replies.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    shared: Rc<Shared>,
    /// One at least.
    doors: Vec<Door>,
    metrics: Option<Metrics>,
    stop: StopHandle,
    log: Option<(Folder, AppendFile)>,
}

impl Server {
    /// Reads what an earlier run left, if `config` says so, and then listens at `config.bind` and
    /// `config.bind_also`. Clients are served once [`Server::run`] runs.
    ///
    /// # Errors
    /// If something is wrong with the files, or the address cannot be had.
    ///
    /// # Panics
    /// Outside of [`rt::block_on`].
    pub fn bind(config: Config) -> Result<Server, StartError> {
        Server::start(config, |config| {
            let door = Door::open(config.bind, config, false)?;
            config.bind = door.address();
            let mut doors = vec![door];
            for extra in &config.bind_also {
                let address = SocketAddr::new(extra.ip, config.bind.port());
                match Door::open(address, config, false) {
                    Ok(door) => doors.push(door),
                    Err(error) if extra.optional && error.kind() != io::ErrorKind::AddrInUse => {}
                    Err(error) => return Err(at(address, error)),
                }
            }
            Ok(doors)
        })
    }

    /// Listens at `address` for clients that type lines, of which the crate's documentation tells;
    /// and not at `config.bind`. For the rest, as [`Server::bind`].
    ///
    /// # Errors
    /// As [`Server::bind`].
    ///
    /// # Panics
    /// Outside of [`rt::block_on`].
    pub fn bind_topics(address: SocketAddr, config: Config) -> Result<Server, StartError> {
        Server::start(config, |config| Ok(vec![Door::open(address, config, true)?]))
    }

    fn start(
        config: Config,
        listen: impl FnOnce(&mut Config) -> io::Result<Vec<Door>>,
    ) -> Result<Server, StartError> {
        let platform = Platform {
            runtime: rt::NAME,
            backend: rt::backend,
            metrics: rt::metrics,
            clock: rt::now,
            usage: usage::usage,
            started: unix_millis(),
            run_id: run_id(),
            most_clients: limits::most_clients(),
        };
        let mut config = config;
        if let Ok(dir) = config.durability.dir.canonicalize() {
            config.durability.dir = dir;
        }
        let mut state = State::new(config, platform);
        let folder = load::load(&mut state).map_err(StartError::Load)?;
        let doors = listen(&mut state.config).map_err(StartError::Listen)?;
        let metrics = state.config.metrics;
        let shared = Rc::new(Shared::new(state));
        let bind = |address| {
            Metrics::bind(address, Rc::clone(&shared)).map_err(|error| at(address, error))
        };
        let metrics = metrics.map(bind).transpose().map_err(StartError::Listen)?;
        // The last step: a start that fails leaves the files as they were.
        let open = |folder| open_log(&mut shared.state.borrow_mut(), folder);
        let log = folder.map(open).transpose()?;
        Ok(Server { shared, doors, metrics, stop: StopHandle::new(), log })
    }

    /// Listens also at `address`, for clients that type lines. The address, with the real port.
    ///
    /// # Errors
    /// If the address cannot be had.
    ///
    /// # Panics
    /// Outside of [`rt::block_on`].
    pub fn open_topics(&mut self, address: SocketAddr) -> io::Result<SocketAddr> {
        let door = Door::open(address, &self.shared.state.borrow().config, true)?;
        let address = door.address();
        self.doors.push(door);
        Ok(address)
    }

    /// Where it listens first of all, with the real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.doors[0].address()
    }

    /// Where it answers `GET /metrics`, if it does.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(Metrics::local_addr)
    }

    /// Stops the server, from any thread.
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }

    /// Serves until it is stopped; then every request that was received is answered, unless a
    /// client does not take its replies for 5 seconds, and what is to be on the disk is written
    /// there. How many clients were left.
    ///
    /// # Errors
    /// If something that was promised to be on the disk could not be written there.
    pub async fn run(self) -> Result<usize, String> {
        let Server { shared, doors, metrics, stop, log } = self;
        if let Some(metrics) = metrics {
            rt::spawn(metrics);
        }
        rt::spawn(Expiry::new(Rc::clone(&shared)));
        rt::spawn(Writer::new(Rc::clone(&shared), stop.clone(), log).run());
        Acceptor::new(doors, Rc::clone(&shared), stop).await;
        rt::sleep(GRACE).await;
        {
            let state = &mut *shared.state.borrow_mut();
            state.stopping = true;
            state.pause = None;
            state.clients.wake_all();
            if let Some(waker) = state.expiry.take() {
                waker.wake();
            }
        }
        let left = clients_left(&shared).await;
        {
            let state = &mut *shared.state.borrow_mut();
            state.persistence.wanted.end = true;
            state.persistence.wake();
        }
        poll_fn(|context| {
            let state = &mut *shared.state.borrow_mut();
            if state.persistence.ended {
                state.end();
                return Poll::Ready(());
            }
            state.departure = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
        match shared.state.borrow_mut().persistence.fatal.take() {
            Some(why) => Err(why),
            None => Ok(left),
        }
    }
}

/// Waits until all clients are gone, or for so long. How many are left.
async fn clients_left(shared: &Shared) -> usize {
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

/// Says to which of several addresses an error belongs.
fn at(address: SocketAddr, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{address}: {error}"))
}

fn unix_millis() -> Millis {
    Millis::try_from(rt::unix_time().as_millis()).unwrap_or(Millis::MAX)
}

/// Forty hexadecimal digits out of the standard library's random hash keys.
fn run_id() -> String {
    let random = || RandomState::new().build_hasher().finish();
    let id = format!("{:016x}{:016x}{:016x}", random(), random(), random());
    id[..40].to_owned()
}
