//! All that the commands of one server work on: one value, on one thread, behind one borrow.
//!
//! ```text
//!   State ─┬─ databases   keys and values
//!          ├─ hub         who is subscribed to what
//!          ├─ clients     who is connected, and what waits to be sent to each
//!          ├─ stats       what happened so far
//!          ├─ config      what may change while the server runs
//!          └─ platform    what only the runtime knows, for INFO
//! ```
//!
//! A connection borrows it for one batch of commands. Delivering a message puts bytes into the
//! receivers' outboxes and notes their slots; when the batch is over each of them is woken once,
//! however many messages the batch held.

use std::task::Waker;

use crate::clients::{Clients, Slot};
use crate::config::Config;
use crate::db::{Databases, Millis, Row};
use crate::platform::Platform;
use crate::pubsub::Hub;

/// One server's state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) databases: Databases,
    pub(crate) hub: Hub,
    pub(crate) clients: Clients,
    pub(crate) stats: Stats,
    pub(crate) config: Config,
    pub(crate) platform: Platform,
    /// The task that removes expired keys; woken when it must look again.
    pub(crate) expiry: Option<Waker>,
    /// The task that accepts and stops; woken when a client leaves, if it waits for that.
    pub(crate) departure: Option<Waker>,
    /// The server is about to end: what was received is answered, nothing more is waited for.
    pub(crate) stopping: bool,
}

/// Counters since the start, or since `CONFIG RESETSTAT`.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    pub(crate) commands: u64,
    pub(crate) connections: u64,
    pub(crate) rejected_connections: u64,
    pub(crate) input_bytes: u64,
    pub(crate) output_bytes: u64,
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    /// What the databases had counted when the counters were reset.
    pub(crate) expired_before: u64,
    /// Subscribers that were cut off because they did not keep up.
    pub(crate) slow_clients: u64,
}

impl State {
    pub(crate) fn new(config: Config, platform: Platform) -> State {
        State {
            databases: Databases::new(config.databases),
            hub: Hub::default(),
            clients: Clients::default(),
            stats: Stats::default(),
            config,
            platform,
            expiry: None,
            departure: None,
            stopping: false,
        }
    }

    /// The row of `key`, counted as a hit or a miss.
    #[inline]
    pub(crate) fn read(&mut self, database: u8, key: &[u8], now: Millis) -> Option<&Row> {
        let row = self.databases.at(database).get(key, now);
        match row {
            Some(_) => self.stats.hits += 1,
            None => self.stats.misses += 1,
        }
        row.map(|row| &*row)
    }

    /// Wakes each client that something was delivered to, and the expiry task if a command has set
    /// an earlier deadline. Waking runs nothing, so the state may be borrowed meanwhile.
    #[inline]
    pub(crate) fn wake(&mut self) {
        self.clients.wake();
        if self.databases.take_earlier()
            && let Some(waker) = &self.expiry
        {
            waker.wake_by_ref();
        }
    }

    /// A client is no more.
    pub(crate) fn remove(&mut self, slot: Slot) {
        self.hub.remove(slot);
        self.clients.remove(slot);
    }

    /// Tells who waits for it that a client left, or gave its descriptor back.
    pub(crate) fn depart(&mut self) {
        if let Some(waker) = self.departure.take() {
            waker.wake();
        }
    }

    /// How many keys expired, for `INFO`.
    pub(crate) fn expired_keys(&self) -> u64 {
        let all: u64 = self.databases.iter().map(|database| database.expired()).sum();
        all - self.stats.expired_before
    }

    /// Sets all counters back to zero.
    pub(crate) fn reset_stats(&mut self) {
        let expired_before = self.stats.expired_before + self.expired_keys();
        self.stats = Stats { expired_before, ..Stats::default() };
    }
}
