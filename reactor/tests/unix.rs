//! Unix sockets: streams, listeners, datagrams, and their names.

mod support;
mod support_io;

use std::io;
use std::os::unix::net as std_unix;

use reactor::io::{AsyncRead, AsyncWrite};
use reactor::net::{UnixAddress, UnixDatagram, UnixListener, UnixStream};
use support::{block_on, both, look_until, poll_once, with_reactor};
use support_io::directory;

#[test]
fn a_listener_and_a_stream_exchange_bytes_both_ways() {
    with_reactor(|_| {
        let directory = directory();
        let path = directory.join("socket");
        let mut listener = UnixListener::bind(&path).expect("a listener");
        assert_eq!(listener.local_addr().expect("a name").as_pathname(), Some(path.as_path()));
        let server = async {
            let (mut stream, peer) = listener.accept().await.expect("a connection");
            assert!(peer.is_unnamed());
            let mut word = [0; 4];
            stream.read_exact(&mut word).await.expect("a word");
            stream.write_all(&word).await.expect("room");
        };
        let client = async {
            let mut stream = UnixStream::connect(&path).await.expect("a connection");
            assert_eq!(stream.peer_addr().expect("a name"), UnixAddress::from(&path));
            stream.write_all(b"echo").await.expect("room");
            let mut word = [0; 4];
            stream.read_exact(&mut word).await.expect("the echo");
            assert_eq!(&word, b"echo");
            assert_eq!(stream.read(&mut word).await.expect("the end"), 0);
        };
        block_on("an echo over a Unix socket", both(server, client));
    });
}

#[test]
fn a_second_bind_of_a_path_says_what_is_there_and_removes_nothing() {
    with_reactor(|_| {
        let directory = directory();
        let path = directory.join("socket");
        let listener = UnixListener::bind(&path).expect("a listener");
        let taken = UnixListener::bind(&path).expect_err("it is taken");
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
        let told = taken.to_string();
        assert!(told.contains("socket") && told.contains("remove it"), "{told}");
        drop(listener);
        assert!(path.exists(), "the name outlives its listener");
        assert!(UnixListener::bind(&path).is_err(), "and is still in the way");
        std::fs::remove_file(&path).expect("it is ours");
        UnixListener::bind(&path).expect("now the path is free");
    });
}

#[test]
fn connecting_to_nobody_is_refused_with_the_reason() {
    with_reactor(|_| {
        let directory = directory();
        let path = directory.join("socket");
        let missing = block_on("an answer", UnixStream::connect(&path)).expect_err("no such path");
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        drop(UnixListener::bind(&path).expect("a listener"));
        let deaf = block_on("an answer", UnixStream::connect(&path)).expect_err("nobody listens");
        assert_eq!(deaf.kind(), io::ErrorKind::ConnectionRefused);
        let long = "x".repeat(200);
        let error = block_on("an answer", UnixStream::connect(&*long)).expect_err("too long");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("200"), "{error}");
    });
}

#[test]
fn who_connects_to_a_full_listener_waits_for_room() {
    with_reactor(|reactor| {
        let directory = directory();
        let path = directory.join("socket");
        let mut listener = UnixListener::bind_with_backlog(&path, 0).expect("a listener");
        // A backlog of zero has room for one.
        let first = block_on("the first", UnixStream::connect(&path)).expect("there was room");
        let mut second = UnixStream::connect(&path);
        assert!(poll_once(&mut second).is_pending(), "the queue is full");
        assert_eq!(reactor.timer_count(), 1, "it asks again later");
        block_on("an accept", listener.accept()).expect("the first");
        block_on("the second", second).expect("there is room again");
        // And a wait that is given up leaves nothing.
        let mut third = UnixStream::connect(&path);
        assert!(poll_once(&mut third).is_pending(), "the queue is full once more");
        drop(third);
        assert_eq!(reactor.timer_count(), 0);
        drop(first);
    });
}

#[test]
fn a_dropped_accept_leaves_the_connection_to_the_next() {
    with_reactor(|_| {
        let directory = directory();
        let path = directory.join("socket");
        let mut listener = UnixListener::bind(&path).expect("a listener");
        assert!(poll_once(&mut listener.accept()).is_pending());
        let _client = std_unix::UnixStream::connect(&path).expect("a connection");
        block_on("the connection", listener.accept()).expect("it is still there");
    });
}

