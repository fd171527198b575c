//! What must hold for whatever bytes come from outside, as functions of these bytes.
//!
//! ```text
//!  fuzz/fuzz_targets/*.rs ──┐
//!                           ├──► requests, commands, replies, files ──► panic, if it does not hold
//!  the tests below ─────────┘
//! ```
//!
//! A fuzzer looks for bytes for which one of them panics, guided by which code they reach; the tests
//! below try some that chance makes of likely words. This is compiled for these two alone.

mod files;

use std::net::SocketAddr;
use std::time::Duration;

pub use files::files;

use crate::client::Limits;
use crate::client::reply::Replies;
use crate::clients::{Client, Ending, Slot};
use crate::cmd::{Call, Then};
use crate::config::{Config, Durability};
use crate::platform::Platform;
use crate::pubsub::Kind;
use crate::resp::{MAX_LINE, Progress, ProtocolError, Request};
use crate::state::State;

/// The longest argument. Small, so that little is gained by what is merely large.
const MAX_BULK: u32 = 2048;

/// Ends what one client sends, and begins what another does.
const TURN: u8 = 0xfe;

/// How many clients take turns.
const CLIENTS: usize = 3;

/// Requests are the same in whatever pieces their bytes come, and cost memory only for bytes that
/// have come. The first byte says how long the pieces are.
///
/// # Panics
/// If that does not hold.
pub fn requests(data: &[u8]) {
    let Some((length, bytes)) = data.split_first() else {
        return;
    };
    let whole = parse([bytes]);
    assert_eq!(whole, parse(bytes.chunks(usize::from(*length).max(1))), "in other pieces");
    assert_eq!(whole, parse(bytes.chunks(1)), "byte by byte");
}

/// Replies are the same in whatever pieces their bytes come, and a server that sends anything else is
/// found out. The first byte says how long the pieces are.
///
/// # Panics
/// If that does not hold.
pub fn replies(data: &[u8]) {
    let Some((length, bytes)) = data.split_first() else {
        return;
    };
    let whole = read([bytes]);
    assert_eq!(whole, read(bytes.chunks(usize::from(*length).max(1))), "in other pieces");
    assert_eq!(whole, read(bytes.chunks(1)), "byte by byte");
}

/// Commands are answered with well-formed replies, and the messages that others get are well-formed
/// too; when all clients have left, nothing is subscribed. Turns begin with a byte that says whose
/// turn it is, and how much time has passed.
///
/// # Panics
/// If that does not hold.
pub fn commands(data: &[u8]) {
    let mut state = server();
    let mut time = Duration::from_secs(1_700_000_000);
    let mut slots: Vec<Slot> = (0..CLIENTS).map(|_| connect(&mut state)).collect();
    for turn in data.split(|&byte| byte == TURN) {
        let Some((who, bytes)) = turn.split_first() else {
            continue;
        };
        time += Duration::from_millis(u64::from(*who));
        let client = usize::from(*who) % CLIENTS;
        if take_turn(&mut state, slots[client], time, bytes) {
            state.remove(slots[client]);
            slots[client] = connect(&mut state);
        }
        for &slot in &slots {
            let (bytes, sent) = state.clients.take_output(slot);
            assert_replies(&bytes[sent..]);
            let all = bytes.len();
            state.clients.restore_output(slot, bytes, all);
        }
    }
    for slot in slots {
        state.remove(slot);
    }
    for kind in [Kind::Channel, Kind::Pattern, Kind::Shard] {
        assert_eq!(state.hub.all(kind).count(), 0, "without a subscriber");
    }
    assert_eq!(state.clients.len(), 0, "clients that left");
    let kept = [state.clients_memory(), state.hub.memory(), state.watches.memory()];
    assert_eq!(kept, [0; 3], "of clients that left");
}

/// One batch of a client's. Whether its connection ends.
fn take_turn(state: &mut State, slot: Slot, time: Duration, mut bytes: &[u8]) -> bool {
    let mut out = Vec::new();
    let mut request = Request::new();
    let mut call = Call::new(state, slot, time, &mut out);
    loop {
        match request.advance(bytes, MAX_BULK) {
            Ok(Progress::Incomplete) => break,
            Ok(Progress::Complete(length)) => {
                let parts = request.parts_in(bytes);
                let arguments = parts.arguments();
                if !arguments.is_empty() && call.execute(arguments) != Then::GoOn {
                    break;
                }
                request.reset();
                bytes = &bytes[length..];
            }
            Err(error) => {
                call.refuse(&error.message());
                break;
            }
        }
    }
    let ending = call.finish();
    assert_replies(&out);
    ending != Ending::No
}

/// The requests in a stream, and the error that ended it.
type Parsed = (Vec<Vec<Vec<u8>>>, Option<ProtocolError>);

/// Feeds pieces as a connection does: what is not consumed stays in front of the next piece.
fn parse<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Parsed {
    let mut requests = Vec::new();
    let mut bytes = Vec::new();
    let mut request = Request::new();
    for piece in pieces {
        bytes.extend_from_slice(piece);
        loop {
            let progress = request.advance(&bytes, MAX_BULK);
            // A modest allocation is kept for the next request. Beyond it an argument takes five
            // bytes at least, its position eight, and twice that while the list of them grows.
            let most = 2 * MAX_LINE + 8 * bytes.len();
            assert!(request.held() <= most, "{} bytes for {}", request.held(), bytes.len());
            match progress {
                Ok(Progress::Incomplete) => break,
                Ok(Progress::Complete(length)) => {
                    let parts = request.parts_in(&bytes);
                    let arguments = parts.arguments();
                    if !arguments.is_empty() {
                        requests.push(arguments.from(0).map(<[u8]>::to_vec).collect());
                    }
                    request.reset();
                    bytes.drain(..length);
                }
                Err(error) => return (requests, Some(error)),
            }
        }
    }
    (requests, None)
}

/// Asserts that bytes are complete replies, one after the other.
#[track_caller]
fn assert_replies(bytes: &[u8]) {
    let mut replies = Replies::new(Limits::default());
    replies.feed(bytes);
    let shown = || bytes.escape_ascii();
    while replies.next().unwrap_or_else(|error| panic!("{error}: {}", shown())).is_some() {}
    assert!(!replies.is_amid_reply(), "a reply is cut short: {}", shown());
}

/// The replies in a stream, and how it ended.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<String>, String) {
    let mut replies = Replies::new(Limits { depth: 8, bulk: 1000, values: 1000, bytes: 2000 });
    let mut read = Vec::new();
    for piece in pieces {
        replies.feed(piece);
        loop {
            match replies.next() {
                // As text: there are numbers that are not equal to themselves.
                Ok(Some(value)) => read.push(format!("{value:?}")),
                Ok(None) => break,
                Err(error) => return (read, error.to_string()),
            }
        }
    }
    let end = if replies.is_amid_reply() { "amid a reply" } else { "complete" };
    (read, end.to_owned())
}

/// A server without sockets.
fn server() -> State {
    // Below this there is no file and can be none: SAVE is tried, and leaves nothing behind.
    let durability = Durability { dir: "/dev/null".into(), ..Durability::default() };
    let config = Config { max_bulk: MAX_BULK, durability, ..Config::default() };
    State::new(config, Platform::nowhere())
}

fn connect(state: &mut State) -> Slot {
    let address = ([127, 0, 0, 1], 50_000).into();
    let client = Client::new(address, SocketAddr::from(([127, 0, 0, 1], 6379)), 0);
    state.clients.insert(client)
}

#[cfg(test)]
mod tests;
