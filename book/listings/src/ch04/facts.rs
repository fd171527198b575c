//! What the poller says of a descriptor, in each of several situations.

use std::fs::File;
use std::io::{Write, pipe};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use reactor::event::{Events, Interest, Mode, Token};
use reactor::poller::Poller;

/// Long enough for a connection on this machine; what comes over a local socket is there at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// A situation, and what is said.
pub type Fact = (&'static str, String);

/// The situations of one descriptor.
pub fn situations() -> Vec<Fact> {
    vec![
        ("data has come", data()),
        ("the peer has ended its direction", half_close()),
        ("the peer has gone", gone()),
        ("a pipe, and its writers have gone", no_writers()),
        ("a pipe, and its readers have gone", no_readers()),
        ("a connection waits to be accepted", connection()),
        ("a regular file", file()),
    ]
}

fn data() -> String {
    let (ours, mut peer) = UnixStream::pair().expect("a pair");
    peer.write_all(b"data").expect("it fits");
    said_of(&ours, Interest::READABLE)
}

fn half_close() -> String {
    let (ours, peer) = UnixStream::pair().expect("a pair");
    peer.shutdown(Shutdown::Write).expect("the other direction stays");
    said_of(&ours, Interest::READABLE)
}

fn gone() -> String {
    let (ours, peer) = UnixStream::pair().expect("a pair");
    drop(peer);
    said_of(&ours, Interest::READABLE)
}

fn no_writers() -> String {
    let (reader, writer) = pipe().expect("a pipe");
    drop(writer);
    said_of(&reader, Interest::READABLE)
}

fn no_readers() -> String {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    said_of(&writer, Interest::WRITABLE)
}

fn connection() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    let _client = TcpStream::connect(address).expect("somebody listens");
    said_of(&listener, Interest::READABLE)
}

fn file() -> String {
    let path = std::env::current_exe().expect("a program has a path");
    said_of(&File::open(path).expect("this very program"), Interest::READABLE)
}

/// What the first wait says.
fn said_of(fd: &impl AsFd, interest: Interest) -> String {
    let poller = Poller::new().expect("a poller");
    match poller.add(fd, Token::new(0, 0), interest, Mode::Level) {
        Ok(()) => said(&poller, PATIENCE),
        Err(error) => format!("refused: {:?}", error.kind()),
    }
}

fn said(poller: &Poller, timeout: Duration) -> String {
    let mut events = Events::new();
    if let Err(error) = poller.wait(&mut events, Some(timeout)) {
        return format!("an error: {error}");
    }
    let facts: Vec<String> =
        events.iter().map(|event| format!("{:?}", event.readiness())).collect();
    if facts.is_empty() { "silence".to_owned() } else { facts.join(", ") }
}

/// A one-shot registration, from moment to moment.
pub fn one_shot() -> Vec<Fact> {
    let poller = Poller::new().expect("a poller");
    let (ours, mut peer) = UnixStream::pair().expect("a pair");
    let arm = |add: bool| {
        let (token, mode) = (Token::new(0, 0), Mode::OneShot);
        let change = if add { Poller::add } else { Poller::modify };
        change(&poller, &ours, token, Interest::READABLE, mode).expect("a registration");
    };
    let mut write = || peer.write_all(b"data").expect("it fits");
    arm(true);
    write();
    let first = said(&poller, Duration::ZERO);
    write();
    let second = said(&poller, Duration::ZERO);
    arm(false);
    let third = said(&poller, Duration::ZERO);
    vec![("data comes", first), ("more data comes", second), ("armed again", third)]
}

/// A descriptor that was closed without being taken out, while a duplicate of it lives.
pub fn duplicate() -> Vec<Fact> {
    let poller = Poller::new().expect("a poller");
    let (ours, mut peer) = UnixStream::pair().expect("a pair");
    let duplicate = ours.try_clone().expect("a duplicate");
    poller.add(&ours, Token::new(7, 0), Interest::READABLE, Mode::Level).expect("it is not in");
    drop(ours);
    peer.write_all(b"data").expect("it fits");
    let first = said(&poller, Duration::ZERO);
    let removed = poller.remove(&duplicate).map_err(|error| error.kind());
    let second = format!("{removed:?}");
    drop(duplicate);
    let third = said(&poller, Duration::ZERO);
    vec![
        ("closed, data comes", first),
        ("taken out by the duplicate", second),
        ("the duplicate closed", third),
    ]
}

// What kqueue says of pipes, files and duplicates is not the same.
#[cfg(all(test, target_os = "linux", not(reactor_kqueue_emu)))]
mod tests {
    use super::*;

    #[test]
    fn a_closed_descriptor_is_spoken_of_while_a_duplicate_lives() {
        let said: Vec<String> = duplicate().into_iter().map(|(_, said)| said).collect();
        assert_eq!(said, [r#"{"readable"}"#, "Err(NotFound)", "silence"]);
    }

    #[test]
    fn a_one_shot_registration_speaks_once() {
        let said: Vec<String> = one_shot().into_iter().map(|(_, said)| said).collect();
        assert_eq!(said, [r#"{"readable"}"#, "silence", r#"{"readable"}"#]);
    }

    #[test]
    fn who_has_gone_is_ready_in_both_directions_and_a_file_never_waits() {
        let said: Vec<String> = situations().into_iter().map(|(_, said)| said).collect();
        assert!(!said[1].contains("writable"), "a half-close is no more than that: {}", said[1]);
        for gone in [&said[2], &said[3], &said[4]] {
            assert!(gone.contains("readable") && gone.contains("writable"), "{gone}");
        }
        assert_eq!(said[6], "refused: PermissionDenied");
    }
}