#[test]
fn a_pair_knows_who_is_at_the_other_end() {
    with_reactor(|_| {
        let (one, other) = UnixStream::pair().expect("a pair");
        let credentials = one.peer_credentials().expect("credentials");
        // SAFETY: takes nothing and cannot fail.
        assert_eq!(credentials.user, unsafe { libc::geteuid() });
        if let Some(process) = credentials.process {
            assert_eq!(process, std::process::id());
        }
        assert!(other.local_addr().expect("a name").is_unnamed());
    });
}

#[test]
fn the_halves_of_a_stream_read_and_write_at_once_and_end_one_direction() {
    with_reactor(|_| {
        let (ours, peer) = UnixStream::pair().expect("a pair");
        let (mut reader, mut writer) = ours.into_split();
        let (mut from_peer, mut to_peer) = peer.into_split();
        let sent = support::peers::pattern(500_000);
        let mut received = Vec::new();
        let sending = async {
            writer.write_all(&sent).await.expect("room");
            drop(writer);
            // The other direction goes on.
            let mut word = [0; 3];
            reader.read_exact(&mut word).await.expect("the answer");
            assert_eq!(&word, b"got");
        };
        let receiving = async {
            let mut bytes = vec![0; 10_000];
            loop {
                match from_peer.read(&mut bytes).await.expect("a read") {
                    0 => break,
                    count => received.extend_from_slice(&bytes[..count]),
                }
            }
            to_peer.write_all(b"got").await.expect("room");
        };
        block_on("500,000 bytes and an answer", both(sending, receiving));
        assert!(received == sent, "the bytes are not those that were sent");
    });
}

#[test]
fn halves_come_together_again_and_only_with_their_own() {
    with_reactor(|_| {
        let (one, other) = UnixStream::pair().expect("a pair");
        let (one_reads, one_writes) = one.into_split();
        let (other_reads, other_writes) = other.into_split();
        let crossed = one_reads.reunite(other_writes).expect_err("they are strangers");
        let reactor::net::ReuniteError(one_reads, other_writes) = crossed;
        let mut one = one_reads.reunite(one_writes).expect("its own");
        let mut other = other_reads.reunite(other_writes).expect("its own");
        block_on("room", one.write_all(b"whole")).expect("the direction was not ended");
        let mut word = [0; 5];
        block_on("the word", other.read_exact(&mut word)).expect("the word");
    });
}

