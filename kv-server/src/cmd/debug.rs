//! DEBUG: for tests of clients and of the server itself. Off, unless the setting
//! `enable-debug-command` allows it.

use std::time::Duration;

use super::Call;
use super::command::{ADMIN, ALWAYS, Command, NOSCRIPT};
use super::error::{Error, Outcome};
use super::object::{encoding, refcount};
use crate::config::DebugAccess;
use crate::resp::{Arguments, Protocol, parse_integer};

/// This family's rows. Its subcommands are no rows, because they are none in Redis.
pub(super) static COMMANDS: [Command; 1] =
    [Command::new("debug", -2, ADMIN.and(NOSCRIPT).and(ALWAYS), debug)
        .about("1.0.0", "Does what only tests want")];

const HELP: [&str; 13] = [
    "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "ERROR <text>",
    "    Answers with this error.",
    "OBJECT <key>",
    "    Tells how a value is kept.",
    "PROTOCOL <type>",
    "    Answers with a value of this type of the protocol.",
    "SET-ACTIVE-EXPIRE <0|1>",
    "    Whether keys that have ended are removed before anybody asks for them.",
    "SLEEP <seconds>",
    "    Does nothing for so long, with all clients waiting.",
    "HELP",
    "    Lists the subcommands.",
];

/// Refuses DEBUG to whom it is not allowed.
pub(super) fn check(call: &Call<'_>) -> Outcome {
    if !is_allowed(call) {
        return Err(Error::new(
            "ERR DEBUG command not allowed. If the enable-debug-command option is set to \
             \"local\", you can run it from a local connection, otherwise you need to set this \
             option in the configuration file, and then restart the server.",
        ));
    }
    Ok(())
}

fn debug(call: &mut Call<'_>, arguments: Arguments<'_>) -> Outcome {
    check(call)?;
    let name = arguments.at(1);
    match (name.to_ascii_lowercase().as_slice(), arguments.get(2), arguments.len()) {
        (b"help", _, 2) => {
            call.reply.array(HELP.len());
            HELP.iter().for_each(|line| call.reply.status(line));
            Ok(())
        }
        (b"error", Some(text), 3) => Err(Error::with(&[text])),
        (b"object", Some(key), 3) => object(call, key),
        (b"protocol", Some(kind), 3) => protocol(call, kind),
        (b"set-active-expire", Some(on), 3) => {
            call.state.set_active_expiry(parse_integer(on).is_some_and(|on| on != 0));
            call.reply.ok();
            Ok(())
        }
        (b"sleep", Some(seconds), 3) => {
            sleep(seconds);
            call.reply.ok();
            Ok(())
        }
        _ => Err(Error::subcommand_or_count("DEBUG", name)),
    }
}

fn is_allowed(call: &Call<'_>) -> bool {
    match call.state.config.debug_access {
        DebugAccess::No => false,
        DebugAccess::Local => call.state.clients[call.slot].address().ip().is_loopback(),
        DebugAccess::Yes => true,
    }
}

/// Blocks the thread, and with it all clients: that is what is asked for. What is no number is none.
fn sleep(seconds: &[u8]) {
    let seconds = str::from_utf8(seconds).ok().and_then(|text| text.parse().ok()).unwrap_or(0.0);
    std::thread::sleep(Duration::try_from_secs_f64(seconds).unwrap_or_default());
}

/// The address of the value is not told.
fn object(call: &mut Call<'_>, key: &[u8]) -> Outcome {
    call.state.databases.set_time(call.time);
    if !call.state.databases.contains(call.database, key, call.now) {
        return Err(Error::new("ERR no such key"));
    }
    let databases = &call.state.databases;
    let row = databases.at(call.database).row_of(key).ok_or(Error::new("ERR no such key"))?;
    let idle = if databases.counts_uses() { 0 } else { databases.idle_seconds(row) };
    let text = format!(
        "Value at:0x0 refcount:{} encoding:{} serializedlength:{} lru:{} lru_seconds_idle:{idle}",
        refcount(row),
        encoding(row),
        serialized_length(row.value()),
        row.access() & 0xff_ffff,
    );
    call.reply.status(&text);
    Ok(())
}

/// Bytes of the value in a snapshot of Redis, if it is not compressed.
fn serialized_length(value: &[u8]) -> usize {
    let integer = parse_integer(value).filter(|_| value.len() <= 11);
    match integer {
        Some(number) if i8::try_from(number).is_ok() => 2,
        Some(number) if i16::try_from(number).is_ok() => 3,
        Some(number) if i32::try_from(number).is_ok() => 5,
        _ => match value.len() {
            length @ 0..64 => length + 1,
            length @ 64..16_384 => length + 2,
            length => length + 5,
        },
    }
}

/// One value of each type, in both versions of the protocol.
const VALUES: [(&str, &str, &str); 13] = [
    ("string", "$11\r\nHello World\r\n", "$11\r\nHello World\r\n"),
    ("integer", ":12345\r\n", ":12345\r\n"),
    ("double", "$5\r\n3.141\r\n", ",3.141\r\n"),
    (
        "bignum",
        "$37\r\n1234567999999999999999999999999999999\r\n",
        "(1234567999999999999999999999999999999\r\n",
    ),
    ("null", "$-1\r\n", "_\r\n"),
    ("array", "*3\r\n:0\r\n:1\r\n:2\r\n", "*3\r\n:0\r\n:1\r\n:2\r\n"),
    ("set", "*3\r\n:0\r\n:1\r\n:2\r\n", "~3\r\n:0\r\n:1\r\n:2\r\n"),
    (
        "map",
        "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n",
        "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n",
    ),
    (
        "attrib",
        "$39\r\nSome real reply following the attribute\r\n",
        "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n\
         $39\r\nSome real reply following the attribute\r\n",
    ),
    (
        "push",
        "-ERR RESP2 is not supported by this command\r\n",
        ">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n\
         $40\r\nSome real reply following the push reply\r\n",
    ),
    (
        "verbatim",
        "$25\r\nThis is a verbatim\nstring\r\n",
        "=29\r\ntxt:This is a verbatim\nstring\r\n",
    ),
    ("true", ":1\r\n", "#t\r\n"),
    ("false", ":0\r\n", "#f\r\n"),
];

fn protocol(call: &mut Call<'_>, kind: &[u8]) -> Outcome {
    let named = |(name, ..): &&(&str, &str, &str)| kind.eq_ignore_ascii_case(name.as_bytes());
    let (_, second, third) = VALUES.iter().find(named).ok_or(Error::new(
        "ERR Wrong protocol type name. Please use one of the following: \
         string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
    ))?;
    let bytes = match call.reply.protocol {
        Protocol::Resp2 => second,
        Protocol::Resp3 => third,
    };
    call.reply.out.extend_from_slice(bytes.as_bytes());
    Ok(())
}
