//! SUBSCRIBE, PSUBSCRIBE and their opposites. Each name is confirmed by a message of its own,
//! which tells how many subscriptions the client has now.

use super::Call;
use super::command::{ALWAYS, Command, Flags, NOSCRIPT, PUBSUB, WHILE_SUBSCRIBED};
use super::error::Outcome;
use crate::pubsub::Kind;
use crate::resp::Arguments;

const FLAGS: Flags = PUBSUB.and(NOSCRIPT).and(ALWAYS).and(WHILE_SUBSCRIBED);

/// This family's rows.
pub(super) static COMMANDS: [Command; 4] = [
    Command::new("subscribe", -2, FLAGS, subscribe)
        .about("2.0.0", "Receives what is published to channels"),
    Command::new("unsubscribe", -1, FLAGS, unsubscribe)
        .about("2.0.0", "Receives no more from channels, or from any"),
    Command::new("psubscribe", -2, FLAGS, psubscribe)
        .about("2.0.0", "Receives what is published to all channels that patterns describe"),
    Command::new("punsubscribe", -1, FLAGS, punsubscribe)
        .about("2.0.0", "Receives no more through patterns, or through any"),
];

fn subscribe(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    enter(call, arguments, Kind::Channel, b"subscribe")
}

fn psubscribe(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    enter(call, arguments, Kind::Pattern, b"psubscribe")
}

fn unsubscribe(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    leave(call, arguments, Kind::Channel, b"unsubscribe")
}

fn punsubscribe(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    leave(call, arguments, Kind::Pattern, b"punsubscribe")
}

fn enter(call: &mut Call<'_>, arguments: Arguments<'_>, kind: Kind, word: &[u8]) -> Outcome {
    for name in arguments.from(1) {
        call.state.hub.subscribe(call.slot, kind, name);
        confirm(call, word, Some(name));
    }
    Ok(())
}

fn leave(call: &mut Call<'_>, arguments: Arguments<'_>, kind: Kind, word: &[u8]) -> Outcome {
    if arguments.len() > 1 {
        for name in arguments.from(1) {
            call.state.hub.unsubscribe(call.slot, kind, name);
            confirm(call, word, Some(name));
        }
        return Ok(());
    }
    let names = call.state.hub.names(call.slot, kind);
    for name in &names {
        call.state.hub.unsubscribe(call.slot, kind, name);
        confirm(call, word, Some(name));
    }
    if names.is_empty() {
        confirm(call, word, None);
    }
    Ok(())
}

/// Counts anew, and tells the client. This is a message, not a reply: it is sent also to clients
/// that want no replies.
fn confirm(call: &mut Call<'_>, word: &[u8], name: Option<&[u8]>) {
    let (channels, patterns) = call.state.hub.subscriptions(call.slot);
    let client = call.caller();
    client.channels = u32::try_from(channels).unwrap_or(u32::MAX / 2);
    client.patterns = u32::try_from(patterns).unwrap_or(u32::MAX / 2);
    call.reply.push(3);
    call.reply.bulk(word);
    call.reply.bulk_or_null(name);
    call.reply.count(channels + patterns);
    call.keep();
}