#[test]
fn a_stream_of_std_is_taken_over() {
    with_reactor(|_| {
        let (ours, peer) = std_unix::UnixStream::pair().expect("a pair");
        let mut ours = UnixStream::from_std(ours).expect("a stream");
        let mut byte = [0];
        assert!(poll_once(&mut ours.read(&mut byte)).is_pending(), "it does not block");
        drop(peer);
        assert_eq!(block_on("the end", ours.read(&mut byte)).expect("the end"), 0);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn an_abstract_name_ends_with_its_socket() {
    with_reactor(|_| {
        let name = format!("reactor test\0{}", std::process::id()).into_bytes();
        let name = UnixAddress::Abstract(name);
        let mut listener = UnixListener::bind(&name).expect("a listener");
        assert_eq!(listener.local_addr().expect("a name"), name);
        let pair = both(listener.accept(), UnixStream::connect(&name));
        let (accepted, connected) = block_on("a connection", pair);
        accepted.expect("a connection");
        connected.expect("a connection");
        drop(listener);
        UnixListener::bind(&name).expect("the name is free at once");
    });
}

#[test]
fn datagrams_arrive_whole_and_in_order_and_zero_bytes_are_one() {
    with_reactor(|_| {
        let (mut one, mut other) = UnixDatagram::pair().expect("a pair");
        for message in [&b"first"[..], b"", b"third"] {
            assert_eq!(block_on("room", one.send(message)).expect("sent"), message.len());
        }
        let mut bytes = [0; 16];
        for message in [&b"first"[..], b"", b"third"] {
            let count = block_on("a message", other.recv(&mut bytes)).expect("received");
            assert_eq!(&bytes[..count], message);
        }
        assert!(poll_once(&mut other.recv(&mut bytes)).is_pending(), "and no more");
    });
}

#[test]
fn a_datagram_names_its_sender() {
    with_reactor(|_| {
        let directory = directory();
        let (here, there) = (directory.join("here"), directory.join("there"));
        let mut here_socket = UnixDatagram::bind(&here).expect("bound");
        let mut there_socket = UnixDatagram::bind(&there).expect("bound");
        let mut nameless = UnixDatagram::unbound().expect("a socket");
        block_on("room", here_socket.send_to(b"hello", &there)).expect("sent");
        block_on("room", nameless.send_to(b"?", &there)).expect("sent");
        let mut bytes = [0; 8];
        let (count, from) = block_on("it", there_socket.recv_from(&mut bytes)).expect("it");
        assert_eq!((&bytes[..count], from), (&b"hello"[..], UnixAddress::from(&here)));
        let (_, from) = block_on("it", there_socket.recv_from(&mut bytes)).expect("it");
        assert!(from.is_unnamed());
        let nobody = directory.join("nobody");
        let error = block_on("an answer", nameless.send_to(b"?", &nobody)).expect_err("nobody");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    });
}

#[test]
fn who_sends_to_a_full_receiver_waits_and_loses_nothing() {
    with_reactor(|reactor| {
        let directory = directory();
        let name = directory.join("receiver");
        let mut receiver = UnixDatagram::bind(&name).expect("bound");
        let mut sender = UnixDatagram::unbound().expect("a socket");
        let mut sent = 0_u32;
        loop {
            let message = sent.to_be_bytes();
            let mut sending = sender.send_to(&message, &name);
            if poll_once(&mut sending).is_pending() {
                break;
            }
            sent += 1;
            assert!(sent < 1_000_000, "the receiver is never full");
        }
        assert_eq!(reactor.timer_count(), 1, "the sender rests");
        let message = sent.to_be_bytes();
        let sending = async { sender.send_to(&message, &name).await.expect("sent") };
        let receiving = async {
            let mut numbers = Vec::new();
            while numbers.len() <= sent as usize {
                let mut bytes = [0; 4];
                receiver.recv(&mut bytes).await.expect("a message");
                numbers.push(u32::from_be_bytes(bytes));
            }
            numbers
        };
        let (_, numbers) = block_on("all messages", both(sending, receiving));
        assert!(numbers.into_iter().eq(0..=sent), "each once, in order");
        drop(sender);
        assert_eq!(reactor.timer_count(), 0);
    });
}

#[test]
fn a_connected_datagram_waits_for_its_peers_room_by_readiness() {
    with_reactor(|reactor| {
        let (mut one, mut other) = UnixDatagram::pair().expect("a pair");
        let mut sent = 0;
        while poll_once(&mut one.send(&[7; 512])).is_ready() {
            sent += 1;
        }
        assert_eq!(reactor.timer_count(), 0, "the kernel will speak; no timer is needed");
        let sending = async { one.send(&[7; 512]).await.expect("sent") };
        let receiving = async {
            for _ in 0..=sent {
                other.recv(&mut [0; 512]).await.expect("a message");
            }
        };
        block_on("room, and all messages", both(sending, receiving));
    });
}

#[test]
fn sockets_are_closed_on_exec_and_leave_no_descriptor() {
    support::process::alone("sockets_are_closed_on_exec_and_leave_no_descriptor", || {
        with_reactor(|_| {
            let before = support::process::open_descriptors();
            let directory = directory();
            let path = directory.join("socket");
            let listener = UnixListener::bind(&path).expect("a listener");
            let stream = block_on("it", UnixStream::connect(&path)).expect("a connection");
            let pair = UnixDatagram::pair().expect("a pair");
            for fd in support::process::open_descriptors() {
                let ours = !before.contains(&fd);
                assert!(!ours || support::process::is_closed_on_exec(fd), "{fd} is inherited");
            }
            drop((listener, stream, pair));
            look_until("all to be closed", || support::process::open_descriptors() == before);
        });
    });
}
