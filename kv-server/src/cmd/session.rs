//! The conversation itself: PING, HELLO, SELECT, RESET, QUIT and their kin.

use super::command::{
    ALLOW_BUSY, ALWAYS, Command, FAST, Flags, NO_AUTH, NOSCRIPT, WHILE_SUBSCRIBED,
};
use super::error::{Error, Outcome, cut, integer};
use super::{Call, REDIS_VERSION, auth, client, transactions};
use crate::clients::{Ending, Replies};
use crate::resp::{Arguments, Protocol, parse_integer};

const CONNECTION: &[&str] = &["@connection"];
const FIRST: Flags = NOSCRIPT.and(ALWAYS).and(FAST).and(NO_AUTH).and(ALLOW_BUSY);

/// This family's rows.
pub(super) static COMMANDS: [Command; 6] = [
    Command::new("ping", -1, FAST.and(WHILE_SUBSCRIBED), ping)
        .categories(CONNECTION)
        .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
        .about("1.0.0", "Answers"),
    Command::new("echo", 2, ALWAYS.and(FAST), echo)
        .categories(CONNECTION)
        .about("1.0.0", "Answers with its argument"),
    Command::new("quit", -1, FIRST.and(WHILE_SUBSCRIBED), quit)
        .categories(CONNECTION)
        .about("1.0.0", "Closes the connection"),
    Command::new("reset", 1, FIRST.and(WHILE_SUBSCRIBED), reset)
        .categories(CONNECTION)
        .about("6.2.0", "Makes the connection as it was in the beginning"),
    Command::new("select", 2, ALWAYS.and(FAST), select)
        .categories(CONNECTION)
        .about("1.0.0", "Chooses the database that further commands mean"),
    Command::new("hello", -1, FIRST, hello)
        .categories(CONNECTION)
        .about("6.0.0", "Chooses the version of the protocol, and tells about the server"),
];

fn ping(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    if arguments.len() > 2 {
        return Err(Error::arity("ping"));
    }
    let client = &call.state.clients[call.slot];
    // A subscribed client takes all that it gets for messages, so PING answers like one.
    if client.protocol == Protocol::Resp2 && client.subscriptions() > 0 {
        call.reply.array(2);
        call.reply.bulk(b"pong");
        call.reply.bulk(arguments.get(1).unwrap_or_default());
    } else if let Some(text) = arguments.get(1) {
        call.reply.bulk(text);
    } else {
        call.reply.status("PONG");
    }
    Ok(())
}

fn echo(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    call.reply.bulk(arguments.at(1));
    Ok(())
}

fn quit(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.reply.ok();
    call.caller().end(Ending::AfterReplies);
    Ok(())
}

fn reset(call: &mut Call<'_>, _: Arguments<'_>) -> Outcome {
    call.state.hub.remove(call.slot);
    call.state.end_monitor(call.slot);
    call.count_subscriptions();
    let client = call.caller();
    if let Some(labels) = &mut client.labels {
        labels.name = Box::default();
    }
    if matches!(client.replies, Replies::Off | Replies::SkipNext) {
        client.replies = Replies::On;
    }
    client.trusted = false;
    auth::trust_if_open(call);
    transactions::abandon(call);
    call.select(0);
    call.speak(Protocol::Resp2);
    call.reply.status("RESET");
    Ok(())
}

fn select(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let index = integer(arguments.at(1))?;
    if i32::try_from(index).is_err() {
        return Err(Error::new(
            "ERR value is out of range, value must between -2147483648 and 2147483647",
        ));
    }
    match u8::try_from(index) {
        Ok(index) if usize::from(index) < call.state.databases.count() => call.select(index),
        _ => return Err(Error::new("ERR DB index is out of range")),
    }
    call.reply.ok();
    Ok(())
}

fn hello(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    let mut protocol = None;
    if let Some(version) = arguments.get(1) {
        protocol = Some(match parse_integer(version) {
            Some(2) => Protocol::Resp2,
            Some(3) => Protocol::Resp3,
            Some(_) => return Err(Error::new("NOPROTO unsupported protocol version")),
            None => {
                return Err(Error::new("ERR Protocol version is not an integer or out of range"));
            }
        });
    }
    // Each option takes effect at once, and stays even if what follows it is wrong.
    let mut rest = arguments.from(2);
    while let Some(option) = rest.next() {
        if option.eq_ignore_ascii_case(b"auth") && rest.len() >= 2 {
            let (user, password) = (rest.next(), rest.next());
            auth::authenticate(call, user.unwrap_or_default(), password.unwrap_or_default())?;
        } else if option.eq_ignore_ascii_case(b"setname")
            && let Some(given) = rest.next()
        {
            client::set_name(call, client::valid_name(given)?);
        } else {
            let option = cut(option, usize::MAX);
            return Err(Error::with(&[b"ERR Syntax error in HELLO option '", option, b"'"]));
        }
    }
    if auth::is_required(call.state, &call.state.clients[call.slot]) {
        return Err(Error::new(
            "NOAUTH HELLO must be called with the client already authenticated, otherwise the \
             HELLO AUTH <user> <pass> option can be used to authenticate the client and select \
             the RESP protocol version at the same time",
        ));
    }
    if let Some(protocol) = protocol {
        call.speak(protocol);
    }
    introduce(call);
    Ok(())
}

/// Who we are.
fn introduce(call: &mut Call<'_>) {
    let id = call.state.clients[call.slot].id;
    let protocol = call.reply.protocol.number();
    let reply = &mut call.reply;
    reply.map(7);
    reply.bulk(b"server");
    reply.bulk(b"redis");
    reply.bulk(b"version");
    reply.bulk(REDIS_VERSION.as_bytes());
    reply.bulk(b"proto");
    reply.integer(protocol);
    reply.bulk(b"id");
    reply.integer(i64::try_from(id).unwrap_or(i64::MAX));
    reply.bulk(b"mode");
    reply.bulk(b"standalone");
    reply.bulk(b"role");
    reply.bulk(b"master");
    reply.bulk(b"modules");
    reply.array(0);
}
