//! PUBLISH: one message to many clients; and PUBSUB, which looks at who listens.
//!
//! ```text
//!   PUBLISH news hi ──► encoded once ──► appended to the outbox of each subscriber
//!                                        (each is woken once, when the whole batch is done)
//! ```
//!
//! There is no channel and no task between the two clients: a message costs its receiver one copy
//! of its bytes, and as many messages as fall into one turn cost it one write. The two versions of
//! the protocol differ in the message's first byte alone.

use super::command::{ALWAYS, Command, FAST, NONE, PUBSUB};
use super::error::{Error, Outcome, REPEATED, cut};
use super::{Call, help};
use crate::clients::{Clients, Slot};
use crate::glob;
use crate::resp::{Arguments, Protocol, Reply};
use crate::state::{State, Stats};

/// This family's rows.
pub(super) static COMMANDS: [Command; 2] = [
    Command::new("publish", 3, PUBSUB.and(ALWAYS).and(FAST), publish)
        .about("2.0.0", "Sends a message to all who are subscribed to a channel"),
    Command::new("pubsub", -2, NONE, no_subcommand)
        .about("2.8.0", "Tells about subscriptions")
        .subcommands(&[
            Command::new("pubsub|channels", -2, PUBSUB.and(ALWAYS), channels)
                .about("2.8.0", "Lists the channels that have subscribers"),
            Command::new("pubsub|numsub", -2, PUBSUB.and(ALWAYS), numsub)
                .about("2.8.0", "Counts the subscribers of channels"),
            Command::new("pubsub|numpat", 2, PUBSUB.and(ALWAYS), numpat)
                .about("2.8.0", "Counts the patterns that have subscribers"),
            Command::new("pubsub|help", 2, ALWAYS, help_pubsub)
                .about("6.2.0", "Lists the subcommands"),
        ]),
];

fn publish(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let (channel, payload) = (arguments.at(1), arguments.at(2));
    let State { hub, clients, stats, config, .. } = &mut *call.state;
    let message = clients.buffers.take();
    let mut fan_out = FanOut {
        message,
        receivers: 0,
        hard_limit: match config.pubsub_limit.hard {
            0 => usize::MAX,
            limit => limit,
        },
        sender: call.slot,
        out: call.reply.out,
        kept: &mut call.kept,
        clients,
        stats,
    };
    fan_out.send(hub.subscribers(channel), &[b"message", channel, payload]);
    for (pattern, subscribers) in hub.matching(channel) {
        fan_out.send(subscribers, &[b"pmessage", pattern, channel, payload]);
    }
    let FanOut { message, receivers, .. } = fan_out;
    call.state.clients.buffers.give(message);
    call.reply.count(receivers);
    Ok(())
}

/// One publication on its way to all who shall have it.
struct FanOut<'a> {
    /// The message as it is sent, and used again for the next.
    message: Vec<u8>,
    receivers: usize,
    hard_limit: usize,
    sender: Slot,
    /// Where the sender's own message goes: before its reply.
    out: &'a mut Vec<u8>,
    kept: &'a mut usize,
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
        self.message.clear();
        let mut encoded = Reply::new(&mut self.message, Protocol::Resp2);
        encoded.push(parts.len());
        parts.iter().for_each(|part| encoded.bulk(part));
        for &slot in subscribers {
            if slot == self.sender {
                self.message[0] = self.clients[slot].protocol.push_mark();
                self.out.extend_from_slice(&self.message);
                *self.kept = self.out.len();
            } else if !self.clients.deliver(slot, &mut self.message, self.hard_limit) {
                self.stats.slow_clients += 1;
            }
        }
    }
}

fn no_subcommand(_: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    Err(Error::arity("pubsub"))
}

fn channels(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    if arguments.len() > 3 {
        let name = cut(arguments.at(1), REPEATED);
        let text = b"ERR unknown subcommand or wrong number of arguments for '";
        return Err(Error::with(&[text, name, b"'. Try PUBSUB HELP."]));
    }
    let pattern = arguments.get(2);
    let described = |name: &[u8]| pattern.is_none_or(|pattern| glob::matches(pattern, name));
    let found = || call.state.hub.channels().filter(|name| described(name));
    call.reply.array(found().count());
    found().for_each(|name| call.reply.bulk(name));
    Ok(())
}

fn numsub(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let names = arguments.from(2);
    call.reply.array(names.len() * 2);
    for name in names {
        call.reply.bulk(name);
        call.reply.count(call.state.hub.subscribers(name).len());
    }
    Ok(())
}

fn numpat(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.reply.count(call.state.hub.counts().1);
    Ok(())
}

fn help_pubsub(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    help::list(call, "pubsub")
}
