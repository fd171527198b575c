//! One message to many clients.
//!
//! ```text
//!   publish("news", "hi") ──► encoded once ──► appended to the outbox of each subscriber
//!                                              (each is woken once, when the whole batch is done)
//! ```
//!
//! There is no channel and no task between the two clients: a message costs its receiver one copy
//! of its bytes, and as many messages as fall into one turn cost it one write. A client that
//! publishes to itself is a receiver like others; the dispatcher puts what it got before its reply.

use crate::clients::{Clients, Slot};
use crate::message::Message;
use crate::pubsub::Kind;
use crate::state::State;
use crate::stats::Stats;

/// Sends `payload` to all who are subscribed to `channel` as a channel of this kind. How many
/// messages that were.
pub(crate) fn publish(state: &mut State, kind: Kind, channel: &[u8], payload: &[u8]) -> usize {
    let State { hub, clients, stats, config, .. } = state;
    let hard_limit = match config.pubsub_limit.hard {
        0 => usize::MAX,
        limit => limit,
    };
    let mut fan_out = FanOut { receivers: 0, hard_limit, clients, stats };
    let word: &[u8] = if kind == Kind::Shard { b"smessage" } else { b"message" };
    fan_out.send(hub.subscribers(kind, channel), &[word, channel, payload]);
    if kind == Kind::Channel {
        for (pattern, subscribers) in hub.matching(channel) {
            fan_out.send(subscribers, &[b"pmessage", pattern, channel, payload]);
        }
    }
    fan_out.receivers
}

/// One publication on its way to all who shall have it.
struct FanOut<'a> {
    receivers: usize,
    hard_limit: usize,
    clients: &'a mut Clients,
    stats: &'a mut Stats,
}

impl FanOut<'_> {
    /// Encodes a message of these parts once, and appends it to the outbox of each subscriber.
    fn send(&mut self, subscribers: &[Slot], parts: &[&[u8]]) {
        if subscribers.is_empty() {
            return;
        }
        self.receivers += subscribers.len();
        let mut message = Message::new(parts, self.clients.buffers.take());
        for &slot in subscribers {
            if !self.clients.deliver(slot, &mut message, self.hard_limit) {
                self.stats.slow_clients += 1;
            }
        }
        self.clients.buffers.give(message.into_buffer());
    }
}
