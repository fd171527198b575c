//! SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE and their opposites. Each name is confirmed by a message of its own,
//! which tells how many subscriptions the client has now: to channels and patterns together, or to
//! shard channels.

use super::Call;
use super::command::{ALWAYS, Command, Flags, Keys, NOSCRIPT, PUBSUB, WHILE_SUBSCRIBED};
use super::error::Outcome;
use crate::pubsub::{Counts, Kind};
use crate::resp::Arguments;

const FLAGS: Flags = PUBSUB.and(NOSCRIPT).and(ALWAYS).and(WHILE_SUBSCRIBED);

/// This family's rows.
pub(super) static COMMANDS: [Command; 6] = [
    Command::new("subscribe", -2, FLAGS, subscribe)
        .about("2.0.0", "Receives what is published to channels"),
    Command::new("unsubscribe", -1, FLAGS, unsubscribe)
        .about("2.0.0", "Receives no more from channels, or from any"),
    Command::new("psubscribe", -2, FLAGS, psubscribe)
        .about("2.0.0", "Receives what is published to all channels that patterns describe"),
    Command::new("punsubscribe", -1, FLAGS, punsubscribe)
        .about("2.0.0", "Receives no more through patterns, or through any"),
    Command::new("ssubscribe", -2, FLAGS, ssubscribe)
        .keys(Keys::all(1, &["not_key"]))
        .about("7.0.0", "Receives what is published to shard channels"),
    Command::new("sunsubscribe", -1, FLAGS, sunsubscribe)
        .keys(Keys::all(1, &["not_key"]))
        .about("7.0.0", "Receives no more from shard channels, or from any"),
];

fn subscribe(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    enter(call, arguments, Kind::Channel, b"subscribe")
}

fn psubscribe(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    enter(call, arguments, Kind::Pattern, b"psubscribe")
}

fn ssubscribe(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    enter(call, arguments, Kind::Shard, b"ssubscribe")
}

fn unsubscribe(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    leave(call, arguments, Kind::Channel, b"unsubscribe")
}

fn punsubscribe(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    leave(call, arguments, Kind::Pattern, b"punsubscribe")
}

fn sunsubscribe(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    leave(call, arguments, Kind::Shard, b"sunsubscribe")
}

fn enter(call: &mut Call<'_>, arguments: Arguments<'_>, kind: Kind, word: &[u8]) -> Outcome {
    for name in arguments.from(1) {
        call.state.hub.subscribe(call.slot, kind, name);
        confirm(call, kind, word, Some(name));
    }
    Ok(())
}

fn leave(call: &mut Call<'_>, arguments: Arguments<'_>, kind: Kind, word: &[u8]) -> Outcome {
    if arguments.len() > 1 {
        for name in arguments.from(1) {
            call.state.hub.unsubscribe(call.slot, kind, name);
            confirm(call, kind, word, Some(name));
        }
        return Ok(());
    }
    let names = call.state.hub.names(call.slot, kind);
    for name in &names {
        call.state.hub.unsubscribe(call.slot, kind, name);
        confirm(call, kind, word, Some(name));
    }
    if names.is_empty() {
        confirm(call, kind, word, None);
    }
    Ok(())
}

/// Tells the client. This is a message, not a reply: it is sent also to clients that want no
/// replies.
fn confirm(call: &mut Call<'_>, kind: Kind, word: &[u8], name: Option<&[u8]>) {
    let counts = call.count_subscriptions();
    if call.state.clients[call.slot].outbox.backlog() > 0 {
        // A transaction has published something to the caller before.
        call.insert_messages();
    }
    call.reply.push(3);
    call.reply.bulk(word);
    call.reply.bulk_or_null(name);
    call.reply.count(match kind {
        Kind::Channel | Kind::Pattern => counts.channels + counts.patterns,
        Kind::Shard => counts.shard_channels,
    });
    call.keep();
}

impl Call<'_> {
    /// Writes down with the caller how many subscriptions it has now.
    pub(crate) fn count_subscriptions(&mut self) -> Counts {
        let counts = self.state.hub.subscriptions(self.slot);
        let narrow = |count| u32::try_from(count).unwrap_or(u32::MAX / 3);
        let client = self.caller();
        client.channels = narrow(counts.channels);
        client.patterns = narrow(counts.patterns);
        client.shard_channels = narrow(counts.shard_channels);
        counts
    }
}
