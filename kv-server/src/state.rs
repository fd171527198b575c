//! All that the commands of one server work on: one value, on one thread, behind one borrow.
//!
//! ```text
//!   State ─┬─ databases   keys and values
//!          ├─ journal     the changes, as commands
//!          ├─ persistence what is going on on the disk
//!          ├─ hub         who is subscribed to what
//!          ├─ watches     who watches which key
//!          ├─ held        how much of what they have sent is kept for later
//!          ├─ clients     who is connected, and what waits to be sent to each
//!          ├─ stats       what happened so far
//!          ├─ slowlog     what took long
//!          ├─ monitors    who sees what all others call
//!          ├─ config      what may change while the server runs
//!          └─ platform    what only the runtime knows, for INFO
//! ```
//!
//! A connection borrows it for one batch of commands. Delivering a message puts bytes into the
//! receivers' outboxes and notes their slots; when the batch is over each of them is woken once,
//! however many messages the batch held.

use std::task::Waker;

use crate::clients::{Clients, Slot};
use crate::config::{Config, OutputLimit};
use crate::db::{Databases, Millis, Row};
use crate::events::Class;
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::logging;
use crate::persistence::Persistence;
use crate::platform::Platform;
use crate::pubsub::Hub;
use crate::slowlog::Slowlog;
use crate::stats::Stats;
use crate::watches::Watches;

/// One server's state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) databases: Databases,
    pub(crate) journal: Journal,
    pub(crate) persistence: Persistence,
    pub(crate) hub: Hub,
    pub(crate) clients: Clients,
    pub(crate) watches: Watches,
    /// What clients have sent that is kept for later.
    pub(crate) held: Ledger,
    /// Commands are held back until then.
    pub(crate) pause: Option<Pause>,
    pub(crate) stats: Stats,
    pub(crate) slowlog: Slowlog,
    pub(crate) monitors: Vec<Slot>,
    pub(crate) config: Config,
    pub(crate) platform: Platform,
    /// The task that removes expired keys; woken when it must look again.
    pub(crate) expiry: Option<Waker>,
    /// Whether that task does its work; if not, keys end when somebody asks for them.
    pub(crate) active_expiry: bool,
    /// The task that accepts and stops; woken when a client leaves, if it waits for that.
    pub(crate) departure: Option<Waker>,
    /// The task that answers `GET /metrics`; woken when the server has ended.
    pub(crate) metrics: Option<Waker>,
    /// The server has ended.
    pub(crate) ended: bool,
    /// The server is about to end: what was received is answered, nothing more is waited for.
    pub(crate) stopping: bool,
}

/// Commands that come meanwhile wait (`CLIENT PAUSE`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause {
    pub(crate) until: Millis,
    /// Only those wait that would change something.
    pub(crate) writes_only: bool,
}

impl State {
    pub(crate) fn new(config: Config, platform: Platform) -> State {
        let mut state = State {
            databases: Databases::new(config.databases),
            journal: Journal::default(),
            persistence: Persistence::new(platform.started),
            hub: Hub::default(),
            clients: Clients::default(),
            watches: Watches::default(),
            held: Ledger::default(),
            pause: None,
            stats: Stats::default(),
            slowlog: Slowlog::default(),
            monitors: Vec::new(),
            config,
            platform,
            expiry: None,
            active_expiry: true,
            departure: None,
            metrics: None,
            ended: false,
            stopping: false,
        };
        state.reconfigure();
        state
    }

    /// Passes on what is set to those who keep a copy of it.
    pub(crate) fn reconfigure(&mut self) {
        let Config { policy, samples, aging, .. } = self.config;
        self.databases.set_policy(policy, samples, aging);
        self.slowlog.truncate(self.config.slowlog_length);
        logging::set_level(self.config.log_level);
    }

    /// The row of `key`, counted as a hit or a miss.
    #[inline]
    pub(crate) fn read(&mut self, database: u8, key: &[u8], now: Millis) -> Option<&Row> {
        if self.config.notifications.include(Class::KEYMISS) {
            self.tell_if_missing(database, key, now);
        }
        let row = self.databases.get(database, key, now);
        match row {
            Some(_) => self.stats.hits += 1,
            None => self.stats.misses += 1,
        }
        row
    }

