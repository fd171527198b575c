//! What a change sets off: the count of changes, the journal, and who waits for news of a key.
//!
//! ```text
//!   command ── changed(SET, key) ──► dirty + 1 ──► observers, if there are any
//!      │
//!      └─ returns ── has `dirty` grown? ── yes ──► 1. keys that ended meanwhile:  DEL into the journal
//!                           │ no                   2. the command itself, or what it came to
//!                           ▼
//!                         nothing
//! ```

use super::Call;
use super::command::{Command, WRITE};
use crate::db::Deadline;
use crate::events::{EXPIRED, Event, NEW};
use crate::resp::Arguments;
use crate::state::State;

impl Call<'_> {
    /// Writes a value that does not depend on the old one.
    #[inline(always)]
    pub(super) fn overwrite(&mut self, key: &[u8], value: &[u8], deadline: Deadline) {
        if self.state.is_observed() {
            // A key whose deadline has passed is seen to go before it is seen to come.
            self.state.databases.contains(self.database, key, self.now);
        }
        self.state.databases.set(self.database, key, value, deadline);
    }

    /// A key of the caller's database has changed. Each command says so for each key that it changes.
    #[inline]
    pub(crate) fn changed(&mut self, event: Event, key: &[u8]) {
        self.changed_in(self.database, event, key);
    }

    /// A key has changed, in this database.
    #[inline]
    pub(crate) fn changed_in(&mut self, database: u8, event: Event, key: &[u8]) {
        self.state.databases.dirty += 1;
        self.also(database, event, key);
    }

    /// One more event of a change that is counted already: a key that got a deadline with its value,
    /// the place to which one was moved.
    #[inline]
    pub(crate) fn also(&mut self, database: u8, event: Event, key: &[u8]) {
        let created = event.may_create() && self.state.databases.take_created();
        if self.state.is_observed() {
            self.tell_change(database, event, key, created);
        }
    }

    #[inline(never)]
    fn tell_change(&mut self, database: u8, event: Event, key: &[u8], created: bool) {
        self.state.settle_expired();
        if let Some((database, key)) = self.state.databases.take_arrived() {
            self.state.notify(database, NEW, key.as_bytes());
        }
        if created {
            self.state.notify(database, NEW, key);
        }
        self.state.tell(database, event, key);
    }

    /// The journal gets this instead of the command that runs, because running that again later
    /// would come to something else. Each further call adds another.
    pub(super) fn log_as(&mut self, parts: &[&[u8]]) {
        if self.state.journal.is_on() {
            self.state.settle_expired();
            self.state.journal.replace(self.database, parts);
        }
    }

    /// The command has changed something: writes it down.
    #[cold]
    pub(super) fn write_down(
        &mut self,
        database: u8,
        command: &'static Command,
        arguments: Arguments<'_>,
    ) {
        self.state.settle_expired();
        if command.flags.has(WRITE) {
            self.state.journal.append_command(database, arguments.from(0));
        }
    }
}

impl State {
    /// Whether anybody wants to know which key changed, beyond the count of changes.
    #[inline]
    pub(crate) fn is_observed(&self) -> bool {
        !self.watches.is_empty() || self.config.notifications.are_on()
    }

    /// Tells those who want to know what happened to a key.
    #[cold]
    pub(crate) fn tell(&mut self, database: u8, event: Event, key: &[u8]) {
        if !self.watches.is_empty() {
            self.watches.touch(&mut self.clients, database, &key.into(), event == EXPIRED);
        }
        self.notify(database, event, key);
    }

    /// A database is about to be emptied, or to change places with another: whoever watches a key
    /// that is in one of the two is told.
    pub(crate) fn touch_all(&mut self, database: u8, replacement: Option<u8>) {
        for key in self.watches.keys(database) {
            let is_in = |database| self.databases.at(database).has(key.as_bytes());
            if is_in(database) || replacement.is_some_and(is_in) {
                self.watches.touch(&mut self.clients, database, &key, false);
            }
        }
    }

    /// Keys whose deadline had passed were removed: they are gone for the journal and for observers too.
    pub(crate) fn settle_expired(&mut self) {
        if !self.databases.has_expired() {
            return;
        }
        for (database, key) in self.databases.take_expired() {
            let key = key.as_bytes();
            self.journal.append(database, [&b"DEL"[..], key].into_iter());
            self.tell(database, EXPIRED, key);
        }
    }
}
