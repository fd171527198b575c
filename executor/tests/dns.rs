//! Looking names up without blocking the loop. No test here needs a network.

mod support;

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use executor::io::{AsyncRead, AsyncWrite};
use executor::net::TcpListener;
use executor::{dns, join, metrics};
use support::{run, soon};

#[test]
fn a_literal_address_is_ready_at_once_and_takes_no_thread() {
    run(async {
        let loopback = IpAddr::V6(Ipv6Addr::LOCALHOST);
        for (text, ip) in
            [("127.0.0.1", IpAddr::V4(Ipv4Addr::LOCALHOST)), ("::1", loopback), ("[::1]", loopback)]
        {
            let found = soon("an address", dns::lookup(text, 80)).await.expect("an address");
            assert_eq!(found, [SocketAddr::new(ip, 80)]);
        }
        assert_eq!(metrics().blocking_threads, 0);
    });
}

#[test]
fn localhost_is_this_machine() {
    run(async {
        let found = soon("localhost", dns::lookup("localhost", 6379)).await.expect("addresses");
        assert!(!found.is_empty());
        for address in found {
            assert!(address.ip().is_loopback() && address.port() == 6379, "{address}");
        }
    });
}

#[test]
fn a_name_that_is_none_is_an_error() {
    run(async {
        for name in ["", "nul\0name"] {
            let error = soon("an answer", dns::lookup(name, 1)).await.expect_err("no name");
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name:?}");
        }
        // A label may have 63 bytes: no server is asked.
        let long = "x".repeat(300);
        let error = soon("an answer", dns::lookup(&long, 1)).await.expect_err("no such host");
        assert!(error.to_string().contains("xxx"), "{error}");
    });
}

#[test]
fn a_dropped_lookup_leaves_nothing_that_waits() {
    run(async {
        drop(dns::lookup("localhost", 1));
        let found = soon("another", dns::lookup("localhost", 2)).await.expect("addresses");
        assert!(!found.is_empty());
    });
}

#[test]
fn a_host_is_connected_to_by_its_name() {
    run(async {
        let mut listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
        let port = listener.local_addr().expect("its address").port();
        let client = async {
            // `localhost` may be ::1 first, where nobody listens: the next address is tried.
            let mut stream = dns::connect("localhost", port).await.expect("connected");
            stream.write_all(b"by name").await.expect("room");
        };
        let server = async {
            let (mut stream, _) = listener.accept().await.expect("accepted");
            let mut bytes = [0; 7];
            stream.read_exact(&mut bytes).await.expect("the bytes");
            assert_eq!(&bytes, b"by name");
        };
        soon("a connection by name", join(client, server)).await;
    });
}
