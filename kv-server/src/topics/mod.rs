//! Topics: publish and subscribe for people at a terminal, with telnet or nc.
//!
//! ```text
//!   you type              you read
//!   ─────────────────     ──────────────────────
//!   SUB news
//!                         UPDATED news it rains      ◄── somebody typed: PUB news it rains
//!   PUB news no more                                     or called:      PUBLISH news "it rains"
//!                         UPDATED news no more
//!   SUB
//!                         ERROR SUB needs a topic, as in: SUB news
//! ```
//!
//! A topic is a channel of the same hub: what is published here reaches Redis clients, by channel
//! and by pattern, and what they publish arrives here. A topic's messages arrive in the order in
//! which they were published.
//!
//! - What is well said is not answered. Only messages and errors come.
//! - A line ends with LF or CRLF; the client is answered in the line ends that it types. An
//!   unfinished last line is dropped: its end is missing, and perhaps more.
//! - A topic is one word without control characters. A message is the rest of the line.
//! - One message is one line, always: see [`crate::message::show`] for what becomes of line ends
//!   and control characters that a Redis client publishes. Who needs the exact bytes of any message
//!   speaks Redis's protocol.
//! - A line has at most 64 KiB. A longer one is dropped, and told about, and the next
//!   one counts again.
//! - `CLIENT PAUSE` holds lines back as it does commands; PUB counts as a write.
//! - There are no passwords here. Whoever can connect can read and write all channels.
//!
//! This module is plain code on [`Call`]: its clients are clients like others, with the same
//! connection, the same limits, and a line in `CLIENT LIST`.

mod lines;
mod telnet;

use lines::{LONGEST, Line, Lines};

use crate::clients::Ending;
use crate::cmd::Call;
use crate::message::{is_control, show};
use crate::pubsub::Kind;

/// One client's conversation.
#[derive(Debug, Default)]
pub(crate) struct Session {
    lines: Lines,
}

/// What `HELP` answers.
const HELP: [&str; 5] = [
    "SUB topic          receive what is published to a topic",
    "UNSUB topic        receive it no more",
    "PUB topic message  publish; the message is the rest of the line",
    "QUIT               close the connection",
    "HELP               these lines",
];

/// How much of what was typed an error repeats.
const REPEATED: usize = 64;

impl Session {
    /// Executes the lines at the beginning of `bytes`, until the output is as long as `full`, the
    /// client has said goodbye, or a line must wait for the end of a pause. How many bytes were
    /// taken in, and whether a line must wait. The beginning of a line, after the last complete
    /// one, is taken in too.
    pub(crate) fn run(&mut self, call: &mut Call<'_>, bytes: &[u8], full: usize) -> (usize, bool) {
        let mut position = 0;
        while position < bytes.len() && call.reply.out.len() < full {
            let (length, line) = self.lines.advance(&bytes[position..]);
            position += length;
            if let Some(line) = line {
                // What it publishes to itself comes behind the answers to earlier lines.
                call.keep();
                if must_wait(call, &line) {
                    self.lines.put_back(line);
                    return (position - 1, true);
                }
                execute(call, &line);
            }
            if call.state.clients[call.slot].ending != Ending::No {
                break;
            }
        }
        (position, false)
    }
}

/// Whether everything is to wait at present, or everything that publishes, and this line does.
fn must_wait(call: &Call<'_>, line: &Line<'_>) -> bool {
    let (Some(pause), Line::Complete { text, .. }) = (call.state.pause(call.now), line) else {
        return false;
    };
    !pause.writes_only || word(text).0.eq_ignore_ascii_case(b"pub")
}

fn execute(call: &mut Call<'_>, line: &Line<'_>) {
    let (text, end) = match line {
        Line::Complete { text, end } => (text, *end),
        Line::TooLong => {
            let most = LONGEST.to_string();
            return refuse(
                call,
                &[b"a line may have ", most.as_bytes(), b" bytes; a longer one was dropped"],
            );
        }
    };
    call.state.clients[call.slot].lines = Some(end);
    let (command, rest) = word(text);
    if command.is_empty() {
        return;
    }
    call.state.stats.commands += 1;
    let (name, run): (&'static &'static str, fn(&mut Call<'_>, &[u8])) =
        match command.to_ascii_lowercase().as_slice() {
            b"sub" => (&"sub", sub),
            b"unsub" => (&"unsub", unsub),
            b"pub" => (&"pub", publish),
            b"help" => (&"help", help),
            b"quit" => (&"quit", |call, _| call.caller().end(Ending::AfterReplies)),
            _ => {
                return refuse(
                    call,
                    &[b"unknown command \"", command, b"\"; HELP lists what there is"],
                );
            }
        };
    call.state.clients[call.slot].last_command = name;
    run(call, rest);
}

fn sub(call: &mut Call<'_>, rest: &[u8]) {
    if let Some(topic) = only_topic(call, rest, b"SUB") {
        call.state.hub.subscribe(call.slot, Kind::Channel, topic);
        call.count_subscriptions();
    }
}

fn unsub(call: &mut Call<'_>, rest: &[u8]) {
    if let Some(topic) = only_topic(call, rest, b"UNSUB") {
        if !call.state.hub.unsubscribe(call.slot, Kind::Channel, topic) {
            return refuse(call, &[b"you are not subscribed to \"", topic, b"\""]);
        }
        call.count_subscriptions();
    }
}

fn publish(call: &mut Call<'_>, rest: &[u8]) {
    let (topic, message) = word(rest);
    if topic.is_empty() || message.is_empty() {
        return refuse(call, &[b"PUB needs a topic and a message, as in: PUB news it rains"]);
    }
    if valid(call, topic) {
        call.publish(Kind::Channel, topic, message);
    }
}

fn help(call: &mut Call<'_>, _: &[u8]) {
    HELP.into_iter().for_each(|line| answer(call, line.as_bytes()));
}

/// The topic, if there is one and nothing else.
fn only_topic<'a>(call: &mut Call<'_>, rest: &'a [u8], command: &[u8]) -> Option<&'a [u8]> {
    let (topic, more) = word(rest);
    if topic.is_empty() {
        refuse(call, &[command, b" needs a topic, as in: ", command, b" news"]);
        None
    } else if !word(more).0.is_empty() {
        refuse(call, &[command, b" takes one topic, which is one word"]);
        None
    } else {
        valid(call, topic).then_some(topic)
    }
}

/// Whether `topic` can be one. If not, the client is told.
fn valid(call: &mut Call<'_>, topic: &[u8]) -> bool {
    let valid = !topic.iter().any(|&byte| is_control(byte));
    if !valid {
        refuse(call, &[b"a topic has no control characters"]);
    }
    valid
}

/// The first word, and what follows the one space or tab after it.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len());
    let text = &text[start..];
    match text.iter().position(is_space) {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, &[]),
    }
}

/// Tells the client what it did wrong. Of each part, only the beginning is told.
fn refuse(call: &mut Call<'_>, parts: &[&[u8]]) {
    let mut text = b"ERROR ".to_vec();
    for part in parts {
        show(&mut text, &part[..part.len().min(REPEATED)]);
    }
    answer(call, &text);
}

fn answer(call: &mut Call<'_>, line: &[u8]) {
    let end = call.state.clients[call.slot].lines.map_or(&b"\n"[..], |end| end.bytes());
    call.reply.out.extend_from_slice(line);
    call.reply.out.extend_from_slice(end);
}

#[cfg(test)]
mod tests;
