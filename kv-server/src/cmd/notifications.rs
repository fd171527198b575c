//! Keyspace notifications: what happens to keys, published to channels that clients subscribe to.
//!
//! ```text
//!   SET k v in database 0 ──► __keyspace@0__:k    set
//!                        └──► __keyevent@0__:set  k
//! ```
//!
//! A client that changes a key and listens itself is told before its command's reply, never in the
//! middle of one. Nothing is told while `notify-keyspace-events` is empty.

use super::Call;
use crate::clients::Ending;
use crate::db::Millis;
use crate::events::{Event, KEYMISS};
use crate::fan_out;
use crate::pubsub::{Counts, Kind};
use crate::state::State;

impl State {
    /// Publishes that something happened to a key, as far as the settings want it.
    pub(super) fn notify(&mut self, database: u8, event: Event, key: &[u8]) {
        let wanted = self.config.notifications;
        if !wanted.include(event.class) || self.hub.counts() == Counts::default() {
            return;
        }
        let mut text = itoa::Buffer::new();
        let number = text.format(database).as_bytes();
        let name = event.name.as_bytes();
        if wanted.by_key() {
            let channel = [b"__keyspace@", number, b"__:", key].concat();
            fan_out::publish(self, Kind::Channel, &channel, name);
        }
        if wanted.by_event() {
            let channel = [b"__keyevent@", number, b"__:", name].concat();
            fan_out::publish(self, Kind::Channel, &channel, key);
        }
    }

    /// A key is about to be read, and who listens wants to hear of misses: tells if it is not there.
    #[cold]
    pub(crate) fn tell_if_missing(&mut self, database: u8, key: &[u8], now: Millis) {
        if !self.databases.contains(database, key, now) {
            self.settle_expired();
            self.notify(database, KEYMISS, key);
        }
    }
}

impl Call<'_> {
    /// What was published to the caller itself while its command ran goes before the command's
    /// reply. If that was more than it may let wait, it was cut off, and no further command runs.
    #[inline]
    pub(super) fn collect(&mut self) {
        let client = &self.state.clients[self.slot];
        self.watched |= client.ending != Ending::No;
        if client.outbox.backlog() > 0 && !self.gathers {
            self.insert_messages();
        }
    }

    /// Puts what was published to the caller itself before the reply that is being made.
    #[cold]
    pub(super) fn insert_messages(&mut self) {
        let (messages, sent) = self.state.clients.take_output(self.slot);
        let kept = self.kept;
        self.reply.out.splice(kept..kept, messages[sent..].iter().copied());
        self.kept += messages.len() - sent;
        self.state.clients.buffers.give(messages);
    }
}
