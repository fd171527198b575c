//! Room for more: what happens before a command that may need memory.
//!
//! ```text
//!   used ≤ maxmemory ── yes ──► the command runs
//!      │ no
//!      ├── evict, some hundred keys at most: each is a DEL in the journal, an event, a count
//!      ▼
//!   fits now, or has come down by more than the command brings ── yes ──► it runs
//!      │ no
//!      ▼
//!   OOM
//! ```
//!
//! What counts is what keys and values need, and the buffers in which something waits to be sent to
//! clients, as with Redis. A command that only reads is not held up: it brings nothing. While clients
//! are paused nothing goes. So where a
//! limit was lowered by much, each further write takes its share of the work, memory only ever goes
//! down, and no client waits for all of it.

use super::Call;
use super::command::{Command, DENYOOM};
use super::error::{Error, Outcome};
use crate::events::EVICTED;
use crate::resp::Arguments;
use crate::state::State;

/// How many keys go for one command at most.
const KEYS: usize = 512;

const FULL: Error = Error::new("OOM command not allowed when used memory > 'maxmemory'.");

impl Call<'_> {
    /// Makes room for a command, if memory is limited.
    pub(super) fn make_room(
        &mut self,
        command: &'static Command,
        arguments: Arguments<'_>,
    ) -> Outcome {
        if self.state.config.max_memory == 0 || self.state.pause(self.now).is_some() {
            return Ok(());
        }
        let transaction = self.state.clients[self.slot].transaction.as_deref();
        let (grows, queued) = match transaction {
            Some(transaction) if command.name == "exec" => (transaction.grows, transaction.memory),
            // A queue takes memory too, whatever is in it.
            Some(transaction) => (command.flags.has(DENYOOM) || transaction.takes(command), 0),
            None => (command.flags.has(DENYOOM), 0),
        };
        if !grows {
            return Ok(());
        }
        let before = self.state.used_memory();
        let after = self.state.evict(KEYS);
        let brings = || arguments.from(1).map(<[u8]>::len).sum::<usize>() + queued;
        if after <= self.state.config.max_memory || (after < before && before - after >= brings()) {
            return Ok(());
        }
        Err(FULL)
    }
}

impl State {
    /// Bytes of memory that count for `maxmemory`: as in Redis, the data and all that clients have
    /// made the server keep.
    #[inline]
    pub(crate) fn used_memory(&self) -> usize {
        self.databases.used() + self.clients_memory() + self.hub.memory() + self.watches.memory()
    }

    /// Bytes of memory in which something waits to be sent or to be executed.
    #[inline]
    pub(crate) fn clients_memory(&self) -> usize {
        self.clients.buffers.held() + self.held.total()
    }

    /// Removes keys until the rest fits, but no more than so many. What is used then.
    pub(crate) fn evict(&mut self, most: usize) -> usize {
        let limit = match self.config.max_memory {
            0 => usize::MAX,
            limit => limit,
        };
        for _ in 0..most {
            if self.used_memory() <= limit {
                break;
            }
            let Some((database, row)) = self.databases.evict() else { break };
            self.stats.evicted += 1;
            self.databases.dirty += 1;
            self.settle_expired();
            self.journal.append(database, [&b"DEL"[..], row.key()].into_iter());
            self.tell(database, EVICTED, row.key());
        }
        self.used_memory()
    }
}
