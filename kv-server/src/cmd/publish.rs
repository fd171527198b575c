//! PUBLISH and SPUBLISH, whose work is done in [`fan_out`]; and PUBSUB, which looks at who listens.

use super::command::{ALWAYS, Command, FAST, Keys, NONE, PUBSUB};
use super::error::{Error, Outcome};
use super::{Call, help};
use crate::fan_out;
use crate::glob;
use crate::pubsub::Kind;
use crate::resp::Arguments;

/// This family's rows.
pub(super) static COMMANDS: [Command; 3] = [
    Command::new("publish", 3, PUBSUB.and(ALWAYS).and(FAST), publish)
        .about("2.0.0", "Sends a message to all who are subscribed to a channel"),
    Command::new("spublish", 3, PUBSUB.and(ALWAYS).and(FAST), spublish)
        .keys(Keys::one(&["not_key"]))
        .about("7.0.0", "Sends a message to all who are subscribed to a shard channel"),
    Command::new("pubsub", -2, NONE, no_subcommand)
        .about("2.8.0", "Tells about subscriptions")
        .subcommands(&[
            Command::new("pubsub|channels", -2, PUBSUB.and(ALWAYS), channels)
                .about("2.8.0", "Lists the channels that have subscribers"),
            Command::new("pubsub|numsub", -2, PUBSUB.and(ALWAYS), numsub)
                .about("2.8.0", "Counts the subscribers of channels"),
            Command::new("pubsub|numpat", 2, PUBSUB.and(ALWAYS), numpat)
                .about("2.8.0", "Counts the patterns that have subscribers"),
            Command::new("pubsub|shardchannels", -2, PUBSUB.and(ALWAYS), shardchannels)
                .about("7.0.0", "Lists the shard channels that have subscribers"),
            Command::new("pubsub|shardnumsub", -2, PUBSUB.and(ALWAYS), shardnumsub)
                .about("7.0.0", "Counts the subscribers of shard channels"),
            Command::new("pubsub|help", 2, ALWAYS, help_pubsub)
                .about("6.2.0", "Lists the subcommands"),
        ]),
];

impl Call<'_> {
    /// Sends `payload` to all who are subscribed to `channel`, which may be the caller too. To how
    /// many.
    pub(crate) fn publish(&mut self, kind: Kind, channel: &[u8], payload: &[u8]) -> usize {
        let receivers = fan_out::publish(self.state, kind, channel, payload);
        self.collect();
        receivers
    }
}

fn publish(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let receivers = call.publish(Kind::Channel, arguments.at(1), arguments.at(2));
    call.reply.count(receivers);
    Ok(())
}

fn spublish(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let receivers = call.publish(Kind::Shard, arguments.at(1), arguments.at(2));
    call.reply.count(receivers);
    Ok(())
}

fn no_subcommand(_: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    Err(Error::arity("pubsub"))
}

fn channels(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    list(call, arguments, Kind::Channel)
}

fn shardchannels(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    list(call, arguments, Kind::Shard)
}

fn list(call: &mut Call<'_>, arguments: Arguments<'_>, kind: Kind) -> Outcome {
    if arguments.len() > 3 {
        return Err(Error::subcommand_or_count("PUBSUB", arguments.at(1)));
    }
    let pattern = arguments.get(2);
    let described = |name: &[u8]| pattern.is_none_or(|pattern| glob::matches(pattern, name));
    let found = || call.state.hub.all(kind).filter(|name| described(name));
    call.reply.array(found().count());
    found().for_each(|name| call.reply.bulk(name));
    Ok(())
}

fn numsub(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    count(call, arguments, Kind::Channel)
}

fn shardnumsub(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    count(call, arguments, Kind::Shard)
}

fn count(call: &mut Call<'_>, arguments: Arguments<'_>, kind: Kind) -> Outcome {
    let names = arguments.from(2);
    call.reply.array(names.len() * 2);
    for name in names {
        call.reply.bulk(name);
        call.reply.count(call.state.hub.subscribers(kind, name).len());
    }
    Ok(())
}

fn numpat(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.reply.count(call.state.hub.counts().patterns);
    Ok(())
}

fn help_pubsub(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    help::list(call, "pubsub")
}