    /// As [`State::read`], but what the key is used for does not make it a used one.
    pub(crate) fn look(&mut self, database: u8, key: &[u8], now: Millis) -> Option<&Row> {
        if self.config.notifications.include(Class::KEYMISS) {
            self.tell_if_missing(database, key, now);
        }
        let row = self.databases.peek(database, key, now);
        match row {
            Some(_) => self.stats.hits += 1,
            None => self.stats.misses += 1,
        }
        row
    }

    /// How far behind a client may fall.
    #[inline]
    pub(crate) fn output_limit(&self, slot: Slot) -> OutputLimit {
        let listens = self.clients[slot].listens();
        if listens { self.config.pubsub_limit } else { self.config.normal_limit }
    }

    /// The pause, if it is not over.
    pub(crate) fn pause(&self, now: Millis) -> Option<Pause> {
        self.pause.filter(|pause| pause.until > now)
    }

    /// Whether the state is such that a command must be looked at more closely before it runs,
    /// whoever calls it.
    #[inline]
    pub(crate) fn is_guarded(&self) -> bool {
        self.pause.is_some()
            || !self.config.disabled.is_empty()
            || self.config.max_memory > 0
            || self.is_disk_in_doubt()
    }

    /// Whether changes may have to be refused, because they would not reach the disk.
    #[inline]
    pub(crate) fn is_disk_in_doubt(&self) -> bool {
        self.journal.failure().is_some() || !self.persistence.save.succeeded
    }

    /// Whether a change is to be written down when its command has ended.
    #[inline]
    pub(crate) fn is_recorded(&self) -> bool {
        self.journal.is_on() || self.databases.has_expired()
    }

    /// Wakes each client that something was delivered to, the expiry task if a command has set an
    /// earlier deadline, and the task that writes the log if there is something to write. Waking runs
    /// nothing, so the state may be borrowed meanwhile.
    #[inline]
    pub(crate) fn wake(&mut self) {
        let writes = self.journal.has_pending() || self.persistence.is_due(self.databases.dirty);
        if self.clients.has_delivered() || self.databases.has_earlier() || writes {
            self.wake_others(writes);
        }
    }

    #[inline(never)]
    fn wake_others(&mut self, writes: bool) {
        self.clients.wake();
        if self.databases.take_earlier() {
            self.wake_expiry();
        }
        if writes {
            self.persistence.wake();
        }
    }

    /// Wakes the task that removes expired keys.
    pub(crate) fn wake_expiry(&self) {
        if let Some(waker) = &self.expiry {
            waker.wake_by_ref();
        }
    }

    /// The server has ended: so does what still runs for it.
    pub(crate) fn end(&mut self) {
        self.ended = true;
        if let Some(waker) = self.metrics.take() {
            waker.wake();
        }
    }

    /// Starts or ends the work of the task that removes expired keys.
    pub(crate) fn set_active_expiry(&mut self, on: bool) {
        self.active_expiry = on;
        if let Some(waker) = &self.expiry {
            waker.wake_by_ref();
        }
    }

    /// A client is no more.
    pub(crate) fn remove(&mut self, slot: Slot) {
        self.hub.remove(slot);
        self.watches.unwatch(&mut self.clients, slot);
        self.end_monitor(slot);
        self.clients.remove(slot);
    }

    /// A client does not look at the others' commands any more.
    pub(crate) fn end_monitor(&mut self, slot: Slot) {
        if !self.monitors.is_empty() {
            self.monitors.retain(|&monitor| monitor != slot);
            self.clients[slot].monitor = false;
        }
    }

    /// Tells who waits for it that a client left, or gave its descriptor back.
    pub(crate) fn depart(&mut self) {
        if let Some(waker) = self.departure.take() {
            waker.wake();
        }
    }

    /// How many keys expired, for `INFO`.
    pub(crate) fn expired_keys(&self) -> u64 {
        self.databases.expired_count() - self.stats.expired_before
    }

    /// Sets all counters back to zero.
    pub(crate) fn reset_stats(&mut self) {
        let expired_before = self.stats.expired_before + self.expired_keys();
        self.stats = Stats::new(self.stats.by_command.len(), expired_before);
    }
}
